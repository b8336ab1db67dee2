//! Delays that follow how long a message has been in the queue, or a host has been failing.

use crate::sender::RetryRecord;
use crate::time::{Instant, Span};

/// The next try is due when the `power`-th root of the age has grown by that of `unit`: the k-th retry
/// comes `unit k^power` after arrival.
///
/// qmail computes `birth + (isqrt(now - birth) + 20)^2` in whole seconds (qmail-send.c, `nextretry`):
/// unit 400 s, power 2. Roots are therefore rounded down to whole numbers, with ages in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Polynomial {
    /// The age at the first retry; positive.
    pub unit: Span,
    /// The power; positive.
    pub power: f64,
}

/// As long as the age, between bounds: `max(min, min(max, age))` (Postfix qmgr_active.c,
/// `qmgr_active_done_3_generic`).
#[derive(Clone, Debug, PartialEq)]
pub struct AgeDoubling {
    /// The least delay.
    pub min: Span,
    /// The greatest delay; none: unlimited.
    pub max: Option<Span>,
}

/// A delay for each range of ages (chasquid queue.go, `nextDelay`).
#[derive(Clone, Debug, PartialEq)]
pub struct AgeSteps {
    /// The ranges, from young to old.
    pub steps: Vec<AgeStep>,
    /// The delay of all that is older.
    pub then: Span,
}

/// The delay up to an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeStep {
    /// The first age that is too old for this step.
    pub younger_than: Span,
    /// The delay.
    pub every: Span,
}

impl Polynomial {
    pub(super) fn delay(&self, record: &RetryRecord, now: Instant) -> Span {
        let age = record.failing_for(now).max(Span::ZERO);
        // The tolerance keeps the root of an exact power from falling short of its whole number.
        let root = (age.as_seconds().powf(1.0 / self.power) + 1e-9).floor();
        let next = (root + self.unit.as_seconds().powf(1.0 / self.power)).powf(self.power);
        (Span::from_seconds_f64(next) - age).max(Span::ZERO)
    }
}

impl AgeDoubling {
    pub(super) fn delay(&self, record: &RetryRecord, now: Instant) -> Span {
        let age = record.failing_for(now);
        self.max.map_or(age, |max| age.min(max)).max(self.min)
    }
}

impl AgeSteps {
    pub(super) fn delay(&self, record: &RetryRecord, now: Instant) -> Span {
        let age = record.failing_for(now);
        self.steps.iter().find(|step| age < step.younger_than).map_or(self.then, |step| step.every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    const RECORD: RetryRecord = RetryRecord {
        failures: 1,
        first_failed: Instant::ZERO,
        last_try: Instant::ZERO,
        previous_delay: Span::ZERO,
    };

    #[test]
    fn qmail_tries_at_squares() {
        let qmail = Polynomial { unit: Span::from_seconds(400), power: 2.0 };
        for (age, next) in [(0, 400), (400, 1600), (401, 1600), (1600, 3600), (588_289, 619_369)] {
            assert_eq!(qmail.delay(&RECORD, at(age)), Span::from_seconds(next - age), "age {age}");
        }
        let cubic = Polynomial { unit: Span::from_seconds(1000), power: 3.0 };
        assert_eq!(cubic.delay(&RECORD, at(8000)), Span::from_seconds(27_000 - 8000));
    }

    #[test]
    fn ages_are_clamped_with_the_least_delay_winning() {
        let postfix = AgeDoubling { min: Span::from_seconds(300), max: Some(Span::from_seconds(4000)) };
        for (age, delay) in [(0, 300), (299, 300), (1200, 1200), (4800, 4000)] {
            assert_eq!(postfix.delay(&RECORD, at(age)), Span::from_seconds(delay));
        }
        let contradictory = AgeDoubling { min: Span::from_seconds(9), max: Some(Span::from_seconds(4)) };
        assert_eq!(contradictory.delay(&RECORD, at(20)), Span::from_seconds(9));
    }

    #[test]
    fn steps_are_half_open() {
        let s = Span::from_seconds;
        let steps = vec![
            AgeStep { younger_than: s(60), every: s(60) },
            AgeStep { younger_than: s(300), every: s(300) },
        ];
        let chasquid = AgeSteps { steps, then: s(1200) };
        for (age, delay) in [(0, 60), (59, 60), (60, 300), (300, 1200), (99_999, 1200)] {
            assert_eq!(chasquid.delay(&RECORD, at(age)), s(delay));
        }
    }
}
