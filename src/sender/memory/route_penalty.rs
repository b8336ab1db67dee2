//! A route that is switched off for a while when its first connection fails (OpenSMTPD).
//!
//! OpenSMTPD usr.sbin/smtpd/mta.c: `mta_route_disable` and `mta_route_enable`, `mta_route_collect`, which
//! calls the first only for a route that is new, `mta_route_ok`, `mta_find_route`, which allows one
//! connection on a new route, `mta_flush`. Errors of SMTP do not switch a route off (`mta_route_error` is
//! compiled out). What waits is not tried again when the route is back, but when it is due.

use super::{Answer, Charge, Situation, Stages, Suppressed};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// A route is new until a connection got through its greeting; if that fails it is switched off.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutePenalty {
    /// For how long: so much times the penalty squared (`DELAY_ROUTE_BASE`).
    pub base: Span,
    /// But at most for this (`DELAY_ROUTE_MAX`).
    pub max: Span,
    /// Failures at these stages are the route's.
    pub stages: Stages,
}

impl Default for RoutePenalty {
    /// The constants of OpenSMTPD.
    fn default() -> Self {
        Self { base: Span::from_seconds(15), max: Span::from_seconds(3600), stages: Stages::HOST }
    }
}

/// What is remembered of one route.
#[derive(Debug)]
pub(in crate::sender) struct Penalised {
    settings: RoutePenalty,
    state: State,
    /// Grows with each time it is switched off, and falls when that is over.
    penalty: u32,
    /// When the penalty falls next.
    falls: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Valid,
    Off,
}

impl Penalised {
    pub(super) fn blank(settings: &RoutePenalty) -> Self {
        Self { settings: settings.clone(), state: State::New, penalty: 0, falls: Instant::NEVER }
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        self.recover(situation.now);
        // The scheduler counts a flushed message as tried.
        if self.state == State::Off { Answer::Defer(Suppressed::Counts) } else { Answer::Go }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        self.recover(situation.now);
        if !self.settings.stages.contains(failure.stage()) {
            self.worked(situation);
        } else if self.state != State::Valid {
            self.penalty += 1;
            self.state = State::Off;
            self.falls = situation.now.saturating_add(self.delay());
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        self.recover(situation.now);
        if self.state == State::New {
            self.state = State::Valid;
        }
    }

    /// One connection on a new route; then as many as the fixed limits allow.
    pub(super) fn window(&self) -> Option<u32> {
        (self.state != State::Valid).then_some(1)
    }

    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        (self.state == State::Off && now < self.falls).then_some(self.falls)
    }

    /// A route that nobody uses is dropped; only its penalty is kept.
    pub(super) fn idle(&mut self) {
        if self.state == State::Valid {
            self.state = State::New;
        }
    }

    fn recover(&mut self, now: Instant) {
        while self.penalty > 0 && self.falls <= now {
            self.penalty -= 1;
            self.falls = self.falls.saturating_add(self.delay());
            if self.state == State::Off {
                self.state = State::New;
            }
        }
    }

    fn delay(&self) -> Span {
        let squared = i64::from(self.penalty).saturating_mul(i64::from(self.penalty));
        Span::from_micros(self.settings.base.as_micros().saturating_mul(squared)).min(self.settings.max)
    }
}
