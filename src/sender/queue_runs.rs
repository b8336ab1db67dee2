//! Queue runs: workers that walk the pool, one message at a time each (Exim src/queue.c, `queue_run`).
//!
//! A run that finds nothing to try costs nothing: it is asked for only when some mail can be due.

use super::host::Host;
use super::one_pause::Pause;
use super::runner::{QueueRun, Runner};
use super::{Senders, Step};
use crate::id::{HostId, MessageId, RouteId};
use crate::message::Message;
use crate::random::{Draw, Key, Purpose};
use crate::time::{Instant, Span};

/// The queue runs of one host, or its passes.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// Those at work.
    pub(super) workers: Vec<Worker>,
    /// When the next one is; none while there is nothing to look at.
    pub(super) next: Option<Instant>,
    /// Where the host stands if it has one pause for its whole queue.
    pub(super) pause: Pause,
}

/// A queue run at work.
#[derive(Debug)]
pub(super) struct Worker {
    /// The message that it waits for.
    current: Message,
    /// When it began.
    began: Instant,
    /// Whether that message is still listed as one that waits for an open connection: it was taken from
    /// the pool, not from the list.
    listed: bool,
    /// Decides in what order it looks at mail.
    draw: Draw,
    /// Where the message goes and when its try begins; none: it has begun.
    starts: Option<(RouteId, Instant)>,
}

impl Runs {
    /// Messages that runs have taken out of the pool and not begun to try.
    pub(super) fn starting(&self) -> usize {
        self.workers.iter().filter(|worker| worker.starts.is_some()).count()
    }
}

impl Host {
    /// When the run began that tries this message; none: it is not tried by a run.
    pub(super) fn run_of(&self, message: MessageId) -> Option<Instant> {
        let mut workers = self.runs.as_ref()?.workers.iter();
        workers.find(|worker| worker.current.id() == message).map(|worker| worker.began)
    }
}

impl Senders {
    /// Starts the run that is due now, if there is one.
    pub(super) fn begin_run(&mut self, now: Instant, host: HostId) {
        if self.hosts[host.index()].runs().next != Some(now) {
            return;
        }
        if self.has_one_pause(host) {
            return self.begin_pass(now, host);
        }
        self.hosts[host.index()].runs().next = None;
        self.steps.push(Step::Began { host });
        self.warn_waiting(now, host);
        for began in self.walking(now, host) {
            // One that has a message under way waits for that.
            if !self.hosts[host.index()].runs().workers.iter().any(|worker| worker.began == began) {
                self.walk_anew(now, host, began);
            }
        }
        self.ask_for_run(now, host);
    }

    /// Tries everything in `waiting` in one run, whatever it is due.
    pub(super) fn forced_run(&mut self, now: Instant, host: HostId, waiting: Vec<(RouteId, Message)>) {
        for (route, message) in waiting {
            self.routes[route.index()].pool.put(now, message);
        }
        if self.has_one_pause(host) {
            return self.ask_for_pass(now, host);
        }
        self.walk_anew(now, host, now);
        self.ask_for_run(now, host);
    }

    /// Asks to be called at the next run that can find something to try, unless that is known.
    pub(super) fn ask_for_run(&mut self, now: Instant, host: HostId) {
        let Some(run) = self.queue_run(host) else { return };
        let every = run.every;
        let wanted = self.routes_of(host).filter_map(|route| self.next_wanted(now, route)).min();
        let Some(wanted) = wanted.filter(|wanted| *wanted < FAR) else { return };
        let tick = wanted.max(now + Span::MICROSECOND).ceil_to(every, self.fixed[host.index()].phase.offset);
        let at = self.met_by_a_walk(now, host, tick).unwrap_or(tick);
        let next = &mut self.hosts[host.index()].runs().next;
        if next.is_none_or(|known| at < known) {
            *next = Some(at);
            self.steps.push(Step::Run { host, at });
        }
    }

