//! Waits in the queue M/M/1, stationary from the first message on: every exact value is a formula, and
//! the waits of one replication depend on each other as those of real runs do.
//!
//! With arrival rate l, service rate m and r = l / m, a wait is zero with probability 1 - r, else exponential
//! with the rate m - l (D. Gross et al., "Fundamentals of Queueing Theory" (2008), section 2.2). The next
//! wait is max(0, wait + service - gap), which keeps that distribution (D. V. Lindley, 1952).

use std::num::NonZeroUsize;

use super::{CONFIDENCE, Row, Shot, Shots};
use crate::experiment::progress::Progress;
use crate::random::{Draw, Key, Purpose};
use crate::stats::histogram::Histogram;
use crate::stats::jackknife::{Sample, pooled_quantile};
use crate::stats::paired::paired;
use crate::stats::summary::mean_interval;

/// Waits in a replication.
const WAITS: usize = 1000;

/// The seeds of the experiments: independent of each other, and fixed.
const QUIET_SEED: u64 = 50;
const BUSY_SEED: u64 = 90;

/// Groups of replications that the jackknife leaves out, as in every summary.
const GROUPS: NonZeroUsize = NonZeroUsize::new(10).expect("ten is not zero");

const T: &str = "Student's t";
const JACKKNIFE: &str = "jackknife over 10 groups";

/// A queue at half its capacity, and beside it a faster server that gets the same mail.
pub(super) const QUIET: [Row; 2] = [
    Row { what: "M/M/1 at 0.5: mean wait", interval: T, replications: "30", promised: true },
    Row {
        what: "M/M/1 at 0.4 minus M/M/1 at 0.5: difference of mean waits",
        interval: "paired t",
        replications: "30",
        promised: true,
    },
];

/// The rows of a busy queue for a number of replications.
macro_rules! busy_rows {
    ($replications:literal) => {
        [
            Row {
                what: "M/M/1 at 0.9: mean wait",
                interval: T,
                replications: $replications,
                promised: false,
            },
            Row {
                what: "M/M/1 at 0.9: pooled p50",
                interval: JACKKNIFE,
                replications: $replications,
                promised: false,
            },
            Row {
                what: "M/M/1 at 0.9: pooled p90",
                interval: JACKKNIFE,
                replications: $replications,
                promised: false,
            },
            Row {
                what: "M/M/1 at 0.9: pooled p95",
                interval: JACKKNIFE,
                replications: $replications,
                promised: false,
            },
            Row {
                what: "M/M/1 at 0.9: pooled p99",
                interval: JACKKNIFE,
                replications: $replications,
                promised: false,
            },
        ]
    };
}

pub(super) const BUSY_30: [Row; 5] = busy_rows!("30");
pub(super) const BUSY_100: [Row; 5] = busy_rows!("100");
pub(super) const BUSY_300: [Row; 5] = busy_rows!("300");

/// The quantiles of the busy rows.
const QUANTILES: [f64; 4] = [0.50, 0.90, 0.95, 0.99];

/// A stationary queue M/M/1.
#[derive(Clone, Copy)]
pub(super) struct Queue {
    pub(super) arrivals: f64,
    pub(super) service: f64,
}

impl Queue {
    pub(super) fn mean(self) -> f64 {
        self.arrivals / self.service / (self.service - self.arrivals)
    }

    fn quantile(self, p: f64) -> f64 {
        ((self.arrivals / self.service / (1.0 - p)).ln() / (self.service - self.arrivals)).max(0.0)
    }

    /// The waits of a replication; queues of the same key meet the same mail.
    pub(super) fn waits(self, key: Key) -> impl Iterator<Item = f64> {
        let mut gaps = stream(key, 0);
        let mut services = stream(key, 1);
        let mut wait = self.quantile(stream(key, 2).unit());
        std::iter::repeat_with(move || {
            let this = wait;
            wait += services.exponential() / self.service - gaps.exponential() / self.arrivals;
            wait = wait.max(0.0);
            this
        })
    }

    pub(super) fn mean_of(self, key: Key, waits: usize) -> f64 {
        self.waits(key).take(waits).sum::<f64>() / waits as f64
    }
}

fn stream(key: Key, what: u64) -> Draw {
    key.draw(Purpose::Arrival, what, 0)
}

/// The key of a replication of a run.
pub(super) fn key(seed: u64, run: u32, replication: u32) -> Key {
    Key::new(seed << 32 | u64::from(run), replication)
}

pub(super) const SLOW: Queue = Queue { arrivals: 0.5, service: 1.0 };
pub(super) const FAST: Queue = Queue { arrivals: 0.5, service: 1.25 };

pub(super) fn quiet(run: u32, _: &Progress) -> Shots {
    let means = |queue: Queue| -> Vec<f64> {
        (0..30).map(|replication| queue.mean_of(key(QUIET_SEED, run, replication), WAITS)).collect()
    };
    let (slow, fast) = (means(SLOW), means(FAST));
    let mean = mean_interval(&slow, CONFIDENCE).map(|one| one.interval());
    let difference = paired(&slow, &fast, CONFIDENCE).map(|one| one.difference.interval());
    Ok(Some(vec![Shot::of(mean, SLOW.mean()), Shot::of(difference, FAST.mean() - SLOW.mean())]))
}

pub(super) fn busy<const REPLICATIONS: u32>(run: u32, progress: &Progress) -> Shots {
    const QUEUE: Queue = Queue { arrivals: 0.9, service: 1.0 };
    let mut means = Vec::new();
    let mut histograms = Vec::new();
    for replication in 0..REPLICATIONS {
        if progress.is_interrupted() {
            return Ok(None);
        }
        let mut waits = Histogram::new();
        let mut sum = 0.0;
        for wait in QUEUE.waits(key(BUSY_SEED + u64::from(REPLICATIONS), run, replication)).take(WAITS) {
            sum += wait;
            // Seconds as microseconds, as latencies are kept.
            waits.record((wait * 1e6).round() as u64);
        }
        means.push(sum / WAITS as f64);
        histograms.push(waits);
    }
    let samples: Vec<Sample<'_>> =
        histograms.iter().map(|arrived| Sample { arrived, total: arrived.count() }).collect();
    let mean = mean_interval(&means, CONFIDENCE).map(|one| one.interval());
    let quantile = |p: f64| {
        let found = pooled_quantile(&samples, GROUPS, p, CONFIDENCE).and_then(|found| found.interval);
        Shot::of(found, QUEUE.quantile(p) * 1e6)
    };
    Ok(Some(std::iter::once(Shot::of(mean, QUEUE.mean())).chain(QUANTILES.map(quantile)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance * expected, "{found} is not {expected}");
    }

    #[test]
    fn waits_are_stationary_from_the_first_on() {
        let at = |place: usize| {
            let waits: f64 = (0..20_000).filter_map(|run| SLOW.waits(key(1, run, 0)).nth(place)).sum();
            waits / 20_000.0
        };
        // Four standard errors of the mean of 20 000: a standard deviation is 1.73.
        for place in [0, 1, 40] {
            assert_close(at(place), SLOW.mean(), 0.05);
        }
    }

    #[test]
    fn quantiles_are_those_of_the_formula() {
        let mut waits: Vec<f64> = SLOW.waits(key(2, 0, 0)).take(400_000).collect();
        waits.sort_by(f64::total_cmp);
        for (p, tolerance) in [(0.9, 0.02), (0.99, 0.05)] {
            assert_close(waits[(p * 400_000.0) as usize], SLOW.quantile(p), tolerance);
        }
        assert_eq!(SLOW.quantile(0.4), 0.0, "half of all do not wait");
    }
}
