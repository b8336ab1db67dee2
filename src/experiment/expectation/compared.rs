//! Claims about one variant beside another.

use super::{Found, State, between};
use crate::experiment::metric::position;
use crate::experiment::summary::{Runs, common};
use crate::stats::paired::paired;
use crate::stats::ratio::ratio_interval;
use crate::stats::summary::Interval;

/// A variant against another one, by the replications that both have.
#[derive(Clone, Copy)]
pub(super) struct Compared {
    difference: (f64, Interval),
    /// As parts of the other's mean.
    change: Option<(f64, Interval)>,
}

impl Compared {
    /// # Errors
    ///
    /// In how many replications both have a value, where that is not in all.
    pub(super) fn of(metric: &str, ours: &Runs, theirs: &Runs, confidence: f64) -> Result<Self, Found> {
        let Some(place) = position(metric) else { return Err(Found::Attained(0, ours.runs.len())) };
        let pairs = common(theirs, ours, place);
        let found =
            pairs.and_then(|(theirs, ours)| Some((paired(&theirs, &ours, confidence)?, theirs, ours)));
        let Some((paired, theirs, ours)) = found else {
            return Err(Found::Attained(both_attained(ours, theirs, place), ours.runs.len()));
        };
        let less_one = |ratio: Interval| Interval { low: ratio.low - 1.0, high: ratio.high - 1.0 };
        let change = paired.relative_difference();
        let interval = ratio_interval(&ours, &theirs, confidence).map(less_one);
        Ok(Self {
            difference: (paired.difference.mean, paired.difference.interval()),
            change: change.zip(interval),
        })
    }

    pub(super) fn below(self, by: f64) -> (Found, State) {
        let (difference, interval) = self.difference;
        match by {
            0.0 => (Found::Difference(difference, interval), above_zero(-interval.high, -interval.low)),
            _ => self.part(|change| between(change, None, Some(-by))),
        }
    }

    pub(super) fn above(self, by: f64) -> (Found, State) {
        let (difference, interval) = self.difference;
        match by {
            0.0 => (Found::Difference(difference, interval), above_zero(interval.low, interval.high)),
            _ => self.part(|change| between(change, Some(by), None)),
        }
    }

    pub(super) fn same(self, within: f64) -> (Found, State) {
        let (difference, interval) = self.difference;
        match interval {
            // Two that are nothing, or the same throughout, are the same.
            Interval { low: 0.0, high: 0.0 } => (Found::Difference(difference, interval), State::Met),
            _ => self.part(|change| between(change, Some(-within), Some(within))),
        }
    }

    fn part(self, judge: impl Fn(Interval) -> State) -> (Found, State) {
        match self.change {
            Some((change, interval)) => (Found::Change(change, interval), judge(interval)),
            None => (Found::PartOfNothing, State::NotDecided),
        }
    }
}

/// Whether something is above zero, by the ends of its interval.
fn above_zero(low: f64, high: f64) -> State {
    if low > 0.0 {
        State::Met
    } else if high <= 0.0 {
        State::Violated
    } else {
        State::NotDecided
    }
}

fn both_attained(one: &Runs, other: &Runs, place: usize) -> usize {
    let pairs = one.runs.iter().zip(&other.runs);
    pairs.filter(|(one, other)| one.values[place].is_some() && other.values[place].is_some()).count()
}