    /// When a route may be tried again before the run at `tick`, while earlier ones still look at mail, most
    /// of which they passed over because it was not yet time (seen in recordings of Exim 4.96).
    fn met_by_a_walk(&self, now: Instant, host: HostId, tick: Instant) -> Option<Instant> {
        if self.fixed[host.index()].look == Span::ZERO {
            return None;
        }
        let clock = self.hosts[host.index()].clock;
        let shown = clock.read(now);
        let until = |route: RouteId| {
            let queue = &self.routes[route.index()];
            let until = queue.memory.blocked_until(shown)?;
            queue.pool.first_due(now).is_some_and(|due| due <= until).then_some(until)
        };
        let at = clock.first_showing(self.routes_of(host).filter_map(until).min()?);
        (at > now && at < tick && self.walking(at, host).next().is_some()).then_some(at)
    }

    /// When the runs began that are at work at `at`, the last one first: the one that begins then, and those
    /// that have not yet looked at all mail. How fast a run is, is drawn for each.
    fn walking(&self, at: Instant, host: HostId) -> impl Iterator<Item = Instant> + use<> {
        let (every, workers) = self.queue_run(host).map_or((Span::SECOND, 0), |run| (run.every, run.workers));
        let look = self.fixed[host.index()].look;
        let waiting: usize = self.routes_of(host).map(|route| self.routes[route.index()].pool.len()).sum();
        let longest = look.scale(waiting as f64);
        let (key, offset) = (self.key, self.fixed[host.index()].phase.offset);
        let (first, last) = (Instant::ZERO + offset, at.floor_to(every, offset));
        let lasts = move |began: Instant| pace(key, host, number(began, first, every), longest);
        let begun = std::iter::successors(Some(last), move |began| Some(*began - every));
        let recent =
            begun.take_while(move |began| *began == at || (*began >= first && *began + longest > at));
        let walks = recent.filter(move |began| *began == at || *began + lasts(*began) > at);
        walks.take(workers as usize)
    }

    /// The first run that can look at a message that is due at `due`.
    pub(super) fn next_useful_run(
        &self,
        now: Instant,
        host: HostId,
        route: RouteId,
        due: Instant,
    ) -> Instant {
        let Some(run) = self.queue_run(host) else { return due };
        let state = &self.hosts[host.index()];
        let blocked = self.routes[route.index()].memory.blocked_until(state.clock.read(now));
        let wanted = blocked.map_or(due, |until| due.max(until));
        if wanted >= FAR {
            wanted
        } else {
            wanted.max(now + Span::MICROSECOND).ceil_to(run.every, self.fixed[host.index()].phase.offset)
        }
    }

    /// Whether a queue run waits for this message.
    pub(super) fn is_of_run(&self, host: HostId, message: MessageId) -> bool {
        self.hosts[host.index()].run_of(message).is_some()
    }

    /// Whether a run is at work on a message that is listed before `waiting`. The connection that asks
    /// comes upon that message, finds it locked and is closed (seen in a recording of Exim 4.96).
    pub(super) fn is_listed_above(&mut self, host: HostId, waiting: &Message) -> bool {
        let finished = self.finishing;
        let others = self.hosts[host.index()].runs().workers.iter_mut();
        let mut listed = others.filter(|worker| worker.listed && Some(worker.current.id()) != finished);
        match listed.find(|worker| worker.current.arrival() > waiting.arrival()) {
            Some(worker) => {
                worker.listed = false;
                true
            }
            None => false,
        }
    }

    /// The next message for this route that the run comes to which has just finished one.
    pub(super) fn next_of_run(&mut self, now: Instant, route: RouteId) -> Option<Message> {
        let host = self.host_of(route);
        let place = self.place_of(host, self.finishing?)?;
        loop {
            let state = &mut self.hosts[host.index()];
            let (worker, pool) = (&mut state.runs().workers[place], &mut self.routes[route.index()].pool);
            let message = pool.take((worker.draw.unit() * pool.available() as f64) as usize)?;
            worker.current = message;
            state.active += 1;
            self.finishing = Some(message.id());
            if self.judge(now, route, message) {
                return Some(message);
            }
        }
    }

