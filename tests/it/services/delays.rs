//! Every law of delays against its reference.

use tempfail::random::{Key, Purpose};
use tempfail::sender::{Policy, RetryRecord};
use tempfail::time::{Instant, Span};
use tempfail::validate::published::laws::{LAWS, TABLE};

use super::running;

/// Presets that are one of these laws.
const PRESETS: &[(&str, &str)] = &[
    ("grpc", "grpc"),
    ("polly", "polly"),
    ("rust-backoff", "rust-backoff"),
    ("botocore", "botocore"),
    ("sidekiq", "sidekiq"),
    ("temporal", "temporal"),
    ("backon", "backon"),
    ("finagle", "finagle"),
];

const CHAINS: u64 = 40_000;

/// How many standard errors a mean or a share may be off. Some 400 comparisons, each of which rejects a
/// correct law with probability 2e-7: 1e-4 in all. A mean that is wrong by 5.5 % of the standard deviation
/// is rejected with probability 99 %.
const ERRORS: f64 = 5.2;

#[derive(Debug)]
struct Row<'a> {
    law: &'a str,
    retry: usize,
    draws: Option<f64>,
    mean: f64,
    sd: Option<f64>,
    least: f64,
    greatest: f64,
    median: Option<f64>,
}

fn rows() -> Vec<Row<'static>> {
    let number = |field: &str| field.parse::<f64>().ok();
    TABLE
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let [law, retry, draws, mean, sd, least, greatest, median] = fields[..] else { panic!("{line}") };
            let certain = |field: &str| number(field).unwrap_or_else(|| panic!("{line}"));
            Row {
                law,
                retry: retry.parse().expect("a number"),
                draws: number(draws),
                mean: certain(mean),
                sd: number(sd),
                least: certain(least),
                greatest: certain(greatest),
                median: number(median),
            }
        })
        .collect()
}

/// The delays in seconds before each retry of many messages that always fail.
fn delays(policy: &Policy, retries: usize) -> Vec<Vec<f64>> {
    let key = Key::new(421, 0);
    let mut by_retry = vec![Vec::new(); retries];
    for message in 0..CHAINS {
        let mut record = RetryRecord::first(Instant::ZERO);
        for (failures, drawn) in (1..).zip(&mut by_retry) {
            record.failures = failures;
            let mut draw = key.draw(Purpose::Jitter, message, u64::from(failures));
            record.previous_delay = policy.backoff.delay(&record, Instant::ZERO, &mut draw);
            drawn.push(record.previous_delay.as_seconds());
        }
    }
    by_retry
}

fn assert_agrees(row: &Row, drawn: &[f64]) {
    let n = drawn.len() as f64;
    let mean = drawn.iter().sum::<f64>() / n;
    let variance = drawn.iter().map(|delay| (delay - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = row.draws.zip(row.sd).map_or(0.0, |(draws, sd)| sd * sd / draws) + variance / n;
    // The reference has six digits, and delays are whole microseconds.
    let rounding = 1e-5 * row.mean + 1e-6;
    assert!((mean - row.mean).abs() <= ERRORS * error.sqrt() + rounding, "{row:?}: mean {mean}");
    for delay in drawn {
        assert!((row.least - rounding..=row.greatest + rounding).contains(delay), "{row:?}: {delay}");
    }
    if let (Some(median), Some(draws)) = (row.median, row.draws) {
        let share =
            |holds: &dyn Fn(f64) -> bool| drawn.iter().filter(|delay| holds(**delay)).count() as f64 / n;
        let tolerance = ERRORS * (0.25 / n + 0.25 / draws).sqrt();
        let (below, up_to) =
            (share(&|delay| delay < median - rounding), share(&|delay| delay <= median + rounding));
        assert!(below <= 0.5 + tolerance && up_to >= 0.5 - tolerance, "{row:?}: {below} {up_to}");
    }
}

#[test]
fn delays_follow_their_laws() {
    let rows = rows();
    for (law, backoff) in LAWS {
        let reference: Vec<&Row> = rows.iter().filter(|row| row.law == *law).collect();
        assert!(!reference.is_empty(), "{law}");
        let policy = running(&format!("{{ backoff.{backoff}, lifetime.attempts = 13 }}"));
        let drawn = delays(&policy, reference.len());
        for row in reference {
            assert_agrees(row, &drawn[row.retry - 1]);
        }
    }
    assert!(rows.iter().all(|row| LAWS.iter().any(|(law, _)| *law == row.law)));
}

#[test]
fn presets_are_the_laws_of_their_programs() {
    for (preset, law) in PRESETS {
        let (_, backoff) = LAWS.iter().find(|(name, _)| name == law).expect("it is a law");
        let own = running(&format!("{{ backoff.{backoff}, lifetime.attempts = 13 }}"));
        let preset = running(&format!("{{ like = '{preset}', lifetime.attempts = 13 }}"));
        assert_eq!(format!("{:?}", preset.backoff), format!("{:?}", own.backoff));
    }
}

/// Decorrelated jitter often draws the cap itself; its variants do not.
#[test]
fn variants_of_decorrelated_jitter_stay_below_the_cap() {
    let share_at_cap = |jitter: &str| {
        let backoff = format!("exponential = {{ initial = '60s', max = '4h', jitter = '{jitter}' }}");
        let policy = running(&format!("{{ backoff.{backoff}, lifetime.attempts = 100 }}"));
        let last = delays(&policy, 60).pop().expect("there are retries");
        let cap = Span::from_seconds(14_400).as_seconds();
        last.iter().filter(|delay| **delay == cap).count() as f64 / last.len() as f64
    };
    // Stationary share of the cap with cap/base = 240, measured elsewhere: 28.3 %.
    let found = share_at_cap("decorrelated");
    assert!((found - 0.283).abs() < 0.5e-3 + ERRORS * (0.283 * 0.717 / CHAINS as f64).sqrt(), "{found}");
    assert!(share_at_cap("decorrelated-below-cap") < 1e-3);
}
