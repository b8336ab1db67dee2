//! A caller for tests: drives one recipient and writes down what becomes of every connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Drawn, GateSettings, Internal, Outcome, Patience, Recipient, Refused, Settings, Step};
use crate::id::{HostId, Line, MessageId, RecipientId};
use crate::law::Law;
use crate::random::Key;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// A server that takes no time and has no gates.
pub(super) fn settings(slots: Option<u32>) -> Settings {
    Settings {
        slots,
        round_trip: Span::ZERO,
        setup: Law::ZERO,
        transaction: Law::ZERO,
        transaction_drawn: Drawn::Once,
        idle_hold: Span::ZERO,
        gates: Vec::new(),
    }
}

/// The server with one gate more, named by its position.
pub(super) fn with(mut settings: Settings, gate: GateSettings) -> Settings {
    settings.gates.push((settings.gates.len().to_string(), gate));
    settings
}

/// The instant so many seconds after the start.
pub(super) fn at(seconds: f64) -> Instant {
    Instant::ZERO + Span::from_seconds_f64(seconds)
}

/// What became of one message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fate {
    Accepted,
    Failed(Failure),
    TimedOut,
    Cut,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Internal(Internal),
    Greeted(Line),
    Ended(Line, Fate),
    Connect { client: u32, message: u32 },
}

#[derive(Clone, Copy, Debug)]
struct Connection {
    client: u32,
    /// The present message, and how many more are to follow.
    message: u32,
    more: u32,
    connected: Instant,
    /// The event that is expected; others are out of date.
    expected: Option<(Instant, u8, u64)>,
}

/// Drives a recipient. All that it logs is in the order of events.
pub(super) struct Driver {
    pub(super) recipient: Recipient,
    agenda: BTreeMap<(Instant, u8, u64), Event>,
    pushed: u64,
    connections: Vec<Option<Connection>>,
    slots: Option<u32>,
    /// Messages over each connection.
    pub(super) messages: u32,
    /// How long clients wait for the connect and for the greeting.
    pub(super) patience: (Span, Span),
    /// Message, when its fate was known, and the fate.
    pub(super) fates: Vec<(u32, Instant, Fate)>,
    /// Connection by message, and when it was greeted.
    pub(super) greeted: Vec<(u32, Instant)>,
    /// Slots in use after each event.
    pub(super) in_use: Vec<(Instant, u32)>,
}

impl Driver {
    pub(super) fn new(settings: Settings) -> Self {
        let slots = settings.slots;
        let key = Key::new(421, 0).named("mx");
        let mut recipient = Recipient::new(Arc::new(settings), RecipientId(0), key, Instant::NEVER);
        recipient.start();
        let mut driver = Self {
            recipient,
            agenda: BTreeMap::new(),
            pushed: 0,
            connections: Vec::new(),
            slots,
            messages: 1,
            patience: (Span::from_seconds(30), Span::from_seconds(300)),
            fates: Vec::new(),
            greeted: Vec::new(),
            in_use: Vec::new(),
        };
        driver.heed(Instant::ZERO);
        driver
    }

    /// A client connects at an instant, with this message first.
    pub(super) fn connect(&mut self, at: Instant, client: u32, message: u32) {
        self.push(at, Event::Connect { client, message });
    }

    /// Connects at these instants: message k of client k % 10.
    pub(super) fn connect_all(&mut self, instants: &[f64]) {
        for (message, seconds) in (0..).zip(instants) {
            self.connect(at(*seconds), message % 10, message);
        }
    }

