//! Delays that follow the number of failures.

use crate::sender::RetryRecord;
use crate::time::Span;

/// Always the same delay.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// The delay.
    pub every: Span,
}

/// After the k-th failure `min(max, k step)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// What each failure adds.
    pub step: Span,
    /// The cap; none: unlimited.
    pub max: Option<Span>,
}

/// After the k-th failure `min(max, initial factor^(k-1))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponential {
    /// The first delay.
    pub initial: Span,
    /// The factor from one delay to the next; at least 1.
    pub factor: f64,
    /// The cap; none: unlimited.
    pub max: Option<Span>,
}

/// Listed delays; the last repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The delays after the first, second, ... failure; at least one.
    pub delays: Vec<Span>,
}

impl Linear {
    pub(super) fn delay(&self, record: &RetryRecord) -> Span {
        capped(self.step.scale(f64::from(record.failures)), self.max)
    }
}

impl Exponential {
    pub(super) fn delay(&self, record: &RetryRecord) -> Span {
        let doublings = i32::try_from(record.failures.saturating_sub(1)).unwrap_or(i32::MAX);
        capped(self.initial.scale(self.factor.powi(doublings)), self.max)
    }
}

impl List {
    pub(super) fn delay(&self, record: &RetryRecord) -> Span {
        let place = (record.failures.saturating_sub(1) as usize).min(self.delays.len().saturating_sub(1));
        self.delays.get(place).copied().unwrap_or(Span::ZERO)
    }
}

pub(super) fn capped(delay: Span, max: Option<Span>) -> Span {
    max.map_or(delay, |max| delay.min(max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    fn seconds(delay: impl Fn(&RetryRecord) -> Span) -> Vec<i64> {
        let record = |failures| RetryRecord { failures, ..RetryRecord::first(Instant::ZERO) };
        (1..=5).map(|k| delay(&record(k)).as_micros() / 1_000_000).collect()
    }

    #[test]
    fn delays_grow_as_their_names_say_and_stop_at_the_cap() {
        let s = Span::from_seconds;
        let linear = Linear { step: s(5), max: Some(s(18)) };
        assert_eq!(seconds(|record| linear.delay(record)), [5, 10, 15, 18, 18]);
        let exponential = Exponential { initial: s(3), factor: 2.0, max: Some(s(20)) };
        assert_eq!(seconds(|record| exponential.delay(record)), [3, 6, 12, 20, 20]);
        let list = List { delays: vec![s(2), s(7)] };
        assert_eq!(seconds(|record| list.delay(record)), [2, 7, 7, 7, 7]);
    }

    #[test]
    fn growth_without_a_cap_saturates() {
        let exponential = Exponential { initial: Span::SECOND, factor: 2.0, max: None };
        let record = RetryRecord { failures: 100_000, ..RetryRecord::first(Instant::ZERO) };
        assert_eq!(exponential.delay(&record), Span::FOREVER);
    }
}
