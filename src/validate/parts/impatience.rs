//! Senders that give up by chance: at a failure, or at any time while a message waits.

use std::collections::HashSet;

use crate::id::MessageId;
use crate::random::Draw;
use crate::sender::BounceReason;
use crate::sender::memory::{Answer, Charge, Recall, Remember, Situation};
use crate::smtp::Failure;

/// Chances to go on. The delays themselves are those of the policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Impatience {
    /// Probability to go on after a first attempt that failed (H1).
    pub(crate) after_first: f64,
    /// The same after each retry that failed (H2).
    pub(crate) after_retry: f64,
    /// Probability that a wait ends with giving up instead of a try.
    ///
    /// Of two exponential times with rates a and b the shorter one is exponential with the rate
    /// a + b, and whose it is does not depend on its length: a / (a + b).
    pub(crate) while_waiting: f64,
}

impl Remember for Impatience {
    fn blank(&self) -> Box<dyn Recall> {
        Box::new(Leaving { chances: *self, leaves: HashSet::new() })
    }
}

/// What one route remembers: whose wait will end with giving up.
#[derive(Debug)]
struct Leaving {
    chances: Impatience,
    leaves: HashSet<MessageId>,
}

impl Recall for Leaving {
    fn ask(&mut self, situation: &Situation) -> Answer {
        let leaves = self.chances.while_waiting > 0.0 && self.leaves.remove(&situation.message.id());
        if leaves { Answer::GiveUp(BounceReason::TooOld) } else { Answer::Go }
    }

    fn failed(&mut self, situation: &Situation, _failure: Failure, mut draw: Draw) -> Charge {
        // The failure is counted already.
        let first = situation.message.failures() <= 1;
        let goes_on = if first { self.chances.after_first } else { self.chances.after_retry };
        if draw.unit() >= goes_on {
            return Charge::GiveUp(BounceReason::TooManyAttempts);
        }
        if draw.unit() < self.chances.while_waiting {
            self.leaves.insert(situation.message.id());
        }
        Charge::Message
    }

    fn worked(&mut self, _situation: &Situation) {}
}
