//! A retry record per host that all its messages share (Exim).
//!
//! Exim src/retry.c: `retry_check_address` before an attempt, `retry_update` after it;
//! src/transports/smtp.c for the bounce of mail to an expired host (`delay_after_cutoff`). Records that
//! are older than `retry_data_expire` (7 days) are not dropped here.

use super::{Answer, Charge, Situation, Stages};
use crate::random::Draw;
use crate::sender::{BounceReason, GiveUp, RetryRecord};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// A record per host, run by the policy's own backoff.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRecord {
    /// Failures at these stages are the host's; others are the message's own.
    pub stages: Stages,
    /// Whether a message that is older than [`Policy::ultimate_age`](crate::sender::Policy::ultimate_age)
    /// is tried although its host is not due.
    pub ultimate: bool,
}

impl Default for HostRecord {
    fn default() -> Self {
        Self { stages: Stages::HOST, ultimate: true }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Record {
    settings: HostRecord,
    failing: Option<Failing>,
}

/// A host that is failing.
#[derive(Clone, Copy, Debug)]
struct Failing {
    record: RetryRecord,
    next_try: Instant,
    expired: bool,
}

impl Record {
    pub(super) fn blank(settings: &HostRecord) -> Self {
        Self { settings: settings.clone(), failing: None }
    }

    pub(super) fn ask(&self, situation: &Situation) -> Answer {
        let Some(failing) = self.failing.filter(|failing| situation.now < failing.next_try) else {
            return Answer::Go;
        };
        if failing.expired {
            return Answer::GiveUp(BounceReason::HostExpired);
        }
        let ultimate = situation.ultimate();
        if situation.now >= ultimate { Answer::Go } else { Answer::Wait(failing.next_try.min(ultimate)) }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure, mut draw: Draw) -> Charge {
        if !self.settings.stages.contains(failure.stage) {
            // The host answered: that deletes its record.
            self.failing = None;
            return Charge::Message;
        }
        let (now, policy) = (situation.now, situation.policy);
        let mut record = self.failing.map_or(RetryRecord::first(now), |failing| RetryRecord {
            failures: failing.record.failures.saturating_add(1),
            ..failing.record
        });
        let limit = policy.greatest_age();
        let by_rule = policy.lifetime.when == GiveUp::ByRule;
        let expired = by_rule && limit.is_some_and(|limit| record.failing_for(now) > limit);
        // A message that was here before the host failed may pass the limit while the host has not;
        // then the next message is tried at once.
        let alone = by_rule
            && !expired
            && situation.arrival() <= record.first_failed
            && limit.is_some_and(|limit| now - situation.arrival() > limit);
        let delay = if alone { Span::ZERO } else { policy.backoff.delay(&record, now, &mut draw) };
        let next_try = situation.clock.first_showing(now.saturating_add(delay));
        record.last_try = now;
        record.previous_delay = delay;
        self.failing = Some(Failing { record, next_try, expired });
        if expired {
            Charge::GiveUp(BounceReason::HostExpired)
        } else if alone {
            Charge::GiveUp(BounceReason::TooOld)
        } else {
            Charge::Host
        }
    }

    pub(super) fn worked(&mut self) {
        self.failing = None;
    }

    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        self.failing
            .filter(|failing| now < failing.next_try && !failing.expired)
            .map(|failing| failing.next_try)
    }
}
