//! How long until the next try: a growth that says what is expected, and a jitter on top.
//!
//! The same code serves every [`RetryRecord`]: that of a message, a host, a route or a whole queue.
//! Retry `k` follows the `k`-th failure. A cap is applied before the jitter.

mod by_age;
mod by_count;
mod exim_rule;
mod jitter;

use std::fmt;

use super::RetryRecord;
use crate::random::Draw;
use crate::time::{Instant, Span};

pub use by_age::{AgeDoubling, AgeStep, AgeSteps, Polynomial};
pub use by_count::{Exponential, Fixed, Linear, List};
pub use exim_rule::{EximRule, Kind, RuleError, Segment};
pub use jitter::Jitter;

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
    /// As long as the message is old (Postfix).
    AgeDoubling(AgeDoubling),
    /// By age, in steps (chasquid).
    AgeSteps(AgeSteps),
    /// From a list, whose end repeats.
    List(List),
    /// A retry rule of Exim.
    EximRule(EximRule),
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
    pub fn delay(&self, record: &RetryRecord, now: Instant, draw: &mut Draw) -> Span {
        let expected = match &self.growth {
            Growth::Immediate => Span::ZERO,
            Growth::Fixed(growth) => growth.every,
            Growth::Linear(growth) => growth.delay(record),
            Growth::Exponential(growth) => growth.delay(record),
            Growth::Polynomial(growth) => growth.delay(record, now),
            Growth::AgeDoubling(growth) => growth.delay(record, now),
            Growth::AgeSteps(growth) => growth.delay(record, now),
            Growth::List(growth) => growth.delay(record),
            Growth::EximRule(growth) => growth.delay(record, now, draw),
            Growth::Custom(growth) => growth.delay(record, now, draw),
        };
        self.jitter.apply(expected, record.previous_delay, draw).max(Span::ZERO)
    }

    /// The age at which the growth itself gives up: the last cutoff of an Exim rule.
    pub fn cutoff(&self) -> Option<Span> {
        match &self.growth {
            Growth::EximRule(rule) => Some(rule.cutoff()),
            Growth::Custom(growth) => growth.cutoff(),
            _ => None,
        }
    }
}
