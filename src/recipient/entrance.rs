//! How connections come in: from the SYN to the slot, or to a refusal.

use super::backlog::{Backlog, Waiting};
use super::gates::{Refusal, Room, Uses};
use super::lines::{Caller, Place};
use super::server::Recipient;
use super::step::{Internal, Patience, Refused, Step};
use crate::id::Line;
use crate::random::Purpose;
use crate::smtp::{Failure, Stage};
use crate::time::Instant;

/// The stages at which no program of the server is asked.
const KERNEL: [Stage; 2] = [Stage::Refused, Stage::Timeout];

impl Recipient {
    /// A SYN arrives that was repeated so many times. The kernel answers for itself; then the connection is taken or waits.
    #[inline(always)]
    pub(super) fn knock(
        &mut self,
        now: Instant,
        line: Line,
        caller: Caller,
        repeated: u32,
    ) -> Option<Refused> {
        if !KERNEL.iter().all(|stage| self.gates.is_empty(*stage))
            && let Some(failure) = self.refused_by_kernel(now, caller)
        {
            if failure.stage() == Stage::Timeout {
                self.lines.put(line, caller, Place::Ignored);
                self.steps.push(Step::Silent { line, patience: Patience::Connect });
                return None;
            }
            return Some(self.closed_port(now, failure));
        }
        if self.queue.is_empty() && self.can_take(now) {
            return self.take(now, line, caller);
        }
        if self.backlog.is_some_and(|backlog| self.queue.len() >= backlog.length as usize) {
            self.ignore_syn(line, caller, repeated);
        } else {
            self.lines.put(line, caller, Place::Waiting);
            self.queue.push(Waiting { line, caller });
            self.steps.push(Step::Silent { line, patience: Patience::Greeting });
            self.serve(now);
        }
        None
    }

    #[inline(never)]
    fn refused_by_kernel(&mut self, now: Instant, caller: Caller) -> Option<Failure> {
        let attempt = self.attempt(now, caller.client, caller.message, caller.attempt, 0);
        let refusal = KERNEL.iter().find_map(|stage| self.gates.ask(*stage, &attempt, Room::Enough));
        refusal.map(|refusal| refusal.failure)
    }

    /// The answer of a closed port, after a round trip.
    fn closed_port(&self, now: Instant, failure: Failure) -> Refused {
        Refused { failure, at: now + self.settings.round_trip }
    }

    /// A connection that has a line is refused.
    pub(super) fn refuse(&mut self, line: Line, refused: Refused) {
        self.lines.leave(line);
        self.steps.push(Step::Refused { line, refused });
    }

    /// The backlog is full too: the client's kernel will try again.
    fn ignore_syn(&mut self, line: Line, caller: Caller, repeated: u32) {
        self.lines.put(line, caller, Place::Knocking { repeated });
        if repeated == 0 {
            self.steps.push(Step::Silent { line, patience: Patience::Connect });
        }
        if let Some(at) = caller.repeats_at(repeated) {
            let what = Internal::Retransmit { line, message: caller.message };
            self.steps.push(Step::Call { at, what });
        }
    }

    /// Takes connections out of the queue as long as that is possible.
    pub(super) fn serve(&mut self, now: Instant) {
        while self.can_take(now) {
            let Some(Waiting { line, caller }) = self.queue.pop() else { return };
            if self.lines.at(line, Place::Waiting) == Some(caller) {
                if let Some(refused) = self.take(now, line, caller) {
                    self.refuse(line, refused);
                }
            } else if let Some(Backlog { abandoned_takes, .. }) = self.backlog {
                // Nobody can see from outside that the client is gone: a slot greets it and learns.
                self.occupy(now, caller.client, abandoned_takes);
            }
        }
        if !self.queue.is_empty()
            && let Some(at) = self.acceptor.await_free(now)
        {
            self.steps.push(Step::Call { at, what: Internal::AcceptorFree });
        }
    }

    /// Whether the next connection can be taken out of the queue.
    #[inline(always)]
    fn can_take(&self, now: Instant) -> bool {
        self.acceptor.is_free(now) && !(self.backlog.is_some() && self.slots.are_full())
    }

    /// The connection is taken: the gates of the greeting decide, and then whether there is a slot.
    #[inline(always)]
    fn take(&mut self, now: Instant, line: Line, caller: Caller) -> Option<Refused> {
        let attempt = self.attempt(now, caller.client, caller.message, caller.attempt, 0);
        let room = if self.slots.are_full() { Room::None } else { Room::Enough };
        if let Some(refusal) = self.gates.ask(Stage::Greeting, &attempt, room) {
            return Some(self.refuse_greeting(now, caller, refusal));
        }
        if room == Room::None {
            return Some(self.closed_port(now, Failure::new(Stage::Refused, None)));
        }
        let (slot, _) = self.slots.take(Some(line), caller.client);
        self.lines.put(line, caller, Place::Slot(slot));
        let (message, attempt) = (u64::from(caller.message.0), u64::from(caller.attempt));
        let setup = self.settings.setup.sample(&mut self.key.draw(Purpose::Setup, message, attempt));
        let at = now + self.settings.round_trip + setup;
        self.steps.push(Step::Greeted { line, at });
        None
    }

    #[inline(always)]
    fn refuse_greeting(&mut self, now: Instant, caller: Caller, refusal: Refusal) -> Refused {
        let Refusal { failure, cost } = refusal;
        let round_trip = self.settings.round_trip;
        let at = match cost.uses {
            Uses::Acceptor => {
                self.acceptor.refuse(now, cost.takes);
                (caller.connected + round_trip).max(now + cost.takes)
            }
            Uses::Slot => {
                if !self.slots.are_full() {
                    self.occupy(now, caller.client, cost.takes);
                }
                now + round_trip.max(cost.takes)
            }
        };
        Refused { failure, at }
    }
}
