//! Whether a simulation agrees with exact values.

use rayon::prelude::*;
use tempfail::experiment::record::RunRecord;
use tempfail::experiment::recorder::Recorder;
use tempfail::stats::student::critical_value;
use tempfail::stats::summary::{mean, variance};
use tempfail::system::{self, Plan};
use tempfail::time::Span;

use super::meter::Meter;
use super::rows::Configuration;

/// How often a test of one row rejects a correct simulator.
const ERROR_PROBABILITY: f64 = 1e-4;

/// The largest standard error with which a test means something, relative to the exact value, and
/// for tails and second moments.
const POWER: f64 = 0.003;
const POWER_OF_TAILS: f64 = 0.005;

/// What one replication left.
pub struct Run {
    pub record: RunRecord,
    pub meter: Meter,
}

/// All replications of a plan.
pub fn runs(plan: &Plan, replications: u32) -> Vec<Run> {
    (0..replications)
        .into_par_iter()
        .with_max_len(1)
        .map(|replication| {
            let observer = (Recorder::new(plan, replication), Meter::new(plan));
            let finished =
                system::run(plan, replication, observer, 1 << 20, |_| true).expect("nobody interrupts");
            let (recorder, meter) = finished.observer;
            let record = recorder.finish(&finished.tally, &finished.under_way);
            let outcomes = record.cohort;
            assert_eq!(outcomes.delivered + outcomes.bounced, outcomes.arrived, "the cohort is not finished");
            Run { record, meter }
        })
        .collect()
}

/// A row beside what the runs gave.
pub struct Compared {
    pub quantity: String,
    pub exact: f64,
    pub found: f64,
    /// Standard error of `found`.
    pub error: f64,
    /// (found - exact) / error.
    pub z: f64,
}

/// All rows of the configuration beside the means of the runs.
pub fn compare(configuration: &Configuration, runs: &[Run]) -> Vec<Compared> {
    let rows = configuration.quantities.iter();
    rows.map(|(quantity, value)| {
        let exact = exact(quantity, *value);
        let all: Vec<f64> = runs.iter().map(|run| estimate(quantity, *value, configuration, run)).collect();
        let found = mean(&all).expect("there are runs");
        let error = (variance(&all).expect("there are several runs") / runs.len() as f64).sqrt();
        Compared { quantity: quantity.clone(), exact, found, error, z: (found - exact) / error }
    })
    .collect()
}

