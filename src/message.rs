//! A message: a small value that moves, never a row in a table.
//!
//! It goes from the arrival into the waiting container, into the event that retries it, into the
//! connection that carries it, and out. At a million queued messages a look-up in a table would cost
//! more than all the rest of an event, so whatever a policy needs travels along in 16 bytes.

use crate::id::MessageId;
use crate::time::{Instant, Span};

/// One message on its way to one mailbox at one recipient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// Which message.
    pub id: MessageId,
    /// The retry delay that was chosen last, in seconds; a float keeps seven digits at any scale.
    previous_delay: f32,
    /// Arrival (44 bits, microseconds after the epoch below), failures (19 bits), tried (1 bit).
    packed: u64,
}

const _: () = assert!(size_of::<Message>() == 16);

const FAILURE_BITS: u32 = 19;
const ARRIVAL_SHIFT: u32 = FAILURE_BITS + 1;
/// Mail may have been queued for up to this long before the scenario starts.
const EPOCH: i64 = 30 * 86_400 * 1_000_000;

impl Message {
    /// The largest number of failures that is counted; more are not told apart.
    pub const MAX_FAILURES: u32 = (1 << FAILURE_BITS) - 1;
    /// The longest scenario whose arrivals fit.
    pub const MAX_HORIZON: Span = Span::from_micros((1 << (64 - ARRIVAL_SHIFT)) - EPOCH - 1);
    /// How long before the start a message may have arrived.
    pub const MAX_AGE_AT_START: Span = Span::from_micros(EPOCH);

    /// A message that has just arrived and was never tried.
    pub fn new(id: MessageId, arrival: Instant) -> Self {
        let since_epoch = arrival.as_micros() + EPOCH;
        debug_assert!((0..1 << (64 - ARRIVAL_SHIFT)).contains(&since_epoch), "arrival out of range");
        Self { id, previous_delay: 0.0, packed: (since_epoch as u64) << ARRIVAL_SHIFT }
    }

    /// When the sender accepted responsibility for the message.
    pub fn arrival(&self) -> Instant {
        Instant::from_micros((self.packed >> ARRIVAL_SHIFT) as i64 - EPOCH)
    }

    /// How long ago the message arrived.
    pub fn age(&self, now: Instant) -> Span {
        now - self.arrival()
    }

    /// Failures that count for the backoff, including suppressed attempts where the policy counts them.
    pub fn failures(&self) -> u32 {
        (self.packed >> 1) as u32 & Self::MAX_FAILURES
    }

    /// Counts one more failure.
    pub fn count_failure(&mut self) {
        if self.failures() < Self::MAX_FAILURES {
            self.packed += 1 << 1;
        }
    }

    /// Whether the recipient was ever contacted for this message.
    pub fn was_tried(&self) -> bool {
        self.packed & 1 == 1
    }

    /// Notes that the recipient was contacted for this message.
    pub fn mark_tried(&mut self) {
        self.packed |= 1;
    }

    /// The retry delay that was chosen last; zero before the first.
    pub fn previous_delay(&self) -> Span {
        Span::from_seconds_f64(f64::from(self.previous_delay))
    }

    /// Remembers the retry delay that was chosen.
    pub fn set_previous_delay(&mut self, delay: Span) {
        self.previous_delay = delay.as_seconds() as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_disturb_each_other() {
        let arrival = Instant::from_micros(-EPOCH + 5);
        let mut message = Message::new(MessageId(9), arrival);
        for _ in 0..3 {
            message.count_failure();
        }
        assert_eq!((message.failures(), message.was_tried(), message.arrival()), (3, false, arrival));
        message.mark_tried();
        message.set_previous_delay(Span::from_seconds(300));
        assert_eq!((message.failures(), message.was_tried(), message.arrival()), (3, true, arrival));
        assert_eq!(message.previous_delay(), Span::from_seconds(300));
        let late = Message::new(MessageId(0), Instant::ZERO + Message::MAX_HORIZON);
        assert_eq!(late.arrival(), Instant::ZERO + Message::MAX_HORIZON);
    }

    #[test]
    fn failures_saturate() {
        let mut message = Message::new(MessageId(0), Instant::ZERO);
        for _ in 0..Message::MAX_FAILURES + 5 {
            message.count_failure();
        }
        assert_eq!(message.failures(), Message::MAX_FAILURES);
        assert_eq!(message.arrival(), Instant::ZERO);
    }
}
