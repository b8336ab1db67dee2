//! Maintenance: windows of time in which all or part of the capacity is missing.

use std::iter::Peekable;

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::random::Key;
use crate::recipient::schedule::{When, Windows};
use crate::smtp::{Failure, Stage};
use crate::time::{Instant, Span};

/// Refuses what exceeds the open part of the capacity.
///
/// The open part is a share of [`Settings::slots_limit`](crate::recipient::Settings::slots_limit),
/// rounded down; of an unlimited capacity every share above zero is unlimited. At the stages before
/// the first transaction it is compared with the slots in use, later with the messages that are being
/// transferred. Nothing is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Maintenance {
    /// The windows.
    pub when: When,
    /// What is answered, and at which stage.
    pub answer: Failure,
    /// What happens at the start to sessions for which there is no capacity any more.
    pub sessions: Sessions,
    /// Share of the capacity that stays up during the windows, in [0, 1].
    pub capacity: f64,
    /// How capacity comes back.
    pub reopen: Reopen,
    /// What one refusal uses.
    pub cost: Cost,
}

/// What happens to sessions under way when a window opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// They go on to their end. Connections that wait for a slot or for the acceptor are under way.
    Finish,
    /// They are cut without a word: all that wait, and in slots as many as exceed the capacity that
    /// stays, the youngest first.
    Cut,
}

/// How capacity comes back after a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reopen {
    /// All of it at the end of the window.
    AtOnce,
    /// After the end of the window, `1/steps` of it during the first of `steps` equal parts of
    /// `over`, `2/steps` during the second and so on; never less than what stayed up.
    Staged {
        /// Length of all parts together.
        over: Span,
        /// Number of parts; at least 1.
        steps: u32,
    },
}

impl Reopen {
    /// How long after the end of a window a part of the capacity is still missing: during the last stage
    /// nothing is.
    pub fn partly_for(self) -> Span {
        match self {
            Self::AtOnce => Span::ZERO,
            Self::Staged { over, steps } => over * i64::from(steps.max(1) - 1) / i64::from(steps.max(1)),
        }
    }
}

impl Maintenance {
    /// How many of `limit` slots are open while `share` of the capacity is.
    pub fn open_slots(limit: Option<u32>, share: f64) -> Option<u32> {
        match limit {
            _ if share >= 1.0 => limit,
            // The least that a product is wrong by must not cost a slot.
            Some(limit) => Some((f64::from(limit) * share + 1e-9) as u32),
            None => (share <= 0.0).then_some(0),
        }
    }

    /// The share of the capacity that is open, at each instant at which it changes; it is 1 before.
    /// There may be infinitely many changes.
    ///
    /// `key` belongs to the gate: the key of the recipient `.named` by the gate.
    pub fn open_share(&self, key: Key) -> OpenShare {
        let (over, steps) = match self.reopen {
            Reopen::AtOnce => (Span::ZERO, 1),
            Reopen::Staged { over, steps } => (over, steps.max(1)),
        };
        let windows = self.when.windows(key).peekable();
        OpenShare { windows, capacity: self.capacity, over, steps, reopening: None }
    }
}

/// The changes of the open share of the capacity; see [`Maintenance::open_share`].
#[derive(Clone, Debug)]
pub struct OpenShare {
    windows: Peekable<Windows>,
    capacity: f64,
    over: Span,
    steps: u32,
    /// The end of the last window and the next step of reopening, from zero.
    reopening: Option<(Instant, u32)>,
}

impl Iterator for OpenShare {
    type Item = (Instant, f64);

    fn next(&mut self) -> Option<(Instant, f64)> {
        if let Some((end, step)) = self.reopening.take() {
            let at = end.saturating_add(self.over * i64::from(step) / i64::from(self.steps));
            if at == Instant::NEVER {
                return None;
            }
            if self.windows.peek().is_none_or(|window| at < window.start) {
                let opened = step + 1;
                self.reopening = (opened < self.steps).then_some((end, opened));
                return Some((at, (f64::from(opened) / f64::from(self.steps)).max(self.capacity)));
            }
        }
        let window = self.windows.next()?;
        self.reopening = Some((window.end, 0));
        Some((window.start, self.capacity))
    }
}

/// The gate at work.
#[derive(Clone, Debug)]
pub(in crate::recipient) struct Running {
    settings: Maintenance,
    share: f64,
    /// The next change, and those after it.
    next: Option<(Instant, f64)>,
    later: OpenShare,
}

impl Running {
    pub(in crate::recipient) fn new(settings: Maintenance, key: Key) -> Self {
        let mut later = settings.open_share(key);
        Self { settings, share: 1.0, next: later.next(), later }
    }

    #[inline(never)]
    fn refuses_in_window(&self, attempt: &Attempt) -> bool {
        let busy =
            if self.settings.answer.stage().concerns_host() { attempt.in_use } else { attempt.transfers };
        self.open(attempt.limit).is_some_and(|open| busy >= open)
    }
}

impl Gate for Running {
    fn stage(&self) -> Option<Stage> {
        Some(self.settings.answer.stage())
    }

