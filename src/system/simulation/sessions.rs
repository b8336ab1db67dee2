//! The life of a connection: greeting, transactions, and the ways in which it ends.

use super::Simulation;
use crate::engine::Engine;
use crate::id::{Line, RecipientId};
use crate::message::Message;
use crate::recipient::{Outcome, Patience, Refused};
use crate::sender::{Ended, Next, Used};
use crate::smtp::{Failure, Stage};
use crate::system::connections::{Connection, Phase};
use crate::system::event::Event;
use crate::system::observer::{Happening, Observer, Place};
use crate::time::{Instant, Span};

impl<E: Engine, O: Observer> Simulation<'_, E, O> {
    /// The present phase of a connection is over, unless it ended earlier in another way.
    pub(super) fn end_phase(&mut self, now: Instant, line: Line, generation: u32) {
        let Some((at, phase)) = self.connections.at_phase_end(line, generation) else {
            self.tally.looks += 1;
            return;
        };
        match phase {
            Phase::Open | Phase::Idle => {}
            Phase::Silence => {
                self.recipients[at.recipient.index()].abandon(now, line);
                self.fail(now, line, Failure::new(Stage::Timeout, None));
            }
            Phase::SettingUp => {
                self.observer.observe(now, Happening::Greeted { line, at });
                self.transact(now, line);
            }
            // For the recipient this connection was gone when it refused: it has nothing to add.
            Phase::Refusal(failure) => {
                self.fail(now, line, failure);
                return self.heed_senders(now);
            }
            Phase::Transaction(outcome) => self.end_transaction(now, line, outcome),
        }
        self.heed_recipient(at.recipient, now);
        self.heed_senders(now);
    }

    /// Begins the transaction for the message that lies on the connection.
    fn transact(&mut self, now: Instant, line: Line) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let (at, message) = (connection.at, connection.message);
        let server = &mut self.recipients[at.recipient.index()];
        server.transact(now, line, at.host, message.id(), message.failures());
    }

    fn end_transaction(&mut self, now: Instant, line: Line, outcome: Outcome) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let Connection { route, at, mut message, started, .. } = *connection;
        let mut channel_open = true;
        let ended = match outcome {
            Outcome::Accepted => {
                connection.delivered += 1;
                self.note_delivery(now, at, message, started);
                Ended::Delivered
            }
            Outcome::Refused(failure) | Outcome::Rejected(failure) => {
                channel_open = !failure.code().is_some_and(crate::smtp::Code::closes_channel);
                self.note_failure(now, at, &mut message, started, failure);
                Ended::Failed(failure)
            }
        };
        self.senders.ended(now, route, message, started, ended);
        if channel_open && self.reuse(now, line) {
            return;
        }
        self.hang_up(now, line);
        self.senders.closed(now, route);
    }

    /// Whether the connection stays open: its sender has another message for it, or keeps it for one.
    fn reuse(&mut self, now: Instant, line: Line) -> bool {
        let Some(connection) = self.connections.get_mut(line) else { return false };
        let Connection { route, carried, opened, keep, .. } = *connection;
        match self.senders.reuse(now, route, Used { line, carried, opened, keep }) {
            Next::Carry(message) => self.carry(now, line, message, false),
            Next::Keep => {
                self.connections.enter(line, Phase::Idle);
            }
            Next::Close => return false,
        }
        true
    }

    /// Sends another message down the connection.
    fn carry(&mut self, now: Instant, line: Line, message: Message, keep: bool) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let at = connection.at;
        connection.carried += 1;
        connection.started = now;
        connection.message = message;
        connection.message.mark_tried();
        connection.keep = keep;
        self.tally.events += 1;
        self.observer.observe(now, Happening::Reused { line, at, message });
        self.transact(now, line);
    }

    /// Uses a connection again that its sender has kept.
    pub(super) fn resume(&mut self, now: Instant, line: Line, message: Message, keep: bool) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let recipient = connection.at.recipient;
        self.carry(now, line, message, keep);
        self.heed_recipient(recipient, now);
    }

    /// The recipient refuses a connection.
    pub(super) fn refuse(&mut self, line: Line, Refused { failure, at }: Refused) {
        let books = self.senders.books_refusals();
        let booking = if books { self.booking(line) } else { Span::ZERO };
        self.enter(line, Phase::Refusal(failure), at.saturating_add(booking));
    }

    /// What follows when a refusal is heard is done already if nothing that happens until then can make a difference to it: the
    /// event set need not hold what is known, nor the table a connection that is gone. Whether it was done.
    #[inline(always)]
    pub(super) fn fail_ahead(&mut self, line: Line, connection: &Connection, refused: Refused) -> bool {
        let Refused { failure, at: heard } = refused;
        if O::IN_ORDER || self.disturbances.last().is_none_or(|next| heard >= *next) {
            return false;
        }
        let Connection { route, at, mut message, started, .. } = *connection;
        let Some((until, waiting)) = self.senders.foresee(heard, route, message, failure) else {
            return false;
        };
        self.note_failure(heard, at, &mut message, started, failure);
        self.note_end(heard, line, connection);
        self.sleep(heard, until, waiting);
        true
    }

    #[inline(never)]
    fn booking(&mut self, line: Line) -> Span {
        self.connections
            .get_mut(line)
            .map_or(Span::ZERO, |connection| self.senders.booking(connection.route, &connection.message))
    }

    /// The connection failed before it carried mail, or was lost.
    #[inline(always)]
    fn fail(&mut self, now: Instant, line: Line, failure: Failure) {
        let Some(connection) = self.connections.close(line) else { return };
        let Connection { route, at, mut message, started, .. } = connection;
        self.note_failure(now, at, &mut message, started, failure);
        self.note_end(now, line, &connection);
        self.senders.ended(now, route, message, started, Ended::Failed(failure));
        self.senders.closed(now, route);
    }

    fn note_delivery(&mut self, now: Instant, at: Place, message: Message, started: Instant) {
        self.tally.events += 1;
        self.tally.delivered += 1;
        self.observer.observe(now, Happening::Delivered { message, at, started });
    }

    #[inline(always)]
    fn note_failure(
        &mut self,
        now: Instant,
        at: Place,
        message: &mut Message,
        started: Instant,
        failure: Failure,
    ) {
        self.tally.events += 1;
        self.observer.observe(now, Happening::Failed { message: *message, at, started, failure });
        message.mark_deferred();
    }

    /// The sender closes a connection in good order. Returns with whom.
    pub(super) fn hang_up(&mut self, now: Instant, line: Line) -> Option<RecipientId> {
        let recipient = self.connections.get_mut(line)?.at.recipient;
        self.recipients[recipient.index()].hang_up(now, line);
        self.end(now, line);
        Some(recipient)
    }

    /// A line is free again.
    fn end(&mut self, now: Instant, line: Line) {
        let Some(connection) = self.connections.close(line) else { return };
        self.note_end(now, line, &connection);
    }

    #[inline(always)]
    fn note_end(&mut self, now: Instant, line: Line, connection: &Connection) {
        self.tally.events += 1;
        let held = connection.accepted.map_or(Span::ZERO, |since| now - since);
        let (at, delivered) = (connection.at, connection.delivered);
        self.observer.observe(now, Happening::Closed { line, at, held, delivered });
    }

    pub(super) fn accept(&mut self, now: Instant, line: Line, greeted: Instant) {
        if let Some(connection) = self.connections.get_mut(line) {
            connection.accepted = Some(now);
        }
        self.enter(line, Phase::SettingUp, greeted);
    }

    #[inline(always)]
    pub(super) fn enter(&mut self, line: Line, phase: Phase, end: Instant) {
        if let Some((generation, message)) = self.connections.enter(line, phase) {
            self.schedule(end, Event::Connection { line, generation, message });
        }
    }

    /// The sender's patience runs from the connect; it may be over already when the recipient only
    /// now took the connection up.
    pub(super) fn wait_in_silence(&mut self, now: Instant, line: Line, patience: Patience) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let (route, opened) = (connection.route, connection.opened);
        let timeout = match patience {
            Patience::Connect => self.senders.connect_timeout(route),
            Patience::Greeting => self.senders.greeting_timeout(route),
        };
        self.enter(line, Phase::Silence, opened.saturating_add(timeout).max(now));
    }

    pub(super) fn cut(&mut self, now: Instant, line: Line) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        if connection.phase == Phase::Idle {
            let route = connection.route;
            self.end(now, line);
            return self.senders.lost(route, line);
        }
        let stage = connection.phase.stage_if_cut();
        self.fail(now, line, Failure::new(stage, None));
    }
}
