//! One queue and its host at one instant: whatever concerns no other queue is done here.
//!
//! Each attempt takes a dozen small steps for one queue. Looking up queue, host and policy once for all of
//! them costs a fraction of doing so in each.

use super::clock::Clock;
use super::host::{Host, Route};
use super::memory::Situation;
use super::{Policy, Senders, Step};
use crate::id::{MessageId, RouteId};
use crate::message::Message;
use crate::random::Key;
use crate::steps::Steps;
use crate::time::{Instant, Span};

/// A queue, its host and what that follows.
pub(super) struct Desk<'a> {
    pub(super) now: Instant,
    /// What the host's clock shows now.
    pub(super) shown: Instant,
    pub(super) route: RouteId,
    pub(super) queue: &'a mut Route,
    pub(super) host: &'a mut Host,
    pub(super) policy: &'a Policy,
    pub(super) steps: &'a mut Steps<Step>,
    /// [`Senders::finishing`].
    pub(super) finishing: &'a mut Option<MessageId>,
    pub(super) key: Key,
}

impl Senders {
    /// The desk of a queue.
    #[inline(always)]
    pub(super) fn desk(&mut self, now: Instant, route: RouteId) -> Desk<'_> {
        let queue = &mut self.routes[route.index()];
        let host = &mut self.hosts[queue.host.index()];
        let policy = &*self.policies[host.policy()];
        let (shown, steps) = (host.clock.read(now), &mut self.steps);
        Desk { now, shown, route, queue, host, policy, steps, finishing: &mut self.finishing, key: self.key }
    }
}

impl<'a> Desk<'a> {
    /// Looks at the queue at another instant.
    pub(super) fn move_to(&mut self, now: Instant) {
        self.now = now;
        self.shown = self.clock().read(now);
    }

    /// How the host reads the time.
    #[inline(always)]
    pub(super) fn clock(&self) -> Clock {
        self.host.clock
    }

    /// The age of a message, by the host's clock.
    #[inline(always)]
    pub(super) fn age(&self, message: &Message) -> Span {
        self.shown - self.clock().read(message.arrival())
    }

    /// What the memory of the queue is asked about or told of: a message, and how long the attempt `lasted`
    /// that has just ended.
    #[inline]
    pub(super) fn situation<'b>(&self, message: &'b Message, lasted: Span) -> Situation<'b>
    where
        'a: 'b,
    {
        Situation {
            now: self.shown,
            clock: self.clock(),
            policy: self.policy,
            message,
            connections: self.queue.connections,
            run: self.host.run_of(message.id()),
            lasted,
            key: self.key,
        }
    }
}
