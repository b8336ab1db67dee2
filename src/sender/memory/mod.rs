//! What a sending host remembers of a destination, and when it therefore holds mail back.
//!
//! The memory is asked before each attempt and told how each ended. It may also keep a window of
//! concurrent connections. One value serves one route: one host and one recipient.

mod adaptive_throttle;
mod aimd;
mod circuit_breaker;
mod client_throttle;
mod connect_timeouts;
mod consecutive_failures;
mod dead_site;
mod host_record;
mod host_status;
mod retry_budget;
mod route_penalty;
mod sliding;
#[cfg(test)]
mod testing;

use std::fmt;

use super::{BounceReason, Clock, Policy};
use crate::id::MessageId;
use crate::message::Message;
use crate::random::{Draw, Key, Purpose};
use crate::smtp::{Failure, Stage};
use crate::time::{Instant, Span};

pub use adaptive_throttle::AdaptiveThrottle;
pub use aimd::{AimdRate, AimdWindow, Per};
pub use circuit_breaker::{CircuitBreaker, Trips};
pub use client_throttle::ClientThrottle;
pub use connect_timeouts::ConnectTimeouts;
pub use consecutive_failures::ConsecutiveFailures;
pub use dead_site::{DeadSite, Feedback, Suppressed};
pub use host_record::HostRecord;
pub use host_status::{HostStatus, Shared};
pub use retry_budget::RetryBudget;
pub use route_penalty::RoutePenalty;

use adaptive_throttle::Adaptive;
use circuit_breaker::Breaker;
use client_throttle::Throttle;
use connect_timeouts::Silence;
use consecutive_failures::Row;
use dead_site::Site;
use host_record::Record;
use host_status::Status;
use retry_budget::Budget;
use route_penalty::Penalised;

/// What hosts of a policy remember; the settings, not what is remembered.
#[derive(Debug, Default)]
pub enum Memory {
    /// Nothing.
    #[default]
    None,
    /// A retry record per host that all its messages share (Exim).
    HostRecord(HostRecord),
    /// A concurrency window that moves with feedback, and a dead state (Postfix).
    DeadSite(DeadSite),
    /// What a queue run, or the whole host, knows of a destination that failed (sendmail).
    HostStatus(HostStatus),
    /// A route that is switched off when its first connection fails (OpenSMTPD).
    RoutePenalty(RoutePenalty),
    /// Hosts whose connects time out are left alone for a while (qmail).
    ConnectTimeouts(ConnectTimeouts),
    /// Many failed connections in a row put all mail in line off (KumoMTA).
    ConsecutiveFailures(ConsecutiveFailures),
    /// A budget of retries (gRPC, Finagle).
    RetryBudget(RetryBudget),
    /// Nothing is sent for a while after too many failures, then a few probes decide.
    CircuitBreaker(CircuitBreaker),
    /// What is likely to be refused is held back by chance (Site Reliability Engineering).
    ClientThrottle(ClientThrottle),
    /// A rate that falls with failures and rises along a cubic (botocore).
    AdaptiveThrottle(AdaptiveThrottle),
    /// A window of connections: additive increase, multiplicative decrease.
    AimdWindow(AimdWindow),
    /// A rate of attempts: additive increase, multiplicative decrease.
    AimdRate(AimdRate),
    /// One's own.
    Custom(Box<dyn Remember>),
}

/// A kind of memory that this crate does not ship.
pub trait Remember: fmt::Debug + Send + Sync {
    /// The memory of a route about which nothing is known yet.
    fn blank(&self) -> Box<dyn Recall>;
}

/// What one route remembers, in a memory of one's own.
pub trait Recall: fmt::Debug + Send + Sync {
    /// May this message be tried now? It may be asked again before the attempt begins, if there is no
    /// connection for it yet.
    fn ask(&mut self, situation: &Situation) -> Answer;

