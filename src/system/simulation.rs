//! The only scheduler: it takes events in order, tells sender and recipient, and puts what they
//! answer on the agenda.

use super::connections::{Connection, Connections, Phase};
use super::event::{Event, Waiting};
use super::feed::Feed;
use super::observer::{Happening, Observer, Place};
use super::plan::Plan;
use crate::engine::EventSet;
use crate::id::{HostId, Line, PopulationId, RecipientId, RouteId};
use crate::message::Message;
use crate::random::Key;
use crate::recipient::{self, Internal, Outcome, Patience, Recipient};
use std::sync::Arc;

use crate::sender::{self, Ended, Next, Notices, Policy, Senders, Used};
use crate::smtp::{Failure, Stage};
use crate::time::{Instant, Span};

/// One cell under way: a plan, a replication and an observer.
pub(super) struct Simulation<'p, O> {
    plan: &'p Plan,
    agenda: EventSet<Event>,
    waiting: EventSet<Waiting>,
    senders: Senders,
    recipients: Vec<Recipient>,
    /// Slots in use when observers were told last.
    slots_told: Vec<(u32, Option<u32>)>,
    feed: Feed<'p>,
    connections: Connections,
    observer: O,
    tally: Tally,
}

/// Totals that must always agree, and the work that was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages accepted by senders.
    pub arrived: u64,
    /// Messages accepted by recipients.
    pub delivered: u64,
    /// Messages returned to their authors.
    pub bounced: u64,
    /// Messages waiting at senders.
    pub queued: u64,
    /// Messages in a session.
    pub in_session: u64,
    /// Arrivals, attempts, ends of connections and of transactions.
    pub events: u64,
    /// Queue runs, window changes and whatever else was only looked at.
    pub looks: u64,
}

impl<'p, O: Observer> Simulation<'p, O> {
    /// Prepares replication `replication` of `plan`.
    pub(super) fn new(plan: &'p Plan, policies: &[Arc<Policy>], replication: u32, observer: O) -> Self {
        let key = Key::new(plan.seed, replication);
        let feed = Feed::new(plan, key);
        let senders =
            Senders::new(policies.to_vec(), feed.layout.hosts.clone(), feed.layout.routes.clone(), key);
        let recipients: Vec<_> = (0u32..)
            .zip(&plan.recipients)
            .map(|(id, named)| {
                Recipient::new(named.settings.clone(), RecipientId(id), key.named(&named.name), plan.horizon)
            })
            .collect();
        let mut simulation = Self {
            plan,
            slots_told: vec![(0, None); recipients.len()],
            feed,
            agenda: EventSet::new(key),
            waiting: EventSet::new(key),
            senders,
            recipients,
            connections: Connections::default(),
            observer,
            tally: Tally::default(),
        };
        simulation.start();
        simulation
    }

    /// Processes up to `steps` events; false when the horizon is reached.
    pub(super) fn advance(&mut self, steps: u64) -> bool {
        for _ in 0..steps {
            if !self.step() {
                return false;
            }
        }
        true
    }

    /// Ends the run: what is unfinished is counted, and nothing may be missing. Also returns the
    /// attempts that are under way, with the instant at which each began.
    pub(super) fn finish(mut self) -> (O, Tally, Vec<(Message, Instant)>) {
        self.tally.queued = self.waiting.len() as u64 + self.senders.queued();
        let under_way: Vec<_> =
            self.connections.carrying().map(|connection| (connection.message, connection.started)).collect();
        self.tally.in_session = under_way.len() as u64;
        let t = &self.tally;
        assert_eq!(t.delivered + t.bounced + t.queued + t.in_session, t.arrived, "a message was lost: {t:?}");
        (self.observer, self.tally, under_way)
    }

    fn start(&mut self) {
        for index in 0..self.recipients.len() {
            self.recipients[index].start();
            self.heed_recipient(RecipientId(index as u32), Instant::ZERO);
        }
        for (population, plan) in (0u32..).zip(&self.plan.populations) {
            for (flush, when) in (0u32..).zip(&plan.flushes) {
                self.agenda.push(when.at, Event::Flush { population: PopulationId(population), flush });
            }
        }
        self.senders.start(Instant::ZERO);
        self.heed_senders(Instant::ZERO);
        for (source, at) in self.feed.first_arrivals() {
            self.agenda.push(at, Event::Arrival { source });
        }
    }

