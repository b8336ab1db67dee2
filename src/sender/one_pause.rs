//! One pause for a whole queue: all mail is tried in one pass, one message after another, and then all
//! rests (nullmailer src/send.cc, `main`, `send_all`, `do_select`).
//!
//! The pause follows a retry record of the queue, run by the policy's own backoff. New mail ends the
//! pause, resets the record and has everything tried. A pass is a run with one worker: see
//! [`queue_runs`](super::queue_runs).

use super::runner::Runner;
use super::{RetryRecord, Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::random::Purpose;
use crate::time::{Instant, Span};

/// Where a host with one pause stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Pause {
    /// The passes since mail came last; none: the next pass is the first.
    record: Option<RetryRecord>,
    /// When the last pass began: names its draws.
    began: Option<Instant>,
    /// What happens after the pass that is under way.
    then: Then,
}

/// What follows a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Then {
    #[default]
    Rest,
    /// Somebody asked for another pass meanwhile.
    PassAgain,
}

impl Senders {
    pub(super) fn has_one_pause(&self, host: HostId) -> bool {
        matches!(self.policy(host).runner, Runner::OnePause(_))
    }

    /// New mail: all mail is tried now, or as soon as the present pass is over.
    pub(super) fn interrupt_pause(&mut self, now: Instant, route: RouteId, message: Message) {
        let host = self.host_of(route);
        self.routes[route.index()].pool.put(now, message);
        let runs = self.hosts[host.index()].runs();
        runs.pause.record = None;
        let rests = runs.workers.is_empty();
        self.ask_for_pass(now, host);
        let heard_twice = self.fixed[host.index()].heard_twice;
        let draw = || self.key.draw(Purpose::HeardTwice, u64::from(message.id().0), 0).unit();
        if rests && heard_twice > 0.0 && draw() < heard_twice {
            let pause = &mut self.hosts[host.index()].runs().pause;
            pause.record = None;
            pause.then = Then::PassAgain;
        }
    }

    /// Begins a pass, unless one is under way: then another one follows it.
    pub(super) fn ask_for_pass(&mut self, now: Instant, host: HostId) {
        let runs = self.hosts[host.index()].runs();
        if runs.workers.is_empty() {
            self.begin_pass(now, host);
        } else {
            runs.pause.then = Then::PassAgain;
        }
    }

    /// The pause is over, or was cut short.
    pub(super) fn begin_pass(&mut self, now: Instant, host: HostId) {
        self.steps.push(Step::Began { host });
        let state = &mut self.hosts[host.index()];
        let shown = state.clock.read(now);
        let runs = state.runs();
        runs.next = None;
        runs.pause.then = Then::Rest;
        runs.pause.began = Some(now);
        runs.pause.record = Some(match runs.pause.record {
            None => RetryRecord::first(shown),
            Some(record) => RetryRecord { failures: record.failures.saturating_add(1), ..record },
        });
        for route in self.routes_of(host) {
            self.routes[route.index()].pool.release(now);
        }
        // The order of a directory is none.
        let draw = self.key.draw(Purpose::RunOrder, u64::from(host.0), index(now));
        self.walk(now, host, now, draw);
    }

    /// All mail was tried: now the queue rests, if anything is left in it.
    pub(super) fn end_pass(&mut self, now: Instant, host: HostId) {
        let state = &mut self.hosts[host.index()];
        if state.runs().pause.then == Then::PassAgain {
            return self.begin_pass(now, host);
        }
        let shown = state.clock.read(now);
        let is_empty = self.routes_of(host).all(|route| self.routes[route.index()].pool.len() == 0);
        if !is_empty && let Some(delay) = self.coming_pause(now, host) {
            if let Some(record) = &mut self.hosts[host.index()].runs().pause.record {
                record.last_try = shown;
                record.previous_delay = delay;
            }
            // Where nothing was tried, time would stand still without a pause.
            let began = self.hosts[host.index()].runs().pause.began;
            let stands_still = delay == Span::ZERO && began == Some(now);
            let rest = if stands_still { Span::SECOND } else { delay };
            self.rest_until(now.saturating_add(rest), host);
        }
    }

    /// Lets a message wait for the next pass. If none is under way or known, that is when the message
    /// itself is due.
    pub(super) fn put_by(&mut self, now: Instant, route: RouteId, message: Message, due: Instant) {
        let host = self.host_of(route);
        self.routes[route.index()].pool.put(now, message);
        let state = &mut self.hosts[host.index()];
        if !state.runs().workers.is_empty() {
            return self.tell_wait(message, |senders| {
                senders.coming_pause(now, host).map_or(due, |delay| now.saturating_add(delay))
            });
        }
        if state.runs().next.is_none_or(|known| due < known) {
            let shown = state.clock.read(now);
            let backoff = &self.policies[state.policy()].backoff;
            let record = RetryRecord::of_message(&message, shown, state.clock, backoff.looks_back());
            state.runs().pause.record = Some(record);
            self.rest_until(due, host);
        }
        let due = self.hosts[host.index()].runs().next.unwrap_or(due);
        self.tell_wait(message, |_| due);
    }

    fn rest_until(&mut self, at: Instant, host: HostId) {
        self.hosts[host.index()].runs().next = Some(at);
        self.steps.push(Step::Run { host, at });
    }

    /// How long the queue rests after the pass that is under way.
    fn coming_pause(&self, now: Instant, host: HostId) -> Option<Span> {
        let state = &self.hosts[host.index()];
        let pause = &state.runs.as_ref()?.pause;
        let (record, began) = (pause.record?, pause.began?);
        let mut draw = self.key.draw(Purpose::Pause, u64::from(host.0), index(began));
        Some(self.policy(host).backoff.delay(&record, state.clock.read(now), &mut draw))
    }
}

/// The number of the pass that begins now.
fn index(began: Instant) -> u64 {
    began.as_micros().rem_euclid(1 << 48) as u64
}
