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
mod remembered;
mod retry_budget;
mod route_penalty;
mod sliding;
#[cfg(test)]
mod testing;

use std::fmt;

use super::{BounceReason, Clock, Policy};
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

pub(super) use remembered::Remembered;

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
        self.key.draw(Purpose::HeldBack, u64::from(self.message.id().0), index)
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
// Whatever a variant holds is a number of the same width, so that an answer is two numbers, which travel in two registers. Of
// different widths it would be written piece by piece and read as a whole, for which a processor has to wait; most attempts
// take an answer or two.
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
