//! Attempts: which active mail is tried when, and what follows from how it ended.

use super::kept::Caching;
use super::memory::{Answer, Charge, Situation};
use super::{BounceReason, Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::random::Purpose;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

impl Senders {
    /// Opens connections for mail in line while that is allowed.
    pub(super) fn dispatch(&mut self, now: Instant, route: RouteId) {
        let host = self.host_of(route);
        if self.hosts[host.index()].pipeline.is_some() {
            return self.drain(now, host);
        }
        while !self.routes[route.index()].ready.is_empty() && self.has_room(now, route) {
            let Some(message) = self.next_ready(now, route) else { return };
            self.deliver(now, route, message);
        }
    }

    /// A place became free at a host with a limit in all: its other routes may use it, each in turn.
    pub(super) fn dispatch_others(&mut self, now: Instant, host: HostId, route: RouteId) {
        let routes = self.hosts[host.index()].routes.clone();
        for other in (route.0 + 1..routes.end).chain(routes.start..route.0) {
            self.dispatch(now, RouteId(other));
        }
    }

    /// The next message in line that may be tried now. Those that may not are held back.
    pub(super) fn next_ready(&mut self, now: Instant, route: RouteId) -> Option<Message> {
        loop {
            let message = self.routes[route.index()].ready.pop_front()?;
            if self.judge(now, route, message) {
                return Some(message);
            }
            self.go_on(now, self.host_of(route), message.id);
        }
    }

    /// Whether a message may be tried now. If not, it is held back or given up.
    pub(super) fn judge(&mut self, now: Instant, route: RouteId, message: Message) -> bool {
        let host = &self.hosts[self.host_of(route).index()];
        let policy = &self.policies[host.policy];
        let queue = &mut self.routes[route.index()];
        let situation = Situation {
            now: host.clock.read(now),
            clock: host.clock,
            policy,
            message: &message,
            connections: queue.connections,
            run: host.run_of(message.id),
            lasted: Span::ZERO,
            key: self.key,
        };
        let age = situation.now - situation.arrival();
        if let Some(why) = policy.lifetime.ends_before_attempt(age, message.failures()) {
            self.release(route);
            self.bounce(message, why);
            return false;
        }
        match queue.memory.ask(&situation) {
            Answer::Go => return true,
            Answer::Wait(until) => {
                self.release(route);
                self.hold(now, route, message, until);
            }
            Answer::Defer(effect) => {
                self.release(route);
                self.defer(now, route, message, effect);
            }
            Answer::GiveUp(why) => {
                self.release(route);
                self.bounce(message, why);
            }
        }
        false
    }

    /// A message leaves the active queue without a session.
    fn release(&mut self, route: RouteId) {
        self.hosts[self.routes[route.index()].host.index()].active -= 1;
    }

    pub(super) fn worked(&mut self, now: Instant, route: RouteId, message: &Message, lasted: Span) {
        let host = &self.hosts[self.host_of(route).index()];
        let policy = &self.policies[host.policy];
        let queue = &mut self.routes[route.index()];
        let situation = Situation {
            now: host.clock.read(now),
            clock: host.clock,
            policy,
            message,
            connections: queue.connections,
            run: host.run_of(message.id),
            lasted,
            key: self.key,
        };
        queue.memory.worked(&situation);
        self.ask_for_run(now, self.host_of(route));
    }

    pub(super) fn failed(
        &mut self,
        now: Instant,
        route: RouteId,
        mut message: Message,
        lasted: Span,
        failure: Failure,
    ) {
        message.count_failure();
        let host = &self.hosts[self.host_of(route).index()];
        let policy = &self.policies[host.policy];
        let queue = &mut self.routes[route.index()];
        let draw = self.key.draw(Purpose::HostJitter, u64::from(message.id.0), u64::from(message.failures()));
        let situation = Situation {
            now: host.clock.read(now),
            clock: host.clock,
            policy,
            message: &message,
            connections: queue.connections,
            run: host.run_of(message.id),
            lasted,
            key: self.key,
        };
        match queue.memory.failed(&situation, failure, draw) {
            Charge::GiveUp(why) => self.bounce(message, why),
            Charge::Host => {
                let until = queue.memory.blocked_until(situation.now).unwrap_or(now);
                let ultimate = queue.memory.ultimate_age(policy);
                let due = until.min(ultimate.map_or(Instant::NEVER, |limit| situation.older_than(limit)));
                // A failure of the host deletes the message's own record (Exim smtp.c).
                message.set_previous_delay(Span::ZERO);
                self.wait_for_host(now, route, message, due);
            }
            Charge::Own(due) => self.wait(now, route, message, due, due),
            Charge::Message => match self.backoff_after(now, route, &mut message, failure) {
                Some(due) => self.wait(now, route, message, due, due),
                None => self.bounce(message, BounceReason::TooOld),
            },
        }
        self.suspend(now, route);
    }

    /// A destination that has just died takes its mail in line with it.
    fn suspend(&mut self, now: Instant, route: RouteId) {
        let shown = self.hosts[self.host_of(route).index()].clock.read(now);
        if self.routes[route.index()].memory.blocked_until(shown).is_none() {
            return;
        }
        self.routes[route.index()].caching = Caching::Off;
        for _ in 0..self.routes[route.index()].ready.len() {
            let Some(message) = self.routes[route.index()].ready.pop_front() else { return };
            if self.judge(now, route, message) {
                self.routes[route.index()].ready.push_back(message);
            } else {
                self.go_on(now, self.host_of(route), message.id);
            }
        }
    }

    /// Whether the route may open another connection now. If only its pace forbids it, it will be
    /// looked at again when that allows it.
    pub(super) fn has_room(&mut self, now: Instant, route: RouteId) -> bool {
        let queue = &self.routes[route.index()];
        let host = &self.hosts[queue.host.index()];
        let total = self.policies[host.policy].connections.total;
        if total.is_some_and(|total| host.connections >= total)
            || self.limit(route).is_some_and(|limit| queue.connections >= limit)
        {
            return false;
        }
        let at = queue.next_connect.max(self.next_start(now, route));
        if now < at {
            let host = queue.host;
            if queue.pace_call.is_none_or(|call| at < call) {
                self.routes[route.index()].pace_call = Some(at);
                self.steps.push_back(Step::Look { host, at });
            }
            return false;
        }
        true
    }

    /// When the memory lets the next attempt begin; not before now.
    pub(super) fn next_start(&self, now: Instant, route: RouteId) -> Instant {
        let queue = &self.routes[route.index()];
        let clock = self.hosts[queue.host.index()].clock;
        queue.memory.not_before(clock.read(now)).map_or(now, |until| clock.first_showing(until).max(now))
    }

    /// The memory is told that an attempt begins.
    pub(super) fn starts(&mut self, now: Instant, route: RouteId, message: &Message) {
        let host = &self.hosts[self.host_of(route).index()];
        let queue = &mut self.routes[route.index()];
        let situation = Situation {
            now: host.clock.read(now),
            clock: host.clock,
            policy: &self.policies[host.policy],
            message,
            connections: queue.connections,
            run: host.run_of(message.id),
            lasted: Span::ZERO,
            key: self.key,
        };
        queue.memory.starts(&situation);
    }

    /// Most connections of a route now: the fixed limit and the window of its memory.
    pub(super) fn limit(&self, route: RouteId) -> Option<u32> {
        let queue = &self.routes[route.index()];
        let connections = &self.policy(queue.host).connections;
        // With a rest after each delivery there is one at a time (qmgr_transport.c, `rate_delay`).
        let fixed = if connections.rest.is_some() { Some(1) } else { connections.per_destination };
        match (fixed, queue.memory.window()) {
            (Some(fixed), Some(window)) => Some(fixed.min(window)),
            (fixed, window) => fixed.or(window),
        }
    }

    /// A connection of the route is in use from now on.
    pub(super) fn occupy(&mut self, now: Instant, route: RouteId, message: &Message) {
        let host = self.host_of(route);
        let pace = self.policy(host).connections.pace;
        self.hosts[host.index()].connections += 1;
        let queue = &mut self.routes[route.index()];
        queue.connections += 1;
        queue.next_connect = now.saturating_add(pace);
        self.starts(now, route, message);
    }

    /// A connection of the route is not in use any more: others may take its place.
    pub(super) fn vacate(&mut self, now: Instant, route: RouteId) {
        let host = self.host_of(route);
        self.hosts[host.index()].connections -= 1;
        self.routes[route.index()].connections -= 1;
        self.rest(now, route);
        self.forget_if_done(now, route);
        if let Some(message) = self.finishing.take() {
            self.go_on(now, host, message);
        }
        self.dispatch(now, route);
        // Handing over looks at all routes anyway.
        let alone = self.hosts[host.index()].pipeline.is_some();
        if !alone && self.policy(host).connections.total.is_some() {
            self.dispatch_others(now, host, route);
        }
        self.feed(now, host);
    }

    /// A destination may have to rest after a delivery (qmgr_queue.c, `qmgr_queue_suspend`).
    fn rest(&mut self, now: Instant, route: RouteId) {
        let host = &self.hosts[self.host_of(route).index()];
        if let Some(rest) = self.policies[host.policy].connections.rest {
            let until = host.clock.first_showing(host.clock.read(now).saturating_add(rest));
            let queue = &mut self.routes[route.index()];
            queue.next_connect = queue.next_connect.max(until);
        }
    }

    /// Postfix keeps nothing about a destination without active mail, unless it is dead (qmgr_entry.c,
    /// `qmgr_entry_done`).
    fn forget_if_done(&mut self, now: Instant, route: RouteId) {
        let shown = self.hosts[self.host_of(route).index()].clock.read(now);
        let queue = &mut self.routes[route.index()];
        if queue.connections == 0 && queue.ready.is_empty() && queue.memory.blocked_until(shown).is_none() {
            queue.last_ended = None;
            queue.caching = Caching::Off;
            queue.memory.idle();
        }
    }

    /// The next message from the pool for an open connection.
    pub(super) fn next_waiting(&mut self, now: Instant, route: RouteId) -> Option<Message> {
        let host = self.host_of(route);
        let shown = self.hosts[host.index()].clock.read(now);
        self.routes[route.index()].pool.release(shown);
        let queue = &self.routes[route.index()];
        let (place, newest) = queue.pool.next_for_reuse(|message| !queue.memory.has_own(message.id))?;
        if self.is_listed_above(host, &newest) {
            return None;
        }
        let message = self.routes[route.index()].pool.take_for_reuse(place)?;
        self.hosts[host.index()].active += 1;
        self.judge(now, route, message).then_some(message)
    }
}
