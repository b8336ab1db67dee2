//! What the recipient knows about each line of the table of connections.

use super::backlog::SYN_RETRANSMITS;
use crate::id::{HostId, Line, MessageId};
use crate::time::{Instant, Span};

/// Who connects, as the recipient sees it: no two connections are alike, since a message fails between two of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Caller {
    pub(super) client: HostId,
    pub(super) message: MessageId,
    pub(super) attempt: u32,
    pub(super) connected: Instant,
}

impl Caller {
    /// When the kernel of the client repeats a SYN that it has repeated so many times; none: never again.
    pub(super) fn repeats_at(&self, repeated: u32) -> Option<Instant> {
        let seconds = SYN_RETRANSMITS.get(repeated as usize)?;
        Some(self.connected + Span::from_seconds(*seconds))
    }
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// There is none.
    Gone,
    /// Nothing will ever come.
    Ignored,
    /// The SYN was repeated so many times.
    Knocking { repeated: u32 },
    /// In the queue.
    Waiting,
    /// In a slot.
    Slot(u32),
}

/// All lines. One on which nobody was taken note of yet is not among them.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    lines: Vec<(Caller, Place)>,
}

impl Lines {
    /// Takes note of who is on a line, and how far that connection has come.
    #[inline]
    pub(super) fn put(&mut self, line: Line, caller: Caller, place: Place) {
        if self.lines.len() <= line.index() {
            // Lines between that one and the last were never used here.
            self.lines.resize(line.index() + 1, (caller, Place::Gone));
        }
        self.lines[line.index()] = (caller, place);
    }

    /// How far the connection on a line has come.
    pub(super) fn place(&self, line: Line) -> Place {
        self.lines.get(line.index()).map_or(Place::Gone, |(_, place)| *place)
    }

    /// Who is on a line, if that connection has come so far.
    pub(super) fn at(&self, line: Line, place: Place) -> Option<Caller> {
        self.lines.get(line.index()).filter(|(_, its)| *its == place).map(|(caller, _)| *caller)
    }

    /// The message that the connection carries, or was made for.
    pub(super) fn message(&self, line: Line) -> MessageId {
        self.lines[line.index()].0.message
    }

    /// The connection now carries this message.
    pub(super) fn carry(&mut self, line: Line, message: MessageId) {
        self.lines[line.index()].0.message = message;
    }

    /// The connection is gone.
    pub(super) fn leave(&mut self, line: Line) {
        if let Some((_, place)) = self.lines.get_mut(line.index()) {
            *place = Place::Gone;
        }
    }
}
