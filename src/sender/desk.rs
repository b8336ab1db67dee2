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
    pub(super) route: RouteId,
    pub(super) queue: &'a mut Route,
    pub(super) host: &'a mut Host,
    pub(super) policy: &'a Policy,
    pub(super) steps: &'a mut Steps<Step>,
    /// [`Senders::finishing`].
    pub(super) finishing: &'a mut Option<MessageId>,
    pub(super) key: Key,
    /// [`Senders::tells_waits`].
    pub(super) tells_waits: bool,
}

impl Senders {
    /// The desk of a queue.
    #[inline(always)]
    pub(super) fn desk(&mut self, now: Instant, route: RouteId) -> Desk<'_> {
        let queue = &mut self.routes[route.index()];
        let host = &mut self.hosts[queue.host.index()];
        let policy = &*self.policies[host.policy()];
        Desk {
            now,
            route,
            queue,
            host,
            policy,
            steps: &mut self.steps,
            finishing: &mut self.finishing,
            key: self.key,
            tells_waits: self.tells_waits,
        }
    }
}

impl<'a> Desk<'a> {
    /// How the host reads the time.
    #[inline(always)]
    pub(super) fn clock(&self) -> Clock {
        self.host.clock
    }

    /// What the host's clock shows now. Most of what is done at a desk does not ask for it.
    #[inline(always)]
    pub(super) fn shown(&self) -> Instant {
        self.clock().read(self.now)
    }

    /// The age of a message when the host's clock shows `shown`, by that clock.
    #[inline(always)]
    pub(super) fn age(&self, message: &Message, shown: Instant) -> Span {
        shown - self.clock().read(message.arrival())
    }

    /// What the memory of the queue is asked about or told of: a message, and how long the attempt `lasted`
    /// that has just ended.
    #[inline]
    pub(super) fn situation<'b>(&self, message: &'b Message, lasted: Span) -> Situation<'b>
    where
        'a: 'b,
    {
        Situation {
            now: self.shown(),
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
