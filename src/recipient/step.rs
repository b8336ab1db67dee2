//! What a recipient answers, and what it asks to be reminded of.

use crate::id::{Line, MessageId};
use crate::smtp::Failure;
use crate::time::Instant;

/// What a recipient decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The connection has a slot; greeting, HELO and TLS are done at `at` and the first transaction
    /// may begin.
    Greeted {
        /// Which connection.
        line: Line,
        /// When the dialogue is over.
        at: Instant,
    },
    /// A connection that was kept waiting is refused. For the recipient it is gone from now on.
    Refused {
        /// Which connection.
        line: Line,
        /// The answer.
        refused: Refused,
    },
    /// Nothing comes for now. Another step may follow, or [`super::Recipient::abandon`].
    Silent {
        /// Which connection.
        line: Line,
        /// Which patience of the sender runs, from the instant of the connect.
        patience: Patience,
    },
    /// The transaction ends.
    Ends {
        /// Which connection.
        line: Line,
        /// When the reply that ends it reaches the sender.
        at: Instant,
        /// How it ends. A failure whose code closes the channel ends the connection too.
        outcome: Outcome,
    },
    /// The recipient cut the connection now. For the recipient it is gone.
    Cut {
        /// Which connection.
        line: Line,
    },
    /// [`super::Recipient::internal`] is to be called.
    Call {
        /// When.
        at: Instant,
        /// With what.
        what: Internal,
    },
}

/// The answer to a connection that is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refused {
    /// What it says.
    pub failure: Failure,
    /// When it reaches the sender.
    pub at: Instant,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The recipient took over the message.
    Accepted,
    /// Transient negative completion (4yz): the message may be tried again.
    Refused(Failure),
    /// Permanent negative completion (5yz): trying again is pointless.
    Rejected(Failure),
}

/// What a sender waits for in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// The TCP connect.
    Connect,
    /// The greeting; TCP is up.
    Greeting,
}

/// Something inside a recipient that happens at an instant known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Internal {
    /// A gate changes: a window opens or ends.
    Change {
        /// Position of the gate in the settings.
        gate: u32,
    },
    /// The acceptor has sent its refusal and takes the next connection.
    AcceptorFree,
    /// A slot that is not held by a connection any more becomes free.
    Release {
        /// Which slot.
        slot: u32,
        /// Which use of that slot; later uses are not meant.
        generation: u32,
    },
    /// The kernel of a sender repeats its SYN.
    Retransmit {
        /// Which line.
        line: Line,
        /// For which message; other connections on that line are not meant.
        message: MessageId,
    },
}

impl Internal {
    /// Whether capacity or behaviour changes. Changes go first at one instant: a connection that
    /// comes exactly at the start of a window meets it, exactly at its end does not.
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Change { .. })
    }

    /// A number that differs among all that is pending at one instant for one recipient. It does not depend on lines: which
    /// one a connection has says only how many others had one before.
    pub const fn ordinal(self) -> u64 {
        const BITS: u32 = 30;
        const MASK: u64 = (1 << BITS) - 1;
        let (kind, first, second) = self.numbers();
        let which = match self {
            Self::Retransmit { message, .. } => message.0 as u64,
            _ => (first as u64 & MASK) << BITS | second as u64 & MASK,
        };
        (kind as u64) << (2 * BITS) | which
    }

    /// How many kinds there are.
    pub const KINDS: u32 = 4;

    /// The kind, counted from zero, and two numbers that say the rest.
    #[inline(always)]
    pub const fn numbers(self) -> (u32, u32, u32) {
        match self {
            Self::Change { gate } => (0, gate, 0),
            Self::AcceptorFree => (1, 0, 0),
            Self::Release { slot, generation } => (2, slot, generation),
            Self::Retransmit { line, message } => (3, line.0, message.0),
        }
    }

    /// The other way round.
    #[inline(always)]
    pub const fn from_numbers(kind: u32, first: u32, second: u32) -> Self {
        match kind {
            0 => Self::Change { gate: first },
            1 => Self::AcceptorFree,
            2 => Self::Release { slot: first, generation: second },
            _ => Self::Retransmit { line: Line(first), message: MessageId(second) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_differ() {
        let all = [
            Internal::Change { gate: 0 },
            Internal::Change { gate: 1 },
            Internal::AcceptorFree,
            Internal::Release { slot: 0, generation: 1 },
            Internal::Release { slot: 1, generation: 0 },
            Internal::Retransmit { line: Line(0), message: MessageId(1) },
            Internal::Retransmit { line: Line(0), message: MessageId(u32::MAX) },
        ];
        let different: std::collections::BTreeSet<u64> = all.iter().map(|what| what.ordinal()).collect();
        assert_eq!(different.len(), all.len());
        assert!(all[1].is_change() && !all[2].is_change());
    }
}
