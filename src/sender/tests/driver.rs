//! A stand-in for everything around senders: a clock and a recipient that follows a script.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::id::{HostId, Line, MessageId, PopulationId, RecipientId, RouteId};
use crate::message::Message;
use crate::random::{Key, Purpose};
use crate::sender::{
    BounceReason, Ended, Held, HostSpec, Next, Phases, Policy, RouteSpec, Senders, Step, Used,
};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

/// What the recipient does.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// Connects fail at once before this instant.
    pub(super) refused_until: Instant,
    /// From here on mail is accepted; never, if none.
    pub(super) accepts_from: Option<Instant>,
    /// Where it says 421 until then.
    pub(super) stage: Stage,
    /// How long a failed attempt takes: at least and at most.
    pub(super) failure_takes: (Span, Span),
    /// How long a transaction takes.
    pub(super) transaction: Span,
}

impl Script {
    /// Always 421 at this stage, at once.
    pub(super) fn always(stage: Stage) -> Self {
        Self {
            refused_until: Instant::from_micros(i64::MIN),
            accepts_from: None,
            stage,
            failure_takes: (Span::ZERO, Span::ZERO),
            transaction: Span::ZERO,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Log {
    /// Attempts: when, which message, whether the connection was refused.
    pub(super) attempts: Vec<(Instant, u32, bool)>,
    /// When connections were opened that were not refused.
    pub(super) connections: Vec<Instant>,
    pub(super) held: Vec<(Instant, u32, Held)>,
    pub(super) bounced: Vec<(Instant, u32, BounceReason)>,
    pub(super) delivered: Vec<(Instant, u32)>,
    pub(super) warned: Vec<(Instant, u32)>,
    /// Most connections open at once.
    pub(super) most_open: usize,
    /// Messages that were still waiting at the end.
    pub(super) left: u64,
}

enum Event {
    Arrive(Message),
    Wake(Message),
    Run(HostId),
    Look(HostId),
    End { message: Message, how: Ended, over: Over },
}

/// A connection, and what it carries.
#[derive(Clone, Copy)]
struct Over {
    line: Line,
    carried: u32,
    opened: Instant,
    started: Instant,
    keep: bool,
}

/// Senders with one route per host, and what surrounds them.
pub(super) struct Driver {
    pub(super) senders: Senders,
    script: Script,
    key: Key,
    agenda: BTreeMap<(Instant, u64), Event>,
    inserted: u64,
    open: usize,
    opened: u32,
    idle: Vec<Over>,
    pub(super) log: Log,
    /// How often mail began to wait in a host's own pool, as far as that was told.
    pub(super) waits: u32,
    pub(super) now: Instant,
}

impl Driver {
    pub(super) fn new(policy: Policy, script: Script, key: Key, phases: Phases) -> Self {
        let hosts = vec![HostSpec { population: PopulationId(0), routes: 0..1 }];
        let routes = vec![RouteSpec { host: HostId(0), recipient: RecipientId(0) }];
        Self {
            senders: Senders::with_phases(vec![Arc::new(policy)], hosts, routes, key, phases),
            script,
            key,
            agenda: BTreeMap::new(),
            inserted: 0,
            open: 0,
            opened: 0,
            idle: Vec::new(),
            log: Log::default(),
            waits: 0,
            now: Instant::ZERO,
        }
    }

    /// A message that will arrive.
    pub(super) fn inject(&mut self, at: Instant, id: u32) {
        self.insert(at, Event::Arrive(Message::new(MessageId(id), at)));
    }

    /// Goes on until nothing is left to do or the horizon is reached.
    pub(super) fn go(&mut self, horizon: Instant) {
        self.heed();
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 >= horizon {
                break;
            }
            self.now = entry.key().0;
            let event = entry.remove();
            self.handle(event);
            self.heed();
        }
        let asleep = self.agenda.values().filter(|event| matches!(event, Event::Wake(_))).count();
        self.log.left = asleep as u64 + self.senders.queued();
    }

    /// Connections that are open, in use or not.
    pub(super) fn open(&self) -> usize {
        self.open
    }

    /// Mail that sleeps, and until when.
    pub(super) fn sleepers(&self) -> impl Iterator<Item = (Instant, Message)> + '_ {
        self.agenda.iter().filter_map(|((at, _), event)| match event {
            Event::Wake(message) => Some((*at, *message)),
            _ => None,
        })
    }

    /// Takes all messages out of their timers.
    pub(super) fn take_sleepers(&mut self) -> Vec<(RouteId, Message)> {
        let agenda = std::mem::take(&mut self.agenda);
        let mut asleep = Vec::new();
        for (at, event) in agenda {
            match event {
                Event::Wake(message) => asleep.push((RouteId(0), message)),
                other => {
                    self.agenda.insert(at, other);
                }
            }
        }
        asleep
    }

    fn insert(&mut self, at: Instant, event: Event) {
        self.inserted += 1;
        self.agenda.insert((at, self.inserted), event);
    }

    fn handle(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Arrive(message) => self.senders.arrive(now, RouteId(0), message),
            Event::Wake(message) => self.senders.wake(now, RouteId(0), message),
            Event::Run(host) => self.senders.run(now, host),
            Event::Look(host) => self.senders.look(now, host),
            Event::End { mut message, how, over } => {
                if how == Ended::Delivered {
                    self.log.delivered.push((now, message.id().0));
                } else {
                    message.mark_deferred();
                }
                self.senders.ended(now, RouteId(0), message, over.started, how);
                let Over { line, carried, opened, keep, .. } = over;
                let next = match how {
                    Ended::Delivered => {
                        self.senders.reuse(now, RouteId(0), Used { line, carried, opened, keep })
                    }
                    Ended::Failed(_) => Next::Close,
                };
                match next {
                    Next::Carry(next) => {
                        self.attempt(next, Over { carried: carried + 1, started: now, keep: false, ..over });
                    }
                    Next::Keep => self.idle.push(over),
                    Next::Close => {
                        self.open -= 1;
                        self.senders.closed(now, RouteId(0));
                    }
                }
            }
        }
    }

