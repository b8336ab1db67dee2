//! Waiting mail: for how long, in which container, and when it has waited too long.

use std::hint::black_box;

use super::desk::Desk;
use super::memory::Suppressed;
use super::runner::Runner;
use super::{BounceReason, GiveUp, Held, RetryRecord, Senders, Step};
use crate::id::RouteId;
use crate::message::Message;
use crate::random::{Draw, Purpose};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// A host and a queue of it take two cache lines: so many hosts are half of what many processors have in their second
/// level cache.
const MANY: usize = 4096;

impl Senders {
    /// Whether there are more hosts than a cache has room for: then it pays to know which mail will wake up soon.
    #[inline]
    pub fn are_many(&self) -> bool {
        self.hosts.len() > MANY
    }

    /// Mail of these queues will wake up soon. Looks at what that takes, queue by queue, so that it comes from memory
    /// together and not one after the other: among very many hosts those of the next attempt lie in no cache.
    #[inline(always)]
    pub fn expect(&self, routes: impl Iterator<Item = RouteId>) {
        let look = |seen, route: RouteId| {
            let queue = &self.routes[route.index()];
            seen ^ queue.connections ^ self.hosts[queue.host.index()].connections
        };
        black_box(routes.fold(0, look));
    }

    pub(super) fn bounce(&mut self, message: Message, why: BounceReason) {
        self.steps.push(Step::Bounced { message, why });
    }

    /// As [`Desk::put`].
    pub(super) fn put(&mut self, now: Instant, route: RouteId, message: Message, due: Instant) {
        let untimed = self.desk(now, route).put(message, due);
        self.lay_by(now, route, untimed);
    }

    /// Lets mail wait that no timer of its own wakes.
    #[inline(always)]
    pub(super) fn lay_by(&mut self, now: Instant, route: RouteId, untimed: Option<Untimed>) {
        if let Some(Untimed { message, due }) = untimed {
            self.put_in_pool(now, route, message, due);
        }
    }

    #[inline(never)]
    fn put_in_pool(&mut self, now: Instant, route: RouteId, message: Message, due: Instant) {
        let host = self.host_of(route);
        if let Runner::Custom(_) = self.policy(host).runner {
            let until = self.next_look(now, host, due);
            return self.steps.push(Step::Sleep { until, message });
        }
        if self.has_one_pause(host) {
            return self.put_by(now, route, message, due);
        }
        let desk = self.desk(now, route);
        let ultimate = desk.situation(&message, Span::ZERO).ultimate();
        desk.queue.pool.put(due.min(ultimate), message);
        self.ask_for_run(now, host);
        self.tell_wait(message, |senders| senders.next_useful_run(now, host, route, due));
    }

    /// Says that a message waits here, and until when, if anybody listens.
    pub(super) fn tell_wait(&mut self, message: Message, due: impl FnOnce(&Self) -> Instant) {
        if self.tells_waits {
            let due = due(self);
            self.steps.push(Step::Queued { message, due });
        }
    }
}

/// Mail that is due at some instant and has no timer of its own.
pub(super) struct Untimed {
    message: Message,
    due: Instant,
}

