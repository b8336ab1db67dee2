//! Waiting mail: for how long, in which container, and when it has waited too long.

use super::memory::{Situation, Suppressed};
use super::runner::Runner;
use super::{Backoff, BounceReason, Held, RetryRecord, Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::random::{Draw, Purpose};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

impl Senders {
    /// It is not yet time to try the destination.
    pub(super) fn hold(&mut self, now: Instant, route: RouteId, mut message: Message, until: Instant) {
        self.steps.push_back(Step::HeldBack { message, held: Held::Wait });
        self.warn_if_late(now, route, &mut message, until);
        let own = if self.is_walked(route) { now } else { self.soonest(now, route, until) };
        self.put(now, route, message, own);
    }

    /// As if refused, without a connection.
    pub(super) fn defer(&mut self, now: Instant, route: RouteId, mut message: Message, effect: Suppressed) {
        self.steps.push_back(Step::HeldBack { message, held: Held::Defer });
        let due = match effect {
            Suppressed::Ages => {
                // The draw of the last failure was used; this one is named by the time.
                let index = now.as_micros().rem_euclid(1 << 48) as u64;
                let draw = self.key.draw(Purpose::HostJitter, u64::from(message.id.0), index);
                self.backoff_by(now, route, &mut message, draw)
            }
            Suppressed::Counts => {
                message.count_failure();
                self.backoff(now, route, &mut message)
            }
            Suppressed::Unchanged => now,
        };
        // Without any delay it would be held back again at this very instant, for ever.
        let due = if due > now { due } else { self.end_of_block(now, route) };
        self.wait(now, route, message, due, due);
    }

    /// The first instant at which the host may see that a destination need not be left alone any more; a
    /// second from now where its memory does not say.
    fn end_of_block(&self, now: Instant, route: RouteId) -> Instant {
        let shown = self.hosts[self.host_of(route).index()].clock.read(now);
        let until = self.routes[route.index()].memory.blocked_until(shown);
        self.soonest(now, route, until.unwrap_or(shown + Span::SECOND))
    }

    /// Lets a message wait until its host is due at `due`. A run looks at the host itself, so mail in
    /// a pool is due at once; a timer has to know when.
    pub(super) fn wait_for_host(&mut self, now: Instant, route: RouteId, message: Message, due: Instant) {
        let own = if self.is_walked(route) { now } else { due };
        self.wait(now, route, message, due, own);
    }

    /// Gives a message up, or warns and lets it wait until `own`; it will be tried at `due` at best.
    pub(super) fn wait(
        &mut self,
        now: Instant,
        route: RouteId,
        mut message: Message,
        due: Instant,
        own: Instant,
    ) {
        if let Some(why) = self.end_of_life(now, route, &message, due) {
            return self.bounce(message, why);
        }
        self.warn_if_late(now, route, &mut message, due);
        self.put(now, route, message, own);
    }

    /// When a message is due again by its own record; the delay is remembered in it.
    pub(super) fn backoff(&mut self, now: Instant, route: RouteId, message: &mut Message) -> Instant {
        let draw = self.own_draw(message);
        self.backoff_by(now, route, message, draw)
    }

    /// The same after a failure of which the kind may matter; none: there is no retry.
    pub(super) fn backoff_after(
        &mut self,
        now: Instant,
        route: RouteId,
        message: &mut Message,
        failure: Failure,
    ) -> Option<Instant> {
        let mut draw = self.own_draw(message);
        self.due_by(now, route, message, |backoff, record, shown| {
            backoff.delay_after(failure, record, shown, &mut draw)
        })
    }

    fn backoff_by(&self, now: Instant, route: RouteId, message: &mut Message, mut draw: Draw) -> Instant {
        let due = self.due_by(now, route, message, |backoff, record, shown| {
            Some(backoff.delay(record, shown, &mut draw))
        });
        due.unwrap_or(now)
    }

    fn own_draw(&self, message: &Message) -> Draw {
        self.key.draw(Purpose::Jitter, u64::from(message.id.0), u64::from(message.failures()))
    }

    fn due_by(
        &self,
        now: Instant,
        route: RouteId,
        message: &mut Message,
        delay: impl FnOnce(&Backoff, &RetryRecord, Instant) -> Option<Span>,
    ) -> Option<Instant> {
        let host = &self.hosts[self.host_of(route).index()];
        let shown = host.clock.read(now);
        let record = RetryRecord::of_message(message, shown, host.clock);
        let delay = delay(&self.policies[host.policy].backoff, &record, shown)?;
        message.set_previous_delay(delay);
        Some(host.clock.first_showing(shown.saturating_add(delay)))
    }

    fn end_of_life(
        &self,
        now: Instant,
        route: RouteId,
        message: &Message,
        due: Instant,
    ) -> Option<BounceReason> {
        let host = &self.hosts[self.host_of(route).index()];
        let policy = &self.policies[host.policy];
        let shown = host.clock.read(now);
        let age = shown - host.clock.read(message.arrival());
        let delay = Span::from_micros(due.as_micros().saturating_sub(shown.as_micros()));
        policy.lifetime.ends_after_failure(age, message.failures(), delay, policy.backoff.cutoff())
    }

    fn warn_if_late(&mut self, now: Instant, route: RouteId, message: &mut Message, due: Instant) {
        let host = &self.hosts[self.host_of(route).index()];
        let shown = host.clock.read(now);
        let age = shown - host.clock.read(message.arrival());
        let delay = Span::from_micros(due.as_micros().saturating_sub(shown.as_micros()));
        if self.policies[host.policy].lifetime.warns(age, delay) && !message.was_warned() {
            message.mark_warned();
            self.steps.push_back(Step::Warned { message: *message });
        }
    }

    pub(super) fn bounce(&mut self, message: Message, why: BounceReason) {
        self.steps.push_back(Step::Bounced { message, why });
    }

    /// Lets a message wait that is due at `due`: in a timer or in the pool.
    pub(super) fn put(&mut self, now: Instant, route: RouteId, mut message: Message, due: Instant) {
        message.mark_deferred();
        let host = self.host_of(route);
        let due = due.min(self.timed_end(host, &message));
        let state = &self.hosts[host.index()];
        let runner = &self.policies[state.policy].runner;
        if let Runner::OnePause = runner {
            self.put_by(now, route, message, due);
        } else if let Runner::QueueRun(_) = runner {
            let clock = state.clock;
            let ultimate = Situation {
                now,
                clock,
                policy: &self.policies[state.policy],
                message: &message,
                connections: 0,
                run: None,
                lasted: Span::ZERO,
                key: self.key,
            }
            .ultimate();
            self.routes[route.index()].pool.put(due.min(ultimate), message);
            self.ask_for_run(now, host);
            let due = self.next_useful_run(now, host, route, due);
            self.steps.push_back(Step::Queued { message, due });
        } else {
            let until = match runner {
                // From then on a scan takes it; what happens now is too late for a scan of now.
                Runner::Scan(scan) => (due - scan.slack).max(now + Span::MICROSECOND),
                _ => runner.next_look(now, due, state.phase),
            };
            self.steps.push_back(Step::Sleep { until, message });
        }
    }

    /// When a message is given up by a timer of its own.
    fn timed_end(&self, host: HostId, message: &Message) -> Instant {
        let state = &self.hosts[host.index()];
        let age = self.policies[state.policy].lifetime.timed_end();
        age.map_or(Instant::NEVER, |age| {
            state.clock.first_showing(state.clock.read(message.arrival()).saturating_add(age))
        })
    }

    /// The first instant after now at which the host's clock shows `until`.
    fn soonest(&self, now: Instant, route: RouteId, until: Instant) -> Instant {
        let clock = self.hosts[self.host_of(route).index()].clock;
        clock.first_showing(until).max(now + Span::MICROSECOND)
    }

    fn is_walked(&self, route: RouteId) -> bool {
        self.policy(self.host_of(route)).runner.walks_a_pool()
    }
}