    /// Runs what happens before `end`.
    pub(super) fn run_until(&mut self, end: Instant) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 < end) {
            let (place, event) = entry.remove_entry();
            self.handle(place, event);
            self.heed(place.0);
            let in_use = self.recipient.in_use();
            assert!(self.slots.is_none_or(|slots| in_use <= slots), "{in_use} slots in use");
            self.in_use.push((place.0, in_use));
        }
    }

    /// Runs until nothing happens any more.
    pub(super) fn run(&mut self) {
        self.run_until(Instant::NEVER);
        assert!(self.connections.iter().all(Option::is_none), "a connection has no end");
        assert_eq!(self.recipient.in_use(), 0, "a slot was lost");
    }

    /// The fates in the order of messages.
    pub(super) fn by_message(&self) -> Vec<(Instant, Fate)> {
        let mut fates = self.fates.clone();
        fates.sort_by_key(|(message, at, _)| (*message, *at));
        fates.into_iter().map(|(_, at, fate)| (at, fate)).collect()
    }

    fn push(&mut self, at: Instant, event: Event) -> (Instant, u8, u64) {
        let rank = match event {
            Event::Internal(what) if what.is_change() => 0,
            Event::Connect { .. } => 2,
            _ => 1,
        };
        self.pushed += 1;
        let place = (at, rank, self.pushed);
        self.agenda.insert(place, event);
        place
    }

    fn handle(&mut self, place: (Instant, u8, u64), event: Event) {
        let now = place.0;
        match event {
            Event::Internal(what) => self.recipient.internal(now, what),
            Event::Connect { client, message } => self.open(now, client, message),
            Event::Greeted(line) => {
                let Some(connection) = self.expecting(line, place) else { return };
                self.greeted.push((connection.message, now));
                self.transact(now, line, connection);
            }
            Event::Ended(line, fate) => {
                let Some(connection) = self.expecting(line, place) else { return };
                self.fates.push((connection.message, now, fate));
                self.follow(now, line, connection, fate);
            }
        }
    }

    /// After the end of a message: the next one, or the end of the connection.
    fn follow(&mut self, now: Instant, line: Line, connection: Connection, fate: Fate) {
        let greeted = !matches!(fate, Fate::Failed(failure) if failure.stage().concerns_host());
        let closed =
            matches!(fate, Fate::Failed(failure) if failure.code().is_some_and(|c| c.closes_channel()));
        if fate == Fate::TimedOut {
            self.recipient.abandon(now, line);
        } else if greeted && !closed && connection.more > 0 {
            let next =
                Connection { message: connection.message + 1, more: connection.more - 1, ..connection };
            self.connections[line.index()] = Some(next);
            self.transact(now, line, next);
            return;
        } else if greeted {
            self.recipient.hang_up(now, line);
        }
        self.connections[line.index()] = None;
    }

    fn open(&mut self, now: Instant, client: u32, message: u32) {
        let free = self.connections.iter().position(Option::is_none);
        let line = free.unwrap_or(self.connections.len());
        self.connections.resize(self.connections.len().max(line + 1), None);
        let more = self.messages - 1;
        let connection = Connection { client, message, more, connected: now, expected: None };
        self.connections[line] = Some(connection);
        let line = Line(line as u32);
        if let Some(refused) = self.recipient.connect(now, line, HostId(client), MessageId(message), 0) {
            self.refuse(line, refused);
        }
    }

    fn transact(&mut self, now: Instant, line: Line, connection: Connection) {
        let (client, message) = (HostId(connection.client), MessageId(connection.message));
        self.recipient.transact(now, line, client, message, 0);
    }

    fn expecting(&self, line: Line, place: (Instant, u8, u64)) -> Option<Connection> {
        self.connections[line.index()].filter(|connection| connection.expected == Some(place))
    }

    fn expect(&mut self, line: Line, at: Instant, event: Event) {
        let expected = Some(self.push(at, event));
        let connection = self.connections[line.index()].as_mut().expect("an open connection");
        connection.expected = expected;
    }

    fn refuse(&mut self, line: Line, refused: Refused) {
        self.expect(line, refused.at, Event::Ended(line, Fate::Failed(refused.failure)));
    }

    fn heed(&mut self, now: Instant) {
        while let Some(step) = self.recipient.next() {
            match step {
                Step::Greeted { line, at } => self.expect(line, at, Event::Greeted(line)),
                Step::Refused { line, refused } => self.refuse(line, refused),
                Step::Ends { line, at, outcome } => {
                    let fate = match outcome {
                        Outcome::Accepted => Fate::Accepted,
                        Outcome::Refused(failure) | Outcome::Rejected(failure) => Fate::Failed(failure),
                    };
                    self.expect(line, at, Event::Ended(line, fate));
                }
                Step::Silent { line, patience } => {
                    let patience = match patience {
                        Patience::Connect => self.patience.0,
                        Patience::Greeting => self.patience.1,
                    };
                    let connected = self.connections[line.index()].expect("an open connection").connected;
                    self.expect(line, connected + patience, Event::Ended(line, Fate::TimedOut));
                }
                Step::Cut { line } => {
                    let connection = self.connections[line.index()].take().expect("an open connection");
                    self.fates.push((connection.message, now, Fate::Cut));
                }
                Step::Call { at, what } => {
                    assert!(at >= now);
                    self.push(at, Event::Internal(what));
                }
            }
        }
    }
}
