//! The reference that no real policy can be: an unlimited free queue in front of each recipient that
//! knows when it has room.
//!
//! It meets a relaxed recipient ([`Relaxed`]): transfer time only and never stretched, sessions
//! frozen by an outage rather than cut, no limits for single clients, greylists knocked at on
//! arrival. It serves in order of arrival and is never refused. Since serving in order of arrival
//! whenever there is room minimises undelivered message-time over all orders that do not look at
//! session lengths, no policy has a smaller restricted mean.

use std::collections::BTreeMap;

use super::feed::Feed;
use super::observer::{Happening, Observer, Place};
use super::plan::Plan;
use super::simulation::Tally;
use crate::engine::{Engine, EventSet, Rank, Ranked};
use crate::id::{Line, MessageId, RecipientId};
use crate::message::Message;
use crate::random::{Key, Purpose};
use crate::recipient::Relaxed;
use crate::sender::BounceReason;
use crate::smtp::{Failure, Stage};
use crate::time::{Instant, Span};

/// One cell of the reference under way.
pub(super) struct Clairvoyant<'p, E: Engine, O> {
    horizon: Instant,
    agenda: EventSet<Event, E::Store<Event>>,
    feed: Feed<'p>,
    servers: Vec<Server>,
    observer: O,
    tally: Tally,
}

/// The order of the variants is the order at one instant.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The number of open slots changes.
    Capacity { recipient: RecipientId, step: u32 },
    /// A transfer ends, unless it was frozen meanwhile.
    End { recipient: RecipientId, turn: u64, freezes: u32 },
    /// The next message of a source arrives.
    Arrival { source: u32 },
    /// A message that a greylist made wait may be delivered.
    Admitted { at: Place, message: Message },
}

impl Ranked for Event {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (kind, entity, index) = match *self {
            Self::Capacity { recipient, step } => (0, u64::from(recipient.0), u64::from(step)),
            Self::End { recipient, turn, freezes } => {
                (1, turn << 8 | u64::from(recipient.0), u64::from(freezes))
            }
            Self::Arrival { source } => (2, u64::from(source), 0),
            Self::Admitted { message, .. } => (3, u64::from(message.id().0), 0),
        };
        Rank { kind, tie: key.tie(entity, index), entity, index }
    }
}

/// A relaxed recipient and the queue in front of it.
struct Server {
    relaxed: Relaxed,
    key: Key,
    /// Slots open now; none: unlimited.
    open: Option<u32>,
    /// Messages by their turn: first come, first served.
    waiting: BTreeMap<u64, Job>,
    /// Transfers under way by turn.
    running: BTreeMap<u64, Transfer>,
    turns: u64,
}

#[derive(Clone, Copy)]
struct Job {
    message: Message,
    at: Place,
    /// How long the transfer takes.
    length: Span,
    /// When the transfer began and what is left of it; none before it began.
    left: Option<(Instant, Span)>,
    freezes: u32,
}

#[derive(Clone, Copy)]
struct Transfer {
    job: Job,
    started: Instant,
    end: Instant,
}

impl<'p, E: Engine, O: Observer> Clairvoyant<'p, E, O> {
    pub(super) fn new(plan: &'p Plan, replication: u32, observer: O) -> Self {
        let key = Key::new(plan.seed, replication);
        let servers = plan.recipients.iter().map(|named| {
            let key = key.named(&named.name);
            let relaxed = named.settings.relaxed(key, plan.horizon);
            Server { relaxed, key, open: None, waiting: BTreeMap::new(), running: BTreeMap::new(), turns: 0 }
        });
        let mut reference = Self {
            horizon: plan.horizon,
            agenda: EventSet::on_store(key),
            feed: Feed::new(plan, key),
            servers: servers.collect(),
            observer,
            tally: Tally::default(),
        };
        reference.start();
        reference
    }

    fn start(&mut self) {
        for (recipient, server) in (0u32..).map(RecipientId).zip(&self.servers) {
            for (step, (at, _)) in (0u32..).zip(&server.relaxed.open_slots) {
                self.agenda.push(*at, Event::Capacity { recipient, step });
            }
        }
        for (source, at) in self.feed.first_arrivals() {
            self.agenda.push(at, Event::Arrival { source });
        }
    }

    /// Processes up to `steps` entries of the event set; false when the horizon is reached.
    pub(super) fn advance(&mut self, steps: u64) -> bool {
        for _ in 0..steps {
            if self.agenda.next_instant() >= self.horizon {
                return false;
            }
            if let Some((now, event)) = self.agenda.pop() {
                self.handle(now, event);
            }
        }
        true
    }

    /// Events so far.
    pub(super) fn events(&self) -> u64 {
        self.tally.events
    }

    /// The instant of the last event.
    pub(super) fn now(&self) -> Instant {
        self.agenda.now()
    }

