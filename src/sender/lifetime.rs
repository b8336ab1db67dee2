//! When to give up, and when to warn the author.

use super::BounceReason;
use crate::time::Span;

/// The limits of a message's life in the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifetime {
    /// The greatest age; none: unlimited.
    pub age: Option<Span>,
    /// Most failed attempts: the message is given up at this failure, with [`GiveUp::BeforeAttempt`]
    /// instead of the next attempt; none: unlimited.
    pub attempts: Option<u32>,
    /// When that is looked at.
    pub when: GiveUp,
    /// Age at which the author is warned of the delay, once; none: never.
    pub warn_after: Option<Span>,
    /// Whose age that is.
    pub warn_when: Warn,
    /// What becomes of delay warnings and bounces.
    pub notices: Notices,
}

/// Which age decides on a delay warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Warn {
    /// That of the message now.
    #[default]
    AtAge,
    /// That at its next try (OpenSMTPD scheduler.c, `IMSG_QUEUE_DELIVERY_TEMPFAIL`).
    NextTry,
}

/// What becomes of the notices that a host generates: delay warnings and bounces. Notices have no sender,
/// so that no notice is sent about a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notices {
    /// They go elsewhere.
    #[default]
    Elsewhere,
    /// They are mail to the same recipient, as where all mail goes through one smarthost.
    SameRecipient,
}

/// When the limits of a message are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GiveUp {
    /// After a failed attempt (Postfix, qmail).
    #[default]
    AfterAttempt,
    /// Before an attempt, which then is not made: the age (chasquid) and the number of attempts (Postal).
    BeforeAttempt,
    /// The instant the age is reached, between two tries as well (Stalwart).
    AtAge,
    /// After a failed attempt, if the next try would be too late (KumoMTA).
    NextTry,
    /// By the last cutoff of the backoff's rule, and by hosts that expire (Exim).
    ByRule,
}

impl Lifetime {
    /// Whether [`Self::ends_before_attempt`] can say anything.
    #[inline]
    pub fn is_looked_at_before_attempts(&self) -> bool {
        matches!(self.when, GiveUp::BeforeAttempt | GiveUp::AtAge)
    }

    /// Whether a message of this age that failed so often is given up instead of being tried.
    pub fn ends_before_attempt(&self, age: Span, failures: u32) -> Option<BounceReason> {
        if self.is_looked_at_before_attempts() && self.age.is_some_and(|limit| age >= limit) {
            return Some(BounceReason::TooOld);
        }
        let too_often = self.when == GiveUp::BeforeAttempt && self.has_failed_out(failures);
        too_often.then_some(BounceReason::TooManyAttempts)
    }

    /// Whether the author of a message of this age is warned that will be tried next after `delay`.
    pub fn warns(&self, age: Span, delay: Span) -> bool {
        let age = match self.warn_when {
            Warn::AtAge => age,
            Warn::NextTry => age.saturating_add(delay),
        };
        self.warn_after.is_some_and(|after| age >= after)
    }

    /// The age at which a warning is due even if the message is not tried then.
    pub fn timed_warning(&self) -> Option<Span> {
        self.warn_after.filter(|_| self.warn_when == Warn::AtAge)
    }

    /// The age at which a message is given up even if nobody would try it then.
    pub fn timed_end(&self) -> Option<Span> {
        self.age.filter(|_| self.when == GiveUp::AtAge)
    }

    /// Whether a message is given up after its `failures`-th failure, at this age, where the next try
    /// would come after `delay`. `cutoff` is the last cutoff of the backoff's rule, if it has one.
    pub fn ends_after_failure(
        &self,
        age: Span,
        failures: u32,
        delay: Span,
        cutoff: Option<Span>,
    ) -> Option<BounceReason> {
        if self.when != GiveUp::BeforeAttempt && self.has_failed_out(failures) {
            return Some(BounceReason::TooManyAttempts);
        }
        let too_old = match self.when {
            GiveUp::AfterAttempt | GiveUp::AtAge => self.age.is_some_and(|limit| age >= limit),
            GiveUp::BeforeAttempt => false,
            GiveUp::NextTry => self.age.is_some_and(|limit| age.saturating_add(delay) > limit),
            // Exim retry.c, retry_update: a rule applies while the interval is at most its cutoff.
            GiveUp::ByRule => cutoff.is_some_and(|limit| age > limit),
        };
        too_old.then_some(BounceReason::TooOld)
    }

    fn has_failed_out(&self, failures: u32) -> bool {
        self.attempts.is_some_and(|limit| failures >= limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Span = Span::from_seconds(100);

    fn after(when: GiveUp, age: i64) -> bool {
        let lifetime = Lifetime { age: Some(LIMIT), when, ..Lifetime::default() };
        let reason =
            lifetime.ends_after_failure(Span::from_seconds(age), 1, Span::from_seconds(30), Some(LIMIT));
        reason == Some(BounceReason::TooOld)
    }

    #[test]
    fn the_age_is_looked_at_when_the_policy_says() {
        assert_eq!([99, 100].map(|age| after(GiveUp::AfterAttempt, age)), [false, true]);
        assert_eq!([70, 71].map(|age| after(GiveUp::NextTry, age)), [false, true]);
        assert_eq!([100, 101].map(|age| after(GiveUp::ByRule, age)), [false, true]);
        assert!(!after(GiveUp::BeforeAttempt, 1000));
        let before = Lifetime { age: Some(LIMIT), when: GiveUp::BeforeAttempt, ..Lifetime::default() };
        assert_eq!(before.ends_before_attempt(Span::from_seconds(99), 1), None);
        assert_eq!(before.ends_before_attempt(LIMIT, 1), Some(BounceReason::TooOld));
        assert_eq!([99, 100].map(|age| after(GiveUp::AtAge, age)), [false, true]);
        let at = Lifetime { when: GiveUp::AtAge, ..before.clone() };
        assert_eq!(at.ends_before_attempt(LIMIT, 1), Some(BounceReason::TooOld));
        assert_eq!((at.timed_end(), before.timed_end()), (Some(LIMIT), None));
    }

    #[test]
    fn a_message_is_given_up_at_its_last_failure() {
        let lifetime = Lifetime { attempts: Some(3), ..Lifetime::default() };
        let at = |failures| lifetime.ends_after_failure(Span::ZERO, failures, Span::ZERO, None);
        assert_eq!((at(2), at(3)), (None, Some(BounceReason::TooManyAttempts)));
        let before = Lifetime { when: GiveUp::BeforeAttempt, ..lifetime };
        assert_eq!(before.ends_after_failure(Span::ZERO, 3, Span::ZERO, None), None);
        let tried = |failures| before.ends_before_attempt(Span::ZERO, failures);
        assert_eq!((tried(2), tried(3)), (None, Some(BounceReason::TooManyAttempts)));
    }
}
