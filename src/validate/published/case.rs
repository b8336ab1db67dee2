//! What is run: one setting of a model, many times.

use super::batch::Batch;
use super::collapse::Collapse;
use super::known::Known;
use super::laws::Chain;
use super::optimistic_lock::Lock;
use super::overshoot::Overshoot;
use super::peaks::Peaks;
use super::retry_budgets::Calls;
use crate::random::Key;

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Minutes.
    Whole,
    /// Seconds: small settings and few runs, which find faults of many per cent only.
    Quick,
}

impl Depth {
    /// One number or another.
    pub fn pick<T>(self, whole: T, quick: T) -> T {
        match self {
            Self::Whole => whole,
            Self::Quick => quick,
        }
    }

    /// The largest standard error of a comparison that means something, as a part of what is known.
    pub fn greatest_error(self) -> f64 {
        self.pick(0.04, 0.15)
    }
}

/// One setting of a model, what is asked of it, and how often it is run.
#[derive(Clone, Debug)]
pub struct Case {
    pub(super) model: &'static str,
    pub(super) label: String,
    pub(super) asked: Vec<Asked>,
    pub(super) experiment: Experiment,
    pub(super) runs: u32,
}

/// A number that every run gives.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) quantity: String,
    pub(super) known: Option<Known>,
    /// Errors are judged as parts of what is known, or of this if it is more.
    pub(super) scale: f64,
}

impl Asked {
    pub(super) fn new(quantity: impl Into<String>, known: Option<Known>) -> Self {
        Self { quantity: quantity.into(), known, scale: 0.0 }
    }

    /// For numbers that may be near zero.
    pub(super) fn of_scale(self, scale: f64) -> Self {
        Self { scale, ..self }
    }
}

/// What one run is.
#[derive(Clone, Debug)]
pub(super) enum Experiment {
    Lock(Lock),
    Calls(Calls),
    Collapse(Collapse),
    Batch(Batch),
    Peaks(Peaks),
    Overshoot(Overshoot),
    Chain(Chain),
}

/// What one run gave: a value for each number that is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) values: Vec<f64>,
    /// Events that were processed.
    pub(super) events: u64,
}

impl Experiment {
    pub(super) fn run(&self, key: Key) -> Seen {
        match self {
            Self::Lock(lock) => lock.run(key),
            Self::Calls(calls) => calls.run(key),
            Self::Collapse(collapse) => collapse.run(key),
            Self::Batch(batch) => batch.run(key),
            Self::Peaks(peaks) => peaks.run(key),
            Self::Overshoot(overshoot) => overshoot.run(),
            Self::Chain(chain) => chain.run(key),
        }
    }
}
