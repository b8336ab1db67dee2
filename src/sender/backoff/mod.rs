//! How long until the next try: a growth that says what is expected, and a jitter on top.
//!
//! The same code serves every [`RetryRecord`]: that of a message, a host, a route or a whole queue.
//! Retry `k` follows the `k`-th failure. A cap is applied before the jitter.

mod by_age;
mod by_count;
mod count_power;
mod exim_rule;
mod exim_rules;
mod finagle;
mod jitter;
mod milestones;
mod smooth_exponential;

use std::fmt;

use super::RetryRecord;
use crate::random::Draw;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

pub use by_age::{AgeDoubling, AgeStep, AgeSteps, Polynomial};
pub use by_count::{Exponential, Fixed, Linear, List};
pub use count_power::CountPower;
pub use exim_rule::{EximRule, Kind, RuleError, Segment};
pub use exim_rules::{Codes, ErrorClass, EximRules};
pub use finagle::{FinagleEqual, FinagleExponential};
pub use jitter::Jitter;
pub use milestones::Milestones;
pub use smooth_exponential::SmoothExponential;

/// A growth that this crate does not ship.
pub trait Grow: fmt::Debug + Send + Sync {
    /// The delay after the failure that `record` has just counted, from `now`, what the sender's clock
    /// shows; not negative. `draw` belongs to this failure.
    fn delay(&self, record: &RetryRecord, now: Instant, draw: &mut Draw) -> Span;

    /// The age at which this growth itself gives up.
    fn cutoff(&self) -> Option<Span> {
        None
    }
}

/// How the delay grows from failure to failure.
#[derive(Debug)]
pub enum Growth {
    /// No delay at all.
    Immediate,
    /// Always the same delay.
    Fixed(Fixed),
    /// One step longer after each failure.
    Linear(Linear),
    /// Longer by a factor after each failure.
    Exponential(Exponential),
    /// The k-th retry a power of k after arrival (qmail).
    Polynomial(Polynomial),
    /// The k-th retry at a fixed age, a power of k (OpenSMTPD).
    Milestones(Milestones),
    /// As long as the message is old (Postfix).
    AgeDoubling(AgeDoubling),
    /// By age, in steps (chasquid).
    AgeSteps(AgeSteps),
    /// From a list, whose end repeats.
    List(List),
    /// A retry rule of Exim.
    EximRule(EximRule),
    /// Retry rules of Exim by class of error.
    EximRules(EximRules),
    /// A power of the number of failures (Sidekiq).
    CountPower(CountPower),
    /// Doubling, smoothed by chance (Polly).
    SmoothExponential(SmoothExponential),
    /// Doubling with a uniform half, but not at the cap (Finagle).
    FinagleEqual(FinagleEqual),
    /// Uniform in a range that grows from what was drawn last (Finagle).
    FinagleExponential(FinagleExponential),
    /// One's own.
    Custom(Box<dyn Grow>),
}

/// How long until the next try.
///
/// ```
/// use tempfail::random::{Key, Purpose};
/// use tempfail::sender::backoff::{Backoff, Exponential, Growth, Jitter};
/// use tempfail::sender::RetryRecord;
/// use tempfail::time::{Instant, Span};
///
/// let backoff = Backoff {
///     growth: Growth::Exponential(Exponential {
///         initial: Span::from_seconds(300),
///         factor: 2.0,
///         whole_factor: false,
///         max: Some(Span::from_seconds(14_400)),
///     }),
///     jitter: Jitter::None,
/// };
/// let record = RetryRecord { failures: 3, ..RetryRecord::first(Instant::ZERO) };
/// let mut draw = Key::new(1, 0).draw(Purpose::Jitter, 0, 3);
/// assert_eq!(backoff.delay(&record, Instant::ZERO, &mut draw), Span::from_seconds(1200));
/// ```
#[derive(Debug)]
pub struct Backoff {
    /// What is expected.
    pub growth: Growth,
    /// How chance changes it.
    pub jitter: Jitter,
}

