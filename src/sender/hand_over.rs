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
use crate::time::Instant;

/// The processes of one host that are getting ready.
#[derive(Debug)]
pub(super) struct Pipeline {
    settings: HandOver,
    ready_at: VecDeque<Instant>,
}

impl Pipeline {
    pub(super) fn new(settings: HandOver) -> Self {
        Self { settings, ready_at: VecDeque::new() }
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
    /// Asks for processes for mail in line, as many as may get ready at once.
    pub(super) fn drain(&mut self, now: Instant, host: HostId) {
        while let Some(pipeline) = &self.hosts[host.index()].pipeline {
            let asked = pipeline.ready_at.len() as u32;
            if asked >= pipeline.settings.at_once || !self.could_start(now, host, asked + 1) {
                return;
            }
            let pipeline = self.hosts[host.index()].pipeline.as_mut();
            if let Some(at) = pipeline.and_then(|pipeline| pipeline.ask(now)) {
                self.steps.push_back(Step::Look { host, at });
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

    /// Whether so many deliveries could start now.
    fn could_start(&mut self, now: Instant, host: HostId, wanted: u32) -> bool {
        let state = &self.hosts[host.index()];
        let total = self.policies[state.policy].connections.total;
        if total.is_some_and(|total| state.connections + wanted > total) {
            return false;
        }
        let mut found = 0;
        for route in self.routes_of(host) {
            let queue = &self.routes[route.index()];
            let in_line = queue.ready.len() as u32;
            if in_line > 0 && self.has_room(now, route) {
                let busy = self.routes[route.index()].connections;
                found += self.limit(route).map_or(in_line, |limit| in_line.min(limit - busy));
            }
            if found >= wanted {
                return true;
            }
        }
        false
    }

    /// Starts the next delivery there is, the destinations in turn. Since a process was asked for there
    /// may be none any more.
    fn start_one(&mut self, now: Instant, host: HostId) {
        let routes = self.hosts[host.index()].routes.clone();
        let from = self.hosts[host.index()].turn.clamp(routes.start, routes.end);
        for route in (from..routes.end).chain(routes.start..from).map(RouteId) {
            if self.routes[route.index()].ready.is_empty() || !self.has_room(now, route) {
                continue;
            }
            if let Some(message) = self.next_ready(now, route) {
                self.hosts[host.index()].turn = route.0 + 1;
                return self.deliver(now, route, message);
            }
        }
    }
}
