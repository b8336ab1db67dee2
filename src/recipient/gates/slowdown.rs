//! Transactions that take longer: a server that is overloaded, or a brown-out for a while.

use super::{Attempt, Gate, Sessions, Told};
use crate::random::Key;
use crate::recipient::schedule::{When, Window, Windows};
use crate::smtp::Stage;
use crate::time::Instant;

/// Stretches transactions. The factor is fixed when a transaction starts. Never refuses.
#[derive(Clone, Debug, PartialEq)]
pub enum Slowdown {
    /// By the slots in use, the transaction's own among them: 1 up to `from`, `factor` at `to`, on
    /// the straight line through both beyond `from`.
    ByConnections {
        /// Most slots in use at full speed.
        from: u32,
        /// Where `factor` is reached. Not above `from`, the factor is reached at once beyond `from`.
        to: u32,
        /// The factor at `to`; at least 1.
        factor: f64,
    },
    /// In windows of time.
    InWindows {
        /// The windows.
        when: When,
        /// The factor inside; positive.
        factor: f64,
    },
}

/// The gate at work.
#[derive(Clone, Debug)]
pub(in crate::recipient) enum Running {
    ByConnections { from: u32, to: u32, factor: f64 },
    InWindows { clock: Clock, factor: f64 },
}

/// Where in the windows the present is.
#[derive(Clone, Debug)]
pub(in crate::recipient) struct Clock {
    inside: bool,
    /// The present window, or the next one.
    window: Option<Window>,
    later: Windows,
}

impl Running {
    pub(in crate::recipient) fn new(settings: Slowdown, key: Key) -> Self {
        match settings {
            Slowdown::ByConnections { from, to, factor } => Self::ByConnections { from, to, factor },
            Slowdown::InWindows { when, factor } => {
                let mut later = when.windows(key);
                Self::InWindows { clock: Clock { inside: false, window: later.next(), later }, factor }
            }
        }
    }
}

impl Gate for Running {
    fn stage(&self) -> Option<Stage> {
        None
    }

    fn listens(&self, _: Told) -> bool {
        false
    }

    fn stretch(&self, attempt: &Attempt) -> f64 {
        match self {
            Self::ByConnections { from, .. } if attempt.in_use <= *from => 1.0,
            Self::ByConnections { from, to, factor } if to <= from => *factor,
            Self::ByConnections { from, to, factor } => {
                1.0 + (factor - 1.0) * f64::from(attempt.in_use - from) / f64::from(to - from)
            }
            Self::InWindows { clock, factor } if clock.inside => *factor,
            Self::InWindows { .. } => 1.0,
        }
    }

    fn next_change(&self) -> Option<Instant> {
        let Self::InWindows { clock, .. } = self else { return None };
        let at = clock.window.map(|window| if clock.inside { window.end } else { window.start });
        at.filter(|at| *at < Instant::NEVER)
    }

    fn change(&mut self, _now: Instant) -> Sessions {
        if let Self::InWindows { clock, .. } = self {
            if clock.inside {
                clock.window = clock.later.next();
            }
            clock.inside = !clock.inside;
        }
        Sessions::Finish
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::attempt;
    use crate::time::Span;

    fn factor(gate: &Running, in_use: u32) -> f64 {
        gate.stretch(&Attempt { in_use, ..attempt(Instant::ZERO, 0) })
    }

    #[test]
    fn the_factor_is_linear_in_connections() {
        let settings = Slowdown::ByConnections { from: 80, to: 100, factor: 31.0 };
        let gate = Running::new(settings, Key::new(1, 0));
        let factors = [0, 80, 82, 100, 120].map(|in_use| factor(&gate, in_use));
        assert_eq!(factors, [1.0, 1.0, 4.0, 31.0, 61.0]);
        let step = Slowdown::ByConnections { from: 10, to: 10, factor: 2.0 };
        let gate = Running::new(step, Key::new(1, 0));
        assert_eq!([10, 11].map(|in_use| factor(&gate, in_use)), [1.0, 2.0]);
    }

    #[test]
    fn windows_switch_it_on_and_off() {
        let [first, every, lasts] = [1, 10, 2].map(Span::from_seconds);
        let when = When::Periodic { first: Instant::ZERO + first, every, lasts };
        let mut gate = Running::new(Slowdown::InWindows { when, factor: 30.0 }, Key::new(1, 0));
        assert_eq!(factor(&gate, 0), 1.0);
        for (at, expected) in [(1, 30.0), (3, 1.0), (11, 30.0), (13, 1.0)] {
            let at = Instant::ZERO + Span::from_seconds(at);
            assert_eq!(gate.next_change(), Some(at));
            gate.change(at);
            assert_eq!(factor(&gate, 0), expected);
        }
    }
}
