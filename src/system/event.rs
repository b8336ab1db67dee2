//! The closed list of events, and their order at one instant.

use crate::engine::{Rank, Ranked};
use crate::id::{HostId, Line, MessageId, PopulationId, RecipientId};
use crate::message::Message;
use crate::random::Key;
use crate::recipient::Internal;

/// What can be on the agenda, apart from messages that wait for their next try.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Event {
    /// Something inside a recipient: a window opens, a slot becomes free.
    Recipient { recipient: RecipientId, what: Internal },
    /// The present phase of a connection ends.
    Connection { line: Line, generation: u32, message: MessageId },
    /// The next message of a source arrives.
    Arrival { source: u32 },
    /// A host looks at its waiting mail.
    Run { host: HostId },
    /// A host does something that is due, without a scan or a run.
    Look { host: HostId },
    /// Operators flush the queues of a population.
    Flush { population: PopulationId, flush: u32 },
}

/// A message that waits for its next try. It comes after every [`Event`] of the same instant, so
/// that capacity that returns is there before anyone tries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Waiting(pub(super) Message);

impl Ranked for Event {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (kind, entity, index) = match *self {
            Self::Recipient { recipient, what } => {
                (if what.is_change() { 0 } else { 1 }, u64::from(recipient.0), what.ordinal())
            }
            Self::Connection { line: _, generation, message } => {
                (1, u64::from(message.0), u64::from(generation))
            }
            Self::Arrival { source } => (2, u64::from(source), 0),
            Self::Run { host } => (3, u64::from(host.0), 0),
            Self::Look { host } => (3, u64::from(host.0), 1),
            Self::Flush { population, flush } => (4, u64::from(population.0), u64::from(flush)),
        };
        Rank { kind, tie: key.tie(entity, index), entity, index }
    }
}

impl Ranked for Waiting {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (entity, index) = (u64::from(self.0.id.0), u64::from(self.0.failures()));
        Rank { kind: 0, tie: key.tie(entity, index), entity, index }
    }
}
