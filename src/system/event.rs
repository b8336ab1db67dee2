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

/// An event as the agenda keeps it: two words, which a processor holds in two registers. The fields of the
/// enumeration would be written one by one and read back together, for which it has to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Entry {
    /// The kind in the upper half and the first number in the lower.
    upper: u64,
    /// The second number and the third.
    lower: u64,
}

/// Kinds of entries. The first are those of what happens inside a recipient.
const CONNECTION: u32 = Internal::KINDS;
const ARRIVAL: u32 = CONNECTION + 1;
const RUN: u32 = CONNECTION + 2;
const LOOK: u32 = CONNECTION + 3;
const FLUSH: u32 = CONNECTION + 4;

impl From<Event> for Entry {
    #[inline(always)]
    fn from(event: Event) -> Self {
        let (kind, first, second, third) = match event {
            Event::Recipient { recipient, what } => {
                let (kind, second, third) = what.numbers();
                (kind, recipient.0, second, third)
            }
            Event::Connection { line, generation, message } => (CONNECTION, line.0, generation, message.0),
            Event::Arrival { source } => (ARRIVAL, source, 0, 0),
            Event::Run { host } => (RUN, host.0, 0, 0),
            Event::Look { host } => (LOOK, host.0, 0, 0),
            Event::Flush { population, flush } => (FLUSH, population.0, flush, 0),
        };
        let both = |upper: u32, lower: u32| u64::from(upper) << 32 | u64::from(lower);
        Self { upper: both(kind, first), lower: both(second, third) }
    }
}

impl From<Entry> for Event {
    #[inline(always)]
    fn from(Entry { upper, lower }: Entry) -> Self {
        let (kind, first) = ((upper >> 32) as u32, upper as u32);
        let (second, third) = ((lower >> 32) as u32, lower as u32);
        match kind {
            CONNECTION => {
                Self::Connection { line: Line(first), generation: second, message: MessageId(third) }
            }
            ARRIVAL => Self::Arrival { source: first },
            RUN => Self::Run { host: HostId(first) },
            LOOK => Self::Look { host: HostId(first) },
            FLUSH => Self::Flush { population: PopulationId(first), flush: second },
            _ => Self::Recipient {
                recipient: RecipientId(first),
                what: Internal::from_numbers(kind, second, third),
            },
        }
    }
}

/// A message that waits for its next try. It comes after every [`Event`] of the same instant, so
/// that capacity that returns is there before anyone tries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Waiting(pub(super) Message);

impl Ranked for Entry {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (kind, entity, index) = match Event::from(*self) {
            Event::Recipient { recipient, what } => {
                (if what.is_change() { 0 } else { 1 }, u64::from(recipient.0), what.ordinal())
            }
            // By the message alone. The generation says how many others had this line before, which is no content; it
            // tells apart only what is out of date.
            Event::Connection { line: _, generation, message } => {
                let (entity, index) = (u64::from(message.0), u64::from(generation));
                return Rank { kind: 1, tie: key.tie(entity, 0), entity, index };
            }
            Event::Arrival { source } => (2, u64::from(source), 0),
            Event::Run { host } => (3, u64::from(host.0), 0),
            Event::Look { host } => (3, u64::from(host.0), 1),
            Event::Flush { population, flush } => (4, u64::from(population.0), u64::from(flush)),
        };
        Rank { kind, tie: key.tie(entity, index), entity, index }
    }
}

impl Ranked for Waiting {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (entity, index) = (u64::from(self.0.id().0), u64::from(self.0.failures()));
        Rank { kind: 0, tie: key.tie(entity, index), entity, index }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_the_same_event() {
        let recipient = RecipientId(9);
        let of_recipients = [
            Internal::Change { gate: u32::MAX },
            Internal::AcceptorFree,
            Internal::Release { slot: 3, generation: u32::MAX },
            Internal::Retransmit { line: Line(4), message: MessageId(u32::MAX) },
        ];
        let others = [
            Event::Connection { line: Line(1), generation: u32::MAX, message: MessageId(u32::MAX) },
            Event::Arrival { source: 6 },
            Event::Run { host: HostId(u32::MAX) },
            Event::Look { host: HostId(7) },
            Event::Flush { population: PopulationId(1), flush: 2 },
        ];
        for event in of_recipients.map(|what| Event::Recipient { recipient, what }).into_iter().chain(others)
        {
            assert_eq!(Event::from(Entry::from(event)), event);
        }
    }
}
