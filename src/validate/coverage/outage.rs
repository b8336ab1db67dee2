//! The whole way from a scenario to an interval: mail that meets an outage of ten minutes, tried every minute or
//! every seven minutes.
//!
//! A message that comes u before the end is delivered after d ceil(u / d), by its ceil(u / d)-th retry. With
//! u uniform on (0, 600 s] that takes 330 s and 5.5 retries on average for d = 60 s, 546 s and 1.3 for d = 420 s.

use super::{CONFIDENCE, Row, Shot, Shots};
use crate::experiment::metric::{METRICS, position};
use crate::experiment::progress::Progress;
use crate::experiment::record::RunRecord;
use crate::experiment::run::simulate;
use crate::stats::holm::simultaneous_confidence;
use crate::stats::paired::{Paired, paired};
use crate::stats::summary::mean_interval;
use crate::system::Plan;
use crate::validate::Problem;
use crate::validate::setting::{Mail, Setting};

/// The seed of the first run.
const SEED: u64 = 600_000;

/// Messages of a replication.
const MESSAGES: u32 = 100;

const REPLICATIONS: u32 = 30;

/// Every minute and every seven: seconds, mean latency, mean retries.
const OFTEN: (f64, f64, f64) = (60.0, 330.0, 5.5);
const SELDOM: (f64, f64, f64) = (420.0, 546.0, 1.3);

pub(super) const ROWS: [Row; 4] = [
    Row {
        what: "outage, simulated: restricted mean",
        interval: "Student's t",
        replications: "30",
        promised: true,
    },
    Row {
        what: "outage, simulated: difference of restricted means",
        interval: "paired t",
        replications: "30",
        promised: true,
    },
    Row {
        what: "outage, simulated: difference of retry connections",
        interval: "paired t",
        replications: "30",
        promised: true,
    },
    // At least as often as each alone would; how much more depends on how the two are related.
    Row {
        what: "outage, simulated: both differences at once",
        interval: "simultaneous paired t",
        replications: "30",
        promised: false,
    },
];

pub(super) fn run(run: u32, progress: &Progress) -> Shots {
    let mut metrics = [const { [const { Vec::new() }; 2] }; 2];
    for (policy, every) in [OFTEN.0, SELDOM.0].into_iter().enumerate() {
        let plan = plan(every, run)?;
        for replication in 0..REPLICATIONS {
            let Some(record) = simulate(&plan, replication, progress) else { return Ok(None) };
            for (metric, values) in metrics[policy].iter_mut().enumerate() {
                values.push(primary(&record, metric)?);
            }
        }
    }
    let [often, seldom] = &metrics;
    let mean = mean_interval(&seldom[0], CONFIDENCE).map(|one| one.interval());
    let differences = |confidence: f64| {
        let of = |metric: usize| paired(&often[metric], &seldom[metric], confidence);
        [(of(0), SELDOM.1 - OFTEN.1), (of(1), SELDOM.2 - OFTEN.2)]
    };
    let shot =
        |(found, truth): (Option<Paired>, f64)| Shot::of(found.map(|one| one.difference.interval()), truth);
    let [latency, load] = differences(CONFIDENCE).map(shot);
    let together = differences(simultaneous_confidence(CONFIDENCE, 2)).map(shot);
    let both = together.into_iter().find(|shot| *shot != Shot::Covered).unwrap_or(Shot::Covered);
    Ok(Some(vec![Shot::of(mean, SELDOM.1), latency, load, both]))
}

fn plan(every: f64, run: u32) -> Result<Plan, Problem> {
    let window =
        "transaction = '0s'\ngates.window.maintenance.when.once = { from = '1000s', until = '1600s' }";
    let setting = Setting::only(Mail::Scattered(MESSAGES), (1000.0, 1600.0), 3600.0)
        .recipient(window)
        .policy(format!("{{ backoff.fixed.every = '{every}s' }}"));
    Setting { seed: SEED + u64::from(run), ..setting }.plan()
}

/// A primary metric by its place among them.
fn primary(record: &RunRecord, place: usize) -> Result<f64, Problem> {
    let name = ["restricted_mean_s", "retry_connections_per_message"][place];
    let metric = position(name).map(|place| &METRICS[place]);
    let value = metric.and_then(|metric| metric.of(record));
    value.ok_or_else(|| Problem::new("no mail met the outage"))
}
