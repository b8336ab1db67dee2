//! Attempts: which active mail is tried when, and what follows from how it ended.

use super::desk::Desk;
use super::host::Following;
use super::kept::Caching;
use super::memory::{Answer, Charge};
use super::waiting::Untimed;
use super::{BounceReason, Ended, Senders, Step};
use crate::id::{HostId, MessageId, RouteId};
use crate::message::Message;
use crate::random::Purpose;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// A place that became free at a host, and what there is to be looked at for it.
pub(super) struct Vacancy {
    host: HostId,
    /// The queue run that goes on with the connection's end.
    finishing: Option<MessageId>,
    hands_over: bool,
    has_total: bool,
    has_scans: bool,
}

impl Senders {
    /// Opens connections for mail in line while that is allowed.
    #[inline(always)]
    pub(super) fn dispatch(&mut self, now: Instant, route: RouteId) {
        let host = self.host_of(route);
        if self.hosts[host.index()].pipeline.is_some() {
            self.drain(now, host);
        } else {
            self.connect_line(now, route);
        }
    }

    #[inline(always)]
    fn connect_line(&mut self, now: Instant, route: RouteId) {
        if !self.routes[route.index()].ready.is_empty() {
            self.connect_ready(now, route);
        }
    }

    #[inline(never)]
    fn connect_ready(&mut self, now: Instant, route: RouteId) {
        while !self.routes[route.index()].ready.is_empty() && self.desk(now, route).has_room() {
            let Some(message) = self.next_ready(now, route) else { return };
            self.desk(now, route).deliver(message);
        }
    }

    /// A place became free at a host with a limit in all: its other routes may use it, each in turn.
    pub(super) fn dispatch_others(&mut self, now: Instant, host: HostId, route: RouteId) {
        let routes = self.fixed[host.index()].routes.clone();
        for other in (route.0 + 1..routes.end).chain(routes.start..route.0) {
            self.dispatch(now, RouteId(other));
        }
    }

    /// The next message in line that may be tried now. Those that may not are held back.
    pub(super) fn next_ready(&mut self, now: Instant, route: RouteId) -> Option<Message> {
        loop {
            let (message, answer) = self.desk(now, route).first_in_line()?;
            if answer == Answer::Go {
                return Some(message);
            }
            self.turn_away(now, route, message, answer);
        }
    }

    /// A message in line is not tried, and what waits for it goes on.
    fn turn_away(&mut self, now: Instant, route: RouteId, message: Message, answer: Answer) {
        self.release(now, route, message, answer);
        self.go_on(now, self.host_of(route), message.id());
    }

    /// Whether a message may be tried now. If not, it is held back or given up.
    #[inline]
    pub(super) fn judge(&mut self, now: Instant, route: RouteId, message: Message) -> bool {
        let answer = self.desk(now, route).answer(&message);
        if answer != Answer::Go {
            self.release(now, route, message, answer);
        }
        answer == Answer::Go
    }

    /// A message is not tried and leaves the active queue, at once or when its turn comes.
    #[inline(never)]
    pub(super) fn release(&mut self, now: Instant, route: RouteId, message: Message, answer: Answer) {
        let mut desk = self.desk(now, route);
        if let Answer::Defer(effect) = answer
            && desk.policy.connections.rest_suspended.is_some()
        {
            return self.suspend_in_line(now, route, message, effect);
        }
        let untimed = desk.release(message, answer);
        self.lay_by(now, route, untimed);
    }