    /// An attempt begins, for which the answer was [`Answer::Go`].
    fn starts(&mut self, _situation: &Situation) {}

    /// An attempt failed, not for good. Says whose record the failure advances.
    fn failed(&mut self, situation: &Situation, failure: Failure, draw: Draw) -> Charge;

    /// The recipient accepted a message, or rejected one for good: it works.
    fn worked(&mut self, situation: &Situation);

    /// Most connections this route should have now; none: no opinion.
    fn window(&self) -> Option<u32> {
        None
    }

    /// Before when no further attempt should begin, although mail may be tried; it waits in line. None:
    /// now.
    fn not_before(&self, _now: Instant) -> Option<Instant> {
        None
    }

    /// Until when all mail of the route must wait that has not passed its ultimate age.
    fn blocked_until(&self, _now: Instant) -> Option<Instant> {
        None
    }

    /// The route has no active mail and no connection.
    fn idle(&mut self) {}
}

/// What a memory is asked about, or told of. Instants are what the sender's clock shows.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Now.
    pub now: Instant,
    /// How the sender reads the time.
    pub clock: Clock,
    /// The policy.
    pub policy: &'a Policy,
    /// The message.
    pub message: &'a Message,
    /// Connections of the route that are open, the one concerned included.
    pub connections: u32,
    /// The queue run that tries the message, named by when it began; none: it is tried on its own.
    pub run: Option<Instant>,
    /// How long the attempt lasted that has just ended; zero before an attempt.
    pub lasted: Span,
    /// The key of the replication.
    pub key: Key,
}

impl Situation<'_> {
    /// The random numbers of a decision about this message and its next attempt. What is decided anew
    /// as time goes by has numbers for each `period`.
    pub fn draw(&self, period: i64) -> Draw {
        let period = period.rem_euclid(1 << 28) as u64;
        let index = period << 20 | u64::from(self.message.failures());
        self.key.draw(Purpose::HeldBack, u64::from(self.message.id.0), index)
    }

    /// When the message arrived.
    pub fn arrival(&self) -> Instant {
        self.clock.read(self.message.arrival())
    }

    /// When the message passes the age beyond which it is not held back.
    pub fn ultimate(&self) -> Instant {
        self.policy.ultimate_age().map_or(Instant::NEVER, |limit| self.older_than(limit))
    }

    /// When the message is first seen to be older than this.
    pub fn older_than(&self, limit: Span) -> Instant {
        self.clock.after(self.arrival().saturating_add(limit))
    }
}

/// Whether a message may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may.
    Go,
    /// Not before that instant; nothing is counted.
    Wait(Instant),
    /// It is treated as if it had been refused, without a connection.
    Defer(Suppressed),
    /// It is given up.
    GiveUp(BounceReason),
}

/// Whose record a failure advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charge {
    /// That of the message.
    Message,
    /// One that the memory keeps for the message: it is due again then.
    Own(Instant),
    /// That of the host: the message is due again when the host is.
    Host,
    /// Some record, and the message is given up.
    GiveUp(BounceReason),
}

/// What one route remembers.
#[derive(Debug)]
pub(super) enum Remembered {
    None,
    HostRecord(Box<Record>),
    DeadSite(Box<Site>),
    HostStatus(Box<Status>),
    RoutePenalty(Box<Penalised>),
    ConnectTimeouts(Box<Silence>),
    ConsecutiveFailures(Box<Row>),
    RetryBudget(Box<Budget>),
    CircuitBreaker(Box<Breaker>),
    ClientThrottle(Box<Throttle>),
    AdaptiveThrottle(Box<Adaptive>),
    AimdWindow(Box<aimd::Window>),
    AimdRate(Box<aimd::Pace>),
    Custom(Box<dyn Recall>),
}