/// Demands that the runs agree with every row of the configuration.
///
/// Replications are independent and have fixed seeds. Of each row, z = (mean - exact) / SE must lie
/// within the quantiles of Student's t beyond which it lies with a probability of 1e-4; and the
/// standard error must be at most 0.3 % of the exact value, 0.5 % for tails and second moments, since
/// a test that cannot see a fault must not pass either.
pub fn assert_rows(configuration: &Configuration, runs: &[Run]) {
    assert!(runs.len() >= 20, "too few replications to know a standard error");
    let critical = critical_value(1.0 - ERROR_PROBABILITY, runs.len() - 1).expect("enough replications");
    let mut complaints = Vec::new();
    for Compared { quantity, exact, found, error, z } in compare(configuration, runs) {
        let Configuration { model, parameters, .. } = configuration;
        let percent = 100.0 * error / exact.abs();
        let line =
            format!("{model} {parameters} {quantity}: {found} for {exact}, z = {z:.2}, SE = {percent:.3} %");
        println!("{line}");
        let power = if is_tail(&quantity) { POWER_OF_TAILS } else { POWER };
        if error > power * exact.abs() {
            complaints.push(format!("inconclusive: {line}"));
        } else if z.abs() > critical {
            complaints.push(format!("wrong: {line}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Demands that one deterministic run agrees with every row to nine digits.
pub fn assert_exact(configuration: &Configuration, run: &Run) {
    for (quantity, value) in &configuration.quantities {
        let (exact, found) = (exact(quantity, *value), estimate(quantity, *value, configuration, run));
        let tolerance = 1e-9 * exact.abs().max(1e-3);
        assert!(
            (found - exact).abs() <= tolerance,
            "{} {} {quantity}: {found} instead of {exact}",
            configuration.model,
            configuration.parameters
        );
    }
}

fn is_tail(quantity: &str) -> bool {
    ["P(", "var_", "second_moment", "wait_quantile"].iter().any(|start| quantity.starts_with(start))
}

/// The value that a run must give. Quantiles are looked at through P(W > q) = 1 - p.
fn exact(quantity: &str, value: f64) -> f64 {
    match quantity.strip_prefix("wait_quantile_p") {
        Some(share) => 1.0 - share.parse::<f64>().expect("a share"),
        None => value,
    }
}

/// One replication's estimate of a quantity.
fn estimate(quantity: &str, value: f64, configuration: &Configuration, run: &Run) -> f64 {
    let Run { record, meter } = run;
    let (arrived, delivered) = (record.cohort.arrived as f64, record.cohort.delivered as f64);
    let attempts = record.load.cohort_attempts as f64;
    let waits = || meter.waits.iter().map(|(wait, _)| wait.as_seconds());
    let hit = (record.cohort.arrived - record.latency.delivered_at_once) as f64;
    let hit_delivered = delivered - record.latency.delivered_at_once as f64;
    let wait_sum = record.latency.wait_sum as f64 / 1e6;
    let square_sum = record.latency.wait_square_sum_s2;
    let averages = meter.averages();
    match quantity {
        "p_block_first" | "p_first_attempt_fails" => meter.blocked_first as f64 / arrived,
        "p_block_retry" => meter.blocked_later as f64 / (attempts - arrived),
        "p_delivered" => delivered / arrived,
        "p_expired" => record.cohort.bounced as f64 / arrived,
        "p_expired_given_hit" => record.cohort.bounced as f64 / hit,
        "p_wait" => waits().filter(|wait| *wait > 0.0).count() as f64 / delivered,
        "attempts_per_message" => attempts / arrived,
        "mean_attempts" => attempts / arrived,
        "mean_attempts_given_hit" => (attempts - (arrived - hit)) / hit,
        "mean_delay"
        | "mean_delay_all"
        | "mean_delay_delivered"
        | "mean_delay_delivered_all"
        | "mean_wait"
        | "mean_wait_to_service_start" => wait_sum / delivered,
        "mean_delay_given_hit" | "mean_delay_delivered_given_hit" => wait_sum / hit_delivered,
        "second_moment_delay" | "second_moment_delay_delivered" => square_sum / delivered,
        "second_moment_delay_given_hit" => square_sum / hit_delivered,
        "var_wait" => square_sum / delivered - (wait_sum / delivered).powi(2),
        "mean_orbit_time_per_message" | "mean_time_in_queue_per_message" => {
            (wait_sum + meter.given_up_after) / arrived
        }
        "mean_sojourn" => record.restricted_mean_s().expect("a cohort"),
        "mean_orbit" | "mean_queue" => averages.waiting,
        "var_orbit" => averages.waiting_square - averages.waiting.powi(2),
        "mean_busy" => averages.busy,
        "mean_in_system" => averages.waiting + averages.busy,
        "goodput" => delivered / meter.length(),
        "retry_rate" => (attempts - arrived) / arrived * configuration.get("lambda"),
        "exact_mean_drain_time_MG1" => drained(meter).after_end.as_seconds(),
        "exact_MM1_total_sojourn_until_empty" => drained(meter).time_in_system,
        "exact_MM1_mean_messages_until_empty" => drained(meter).messages as f64,
        _ => match quantity.split_once('>').map(|(_, rest)| rest.split_once(')')) {
            Some(Some((limit, condition))) => {
                let limit: f64 = limit.parse().expect("a limit in seconds");
                let late = waits().filter(|wait| *wait > limit).count() as f64;
                late / if condition == "_given_hit" { hit_delivered } else { delivered }
            }
            _ if quantity.starts_with("wait_quantile_p") => {
                waits().filter(|wait| *wait > value).count() as f64 / delivered
            }
            _ => load(quantity, configuration, run),
        },
    }
}

/// Attempts in the first part of an outage, divided by the arrival rate.
fn load(quantity: &str, configuration: &Configuration, run: &Run) -> f64 {
    let within =
        quantity.strip_prefix("attempts_per_lambda_in_[a,a+").and_then(|rest| rest.strip_suffix(')'));
    let within: f64 =
        within.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("what is {quantity}?"));
    let within = Span::from_seconds_f64(within);
    let attempts = run.meter.attempts_at.iter().filter(|at| **at < within).count() as f64;
    attempts / configuration.get("rate")
}

fn drained(meter: &Meter) -> super::meter::Drained {
    meter.drained.expect("the queue was empty once")
}
