//! When to give up, and when to warn the author.

use super::BounceReason;
use crate::time::Span;

/// The limits of a message's life in the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lifetime {
    /// The greatest age; none: unlimited.
    pub age: Option<Span>,
    /// Most failed attempts: the message is given up at this failure; none: unlimited.
    pub attempts: Option<u32>,
    /// When the age is looked at.
    pub when: GiveUp,
    /// Age at which the author is warned of the delay, once; none: never.
    pub warn_after: Option<Span>,
}

/// When the age of a message is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GiveUp {
    /// After a failed attempt (Postfix, qmail).
    #[default]
    AfterAttempt,
    /// Before an attempt, which then is not made (chasquid).
    BeforeAttempt,
    /// After a failed attempt, if the next try would be too late (KumoMTA).
    NextTry,
    /// By the last cutoff of the backoff's rule, and by hosts that expire (Exim).
    ByRule,
}

impl Lifetime {
    /// Whether a message of this age is given up instead of being tried.
    pub fn ends_before_attempt(&self, age: Span) -> Option<BounceReason> {
        let too_old = self.when == GiveUp::BeforeAttempt && self.age.is_some_and(|limit| age >= limit);
        too_old.then_some(BounceReason::TooOld)
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
        if self.attempts.is_some_and(|limit| failures >= limit) {
            return Some(BounceReason::TooManyAttempts);
        }
        let too_old = match self.when {
            GiveUp::AfterAttempt => self.age.is_some_and(|limit| age >= limit),
            GiveUp::BeforeAttempt => false,
            GiveUp::NextTry => self.age.is_some_and(|limit| age.saturating_add(delay) > limit),
            // Exim retry.c, retry_update: a rule applies while the interval is at most its cutoff.
            GiveUp::ByRule => cutoff.is_some_and(|limit| age > limit),
        };
        too_old.then_some(BounceReason::TooOld)
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
        assert_eq!(before.ends_before_attempt(Span::from_seconds(99)), None);
        assert_eq!(before.ends_before_attempt(LIMIT), Some(BounceReason::TooOld));
    }

    #[test]
    fn a_message_is_given_up_at_its_last_failure() {
        let lifetime = Lifetime { attempts: Some(3), ..Lifetime::default() };
        let at = |failures| lifetime.ends_after_failure(Span::ZERO, failures, Span::ZERO, None);
        assert_eq!((at(2), at(3)), (None, Some(BounceReason::TooManyAttempts)));
    }
}
