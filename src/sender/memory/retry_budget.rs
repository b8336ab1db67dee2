//! A budget of retries: a bucket of tokens that retries and failures empty, and first tries, successes or
//! time fill.
//!
//! One rule holds the budgets of several programs: gRPC proposal A6 ("Throttling Retry Attempts"), Finagle
//! service/RetryBudget.scala, tower src/retry/budget/tps_budget.rs, botocore/retries/quota.py, and M. Brooker,
//! "Fixing retries with token buckets and circuit breakers" (2022). There a retry without a token fails the
//! call. Mail cannot fail for that reason, so the message is deferred as if it had been refused.

use super::sliding::{Sliding, Tally};
use super::{Answer, Charge, Situation, Stages, Suppressed};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// The settings of a budget of retries. Tokens are exact to the millionth; numbers are not negative.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryBudget {
    /// Tokens there are at first, and with no [`Self::forget`] at most (gRPC: `maxTokens`).
    pub capacity: f64,
    /// What a first try adds when it begins (Finagle: `percentCanRetry`).
    pub per_first_try: f64,
    /// What a message adds that is delivered, or rejected for good, at its first try (gRPC: `tokenRatio`).
    pub per_success: f64,
    /// The same for a message that was put off before (botocore: what its retry has cost).
    pub per_late_success: f64,
    /// What a retry takes away when it begins; it needs as many.
    pub per_retry: f64,
    /// What a failure takes away.
    pub per_failure: f64,
    /// Tokens that time adds per second.
    pub refill: f64,
    /// A retry needs more tokens than this.
    pub above: f64,
    /// How long what was added and taken away counts (Finagle: `ttl`); none: for ever.
    pub forget: Option<Span>,
    /// Failures at these stages take tokens away; others change nothing.
    pub stages: Stages,
    /// What being held back does to a message.
    pub suppressed: Suppressed,
}

