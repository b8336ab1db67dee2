//! What is exported reads again as the same policy.

use proptest::prelude::*;
use tempfail::export::{ExportError, TARGETS, export};
use tempfail::mta;
use tempfail::mta::native::Dialect;
use tempfail::scenario::written::Policy;
use tempfail::scenario::{Paint, PolicyChoice, Sources, preset, read_policy};

fn policy(table: &str) -> Policy {
    let mut sources = Sources::new();
    sources.add("policy", table);
    match read_policy(&mut sources, "policy") {
        Ok((policy, _)) => policy,
        Err(findings) => panic!("{table}\n{}", findings.render(&sources, Paint::Plain)),
    }
}

/// The parts of a policy that are lost, in words.
fn lost(policy: &Policy, to: Dialect) -> Vec<String> {
    let exported = export(policy, to).unwrap_or_else(|error| panic!("{error}"));
    exported.lost.iter().map(ToString::to_string).collect()
}

fn exists(dialect: Dialect) -> bool {
    mta::preset(dialect.name()).is_some()
}

#[test]
fn presets_come_back_whole() {
    for dialect in TARGETS.into_iter().filter(|&dialect| exists(dialect)) {
        let Some(PolicyChoice::Policy(policy)) = preset(dialect.name()) else { panic!("{}", dialect.name()) };
        assert_eq!(lost(&policy, dialect), [""; 0], "{}", dialect.name());
    }
}

/// Whatever is printed can be read again, for all policies and programs.
#[test]
fn what_is_printed_is_configuration() {
    for name in mta::presets().iter().map(|preset| preset.name) {
        let Some(PolicyChoice::Policy(policy)) = preset(name) else { continue };
        for dialect in TARGETS {
            match export(&policy, dialect) {
                Ok(_) | Err(ExportError::Backoff { .. }) => {}
                Err(error) => panic!("{name} for {}: {error}", dialect.name()),
            }
        }
    }
}

#[test]
fn what_a_program_cannot_do_is_said() {
    let qmail = preset("qmail");
    let Some(PolicyChoice::Policy(qmail)) = qmail else { panic!("no qmail") };
    let refused = export(&qmail, Dialect::Postfix);
    assert!(matches!(refused, Err(ExportError::Backoff { .. })), "{refused:?}");
    let jitter = policy("backoff.fixed = { every = '5m', jitter = 'full' }");
    for to in [Dialect::Postfix, Dialect::Exim].into_iter().filter(|&to| exists(to)) {
        assert!(matches!(export(&jitter, to), Err(ExportError::Backoff { .. })), "{}", to.name());
    }
    let fixed = policy("backoff.fixed.every = '5m'\nlifetime.attempts = 9\n");
    let words = lost(&fixed, Dialect::Postfix);
    assert!(words.contains(&"`memory` is none, but comes to dead-site".to_owned()), "{words:#?}");
    assert!(words.contains(&"`lifetime.attempts` is 9, but cannot be set".to_owned()), "{words:#?}");
    assert!(!words.iter().any(|line| line.contains("backoff")), "{words:#?}");
    assert_eq!(export(&fixed, Dialect::James), Err(ExportError::Dialect(Dialect::James)));
}

#[test]
fn exim_takes_lists_and_growing_delays_as_rules() {
    for backoff in [
        "list.delays = ['2m', '5m', '5m', '1h']",
        "exponential = { initial = '5m', factor = 1.5, max = '4h' }",
        "age-doubling = { min = '5m', max = '1h' }",
        "age-steps = { steps = [{ younger_than = '10m', every = '2m' }], then = '20m' }",
        "linear = { step = '5m', max = '1h' }",
        "fixed.every = '15m'",
    ] {
        let policy = policy(&format!("backoff.{backoff}\nlifetime.age = '2d'"));
        let words = lost(&policy, Dialect::Exim);
        assert!(!words.iter().any(|line| line.contains("`backoff")), "{backoff}: {words:#?}");
    }
}

/// A time with the units that people write, in seconds.
fn seconds(range: std::ops::Range<u32>) -> impl Strategy<Value = u32> {
    range.prop_flat_map(|one| {
        prop_oneof![Just(one), Just((one / 60).max(1) * 60), Just((one / 3_600).max(1) * 3_600)]
    })
}

