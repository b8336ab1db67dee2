//! Two counts over a sliding time.

use std::collections::VecDeque;
use std::ops::AddAssign;

use crate::time::{Instant, Span};

/// Of how many slots the time consists, the one that is filling included: as in Twitter's `WindowedAdder`
/// and Polly's `RollingHealthMetrics`. What is counted is forgotten between nine and ten slots later.
const SLOTS: i64 = 10;

/// What was counted: all of something, and a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) all: i64,
    pub(super) part: i64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.all += other.all;
        self.part += other.part;
    }
}

/// Two counts over the last while. Slots begin at the first count, so that hosts do not forget in step.
#[derive(Debug)]
pub(super) struct Sliding {
    slot: Span,
    start: Option<Instant>,
    /// Slots with something in them, by their number since the start.
    slots: VecDeque<(i64, Tally)>,
    sum: Tally,
}

impl Sliding {
    /// Counts over `time`.
    pub(super) fn over(time: Span) -> Self {
        let slot = (time / SLOTS).max(Span::MICROSECOND);
        Self { slot, start: None, slots: VecDeque::new(), sum: Tally::default() }
    }

    /// Counts something.
    pub(super) fn add(&mut self, now: Instant, what: Tally) {
        let slot = self.forget(now);
        match self.slots.back_mut() {
            Some((last, tally)) if *last == slot => *tally += what,
            _ => self.slots.push_back((slot, what)),
        }
        self.sum += what;
    }

    /// What was counted lately.
    pub(super) fn sum(&mut self, now: Instant) -> Tally {
        self.forget(now);
        self.sum
    }

    /// Forgets what is too old. Returns the number of the present slot.
    fn forget(&mut self, now: Instant) -> i64 {
        let start = *self.start.get_or_insert(now);
        let present = (now - start).as_micros().div_euclid(self.slot.as_micros());
        while let Some((slot, tally)) = self.slots.front()
            && *slot <= present - SLOTS
        {
            self.sum.all -= tally.all;
            self.sum.part -= tally.part;
            self.slots.pop_front();
        }
        present
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_forgotten_slot_by_slot() {
        let at = |seconds| Instant::ZERO + Span::from_seconds(seconds);
        let mut counts = Sliding::over(Span::from_seconds(10));
        // Slots begin at 5, 6, 7 ...
        for (when, part) in [(5, 1), (5, 0), (6, 1), (9, 0)] {
            counts.add(at(when), Tally { all: 1, part });
        }
        let sums = [9, 14, 15, 16, 18, 19].map(|when| {
            let tally = counts.sum(at(when));
            (tally.all, tally.part)
        });
        assert_eq!(sums, [(4, 2), (4, 2), (2, 1), (1, 0), (1, 0), (0, 0)]);
    }
}