    /// The connection of the run that has just finished a message goes on with `next`.
    pub(super) fn hand_over(&mut self, host: HostId, next: &Message) {
        // A run that took it itself has it already.
        let finished = self.finishing.take().filter(|finished| *finished != next.id());
        let Some(finished) = finished else { return };
        if self.is_of_run(host, next.id()) {
            // Another run waits for it already; this one has nothing left to wait for.
            self.hosts[host.index()].runs().workers.retain(|worker| worker.current.id() != finished);
        } else if let Some(place) = self.place_of(host, finished) {
            let worker = &mut self.hosts[host.index()].runs().workers[place];
            worker.current = *next;
            worker.listed = false;
        }
    }

    /// The run that waited for this message, if any, looks at the next one.
    pub(super) fn go_on(&mut self, now: Instant, host: HostId, message: MessageId) {
        let Some(place) = self.place_of(host, message) else { return };
        let worker = self.hosts[host.index()].runs().workers.swap_remove(place);
        self.walk(now, host, worker.began, worker.draw);
    }

    fn queue_run(&self, host: HostId) -> Option<&QueueRun> {
        match &self.policies[self.hosts[host.index()].policy()].runner {
            Runner::QueueRun(run) => Some(run),
            _ => None,
        }
    }

    /// Which run of the host began then.
    fn number(&self, host: HostId, began: Instant) -> u64 {
        let every = self.queue_run(host).map_or(Span::SECOND, |run| run.every);
        number(began, Instant::ZERO + self.fixed[host.index()].phase.offset, every)
    }

    fn place_of(&self, host: HostId, message: MessageId) -> Option<usize> {
        let mut workers = self.hosts[host.index()].runs.as_ref()?.workers.iter();
        workers.position(|worker| worker.current.id() == message)
    }

    /// A run that began at `began` looks at mail, unless as many are at work as may be.
    fn walk_anew(&mut self, now: Instant, host: HostId, began: Instant) {
        let Some(run) = self.queue_run(host) else { return };
        let most = run.workers as usize;
        let state = &self.hosts[host.index()];
        let shown = state.clock.read(now);
        let number = self.number(host, began);
        for route in self.routes_of(host) {
            self.routes[route.index()].pool.release(shown);
        }
        if self.hosts[host.index()].runs().workers.len() < most {
            let draw = self.key.draw(Purpose::RunOrder, u64::from(host.0), number);
            self.walk(now, host, began, draw);
        }
    }

    /// Looks at due mail until some of it can be tried; ends when there is none.
    pub(super) fn walk(&mut self, now: Instant, host: HostId, began: Instant, mut draw: Draw) {
        while let Some((route, message)) = self.choose(now, host, &mut draw) {
            let state = &mut self.hosts[host.index()];
            state.active += 1;
            let worker = Worker { current: message, began, listed: true, draw: draw.clone(), starts: None };
            state.runs().workers.push(worker);
            if self.judge(now, route, message) {
                if !self.starts_later(now, route, began) {
                    self.try_now(now, route, message);
                }
                return;
            }
            self.hosts[host.index()].runs().workers.pop();
        }
        if self.has_one_pause(host) {
            self.end_pass(now, host);
        } else {
            self.ask_for_run(now, host);
        }
    }

    /// Whether the last worker has to start a process for its message first.
    fn starts_later(&mut self, now: Instant, route: RouteId, began: Instant) -> bool {
        let host = self.host_of(route);
        let look = self.fixed[host.index()].look;
        if look == Span::ZERO {
            return false;
        }
        let at = now.saturating_add(pace(self.key, host, self.number(host, began), look));
        if let Some(worker) = self.hosts[host.index()].runs().workers.last_mut() {
            worker.starts = Some((route, at));
        }
        self.steps.push(Step::Look { host, at });
        true
    }

    /// Tries the messages whose processes are ready.
    pub(super) fn start_tries(&mut self, now: Instant, host: HostId) {
        let Some(runs) = &mut self.hosts[host.index()].runs else { return };
        let ready = |worker: &mut Worker| {
            let (route, _) = worker.starts.take_if(|(_, at)| *at <= now)?;
            Some((route, worker.current))
        };
        let ready: Vec<(RouteId, Message)> = runs.workers.iter_mut().filter_map(ready).collect();
        ready.into_iter().for_each(|(route, message)| self.try_now(now, route, message));
    }

