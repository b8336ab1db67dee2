//! A retry record per host that all its messages share, and records of messages and addresses beside it
//! (Exim).
//!
//! Exim src/retry.c: `retry_check_address` before an attempt, `retry_update` after it;
//! src/transports/smtp.c: which failure is charged to which record (`smtp_deliver`, `smtp_transport_entry`),
//! and the bounce of mail to an expired host (`delay_after_cutoff`). A recipient has one host here, so
//! `hosts_max_try` never ends the list.

use std::collections::HashMap;

use super::{Answer, Charge, Situation, Stages};
use crate::id::MessageId;
use crate::random::Draw;
use crate::sender::{BounceReason, GiveUp, Policy, RetryRecord};
use crate::smtp::{Failure, Stage};
use crate::time::{Instant, Span};

/// A record per host, run by the policy's own backoff.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRecord {
    /// Failures at these stages are the host's; others are the message's own.
    pub stages: Stages,
    /// Whether a message that is older than the last cutoff of the rule that applies is tried although its
    /// host is not due.
    pub ultimate: bool,
    /// Whether mail for an expired host that is not due is given up at once (`delay_after_cutoff`). If
    /// not, it is tried and given up when that fails.
    pub delay_after_cutoff: bool,
    /// A record that was not written for so long is ignored (`retry_data_expire`); none: never.
    pub forget_after: Option<Span>,
}

