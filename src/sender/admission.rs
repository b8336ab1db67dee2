//! Letting mail into the active queue: what is in it waits for a connection or has one.

use super::Senders;
use super::desk::Desk;
use super::memory::Answer;
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::time::Instant;

impl Senders {
    /// Whether a message may be tried now without asking anybody: then its attempt has begun, over a connection that is not to
    /// be kept and that the caller opens. Else it must be told to [`Self::wake`] or [`Self::arrive`].
    #[inline(always)]
    pub fn starts_freely(&mut self, route: RouteId) -> bool {
        let queue = &mut self.routes[route.index()];
        let host = &mut self.hosts[queue.host.index()];
        if !host.keeps_messages_apart {
            return false;
        }
        host.active += 1;
        host.connections += 1;
        queue.connections += 1;
        true
    }

    /// Lets a message into the active queue, or to wait before it if that is full.
    #[inline(always)]
    pub(super) fn admit_one(&mut self, now: Instant, route: RouteId, message: Message) {
        if self.admit(now, route, message) {
            self.dispatch(now, route);
        }
    }

    /// The same for several messages of a host. Handing over looks at all mail in line, so that is done once.
    pub(super) fn admit_all(
        &mut self,
        now: Instant,
        host: HostId,
        mail: impl Iterator<Item = (RouteId, Message)>,
    ) {
        let hands_over = self.hosts[host.index()].pipeline.is_some();
        let mut any_in_line = false;
        for (route, message) in mail {
            let is_in_line = self.admit(now, route, message);
            if is_in_line && !hands_over {
                self.dispatch(now, route);
            }
            any_in_line |= is_in_line;
        }
        if any_in_line && hands_over {
            self.drain(now, host);
        }
    }

    /// As [`Self::admit_one`]. Whether the message is in line: then it is for the caller to dispatch it.
    #[inline(always)]
    fn admit(&mut self, now: Instant, route: RouteId, message: Message) -> bool {
        let mut desk = self.desk(now, route);
        let is_full = desk.policy.runner.most_active().is_some_and(|limit| desk.host.active >= limit);
        if is_full && let Some(scans) = &mut desk.host.scans {
            let overflow = &mut scans.overflow;
            let line = if message.was_deferred() { &mut overflow.returning } else { &mut overflow.incoming };
            line.push_back((route, message));
            return false;
        }
        match desk.activate(message) {
            Some(answer) => self.line_up(now, route, message, &answer),
            None => false,
        }
    }

    /// What becomes of active mail that is not connected at once. Whether it is in line.
    #[inline(never)]
    pub(super) fn line_up(
        &mut self,
        now: Instant,
        route: RouteId,
        message: Message,
        answer: &Answer,
    ) -> bool {
        let may_go = *answer == Answer::Go;
        if may_go {
            self.routes[route.index()].ready.push_back(message);
        } else {
            self.release(now, route, message, *answer);
        }
        may_go
    }
}

impl Desk<'_> {
    /// An attempt that began freely is over, and its connection with it.
    #[inline(always)]
    pub(super) fn stop(&mut self) {
        self.host.active -= 1;
        self.host.connections -= 1;
        self.queue.connections -= 1;
    }

    /// A message is active from now on. It is connected if it may be at once; else the answer of the memory is returned.
    #[inline(always)]
    pub(super) fn activate(&mut self, message: Message) -> Option<Answer> {
        self.host.active += 1;
        let answer = self.answer(&message);
        if answer == Answer::Go && self.may_start_at_once() {
            self.deliver(message);
            return None;
        }
        Some(answer)
    }

    /// Whether a message that has just become active may be connected without waiting in line.
    #[inline(always)]
    pub(super) fn may_start_at_once(&mut self) -> bool {
        self.host.pipeline.is_none() && self.queue.ready.is_empty() && self.has_room()
    }
}
