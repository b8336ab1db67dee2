//! A message: a small value that moves, never a row in a table.
//!
//! It goes from the arrival into the waiting container, into the event that retries it, into the
//! connection that carries it, and out. At a million queued messages a look-up in a table would cost
//! more than all the rest of an event, so whatever a policy needs travels along in 16 bytes.

use crate::id::MessageId;
use crate::time::{Instant, Span};

/// One message on its way to one mailbox at one recipient.
///
/// Two words and not a field for each fact: two words are what a processor keeps in two registers, where smaller fields
/// would be written to memory one by one and read back together, for which it has to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// From the top: high bits of the previous delay (8), failures (21), flags (3), id (32).
    upper: u64,
    /// From the top: arrival (48), low bits of the previous delay (16). Nearly every step asks when the message arrived,
    /// hardly any for the delay before this one.
    lower: u64,
}

const _: () = assert!(size_of::<Message>() == 16);

const TRIED: u64 = 1 << 32;
const DEFERRED: u64 = 1 << 33;
const WARNED: u64 = 1 << 34;
const FAILURE_SHIFT: u32 = 35;
const FAILURE_BITS: u32 = 21;
const ONE_FAILURE: u64 = 1 << FAILURE_SHIFT;
const DELAY_HIGH_SHIFT: u32 = FAILURE_SHIFT + FAILURE_BITS;
const DELAY_LOW_BITS: u32 = 16;
const DELAY_LOW: u64 = (1 << DELAY_LOW_BITS) - 1;
/// Of the 31 bits of a delay, 24 are kept.
const DELAY_ROUNDED_BITS: u32 = 7;
const ARRIVAL_SHIFT: u32 = DELAY_LOW_BITS;
const ARRIVAL_BITS: u32 = 64 - ARRIVAL_SHIFT;
/// Mail may have been queued for up to this long before the scenario starts.
const EPOCH: i64 = 30 * 86_400 * 1_000_000;

impl Message {
    /// The largest number of failures that is counted; more are not told apart.
    pub const MAX_FAILURES: u32 = (1 << FAILURE_BITS) - 1;
    /// The longest scenario whose arrivals fit (almost nine years).
    pub const MAX_HORIZON: Span = Span::from_micros((1 << ARRIVAL_BITS) - EPOCH - 1);
    /// How long before the start a message may have arrived.
    pub const MAX_AGE_AT_START: Span = Span::from_micros(EPOCH);

    /// A message that has just arrived and was never tried.
    pub fn new(id: MessageId, arrival: Instant) -> Self {
        let since_epoch = arrival.as_micros() + EPOCH;
        debug_assert!((0..1 << ARRIVAL_BITS).contains(&since_epoch), "arrival out of range");
        Self { upper: u64::from(id.0), lower: (since_epoch as u64) << ARRIVAL_SHIFT }
    }

    /// Which message.
    pub fn id(&self) -> MessageId {
        MessageId(self.upper as u32)
    }

    /// When the sender accepted responsibility for the message.
    pub fn arrival(&self) -> Instant {
        Instant::from_micros((self.lower >> ARRIVAL_SHIFT) as i64 - EPOCH)
    }

    /// How long ago the message arrived.
    pub fn age(&self, now: Instant) -> Span {
        now - self.arrival()
    }

    /// Failures that count for the backoff, including suppressed attempts where the policy counts them.
    pub fn failures(&self) -> u32 {
        (self.upper >> FAILURE_SHIFT) as u32 & Self::MAX_FAILURES
    }

    /// Counts one more failure.
    pub fn count_failure(&mut self) {
        if self.failures() < Self::MAX_FAILURES {
            self.upper += ONE_FAILURE;
        }
    }

    /// Whether the recipient was ever contacted for this message.
    pub fn was_tried(&self) -> bool {
        self.upper & TRIED != 0
    }

    /// Notes that the recipient was contacted for this message.
    pub fn mark_tried(&mut self) {
        self.upper |= TRIED;
    }

    /// Whether the message was ever put off, by a failure or by being held back: what is done for it
    /// from then on is a retry.
    pub fn was_deferred(&self) -> bool {
        self.upper & DEFERRED != 0
    }

    /// Notes that the message was put off.
    pub fn mark_deferred(&mut self) {
        self.upper |= DEFERRED;
    }

    /// Whether the author was warned that the message is delayed.
    pub fn was_warned(&self) -> bool {
        self.upper & WARNED != 0
    }

    /// Notes that the author was warned.
    pub fn mark_warned(&mut self) {
        self.upper |= WARNED;
    }

    /// The retry delay that was chosen last; zero before the first.
    ///
    /// Kept as a float with 17 significant bits: whole seconds are exact up to 36 hours, other
    /// delays are right to four parts in a million.
    pub fn previous_delay(&self) -> Span {
        let kept = self.upper >> DELAY_HIGH_SHIFT << DELAY_LOW_BITS | self.lower & DELAY_LOW;
        Span::from_seconds_f64(f64::from(f32::from_bits((kept << DELAY_ROUNDED_BITS) as u32)))
    }

    /// Remembers the retry delay that was chosen; it must not be negative.
    pub fn set_previous_delay(&mut self, delay: Span) {
        debug_assert!(delay >= Span::ZERO);
        // The sign bit is never set and the last bits of the mantissa are rounded away.
        let half = 1 << (DELAY_ROUNDED_BITS - 1);
        let kept = u64::from(((delay.as_seconds() as f32).to_bits() + half) >> DELAY_ROUNDED_BITS);
        let rest = self.upper & ((1 << DELAY_HIGH_SHIFT) - 1);
        self.upper = kept >> DELAY_LOW_BITS << DELAY_HIGH_SHIFT | rest;
        self.lower = self.lower & !DELAY_LOW | kept & DELAY_LOW;
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
        message.mark_deferred();
        assert!(message.was_deferred() && message.was_tried());
        for seconds in [1, 3_600, 131_071] {
            message.set_previous_delay(Span::from_seconds(seconds));
            assert_eq!(message.previous_delay(), Span::from_seconds(seconds));
        }
        let mut late = Message::new(MessageId(u32::MAX), Instant::ZERO + Message::MAX_HORIZON);
        for days in [1, 1_000_000, 0] {
            late.count_failure();
            late.set_previous_delay(Span::from_seconds(86_400) * days);
            assert_eq!(late.previous_delay() == Span::ZERO, days == 0);
        }
        assert_eq!(late.arrival(), Instant::ZERO + Message::MAX_HORIZON);
        assert_eq!((late.failures(), late.id(), late.was_tried()), (3, MessageId(u32::MAX), false));
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
