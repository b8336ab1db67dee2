//! Whatever happens, no message is lost and no number contradicts another: scenarios put together at
//! random, run to the horizon.
//!
//! Some of these scenarios mean nothing, and `check` would refuse them. They must not break a run
//! either.
//!
//! A run itself asserts that delivered + bounced + queued + in session = arrived, and that the sum of
//! restricted latencies is undelivered mail integrated over time, to the microsecond.

mod arbitrary;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tempfail::experiment::record::{Outcomes, RunRecord};
use tempfail::system::Plan;

use crate::support::{first_plan, plans, records, unchecked};

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