impl Remembered {
    /// What is remembered when nothing is known yet.
    pub(super) fn blank(memory: &Memory) -> Self {
        match memory {
            Memory::None => Self::None,
            Memory::HostRecord(settings) => Self::HostRecord(Box::new(Record::blank(settings))),
            Memory::DeadSite(settings) => Self::DeadSite(Box::new(Site::blank(settings))),
            Memory::HostStatus(settings) => Self::HostStatus(Box::new(Status::blank(settings))),
            Memory::RoutePenalty(settings) => Self::RoutePenalty(Box::new(Penalised::blank(settings))),
            Memory::ConnectTimeouts(settings) => Self::ConnectTimeouts(Box::new(Silence::blank(settings))),
            Memory::ConsecutiveFailures(settings) => {
                Self::ConsecutiveFailures(Box::new(Row::blank(settings)))
            }
            Memory::RetryBudget(settings) => Self::RetryBudget(Box::new(Budget::blank(settings))),
            Memory::CircuitBreaker(settings) => Self::CircuitBreaker(Box::new(Breaker::blank(settings))),
            Memory::ClientThrottle(settings) => Self::ClientThrottle(Box::new(Throttle::blank(settings))),
            Memory::AdaptiveThrottle(settings) => Self::AdaptiveThrottle(Box::new(Adaptive::blank(settings))),
            Memory::AimdWindow(settings) => Self::AimdWindow(Box::new(aimd::Window::blank(settings))),
            Memory::AimdRate(settings) => Self::AimdRate(Box::new(aimd::Pace::blank(settings))),
            Memory::Custom(memory) => Self::Custom(memory.blank()),
        }
    }

    /// Whether nothing is ever remembered: then there is no need to ask or to tell.
    #[inline]
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether [`Self::starts`] does anything.
    #[inline]
    pub(super) fn counts_starts(&self) -> bool {
        !matches!(self, Self::None | Self::HostRecord(_) | Self::DeadSite(_))
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        match self {
            Self::None => Answer::Go,
            Self::HostRecord(record) => record.ask(situation),
            Self::DeadSite(site) => site.ask(situation),
            Self::HostStatus(status) => status.ask(situation),
            Self::RoutePenalty(route) => route.ask(situation),
            Self::ConnectTimeouts(silence) => silence.ask(situation),
            Self::ConsecutiveFailures(row) => row.ask(situation),
            Self::RetryBudget(budget) => budget.ask(situation),
            Self::CircuitBreaker(breaker) => breaker.ask(situation),
            Self::ClientThrottle(throttle) => throttle.ask(situation),
            // What exceeds a window or a rate waits in line.
            Self::AdaptiveThrottle(_) | Self::AimdWindow(_) | Self::AimdRate(_) => Answer::Go,
            Self::Custom(own) => own.ask(situation),
        }
    }

    pub(super) fn starts(&mut self, situation: &Situation) {
        match self {
            Self::RetryBudget(budget) => budget.starts(situation),
            Self::CircuitBreaker(breaker) => breaker.starts(situation),
            Self::ClientThrottle(throttle) => throttle.starts(situation),
            Self::AdaptiveThrottle(throttle) => throttle.starts(situation),
            Self::AimdRate(pace) => pace.starts(situation),
            Self::Custom(own) => own.starts(situation),
            _ => {}
        }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure, draw: Draw) -> Charge {
        match self {
            Self::None => Charge::Message,
            Self::HostRecord(record) => record.failed(situation, failure, draw),
            Self::DeadSite(site) => site.failed(situation, failure),
            Self::HostStatus(status) => status.failed(situation, failure),
            Self::RoutePenalty(route) => route.failed(situation, failure),
            Self::ConnectTimeouts(silence) => silence.failed(situation, failure),
            Self::ConsecutiveFailures(row) => row.failed(situation, failure),
            Self::RetryBudget(budget) => budget.failed(situation, failure),
            Self::CircuitBreaker(breaker) => breaker.failed(situation, failure),
            Self::ClientThrottle(throttle) => throttle.failed(situation, failure),
            Self::AdaptiveThrottle(throttle) => throttle.failed(situation, failure),
            Self::AimdWindow(window) => window.failed(situation, failure),
            Self::AimdRate(pace) => pace.failed(situation, failure),
            Self::Custom(own) => own.failed(situation, failure, draw),
        }
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        match self {
            Self::None => {}
            Self::HostRecord(record) => record.worked(situation.message.id),
            Self::DeadSite(site) => site.worked(situation),
            Self::HostStatus(status) => status.worked(situation),
            Self::RoutePenalty(route) => route.worked(situation),
            Self::ConnectTimeouts(silence) => silence.worked(),
            Self::ConsecutiveFailures(row) => row.worked(),
            Self::RetryBudget(budget) => budget.worked(situation),
            Self::CircuitBreaker(breaker) => breaker.worked(situation),
            Self::ClientThrottle(throttle) => throttle.worked(situation),
            Self::AdaptiveThrottle(throttle) => throttle.worked(situation),
            Self::AimdWindow(window) => window.worked(situation),
            Self::AimdRate(pace) => pace.worked(situation),
            Self::Custom(own) => own.worked(situation),
        }
    }