    /// Processes the next event before the horizon. Waiting messages come last at one instant.
    fn step(&mut self) -> bool {
        let agenda = self.agenda.next_instant().unwrap_or(Instant::NEVER);
        let waiting = self.waiting.next_instant().unwrap_or(Instant::NEVER);
        if agenda.min(waiting) >= self.plan.horizon {
            return false;
        }
        if agenda <= waiting {
            if let Some((now, event)) = self.agenda.pop() {
                self.handle(now, event);
            }
        } else if let Some((now, Waiting(message))) = self.waiting.pop() {
            self.senders.wake(now, self.feed.ids.route(message.id), message);
            self.heed_senders(now);
        }
        true
    }

    fn handle(&mut self, now: Instant, event: Event) {
        match event {
            Event::Recipient { recipient, what } => {
                self.tally.looks += 1;
                self.recipients[recipient.index()].internal(now, what);
                self.heed_recipient(recipient, now);
                self.heed_senders(now);
            }
            Event::Connection { line, generation, .. } => self.end_phase(now, line, generation),
            Event::Arrival { source } => self.arrive(now, source),
            Event::Run { host } => {
                self.tally.looks += 1;
                self.senders.run(now, host);
                self.heed_senders(now);
            }
            Event::Look { host } => {
                self.tally.looks += 1;
                self.senders.look(now, host);
                self.heed_senders(now);
            }
            Event::Flush { population, flush } => self.flush(now, population, flush as usize),
        }
    }

    fn arrive(&mut self, now: Instant, source: u32) {
        let (arrived, next) = self.feed.arrive(source);
        if let Some(next) = next {
            self.agenda.push(next, Event::Arrival { source });
        }
        let message = arrived.message;
        self.tally.arrived += 1;
        self.tally.events += 1;
        let happening = Happening::Arrived { message, at: arrived.at, population: arrived.population };
        self.observer.observe(now, happening);
        if arrived.was_queued {
            self.senders.resume(now, arrived.route, message);
        } else {
            self.senders.arrive(now, arrived.route, message);
        }
        self.heed_senders(now);
    }

    fn flush(&mut self, now: Instant, population: PopulationId, flush: usize) {
        let plan = &self.plan.populations[population.index()];
        let flush = plan.flushes[flush];
        let first = self.feed.layout.first_host[population.index()];
        let ours = first..first + plan.hosts;
        let feed = &self.feed;
        let host_of = |message: &Message| feed.place(message).host;
        let mut asleep: Vec<(HostId, Message)> = self
            .waiting
            .extract(|Waiting(message)| ours.contains(&host_of(message).0))
            .into_iter()
            .map(|(_, Waiting(message))| (host_of(&message), message))
            .collect();
        // Oldest first, as the queue file names of real MTAs sort.
        asleep.sort_by_key(|(host, message)| (*host, message.arrival(), message.id));
        let mut asleep = asleep.into_iter().peekable();
        for host in ours.map(HostId) {
            self.observer.observe(now, Happening::Flushed { host });
            let mine: Vec<Message> =
                std::iter::from_fn(|| asleep.next_if(|(owner, _)| *owner == host).map(|(_, m)| m)).collect();
            let ids = &self.feed.ids;
            let asleep = mine.into_iter().map(|message| (ids.route(message.id), message));
            self.senders.flush(now, host, asleep, flush.pace, flush.clear_host_state);
            self.heed_senders(now);
        }
    }

    /// The present phase of a connection is over, unless it ended earlier in another way.
    fn end_phase(&mut self, now: Instant, line: Line, generation: u32) {
        let Some(connection) = self.connections.at_phase_end(line, generation) else {
            self.tally.looks += 1;
            return;
        };
        let recipient = self.recipient_of(connection.route);
        match connection.phase {
            Phase::Open | Phase::Idle => {}
            Phase::Silence => {
                self.recipients[recipient.index()].abandon(now, line);
                self.fail(now, line, Failure { stage: Stage::Timeout, code: None });
            }
            Phase::SettingUp => {
                self.observer.observe(now, Happening::Greeted { line, at: self.place(connection.route) });
                self.transact(now, line);
            }
            Phase::Refusal(failure) => self.fail(now, line, failure),
            Phase::Transaction(outcome) => self.end_transaction(now, line, outcome),
        }
        self.heed_recipient(recipient, now);
        self.heed_senders(now);
    }

    /// Begins the transaction for the message that lies on the connection.
    fn transact(&mut self, now: Instant, line: Line) {
        let Some(connection) = self.connections.get_mut(line).copied() else { return };
        let client = self.feed.layout.routes[connection.route.index()].host;
        let recipient = self.recipient_of(connection.route);
        let message = connection.message;
        self.recipients[recipient.index()].transact(now, line, client, message.id, message.failures());
    }

