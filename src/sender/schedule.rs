//! When mail is tried that always fails: what a policy does, without any recipient.
//!
//! Made by [`Senders`] itself, so that there is one truth.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{BounceReason, Ended, Held, HostSpec, Phases, Policy, RouteSpec, Senders, Step};
use crate::id::{HostId, MessageId, PopulationId, RecipientId, RouteId};
use crate::message::Message;
use crate::random::Key;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// How far a schedule is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most attempts of any message.
    pub attempts: usize,
    /// Nothing later than this after the first arrival.
    pub horizon: Span,
    /// Nothing after the first attempt at this instant or later; none: all attempts.
    pub enough: Option<Span>,
    /// How long each attempt takes until its answer.
    pub attempt_takes: Span,
    /// Where clocks and scans or runs lie.
    pub phases: Phases,
}

impl Default for Limits {
    /// Ten thousand attempts in a year, answered at once, in phase with the arrival.
    fn default() -> Self {
        Self {
            attempts: 10_000,
            horizon: Span::from_seconds(366 * 86_400),
            enough: None,
            attempt_takes: Span::ZERO,
            phases: Phases::Aligned,
        }
    }
}

impl Limits {
    /// Whether a message has been followed far enough.
    fn reached_by(&self, schedule: &Schedule) -> bool {
        let last = schedule.attempts.last().copied();
        let enough = self.enough.is_some_and(|age| last.is_some_and(|last| last >= Instant::ZERO + age));
        enough || schedule.attempts.len() >= self.attempts
    }
}

/// Mail of one host for one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mail {
    /// How many messages.
    pub messages: u32,
    /// From the arrival of one to that of the next; zero: they arrive together.
    pub spacing: Span,
}

impl Mail {
    /// One message.
    pub const ONE: Self = Self { messages: 1, spacing: Span::ZERO };
}

/// The attempts of a message that always fails. The first message of all arrives at zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// When it was tried.
    pub attempts: Vec<Instant>,
    /// How it ended.
    pub end: End,
    /// When it was held back without a connection.
    pub held_back: Vec<HeldBack>,
    /// When its author was warned.
    pub warned: Vec<Instant>,
}

/// That a message was held back without a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// When.
    pub at: Instant,
    /// In which way.
    pub held: Held,
}

/// How a schedule ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The message was given up.
    Bounced {
        /// When.
        at: Instant,
        /// Why.
        why: BounceReason,
    },
    /// A limit was reached first.
    StillQueued,
}

/// The attempts of one message that arrives at zero on a host of its own and always fails in the same
/// way.
///
/// ```
/// use std::sync::Arc;
/// use tempfail::random::Key;
/// use tempfail::sender::backoff::{Backoff, Fixed, Growth, Jitter};
/// use tempfail::sender::schedule::{Limits, schedule};
/// use tempfail::sender::{Connections, Lifetime, Memory, Policy, Runner};
/// use tempfail::smtp::{Code, Failure, Stage};
/// use tempfail::time::Span;
///
/// let policy = Policy {
///     name: "every half hour".to_owned(),
///     backoff: Backoff {
///         growth: Growth::Fixed(Fixed { every: Span::from_seconds(1800) }),
///         jitter: Jitter::None,
///     },
///     memory: Memory::None,
///     runner: Runner::Timer,
///     lifetime: Lifetime { age: Some(Span::from_seconds(432_000)), ..Lifetime::default() },
///     connections: Connections::default(),
///     clock: Span::ZERO,
/// };
/// let busy = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));
/// let followed = schedule(&Arc::new(policy), busy, Key::new(421, 0), Limits::default());
/// assert_eq!(followed.attempts.len(), 241);
/// ```
pub fn schedule(policy: &Arc<Policy>, failure: Failure, key: Key, limits: Limits) -> Schedule {
    schedules(policy, failure, key, Mail::ONE, limits).pop().unwrap_or_else(Schedule::new)
}