    fn take_idle(&mut self, line: Line) -> Over {
        let place = self.idle.iter().position(|over| over.line == line).expect("it was kept");
        self.idle.remove(place)
    }

    fn heed(&mut self) {
        while let Some(step) = self.senders.next() {
            let now = self.now;
            match step {
                Step::Resume { line, message, keep } => {
                    let over = self.take_idle(line);
                    self.attempt(message, Over { carried: over.carried + 1, started: now, keep, ..over });
                }
                Step::HangUp { line } => {
                    self.take_idle(line);
                    self.open -= 1;
                }
                Step::Connect { message, keep, .. } => {
                    self.open += 1;
                    self.log.most_open = self.log.most_open.max(self.open);
                    if now >= self.script.refused_until {
                        self.log.connections.push(now);
                    }
                    self.opened += 1;
                    let line = Line(self.opened);
                    self.attempt(message, Over { line, carried: 1, opened: now, started: now, keep });
                }
                Step::Sleep { until, message } => self.insert(until.max(now), Event::Wake(message)),
                Step::Run { host, at } => self.insert(at.max(now), Event::Run(host)),
                Step::Bounced { message, why } => self.log.bounced.push((now, message.id().0, why)),
                Step::HeldBack { message, held } => self.log.held.push((now, message.id().0, held)),
                Step::Warned { message } => self.log.warned.push((now, message.id().0)),
                Step::Look { host, at } => self.insert(at.max(now), Event::Look(host)),
                Step::Queued { .. } => self.waits += 1,
                Step::Began { .. } => {}
            }
        }
    }

    fn attempt(&mut self, mut message: Message, over: Over) {
        let (now, script) = (self.now, &self.script);
        let refused = now < script.refused_until;
        self.log.attempts.push((now, message.id().0, refused));
        message.mark_tried();
        let (least, most) = script.failure_takes;
        let mut draw =
            self.key.draw(Purpose::Setup, u64::from(message.id().0), self.log.attempts.len() as u64);
        let (how, takes) = if script.accepts_from.is_some_and(|from| now >= from) {
            (Ended::Delivered, script.transaction)
        } else {
            let (stage, code) = if refused {
                (Stage::Refused, None)
            } else {
                (script.stage, Some(Code::SERVICE_NOT_AVAILABLE))
            };
            (Ended::Failed(Failure::new(stage, code)), least + draw.span_up_to(most - least))
        };
        self.insert(now + takes, Event::End { message, how, over });
    }
}
