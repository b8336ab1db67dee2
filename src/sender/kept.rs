//! Connections that are kept open for the next delivery, while deliveries follow each other.
//!
//! Postfix src/qmgr/qmgr_entry.c (`qmgr_entry_select`, "on-demand session caching"), src/smtp/smtp_reuse.c,
//! src/global/scache_multi.c. The queue manager says with each delivery whether it may use a connection
//! from the cache, and whether its own is put there; the cache hands out the one that has lain there for
//! longest, and drops connections that nobody has used for a while.

use std::collections::VecDeque;

use super::clock::WholeSeconds;
use super::desk::Desk;
use super::{Next, Reuse, Senders, Step, Used};
use crate::id::{HostId, Line, RouteId};
use crate::message::Message;
use crate::steps::Steps;
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

/// The cache of one host.
#[derive(Debug)]
pub(super) struct Cached {
    /// Idle connections, the one that has been idle for longest first.
    kept: VecDeque<Kept>,
    /// When the cache was asked last.
    timers: WholeSeconds,
    /// When it will be looked at next.
    called: Option<Instant>,
}

/// An idle connection.
#[derive(Clone, Copy, Debug)]
struct Kept {
    route: RouteId,
    line: Line,
    /// It is dropped when the clock of the cache shows this.
    until: Instant,
}

impl Cached {
    /// Without any connection.
    pub(super) fn new(timers: WholeSeconds) -> Self {
        Self { kept: VecDeque::new(), timers, called: None }
    }

    /// Somebody asks for something, which sets timers off that are due.
    fn stir(&mut self, now: Instant, steps: &mut Steps<Step>) {
        while let Some(Kept { line, .. }) = self.kept.front().filter(|kept| kept.until <= now).copied() {
            self.kept.pop_front();
            steps.push(Step::HangUp { line });
        }
        self.timers.stir(now);
    }

    /// Takes the connection of a route that has been idle for longest.
    fn take(&mut self, route: RouteId) -> Option<Line> {
        let place = self.kept.iter().position(|kept| kept.route == route)?;
        self.kept.remove(place).map(|kept| kept.line)
    }
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
        let desk = self.desk(now, route);
        if desk.limit().is_some_and(|limit| desk.queue.connections > limit) || desk.next_start() > now {
            return Next::Close;
        }
        let message = match self.policy(host).connections.reuse {
            Reuse::Waiting => self.next_ready(now, route).or_else(|| self.next_waiting(now, route)),
            Reuse::Run => self.next_of_run(now, route),
            _ => self.next_ready(now, route),
        };
        let Some(message) = message else { return Next::Close };
        self.hand_over(host, &message);
        self.desk(now, route).starts(&message);
        // What just succeeded may have opened the window for others.
        self.dispatch(now, route);
        Next::Carry(message)
    }

    /// A connection that was kept is gone.
    pub fn lost(&mut self, route: RouteId, line: Line) {
        let host = self.host_of(route);
        if let Some(cache) = &mut self.hosts[host.index()].cache {
            cache.kept.retain(|kept| kept.line != line);
        }
    }

    /// Drops idle connections whose time is over.
    pub(super) fn tidy_cache(&mut self, now: Instant, host: HostId) {
        let Some(cache) = &mut self.hosts[host.index()].cache else { return };
        if cache.called != Some(now) {
            return;
        }
        cache.called = None;
        let Some(until) = cache.kept.front().map(|kept| kept.until) else { return };
        if until <= now && cache.timers.goes_off(until) <= now {
            cache.stir(now, &mut self.steps);
        }
        self.call_cache(now, host);
    }

    fn keep(&mut self, now: Instant, route: RouteId, line: Line, idle: Span) {
        let desk = self.desk(now, route);
        let until = desk.shown().saturating_add(idle);
        if let Some(cache) = &mut desk.host.cache {
            cache.stir(now, desk.steps);
            cache.kept.push_back(Kept { route, line, until });
        }
        let host = desk.queue.host;
        self.call_cache(now, host);
        self.closed(now, route);
    }

    /// Asks to be called when the first idle connection may have to be dropped, unless that is known.
    fn call_cache(&mut self, now: Instant, host: HostId) {
        let Some(cache) = &mut self.hosts[host.index()].cache else { return };
        let Some(until) = cache.kept.front().map(|kept| kept.until) else { return };
        let at = if until <= now { cache.timers.goes_off(until) } else { until };
        if cache.called.is_none_or(|known| at < known) {
            cache.called = Some(at);
            self.steps.push(Step::Look { host, at });
        }
    }
}

impl Desk<'_> {
    /// Chooses a connection for a delivery: one from the cache, if it may, or a new one.
    #[inline(always)]
    pub(super) fn deliver(&mut self, message: Message) {
        let (route, caching) = (self.route, self.caching());
        let keep = caching == Caching::On;
        let mut idle = None;
        if caching != Caching::Off
            && let Some(cache) = &mut self.host.cache
        {
            cache.stir(self.now, self.steps);
            idle = cache.take(route);
        }
        self.occupy(&message);
        self.steps.push(match idle {
            Some(line) => Step::Resume { line, message, keep },
            None => Step::Connect { route, message, keep },
        });
    }

    /// How the next delivery uses the cache.
    #[inline(always)]
    fn caching(&mut self) -> Caching {
        let last_ended = self.queue.following.as_ref().and_then(|following| following.last_ended);
        let back_to_back = last_ended.is_some_and(|ended| self.shown() <= ended + Span::SECOND);
        let Some(following) = &mut self.queue.following else { return Caching::Off };
        following.caching = following.caching.next(self.queue.connections + 1, back_to_back);
        following.caching
    }
}
