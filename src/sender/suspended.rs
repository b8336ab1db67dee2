//! Mail for a suspended site that is put off one message after another, with a rest after each.
//!
//! What Postfix does not even try it hands to its `retry` service, which defers it. That is a transport as any
//! other: `default_destination_rate_delay` holds for it too, with one queue for each reason of deferral
//! (src/qmgr/qmgr_defer.c, `qmgr_defer_todo`; qmgr_error.c, `qmgr_error_queue`). Until it is put off such mail
//! is active.

use std::collections::VecDeque;

use super::Senders;
use super::desk::Desk;
use super::memory::{Answer, Suppressed};
use crate::id::RouteId;
use crate::message::Message;
use crate::time::Instant;

/// Mail of one queue that waits to be put off.
#[derive(Debug, Default)]
pub(super) struct Suspended {
    line: VecDeque<(Message, Suppressed)>,
    /// When the next message may be put off; none: at any time.
    next: Option<Instant>,
}

impl Suspended {
    pub(super) fn len(&self) -> usize {
        self.line.len()
    }
}

impl Senders {
    /// Puts a message in line to be put off.
    pub(super) fn suspend_in_line(
        &mut self,
        now: Instant,
        route: RouteId,
        message: Message,
        effect: Suppressed,
    ) {
        let pace = self.routes[route.index()].pace.get_or_insert_default();
        pace.suspended.line.push_back((message, effect));
        self.put_off_suspended(now, route);
    }

    /// Puts the next message off, if it is time, and asks to be called for the one after it.
    pub(super) fn put_off_suspended(&mut self, now: Instant, route: RouteId) {
        while let Some((message, effect)) = self.desk(now, route).next_suspended() {
            let untimed = self.desk(now, route).release(message, Answer::Defer(effect));
            self.lay_by(now, route, untimed);
        }
    }
}

impl Desk<'_> {
    fn next_suspended(&mut self) -> Option<(Message, Suppressed)> {
        let rest = self.policy.connections.rest_suspended?;
        let shown = self.shown();
        let due = self.queue.pace.as_ref()?.suspended.next;
        let at = due.map(|due| self.goes_off(due)).filter(|at| self.now < *at);
        let suspended = &mut self.queue.pace.as_mut()?.suspended;
        if suspended.line.is_empty() {
            return None;
        }
        if let Some(at) = at {
            self.call_at(at);
            return None;
        }
        suspended.next = Some(shown.saturating_add(rest));
        suspended.line.pop_front()
    }

    /// When a timer goes off, or went off, for which the clock has to show `due`: with the first thing that
    /// happens to the host in that second, or by itself.
    pub(super) fn goes_off(&self, due: Instant) -> Instant {
        let scans = self.host.scans.as_ref().filter(|_| due > Instant::ZERO);
        scans.map_or(due, |scans| scans.goes_off(due))
    }
}