    /// Connects a message of a run. Whether it is time was found out before: several runs that do so at one
    /// instant all try the host (seen in recordings of Exim 4.96).
    fn try_now(&mut self, now: Instant, route: RouteId, message: Message) {
        let mut desk = self.desk(now, route);
        if desk.may_start_at_once() {
            desk.deliver(message);
        } else {
            desk.queue.ready.push_back(message);
            self.dispatch(now, route);
        }
    }

    /// Takes the next message out of the pools that a run may look at now.
    fn choose(&mut self, now: Instant, host: HostId, draw: &mut Draw) -> Option<(RouteId, Message)> {
        let shown = self.hosts[host.index()].clock.read(now);
        let mut open = 0;
        for route in self.routes_of(host) {
            if self.routes[route.index()].memory.blocked_until(shown).is_none() {
                open += self.routes[route.index()].pool.available();
            } else if let Some(message) = self.choose_ultimate(shown, route) {
                return Some((route, message));
            }
        }
        let mut place = ((draw.unit() * open as f64) as usize).min(open.saturating_sub(1));
        for route in self.routes_of(host) {
            let queue = &mut self.routes[route.index()];
            if queue.memory.blocked_until(shown).is_some() {
                continue;
            }
            let available = queue.pool.available();
            if place < available {
                return queue.pool.take(place).map(|message| (route, message));
            }
            place -= available;
        }
        None
    }

    /// A message of a blocked route that is too old to be held back.
    fn choose_ultimate(&mut self, shown: Instant, route: RouteId) -> Option<Message> {
        let host = &self.hosts[self.host_of(route).index()];
        let limit = self.routes[route.index()].memory.ultimate_age(&self.policies[host.policy()])?;
        let latest = shown - limit - Span::MICROSECOND;
        self.routes[route.index()].pool.take_older_than(latest)
    }

    /// When some mail of the route can be tried or has to be looked at; none if it has none.
    fn next_wanted(&self, now: Instant, route: RouteId) -> Option<Instant> {
        let queue = &self.routes[route.index()];
        let host = &self.hosts[queue.host.index()];
        let policy = &self.policies[host.policy()];
        let mut wanted = queue.pool.first_due(now)?;
        if let Some(until) = queue.memory.blocked_until(host.clock.read(now)) {
            let ultimate = queue
                .memory
                .ultimate_age(policy)
                .map_or(Instant::NEVER, |limit| queue.pool.oldest().saturating_add(limit));
            wanted = wanted.max(until.min(ultimate));
        }
        if let Some(after) = policy.lifetime.timed_warning() {
            wanted = wanted.min(queue.pool.oldest_unwarned().saturating_add(after).max(now));
        }
        Some(wanted)
    }

    /// Warns the authors of waiting mail that has become late.
    fn warn_waiting(&mut self, now: Instant, host: HostId) {
        let Some(after) = self.policy(host).lifetime.timed_warning() else { return };
        for route in self.routes_of(host) {
            let steps = &mut self.steps;
            self.routes[route.index()]
                .pool
                .warn_older_than(now - after, |message| steps.push(Step::Warned { message }));
        }
    }
}

/// Which run began then, from 0 for the one at `first`; one that was forced before that counts as that.
fn number(began: Instant, first: Instant, every: Span) -> u64 {
    (began - first).as_micros().div_euclid(every.as_micros()).max(0) as u64
}

/// How long a run takes to pass over mail that would keep the slowest one `longest`. How fast it is, is drawn for each.
fn pace(key: Key, host: HostId, number: u64, longest: Span) -> Span {
    key.draw(Purpose::Walk, u64::from(host.0), number).span_up_to(longest)
}

/// Beyond this nothing is rounded, so that rounding cannot overflow.
const FAR: Instant = Instant::from_micros(i64::MAX / 2);
