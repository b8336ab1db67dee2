//! The retry record: all that a backoff needs to know about a row of failures.

use super::Clock;
use crate::message::Message;
use crate::time::{Instant, Span};

/// A row of failures of one thing: a message, a host, a route or a whole queue.
///
/// The same backoff code serves all of them. Instants are what the sender's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryRecord {
    /// Failures so far, the one just met included; at least 1 when a backoff is asked.
    pub failures: u32,
    /// Since when it has been failing; for a message since its arrival.
    pub first_failed: Instant,
    /// When it was tried last, before the failure just met.
    pub last_try: Instant,
    /// The delay that was chosen last; zero before the first.
    pub previous_delay: Span,
}

impl RetryRecord {
    /// The record that a message carries, at a failure that has been counted already. Where nothing
    /// [looks back](super::backoff::Backoff::looks_back), the delay before this one need not be read.
    ///
    /// A message does not remember when it was tried last: the delay it was given then stands for the
    /// time that has passed.
    #[inline(always)]
    pub fn of_message(message: &Message, now: Instant, clock: Clock, looks_back: bool) -> Self {
        let previous_delay = if looks_back { message.previous_delay() } else { Span::ZERO };
        Self {
            failures: message.failures().max(1),
            first_failed: clock.read(message.arrival()),
            last_try: now - previous_delay,
            previous_delay,
        }
    }

    /// The record of a host that fails for the first time.
    pub fn first(now: Instant) -> Self {
        Self { failures: 1, first_failed: now, last_try: now, previous_delay: Span::ZERO }
    }

    /// How long it has been failing; for a message its age.
    pub fn failing_for(&self, now: Instant) -> Span {
        now - self.first_failed
    }
}
