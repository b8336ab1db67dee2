//! Whatever happens, no message is lost and no number contradicts another: scenarios put together at
//! random, run to the horizon.
//!
//! Some of these scenarios mean nothing, and `check` would refuse them. They must not break a run
//! either.
//!
//! A run itself asserts that delivered + bounced + queued + in session = arrived, and that the sum of
//! restricted latencies is undelivered mail integrated over time, to the microsecond.

mod arbitrary;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tempfail::experiment::record::{Outcomes, RunRecord};
use tempfail::scenario::{PolicyChoice, Scenario, Sources, VariantSpec, load, lower};
use tempfail::stats::paired::paired;
use tempfail::system::Plan;

use crate::support::{first_plan, plans, records, scenario, unchecked};

/// Random scenarios, but the same ones each time.
fn config(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(421), failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn nothing_is_lost_and_all_numbers_agree(text in arbitrary::scenario()) {
        let named = plans(&unchecked(&text));
        let plans: Vec<Plan> = named.iter().map(|(_, plan)| plan.clone()).collect();
        let all = records(&plans, 2, 1);
        for ((name, plan), records) in named.iter().zip(&all) {
            for record in records {
                agrees(plan, record).map_err(|why| TestCaseError::fail(format!("{name}: {why}\n{text}")))?;
            }
        }
        for pair in all.windows(2) {
            for (one, other) in pair[0].iter().zip(&pair[1]) {
                let mail = |record: &RunRecord| record.all.arrived - record.load.notices;
                prop_assert_eq!(mail(one), mail(other), "{}", &text);
                prop_assert_eq!(one.cohort.arrived, other.cohort.arrived, "{}", &text);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(200))]

    /// Where all transactions are equally long the bound holds in every single run, not only for
    /// means: whoever serves whenever there is room leaves the least undelivered.
    #[test]
    fn nobody_beats_the_clairvoyant(text in arbitrary::bounded_scenario()) {
        let named = plans(&unchecked(&text));
        let plans: Vec<Plan> = named.iter().map(|(_, plan)| plan.clone()).collect();
        prop_assert!(plans.iter().all(Plan::clairvoyant_is_bound));
        let all = records(&plans, 2, 1);
        let reference = named.iter().position(|(name, _)| name == "clairvoyant").expect("it is among them");
        for ((name, _), records) in named.iter().zip(&all) {
            for (bound, record) in all[reference].iter().zip(records) {
                let (bound, found) = (bound.latency.restricted_sum, record.latency.restricted_sum);
                prop_assert!(bound <= found, "{} has {} < {}\n{}", name, found, bound, &text);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(40))]

    /// Where transactions differ in length the bound holds for means: the paired difference in undelivered
    /// message-time, policy minus bound, does not lie below zero by more than its interval. With 120 of them at
    /// 99.99 % all hold with a probability above 99 %, if the bound is one.
    #[test]
    fn nobody_beats_the_clairvoyant_in_the_mean(text in arbitrary::bounded_in_the_mean()) {
        let named = plans(&unchecked(&text));
        let plans: Vec<Plan> = named.iter().map(|(_, plan)| plan.clone()).collect();
        prop_assert!(plans.iter().all(Plan::clairvoyant_is_bound));
        let all = records(&plans, 8, 1);
        let reference = named.iter().position(|(name, _)| name == "clairvoyant").expect("it is among them");
        for ((name, _), records) in named.iter().zip(&all) {
            let found = beaten(&all[reference], records, 0.9999);
            prop_assert!(found.is_none(), "{} is below the bound by {:?}\n{}", name, found, &text);
        }
    }
}

/// By how much a policy has less undelivered message-time than the clairvoyant, if that is more than its
/// interval.
fn beaten(clairvoyant: &[RunRecord], policy: &[RunRecord], confidence: f64) -> Option<f64> {
    let undelivered = |records: &[RunRecord]| -> Vec<f64> {
        records.iter().map(|record| record.latency.restricted_sum as f64).collect()
    };
    let found = paired(&undelivered(clairvoyant), &undelivered(policy), confidence).expect("replications");
    (found.difference.interval().high < 0.0).then_some(-found.difference.mean)
}

/// Shipped scenarios, all mail measured: of the variants that qualify none beats the bound. With some
/// fifty comparisons at 99.99 % all hold with a probability above 99 %, if the bound is one.
#[test]
fn no_shipped_policy_beats_the_clairvoyant_where_it_is_a_bound() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = fs::read_dir(directory).expect("there are scenarios");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    let mut compared = 0;
    for path in paths {
        let text = fs::read_to_string(&path).expect("readable");
        let scenario = whole_run(&text);
        for variant in scenario.variants().into_iter().filter(|variant| !variant.is_clairvoyant()) {
            let ideal = VariantSpec { policy: &PolicyChoice::Clairvoyant, ..variant.clone() };
            let plans =
                [ideal, variant.clone()].map(|variant| lower::plan(&scenario, &variant).expect("it lowers"));
            if plans[0].clairvoyant_is_bound() {
                let all = records(&plans, 5, 2);
                let found = beaten(&all[0], &all[1], 0.9999);
                assert_eq!(found, None, "{} in {}", variant.name, path.display());
                compared += 1;
            }
        }
    }
    assert!(compared >= 15, "only {compared} variants qualify");
}

/// A scenario with all of its mail measured.
fn whole_run(text: &str) -> Scenario {
    let mut sources = Sources::new();
    sources.add("shipped.toml", text);
    let horizon = load(&mut sources, "shipped.toml", &[]).expect("it is valid").scenario.base.horizon;
    let cohort = format!("measure.cohort={{from='0s', until='{}'}}", *horizon);
    load(&mut sources, "shipped.toml", &[cohort]).expect("it is valid").scenario
}

/// What the conditions of the bound are for.
#[test]
fn the_clairvoyant_can_be_beaten_where_it_is_no_bound() {
    // Frozen sessions may be long ones; those who start again take the short ones first.
    let heavy = "transaction.empirical = ['1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '1s', '2000s']
gates.down.maintenance = { when.periodic = { first = '100s', every = '110s', lasts = '10s' }, sessions = 'cut' }";
    let burst = "arrivals.a.burst = { messages = 60, at = '0s' }";
    // What came earlier may be put off for the sake of what is measured.
    let earlier = "transaction = '1s'
gates.down.maintenance = { when.once = { from = '0s', until = '30m' }, sessions = 'cut' }";
    let both = "arrivals.a.burst = { messages = 1500, at = '1m' }\narrivals.b.poisson = { rate = '10/min', from = '30m', until = '40m' }";
    for (recipient, mail, cohort) in [(heavy, burst, "0s"), (earlier, both, "30m")] {
        let text = format!(
            "format = 1\ntitle = 't'\nhorizon = '2h'\nmeasure.cohort = {{ from = '{cohort}', until = '40m' }}
[recipients.mx]\nslots = 1\ngates.limit.connection-limit.limit = 1\n{recipient}
[senders.s]\nhosts = 60\npolicy = 'compared'\n{mail}
[policies]\nclairvoyant = 'clairvoyant'
tries = {{ backoff.exponential = {{ initial = '20s', max = '10m', jitter = 'full' }} }}\n"
        );
        let named = plans(&scenario(&text, &[]));
        let plans: Vec<Plan> = named.into_iter().map(|(_, plan)| plan).collect();
        assert!(!plans[0].clairvoyant_is_bound(), "{recipient}");
        let all = records(&plans, 10, 2);
        assert!(beaten(&all[0], &all[1], 0.99).is_some(), "{recipient}");
    }
}

/// A deferral without a connection takes no time; where the backoff has no delay either, the clock
/// would stand still.
#[test]
fn mail_held_back_waits_though_its_backoff_does_not() {
    for memory in [
        "memory.dead-site = { retry_after = '5m', suppressed = 'ages' }",
        "memory.dead-site = { retry_after = '1500ms', suppressed = 'unchanged' }, clock = '1s'",
    ] {
        let text = format!(
            "format = 1\ntitle = 't'\nhorizon = '2h'\nrecipients.mx.transaction = '1s'\n\
             recipients.mx.gates.w.maintenance.when.once = {{ from = '0s', until = '1h' }}\n\
             policies.p = {{ backoff = 'immediate', {memory} }}\n\
             senders.s = {{ policy = 'compared', arrivals.a.burst = {{ messages = 20, at = '1m' }} }}\n"
        );
        let record = &records(&[first_plan(&text, &[])], 1, 1)[0][0];
        assert_eq!(record.all.delivered, 20, "{memory}");
        assert!(record.load.held_back_deferrals > 0, "{memory}");
    }
}

/// Everything that must hold between the numbers of a record.
fn agrees(plan: &Plan, record: &RunRecord) -> Result<(), String> {
    outcomes(record)?;
    let load = &record.load;
    let failures: u64 = load.failures_by_stage.iter().sum();
    let sum = |of: fn(&tempfail::experiment::record::Bin) -> u64| -> u64 {
        record.series.iter().flat_map(|series| &series.bins).map(of).sum()
    };
    let left: u64 =
        record.series.iter().filter_map(|series| series.bins.last()).map(|bin| bin.undelivered).sum();
    let slot_seconds: f64 = record
        .series
        .iter()
        .flat_map(|series| series.bins.iter().zip(0i64..).map(|(bin, index)| (bin, series.step, index)))
        .map(|(bin, step, index)| {
            let start = tempfail::time::Instant::ZERO + step * index;
            bin.slots_in_use * ((start + step).min(plan.horizon) - start).as_seconds()
        })
        .sum();
    let horizon = (plan.horizon - tempfail::time::Instant::ZERO).as_seconds();
    let facts = [
        ("series of connections", sum(|bin| bin.connections) == load.connections),
        ("series of deliveries", sum(|bin| bin.deliveries) == record.all.delivered),
        ("series of deferrals", sum(|bin| bin.deferrals) == failures),
        ("series of undelivered mail", left == record.all.queued + record.all.in_session),
        ("series of slots", (slot_seconds - load.slot_time.as_seconds()).abs() < 1e-3 + 1e-9 * slot_seconds),
        ("attempts have one end", {
            let ends = record.all.delivered + failures + record.all.in_session;
            // The clairvoyant's rejected messages fail without an attempt.
            load.attempts == ends || load.attempts + failures == ends
        }),
        ("connections carry attempts", load.connections <= load.attempts),
        (
            "cohort's connections",
            load.cohort_first_connections + load.cohort_retry_connections <= load.cohort_attempts,
        ),
        ("cohort's attempts", load.cohort_attempts <= load.attempts),
        ("wasted slot time", load.slot_time_wasted <= load.slot_time),
        ("peaks", load.peak_retry_1s <= load.peak_retry_60s && load.peak_retry_60s <= load.connections),
        ("depth", record.queue.mean <= record.queue.deepest as f64 + 1e-9),
        ("deepest", record.queue.deepest <= record.all.arrived),
        ("fairness", record.latency.fairness.is_none_or(|index| (0.0..=1.0 + 1e-9).contains(&index))),
        ("delivered at once", record.latency.delivered_at_once <= record.cohort.delivered),
        ("histogram", record.latency.delivered.count() == record.cohort.delivered),
        (
            "restricted mean",
            // Mail that waits at the start is older than the run.
            record.restricted_mean_s().is_none_or(|mean| (0.0..=horizon + 86_400.0).contains(&mean)),
        ),
        ("quantiles rise", rises(&[0.5, 0.9, 0.95, 0.99, 1.0].map(|p| record.latency_quantile_s(p)))),
        ("through", rises(&record.latency.through.map(|span| span.map(|span| span.as_seconds())))),
    ];
    match facts.iter().find(|(_, holds)| !holds) {
        Some((what, _)) => Err(format!("{what}: {:?} {:?} {:?}", record.all, record.cohort, load)),
        None => Ok(()),
    }
}

fn outcomes(record: &RunRecord) -> Result<(), String> {
    let (all, cohort) = (&record.all, &record.cohort);
    let adds_up = |one: &Outcomes| {
        one.delivered + one.bounced + one.queued + one.in_session == one.arrived
            && one.bounced_untried <= one.bounced
    };
    let is_part = cohort.arrived <= all.arrived
        && cohort.delivered <= all.delivered
        && cohort.bounced <= all.bounced
        && cohort.bounced_untried <= all.bounced_untried
        && cohort.queued <= all.queued
        && cohort.in_session <= all.in_session;
    if adds_up(all) && adds_up(cohort) && is_part { Ok(()) } else { Err(format!("{all:?} {cohort:?}")) }
}

/// Whether values never fall, and none comes after one that was not attained.
fn rises(values: &[Option<f64>]) -> bool {
    values.windows(2).all(|pair| match (pair[0], pair[1]) {
        (Some(low), Some(high)) => low <= high,
        (None, Some(_)) => false,
        (_, None) => true,
    })
}
