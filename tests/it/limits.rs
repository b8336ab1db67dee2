//! What no policy can do better is computed before anything is simulated, and holds.

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
often = {{ backoff.fixed = {{ every = '1m', jitter = 'full' }} }}\n"
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
