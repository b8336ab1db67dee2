//! What one route remembers, whichever memory its host has. Called without indirection.

use super::adaptive_throttle::Adaptive;
use super::aimd;
use super::circuit_breaker::Breaker;
use super::client_throttle::Throttle;
use super::connect_timeouts::Silence;
use super::consecutive_failures::Row;
use super::dead_site::Site;
use super::host_record::Record;
use super::host_status::Status;
use super::retry_budget::Budget;
use super::route_penalty::Penalised;
use super::{Answer, Charge, Memory, Recall, Situation};
use crate::id::MessageId;
use crate::random::Draw;
use crate::sender::Policy;
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) enum Remembered {
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
    pub(in crate::sender) fn blank(memory: &Memory) -> Self {
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
    pub(in crate::sender) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether every message may go, so that there is no need to [ask](Self::ask) for one.
    #[inline]
    pub(in crate::sender) fn is_open(&self) -> bool {
        match self {
            Self::None | Self::AdaptiveThrottle(_) | Self::AimdWindow(_) | Self::AimdRate(_) => true,
            Self::DeadSite(site) => site.is_alive(),
            _ => false,
        }
    }

    /// Whether [`Self::not_before`] may say anything.
    #[inline]
    pub(in crate::sender) fn delays_starts(&self) -> bool {
        matches!(self, Self::AdaptiveThrottle(_) | Self::AimdRate(_) | Self::Custom(_))
    }

    /// Whether [`Self::starts`] does anything.
    #[inline]
    pub(in crate::sender) fn counts_starts(&self) -> bool {
        !matches!(self, Self::None | Self::HostRecord(_) | Self::DeadSite(_))
    }

    pub(in crate::sender) fn ask(&mut self, situation: &Situation) -> Answer {
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

    pub(in crate::sender) fn starts(&mut self, situation: &Situation) {
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

    pub(in crate::sender) fn failed(
        &mut self,
        situation: &Situation,
        failure: Failure,
        draw: Draw,
    ) -> Charge {
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

    pub(in crate::sender) fn worked(&mut self, situation: &Situation) {
        match self {
            Self::None => {}
            Self::HostRecord(record) => record.worked(situation.message.id()),
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
    pub(in crate::sender) fn window(&self) -> Option<u32> {
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
    pub(in crate::sender) fn not_before(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::AdaptiveThrottle(throttle) => throttle.not_before(now),
            Self::AimdRate(pace) => pace.not_before(now),
            Self::Custom(own) => own.not_before(now),
            _ => None,
        }
    }

    #[inline]
    pub(in crate::sender) fn blocked_until(&self, now: Instant) -> Option<Instant> {
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
    pub(in crate::sender) fn ultimate_age(&self, policy: &Policy) -> Option<Span> {
        match self {
            Self::HostRecord(record) => record.ultimate_age(policy),
            _ => policy.ultimate_age(),
        }
    }

    /// Whether a message has a record of its own here. It does not wait for its host then.
    pub(in crate::sender) fn has_own(&self, message: MessageId) -> bool {
        matches!(self, Self::HostRecord(record) if record.has_own(message))
    }

    /// The destination rests after a delivery, while `connections` others are under way.
    pub(in crate::sender) fn rests(&mut self, connections: u32) {
        if let Self::DeadSite(site) = self {
            site.rests(connections);
        }
    }

    pub(in crate::sender) fn idle(&mut self) {
        match self {
            Self::DeadSite(site) => site.idle(),
            Self::RoutePenalty(route) => route.idle(),
            Self::Custom(own) => own.idle(),
            _ => {}
        }
    }
}
