//! What the recipient knows about each line of the table of connections.

use super::backlog::SYN_RETRANSMITS;
use crate::id::{HostId, Line, MessageId};
use crate::time::{Instant, Span};

/// One connection as the recipient sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) client: HostId,
    pub(super) message: MessageId,
    pub(super) attempt: u32,
    pub(super) connected: Instant,
    /// Which connection on this line it is.
    pub(super) visit: u32,
    pub(super) place: Place,
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

/// All lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    callers: Vec<Caller>,
}

impl Lines {
    /// A new connection on a line.
    #[inline]
    pub(super) fn open(
        &mut self,
        now: Instant,
        line: Line,
        client: HostId,
        message: MessageId,
        attempt: u32,
    ) -> Caller {
        if self.callers.len() <= line.index() {
            self.make_room(line);
        }
        let before = &mut self.callers[line.index()];
        let (visit, place) = (before.visit.wrapping_add(1), Place::Knocking { repeated: 0 });
        let caller = Caller { client, message, attempt, connected: now, visit, place };
        // Not read again from where it was just written in pieces: a processor would have to wait for all of them.
        *before = caller;
        caller
    }

    /// Makes room for lines that were never used, up to this one.
    #[cold]
    fn make_room(&mut self, line: Line) {
        let nobody = Caller {
            client: HostId(0),
            message: MessageId(0),
            attempt: 0,
            connected: Instant::ZERO,
            visit: 0,
            place: Place::Gone,
        };
        self.callers.resize(line.index() + 1, nobody);
    }

    /// What is known about a line.
    pub(super) fn get(&self, line: Line) -> Caller {
        self.callers[line.index()]
    }

    /// The connection now carries this message.
    pub(super) fn carry(&mut self, line: Line, message: MessageId) {
        self.callers[line.index()].message = message;
    }

    /// Notes how far the connection has come.
    pub(super) fn set(&mut self, line: Line, place: Place) {
        self.callers[line.index()].place = place;
    }
}