    /// The attempt for a message is over: what does not depend on how it ended.
    #[inline(always)]
    pub(super) fn end(&mut self, now: Instant, route: RouteId, message: MessageId) -> Desk<'_> {
        let host = self.host_of(route);
        if self.hosts[host.index()].scans.as_mut().is_some_and(|scans| scans.is_set_off(now)) {
            self.set_off(now, host);
        }
        let desk = self.desk(now, route);
        *desk.finishing = desk.host.run_of(message).is_some().then_some(message);
        desk.host.active -= 1;
        let clock = desk.clock();
        if let Some(following) = &mut desk.queue.following {
            following.last_ended = Some(clock.read(now));
        }
        desk
    }

    /// What follows from how the attempt ended that took so long.
    #[inline(always)]
    pub(super) fn conclude(
        &mut self,
        now: Instant,
        route: RouteId,
        mut message: Message,
        lasted: Span,
        how: Ended,
    ) {
        match how {
            Ended::Delivered => self.worked(now, route, &message, lasted),
            Ended::Failed(failure) if failure.is_permanent() => {
                self.worked(now, route, &message, lasted);
                self.bounce(message, BounceReason::Rejected);
            }
            Ended::Failed(failure) => {
                message.count_failure();
                let mut desk = self.desk(now, route);
                if desk.queue.memory.is_none() {
                    let untimed = desk.retry(message, failure);
                    self.lay_by(now, route, untimed);
                } else {
                    self.failed_and_remembered(now, route, message, lasted, failure);
                }
            }
        }
    }

    pub(super) fn worked(&mut self, now: Instant, route: RouteId, message: &Message, lasted: Span) {
        let desk = self.desk(now, route);
        let (host, has_pool) = (desk.queue.host, desk.policy.runner.walks_a_pool());
        if !desk.queue.memory.is_none() {
            let situation = desk.situation(message, lasted);
            desk.queue.memory.worked(&situation);
        }
        if has_pool {
            self.ask_for_run(now, host);
        }
    }

    /// An attempt failed of which the destination's memory takes note.
    #[inline(never)]
    pub(super) fn failed_and_remembered(
        &mut self,
        now: Instant,
        route: RouteId,
        mut message: Message,
        lasted: Span,
        failure: Failure,
    ) {
        let draw =
            self.key.draw(Purpose::HostJitter, u64::from(message.id().0), u64::from(message.failures()));
        let mut desk = self.desk(now, route);
        let situation = desk.situation(&message, lasted);
        let untimed = match desk.queue.memory.failed(&situation, failure, draw) {
            Charge::GiveUp(why) => desk.bounce(message, why),
            Charge::Host => {
                let until = desk.queue.memory.blocked_until(situation.now).unwrap_or(now);
                let ultimate = desk.queue.memory.ultimate_age(desk.policy);
                let due = until.min(ultimate.map_or(Instant::NEVER, |limit| situation.older_than(limit)));
                // A failure of the host deletes the message's own record (Exim smtp.c).
                message.set_previous_delay(Span::ZERO);
                desk.wait_for_host(message, due)
            }
            Charge::Own(due) => desk.wait(message, due, due),
            Charge::Message => desk.retry(message, failure),
        };
        let is_blocked = desk.queue.memory.blocked_until(desk.shown()).is_some();
        self.lay_by(now, route, untimed);
        if is_blocked {
            self.suspend(now, route);
        }
    }

    /// A destination that has just died takes its mail in line with it.
    #[inline(never)]
    fn suspend(&mut self, now: Instant, route: RouteId) {
        if let Some(following) = &mut self.routes[route.index()].following {
            following.caching = Caching::Off;
        }
        for _ in 0..self.routes[route.index()].ready.len() {
            let mut desk = self.desk(now, route);
            let Some((message, answer)) = desk.first_in_line() else { return };
            if answer == Answer::Go {
                desk.queue.ready.push_back(message);
            } else {
                self.turn_away(now, route, message, answer);
            }
        }
    }

    /// Others may take the place of a connection that is not in use any more.
    #[inline(always)]
    pub(super) fn fill(&mut self, now: Instant, route: RouteId, vacancy: Vacancy) {
        let Vacancy { host, finishing, hands_over, has_total, has_scans } = vacancy;
        if let Some(message) = finishing {
            self.go_on(now, host, message);
        }
        // Handing over looks at all routes.
        if hands_over {
            self.drain(now, host);
        } else {
            self.connect_line(now, route);
            if has_total {
                self.dispatch_others(now, host, route);
            }
        }
        if has_scans {
            self.feed(now, host);
        }
    }

    /// The next message from the pool for an open connection.
    pub(super) fn next_waiting(&mut self, now: Instant, route: RouteId) -> Option<Message> {
        let host = self.host_of(route);
        let shown = self.hosts[host.index()].clock.read(now);
        self.routes[route.index()].pool.release(shown);
        let queue = &self.routes[route.index()];
        let (place, newest) = queue.pool.next_for_reuse(|message| !queue.memory.has_own(message.id()))?;
        if self.is_listed_above(host, &newest) {
            return None;
        }
        let message = self.routes[route.index()].pool.take_for_reuse(place)?;
        self.hosts[host.index()].active += 1;
        self.judge(now, route, message).then_some(message)
    }
}

