//! Tries at fixed ages, however the tries before them fell.

use crate::sender::RetryRecord;
use crate::time::{Instant, Span};

/// The next try is due at age `unit k^power`, for the first k that is at least the number of failures
/// and whose age lies ahead (OpenSMTPD scheduler_ramqueue.c, `scheduler_next`).
///
/// [`Polynomial`](super::Polynomial) goes on from the age at the last try instead; for tries in time they
/// are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Milestones {
    /// The age at the first retry; positive.
    pub unit: Span,
    /// The power; positive.
    pub power: f64,
}

impl Milestones {
    pub(super) fn delay(&self, record: &RetryRecord, now: Instant) -> Span {
        let age = record.failing_for(now).max(Span::ZERO);
        let passed = (age.as_seconds() / self.unit.as_seconds()).powf(1.0 / self.power);
        // Rounding may have put an exact root on either side of its whole number.
        let mut step = f64::from(record.failures).max(passed.floor() - 1.0);
        loop {
            let due = Span::from_seconds_f64(self.unit.as_seconds() * step.powf(self.power));
            if due > age {
                return due - age;
            }
            step += 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_at_squares_that_lie_ahead() {
        let opensmtpd = Milestones { unit: Span::from_seconds(400), power: 2.0 };
        let cases = [(1, 0, 400), (1, 399, 400), (1, 400, 1600), (2, 500, 1600), (5, 500, 10_000)];
        for (failures, age, next) in cases {
            let record = RetryRecord { failures, ..RetryRecord::first(Instant::ZERO) };
            let now = Instant::ZERO + Span::from_seconds(age);
            assert_eq!(opensmtpd.delay(&record, now), Span::from_seconds(next - age), "{failures} at {age}");
        }
    }
}