impl Desk<'_> {
    /// Lets a message that has just failed wait by its own record, or gives it up.
    #[inline(always)]
    pub(super) fn retry(&mut self, mut message: Message, failure: Failure) -> Option<Untimed> {
        match self.backoff_after(&mut message, failure) {
            Some(due) => self.wait(message, due, due),
            None => self.bounce(message, BounceReason::TooOld),
        }
    }

    /// What [`Self::retry`] does with a message that has a timer, if all it does is to let it wait.
    #[inline(always)]
    pub(super) fn foresee(&self, mut message: Message, failure: Failure) -> Option<(Instant, Message)> {
        message.count_failure();
        let due = self.backoff_after(&mut message, failure)?;
        let (age, delay) = self.age_and_delay(&message, due);
        if self.end_of_life(&message, age, delay).is_some() || self.is_to_warn(&message, age, delay) {
            return None;
        }
        message.mark_deferred();
        Some((due.max(self.now), message))
    }

    /// It is not yet time to try the destination.
    pub(super) fn hold(&mut self, mut message: Message, until: Instant) -> Option<Untimed> {
        self.steps.push(Step::HeldBack { message, held: Held::Wait });
        let (age, delay) = self.age_and_delay(&message, until);
        self.warn_if_late(&mut message, age, delay);
        let own = if self.policy.runner.walks_a_pool() { self.now } else { self.soonest(until) };
        self.put(message, own)
    }

    /// As if refused, without a connection.
    pub(super) fn defer(&mut self, mut message: Message, effect: Suppressed) -> Option<Untimed> {
        self.steps.push(Step::HeldBack { message, held: Held::Defer });
        let due = match effect {
            Suppressed::Ages => {
                // The draw of the last failure was used; this one is named by the time.
                let index = self.now.as_micros().rem_euclid(1 << 48) as u64;
                let draw = self.key.draw(Purpose::HostJitter, u64::from(message.id().0), index);
                self.backoff_by(&mut message, draw)
            }
            Suppressed::Counts => {
                message.count_failure();
                self.backoff(&mut message)
            }
            Suppressed::Unchanged => self.now,
        };
        // Without any delay it would be held back again at this very instant, for ever.
        let due = if due > self.now { due } else { self.end_of_block() };
        self.wait(message, due, due)
    }

    /// Lets a message wait until its host is due at `due`. A run looks at the host itself, so mail in
    /// a pool is due at once; a timer has to know when.
    pub(super) fn wait_for_host(&mut self, message: Message, due: Instant) -> Option<Untimed> {
        let own = if self.policy.runner.walks_a_pool() { self.now } else { due };
        self.wait(message, due, own)
    }

    /// Gives a message up, or warns and lets it wait until `own`; it will be tried at `due` at best.
    #[inline(always)]
    pub(super) fn wait(&mut self, mut message: Message, due: Instant, own: Instant) -> Option<Untimed> {
        let (age, delay) = self.age_and_delay(&message, due);
        if let Some(why) = self.end_of_life(&message, age, delay) {
            return self.bounce(message, why);
        }
        self.warn_if_late(&mut message, age, delay);
        self.put(message, own)
    }

    pub(super) fn bounce(&mut self, message: Message, why: BounceReason) -> Option<Untimed> {
        self.steps.push(Step::Bounced { message, why });
        None
    }

    /// The first instant at which the host may see that the destination need not be left alone any more; a
    /// second from now where its memory does not say.
    fn end_of_block(&self) -> Instant {
        let until = self.queue.memory.blocked_until(self.shown());
        self.soonest(until.unwrap_or(self.shown() + Span::SECOND))
    }

    /// The first instant after now at which the host's clock shows `until`.
    fn soonest(&self, until: Instant) -> Instant {
        self.clock().first_showing(until).max(self.now + Span::MICROSECOND)
    }

    /// Lets a message wait that is due at `due`: in a timer, or it is for the caller to lay by.
    #[inline(always)]
    fn put(&mut self, mut message: Message, due: Instant) -> Option<Untimed> {
        message.mark_deferred();
        let due = due.min(self.timed_end(&message));
        match &self.policy.runner {
            Runner::Timer => self.sleep(message, due.max(self.now)),
            // From then on a scan takes it; what happens now is too late for a scan of now.
            Runner::Scan(scan) => {
                self.sleep_until_scan((due - scan.slack).max(self.now + Span::MICROSECOND), message);
                None
            }
            Runner::QueueRun(_) | Runner::OnePause(_) | Runner::Custom(_) => Some(Untimed { message, due }),
        }
    }

    #[inline(always)]
    fn sleep(&mut self, message: Message, until: Instant) -> Option<Untimed> {
        self.steps.push(Step::Sleep { until, message });
        None
    }

    /// When a message is due again by its own record; the delay is remembered in it.
    pub(super) fn backoff(&self, message: &mut Message) -> Instant {
        self.backoff_by(message, self.own_draw(message))
    }

    /// The same after a failure of which the kind may matter; none: there is no retry.
    #[inline(always)]
    fn backoff_after(&self, message: &mut Message, failure: Failure) -> Option<Instant> {
        let (backoff, shown) = (&self.policy.backoff, self.shown());
        let mut draw = self.own_draw(message);
        let delay = backoff.delay_after(failure, &self.record(message, shown), shown, &mut draw)?;
        Some(self.due_after(message, shown, delay))
    }

    fn backoff_by(&self, message: &mut Message, mut draw: Draw) -> Instant {
        let (backoff, shown) = (&self.policy.backoff, self.shown());
        let delay = backoff.delay(&self.record(message, shown), shown, &mut draw);
        self.due_after(message, shown, delay)
    }

    #[inline]
    fn own_draw(&self, message: &Message) -> Draw {
        self.key.draw(Purpose::Jitter, u64::from(message.id().0), u64::from(message.failures()))
    }

    #[inline(always)]
    fn record(&self, message: &Message, shown: Instant) -> RetryRecord {
        RetryRecord::of_message(message, shown, self.clock(), self.policy.backoff.looks_back())
    }

    #[inline(always)]
    fn due_after(&self, message: &mut Message, shown: Instant, delay: Span) -> Instant {
        if self.policy.backoff.looks_back() {
            message.set_previous_delay(delay);
        }
        self.clock().first_showing(shown.saturating_add(delay))
    }

    /// Whether a message of this age that has just failed is given up instead of being tried after `delay`.
    #[inline(always)]
    fn end_of_life(&self, message: &Message, age: Span, delay: Span) -> Option<BounceReason> {
        let by_rule = self.policy.lifetime.when == GiveUp::ByRule;
        let cutoff = if by_rule { self.policy.backoff.cutoff() } else { None };
        self.policy.lifetime.ends_after_failure(age, message.failures(), delay, cutoff)
    }

    #[inline(always)]
    fn warn_if_late(&mut self, message: &mut Message, age: Span, delay: Span) {
        if self.is_to_warn(message, age, delay) {
            message.mark_warned();
            self.steps.push(Step::Warned { message: *message });
        }
    }

    #[inline(always)]
    fn is_to_warn(&self, message: &Message, age: Span, delay: Span) -> bool {
        self.policy.lifetime.warns(age, delay) && !message.was_warned()
    }

    /// The age of a message, and from now to when it is due, by the host's clock.
    #[inline(always)]
    fn age_and_delay(&self, message: &Message, due: Instant) -> (Span, Span) {
        let shown = self.shown();
        let delay = Span::from_micros(due.as_micros().saturating_sub(shown.as_micros()));
        (self.age(message, shown), delay)
    }

    /// When a message is given up by a timer of its own.
    #[inline(always)]
    fn timed_end(&self, message: &Message) -> Instant {
        let Some(age) = self.policy.lifetime.timed_end() else { return Instant::NEVER };
        self.clock().first_showing(self.clock().read(message.arrival()).saturating_add(age))
    }
}