    /// Ends the run: what is unfinished is counted.
    pub(super) fn finish(mut self) -> (O, Tally, Vec<(Message, Instant)>) {
        let under_way: Vec<_> = self
            .servers
            .iter()
            .flat_map(|server| {
                server.running.values().map(|transfer| (transfer.job.message, transfer.started))
            })
            .collect();
        self.tally.in_session = under_way.len() as u64;
        let t = &mut self.tally;
        t.queued = t.arrived - t.delivered - t.bounced - t.in_session;
        let held = self.servers.iter().map(|server| server.waiting.len() as u64).sum::<u64>()
            + self.agenda.extract(|event| matches!(event, Event::Admitted { .. })).len() as u64;
        assert_eq!(self.tally.queued, held, "a message was lost: {:?}", self.tally);
        (self.observer, self.tally, under_way)
    }

    fn handle(&mut self, now: Instant, event: Event) {
        match event {
            Event::Capacity { recipient, step } => {
                self.tally.looks += 1;
                self.resize(now, recipient, step as usize);
            }
            Event::End { recipient, turn, freezes } => self.end(now, recipient, turn, freezes),
            Event::Arrival { source } => self.arrive(now, source),
            Event::Admitted { at, message } => self.queue(now, at, message),
        }
    }

    fn arrive(&mut self, now: Instant, source: u32) {
        let (arrived, next) = self.feed.arrive(source);
        if let Some(next) = next {
            self.agenda.push(next, Event::Arrival { source });
        }
        let (message, at) = (arrived.message, arrived.at);
        self.tally.arrived += 1;
        self.tally.events += 1;
        self.observer.observe(now, Happening::Arrived { message, at, population: arrived.population });
        let server = &self.servers[at.recipient.index()];
        if let Some(code) = server.relaxed.rejects(message.id()) {
            self.tally.bounced += 1;
            let failure = Failure::new(Stage::Rcpt, Some(code));
            self.observer.observe(now, Happening::Failed { message, at, started: now, failure });
            self.observer.observe(now, Happening::Bounced { message, at, why: BounceReason::Rejected });
            return;
        }
        let admitted = message.arrival() + server.relaxed.greylist_delay(message.id());
        if admitted > now {
            self.agenda.push(admitted, Event::Admitted { at, message });
        } else {
            self.queue(now, at, message);
        }
    }

    fn queue(&mut self, now: Instant, at: Place, message: Message) {
        let server = &mut self.servers[at.recipient.index()];
        let length = server.transfer_time(message.id());
        server.waiting.insert(server.turns, Job { message, at, length, left: None, freezes: 0 });
        server.turns += 1;
        self.fill(now, at.recipient);
    }

    /// The number of open slots changes: the youngest transfers that find no room any more are frozen.
    fn resize(&mut self, now: Instant, recipient: RecipientId, step: usize) {
        let server = &mut self.servers[recipient.index()];
        server.open = server.relaxed.open_slots[step].1;
        while server.open.is_some_and(|open| server.running.len() > open as usize) {
            let Some((turn, mut transfer)) = server.running.pop_last() else { break };
            transfer.job.left = Some((transfer.started, transfer.end - now));
            transfer.job.freezes += 1;
            server.waiting.insert(turn, transfer.job);
        }
        self.fill(now, recipient);
    }

    /// Starts transfers, oldest first, while there is room.
    fn fill(&mut self, now: Instant, recipient: RecipientId) {
        let server = &mut self.servers[recipient.index()];
        while server.open.is_none_or(|open| server.running.len() < open as usize) {
            let Some((turn, job)) = server.waiting.pop_first() else { break };
            let (started, left) = job.left.unwrap_or((now, job.length));
            let end = now + left;
            server.running.insert(turn, Transfer { job, started, end });
            self.agenda.push(end, Event::End { recipient, turn, freezes: job.freezes });
            if job.left.is_none() {
                self.tally.events += 1;
                let (message, at) = (job.message, job.at);
                self.observer.observe(now, Happening::Connected { line: Line(turn as u32), at, message });
            }
        }
        let (in_use, open) = (server.running.len() as u32, server.open);
        self.observer.observe(now, Happening::Slots { recipient, in_use, open });
    }

    fn end(&mut self, now: Instant, recipient: RecipientId, turn: u64, freezes: u32) {
        let server = &mut self.servers[recipient.index()];
        if server.running.get(&turn).is_none_or(|transfer| transfer.job.freezes != freezes) {
            self.tally.looks += 1;
            return;
        }
        let Some(Transfer { job, started, .. }) = server.running.remove(&turn) else { return };
        self.tally.delivered += 1;
        self.tally.events += 1;
        let (message, at) = (job.message, job.at);
        self.observer.observe(now, Happening::Delivered { message, at, started });
        let closed = Happening::Closed { line: Line(turn as u32), at, held: job.length, delivered: 1 };
        self.observer.observe(now, closed);
        self.fill(now, recipient);
    }
}

impl Server {
    fn transfer_time(&self, message: MessageId) -> Span {
        let mut draw = self.key.draw(Purpose::Transaction, u64::from(message.0), 0);
        self.relaxed.transaction.sample(&mut draw)
    }
}
