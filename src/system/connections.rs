//! The table of connections: which message is under way on which, and what comes next.
//!
//! A line has a generation number that rises with every phase, so an event meant for an earlier
//! phase, or for a connection that was cut, is recognised as out of date and nothing needs to be
//! cancelled.

use super::observer;
use crate::id::{Line, MessageId, RouteId};
use crate::message::Message;
use crate::recipient::Outcome;
use crate::smtp::{Failure, Stage};
use crate::time::Instant;

/// A connection as its sender sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    /// The queue it serves.
    pub(super) route: RouteId,
    /// Between whom that lies.
    pub(super) at: observer::Place,
    /// The message under way.
    pub(super) message: Message,
    /// When the attempt for that message began.
    pub(super) started: Instant,
    /// When the connection was opened.
    pub(super) opened: Instant,
    /// When the recipient gave it a slot.
    pub(super) accepted: Option<Instant>,
    /// Messages tried over it so far, the present one included.
    pub(super) carried: u32,
    /// Messages delivered over it so far.
    pub(super) delivered: u32,
    /// What its sender said: whether it is to be kept when the message is done with.
    pub(super) keep: bool,
    /// What it is waiting for.
    pub(super) phase: Phase,
}

impl Connection {
    /// A connection that is opened now, for a message.
    #[inline(always)]
    pub(super) fn new(
        now: Instant,
        route: RouteId,
        at: observer::Place,
        message: Message,
        keep: bool,
    ) -> Self {
        Self {
            route,
            at,
            message,
            started: now,
            opened: now,
            accepted: None,
            carried: 1,
            delivered: 0,
            keep,
            phase: Phase::Open,
        }
    }
}

/// What happens at the end of the present phase of a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Phase {
    /// The recipient has not said yet what will happen.
    Open,
    /// Nothing comes; the sender loses patience.
    Silence,
    /// Greeting, HELO and TLS are done.
    SettingUp,
    /// The negative greeting arrives.
    Refusal(Failure),
    /// The reply that ends the transaction arrives.
    Transaction(Outcome),
    /// Nothing, until its sender uses it again: it carries no message.
    Idle,
}

impl Phase {
    /// The stage at which a connection fails that is cut in this phase.
    pub(super) fn stage_if_cut(self) -> Stage {
        match self {
            Self::Transaction(_) => Stage::Data,
            _ => Stage::Greeting,
        }
    }
}

/// All connections, open ones and free places.
#[derive(Clone, Debug, Default)]
pub(super) struct Connections {
    lines: Vec<Place>,
    free: Vec<Line>,
}

/// A place in the table.
#[derive(Clone, Debug)]
struct Place {
    /// Rises with every phase of every connection that was here.
    generation: u32,
    connection: Option<Connection>,
}

impl Connections {
    /// The line on which a connection is opened next.
    #[inline(always)]
    pub(super) fn vacant(&self) -> Line {
        self.free.last().copied().unwrap_or(Line(self.lines.len() as u32))
    }

    /// Opens a connection on the vacant line.
    #[inline(always)]
    pub(super) fn open(&mut self, connection: Connection) {
        match self.free.pop() {
            Some(line) => self.lines[line.index()].connection = Some(connection),
            None => self.lines.push(Place { generation: 0, connection: Some(connection) }),
        }
    }

    /// The connection on a line; none when it is gone.
    pub(super) fn get_mut(&mut self, line: Line) -> Option<&mut Connection> {
        self.lines[line.index()].connection.as_mut()
    }

    /// Between whom the connection lies whose phase an event was meant to end, and which phase that is; none if the event
    /// is out of date.
    pub(super) fn at_phase_end(&self, line: Line, generation: u32) -> Option<(observer::Place, Phase)> {
        let place = &self.lines[line.index()];
        let connection = place.connection.as_ref().filter(|_| place.generation == generation)?;
        Some((connection.at, connection.phase))
    }

    /// Enters a phase. Returns the generation its end must name, and the message under way.
    pub(super) fn enter(&mut self, line: Line, phase: Phase) -> Option<(u32, MessageId)> {
        let place = &mut self.lines[line.index()];
        let connection = place.connection.as_mut()?;
        connection.phase = phase;
        place.generation = place.generation.wrapping_add(1);
        Some((place.generation, connection.message.id()))
    }

    /// Closes a connection and frees its line.
    #[inline]
    pub(super) fn close(&mut self, line: Line) -> Option<Connection> {
        let place = &mut self.lines[line.index()];
        let connection = place.connection.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(line);
        Some(connection)
    }

    /// The open connections with a message under way.
    pub(super) fn carrying(&self) -> impl Iterator<Item = &Connection> {
        let open = self.lines.iter().filter_map(|place| place.connection.as_ref());
        open.filter(|connection| connection.phase != Phase::Idle)
    }
}