impl Desk<'_> {
    /// A message leaves the active queue without having been tried. Returns it if no timer of its own wakes it.
    pub(super) fn release(&mut self, message: Message, answer: Answer) -> Option<Untimed> {
        self.host.active -= 1;
        match answer {
            Answer::Go => None,
            Answer::Wait(until) => self.hold(message, until),
            Answer::Defer(effect) => self.defer(message, effect),
            Answer::GiveUp(why) => self.bounce(message, why),
        }
    }

    /// Takes the first message in line, and says whether it may be tried now.
    #[inline(always)]
    fn first_in_line(&mut self) -> Option<(Message, Answer)> {
        let message = self.queue.ready.pop_front()?;
        Some((message, self.answer(&message)))
    }

    /// Whether a message may be tried now.
    #[inline(always)]
    pub(super) fn answer(&mut self, message: &Message) -> Answer {
        let lifetime = &self.policy.lifetime;
        if lifetime.is_looked_at_before_attempts()
            && let Some(why) =
                lifetime.ends_before_attempt(self.age(message, self.shown()), message.failures())
        {
            return Answer::GiveUp(why);
        }
        if self.queue.memory.is_open() {
            return Answer::Go;
        }
        let situation = self.situation(message, Span::ZERO);
        self.queue.memory.ask(&situation)
    }

    /// Whether the queue may open another connection now. If only its pace forbids it, it will be
    /// looked at again when that allows it.
    #[inline(always)]
    pub(super) fn has_room(&mut self) -> bool {
        let total = self.policy.connections.total;
        if total.is_some_and(|total| self.host.connections >= total)
            || self.limit().is_some_and(|limit| self.queue.connections >= limit)
        {
            return false;
        }
        let pace = self.queue.pace.as_ref();
        if pace.is_none() && !self.queue.memory.delays_starts() {
            return true;
        }
        let paced = pace.map(|pace| pace.next_connect);
        let paced =
            if self.policy.connections.rest.is_some() { paced.map(|due| self.goes_off(due)) } else { paced };
        let at = self.next_start();
        let at = paced.map_or(at, |paced| at.max(paced));
        if self.now < at {
            self.call_at(at);
        }
        self.now >= at
    }

    /// Asks to be called for the sake of the queue's pace, unless that is known.
    #[inline(never)]
    pub(super) fn call_at(&mut self, at: Instant) {
        let call = &mut self.queue.pace.get_or_insert_default().call;
        if call.is_none_or(|known| at < known) {
            *call = Some(at);
            self.steps.push(Step::Look { host: self.queue.host, at });
        }
    }

    /// When the memory lets the next attempt begin; not before now.
    #[inline(always)]
    pub(super) fn next_start(&self) -> Instant {
        let until = self.queue.memory.not_before(self.shown());
        until.map_or(self.now, |until| self.clock().first_showing(until).max(self.now))
    }

    /// Most connections of the queue now: the fixed limit and the window of its memory.
    #[inline(always)]
    pub(super) fn limit(&self) -> Option<u32> {
        let connections = &self.policy.connections;
        // With a rest after each delivery there is one at a time (qmgr_transport.c, `rate_delay`).
        let fixed = if connections.rest.is_some() { Some(1) } else { connections.per_destination };
        let window = if self.queue.memory.is_none() { None } else { self.queue.memory.window() };
        match (fixed, window) {
            (Some(fixed), Some(window)) => Some(fixed.min(window)),
            (fixed, window) => fixed.or(window),
        }
    }

    /// The memory is told that an attempt begins.
    #[inline(always)]
    pub(super) fn starts(&mut self, message: &Message) {
        if self.queue.memory.counts_starts() {
            let situation = self.situation(message, Span::ZERO);
            self.queue.memory.starts(&situation);
        }
    }

    /// A connection is in use from now on.
    #[inline(always)]
    pub(super) fn occupy(&mut self, message: &Message) {
        self.host.connections += 1;
        self.queue.connections += 1;
        let pace = self.policy.connections.pace;
        if pace > Span::ZERO {
            self.queue.pace.get_or_insert_default().next_connect = self.now.saturating_add(pace);
        }
        self.starts(message);
    }

    /// A connection of the queue is not in use any more.
    #[inline(always)]
    pub(super) fn leave(&mut self) -> Vacancy {
        self.host.connections -= 1;
        self.queue.connections -= 1;
        self.rest();
        self.forget_if_done();
        Vacancy {
            host: self.queue.host,
            finishing: self.finishing.take(),
            hands_over: self.host.pipeline.is_some(),
            has_total: self.policy.connections.total.is_some(),
            has_scans: self.host.scans.is_some(),
        }
    }

    /// A destination may have to rest after a delivery (qmgr_queue.c, `qmgr_queue_suspend`).
    #[inline(always)]
    fn rest(&mut self) {
        if let Some(rest) = self.policy.connections.rest {
            self.queue.memory.rests(self.queue.connections);
            let until = self.shown().saturating_add(rest);
            let pace = self.queue.pace.get_or_insert_default();
            pace.next_connect = pace.next_connect.max(until);
        }
    }

    /// Postfix keeps nothing about a destination without active mail, unless it is dead (qmgr_entry.c,
    /// `qmgr_entry_done`).
    #[inline(always)]
    fn forget_if_done(&mut self) {
        if self.queue.memory.is_none() && self.queue.following.is_none() {
            return;
        }
        let is_done = self.queue.connections == 0 && self.queue.ready.is_empty();
        if is_done && self.queue.memory.blocked_until(self.shown()).is_none() {
            if let Some(following) = &mut self.queue.following {
                **following = Following::default();
            }
            self.queue.memory.idle();
        }
    }
}