    #[inline]
    pub(super) fn window(&self) -> Option<u32> {
        match self {
            Self::None => None,
            Self::DeadSite(site) => site.window(),
            Self::RoutePenalty(route) => route.window(),
            Self::AimdWindow(window) => Some(window.window()),
            Self::Custom(own) => own.window(),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn not_before(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::AdaptiveThrottle(throttle) => throttle.not_before(now),
            Self::AimdRate(pace) => pace.not_before(now),
            Self::Custom(own) => own.not_before(now),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::HostRecord(record) => record.blocked_until(now),
            Self::RoutePenalty(route) => route.blocked_until(now),
            Self::ConsecutiveFailures(row) => row.blocked_until(now),
            Self::DeadSite(site) => site.blocked_until(now),
            Self::CircuitBreaker(breaker) => breaker.blocked_until(now),
            Self::Custom(own) => own.blocked_until(now),
            _ => None,
        }
    }

    /// The age beyond which a message is tried although its destination is not due; none: never.
    pub(super) fn ultimate_age(&self, policy: &Policy) -> Option<Span> {
        match self {
            Self::HostRecord(record) => record.ultimate_age(policy),
            _ => policy.ultimate_age(),
        }
    }

    /// Whether a message has a record of its own here. It does not wait for its host then.
    pub(super) fn has_own(&self, message: MessageId) -> bool {
        matches!(self, Self::HostRecord(record) if record.has_own(message))
    }

    /// The destination rests after a delivery, while `connections` others are under way.
    pub(super) fn rests(&mut self, connections: u32) {
        if let Self::DeadSite(site) = self {
            site.rests(connections);
        }
    }

    pub(super) fn idle(&mut self) {
        match self {
            Self::DeadSite(site) => site.idle(),
            Self::RoutePenalty(route) => route.idle(),
            Self::Custom(own) => own.idle(),
            _ => {}
        }
    }
}

/// A set of stages: the failures that say something about the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages(u8);

impl Stages {
    /// Every stage.
    pub const ALL: Self = Self(0b11_1111);

    /// Refused, timed out, or answered before any transaction.
    pub const HOST: Self =
        Self(1 << Stage::Refused as u8 | 1 << Stage::Timeout as u8 | 1 << Stage::Greeting as u8);

    /// Whether a failure at this stage belongs to the set.
    pub const fn contains(self, stage: Stage) -> bool {
        self.0 & 1 << stage as u8 != 0
    }
}

impl FromIterator<Stage> for Stages {
    fn from_iter<I: IntoIterator<Item = Stage>>(stages: I) -> Self {
        Self(stages.into_iter().fold(0, |set, stage| set | 1 << stage as u8))
    }
}
