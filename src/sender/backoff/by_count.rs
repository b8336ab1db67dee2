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

/// After the k-th failure `min(max, initial factor^(k-1))`, with the power rounded down where
/// `whole_factor` says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponential {
    /// The first delay.
    pub initial: Span,
    /// The factor from one delay to the next; at least 1.
    pub factor: f64,
    /// Whether `factor^(k-1)` is rounded down to a whole number, as maddy does by accident
    /// (internal/target/queue/queue.go converts the power to a `time.Duration`).
    pub whole_factor: bool,
    /// The cap; none: unlimited.
    pub max: Option<Span>,
}

/// Listed delays, of which the last few repeat.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The delays after the first, second, ... failure; at least one.
    pub delays: Vec<Span>,
    /// How many at the end repeat, in their order: at least 1, at most all.
    pub repeat: usize,
}

impl Linear {
    pub(super) fn delay(&self, record: &RetryRecord) -> Span {
        capped(self.step.scale(f64::from(record.failures)), self.max)
    }
}

impl Exponential {
    pub(super) fn delay(&self, record: &RetryRecord) -> Span {
        let exponent = record.failures.saturating_sub(1);
        // Most double, for which whole numbers do: the same delay, without a loop of multiplications.
        let delay =
            if self.factor == 2.0 { doubled(self.initial, exponent) } else { self.by_power(exponent) };
        capped(delay, self.max)
    }

    #[inline(never)]
    fn by_power(&self, exponent: u32) -> Span {
        let power = self.factor.powi(i32::try_from(exponent).unwrap_or(i32::MAX));
        self.initial.scale(if self.whole_factor { power.floor() } else { power })
    }
}

impl List {
    pub(super) fn delay(&self, record: &RetryRecord) -> Span {
        let place = record.failures.saturating_sub(1) as usize;
        let repeat = self.repeat.clamp(1, self.delays.len().max(1));
        let place = match place.checked_sub(self.delays.len()) {
            None => place,
            Some(beyond) => (self.delays.len() + beyond % repeat).saturating_sub(repeat),
        };
        self.delays.get(place).copied().unwrap_or(Span::ZERO)
    }
}

/// A span that is doubled so often, or [`Span::FOREVER`].
fn doubled(span: Span, times: u32) -> Span {
    let power = if times < i64::BITS - 1 { 1 << times } else { i64::MAX };
    Span::from_micros(span.as_micros().saturating_mul(power))
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
        let exponential = Exponential { initial: s(3), factor: 2.0, whole_factor: false, max: Some(s(20)) };
        assert_eq!(seconds(|record| exponential.delay(record)), [3, 6, 12, 20, 20]);
        let list = |repeat| List { delays: vec![s(2), s(7), s(9)], repeat };
        assert_eq!(seconds(|record| list(1).delay(record)), [2, 7, 9, 9, 9]);
        assert_eq!(seconds(|record| list(2).delay(record)), [2, 7, 9, 7, 9]);
        assert_eq!(seconds(|record| list(3).delay(record)), [2, 7, 9, 2, 7]);
    }

    #[test]
    fn to_double_is_to_multiply_by_a_power_of_two() {
        for times in (0..1100).chain([u32::MAX]) {
            for micros in [0, 1, 3, 300_000_000, 86_400_000_001, 1 << 52, (1 << 53) - 1] {
                let (span, factor) = (Span::from_micros(micros), 2.0f64.powi(times.min(1100) as i32));
                assert_eq!(doubled(span, times), span.scale(factor), "{micros} {times}");
            }
        }
    }

    #[test]
    fn powers_may_be_whole_numbers() {
        let initial = Span::from_seconds(100);
        let maddy = Exponential { initial, factor: 1.6, whole_factor: true, max: None };
        assert_eq!(seconds(|record| maddy.delay(record)), [100, 100, 200, 400, 600]);
    }

    #[test]
    fn growth_without_a_cap_saturates() {
        let exponential = Exponential { initial: Span::SECOND, factor: 2.0, whole_factor: false, max: None };
        let record = RetryRecord { failures: 100_000, ..RetryRecord::first(Instant::ZERO) };
        assert_eq!(exponential.delay(&record), Span::FOREVER);
    }
}
