//! Adaptive throttling at the client: what is likely to be refused is not sent.
//!
//! B. Beyer, C. Jones, J. Petoff and N. R. Murphy (eds.), Site Reliability Engineering (2016), chapter 21, "Handling
//! Overload", equation 21-1. There a request that is throttled fails at once; here it is deferred. The
//! other two parts of that chapter, three attempts per request and a budget of retries per client, are a
//! [`Lifetime`](crate::sender::Lifetime) and a [`RetryBudget`](super::RetryBudget).

use super::sliding::{Sliding, Tally};
use super::{Answer, Charge, Situation, Stages, Suppressed};
use crate::smtp::Failure;
use crate::time::Span;

/// The settings of a throttle: an attempt is held back with probability
/// `max(0, (requests - ratio accepts) / (requests + 1))`, where attempts that were held back are requests too.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientThrottle {
    /// K: how many requests there may be for each that is accepted; at least 1.
    pub ratio: f64,
    /// How long requests are remembered, to a tenth.
    pub window: Span,
    /// Failures at these stages are no acceptance; others are.
    pub stages: Stages,
    /// What being held back does to a message.
    pub suppressed: Suppressed,
}

impl Default for ClientThrottle {
    /// The numbers of the book.
    fn default() -> Self {
        Self {
            ratio: 2.0,
            window: Span::from_seconds(120),
            stages: Stages::ALL,
            suppressed: Suppressed::Counts,
        }
    }
}

/// What one route remembers: requests, and those that were accepted.
#[derive(Debug)]
pub(in crate::sender) struct Throttle {
    settings: ClientThrottle,
    requests: Sliding,
}

impl Throttle {
    pub(super) fn blank(settings: &ClientThrottle) -> Self {
        Self { requests: Sliding::over(settings.window), settings: settings.clone() }
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        let Tally { all, part } = self.requests.sum(situation.now);
        let refused = (all as f64 - self.settings.ratio * part as f64) / (all + 1) as f64;
        // Who asks twice in a slot gets the same answer twice, as long as nothing has changed.
        let slot = situation.now.as_micros().div_euclid((self.settings.window / 10).as_micros().max(1));
        if refused > 0.0 && situation.draw(slot).unit() < refused {
            self.requests.add(situation.now, Tally { all: 1, part: 0 });
            Answer::Defer(self.settings.suppressed)
        } else {
            Answer::Go
        }
    }

    pub(super) fn starts(&mut self, situation: &Situation) {
        self.requests.add(situation.now, Tally { all: 1, part: 0 });
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        if !self.settings.stages.contains(failure.stage()) {
            self.worked(situation);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        self.requests.add(situation.now, Tally { all: 0, part: 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Asked, failure};
    use super::*;
    use crate::smtp::Stage;

    /// The share of 4000 messages that a throttle with these counts holds back. It is blank each time, so
    /// that what is held back does not count.
    fn held_back(requests: u32, accepts: u32) -> f64 {
        let mut held = 0;
        for message in 0..4000 {
            let asked = Asked::by(message);
            let mut throttle = Throttle::blank(&ClientThrottle::default());
            (0..requests).for_each(|_| throttle.starts(&asked.retry(0.0)));
            (0..accepts).for_each(|_| throttle.worked(&asked.retry(1.0)));
            held += u32::from(throttle.ask(&asked.retry(2.0)) != Answer::Go);
        }
        f64::from(held) / 4000.0
    }

    /// Shares lie within 4.4 standard errors (error probability 1e-5 each).
    #[test]
    fn the_share_held_back_is_that_of_the_formula() {
        for (requests, accepts, expected) in
            [(0, 0, 0.0), (10, 5, 0.0), (10, 0, 10.0 / 11.0), (9, 2, 0.5), (99, 45, 0.09), (100, 80, 0.0)]
        {
            let found = held_back(requests, accepts);
            let tolerance = 4.4 * (expected * (1.0 - expected) / 4000.0_f64).sqrt();
            assert!((found - expected).abs() <= tolerance, "{requests} {accepts}: {found}");
        }
    }

    #[test]
    fn what_is_held_back_counts_and_all_is_forgotten_in_the_end() {
        let asked = Asked::new();
        let mut throttle = Throttle::blank(&ClientThrottle::default());
        throttle.starts(&asked.retry(0.0));
        throttle.failed(&asked.retry(0.0), failure(Stage::Rcpt));
        let mut held = 0;
        for message in 0..1000 {
            held += i64::from(throttle.ask(&Asked::by(message).retry(1.0)) != Answer::Go);
        }
        assert_eq!(throttle.requests.sum(crate::time::Instant::ZERO + Span::SECOND).all, 1 + held);
        assert!(held > 900, "{held}");
        assert_eq!(throttle.ask(&asked.retry(125.0)), Answer::Go);
    }
}