impl Default for HostRecord {
    fn default() -> Self {
        Self {
            stages: Stages::HOST,
            ultimate: true,
            delay_after_cutoff: true,
            forget_after: Some(Span::from_seconds(7 * 86_400)),
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Record {
    settings: HostRecord,
    failing: Option<Failing>,
    /// Messages that fail for their own sake. Only looked up.
    own: HashMap<MessageId, Own>,
}

/// A host that is failing.
#[derive(Clone, Copy, Debug)]
struct Failing {
    record: RetryRecord,
    next_try: Instant,
    expired: bool,
    /// The last cutoff of the rule that applied.
    cutoff: Option<Span>,
}

/// The record of a message.
#[derive(Clone, Copy, Debug)]
struct Own {
    record: RetryRecord,
    kind: Kind,
}

/// What a failure that is not the host's is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The message: MAIL or DATA was answered so. A failure of the host deletes this record.
    Message,
    /// Its address: RCPT was. It has been failing for as long as the message is old, at least.
    Address,
}

impl Record {
    pub(super) fn blank(settings: &HostRecord) -> Self {
        Self { settings: settings.clone(), failing: None, own: HashMap::new() }
    }

    pub(super) fn ask(&self, situation: &Situation) -> Answer {
        let Some(failing) = self.remembered(situation.now).filter(|it| situation.now < it.next_try) else {
            return Answer::Go;
        };
        if failing.expired {
            return match self.settings.delay_after_cutoff {
                true => Answer::GiveUp(BounceReason::HostExpired),
                false => Answer::Go,
            };
        }
        let ultimate = self.ultimate_age(situation.policy);
        let ultimate = ultimate.map_or(Instant::NEVER, |limit| situation.older_than(limit));
        if situation.now >= ultimate { Answer::Go } else { Answer::Wait(failing.next_try.min(ultimate)) }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure, draw: Draw) -> Charge {
        if self.settings.stages.contains(failure.stage()) {
            return self.host_failed(situation, failure, draw);
        }
        // The host answered: that deletes its record.
        self.failing = None;
        if situation.policy.backoff.is_exim() {
            self.message_failed(situation, failure, draw)
        } else {
            Charge::Message
        }
    }

    pub(super) fn worked(&mut self, message: MessageId) {
        self.failing = None;
        self.own.remove(&message);
    }

    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        self.remembered(now).filter(|it| now < it.next_try && !it.expired).map(|it| it.next_try)
    }

    pub(super) fn ultimate_age(&self, policy: &Policy) -> Option<Span> {
        match self.failing {
            Some(Failing { cutoff, .. }) if policy.lifetime.when == GiveUp::ByRule => {
                cutoff.filter(|_| self.settings.ultimate)
            }
            _ => policy.ultimate_age(),
        }
    }

    pub(super) fn has_own(&self, message: MessageId) -> bool {
        self.own.contains_key(&message)
    }

    /// The record of the host, unless it is too old.
    fn remembered(&self, now: Instant) -> Option<Failing> {
        let fresh =
            |last_try: Instant| self.settings.forget_after.is_none_or(|limit| now - last_try <= limit);
        self.failing.filter(|failing| fresh(failing.record.last_try))
    }

    fn host_failed(&mut self, situation: &Situation, failure: Failure, mut draw: Draw) -> Charge {
        let (now, policy) = (situation.now, situation.policy);
        let id = situation.message.id();
        if self.own.get(&id).is_some_and(|own| own.kind == Kind::Message) {
            self.own.remove(&id);
        }
        let mut record = self.remembered(now).map_or(RetryRecord::first(now), |failing| RetryRecord {
            failures: failing.record.failures.saturating_add(1),
            ..failing.record
        });
        let by_rule = policy.lifetime.when == GiveUp::ByRule;
        let limit = if by_rule { policy.backoff.cutoff_after(failure) } else { policy.greatest_age() };
        let expired = by_rule && limit.is_some_and(|limit| record.failing_for(now) > limit);
        // A message that was here before the host failed may pass the limit while the host has not;
        // then the next message is tried at once.
        let alone = by_rule
            && !expired
            && situation.arrival() <= record.first_failed
            && limit.is_some_and(|limit| now - situation.arrival() > limit);
        let Some(delay) = policy.backoff.delay_after(failure, &record, now, &mut draw) else {
            // Without a rule nothing is written, and the message has timed out.
            return Charge::GiveUp(BounceReason::TooOld);
        };
        let delay = if alone { Span::ZERO } else { delay };
        let next_try = situation.clock.first_showing(now.saturating_add(delay));
        record.last_try = now;
        record.previous_delay = delay;
        self.failing = Some(Failing { record, next_try, expired, cutoff: limit });
        if expired {
            Charge::GiveUp(BounceReason::HostExpired)
        } else if alone {
            Charge::GiveUp(BounceReason::TooOld)
        } else {
            Charge::Host
        }
    }

    fn message_failed(&mut self, situation: &Situation, failure: Failure, mut draw: Draw) -> Charge {
        let (now, policy, id) = (situation.now, situation.policy, situation.message.id());
        let kind = if failure.stage() == Stage::Rcpt { Kind::Address } else { Kind::Message };
        let known = self.own.remove(&id).filter(|own| own.kind == kind).map(|own| own.record);
        let mut record = known.unwrap_or(RetryRecord::first(now));
        record.failures = situation.message.failures();
        let cutoff = policy.backoff.cutoff_after(failure);
        let by_rule = policy.lifetime.when == GiveUp::ByRule;
        // Whatever the record says, the age of the message ends it: none fails before it has arrived.
        let timed_out = cutoff.is_none_or(|limit| by_rule && now - situation.arrival() > limit);
        let counted = match kind {
            Kind::Address => {
                RetryRecord { first_failed: record.first_failed.min(situation.arrival()), ..record }
            }
            Kind::Message => record,
        };
        let delay = policy.backoff.delay_after(failure, &counted, now, &mut draw);
        let Some(delay) = delay.filter(|_| !timed_out) else {
            return Charge::GiveUp(BounceReason::TooOld);
        };
        record.last_try = now;
        record.previous_delay = delay;
        self.own.insert(id, Own { record, kind });
        let due = situation.clock.first_showing(now.saturating_add(delay));
        let ultimate = cutoff.filter(|_| by_rule && self.settings.ultimate);
        Charge::Own(due.min(ultimate.map_or(Instant::NEVER, |limit| situation.older_than(limit))))
    }
}
