//! Handing deliveries over: the queue manager asks for a process, waits until it is ready, and only then
//! chooses what it delivers.
//!
//! Postfix src/qmgr/qmgr_transport.c (`qmgr_transport_select`, `qmgr_transport_alloc`), qmgr_active.c
//! (`qmgr_active_drain`), qmgr_deliver.c (`qmgr_deliver`). What ends while a process gets ready is booked
//! before the place that it leaves is taken again: of deliveries that end together the window hears
//! together.

use std::collections::VecDeque;

use super::{HandOver, Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::random::Purpose;
use crate::time::{Instant, Span};

/// The processes of one host that are getting ready.
#[derive(Debug)]
pub(super) struct Pipeline {
    settings: HandOver,
    ready_at: VecDeque<Instant>,
    /// The route whose turn it is to have a delivery started.
    turn: u32,
}

impl Pipeline {
    /// Of a host whose first route is `turn`.
    pub(super) fn new(settings: HandOver, turn: u32) -> Self {
        Self { settings, ready_at: VecDeque::new(), turn }
    }

    /// Asks for one more process. Returns when to look for it, unless that is known.
    fn ask(&mut self, now: Instant) -> Option<Instant> {
        let at = now.saturating_add(self.settings.takes);
        let known = self.ready_at.back() == Some(&at);
        self.ready_at.push_back(at);
        (!known).then_some(at)
    }

    /// Takes a process that is ready by now.
    fn take(&mut self, now: Instant) -> bool {
        let ready = self.ready_at.front().is_some_and(|at| *at <= now);
        if ready {
            self.ready_at.pop_front();
        }
        ready
    }
}

impl Senders {
    /// Whether [`Self::booking`] may be anything but zero.
    #[inline(always)]
    pub fn books_refusals(&self) -> bool {
        self.books_refusals
    }

    /// How long after a connection was refused its host books that (Postfix smtp_trouble.c,
    /// `smtp_bulk_fail`: the reason is written first, then the queue manager hears of it).
    pub fn booking(&self, route: RouteId, message: &Message) -> Span {
        let host = &self.hosts[self.host_of(route).index()];
        let books = host.pipeline.as_ref().map_or(Span::ZERO, |pipeline| pipeline.settings.books);
        if books == Span::ZERO {
            return Span::ZERO;
        }
        let (id, attempt) = (u64::from(message.id().0), u64::from(message.failures()));
        self.key.draw(Purpose::Booking, id, attempt).span_up_to(books)
    }

    /// Asks for processes for mail in line, as many as may get ready at once.
    #[inline(always)]
    pub(super) fn drain(&mut self, now: Instant, host: HostId) {
        if self.hosts[host.index()].has_mail_in_line() {
            self.ask_for_processes(now, host);
        }
    }

    #[inline(never)]
    fn ask_for_processes(&mut self, now: Instant, host: HostId) {
        let state = &self.hosts[host.index()];
        let Some(pipeline) = &state.pipeline else { return };
        let asked = pipeline.ready_at.len() as u32;
        let total = self.policies[state.policy()].connections.total;
        let most = total.map_or(u32::MAX, |total| total.saturating_sub(state.connections));
        let most = most.min(pipeline.settings.at_once);
        if asked >= most {
            return;
        }
        let wanted = self.startable(now, host, most);
        let Some(pipeline) = &mut self.hosts[host.index()].pipeline else { return };
        for _ in asked..wanted {
            if let Some(at) = pipeline.ask(now) {
                self.steps.push(Step::Look { host, at });
            }
        }
    }

    /// Starts a delivery for each process that has become ready.
    pub(super) fn take_processes(&mut self, now: Instant, host: HostId) {
        while self.hosts[host.index()].pipeline.as_mut().is_some_and(|pipeline| pipeline.take(now)) {
            self.stir(now, host);
            self.start_one(now, host);
        }
    }

    /// How many deliveries could start now, as far as `most` are wanted.
    fn startable(&mut self, now: Instant, host: HostId, most: u32) -> u32 {
        let mut found = 0;
        for route in self.routes_of(host) {
            let in_line = self.routes[route.index()].ready.len() as u32;
            if in_line == 0 {
                continue;
            }
            let mut desk = self.desk(now, route);
            if desk.has_room() {
                let busy = desk.queue.connections;
                found += desk.limit().map_or(in_line, |limit| in_line.min(limit - busy));
            }
            if found >= most {
                return most;
            }
        }
        found
    }

    /// Starts the next delivery there is, the destinations in turn. Since a process was asked for there
    /// may be none any more.
    fn start_one(&mut self, now: Instant, host: HostId) {
        let Some(pipeline) = &self.hosts[host.index()].pipeline else { return };
        let routes = self.fixed[host.index()].routes.clone();
        let from = pipeline.turn.clamp(routes.start, routes.end);
        for route in (from..routes.end).chain(routes.start..from).map(RouteId) {
            if self.routes[route.index()].ready.is_empty() || !self.desk(now, route).has_room() {
                continue;
            }
            if let Some(message) = self.next_ready(now, route) {
                let mut desk = self.desk(now, route);
                if let Some(pipeline) = &mut desk.host.pipeline {
                    pipeline.turn = route.0 + 1;
                }
                return desk.deliver(message);
            }
        }
    }
}
