//! How many replications it takes: until every comparison is as precise as wanted, or a limit.
//!
//! All variants get the same number. It is decided in rounds, each from the records of those before,
//! by the same intervals that the summary shows: those of the paired differences, which hold together.
//! A run that ends at its limit has not reached its precision, and says so wherever it is named.
//!
//! Y. S. Chow and H. Robbins, "On the Asymptotic Theory of Fixed-Width Sequential Confidence Intervals
//! for the Mean", The Annals of Mathematical Statistics 36 (1965): such an interval covers, in the
//! limit, as often as it says. Looking again and again costs a little of that; `docs/statistics.md`
//! has the measured share.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::metric::Metric;
use super::progress::Progress;
use super::record::RunRecord;
use super::run::{Course, Records, simulate_rounds};
use super::summary::{Plan, Role, Run, Runs, VariantSummary, summarise};
use crate::stats::histogram::Histogram;
use crate::stats::precision::replications_from;
use crate::stats::summary::Estimate;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Largest half width of a difference in a primary metric, as a part of the baseline's mean.
    pub precision: f64,
    /// Half widths that are small enough whatever that mean.
    pub near_zero: NearZero,
    /// Replications before the first decision, at least 2.
    pub at_least: u32,
    /// Replications after which it ends, not below `at_least`.
    pub at_most: u32,
}

/// Half widths that are small enough whatever the mean, by primary metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearZero {
    /// In seconds.
    pub restricted_mean_s: f64,
    /// In connections per message.
    pub retry_connections_per_message: f64,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Everything is as precise as wanted.
    Precise,
    /// The limit came first: the result has not converged.
    Capped,
    /// A primary metric has no value in some replication, and more of them would not help.
    NotComparable,
    /// Somebody stopped it.
    Interrupted,
}

/// What a sequential run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stopping {
    /// What it was told.
    pub rule: Rule,
    /// Replications of each variant at the end of each round.
    pub rounds: Vec<u32>,
    /// Why it ended.
    pub stop: Stop,
}

/// What comes after a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is over.
    Stop(Stop),
    /// So many replications in all.
    Continue(u32),
}

/// How precisely one thing is known, and how precisely it should be.
#[derive(Clone, Copy, Debug)]
pub struct Aim<'a> {
    /// The variant.
    pub variant: &'a str,
    /// The metric.
    pub metric: &'static Metric,
    /// Half width of the interval: of the difference from the baseline, or of the mean where nothing is compared.
    pub half_width: f64,
    /// Half width that is small enough.
    pub wanted: f64,
    /// The mean that precision is a part of.
    pub of: f64,
    /// Replications that are expected to be enough; `None` where no number is.
    pub needed: Option<usize>,
}

impl Aim<'_> {
    /// Whether it is precise enough.
    pub fn is_met(&self) -> bool {
        self.half_width <= self.wanted
    }

    /// The half width in units of the one that is wanted: more than one is too wide.
    pub fn excess(&self) -> f64 {
        if self.half_width == 0.0 { 0.0 } else { self.half_width / self.wanted }
    }
}

impl NearZero {
    /// Of this metric; zero for one that is not primary.
    fn of(&self, metric: &Metric) -> f64 {
        match metric.name {
            "restricted_mean_s" => self.restricted_mean_s,
            "retry_connections_per_message" => self.retry_connections_per_message,
            _ => 0.0,
        }
    }
}

/// Simulates every plan until the rule says stop, the same replications of each, and returns their records and
/// why it ended. `variants` are the names and roles of the plans, in their order. After an interruption
/// the rounds that were finished are there, or of the first round the variants that were.
///
/// # Errors
///
/// When the operating system refuses to start threads.
pub fn run<C: Course>(
    plans: &[C],
    variants: &[(String, Role)],
    comparison: &Plan,
    rule: &Rule,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<(Records, Stopping), rayon::ThreadPoolBuildError> {
    let mut stop = Stop::Interrupted;
    let done = simulate_rounds(plans, rule.at_least, threads, progress, |records| {
        match decide_from(records, variants, comparison, rule) {
            Next::Continue(more) => Some(more),
            Next::Stop(reason) => {
                stop = reason;
                None
            }
        }
    })?;
    Ok((done.records, Stopping { rule: *rule, rounds: done.ends, stop }))
}

/// What has to become precise: the differences of all compared variants from the baseline in all primary
/// metrics; where there is only one compared variant, its own means. `None` where one of them has no interval.
pub fn aims<'a>(summaries: &'a [VariantSummary], plan: &Plan, rule: &Rule) -> Option<Vec<Aim<'a>>> {
    let summaries = || summaries.iter().filter(|summary| plan.is_settled(&summary.variant));
    let compared = || summaries().filter(|summary| summary.role == Role::Compared);
    let others = || compared().filter(|summary| summary.variant != plan.baseline);
    let differences = others().next().is_some();
    let alone: Vec<&VariantSummary> = if differences {
        others().collect()
    } else if compared().next().is_some() {
        compared().collect()
    } else {
        summaries().collect()
    };
    let mut aims = Vec::new();
    for summary in alone {
        for one in summary.metrics.iter().filter(|one| one.metric.primary) {
            let (estimate, of) = if differences {
                let paired = one.comparison?.paired;
                (paired.difference, paired.baseline_mean)
            } else {
                (one.estimate()?, one.mean?)
            };
            aims.push(aim(&summary.variant, one.metric, &estimate, of, rule));
        }
    }
    Some(aims)
}

fn aim<'a>(variant: &'a str, metric: &'static Metric, estimate: &Estimate, of: f64, rule: &Rule) -> Aim<'a> {
    let wanted = (rule.precision * of.abs()).max(rule.near_zero.of(metric));
    let needed = replications_from(estimate, wanted);
    Aim { variant, metric, half_width: estimate.half_width, wanted, of, needed }
}

