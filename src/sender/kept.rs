//! Connections that are kept open for the next delivery, while deliveries follow each other.
//!
//! Postfix src/qmgr/qmgr_entry.c (`qmgr_entry_select`, "on-demand session caching"), src/smtp/smtp_reuse.c,
//! src/global/scache_multi.c. The queue manager says with each delivery whether it may use a connection
//! from the cache, and whether its own is put there; the cache hands out the one that has lain there for
//! longest, and drops connections that nobody has used for a while.

use super::{Next, Reuse, Senders, Step, Used};
use crate::id::{HostId, Line, RouteId};
use crate::message::Message;
use crate::time::{Instant, Span};

/// Whether deliveries to a destination use the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Caching {
    /// They do not.
    #[default]
    Off,
    /// They take connections from it, but put none there.
    TakeOnly,
    /// They take connections from it and put them back.
    On,
}

impl Caching {
    /// For the next delivery, one of `busy` at a time, that is chosen `back_to_back` with the end of
    /// another.
    fn next(self, busy: u32, back_to_back: bool) -> Self {
        match self {
            _ if back_to_back => Self::On,
            Self::On if busy <= 1 => Self::TakeOnly,
            unchanged => unchanged,
        }
    }
}

/// An idle connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    route: RouteId,
    line: Line,
    /// It is dropped when the clock of the cache shows this.
    until: Instant,
}

impl Senders {
    /// What becomes of a connection that is open still and has done with a message?
    pub fn reuse(&mut self, now: Instant, route: RouteId, used: Used) -> Next {
        let host = self.host_of(route);
        let connections = &self.policy(host).connections;
        if used.carried >= connections.messages_per_connection
            || connections.reuse_for.is_some_and(|limit| now - used.opened > limit)
        {
            return Next::Close;
        }
        match connections.reuse {
            Reuse::OnDemand(cache) if used.keep => {
                self.keep(now, route, used.line, cache.idle);
                return Next::Keep;
            }
            Reuse::None | Reuse::OnDemand(_) => return Next::Close,
            Reuse::Active | Reuse::Waiting | Reuse::Run => {}
        }
        if self.limit(route).is_some_and(|limit| self.routes[route.index()].connections > limit)
            || self.next_start(now, route) > now
        {
            return Next::Close;
        }
        let message = match self.policy(host).connections.reuse {
            Reuse::Waiting => self.next_ready(now, route).or_else(|| self.next_waiting(now, route)),
            Reuse::Run => self.next_of_run(now, route),
            _ => self.next_ready(now, route),
        };
        let Some(message) = message else { return Next::Close };
        self.hand_over(host, &message);
        self.starts(now, route, &message);
        // What just succeeded may have opened the window for others.
        self.dispatch(now, route);
        Next::Carry(message)
    }

    /// A connection that was kept is gone.
    pub fn lost(&mut self, route: RouteId, line: Line) {
        let host = self.host_of(route);
        self.hosts[host.index()].kept.retain(|kept| kept.line != line);
    }

    /// Chooses a connection for a delivery: one from the cache, if it may, or a new one.
    pub(super) fn deliver(&mut self, now: Instant, route: RouteId, message: Message) {
        let caching = self.caching(now, route);
        let keep = caching == Caching::On;
        if caching != Caching::Off {
            let host = self.host_of(route);
            self.stir_cache(now, host);
            let kept = &mut self.hosts[host.index()].kept;
            let first = kept.iter().position(|kept| kept.route == route);
            if let Some(Kept { line, .. }) = first.and_then(|place| kept.remove(place)) {
                self.occupy(now, route, &message);
                return self.steps.push_back(Step::Resume { line, message, keep });
            }
        }
        self.occupy(now, route, &message);
        self.steps.push_back(Step::Connect { route, message, keep });
    }

    /// Drops idle connections whose time is over.
    pub(super) fn tidy_cache(&mut self, now: Instant, host: HostId) {
        let state = &mut self.hosts[host.index()];
        if state.cache_call != Some(now) {
            return;
        }
        state.cache_call = None;
        let cache = state.cache;
        let Some(until) = self.first_until(host) else { return };
        if until <= now && cache.goes_off(until) <= now {
            self.stir_cache(now, host);
        }
        self.call_cache(now, host);
    }

    /// How the next delivery of a route uses the cache.
    fn caching(&mut self, now: Instant, route: RouteId) -> Caching {
        let host = &self.hosts[self.host_of(route).index()];
        if !matches!(self.policies[host.policy].connections.reuse, Reuse::OnDemand(_)) {
            return Caching::Off;
        }
        let shown = host.clock.read(now);
        let queue = &mut self.routes[route.index()];
        let back_to_back = queue.last_ended.is_some_and(|ended| shown <= ended + Span::SECOND);
        queue.caching = queue.caching.next(queue.connections + 1, back_to_back);
        queue.caching
    }

    fn keep(&mut self, now: Instant, route: RouteId, line: Line, idle: Span) {
        let host = self.host_of(route);
        self.stir_cache(now, host);
        let until = self.hosts[host.index()].clock.read(now).saturating_add(idle);
        self.hosts[host.index()].kept.push_back(Kept { route, line, until });
        self.call_cache(now, host);
        self.vacate(now, route);
    }

    /// Somebody asks the cache for something, which sets its timers off if they are due.
    fn stir_cache(&mut self, now: Instant, host: HostId) {
        while let Some(Kept { line, until, .. }) = self.hosts[host.index()].kept.front().copied()
            && until <= now
        {
            self.hosts[host.index()].kept.pop_front();
            self.steps.push_back(Step::HangUp { line });
        }
        self.hosts[host.index()].cache.stir(now);
    }

    /// Asks to be called when the first idle connection may have to be dropped, unless that is known.
    fn call_cache(&mut self, now: Instant, host: HostId) {
        let Some(until) = self.first_until(host) else { return };
        let state = &mut self.hosts[host.index()];
        let at = if until <= now { state.cache.goes_off(until) } else { until };
        if state.cache_call.is_none_or(|known| at < known) {
            state.cache_call = Some(at);
            self.steps.push_back(Step::Look { host, at });
        }
    }

    /// When the connection that has been idle for longest is dropped.
    fn first_until(&self, host: HostId) -> Option<Instant> {
        self.hosts[host.index()].kept.front().map(|kept| kept.until)
    }
}
