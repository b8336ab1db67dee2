//! A concurrency window that moves with feedback, and a dead state (Postfix).
//!
//! Postfix src/qmgr/qmgr_queue.c (`qmgr_queue_throttle`, `qmgr_queue_unthrottle`), qmgr_deliver.c
//! (`qmgr_deliver_update`), qmgr_entry.c (`qmgr_entry_done`).

use super::{Answer, Charge, Situation, Stages};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// The settings of a window with feedback.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadSite {
    /// Connections at once to begin with (`initial_destination_concurrency`); at least 1.
    pub window: u32,
    /// Most connections at once (`default_destination_concurrency_limit`).
    pub limit: u32,
    /// Failures in a row, each weighed by one over the window, that make a site dead
    /// (`default_destination_concurrency_failed_cohort_limit`); 0: never.
    pub cohorts: f64,
    /// What a delivery adds (`default_destination_concurrency_positive_feedback`).
    pub positive: Feedback,
    /// What a failure takes away (`default_destination_concurrency_negative_feedback`).
    pub negative: Feedback,
    /// By how much the window moves when enough feedback has come together; at least 1.
    pub hysteresis: u32,
    /// How long a dead site is left alone (`minimal_backoff_time`).
    pub retry_after: Span,
    /// Failures at these stages are the site's.
    pub stages: Stages,
    /// What being held back does to a message.
    pub suppressed: Suppressed,
}

/// Feedback on a window, as a share of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feedback {
    /// Always the same, between 0 and 1.
    Fixed(f64),
    /// One over the window.
    OverConcurrency,
    /// One over the square root of the window.
    OverRootOfConcurrency,
}

/// What being held back does to a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suppressed {
    /// It is put off as after its last failure, by its age where the backoff goes by age; no attempt is
    /// counted (Postfix).
    #[default]
    Ages,
    /// It counts as a failed attempt.
    Counts,
    /// It stays due, until the site is tried again.
    Unchanged,
}

impl Default for DeadSite {
    /// The defaults of Postfix.
    fn default() -> Self {
        Self {
            window: 5,
            limit: 20,
            cohorts: 1.0,
            positive: Feedback::Fixed(1.0),
            negative: Feedback::Fixed(1.0),
            hysteresis: 1,
            retry_after: Span::from_seconds(300),
            stages: Stages::HOST,
            suppressed: Suppressed::Ages,
        }
    }
}

impl Feedback {
    fn at(self, window: u32) -> f64 {
        match self {
            Self::Fixed(value) => value,
            Self::OverConcurrency => 1.0 / f64::from(window),
            Self::OverRootOfConcurrency => 1.0 / f64::from(window).sqrt(),
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Site {
    settings: DeadSite,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Alive(Window),
    Dead { until: Instant },
}

/// The window and the feedback that has come together so far.
#[derive(Clone, Copy, Debug)]
struct Window {
    size: u32,
    success: f64,
    failure: f64,
    fail_cohorts: f64,
}

impl Window {
    fn new(size: u32) -> Self {
        Self { size, success: 0.0, failure: 0.0, fail_cohorts: 0.0 }
    }
}

impl Site {
    pub(super) fn blank(settings: &DeadSite) -> Self {
        Self { state: State::Alive(Window::new(settings.window)), settings: settings.clone() }
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        match self.state {
            State::Dead { until } if situation.now < until => Answer::Defer(self.settings.suppressed),
            State::Dead { .. } => {
                self.revive(situation.connections);
                Answer::Go
            }
            State::Alive(_) => Answer::Go,
        }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        if self.settings.stages.contains(failure.stage) {
            self.shrink(situation);
        } else {
            // The site works; only this message was refused.
            self.worked(situation);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        let settings = &self.settings;
        let State::Alive(window) = &mut self.state else {
            return self.revive(situation.connections);
        };
        window.fail_cohorts = 0.0;
        // The window stays within reach of the connections there are.
        if settings.limit > window.size && window.size < situation.connections + settings.window {
            let step = f64::from(settings.hysteresis);
            let feedback = settings.positive.at(window.size);
            window.success += feedback;
            while feedback > 0.0 && window.success + feedback / 2.0 >= step {
                window.size += settings.hysteresis;
                window.success -= step;
                window.failure = 0.0;
            }
            window.size = window.size.min(settings.limit);
        }
    }

    pub(super) fn window(&self) -> Option<u32> {
        match self.state {
            State::Alive(window) => Some(window.size),
            // Nothing is asked for but what revives it.
            State::Dead { .. } => None,
        }
    }

    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::Dead { until } if now < until => Some(until),
            _ => None,
        }
    }

    /// Postfix forgets a queue that is empty and not dead.
    pub(super) fn idle(&mut self) {
        if let State::Alive(_) = self.state {
            self.state = State::Alive(Window::new(self.settings.window));
        }
    }

    fn shrink(&mut self, situation: &Situation) {
        let settings = &self.settings;
        let State::Alive(window) = &mut self.state else { return };
        window.fail_cohorts += 1.0 / f64::from(window.size);
        if settings.cohorts > 0.0 && window.fail_cohorts >= settings.cohorts {
            let until = situation.now.saturating_add(settings.retry_after);
            self.state = State::Dead { until };
            return;
        }
        let step = f64::from(settings.hysteresis);
        let feedback = settings.negative.at(window.size);
        window.failure -= feedback;
        while feedback > 0.0 && window.failure - feedback / 2.0 < 0.0 {
            window.size = window.size.saturating_sub(settings.hysteresis);
            window.success = 0.0;
            window.failure += step;
        }
        window.size = window.size.max(1);
    }

    /// Back from the dead: as many connections as there are, or as to begin with.
    fn revive(&mut self, connections: u32) {
        let size = if connections > 0 { connections } else { self.settings.window };
        self.state = State::Alive(Window::new(size));
    }
}
