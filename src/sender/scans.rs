//! Scans of the deferred mail, and where in their second they lie (Postfix src/qmgr/qmgr.c,
//! `qmgr_deferred_run_event`; src/util/events.c).
//!
//! Mail sleeps until the second of the scan that will take it.

use super::clock::WholeSeconds;
use super::runner::Runner;
use super::{Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::time::Instant;

impl Senders {
    /// Whether the scan that takes a message, which has just woken up, is later in this second. What
    /// operators flush wakes up at any time and waits for no scan.
    pub(super) fn waits_for_scan(&mut self, now: Instant, route: RouteId, message: Message) -> bool {
        let host = self.host_of(route);
        if !matches!(self.policy(host).runner, Runner::Scan(_)) {
            return false;
        }
        let state = &mut self.hosts[host.index()];
        let at = state.stirred.goes_off(now, state.clock);
        if state.clock.read(now) != now {
            return false;
        }
        if at == now {
            self.note_scan(now, host);
            return false;
        }
        state.scan.push((route, message));
        if state.next_scan != Some(at) {
            state.next_scan = Some(at);
            self.steps.push_back(Step::Run { host, at });
        }
        true
    }

    /// Something happens to the host, which sets off the scan of this second.
    pub(super) fn stir(&mut self, now: Instant, host: HostId) {
        let state = &mut self.hosts[host.index()];
        state.stirred = WholeSeconds::stirred(now);
        state.next_scan = None;
        let due = std::mem::take(&mut state.scan);
        if !due.is_empty() {
            self.note_scan(now, host);
        }
        for (route, message) in due {
            self.admit(now, route, message);
        }
    }

    fn note_scan(&mut self, now: Instant, host: HostId) {
        if self.hosts[host.index()].last_scan.replace(now) != Some(now) {
            self.steps.push_back(Step::Began { host });
        }
    }
}
