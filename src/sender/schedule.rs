//! When a message is tried that always fails: what a policy does, without any recipient.
//!
//! Made by [`Senders`] itself, so that there is one truth.

use std::sync::Arc;

use super::{BounceReason, Ended, HostSpec, Phases, Policy, RouteSpec, Senders, Step};
use crate::id::{HostId, MessageId, PopulationId, RecipientId, RouteId};
use crate::message::Message;
use crate::random::Key;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// How far a schedule is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most attempts.
    pub attempts: usize,
    /// Nothing later than this after the arrival.
    pub horizon: Span,
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
            attempt_takes: Span::ZERO,
            phases: Phases::Aligned,
        }
    }
}

/// The attempts of a message that always fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// When it was tried.
    pub attempts: Vec<Instant>,
    /// How it ended.
    pub end: End,
    /// When it was held back without a connection.
    pub held_back: Vec<Instant>,
    /// When its author was warned.
    pub warned: Vec<Instant>,
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
/// let busy = Failure { stage: Stage::Greeting, code: Some(Code::SERVICE_NOT_AVAILABLE) };
/// let followed = schedule(&Arc::new(policy), busy, Key::new(421, 0), Limits::default());
/// assert_eq!(followed.attempts.len(), 241);
/// ```
pub fn schedule(policy: &Arc<Policy>, failure: Failure, key: Key, limits: Limits) -> Schedule {
    let hosts = vec![HostSpec { population: PopulationId(0), routes: 0..1 }];
    let routes = vec![RouteSpec { host: HostId(0), recipient: RecipientId(0) }];
    let mut senders = Senders::with_phases(vec![policy.clone()], hosts, routes, key, limits.phases);
    let mut followed =
        Schedule { attempts: Vec::new(), end: End::StillQueued, held_back: Vec::new(), warned: Vec::new() };
    let mut pending: Vec<(Instant, Todo)> = Vec::new();
    let mut now = Instant::ZERO;
    senders.arrive(now, ROUTE, Message::new(MessageId(0), now));
    loop {
        while let Some(step) = senders.next() {
            followed.note(now, &step);
            pending.extend(todo(now, step, limits.attempt_takes));
        }
        let over = followed.end != End::StillQueued || followed.attempts.len() >= limits.attempts;
        let next = (0..pending.len()).min_by_key(|&place| pending[place].0);
        let Some(next) = next.filter(|_| !over) else { return followed };
        let (at, todo) = pending.swap_remove(next);
        if at > Instant::ZERO + limits.horizon {
            return followed;
        }
        now = at;
        match todo {
            Todo::Wake(message) => senders.wake(now, ROUTE, message),
            Todo::Run => senders.run(now, HostId(0)),
            Todo::Look => senders.look(now, HostId(0)),
            Todo::Fail(mut message, started) => {
                message.mark_deferred();
                senders.ended(now, ROUTE, message, started, Ended::Failed(failure));
                senders.closed(now, ROUTE);
            }
        }
    }
}

const ROUTE: RouteId = RouteId(0);

/// What comes later.
#[derive(Clone, Copy)]
enum Todo {
    Wake(Message),
    Run,
    Look,
    Fail(Message, Instant),
}

fn todo(now: Instant, step: Step, attempt_takes: Span) -> Option<(Instant, Todo)> {
    match step {
        Step::Connect { mut message, .. } => {
            message.mark_tried();
            Some((now + attempt_takes, Todo::Fail(message, now)))
        }
        Step::Sleep { until, message } => Some((until.max(now), Todo::Wake(message))),
        Step::Run { at, .. } => Some((at.max(now), Todo::Run)),
        Step::Look { at, .. } => Some((at.max(now), Todo::Look)),
        // Every message fails, so no connection is kept.
        Step::Resume { .. } | Step::HangUp { .. } => None,
        Step::Began { .. }
        | Step::Bounced { .. }
        | Step::HeldBack { .. }
        | Step::Warned { .. }
        | Step::Queued { .. } => None,
    }
}

impl Schedule {
    fn note(&mut self, now: Instant, step: &Step) {
        match *step {
            Step::Connect { .. } => self.attempts.push(now),
            Step::HeldBack { .. } => self.held_back.push(now),
            Step::Warned { .. } => self.warned.push(now),
            Step::Bounced { why, .. } => self.end = End::Bounced { at: now, why },
            _ => {}
        }
    }
}
