//! How many replications are simulated, and their way to who wants them.

use std::num::NonZeroUsize;

use rayon::ThreadPoolBuildError;

use crate::experiment::progress::Progress;
use crate::experiment::record::RunRecord;
use crate::experiment::run::{Course, simulate_each};
use crate::experiment::sequential::{self, NearZero, Rule, Stopping};
use crate::experiment::summary::{Plan as Comparison, Role};
use crate::scenario::written::Replications;

/// How many replications every variant gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Amount {
    /// So many.
    Fixed(u32),
    /// As many as a precision takes.
    Sequential(Rule),
}

impl Amount {
    /// What a scenario says.
    pub(super) fn of(written: &Replications) -> Self {
        match written {
            Replications::Count(count) => Self::Fixed(*count),
            Replications::Until(until) => Self::Sequential(Rule {
                precision: until.precision.fraction(),
                near_zero: NearZero {
                    restricted_mean_s: until.near_zero.restricted_mean.span().as_seconds(),
                    retry_connections_per_message: *until.near_zero.retry_connections,
                },
                at_least: *until.at_least,
                at_most: *until.at_most,
            }),
        }
    }

    /// So many are simulated for sure.
    pub(super) const fn at_least(&self) -> u32 {
        match self {
            Self::Fixed(count) => *count,
            Self::Sequential(rule) => rule.at_least,
        }
    }

    /// No more than these are simulated.
    pub(super) const fn at_most(&self) -> u32 {
        match self {
            Self::Fixed(count) => *count,
            Self::Sequential(rule) => rule.at_most,
        }
    }

    /// Whether the records of all variants are kept until the last replication of the last one: how many
    /// are needed is not known before.
    pub(super) const fn keeps_all(&self) -> bool {
        matches!(self, Self::Sequential(_))
    }

    /// Simulates them and hands over the records of each variant that was finished, in order; says why
    /// it ended where that was not known before.
    pub(super) fn simulate<C: Course>(
        &self,
        plans: &[C],
        variants: &[(String, Role)],
        comparison: &Comparison,
        threads: NonZeroUsize,
        progress: &Progress,
        mut hand_over: impl FnMut(usize, Vec<RunRecord>) + Send,
    ) -> Result<Option<Stopping>, ThreadPoolBuildError> {
        match self {
            Self::Fixed(count) => {
                simulate_each(plans, 0..*count, threads, progress, hand_over)?;
                Ok(None)
            }
            Self::Sequential(rule) => {
                let (records, stopping) =
                    sequential::run(plans, variants, comparison, rule, threads, progress)?;
                let finished = (0..).zip(records).filter_map(|(place, records)| Some((place, records?)));
                finished.for_each(|(place, records)| hand_over(place, records));
                Ok(Some(stopping))
            }
        }
    }
}
