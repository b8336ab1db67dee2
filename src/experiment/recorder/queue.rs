//! Undelivered mail at the senders over time: how deep queues were and when they were back to usual.

use crate::experiment::record::QueueRecord;
use crate::system::Plan;
use crate::time::{Instant, Span};

pub(super) struct Queues {
    cohort_start: Instant,
    cohort_end: Instant,
    depth: u64,
    since: Instant,
    integral: u128,
    deepest: u64,
    /// The largest depth before the cohort's interval began.
    usual: u64,
    usual_after: Option<Span>,
}

impl Queues {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            cohort_start: plan.measure.cohort.start,
            cohort_end: plan.measure.cohort.end,
            depth: 0,
            since: Instant::ZERO,
            integral: 0,
            deepest: 0,
            usual: 0,
            usual_after: None,
        }
    }

    pub(super) fn arrived(&mut self, now: Instant) {
        self.advance(now);
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if now < self.cohort_start {
            self.usual = self.usual.max(self.depth);
        }
    }

    pub(super) fn gone(&mut self, now: Instant) {
        self.advance(now);
        self.depth -= 1;
    }

    pub(super) fn finish(mut self, horizon: Instant) -> QueueRecord {
        self.advance(horizon);
        QueueRecord {
            deepest: self.deepest,
            mean: self.integral as f64 / (horizon - Instant::ZERO).as_micros() as f64,
            usual_after: self.usual_after,
        }
    }

    /// Notes how long the present depth has lasted, and whether it is the first usual one after the
    /// cohort's interval.
    fn advance(&mut self, now: Instant) {
        self.integral += u128::from(self.depth) * (now - self.since).as_micros() as u128;
        if self.usual_after.is_none() && now > self.cohort_end && self.depth <= self.usual {
            self.usual_after = Some(self.since.max(self.cohort_end) - self.cohort_end);
        }
        self.since = now;
    }
}