impl Backoff {
    /// The delay after the failure that `record` has just counted. `now` is what the sender's clock
    /// shows; `draw` belongs to this failure.
    #[inline(always)]
    pub fn delay(&self, record: &RetryRecord, now: Instant, draw: &mut Draw) -> Span {
        let expected = match &self.growth {
            Growth::Fixed(growth) => growth.every,
            Growth::Exponential(growth) => growth.delay(record),
            _ => self.expected(record, now, draw),
        };
        self.jitter.apply(expected, record.previous_delay, draw).max(Span::ZERO)
    }

    /// The delay before its jitter.
    #[inline(never)]
    fn expected(&self, record: &RetryRecord, now: Instant, draw: &mut Draw) -> Span {
        match &self.growth {
            Growth::Immediate => Span::ZERO,
            Growth::Fixed(growth) => growth.every,
            Growth::Linear(growth) => growth.delay(record),
            Growth::Exponential(growth) => growth.delay(record),
            Growth::Polynomial(growth) => growth.delay(record, now),
            Growth::Milestones(growth) => growth.delay(record, now),
            Growth::AgeDoubling(growth) => growth.delay(record, now),
            Growth::AgeSteps(growth) => growth.delay(record, now),
            Growth::List(growth) => growth.delay(record),
            Growth::EximRule(growth) => growth.delay(record, now, draw),
            Growth::EximRules(rules) => rules.last().map_or(Span::ZERO, |rule| rule.delay(record, now, draw)),
            Growth::CountPower(growth) => growth.delay(record, draw),
            Growth::SmoothExponential(growth) => growth.delay(record, draw),
            Growth::FinagleEqual(growth) => growth.delay(record, draw),
            Growth::FinagleExponential(growth) => growth.delay(record, draw),
            Growth::Custom(growth) => growth.delay(record, now, draw),
        }
    }

    /// The delay after a failure of this kind; none: it is not tried again.
    #[inline(always)]
    pub fn delay_after(
        &self,
        failure: Failure,
        record: &RetryRecord,
        now: Instant,
        draw: &mut Draw,
    ) -> Option<Span> {
        match &self.growth {
            Growth::EximRules(rules) => rules.applying(failure).map(|rule| rule.delay(record, now, draw)),
            _ => Some(self.delay(record, now, draw)),
        }
    }

    /// The age at which the growth itself gives up what fails so.
    pub fn cutoff_after(&self, failure: Failure) -> Option<Span> {
        match &self.growth {
            Growth::EximRules(rules) => rules.applying(failure).map(EximRule::cutoff),
            _ => self.cutoff(),
        }
    }

    /// Whether a delay depends on the one before it, or on when the last try was. Where it does not, nobody
    /// needs to remember these.
    #[inline]
    pub fn looks_back(&self) -> bool {
        // All members are named, so that a new one has to say.
        let by_growth = match &self.growth {
            Growth::EximRule(_)
            | Growth::EximRules(_)
            | Growth::FinagleExponential(_)
            | Growth::Custom(_) => true,
            Growth::Immediate
            | Growth::Fixed(_)
            | Growth::Linear(_)
            | Growth::Exponential(_)
            | Growth::Polynomial(_)
            | Growth::Milestones(_)
            | Growth::AgeDoubling(_)
            | Growth::AgeSteps(_)
            | Growth::List(_)
            | Growth::CountPower(_)
            | Growth::SmoothExponential(_)
            | Growth::FinagleEqual(_) => false,
        };
        by_growth || self.jitter.looks_back()
    }

    /// Whether retry rules of Exim decide.
    pub fn is_exim(&self) -> bool {
        matches!(self.growth, Growth::EximRule(_) | Growth::EximRules(_))
    }

    /// The age at which the growth itself gives up: the last cutoff of an Exim rule.
    #[inline]
    pub fn cutoff(&self) -> Option<Span> {
        match &self.growth {
            Growth::EximRule(rule) => Some(rule.cutoff()),
            Growth::EximRules(rules) => Some(rules.cutoff()),
            Growth::Custom(growth) => growth.cutoff(),
            _ => None,
        }
    }
}
