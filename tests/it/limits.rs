//! What no policy can do better is computed before anything is simulated, and holds.

use tempfail::experiment::hyperbola::Hyperbola;
use tempfail::experiment::limit::Limit;
use tempfail::experiment::record::RunRecord;
use tempfail::stats::summary::mean_interval;
use tempfail::system::Plan;

use crate::support::{plans, records, scenario};

/// A window of an hour; one message per second to slots that serve two.
fn text(recipient: &str, sessions: &str) -> String {
    format!(
        "format = 1\ntitle = 't'\nhorizon = '6h'
[recipients.mx]\nround_trip = '1ms'\n{recipient}
gates.down.maintenance = {{ when.once = {{ from = '30m', until = '90m' }}, sessions = '{sessions}' }}
[senders.sites]\nhosts = 50\npolicy = 'compared'\narrivals.a.poisson.rate = '1/s'
[policies]\nclairvoyant = 'clairvoyant'\npostfix = 'postfix'\nexim = 'exim'
often = {{ backoff.fixed = {{ every = '4m', jitter = 'full' }} }}\n"
    )
}

fn means(records: &[RunRecord]) -> Vec<f64> {
    records.iter().map(|record| record.restricted_mean_s().expect("there is mail")).collect()
}

#[test]
fn no_policy_is_below_the_limit_and_the_clairvoyant_reaches_it() {
    for (law, ahead) in [
        ("'10s'", 0.0),
        ("{ exponential = '10s' }", 0.0),
        ("{ gamma = { mean = '10s', shape = 0.5 } }", 40.0),
        ("{ empirical = ['5s', '5s', '5s', '25s'] }", 15.0),
    ] {
        let recipient = format!("slots = 20\ntransaction = {law}\ngates.limit.connection-limit.limit = 20");
        let named = plans(&scenario(&text(&recipient, "cut"), &[]));
        let plans: Vec<Plan> = named.iter().map(|(_, plan)| plan.clone()).collect();
        let limit = Limit::of(&plans[0]).expect("it has one");
        assert!((limit.ahead - ahead).abs() < 1e-9 && limit.proven, "{law}: {limit:?}");
        assert!(plans.iter().all(|plan| Limit::of(plan) == Some(limit)), "{law}");
        for ((name, _), records) in named.iter().zip(records(&plans, 4, 2)) {
            let found = mean_interval(&means(&records), 0.999).expect("replications");
            assert!(found.interval().high > limit.restricted_mean_s(), "{name}, {law}: {found:?} {limit:?}");
            // One message per second for an hour, and half of the slots' time left: no more than noise and
            // what is ahead separates the two.
            if name == "clairvoyant" {
                let reached = limit.restricted_mean_s() / found.mean;
                assert!(reached > 0.95, "{law}: {reached}");
            }
        }
    }
}

#[test]
fn undelivered_mail_is_at_no_time_below_the_limit() {
    let recipient = "slots = 20\ntransaction = '10s'\ngates.limit.connection-limit.limit = 20";
    let named = plans(&scenario(&text(recipient, "cut"), &[]));
    let plans: Vec<Plan> = named.iter().map(|(_, plan)| plan.clone()).collect();
    let limit = Limit::of(&plans[0]).expect("it has one");
    for ((name, plan), records) in named.iter().zip(records(&plans, 6, 2)) {
        let step = plan.measure.series_step.as_seconds();
        for place in 0..records[0].series[0].bins.len() {
            let depths: Vec<f64> =
                records.iter().map(|record| record.series[0].bins[place].undelivered as f64).collect();
            let found = mean_interval(&depths, 0.999_99).expect("replications").interval();
            let least = limit.undelivered(step * (place + 1) as f64);
            assert!(found.high >= least, "{name} in step {place}: {found:?} {least}");
        }
    }
}