/// The attempts of messages of one host for one destination, where every attempt fails in the same
/// way; in the order of their arrival.
///
/// An attempt opens a connection of its own. Its answer comes after all else that happens at that
/// instant, so that mail which is due together meets what is known before the first answer. All are
/// followed until the last message has ended, or one of them reaches a limit.
pub fn schedules(
    policy: &Arc<Policy>,
    failure: Failure,
    key: Key,
    mail: Mail,
    limits: Limits,
) -> Vec<Schedule> {
    let hosts = vec![HostSpec { population: PopulationId(0), routes: 0..1 }];
    let routes = vec![RouteSpec { host: HostId(0), recipient: RecipientId(0) }];
    let mut senders = Senders::with_phases(vec![policy.clone()], hosts, routes, key, limits.phases);
    let mut followed: Vec<Schedule> = (0..mail.messages).map(|_| Schedule::new()).collect();
    let mut pending = Pending { key, todo: BTreeMap::new() };
    for (place, id) in (0i64..).zip(0..mail.messages) {
        let arrival = Instant::ZERO + mail.spacing * place;
        pending.add(arrival, Todo::Arrive(Message::new(MessageId(id), arrival)));
    }
    let mut alive = followed.len();
    while alive > 0
        && let Some((now, todo)) = pending.next()
        && now <= Instant::ZERO + limits.horizon
    {
        match todo {
            Todo::Arrive(message) => senders.arrive(now, ROUTE, message),
            Todo::Wake(message) => senders.wake(now, ROUTE, message),
            Todo::Run => senders.run(now, HostId(0)),
            Todo::Look => senders.look(now, HostId(0)),
            Todo::Fail(mut message, started) => {
                message.mark_deferred();
                senders.ended(now, ROUTE, message, started, Ended::Failed(failure));
                senders.closed(now, ROUTE);
            }
        }
        while let Some(step) = senders.next() {
            if let Some(message) = concerned(&step) {
                let one = &mut followed[message.index()];
                one.note(now, &step);
                alive -= usize::from(matches!(step, Step::Bounced { .. }));
                if one.end == End::StillQueued && limits.reached_by(one) {
                    alive = 0;
                }
            }
            pending.follow(now, step, limits.attempt_takes);
        }
    }
    followed
}

const ROUTE: RouteId = RouteId(0);

/// What comes later.
#[derive(Clone, Copy)]
enum Todo {
    Arrive(Message),
    Run,
    Look,
    Wake(Message),
    Fail(Message, Instant),
}

/// All that comes later, by instant, kind, keyed hash and message.
struct Pending {
    key: Key,
    todo: BTreeMap<(Instant, u8, u64, u32), Todo>,
}

impl Pending {
    fn add(&mut self, at: Instant, todo: Todo) {
        let tie = |message: &Message| self.key.tie(u64::from(message.id().0), u64::from(message.failures()));
        let (kind, tie, id) = match &todo {
            Todo::Arrive(message) => (0, u64::from(message.id().0), message.id().0),
            Todo::Run => (1, 0, 0),
            Todo::Look => (1, 1, 0),
            Todo::Wake(message) => (2, tie(message), message.id().0),
            Todo::Fail(message, _) => (3, tie(message), message.id().0),
        };
        self.todo.insert((at, kind, tie, id), todo);
    }

    fn next(&mut self) -> Option<(Instant, Todo)> {
        self.todo.pop_first().map(|((at, ..), todo)| (at, todo))
    }

    fn follow(&mut self, now: Instant, step: Step, attempt_takes: Span) {
        match step {
            Step::Connect { mut message, .. } => {
                message.mark_tried();
                self.add(now + attempt_takes, Todo::Fail(message, now));
            }
            Step::Sleep { until, message } => self.add(until.max(now), Todo::Wake(message)),
            Step::Run { at, .. } => self.add(at.max(now), Todo::Run),
            Step::Look { at, .. } => self.add(at.max(now), Todo::Look),
            // Every message fails, so no connection is kept.
            Step::Resume { .. } | Step::HangUp { .. } => {}
            Step::Began { .. }
            | Step::Bounced { .. }
            | Step::HeldBack { .. }
            | Step::Warned { .. }
            | Step::Queued { .. } => {}
        }
    }
}

/// The message that a step is about.
fn concerned(step: &Step) -> Option<MessageId> {
    match step {
        Step::Connect { message, .. }
        | Step::HeldBack { message, .. }
        | Step::Warned { message }
        | Step::Bounced { message, .. }
        | Step::Sleep { message, .. }
        | Step::Queued { message, .. } => Some(message.id()),
        Step::Resume { message, .. } => Some(message.id()),
        Step::Run { .. } | Step::Look { .. } | Step::Began { .. } | Step::HangUp { .. } => None,
    }
}

impl Schedule {
    fn new() -> Self {
        Self { attempts: Vec::new(), end: End::StillQueued, held_back: Vec::new(), warned: Vec::new() }
    }

    fn note(&mut self, now: Instant, step: &Step) {
        match *step {
            Step::Connect { .. } => self.attempts.push(now),
            Step::HeldBack { held, .. } => self.held_back.push(HeldBack { at: now, held }),
            Step::Warned { .. } => self.warned.push(now),
            Step::Bounced { why, .. } => self.end = End::Bounced { at: now, why },
            _ => {}
        }
    }
}