fn postfix() -> impl Strategy<Value = String> {
    let times = (seconds(1..20_000), seconds(0..80_000), seconds(1..5_000), seconds(1..1_000_000));
    let window = (1..40_u32, 0..40_u32, 0..5_u32, 1..30_u32);
    let feedback =
        prop::sample::select(vec!["1", "0", "0.3", "1/8", "0.5/concurrency", "1/sqrt-concurrency"]);
    let more = (feedback.clone(), feedback, 1..200_u32, prop::option::of(1..100_u32), any::<bool>());
    (times, window, more).prop_map(|((min, longer, scan, age), (window, wider, cohorts, active), more)| {
        let (positive, negative, total, warn, cached) = more;
        let reuse = if cached { "messages_per_connection = 7" } else { "reuse = 'none', messages_per_connection = 1" };
        let warning = warn.map(|hours| format!(", warn_after = '{hours}h'")).unwrap_or_default();
        let limit = window + wider;
        format!(
            "like = 'postfix'\nbackoff.age-doubling = {{ min = '{min}s', max = '{}s' }}\n\
             memory.dead-site = {{ window = {window}, limit = {limit}, cohorts = {cohorts}.0, positive = '{positive}', \
             negative = '{negative}', retry_after = '{min}s' }}\nrunner.scan = {{ every = '{scan}s', active = {active} }}\n\
             lifetime = {{ age = '{age}s'{warning} }}\n\
             connections = {{ per_destination = {limit}, total = {total}, {reuse}, connect_timeout = '7s' }}",
            min + longer
        )
    })
}

/// The right-hand side of a line of a retry section.
fn rule() -> impl Strategy<Value = String> {
    let step = (1..5_u32, seconds(1..10_000), prop::option::of(1_000..4_000_u32), any::<bool>());
    prop::collection::vec(step, 1..4).prop_map(|steps| {
        let mut cutoff = 0;
        let step = |(hours, every, factor, random): (u32, u32, Option<u32>, bool)| {
            cutoff += hours;
            match factor {
                None => format!("F,{cutoff}h,{every}s"),
                Some(factor) => {
                    let letter = if random { 'H' } else { 'G' };
                    format!("{letter},{cutoff}h,{every}s,{}.{:03}", factor / 1_000, factor % 1_000)
                }
            }
        };
        steps.into_iter().map(step).collect::<Vec<_>>().join("; ")
    })
}

fn exim() -> impl Strategy<Value = String> {
    let error = prop::sample::select(vec![
        "refused",
        "timeout",
        "lost_connection",
        "mail_4xx",
        "rcpt_42x",
        "data_451",
    ]);
    let classes = prop::collection::vec((error, rule()), 0..3);
    let runs = (seconds(1..90_000), 1..20_u32);
    (rule(), classes, seconds(1..90_000), runs, prop::option::of(1..99_u32), 1..600_u32, any::<bool>()).prop_map(
        |(rule, classes, most, (every, workers), warn, messages, expired)| {
            let reuse = if messages > 1 { "waiting" } else { "none" };
            let class = |(error, rule): (&str, String)| format!("{{ error = '{error}', rule = '{rule}' }}");
            let classes = classes.into_iter().map(class).collect::<Vec<_>>().join(", ");
            let base = match warn {
                Some(hours) => format!("lifetime = {{ when = 'by-rule', warn_after = '{hours}h' }}\n"),
                None => String::new(),
            };
            format!(
                "like = 'exim'\nbackoff.exim-rule = {{ rule = '{rule}', classes = [{classes}], max_interval = '{most}s' }}\n{base}\
                 memory.host-record = {{ delay_after_cutoff = {expired}, forget_after = '{every}s' }}\n\
                 runner.queue-run = {{ every = '{every}s', workers = {workers} }}\n\
                 connections = {{ messages_per_connection = {messages}, reuse = '{reuse}', total = 40 }}"
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn settings_of_postfix_come_back(table in postfix()) {
        let policy = policy(&table);
        prop_assert_eq!(lost(&policy, Dialect::Postfix), [""; 0], "{}", table);
    }

    #[test]
    fn settings_of_exim_come_back(table in exim()) {
        let policy = policy(&table);
        prop_assert_eq!(lost(&policy, Dialect::Exim), [""; 0], "{}", table);
    }

    #[test]
    fn lists_come_back(
        delays in prop::collection::vec(seconds(5..100_000), 1..20),
        attempts in 2..30_u32,
        days in 1..9_u32,
    ) {
        let listed: Vec<String> = delays.iter().map(|delay| format!("'{delay}s'")).collect();
        let list = format!("backoff.list.delays = [{}]\n", listed.join(", "));
        for (to, lifetime) in [
            (Dialect::Haraka, format!("attempts = {attempts}")),
            (Dialect::Stalwart, format!("age = '{days}d'")),
        ] {
            if exists(to) {
                let lost = lost(&policy(&format!("like = '{}'\n{list}lifetime = {{ {lifetime} }}", to.name())), to);
                prop_assert!(!lost.iter().any(|line| line.contains("backoff")), "{lost:#?}");
            }
        }
    }
}
