//! Costs of outages against sums over many arrivals and phases, and against published schedules.

use std::sync::Arc;

use super::policies::{EXIM_RULE, exim, postfix, runs, s, simple};
use crate::random::Key;
use crate::sender::backoff::{Exponential, Growth, Jitter, List};
use crate::sender::outage::{Basis, Question, Recovery, recovery};
use crate::sender::runner::{Phase, Runner};
use crate::sender::schedule::{Limits, schedule};
use crate::sender::{GiveUp, Lifetime, Phases, Policy};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

const BUSY: Failure = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));
const HOUR: i64 = 3600;

fn question(policy: Policy) -> Question {
    Question {
        policy: Arc::new(policy),
        failure: BUSY,
        attempt_takes: Span::ZERO,
        phase: Span::ZERO,
        seed: 5,
        draws: 1000,
    }
}

fn found(policy: Policy, lengths: &[i64]) -> Recovery {
    let lengths: Vec<Span> = lengths.iter().map(|&length| s(length)).collect();
    recovery(&question(policy), &lengths).expect("it waits between attempts")
}

fn doubling(initial: i64, lifetime: Lifetime) -> Policy {
    let growth =
        Growth::Exponential(Exponential { initial: s(initial), factor: 2.0, max: None, whole_factor: false });
    Policy { lifetime, ..simple(growth) }
}

fn default_postfix() -> Policy {
    postfix(300, 4000, 300, 432_000, Phase::Random)
}

fn default_exim() -> Policy {
    exim(EXIM_RULE, runs(1800, Phase::Random))
}

/// Extra waits in hours at the start of an outage of 24 h, as schedules of these programs give them.
#[test]
fn a_day_without_the_server() {
    let tried = |attempts| Lifetime { attempts: Some(attempts), ..Lifetime::default() };
    let week = Lifetime { age: Some(s(604_800)), when: GiveUp::NextTry, ..Lifetime::default() };
    let minutes = [10, 15, 30, 60, 120, 240].map(|minutes| s(60 * minutes)).to_vec();
    let mailgun = Policy {
        lifetime: Lifetime { age: Some(s(8 * HOUR)), when: GiveUp::NextTry, ..Lifetime::default() },
        ..simple(Growth::List(List { delays: minutes, repeat: 1 }))
    };
    for (name, policy, hours, survives) in [
        ("kumomta", doubling(1200, week), Some(18.33), 306_000),
        ("haraka", doubling(64, tried(13)), Some(12.39), 262_080),
        ("exim", default_exim(), Some(4.5), 345_600),
        ("postfix", default_postfix(), Some(0.67), 432_000),
        ("mox", doubling(450, tried(8)), None, 57_150),
        ("mailgun", mailgun, None, 28_500),
    ] {
        let found = found(policy, &[24 * HOUR]);
        assert_eq!(found.basis, Basis::Exact, "{name}");
        let start = found.effects[0].at_start;
        assert_eq!(start.mean.map(|wait| (wait / 36.0).round() / 100.0), hours, "{name}");
        assert_eq!(start.bounced, if hours.is_some() { 0.0 } else { 1.0 }, "{name}");
        let longest = found.survives.expect("it gives up").as_seconds();
        assert!((survives as f64..survives as f64 + 1800.0).contains(&longest), "{name}: {longest}");
    }
}

/// Means over a lattice of arrivals and phases, with errors of the order of its step.
#[test]
fn pieces_agree_with_sums_over_phases_and_arrivals() {
    for (policy, every) in [(default_postfix(), 300), (default_exim(), 1800)] {
        let (policy, lengths) = (Arc::new(policy), [HOUR, 10 * HOUR + 77]);
        let exact =
            recovery(&Question { policy: policy.clone(), ..question(default_exim()) }, &lengths.map(s));
        let exact = exact.expect("it waits between attempts");
        for (effect, lasts) in exact.effects.iter().zip(lengths) {
            let (mut sum, mut count, mut worst) = (0.0, 0.0, 0.0f64);
            for part in 0..150 {
                let phase = s(every).scale((f64::from(part) + 0.5) / 150.0);
                let limits =
                    Limits { phases: Phases::At(phase), enough: Some(s(lasts)), ..Limits::default() };
                let followed = schedule(&policy, BUSY, Key::new(1, 0), limits);
                let attempts: Vec<f64> = followed.attempts.iter().map(|at| at.as_seconds()).collect();
                for arrival in 0..2000 {
                    let left = (f64::from(arrival) + 0.5) / 2000.0 * lasts as f64;
                    let next = attempts.iter().find(|&&at| at >= left).expect("five days");
                    (sum, count, worst) = (sum + next - left, count + 1.0, worst.max(next - left));
                }
            }
            let mean = effect.during.mean.expect("nothing bounces");
            assert!((mean - sum / count).abs() < 0.003 * mean, "{}: {mean} {}", policy.name, sum / count);
            let sup = effect.during.worst.expect("nothing bounces").as_seconds();
            assert!(sup >= worst && sup - worst < every as f64 / 100.0 + 0.002 * lasts as f64);
            assert_eq!(effect.during.bounced, 0.0);
        }
    }
}

