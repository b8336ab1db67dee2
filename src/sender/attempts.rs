//! Attempts: which active mail is tried when, and what follows from how it ended.

use super::memory::{Answer, Charge, Situation};
use super::{Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::random::Purpose;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

impl Senders {
    /// Opens connections for mail in line while that is allowed.
    pub(super) fn dispatch(&mut self, now: Instant, route: RouteId) {
        while !self.routes[route.index()].ready.is_empty() && self.has_room(now, route) {
            let Some(message) = self.next_ready(now, route) else { return };
            self.connect(now, route, message);
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

    pub(super) fn worked(&mut self, now: Instant, route: RouteId, message: &Message) {
        let host = &self.hosts[self.host_of(route).index()];
        let policy = &self.policies[host.policy];
        let queue = &mut self.routes[route.index()];
        let (shown, connections) = (host.clock.read(now), queue.connections);
        let situation = Situation { now: shown, clock: host.clock, policy, message, connections };
        queue.memory.worked(&situation);
        self.ask_for_run(now, self.host_of(route));
    }

    pub(super) fn failed(&mut self, now: Instant, route: RouteId, mut message: Message, failure: Failure) {
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
        };
        match queue.memory.failed(&situation, failure, draw) {
            Charge::GiveUp(why) => self.bounce(message, why),
            Charge::Host => {
                let until = queue.memory.blocked_until(situation.now).unwrap_or(now);
                let due = until.min(situation.ultimate());
                // A failure of the host deletes the message's own record (Exim smtp.c).
                message.set_previous_delay(Span::ZERO);
                self.wait_for_host(now, route, message, due);
            }
            Charge::Message => {
                let due = self.backoff(now, route, &mut message);
                self.wait(now, route, message, due, due);
            }
        }
        self.suspend(now, route);
    }

    /// A destination that has just died takes its mail in line with it.
    fn suspend(&mut self, now: Instant, route: RouteId) {
        let shown = self.hosts[self.host_of(route).index()].clock.read(now);
        if self.routes[route.index()].memory.blocked_until(shown).is_none() {
            return;
        }
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
        if now < queue.next_connect {
            let (at, host) = (queue.next_connect, queue.host);
            if queue.pace_call.is_none() {
                self.routes[route.index()].pace_call = Some(at);
                self.steps.push_back(Step::Run { host, at });
            }
            return false;
        }
        true
    }

    /// Most connections of a route now: the fixed limit and the window of its memory.
    pub(super) fn limit(&self, route: RouteId) -> Option<u32> {
        let queue = &self.routes[route.index()];
        let fixed = self.policy(queue.host).connections.per_destination;
        match (fixed, queue.memory.window()) {
            (Some(fixed), Some(window)) => Some(fixed.min(window)),
            (fixed, window) => fixed.or(window),
        }
    }

    pub(super) fn connect(&mut self, now: Instant, route: RouteId, message: Message) {
        let back_to_back = self.is_back_to_back(now, route);
        let host = self.host_of(route);
        let pace = self.policy(host).connections.pace;
        self.hosts[host.index()].connections += 1;
        let queue = &mut self.routes[route.index()];
        queue.connections += 1;
        queue.next_connect = now.saturating_add(pace);
        if !back_to_back {
            queue.cold += 1;
        }
        self.steps.push_back(Step::Connect { route, message });
    }

    /// Postfix keeps a connection only if its message was chosen within a second after a delivery to
    /// the same destination (qmgr_entry.c, `BACK_TO_BACK_DELIVERY`).
    fn is_back_to_back(&self, now: Instant, route: RouteId) -> bool {
        let queue = &self.routes[route.index()];
        let shown = self.hosts[queue.host.index()].clock.read(now);
        queue.last_ended.is_some_and(|ended| shown <= ended + Span::SECOND)
    }

    /// Whether a connection that has carried its first message is one that is not kept. Such
    /// connections are the first of a burst, so they are the first to get here.
    pub(super) fn closes_cold(&mut self, route: RouteId, carried: u32) -> bool {
        let queue = &mut self.routes[route.index()];
        let cold = carried == 1 && queue.cold > 0;
        if cold {
            queue.cold -= 1;
        }
        cold
    }

    /// The next message from the pool for an open connection.
    pub(super) fn next_waiting(&mut self, now: Instant, route: RouteId) -> Option<Message> {
        let host = self.host_of(route);
        let shown = self.hosts[host.index()].clock.read(now);
        self.routes[route.index()].pool.release(shown);
        let newest = self.routes[route.index()].pool.next_for_reuse()?;
        if self.is_listed_above(host, &newest) {
            return None;
        }
        let message = self.routes[route.index()].pool.take_for_reuse()?;
        self.hosts[host.index()].active += 1;
        self.judge(now, route, message).then_some(message)
    }
}
