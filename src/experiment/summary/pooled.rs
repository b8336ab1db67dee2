//! Quantiles of latency over the messages of all replications together.

use std::num::NonZeroUsize;

use super::{Plan, Run, Runs};
use crate::experiment::metric::position;
use crate::stats::jackknife::{Sample, pooled_quantile};
use crate::stats::summary::Interval;

/// A quantile of latency that is taken over all replications together, and when it has an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// The name in tables.
    pub name: &'static str,
    /// Which quantile, between 0 and 1.
    pub p: f64,
    /// Below so many replications its jackknife interval covers far less than it says: that of the
    /// 99th percentile 79 % at 30 replications of a busy queue, 90 % at 100, 96 % at 300
    /// (`docs/statistics.md`).
    pub least_replications: usize,
}

/// The pooled quantiles. Each is another quantity than the mean of the quantiles of the
/// replications, which is what the summary of `latency_p50_s` and its kin says.
pub const POOLED: [Pooled; 4] = [
    Pooled { name: "pooled_latency_p50_s", p: 0.50, least_replications: 30 },
    Pooled { name: "pooled_latency_p90_s", p: 0.90, least_replications: 30 },
    Pooled { name: "pooled_latency_p95_s", p: 0.95, least_replications: 30 },
    Pooled { name: "pooled_latency_p99_s", p: 0.99, least_replications: 100 },
];

/// Groups of replications that the jackknife leaves out one by one.
const JACKKNIFE_GROUPS: NonZeroUsize = NonZeroUsize::new(10).expect("ten is not zero");

/// A quantile of latency over the messages of all replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PooledLatency {
    /// Which one.
    pub quantile: Pooled,
    /// Replications that were run.
    pub replications: usize,
    /// The quantile in seconds; `None` where fewer were delivered.
    pub value_s: Option<f64>,
    /// Its jackknife interval in seconds; `None` with too few replications, and where a part of the
    /// replications does not attain it.
    pub interval_s: Option<Interval>,
}

pub(in crate::experiment) fn pooled_latency(quantile: Pooled, runs: &Runs, plan: &Plan) -> PooledLatency {
    let samples: Vec<Sample<'_>> = runs.runs.iter().map(sample).collect();
    let found = pooled_quantile(&samples, JACKKNIFE_GROUPS, quantile.p, plan.confidence);
    let is_trusted = runs.runs.len() >= quantile.least_replications && plan.is_settled(&runs.variant);
    let seconds = |interval: Interval| Interval { low: interval.low / 1e6, high: interval.high / 1e6 };
    PooledLatency {
        quantile,
        replications: runs.runs.len(),
        value_s: found.map(|found| found.value / 1e6),
        interval_s: found.and_then(|found| found.interval).filter(|_| is_trusted).map(seconds),
    }
}

fn sample(run: &Run) -> Sample<'_> {
    let messages = position("cohort_messages").and_then(|place| run.values[place]);
    Sample { arrived: &run.latency, total: messages.unwrap_or_default() as u64 }
}
