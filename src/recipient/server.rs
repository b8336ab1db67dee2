//! The recipient at work: what happens to a connection, once it has come in, until its end.

use std::sync::Arc;

use super::acceptor::Acceptor;
use super::backlog::{Backlog, Queue, Waiting};
use super::gates::{Attempt, GateSet, Refusal, Room, Sessions};
use super::lines::{Caller, Lines, Place};
use super::schedule::Window;
use super::settings::{Drawn, Settings};
use super::slots::{Phase, Slots};
use super::step::{Internal, Outcome, Refused, Step};
use crate::id::{HostId, Line, MessageId, RecipientId};
use crate::random::{Key, Purpose};
use crate::smtp::{Code, Stage};
use crate::steps::Steps;
use crate::time::{Instant, Span};

/// A recipient server in one run.
///
/// Every connection gets exactly one last word: what [`Self::connect`] returns, [`Step::Refused`] or [`Step::Cut`], or the caller
/// ends it with [`Self::hang_up`] or [`Self::abandon`]. Then its line may be used again.
pub struct Recipient {
    pub(super) settings: Arc<Settings>,
    id: RecipientId,
    pub(super) key: Key,
    horizon: Instant,
    /// [`Settings::slots_limit`].
    limit: Option<u32>,
    /// What the gates leave open of it now.
    open: Option<u32>,
    /// What [`Self::changed_slots`] said last.
    told: (u32, Option<u32>),
    pub(super) backlog: Option<Backlog>,
    pub(super) gates: GateSet,
    pub(super) slots: Slots,
    pub(super) acceptor: Acceptor,
    pub(super) queue: Queue,
    pub(super) lines: Lines,
    pub(super) steps: Steps<Step>,
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
    pub(super) fn attempt(
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
    pub(super) fn occupy(&mut self, now: Instant, client: HostId, takes: Span) {
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
            if let Some(line) = self.slots.release(slot) {
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
