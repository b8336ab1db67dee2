//! A sample of messages is followed attempt by attempt. Which messages are in it is keyed by their
//! ids, so it is the same mail in every variant.

use std::collections::BTreeMap;

use crate::experiment::record::{AttemptResult, AttemptRow};
use crate::id::MessageId;
use crate::message::Message;
use crate::random::{Key, Purpose};
use crate::sender::Held;
use crate::smtp::Failure;
use crate::system::{Measure, Place};
use crate::time::Instant;

pub(super) struct Followed {
    key: Key,
    share: f64,
    messages: BTreeMap<MessageId, Facts>,
    rows: Vec<AttemptRow>,
}

/// What every row of a message repeats.
struct Facts {
    at: Place,
    arrival: Instant,
    attempts: u32,
}

impl Measure {
    /// The probability with which a message is followed.
    pub(super) fn followed_share(&self) -> f64 {
        (f64::from(self.sample) / self.expected_messages.max(1.0)).min(1.0)
    }
}

impl Followed {
    /// Follows a message with probability `share`.
    pub(super) fn new(key: Key, share: f64) -> Self {
        Self { key, share, messages: BTreeMap::new(), rows: Vec::new() }
    }

    pub(super) fn arrived(&mut self, message: &Message, at: Place, measured: bool) {
        let wanted = measured && self.share > 0.0;
        if wanted && self.key.draw(Purpose::Sample, u64::from(message.id().0), 0).unit() < self.share {
            self.messages.insert(message.id(), Facts { at, arrival: message.arrival(), attempts: 0 });
        }
    }

    #[inline]
    pub(super) fn delivered(&mut self, message: &Message, started: Instant, now: Instant) {
        self.attempt(message, started, now, AttemptResult::Delivered);
    }

    #[inline]
    pub(super) fn failed(&mut self, message: &Message, started: Instant, now: Instant, failure: Failure) {
        self.attempt(message, started, now, AttemptResult::Failed(failure));
    }

    pub(super) fn unfinished(&mut self, message: &Message, started: Instant, horizon: Instant) {
        self.attempt(message, started, horizon, AttemptResult::Unfinished);
    }

    pub(super) fn held_back(&mut self, message: &Message, now: Instant, held: Held) {
        let what = match held {
            Held::Wait => AttemptResult::HeldBack,
            Held::Defer => AttemptResult::Suppressed,
        };
        self.row(message, now, now, what);
    }

    pub(super) fn bounced(&mut self, message: &Message, now: Instant) {
        self.row(message, now, now, AttemptResult::Bounced);
    }

    /// The rows by arrival, message and time.
    pub(super) fn finish(mut self) -> Vec<AttemptRow> {
        self.rows.sort_by_key(|row| (row.arrival, row.message));
        self.rows
    }

    /// In most replications nobody is followed.
    #[inline]
    fn attempt(&mut self, message: &Message, started: Instant, until: Instant, what: AttemptResult) {
        if !self.messages.is_empty() {
            self.note_attempt(message, started, until, what);
        }
    }

    #[inline(never)]
    fn note_attempt(&mut self, message: &Message, started: Instant, until: Instant, what: AttemptResult) {
        if let Some(facts) = self.messages.get_mut(&message.id()) {
            facts.attempts += 1;
        }
        self.row(message, started, until, what);
    }

    fn row(&mut self, message: &Message, at: Instant, until: Instant, what: AttemptResult) {
        let Some(facts) = self.messages.get(&message.id()) else { return };
        self.rows.push(AttemptRow {
            message: message.id().0,
            host: facts.at.host.0,
            recipient: facts.at.recipient.0,
            arrival: facts.arrival,
            attempt: facts.attempts,
            at,
            until,
            what,
        });
    }
}
