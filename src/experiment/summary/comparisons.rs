//! The compared variants against the baseline: the family of comparisons, and who wins how often.

use super::{Plan, Role, Runs};
use crate::experiment::metric::{Better, METRICS, Metric};
use crate::stats::family::{Judgement, Pair, judge};
use crate::stats::proportion::clopper_pearson;
use crate::stats::summary::Interval;
use crate::stats::verdict::Margin;

/// A variant against the baseline, replication by replication.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wins {
    /// Replications in which it is better by more than the smallest difference that matters.
    pub better: usize,
    /// Replications in which it is worse by more than that.
    pub worse: usize,
    /// All of them.
    pub replications: usize,
    /// The exact interval of the probability to be better.
    pub share: Interval,
}

impl Wins {
    /// Replications in which the difference does not matter.
    pub fn alike(&self) -> usize {
        self.replications - self.better - self.worse
    }

    /// Counts where `other` beats `baseline` by more than a part of the latter.
    fn of(metric: &Metric, baseline: &[f64], other: &[f64], plan: &Plan) -> Option<Self> {
        let gains = baseline.iter().zip(other).map(|(baseline, other)| {
            let margin = plan.smallest_difference * baseline.abs();
            let gain = if metric.better == Better::Higher { other - baseline } else { baseline - other };
            (gain > margin, -gain > margin)
        });
        let (better, worse): (Vec<bool>, Vec<bool>) = gains.unzip();
        let count = |is_so: &[bool]| is_so.iter().filter(|is_so| **is_so).count();
        let (better, worse) = (count(&better), count(&worse));
        let share = clopper_pearson(better, baseline.len(), plan.confidence)?;
        Some(Self { better, worse, replications: baseline.len(), share })
    }
}

/// What is compared with the baseline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) group: usize,
    pub(super) variant: usize,
    pub(super) metric: usize,
}

/// The family of comparisons and what was found; `None` where a group has no baseline or a comparison cannot be
/// made.
pub(super) fn comparisons(groups: &[&[Runs]], plan: &Plan) -> Option<Vec<(Place, Judgement, Option<Wins>)>> {
    let mut places = Vec::new();
    let mut series = Vec::new();
    for (group, variants) in groups.iter().enumerate() {
        let baseline = variants.iter().find(|runs| runs.variant == plan.baseline)?;
        if !plan.is_settled(&baseline.variant) {
            return None;
        }
        for (variant, runs) in variants.iter().enumerate() {
            let is_compared = runs.role == Role::Compared && plan.is_settled(&runs.variant);
            if !is_compared || runs.variant == plan.baseline {
                continue;
            }
            for (metric, _) in METRICS.iter().enumerate().filter(|(_, metric)| metric.primary) {
                places.push(Place { group, variant, metric });
                series.push(common(baseline, runs, metric)?);
            }
        }
    }
    let pairs: Vec<Pair<'_>> = series.iter().map(|(baseline, other)| Pair { baseline, other }).collect();
    let margin = Margin { relative: plan.smallest_difference, ..Margin::default() };
    let judgements = judge(&pairs, plan.confidence, margin)?;
    let wins = places
        .iter()
        .zip(&series)
        .map(|(place, (baseline, other))| Wins::of(&METRICS[place.metric], baseline, other, plan));
    Some(
        places
            .iter()
            .zip(judgements)
            .zip(wins)
            .map(|((&place, judgement), wins)| (place, judgement, wins))
            .collect(),
    )
}

/// A metric of the replications that both variants have, in the same order; `None` where one has
/// no value. The baseline's come first.
pub(in crate::experiment) fn common(
    baseline: &Runs,
    other: &Runs,
    metric: usize,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let mut others = other.runs.iter().peekable();
    let mut pairs = Vec::new();
    for run in &baseline.runs {
        while others.next_if(|other| other.replication < run.replication).is_some() {}
        if let Some(other) = others.next_if(|other| other.replication == run.replication) {
            pairs.push((run.values[metric]?, other.values[metric]?));
        }
    }
    Some(pairs.into_iter().unzip())
}
