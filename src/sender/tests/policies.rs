//! The policies that are tested.

use crate::sender::backoff::{AgeDoubling, Backoff, EximRule, Growth, Jitter};
use crate::sender::memory::{DeadSite, HostRecord, Memory};
use crate::sender::runner::{Order, Phase, QueueRun, Runner, Scan};
use crate::sender::{Cache, Connections, GiveUp, HandOver, Lifetime, Policy, Reuse};
use crate::time::Span;

pub(super) const fn s(seconds: i64) -> Span {
    Span::from_seconds(seconds)
}

/// A policy with one growth, timers and five days.
pub(super) fn simple(growth: Growth) -> Policy {
    Policy {
        name: "simple".to_owned(),
        backoff: Backoff { growth, jitter: Jitter::None },
        memory: Memory::None,
        runner: Runner::Timer,
        lifetime: Lifetime { age: Some(s(432_000)), ..Lifetime::default() },
        connections: Connections::default(),
        clock: Span::ZERO,
    }
}

/// Postfix with these times in seconds: least and greatest backoff, scan, lifetime.
pub(in crate::sender) fn postfix(min: i64, max: i64, scan: i64, lifetime: i64, phase: Phase) -> Policy {
    Policy {
        name: "postfix".to_owned(),
        backoff: Backoff {
            growth: Growth::AgeDoubling(AgeDoubling { min: s(min), max: Some(s(max)) }),
            jitter: Jitter::None,
        },
        memory: Memory::DeadSite(DeadSite { retry_after: s(min), ..DeadSite::default() }),
        runner: Runner::Scan(Scan {
            every: s(scan),
            slack: Span::SECOND,
            feeds: None,
            late: 0.001,
            active: Some(20_000),
            phase,
        }),
        lifetime: Lifetime { age: Some(s(lifetime)), ..Lifetime::default() },
        connections: Connections {
            per_destination: Some(20),
            messages_per_connection: 1000,
            reuse: Reuse::OnDemand(Cache { idle: s(2) }),
            hand_over: Some(HandOver {
                takes: Span::from_micros(4000),
                at_once: 2,
                books: Span::from_micros(24_000),
            }),
            ..Connections::default()
        },
        clock: Span::SECOND,
    }
}

/// Exim with this rule and a runner.
pub(super) fn exim(rule: &str, runner: Runner) -> Policy {
    Policy {
        name: "exim".to_owned(),
        backoff: Backoff { growth: Growth::EximRule(rule.parse().unwrap()), jitter: Jitter::None },
        memory: Memory::HostRecord(HostRecord::default()),
        runner,
        lifetime: Lifetime { when: GiveUp::ByRule, ..Lifetime::default() },
        connections: Connections {
            messages_per_connection: 500,
            reuse: Reuse::Waiting,
            ..Connections::default()
        },
        clock: Span::SECOND,
    }
}

/// Exim's rule as it is shipped.
pub(super) const EXIM_RULE: &str = "F,2h,15m; G,16h,1h,1.5; F,4d,6h";

/// Runs every so many seconds with five workers.
pub(super) fn runs(every: i64, phase: Phase) -> Runner {
    Runner::QueueRun(QueueRun { every: s(every), workers: 5, order: Order::Random, look: Span::ZERO, phase })
}

/// The rule in its running form; for tests that look at it alone.
pub(super) fn rule(text: &str) -> EximRule {
    text.parse().unwrap()
}
