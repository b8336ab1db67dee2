//! Many failed connections in a row put all mail in line off (KumoMTA, Momentum).
//!
//! KumoMTA crates/kumod/src/ready_queue.rs (`Dispatcher::run`, `delay_ready_queue`): the mail goes back by
//! its own schedule and counts as tried; each further failure does the same until a connection succeeds.

use super::{Answer, Charge, Situation, Stages, Suppressed};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// Failed connections in a row put all mail in line off.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsecutiveFailures {
    /// A failure that comes after more than so many others in a row puts mail off
    /// (`consecutive_connection_failures_before_delay`, `mx_failures_to_delay`).
    pub failures: u32,
    /// Failures at these stages are those of connections; others end the row.
    pub stages: Stages,
}

impl Default for ConsecutiveFailures {
    /// The default of KumoMTA.
    fn default() -> Self {
        Self { failures: 100, stages: Stages::HOST }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Row {
    settings: ConsecutiveFailures,
    failures: u32,
    /// When mail in line was put off last.
    delayed: Option<Instant>,
}

impl Row {
    pub(super) fn blank(settings: &ConsecutiveFailures) -> Self {
        Self { settings: settings.clone(), failures: 0, delayed: None }
    }

    /// Only what was in line at the failure is put off; what comes later is tried.
    pub(super) fn ask(&self, situation: &Situation) -> Answer {
        if self.delayed == Some(situation.now) { Answer::Defer(Suppressed::Counts) } else { Answer::Go }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        if !self.settings.stages.contains(failure.stage()) {
            self.worked();
        } else {
            if self.failures > self.settings.failures {
                self.delayed = Some(situation.now);
            }
            self.failures = self.failures.saturating_add(1);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self) {
        self.failures = 0;
        self.delayed = None;
    }

    /// As soon as the clock shows another time: where it shows seconds, what has no delay waits for the next one.
    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        self.delayed.filter(|delayed| *delayed == now).map(|delayed| delayed + Span::MICROSECOND)
    }
}
