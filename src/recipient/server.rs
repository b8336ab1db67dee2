//! The recipient at work: what happens to a connection from the SYN to the end.

use std::sync::Arc;

use super::acceptor::Acceptor;
use super::backlog::{Backlog, Queue, Waiting};
use super::gates::{Attempt, GateSet, Refusal, Room, Sessions, Uses};
use super::lines::{Caller, Lines, Place};
use super::schedule::Window;
use super::settings::{Drawn, Settings};
use super::slots::{Phase, Slots};
use super::step::{Internal, Outcome, Patience, Refused, Step};
use crate::id::{HostId, Line, MessageId, RecipientId};
use crate::random::{Key, Purpose};
use crate::smtp::{Code, Failure, Stage};
use crate::steps::Steps;
use crate::time::{Instant, Span};

/// The stages at which no program of the server is asked.
const KERNEL: [Stage; 2] = [Stage::Refused, Stage::Timeout];

/// A recipient server in one run.
///
/// Every connection gets exactly one last word: [`Step::Refused`] or [`Step::Cut`], or the caller
/// ends it with [`Self::hang_up`] or [`Self::abandon`]. Then its line may be used again.
pub struct Recipient {
    settings: Arc<Settings>,
    id: RecipientId,
    key: Key,
    horizon: Instant,
    /// [`Settings::slots_limit`].
    limit: Option<u32>,
    /// What the gates leave open of it now.
    open: Option<u32>,
    /// What [`Self::changed_slots`] said last.
    told: (u32, Option<u32>),
    backlog: Option<Backlog>,
    gates: GateSet,
    slots: Slots,
    acceptor: Acceptor,
    queue: Queue,
    lines: Lines,
    steps: Steps<Step>,
}

impl Recipient {
    /// A recipient before anything happened. `key` belongs to this recipient in this replication;
    /// nothing happens at `horizon` or later.
    pub fn new(settings: Arc<Settings>, id: RecipientId, key: Key, horizon: Instant) -> Self {
        let limit = settings.slots_limit();
        Self {
            id,
            key,
            horizon,
            limit,
            open: limit,
            told: (0, None),
            backlog: settings.backlog(),
            gates: GateSet::new(&settings.gates, key),
            slots: Slots::new(settings.slots),
            acceptor: Acceptor::new(),
            queue: Queue::default(),
            lines: Lines::default(),
            steps: Steps::new(),
            settings,
        }
    }

    /// Asks for the first calls. To be called once, before anything else.
    pub fn start(&mut self) {
        for gate in 0..self.settings.gates.len() as u32 {
            self.call_at_change(gate);
        }
    }

    /// A client connects. `message` and `attempt` (how often the message failed before) name the
    /// random numbers. Returns the answer if the connection is refused at once: then it never was on `line`, which must not
    /// be in use. Else steps tell.
    #[inline(never)]
    pub fn connect(
        &mut self,
        now: Instant,
        line: Line,
        client: HostId,
        message: MessageId,
        attempt: u32,
    ) -> Option<Refused> {
        self.knock(now, line, Caller { client, message, attempt, connected: now }, 0)
    }

    /// The client begins a transaction on a connection that was greeted.
    pub fn transact(&mut self, now: Instant, line: Line, client: HostId, message: MessageId, attempt: u32) {
        let Place::Slot(slot) = self.lines.place(line) else { return };
        self.end_transfer(line, slot);
        self.lines.carry(line, message);
        let carried = self.slots.count_transaction(slot);
        let drawn = match self.settings.transaction_drawn {
            Drawn::Once => 0,
            Drawn::EachTry => u64::from(attempt),
        };
        let attempt = self.attempt(now, client, message, attempt, carried);
        for stage in [Stage::Mail, Stage::Rcpt, Stage::Data] {
            if self.gates.is_empty(stage) {
                continue;
            }
            if let Some(refusal) = self.gates.ask(stage, &attempt, Room::Enough) {
                self.refuse_transaction(now, line, slot, refusal);
                return;
            }
        }
        self.slots.enter(slot, Phase::Transfer);
        let mut draw = self.key.draw(Purpose::Transaction, u64::from(message.0), drawn);
        let length = self.settings.transaction.sample(&mut draw).scale(self.gates.stretch(&attempt));
        self.steps.push(Step::Ends { line, at: now + length, outcome: Outcome::Accepted });
    }

    /// The client closes the connection after its last transaction, or the server did with a 421.
    pub fn hang_up(&mut self, now: Instant, line: Line) {
        let Place::Slot(slot) = self.lines.place(line) else { return };
        self.end_transfer(line, slot);
        self.lines.leave(line);
        let closing = self.slots.get(slot).is_some_and(|hold| hold.phase == Phase::Closing);
        if closing || self.settings.idle_hold == Span::ZERO {
            self.slots.release(slot);
            self.serve(now);
        } else {
            self.slots.detach(slot);
            self.release_at(now + self.settings.idle_hold, slot);
        }
    }

    /// The client lost patience before anything answered.
    pub fn abandon(&mut self, now: Instant, line: Line) {
        if let Place::Slot(slot) = self.lines.place(line) {
            self.slots.release(slot);
        }
        self.lines.leave(line);
        self.serve(now);
    }