#[test]
fn phases_matter_where_there_are_runs() {
    let at = |phase| {
        let question = Question { phase: s(phase), ..question(default_postfix()) };
        recovery(&question, &[s(HOUR)]).expect("it waits").effects[0]
    };
    // Scans at 299 s, 599 s ...: with the slack of a second the message is seen at 299 s already.
    assert_ne!(at(299).at_start, at(0).at_start);
    assert_eq!(at(299).during, at(0).during);
}

#[test]
fn a_short_outage_is_over_before_the_first_retry() {
    let found = found(default_postfix(), &[10]);
    let during = found.effects[0].during;
    // The first retry lies between 299 s and 600 s after the arrival, whatever the phase.
    assert!(during.mean.is_some_and(|mean| (290.0..600.0).contains(&mean)), "{during:?}");
    assert!(during.worst.is_some_and(|worst| worst <= s(600)), "{during:?}");
}

#[test]
fn messages_that_are_given_up_are_counted_and_not_averaged() {
    let twice = Lifetime { attempts: Some(3), ..Lifetime::default() };
    let found = found(doubling(100, twice), &[600]);
    // Attempts at 0, 100 and 300 s: half of the arrivals are given up.
    let during = found.effects[0].during;
    assert!((during.bounced - 0.5).abs() < 1e-12);
    let mean = (100.0 * 100.0 / 2.0 + 200.0 * 200.0 / 2.0) / 300.0;
    assert!(during.mean.is_some_and(|found| (found - mean).abs() < 1e-9));
    assert_eq!((during.worst, found.survives), (Some(s(200)), Some(s(300))));
}

/// Retries at one uniform delay after the other: renewal theory gives the mean residual wait
/// E[X^2] / (2 E[X]) far from the start. The bound is 4.4 standard errors (error probability 1e-5).
#[test]
fn drawn_policies_have_the_mean_of_renewal_theory() {
    let mut policy = simple(Growth::List(List { delays: vec![s(600)], repeat: 1 }));
    policy.backoff.jitter = Jitter::Full;
    policy.lifetime = Lifetime { age: Some(s(24 * HOUR)), ..Lifetime::default() };
    let found = found(policy, &[20 * HOUR]);
    assert_eq!(found.basis, Basis::Drawn { messages: 1000 });
    let start = found.effects[0].at_start;
    let (mean, error) = (start.mean.expect("none bounces"), start.error.expect("drawn"));
    assert!((mean - 200.0).abs() < 4.4 * error && error < 7.0, "{mean} +- {error}");
    let during = found.effects[0].during;
    assert!(during.error.is_some_and(|during| during < error));
}

#[test]
fn what_is_never_over_has_no_recovery() {
    assert_eq!(recovery(&question(simple(Growth::Immediate)), &[s(HOUR)]), None);
    let forever = Policy { lifetime: Lifetime::default(), ..default_postfix() };
    let found = found(forever, &[HOUR, 30 * 24 * HOUR]);
    assert_eq!(found.survives, None);
    assert!(found.effects[1].during.mean.is_some());
}

#[test]
fn authors_are_warned_while_the_message_waits() {
    let found = found(
        Policy {
            lifetime: Lifetime { warn_after: Some(s(4 * HOUR)), ..default_exim().lifetime },
            ..default_exim()
        },
        &[HOUR, 24 * HOUR],
    );
    assert_eq!([found.effects[0].warnings, found.effects[1].warnings], [0.0, 1.0]);
    assert!(Instant::ZERO + found.survives.expect("it gives up") > Instant::ZERO + s(4 * 24 * HOUR));
    assert!(matches!(default_exim().runner, Runner::QueueRun(_)));
}
