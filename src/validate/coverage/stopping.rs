//! What stopping at a wanted precision costs in coverage: the difference of two queues that get the same mail, as
//! in the other experiments, but with few waits in a replication, so that the means are skewed and
//! the number of replications varies from run to run.

use super::queue::{FAST, SLOW, key};
use super::{CONFIDENCE, Row, Shot, Shots};
use crate::experiment::metric::METRICS;
use crate::experiment::progress::Progress;
use crate::experiment::sequential::{Aim, NearZero, Next, Rule, Stop, decide};
use crate::stats::paired::paired;
use crate::stats::precision::replications_from;

/// Waits in a replication.
const WAITS: usize = 100;

const SEED: u64 = 5;

pub(super) const USUAL: [Row; 1] = [Row {
    what: "M/M/1 at 0.4 minus M/M/1 at 0.5, to \u{b1} 5 % of the latter: difference of mean waits",
    interval: "paired t, sequential",
    replications: "30 to 1000",
    promised: false,
}];

pub(super) const LOOSE: [Row; 1] = [Row {
    what: "the same to \u{b1} 20 %",
    interval: "paired t, sequential",
    replications: "10 to 1000",
    promised: false,
}];

const NOT_NEAR_ZERO: NearZero = NearZero { restricted_mean_s: 0.0, retry_connections_per_message: 0.0 };

pub(super) fn usual(run: u32, progress: &Progress) -> Shots {
    until(&Rule { precision: 0.05, near_zero: NOT_NEAR_ZERO, at_least: 30, at_most: 1000 }, run, progress)
}

pub(super) fn loose(run: u32, progress: &Progress) -> Shots {
    until(&Rule { precision: 0.20, near_zero: NOT_NEAR_ZERO, at_least: 10, at_most: 1000 }, run, progress)
}

fn until(rule: &Rule, run: u32, progress: &Progress) -> Shots {
    let (mut slow, mut fast) = (Vec::new(), Vec::new());
    let mut wanted = rule.at_least;
    loop {
        if progress.is_interrupted() {
            return Ok(None);
        }
        for replication in slow.len() as u32..wanted {
            let key = key(SEED + u64::from(rule.at_least), run, replication);
            slow.push(SLOW.mean_of(key, WAITS));
            fast.push(FAST.mean_of(key, WAITS));
        }
        let Some(found) = paired(&slow, &fast, CONFIDENCE) else { return Ok(Some(vec![Shot::None])) };
        let half_width = rule.precision * found.baseline_mean;
        let aim = Aim {
            variant: "fast",
            metric: &METRICS[0],
            half_width: found.difference.half_width,
            wanted: half_width,
            of: found.baseline_mean,
            needed: replications_from(&found.difference, half_width),
        };
        match decide(Some(&[aim]), wanted, rule) {
            Next::Continue(more) => wanted = more,
            Next::Stop(Stop::Precise) => {
                let truth = FAST.mean() - SLOW.mean();
                return Ok(Some(vec![Shot::of(Some(found.difference.interval()), truth)]));
            }
            // A run that has not converged gives no interval to count.
            Next::Stop(_) => return Ok(Some(vec![Shot::None])),
        }
    }
}
