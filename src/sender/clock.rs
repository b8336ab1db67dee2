//! The clock of a sending program: many read whole seconds only.

use crate::time::{Instant, Span};

/// How a host reads the time: its resolution and where its ticks lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    resolution: Span,
    phase: Span,
}

impl Clock {
    /// A clock that shows the exact time.
    pub const EXACT: Self = Self { resolution: Span::ZERO, phase: Span::ZERO };

    /// A clock that ticks every `resolution`, at `phase` and multiples of `resolution` from there.
    /// A resolution of zero is exact.
    pub const fn new(resolution: Span, phase: Span) -> Self {
        Self { resolution, phase }
    }

    /// What the clock shows: the last tick.
    #[inline]
    pub fn read(self, now: Instant) -> Instant {
        match self.resolution {
            Span::ZERO => now,
            // Most programs read whole seconds, several times for each attempt.
            Span::SECOND => now.floor_to_second(self.phase),
            resolution => now.floor_to(resolution, self.phase),
        }
    }

    /// When the clock first shows `shown` or later.
    #[inline]
    pub fn first_showing(self, shown: Instant) -> Instant {
        if self.resolution == Span::ZERO || shown >= FAR {
            return shown;
        }
        let before = self.read(shown);
        if before == shown { shown } else { before + self.resolution }
    }

    /// The first reading that is later than `shown`, which must be a reading itself.
    pub fn after(self, shown: Instant) -> Instant {
        shown.saturating_add(self.resolution.max(Span::MICROSECOND))
    }
}

/// The timers of a program that waits in whole seconds for its next timer or for anything else to happen.
///
/// A timer that is due within a second goes off with the first thing that happens in that second, or else
/// as far into it as the wait began within its own: Postfix src/util/events.c, `event_loop`, computes the
/// wait from `time()`. And a wait ends late by up to a thousandth of its length, at most 0.1 s, because the
/// kernel puts wake-ups together (Linux fs/select.c, `select_estimate_accuracy`); measured with Postfix:
/// 3.6 ms in 2 s. So timers wander through their second, and now and then into the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WholeSeconds {
    clock: Clock,
    stirred: Instant,
    /// By which share of their length waits end late.
    late: f64,
}

impl WholeSeconds {
    const MOST_LATE: Span = Span::from_micros(100_000);

    /// Of a program whose last wait began at `stirred`.
    pub(super) fn new(clock: Clock, stirred: Instant, late: f64) -> Self {
        Self { clock, stirred, late: if clock.resolution > Span::ZERO { late } else { 0.0 } }
    }

    /// The clock of the program.
    pub(super) fn clock(self) -> Clock {
        self.clock
    }

    /// Something happens now.
    pub(super) fn stir(&mut self, now: Instant) {
        self.stirred = now;
    }

    /// When a timer goes off for which the clock has to show `due`, if nothing else happens.
    pub(super) fn goes_off(self, due: Instant) -> Instant {
        let began = self.clock.read(self.stirred);
        let into_its_second = self.stirred - began;
        due.saturating_add(into_its_second).saturating_add(self.lateness(due - began))
    }

    /// How late a wait of this length ends.
    pub(super) fn lateness(self, wait: Span) -> Span {
        wait.max(Span::ZERO).scale(self.late).min(Self::MOST_LATE)
    }
}

/// Beyond this nothing is rounded, so that rounding cannot overflow.
const FAR: Instant = Instant::from_micros(i64::MAX / 2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_of_whole_seconds_shows_the_last_tick() {
        let clock = Clock::new(Span::SECOND, Span::from_micros(300_000));
        let now = Instant::from_micros(5_200_000);
        assert_eq!(clock.read(now), Instant::from_micros(4_300_000));
        assert_eq!(clock.first_showing(now), Instant::from_micros(5_300_000));
        assert_eq!(clock.after(clock.read(now)), Instant::from_micros(5_300_000));
        assert_eq!(Clock::EXACT.read(now), now);
        assert_eq!(clock.first_showing(Instant::NEVER), Instant::NEVER);
    }

    #[test]
    fn timers_in_whole_seconds_go_off_late() {
        let at = |millis: i64| Instant::from_micros(millis * 1000);
        let timers =
            |clock, stirred, late| WholeSeconds::new(Clock::new(clock, Span::ZERO), at(stirred), late);
        // Something happened at 10.7 s: the wait of two seconds is over at 12.7 s and 2 ms.
        assert_eq!(timers(Span::SECOND, 10_700, 0.0).goes_off(at(12_000)), at(12_700));
        assert_eq!(timers(Span::SECOND, 10_700, 0.001).goes_off(at(12_000)), at(12_702));
        assert_eq!(timers(Span::SECOND, 10_999, 0.001).goes_off(at(310_000)), at(311_099));
        assert_eq!(timers(Span::ZERO, 10_700, 0.001).goes_off(at(12_500)), at(12_500));
    }
}