/// Decides after `done` replications.
///
/// The next round ends where the least precise aim should be met, but never beyond twice what there is,
/// because a small sample may misjudge the spread, and a tenth more at least, so that rounds stay few.
pub fn decide(aims: Option<&[Aim<'_>]>, done: u32, rule: &Rule) -> Next {
    let Some(aims) = aims else { return Next::Stop(Stop::NotComparable) };
    if aims.iter().all(Aim::is_met) {
        return Next::Stop(Stop::Precise);
    }
    if done >= rule.at_most {
        return Next::Stop(Stop::Capped);
    }
    let needed = |aim: &Aim<'_>| aim.needed.and_then(|needed| u32::try_from(needed).ok()).unwrap_or(u32::MAX);
    let needed = aims.iter().map(needed).max().unwrap_or_default();
    let more = done.saturating_add(done.div_ceil(10));
    Next::Continue(needed.max(more).min(done.saturating_mul(2)).min(rule.at_most))
}

/// Decides from the records of all variants, given their names and roles in the same order.
pub fn decide_from(
    records: &[Vec<RunRecord>],
    variants: &[(String, Role)],
    plan: &Plan,
    rule: &Rule,
) -> Next {
    let runs: Vec<Runs> =
        variants.iter().zip(records).map(|(named, records)| metrics(named, records)).collect();
    let summaries = summarise(&runs, plan);
    let done = records.iter().map(Vec::len).min().unwrap_or_default();
    decide(aims(&summaries, plan, rule).as_deref(), done as u32, rule)
}

/// The metrics alone: no decision looks at histograms.
fn metrics((variant, role): &(String, Role), records: &[RunRecord]) -> Runs {
    let run = |(replication, record): (u32, &RunRecord)| Run {
        replication,
        values: super::metric::values(record),
        latency: Histogram::new(),
    };
    Runs { variant: variant.clone(), role: *role, runs: (0..).zip(records).map(run).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::samples::record;

    const RULE: Rule = Rule {
        precision: 0.05,
        near_zero: NearZero { restricted_mean_s: 0.5, retry_connections_per_message: 0.01 },
        at_least: 10,
        at_most: 100,
    };

    fn plan() -> Plan {
        Plan { baseline: "a".to_owned(), confidence: 0.95, smallest_difference: 0.02, unsettled: Vec::new() }
    }

    fn after(extras: &[fn(u64) -> u64], done: u64, rule: &Rule) -> Next {
        let variants: Vec<_> =
            ["a", "b", "c"].iter().zip(extras).map(|(name, _)| (name.to_string(), Role::Compared)).collect();
        let records: Vec<Vec<RunRecord>> =
            extras.iter().map(|extra| (0..done).map(|r| record(extra(r))).collect()).collect();
        decide_from(&records, &variants, &plan(), rule)
    }

    #[test]
    fn precise_differences_end_it_however_wide_the_means_are() {
        let wide: fn(u64) -> u64 = |r| 40 * (r % 2);
        let shifted: fn(u64) -> u64 = |r| 40 * (r % 2) + 7;
        assert_eq!(after(&[wide, shifted], 10, &RULE), Next::Stop(Stop::Precise));
        // Without anybody to compare with, the mean itself must be precise.
        assert!(matches!(after(&[wide], 10, &RULE), Next::Continue(_)));
    }

    #[test]
    fn rounds_grow_as_needed_but_never_more_than_twofold() {
        let flat: fn(u64) -> u64 = |_| 0;
        let noisy: fn(u64) -> u64 = |r| 60 * (r % 2);
        assert_eq!(after(&[flat, noisy], 10, &RULE), Next::Continue(20));
        let slightly: fn(u64) -> u64 = |r| 10 * (r % 2);
        // Half width at 30: 2.34 s at 97.5 %; wanted: 5 % of 50 s.
        assert_eq!(after(&[flat, slightly], 30, &RULE), Next::Stop(Stop::Precise));
        let Next::Continue(more) = after(&[flat, slightly], 20, &RULE) else { panic!("not yet precise") };
        assert!((22..=30).contains(&more), "{more}");
    }

    #[test]
    fn the_limit_is_no_convergence() {
        let flat: fn(u64) -> u64 = |_| 0;
        let noisy: fn(u64) -> u64 = |r| 600 * (r % 2);
        assert_eq!(after(&[flat, noisy], 80, &RULE), Next::Continue(100));
        assert_eq!(after(&[flat, noisy], 100, &RULE), Next::Stop(Stop::Capped));
    }

    #[test]
    fn an_absolute_width_is_enough_near_zero() {
        let flat: fn(u64) -> u64 = |_| 0;
        let noisy: fn(u64) -> u64 = |r| 60 * (r % 2);
        let near_zero = NearZero { restricted_mean_s: 40.0, ..RULE.near_zero };
        assert_eq!(after(&[flat, noisy], 10, &Rule { near_zero, ..RULE }), Next::Stop(Stop::Precise));
        let zero = NearZero { restricted_mean_s: 0.0, retry_connections_per_message: 0.0 };
        let exact = Rule { precision: 0.0, near_zero: zero, ..RULE };
        assert_eq!(after(&[flat, noisy], 10, &exact), Next::Continue(20), "no number is enough");
    }

    #[test]
    fn what_has_no_value_ends_it() {
        let mut records = vec![vec![record(0); 10], vec![record(1); 10]];
        records[1][3].cohort.arrived = 0;
        let variants = ["a", "b"].map(|name| (name.to_owned(), Role::Compared));
        assert_eq!(decide_from(&records, &variants, &plan(), &RULE), Next::Stop(Stop::NotComparable));
    }
}
