//! The only scheduler: it takes events in order, tells sender and recipient, and puts what they
//! answer on the agenda.

mod heed;
mod sessions;

use std::sync::Arc;

use super::connections::Connections;
use super::event::{Entry, Event, Waiting};
use super::feed::Feed;
use super::observer::{Happening, Observer};
use super::plan::Plan;
use crate::engine::{Engine, EventSet};
use crate::id::{HostId, PopulationId, RecipientId};
use crate::message::Message;
use crate::random::Key;
use crate::recipient::Recipient;
use crate::sender::{Policy, Senders};
use crate::time::Instant;

/// One cell under way: a plan, a replication and an observer.
pub(super) struct Simulation<'p, E: Engine, O> {
    plan: &'p Plan,
    agenda: EventSet<Entry, E::Store<Entry>>,
    waiting: EventSet<Waiting, E::Store<Waiting>>,
    senders: Senders,
    recipients: Vec<Recipient>,
    feed: Feed<'p>,
    connections: Connections,
    /// What is left of [`Plan::disturbances`]. Until the last of these, mail that waits for a timer and keeps to itself is left alone.
    disturbances: Vec<Instant>,
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

impl<'p, E: Engine, O: Observer> Simulation<'p, E, O> {
    /// Prepares replication `replication` of `plan`.
    pub(super) fn new(plan: &'p Plan, policies: &[Arc<Policy>], replication: u32, observer: O) -> Self {
        let key = Key::new(plan.seed, replication);
        let feed = Feed::new(plan, key);
        let mut senders =
            Senders::new(policies.to_vec(), feed.layout.hosts.clone(), feed.layout.routes.clone(), key);
        if !O::NOTES_WAITS {
            senders.omit_waits();
        }
        let recipients: Vec<_> = (0u32..)
            .zip(&plan.recipients)
            .map(|(id, named)| {
                Recipient::new(named.settings.clone(), RecipientId(id), key.named(&named.name), plan.horizon)
            })
            .collect();
        let mut simulation = Self {
            plan,
            feed,
            agenda: EventSet::on_store(key),
            waiting: EventSet::on_store(key),
            senders,
            recipients,
            connections: Connections::default(),
            disturbances: plan.disturbances(),
            observer,
            tally: Tally::default(),
        };
        simulation.start();
        simulation
    }

    /// Processes up to `steps` entries of the event set; false when the horizon is reached.
    pub(super) fn advance(&mut self, steps: u64) -> bool {
        for _ in 0..steps {
            if !self.step() {
                return false;
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
        self.agenda.now().max(self.waiting.now())
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
        let plan = self.plan;
        for (population, plan) in (0u32..).zip(&plan.populations) {
            for (flush, when) in (0u32..).zip(&plan.flushes) {
                self.schedule(when.at, Event::Flush { population: PopulationId(population), flush });
            }
        }
        self.senders.start(Instant::ZERO);
        self.heed_senders(Instant::ZERO);
        let first_arrivals: Vec<_> = self.feed.first_arrivals().collect();
        for (source, at) in first_arrivals {
            self.schedule(at, Event::Arrival { source });
        }
    }

    /// Processes the next entry before the horizon. Waiting messages come last at one instant.
    #[inline(always)]
    fn step(&mut self) -> bool {
        let agenda = self.agenda.next_instant();
        let waiting = self.waiting.next_instant();
        if agenda.min(waiting) >= self.plan.horizon {
            return false;
        }
        if agenda <= waiting {
            self.take_event();
        } else {
            self.wake();
        }
        true
    }

    /// Processes the next message that wakes up.
    // A function of its own, as the next one is: in one with both a processor has no register left for `self`.
    #[inline(never)]
    fn wake(&mut self) {
        let Some((now, Waiting(message))) = self.waiting.pop() else { return };
        if self.senders.are_many() {
            let soon = self.waiting.soon().map(|Waiting(message)| self.feed.ids.route(message.id()));
            self.senders.expect(soon);
        }
        let route = self.feed.ids.route(message.id());
        if self.senders.starts_freely(route) {
            self.connect(now, route, message, false);
        } else {
            self.senders.wake(now, route, message);
            self.heed_senders(now);
        }
    }

    /// Processes the next event of the agenda.
    #[inline(never)]
    fn take_event(&mut self) {
        let Some((now, entry)) = self.agenda.pop() else { return };
        match entry.into() {
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

    #[inline(always)]
    fn schedule(&mut self, at: Instant, event: Event) {
        self.agenda.push(at, event.into());
    }

    fn arrive(&mut self, now: Instant, source: u32) {
        let (arrived, next) = self.feed.arrive(source);
        if let Some(next) = next {
            self.schedule(next, Event::Arrival { source });
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
        self.disturbances.pop();
        let mut asleep: Vec<(HostId, Message)> = self
            .waiting
            .extract(|Waiting(message)| ours.contains(&host_of(message).0))
            .into_iter()
            .map(|(_, Waiting(message))| (host_of(&message), message))
            .collect();
        // Oldest first, as the queue file names of real MTAs sort.
        asleep.sort_by_key(|(host, message)| (*host, message.arrival(), message.id()));
        let mut asleep = asleep.into_iter().peekable();
        for host in ours.map(HostId) {
            self.observer.observe(now, Happening::Flushed { host });
            let mine: Vec<Message> =
                std::iter::from_fn(|| asleep.next_if(|(owner, _)| *owner == host).map(|(_, m)| m)).collect();
            let ids = &self.feed.ids;
            let asleep = mine.into_iter().map(|message| (ids.route(message.id()), message));
            self.senders.flush(now, host, asleep, flush.pace, flush.clear_host_state);
            self.heed_senders(now);
        }
    }
}