/// Simulated over 200 hours: where a timer comes to lie depends on its rate, the curve does not.
#[test]
fn exponential_timers_lie_on_the_hyperbola() {
    let text = "format = 1\ntitle = 't'\nhorizon = '210h'\nmeasure.cohort = { from = '5h', until = '205h' }
[recipients.mx]\nslots = 1\nround_trip = '0s'\ntransaction = { exponential = '10s' }
gates.limit.connection-limit.limit = 1
[senders.sites]\nhosts = 10\npolicy = 'compared'\narrivals.a.poisson.rate = '3/min'
[policies]
short = { backoff.fixed = { every = '5s', jitter = 'exponential' } }
long = { backoff.fixed = { every = '2m', jitter = 'exponential' } }\n";
    let named = plans(&scenario(text, &[]));
    let plans: Vec<Plan> = named.iter().map(|(_, plan)| plan.clone()).collect();
    let curve = Hyperbola::of(&plans[0]).expect("it is of that kind");
    assert!((curve.busy_over_free - 1.0).abs() < 1e-12 && curve.session_s == 10.0);
    for ((name, _), records) in named.iter().zip(records(&plans, 6, 2)) {
        let retries: Vec<f64> = records.iter().filter_map(RunRecord::retry_connections_per_message).collect();
        // Where the theory puts this timer: retries g (1 + theta / mu), wait g (1 / mu + 1 / theta).
        let timer = if name == "short" { 5.0 } else { 120.0 };
        let (expected_retries, expected_latency) = (1.0 + 10.0 / timer, 10.0 + 10.0 + timer);
        let on_it = curve.mean_latency_s(expected_retries).expect("more than g");
        assert!((on_it - expected_latency).abs() < 1e-9, "{name}");
        for (found, expected) in [(retries, expected_retries), (means(&records), expected_latency)] {
            let found = mean_interval(&found, 0.999_9).expect("replications");
            assert!(found.interval().contains(expected), "{name}: {found:?} {expected}");
            assert!(found.half_width < 0.15 * expected, "{name}: too little power, {found:?}");
        }
    }
    for (from, to) in [
        ("slots = 1\n", "slots = 1\nsetup = '1s'\n"),
        ("exponential = '10s'", "constant = '10s'"),
        ("connection-limit.limit = 1", "connection-limit = { limit = 1, takes = '1s' }"),
        ("rate = '3/min'", "rate = '7/min'"),
        ("round_trip = '0s'", "round_trip = '1ms'"),
    ] {
        assert!(text.contains(from), "{from}");
        let other = crate::support::first_plan(&text.replace(from, to), &[]);
        assert_eq!(Hyperbola::of(&other), None, "{to}");
    }
}

#[test]
fn a_limit_is_given_only_where_it_is_known_and_proven_only_where_it_is() {
    let slots = "slots = 20\ntransaction = '10s'\ngates.limit.connection-limit.limit = 20";
    let limits = |text: &str| -> Vec<Option<bool>> {
        let named = plans(&scenario(text, &[]));
        named.iter().map(|(_, plan)| Limit::of(plan).map(|limit| limit.proven)).collect()
    };
    let (proven, about) = (Some(true), Some(false));
    assert_eq!(limits(&text(slots, "cut")), [proven; 4]);
    // Postfix and Exim send further mail down connections that may finish.
    assert_eq!(limits(&text(slots, "finish")), [proven, about, about, proven]);
    assert_eq!(limits(&text("transaction = '10s'", "cut")), [proven; 4]);
    let base = text(slots, "cut");
    for (from, to) in [
        ("sessions = 'cut'", "sessions = 'cut', capacity = '10%'"),
        ("when.once = { from = '30m', until = '90m' }", "when.random = { up = '1h', down = '1h' }"),
        ("poisson.rate = '1/s'", "burst = { messages = 500, at = '40m', over = '1m' }"),
        ("poisson.rate = '1/s'", "poisson = { rate = '1/s', until = '2h' }"),
        ("horizon = '6h'", "horizon = '2h'"),
        ("horizon = '6h'", "horizon = '6h'\nmeasure.cohort = { from = '40m', until = '50m' }"),
    ] {
        assert!(base.contains(from), "{from}");
        assert_eq!(limits(&base.replace(from, to)), [None; 4], "{to}");
    }
}