    /// The instant of a [`Step::Call`] has come.
    pub fn internal(&mut self, now: Instant, what: Internal) {
        match what {
            Internal::Change { gate } => self.change(now, gate),
            Internal::AcceptorFree => self.acceptor.called(),
            Internal::Release { slot, generation } => {
                self.slots.release_use(slot, generation);
            }
            Internal::Retransmit { line, message } => {
                let place = self.lines.place(line);
                if let Place::Knocking { repeated } = place
                    && let Some(caller) = self.lines.at(line, place)
                    && caller.message == message
                    && caller.repeats_at(repeated) == Some(now)
                    && let Some(refused) = self.knock(now, line, caller, repeated + 1)
                {
                    self.refuse(line, refused);
                }
            }
        }
        self.serve(now);
    }

    /// Which recipient this is.
    pub fn id(&self) -> RecipientId {
        self.id
    }

    /// Slots in use.
    pub fn in_use(&self) -> u32 {
        self.slots.in_use()
    }

    /// Slots that are open now, in use or not; none: as many as anybody wants. Sessions that began
    /// before a window may hold more.
    pub fn capacity(&self) -> Option<u32> {
        self.open
    }

    /// [`Self::in_use`] and [`Self::capacity`] if either is not what it was when this was asked last. A server is taken
    /// to have begun with no limit.
    #[inline]
    pub fn changed_slots(&mut self) -> Option<(u32, Option<u32>)> {
        let slots = (self.in_use(), self.capacity());
        if self.told == slots {
            return None;
        }
        self.told = slots;
        Some(slots)
    }

    /// All maintenance windows of this run that start before its horizon, in order of their start.
    pub fn windows(&self) -> Vec<Window> {
        self.settings.windows(self.key, self.horizon)
    }

    /// A SYN arrives that was repeated so many times. The kernel answers for itself; then the connection is taken or waits.
    #[inline(always)]
    fn knock(&mut self, now: Instant, line: Line, caller: Caller, repeated: u32) -> Option<Refused> {
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
    fn refuse(&mut self, line: Line, refused: Refused) {
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
    fn serve(&mut self, now: Instant) {
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

    fn refuse_transaction(&mut self, now: Instant, line: Line, slot: u32, refusal: Refusal) {
        let Refusal { failure, cost } = refusal;
        if failure.code().is_some_and(Code::closes_channel) {
            self.slots.enter(slot, Phase::Closing);
        }
        let outcome =
            if failure.is_permanent() { Outcome::Rejected(failure) } else { Outcome::Refused(failure) };
        let at = now + self.settings.round_trip.max(cost.takes);
        self.steps.push(Step::Ends { line, at, outcome });
    }

    /// The transfer that was under way on the connection, if any, has come to its end.
    fn end_transfer(&mut self, line: Line, slot: u32) {
        if self.slots.get(slot).is_some_and(|hold| hold.phase == Phase::Transfer) {
            self.gates.accepted(self.lines.message(line));
            self.slots.enter(slot, Phase::Dialogue);
        }
    }

    /// What the gates get to see.
    #[inline(always)]
    fn attempt(
        &self,
        now: Instant,
        client: HostId,
        message: MessageId,
        attempt: u32,
        carried: u32,
    ) -> Attempt {
        Attempt {
            now,
            client,
            message,
            attempt,
            in_use: self.slots.in_use(),
            of_client: self.slots.of_client(client),
            transfers: self.slots.transfers(),
            carried,
            limit: self.limit,
        }
    }

    /// Holds a slot for a while without a connection.
    fn occupy(&mut self, now: Instant, client: HostId, takes: Span) {
        if takes > Span::ZERO {
            let (slot, _) = self.slots.take(None, client);
            self.release_at(now + takes, slot);
        }
    }

    fn release_at(&mut self, at: Instant, slot: u32) {
        let what = Internal::Release { slot, generation: self.slots.generation(slot) };
        self.steps.push(Step::Call { at, what });
    }

    /// A gate changes by itself.
    fn change(&mut self, now: Instant, gate: u32) {
        if let Some((Sessions::Cut, keep)) = self.gates.change(now, gate, self.limit) {
            self.cut_beyond(keep);
        }
        self.open = self.gates.open(self.limit);
        self.call_at_change(gate);
    }

    /// Cuts all that wait, and in slots as many as exceed `keep`.
    fn cut_beyond(&mut self, keep: Option<u32>) {
        let Some(keep) = keep else { return };
        while let Some(Waiting { line, caller }) = self.queue.pop() {
            if self.lines.at(line, Place::Waiting) == Some(caller) {
                self.cut(line);
            }
        }
        for slot in self.slots.excess(keep) {
            if let Some(line) = self.slots.release(slot).and_then(|hold| hold.line) {
                self.cut(line);
            }
        }
    }

    fn cut(&mut self, line: Line) {
        self.lines.leave(line);
        self.steps.push(Step::Cut { line });
    }

    fn call_at_change(&mut self, gate: u32) {
        if let Some(at) = self.gates.next_change(gate).filter(|at| *at < self.horizon) {
            self.steps.push(Step::Call { at, what: Internal::Change { gate } });
        }
    }
}

/// The decisions that were not taken out yet. After `None` there may be more, when something was told.
impl Iterator for Recipient {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.steps.take()
    }
}
