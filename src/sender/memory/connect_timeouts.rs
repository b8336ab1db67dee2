//! A table of hosts that do not answer at all (qmail's `tcpto`).
//!
//! notqmail tcpto.c (`tcpto`, `tcpto_err`), qmail-remote.c (`main`): only a connect that times out
//! counts. A refused connection, and whatever an open one says, clears the record: a host that answers 421
//! is never left alone.

use super::{Answer, Charge, Situation, Suppressed};
use crate::smtp::{Failure, Stage};
use crate::time::{Instant, Span};

/// After some connects in a row that timed out, a host is left alone for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectTimeouts {
    /// So many; at least 1.
    pub timeouts: u32,
    /// A timeout within this time after the last one that counted does not count.
    pub apart: Span,
    /// For how long at least the host is left alone after the last that counted.
    pub least: Span,
    /// And at most. Each message draws anew between the two, in steps of `step`, as qmail-remote takes its
    /// process number.
    pub most: Span,
    /// The step; positive.
    pub step: Span,
}

impl Default for ConnectTimeouts {
    /// The constants of qmail: `(60 + (pid & 31)) * 64` seconds.
    fn default() -> Self {
        Self {
            timeouts: 2,
            apart: Span::from_seconds(120),
            least: Span::from_seconds(60 * 64),
            most: Span::from_seconds(91 * 64),
            step: Span::from_seconds(64),
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Silence {
    settings: ConnectTimeouts,
    timeouts: u32,
    /// When the last one counted.
    last: Instant,
}

impl Silence {
    pub(super) fn blank(settings: &ConnectTimeouts) -> Self {
        Self { settings: settings.clone(), timeouts: 0, last: Instant::ZERO }
    }

    pub(super) fn ask(&self, situation: &Situation) -> Answer {
        let ConnectTimeouts { timeouts, least, most, step, .. } = self.settings;
        if self.timeouts < timeouts || situation.now >= self.last.saturating_add(most) {
            return Answer::Go;
        }
        let steps = (most - least).as_micros() / step.as_micros();
        let mut draw = situation.draw(situation.now.as_micros() / 1_000_000);
        let drawn = (draw.unit() * (steps + 1) as f64) as i64;
        let until = self.last.saturating_add(least + step * drawn);
        if situation.now < until { Answer::Defer(Suppressed::Ages) } else { Answer::Go }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        let ConnectTimeouts { timeouts, apart, .. } = self.settings;
        // A silence that lasts longer than a connect may was met on an open connection.
        let was_open = situation.lasted >= situation.policy.connections.greeting_timeout;
        if failure.stage() != Stage::Timeout || was_open {
            self.timeouts = 0;
        } else if self.timeouts == 0 || situation.now >= self.last.saturating_add(apart) {
            self.timeouts = self.timeouts.saturating_add(1).min(timeouts);
            self.last = situation.now;
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self) {
        self.timeouts = 0;
    }
}