    fn listens(&self, _: Told) -> bool {
        false
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        self.share < 1.0 && self.refuses_in_window(attempt)
    }

    fn refusal(&self) -> Refusal {
        Refusal { failure: self.settings.answer, cost: self.settings.cost }
    }

    fn next_change(&self) -> Option<Instant> {
        self.next.map(|(at, _)| at)
    }

    fn change(&mut self, now: Instant) -> Sessions {
        let before = self.share;
        if let Some((_, share)) = self.next.take_if(|(at, _)| *at <= now) {
            self.share = share;
            self.next = self.later.next();
        }
        if self.share < before { self.settings.sessions } else { Sessions::Finish }
    }

    fn open(&self, limit: Option<u32>) -> Option<u32> {
        Maintenance::open_slots(limit, self.share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::{attempt, pass};
    use crate::recipient::schedule::Window;
    use crate::smtp::Code;

    const HOUR: Span = Span::from_seconds(3_600);

    fn at(hours: i64) -> Instant {
        Instant::ZERO + HOUR * hours
    }

    fn maintenance(windows: &[(i64, i64)]) -> Maintenance {
        let windows = windows.iter().map(|(start, end)| Window { start: at(*start), end: at(*end) });
        Maintenance {
            when: When::Fixed(windows.collect()),
            answer: Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE)),
            sessions: Sessions::Cut,
            capacity: 0.0,
            reopen: Reopen::AtOnce,
            cost: Cost::NONE,
        }
    }

    fn running(settings: Maintenance) -> Running {
        Running::new(settings, Key::new(1, 0))
    }

    #[test]
    fn a_window_closes_and_opens() {
        let mut gate = running(maintenance(&[(2, 6)]));
        let attempt = attempt(at(0), 0);
        assert!(pass(&mut gate, &attempt));
        assert_eq!(gate.next_change(), Some(at(2)));
        assert_eq!(gate.change(at(2)), Sessions::Cut);
        assert!(!pass(&mut gate, &attempt));
        assert_eq!((gate.open(None), gate.open(Some(50))), (Some(0), Some(0)));
        assert_eq!(gate.next_change(), Some(at(6)));
        assert_eq!(gate.change(at(6)), Sessions::Finish);
        assert!(pass(&mut gate, &attempt));
        assert_eq!((gate.next_change(), gate.open(None), gate.open(Some(50))), (None, None, Some(50)));
    }

    #[test]
    fn part_of_the_capacity_can_stay() {
        let mut gate = running(Maintenance { capacity: 0.29, ..maintenance(&[(0, 6)]) });
        let attempt = Attempt { limit: Some(100), ..attempt(at(0), 0) };
        gate.change(at(0));
        assert_eq!((gate.open(Some(100)), gate.open(None)), (Some(29), None));
        assert!(pass(&mut gate, &Attempt { in_use: 28, ..attempt }));
        assert!(!pass(&mut gate, &Attempt { in_use: 29, ..attempt }));
    }

    #[test]
    fn late_stages_count_transfers() {
        let answer = Failure::new(Stage::Rcpt, Some(Code::TRY_AGAIN));
        let mut gate = running(Maintenance { answer, capacity: 0.5, ..maintenance(&[(0, 6)]) });
        gate.change(at(0));
        let attempt = Attempt { limit: Some(10), in_use: 10, ..attempt(at(0), 0) };
        assert!(pass(&mut gate, &Attempt { transfers: 4, ..attempt }));
        assert!(!pass(&mut gate, &Attempt { transfers: 5, ..attempt }));
    }

    #[test]
    fn the_last_stage_misses_nothing() {
        let staged = Reopen::Staged { over: HOUR * 4, steps: 4 };
        assert_eq!(staged.partly_for(), HOUR * 3);
        let settings = Maintenance { reopen: staged, ..maintenance(&[(2, 6)]) };
        let full = settings.open_share(Key::new(1, 0)).find(|&(_, share)| share == 1.0);
        assert_eq!(full.map(|(at, _)| at), Some(at(6) + staged.partly_for()));
        assert_eq!(Reopen::AtOnce.partly_for(), Span::ZERO);
    }

    #[test]
    fn reopening_goes_in_equal_stages() {
        let staged = Reopen::Staged { over: HOUR * 4, steps: 4 };
        let settings = Maintenance { reopen: staged, capacity: 0.3, ..maintenance(&[(2, 6), (8, 9)]) };
        let changes: Vec<_> = settings.open_share(Key::new(1, 0)).collect();
        let expected = [
            (at(2), 0.3),
            (at(6), 0.3),
            (at(7), 0.5),
            (at(8), 0.3),
            (at(9), 0.3),
            (at(10), 0.5),
            (at(11), 0.75),
            (at(12), 1.0),
        ];
        assert_eq!(changes, expected);
    }

    #[test]
    fn a_window_may_never_end() {
        let when = When::Periodic { first: at(1), every: HOUR, lasts: HOUR };
        let changes: Vec<_> = Maintenance { when, ..maintenance(&[]) }.open_share(Key::new(1, 0)).collect();
        assert_eq!(changes, [(at(1), 0.0)]);
    }
}