impl Default for RetryBudget {
    /// The numbers that gRPC's proposal gives as its example.
    fn default() -> Self {
        Self {
            capacity: 10.0,
            per_first_try: 0.0,
            per_success: 0.1,
            per_late_success: 0.1,
            per_retry: 0.0,
            per_failure: 1.0,
            refill: 0.0,
            above: 5.0,
            forget: None,
            stages: Stages::ALL,
            suppressed: Suppressed::Counts,
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Budget {
    settings: RetryBudget,
    balance: Balance,
}

/// The tokens, in millionths, so that a tenth added ten times is one.
#[derive(Debug)]
enum Balance {
    Bucket { tokens: i64, filled: Instant },
    Lately(Sliding),
}

impl Budget {
    pub(super) fn blank(settings: &RetryBudget) -> Self {
        let balance = match settings.forget {
            Some(time) => Balance::Lately(Sliding::over(time)),
            None => Balance::Bucket { tokens: millionths(settings.capacity), filled: Instant::ZERO },
        };
        Self { settings: settings.clone(), balance }
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        if !situation.message.was_deferred() {
            return Answer::Go;
        }
        let tokens = self.tokens(situation.now);
        let enough = tokens >= millionths(self.settings.per_retry);
        if enough && tokens > millionths(self.settings.above) {
            Answer::Go
        } else {
            Answer::Defer(self.settings.suppressed)
        }
    }

    pub(super) fn starts(&mut self, situation: &Situation) {
        let change = if situation.message.was_deferred() {
            -self.settings.per_retry
        } else {
            self.settings.per_first_try
        };
        self.change(situation.now, change);
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        if self.settings.stages.contains(failure.stage()) {
            self.change(situation.now, -self.settings.per_failure);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        let late = situation.message.was_deferred();
        self.change(
            situation.now,
            if late { self.settings.per_late_success } else { self.settings.per_success },
        );
    }

    fn tokens(&mut self, now: Instant) -> i64 {
        let most = millionths(self.settings.capacity);
        match &mut self.balance {
            Balance::Bucket { tokens, filled } => {
                let added = (self.settings.refill * (now - *filled).as_micros() as f64) as i64;
                // What is not a whole millionth is not lost: it has not come yet.
                if added > 0 {
                    *tokens = tokens.saturating_add(added).min(most);
                    *filled += Span::from_micros((added as f64 / self.settings.refill) as i64);
                }
                *tokens
            }
            Balance::Lately(changes) => most.saturating_add(changes.sum(now).all),
        }
    }

    fn change(&mut self, now: Instant, by: f64) {
        let most = millionths(self.settings.capacity);
        self.tokens(now);
        match &mut self.balance {
            Balance::Bucket { tokens, .. } => *tokens = (*tokens + millionths(by)).clamp(0, most),
            Balance::Lately(changes) => changes.add(now, Tally { all: millionths(by), part: 0 }),
        }
    }
}

fn millionths(tokens: f64) -> i64 {
    (tokens * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Asked, failure};
    use super::*;
    use crate::smtp::Stage;

    fn budget(settings: RetryBudget) -> (Budget, Asked) {
        (Budget::blank(&settings), Asked::new())
    }

    fn may_retry(budget: &mut Budget, asked: &Asked, seconds: f64) -> bool {
        budget.ask(&asked.retry(seconds)) == Answer::Go
    }

    /// gRPC A6: tokens 10 at first, each failure -1, each success +0.1, retries above 5 only.
    #[test]
    fn grpc_stops_retries_at_half_of_its_tokens() {
        let (mut budget, asked) = budget(RetryBudget::default());
        for failures in 1..=5 {
            assert!(may_retry(&mut budget, &asked, 0.0), "{failures}");
            budget.failed(&asked.retry(0.0), failure(Stage::Greeting));
        }
        assert_eq!(budget.ask(&asked.retry(0.0)), Answer::Defer(Suppressed::Counts));
        assert_eq!(budget.ask(&asked.first_try(0.0)), Answer::Go);
        // From 5.0 exactly ten successes make 6.0, and the first is above 5.
        budget.worked(&asked.first_try(1.0));
        assert!(may_retry(&mut budget, &asked, 1.0));
        budget.failed(&asked.retry(1.0), failure(Stage::Data));
        for _ in 0..9 {
            budget.worked(&asked.first_try(2.0));
        }
        assert!(!may_retry(&mut budget, &asked, 2.0), "4.1 + 0.9 is not above 5");
        budget.worked(&asked.first_try(2.0));
        assert!(may_retry(&mut budget, &asked, 2.0));
    }

    /// Finagle with a ttl of 10 s, one retry per second in reserve and 20 % of the requests.
    #[test]
    fn finagle_forgets_what_was_put_in_and_taken_out() {
        let (mut budget, asked) = budget(RetryBudget {
            capacity: 10.0,
            per_first_try: 0.2,
            per_success: 0.0,
            per_late_success: 0.0,
            per_retry: 1.0,
            per_failure: 0.0,
            above: 0.0,
            forget: Some(Span::from_seconds(10)),
            ..RetryBudget::default()
        });
        (0..20).for_each(|_| budget.starts(&asked.first_try(0.0)));
        let mut retries = 0;
        while may_retry(&mut budget, &asked, 0.5) {
            budget.starts(&asked.retry(0.5));
            retries += 1;
        }
        assert_eq!(retries, 10 + 4);
        assert!(!may_retry(&mut budget, &asked, 9.9));
        // Deposits and withdrawals of the first second are forgotten together.
        for _ in 0..10 {
            assert!(may_retry(&mut budget, &asked, 10.0));
            budget.starts(&asked.retry(10.0));
        }
        assert!(!may_retry(&mut budget, &asked, 10.0));
    }

    /// Brooker's bucket: 0.1 per first try, at most 5, full at first, a retry needs more than 1 and takes 1.
    #[test]
    fn a_bucket_that_first_tries_fill() {
        let (mut budget, asked) = budget(RetryBudget {
            capacity: 5.0,
            per_first_try: 0.1,
            per_success: 0.0,
            per_late_success: 0.0,
            per_retry: 1.0,
            per_failure: 0.0,
            above: 1.0,
            ..RetryBudget::default()
        });
        budget.starts(&asked.first_try(0.0));
        let mut sequence = Vec::new();
        for _ in 0..30 {
            budget.starts(&asked.first_try(0.0));
            let go = may_retry(&mut budget, &asked, 0.0);
            if go {
                budget.starts(&asked.retry(0.0));
            }
            sequence.push(go);
        }
        // 5, then 4.1, 3.2, 2.3, 1.4 are above 1; then 0.5 rises by a tenth each time to 1.1.
        let expected: Vec<bool> = (0..30).map(|step| step < 5 || step % 10 == 0).collect();
        assert_eq!(sequence[..5], expected[..5]);
        assert_eq!(sequence.iter().filter(|go| **go).count(), 7);
    }

    /// botocore's quota: 500, a retry takes 5, and gives it back when it succeeds.
    #[test]
    fn time_and_late_successes_fill_it_too() {
        let (mut budget, asked) = budget(RetryBudget {
            capacity: 500.0,
            per_success: 1.0,
            per_late_success: 5.0,
            per_retry: 5.0,
            per_failure: 0.0,
            above: 0.0,
            refill: 0.5,
            ..RetryBudget::default()
        });
        (0..100).for_each(|_| budget.starts(&asked.retry(0.0)));
        assert!(!may_retry(&mut budget, &asked, 0.0));
        budget.worked(&asked.retry(0.0));
        assert!(may_retry(&mut budget, &asked, 0.0));
        budget.starts(&asked.retry(0.0));
        assert!(!may_retry(&mut budget, &asked, 9.9));
        assert!(may_retry(&mut budget, &asked, 10.0));
    }
}
