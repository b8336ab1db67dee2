//! Greylisting (RFC 6647): what was not seen before is put off, and accepted when it comes again late
//! enough.

use std::collections::HashMap;

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::id::MessageId;
use crate::random::{Key, Purpose};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

/// Refuses a message until `delay` after its first sight.
///
/// Remembers the first sight of every message that reaches the stage, also when another gate refuses
/// it. Each message stands for a triplet of client, sender and mailbox of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Greylist {
    /// Accepted from this long after the first sight on.
    pub delay: Span,
    /// A message that was first seen longer ago than this and never passed is new again.
    pub forget: Span,
    /// Share of messages in [0, 1] whose triplet is known already.
    pub known: f64,
    /// Which command is answered so.
    pub stage: Stage,
    /// The reply.
    pub code: Code,
}

/// The gate at work.
#[derive(Clone, Debug)]
pub(in crate::recipient) struct Running {
    settings: Greylist,
    key: Key,
    /// Only looked up, never walked through.
    seen: HashMap<MessageId, Sight>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Sight {
    /// Put off since then.
    First(Instant),
    /// Let through; it may come again if something else refused it.
    Passed,
}

impl Running {
    pub(in crate::recipient) fn new(settings: Greylist, key: Key) -> Self {
        Self { settings, key, seen: HashMap::new() }
    }

    fn is_known(&self, message: MessageId) -> bool {
        self.settings.known > 0.0
            && self.key.draw(Purpose::GateIdentity, u64::from(message.0), 0).unit() < self.settings.known
    }
}

impl Gate for Running {
    fn stage(&self) -> Option<Stage> {
        Some(self.settings.stage)
    }

    fn listens(&self, told: Told) -> bool {
        told == Told::Admitted
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        if self.is_known(attempt.message) {
            return false;
        }
        let Greylist { delay, forget, .. } = self.settings;
        let sight = self.seen.entry(attempt.message).or_insert(Sight::First(attempt.now));
        let Sight::First(first) = sight else { return false };
        if attempt.now - *first > forget {
            *first = attempt.now;
        }
        attempt.now - *first < delay
    }

    fn refusal(&self) -> Refusal {
        let Greylist { stage, code, .. } = self.settings;
        Refusal { failure: Failure::new(stage, Some(code)), cost: Cost::NONE }
    }

    fn told(&mut self, attempt: &Attempt, told: Told) {
        if told == Told::Admitted
            && let Some(sight) = self.seen.get_mut(&attempt.message)
        {
            *sight = Sight::Passed;
        }
    }

    fn accepted(&mut self, message: MessageId) {
        self.seen.remove(&message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::{attempt, pass};

    const MINUTE: Span = Span::from_seconds(60);

    fn gate(known: f64) -> Running {
        let settings = Greylist {
            delay: MINUTE * 5,
            forget: MINUTE * 60,
            known,
            stage: Stage::Rcpt,
            code: Code::TRY_AGAIN,
        };
        Running::new(settings, Key::new(2, 0).named("greylist"))
    }

    fn at(minutes: i64) -> Instant {
        Instant::ZERO + MINUTE * minutes
    }

    #[test]
    fn accepts_exactly_from_the_delay_on() {
        let mut gate = gate(0.0);
        assert!(!pass(&mut gate, &attempt(at(0), 1)));
        assert!(!pass(&mut gate, &attempt(at(5) - Span::MICROSECOND, 1)));
        assert!(pass(&mut gate, &attempt(at(5), 1)));
        assert!(pass(&mut gate, &attempt(at(100), 1)), "what passed is not forgotten");
        assert!(!pass(&mut gate, &attempt(at(100), 2)), "others are on their own");
        gate.accepted(MessageId(1));
        assert_eq!(gate.seen.len(), 1);
    }

    #[test]
    fn forgets_what_comes_too_late() {
        let mut gate = gate(0.0);
        assert!(!pass(&mut gate, &attempt(at(0), 1)));
        assert!(!pass(&mut gate, &attempt(at(60) + Span::MICROSECOND, 1)));
        assert!(pass(&mut gate, &attempt(at(66), 1)));
        assert!(!pass(&mut gate, &attempt(at(0), 2)));
        assert!(pass(&mut gate, &attempt(at(60), 2)), "the window is closed on the right");
    }

    #[test]
    fn known_senders_pass_at_once() {
        let mut gate = gate(1.0);
        assert!(pass(&mut gate, &attempt(at(0), 1)));
        assert!(gate.seen.is_empty());
    }
}
