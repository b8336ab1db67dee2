//! The jittered backoffs of Finagle, whose jitter ends at the cap.
//!
//! Finagle finagle-core/src/main/scala/com/twitter/finagle/Backoff.scala, `equalJittered` and
//! `exponentialJittered`. Both give their first delay without jitter, and turn into a constant once they
//! have reached the cap. `decorrelatedJittered` is a [`Jitter`](super::Jitter).

use crate::random::Draw;
use crate::sender::RetryRecord;
use crate::time::Span;

/// `start`, then `h + U(0, h)` with `h = start 2^(k-2)` after the k-th failure, at most `max`. With 5 s and
/// 300 s this is how Finagle leaves dead hosts alone.
#[derive(Clone, Debug, PartialEq)]
pub struct FinagleEqual {
    /// The first delay; longer than zero.
    pub start: Span,
    /// The cap.
    pub max: Span,
}

/// `start`, then `U(0, 2^(k-1) s)` after the k-th failure, where `s` is the delay chosen last; `max` from the
/// failure on at which that range would reach it.
///
/// The formula that the program documents, with `start` in place of `s`, is not what it computes: what was
/// drawn is the start of the next draw.
#[derive(Clone, Debug, PartialEq)]
pub struct FinagleExponential {
    /// The first delay; longer than zero.
    pub start: Span,
    /// The cap.
    pub max: Span,
}

impl FinagleEqual {
    pub(super) fn delay(&self, record: &RetryRecord, draw: &mut Draw) -> Span {
        let Some(doublings) = record.failures.checked_sub(2) else { return self.start.min(self.max) };
        let half = doubled(self.start, doublings);
        half.saturating_add(draw.span_up_to(half)).min(self.max)
    }
}

impl FinagleExponential {
    pub(super) fn delay(&self, record: &RetryRecord, draw: &mut Draw) -> Span {
        if record.failures <= 1 {
            return self.start.min(self.max);
        }
        // A delay that was drawn as zero would stay zero for ever.
        let last = record.previous_delay.max(Span::MICROSECOND);
        let range = doubled(last, record.failures - 1);
        if range >= self.max { self.max } else { draw.span_up_to(range) }
    }
}

fn doubled(span: Span, times: u32) -> Span {
    span.scale(f64::from(times.min(1000)).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};
    use crate::time::Instant;

    const START: Span = Span::from_seconds(5);
    const MAX: Span = Span::from_seconds(300);

    /// The delays of a message that always fails.
    fn chain(message: u64, delay: impl Fn(&RetryRecord, &mut Draw) -> Span) -> Vec<Span> {
        let mut record = RetryRecord { failures: 0, ..RetryRecord::first(Instant::ZERO) };
        let mut delays = Vec::new();
        for k in 1..=2000 {
            record.failures = k;
            record.previous_delay =
                delay(&record, &mut Key::new(1, 0).draw(Purpose::Jitter, message, u64::from(k)));
            delays.push(record.previous_delay);
        }
        delays
    }

    #[test]
    fn both_begin_with_the_start_and_end_at_the_cap() {
        for message in 0..100 {
            let equal = FinagleEqual { start: START, max: MAX };
            let delays = chain(message, |record, draw| equal.delay(record, draw));
            assert_eq!(delays[0], START);
            assert!(START <= delays[1] && delays[1] < START * 2);
            assert!(START * 2 <= delays[2] && delays[2] < START * 4);
            assert!(delays[7..].iter().all(|delay| *delay == MAX));
            let exponential = FinagleExponential { start: START, max: MAX };
            let delays = chain(message, |record, draw| exponential.delay(record, draw));
            assert_eq!(delays[0], START);
            assert!(delays[1] < START * 2);
            assert!(delays[2] < delays[1] * 4 || delays[2] == MAX);
            let constant = delays.iter().position(|delay| *delay == MAX).expect("it gets there");
            assert!(delays[constant..].iter().all(|delay| *delay == MAX));
        }
    }
}