    fn end_transaction(&mut self, now: Instant, line: Line, outcome: Outcome) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let (route, message, started) = (connection.route, connection.message, connection.started);
        let mut channel_open = true;
        let ended = match outcome {
            Outcome::Accepted => {
                connection.delivered += 1;
                Ended::Delivered
            }
            Outcome::Refused(failure) | Outcome::Rejected(failure) => {
                channel_open = !failure.code.is_some_and(crate::smtp::Code::closes_channel);
                Ended::Failed(failure)
            }
        };
        self.conclude(now, route, message, started, ended);
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
        let route = connection.route;
        connection.carried += 1;
        connection.started = now;
        connection.message = message;
        connection.message.mark_tried();
        connection.keep = keep;
        self.tally.events += 1;
        self.observer.observe(now, Happening::Reused { line, at: self.place(route), message });
        self.transact(now, line);
    }

    /// Uses a connection again that its sender has kept.
    fn resume(&mut self, now: Instant, line: Line, message: Message, keep: bool) {
        let Some(connection) = self.connections.get_mut(line) else { return };
        let recipient = self.feed.layout.routes[connection.route.index()].recipient;
        self.carry(now, line, message, keep);
        self.heed_recipient(recipient, now);
    }

    /// The connection failed before it carried mail, or was lost.
    fn fail(&mut self, now: Instant, line: Line, failure: Failure) {
        let Some(connection) = self.connections.get_mut(line).copied() else { return };
        self.conclude(now, connection.route, connection.message, connection.started, Ended::Failed(failure));
        self.close(now, line);
    }

    /// An attempt is over: observers and sender are told.
    fn conclude(&mut self, now: Instant, route: RouteId, mut message: Message, started: Instant, how: Ended) {
        self.tally.events += 1;
        let at = self.place(route);
        match how {
            Ended::Delivered => {
                self.tally.delivered += 1;
                self.observer.observe(now, Happening::Delivered { message, at, started });
            }
            Ended::Failed(failure) => {
                self.observer.observe(now, Happening::Failed { message, at, started, failure });
                message.mark_deferred();
            }
        }
        self.senders.ended(now, route, message, started, how);
    }

    /// The sender's end of a connection in use is gone.
    fn close(&mut self, now: Instant, line: Line) {
        if let Some(route) = self.end(now, line) {
            self.senders.closed(now, route);
        }
    }

    /// The sender closes a connection in good order. Returns whose it was.
    fn hang_up(&mut self, now: Instant, line: Line) -> Option<RouteId> {
        let route = self.connections.get_mut(line)?.route;
        let recipient = self.recipient_of(route);
        self.recipients[recipient.index()].hang_up(now, line);
        self.end(now, line)
    }

    /// A line is free again.
    fn end(&mut self, now: Instant, line: Line) -> Option<RouteId> {
        let connection = self.connections.close(line)?;
        self.tally.events += 1;
        let held = connection.accepted.map_or(Span::ZERO, |since| now - since);
        let delivered = connection.delivered;
        let at = self.place(connection.route);
        self.observer.observe(now, Happening::Closed { line, at, held, delivered });
        Some(connection.route)
    }

    /// Does what senders decided.
    fn heed_senders(&mut self, now: Instant) {
        while let Some(step) = self.senders.next() {
            match step {
                sender::Step::Connect { route, message, keep } => self.connect(now, route, message, keep),
                sender::Step::Resume { line, message, keep } => self.resume(now, line, message, keep),
                sender::Step::HangUp { line } => {
                    if let Some(route) = self.hang_up(now, line) {
                        self.heed_recipient(self.recipient_of(route), now);
                    }
                }
                sender::Step::Sleep { until, message } => {
                    let at = self.feed.place(&message);
                    let due = until.max(now);
                    let seen = self.senders.expected_look(self.feed.ids.route(message.id), due);
                    self.observer.observe(now, Happening::Waits { message, at, due: seen });
                    self.waiting.push(due, Waiting(message));
                }
                sender::Step::Queued { message, due } => {
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::Waits { message, at, due });
                }
                sender::Step::Run { host, at } => self.agenda.push(at.max(now), Event::Run { host }),
                sender::Step::Look { host, at } => self.agenda.push(at.max(now), Event::Look { host }),
                sender::Step::Began { host } => self.observer.observe(now, Happening::Run { host }),
                sender::Step::Bounced { message, why } => {
                    self.tally.bounced += 1;
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::Bounced { message, at, why });
                    self.notify(now, &message);
                }
                sender::Step::HeldBack { message, held } => {
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::HeldBack { message, at, held });
                }
                sender::Step::Warned { message } => {
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::Warned { message, at });
                    self.notify(now, &message);
                }
            }
        }
    }

    fn connect(&mut self, now: Instant, route: RouteId, message: Message, keep: bool) {
        let mut tried = message;
        tried.mark_tried();
        let line = self.connections.open(now, route, tried, keep);
        let at = self.place(route);
        self.tally.events += 1;
        self.observer.observe(now, Happening::Connected { line, at, message });
        self.recipients[at.recipient.index()].connect(now, line, at.host, message.id, message.failures());
        self.heed_recipient(at.recipient, now);
    }

    /// A notice about a message becomes a message itself, if notices go to the same recipient.
    fn notify(&mut self, now: Instant, about: &Message) {
        let at = self.feed.place(about);
        let notices = self.senders.policy(at.host).lifetime.notices;
        // Notices have no sender to whom another one could be sent.
        if notices == Notices::Elsewhere || about.id.is_notice() {
            return;
        }
        let route = self.feed.ids.route(about.id);
        let Some(id) = self.feed.ids.next_notice(route) else { return };
        let mut message = Message::new(id, now);
        message.mark_warned();
        let population = self.feed.layout.hosts[at.host.index()].population;
        self.tally.arrived += 1;
        self.tally.events += 1;
        self.observer.observe(now, Happening::Arrived { message, at, population });
        self.senders.arrive(now, route, message);
    }

    /// Does what a recipient decided.
    fn heed_recipient(&mut self, recipient: RecipientId, now: Instant) {
        while let Some(step) = self.recipients[recipient.index()].next() {
            match step {
                recipient::Step::Greeted { line, at } => self.accept(now, line, at),
                recipient::Step::Refused { line, failure, at } => {
                    self.enter(line, Phase::Refusal(failure), at)
                }
                recipient::Step::Ends { line, at, outcome } => {
                    self.enter(line, Phase::Transaction(outcome), at)
                }
                recipient::Step::Silent { line, patience } => self.wait_in_silence(now, line, patience),
                recipient::Step::Cut { line } => self.cut(now, line),
                recipient::Step::Call { at, what } => self.call(recipient, at, what),
            }
        }
        self.tell_slots(recipient, now);
    }

    fn accept(&mut self, now: Instant, line: Line, greeted: Instant) {
        if let Some(connection) = self.connections.get_mut(line) {
            connection.accepted = Some(now);
        }
        self.enter(line, Phase::SettingUp, greeted);
    }

    fn enter(&mut self, line: Line, phase: Phase, end: Instant) {
        if let Some((generation, connection)) = self.connections.enter(line, phase) {
            self.agenda.push(end, Event::Connection { line, generation, message: connection.message.id });
        }
    }

    /// The sender's patience runs from the connect; it may be over already when the recipient only
    /// now took the connection up.
    fn wait_in_silence(&mut self, now: Instant, line: Line, patience: Patience) {
        let Some(connection) = self.connections.get_mut(line).copied() else { return };
        let timeout = match patience {
            Patience::Connect => self.senders.connect_timeout(connection.route),
            Patience::Greeting => self.senders.greeting_timeout(connection.route),
        };
        self.enter(line, Phase::Silence, connection.opened.saturating_add(timeout).max(now));
    }

    fn cut(&mut self, now: Instant, line: Line) {
        let Some(connection) = self.connections.get_mut(line).copied() else { return };
        if connection.phase == Phase::Idle {
            self.end(now, line);
            return self.senders.lost(connection.route, line);
        }
        let stage = connection.phase.stage_if_cut();
        self.fail(now, line, Failure { stage, code: None });
    }

    fn call(&mut self, recipient: RecipientId, at: Instant, what: Internal) {
        self.agenda.push(at, Event::Recipient { recipient, what });
    }

    fn tell_slots(&mut self, recipient: RecipientId, now: Instant) {
        let server = &self.recipients[recipient.index()];
        let slots = (server.in_use(), server.capacity());
        if self.slots_told[recipient.index()] != slots {
            self.slots_told[recipient.index()] = slots;
            self.observer.observe(now, Happening::Slots { recipient, in_use: slots.0, open: slots.1 });
        }
    }

    fn recipient_of(&self, route: RouteId) -> RecipientId {
        self.feed.layout.routes[route.index()].recipient
    }

    fn place(&self, route: RouteId) -> Place {
        self.feed.layout.place(route)
    }
}
