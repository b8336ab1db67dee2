//! A circuit breaker: after too many failures nothing is sent for a while, then a few probes decide.
//!
//! Closed and half-open follow Resilience4j 2 (`CircuitBreakerStateMachine.java`, `CircuitBreakerMetrics.java`); with one
//! probe that is Polly 8 too (`CircuitStateController.cs`, `AdvancedCircuitBehavior.cs`). What such a breaker rejects fails
//! at once; here it is deferred. Results of attempts that began before it opened are ignored while it is
//! open and taken for probes once it is half open, as in both.

use std::collections::VecDeque;

use super::sliding::{Sliding, Tally};
use super::{Answer, Charge, Situation, Stages, Suppressed};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// The settings of a circuit breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct CircuitBreaker {
    /// What opens it.
    pub trips: Trips,
    /// How long it stays open; longer than zero.
    pub open_for: Span,
    /// By how much longer it stays open each time that probes open it again; at least 1.
    pub factor: f64,
    /// The longest time it stays open; none: unlimited.
    pub max_open_for: Option<Span>,
    /// Attempts that are let through when it is half open; at least 1.
    pub probes: u32,
    /// Failures at these stages count; others are taken for a host that works.
    pub stages: Stages,
    /// What being held back does to a message.
    pub suppressed: Suppressed,
}

/// What opens a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trips {
    /// So many failures in a row.
    Consecutive(u32),
    /// At least this share of failures, from 0 to 1, among the last `calls`, once there are `at_least`; it may
    /// be a success that makes them so many (Resilience4j).
    ShareOfCalls {
        /// The share.
        share: f64,
        /// How many attempts are looked at.
        calls: u32,
        /// How many there must be.
        at_least: u32,
    },
    /// At least this share of failures, from 0 to 1, in the last while, once there are `at_least`; only a
    /// failure opens it (Polly).
    ShareInTime {
        /// The share.
        share: f64,
        /// For how long attempts are looked at, to a tenth.
        time: Span,
        /// How many there must be.
        at_least: u32,
    },
}

impl Default for CircuitBreaker {
    /// Five failures in a row, a minute, one probe.
    fn default() -> Self {
        Self {
            trips: Trips::Consecutive(5),
            open_for: Span::from_seconds(60),
            factor: 1.0,
            max_open_for: None,
            probes: 1,
            stages: Stages::ALL,
            suppressed: Suppressed::Counts,
        }
    }
}

impl Trips {
    /// The share of failures among half-open probes that opens it again, and how many must have ended.
    fn verdict(self, failures: u32, ended: u32, probes: u32) -> Option<bool> {
        match self {
            Self::Consecutive(_) if failures > 0 => Some(true),
            Self::Consecutive(_) => (ended >= probes).then_some(false),
            Self::ShareOfCalls { share, at_least, .. } | Self::ShareInTime { share, at_least, .. } => {
                (ended >= at_least.min(probes)).then(|| f64::from(failures) >= share * f64::from(ended))
            }
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Breaker {
    settings: CircuitBreaker,
    health: Health,
    state: State,
    /// How long it was open last; zero since it was closed.
    open_for: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { since: Instant, begun: u32, ended: u32, failed: u32 },
}

/// What is known of attempts while the breaker is closed.
#[derive(Debug)]
enum Health {
    InARow(u32),
    Last { failed: VecDeque<bool>, failures: u32 },
    Lately(Sliding),
}

impl Health {
    fn new(trips: Trips) -> Self {
        match trips {
            Trips::Consecutive(_) => Self::InARow(0),
            Trips::ShareOfCalls { .. } => Self::Last { failed: VecDeque::new(), failures: 0 },
            Trips::ShareInTime { time, .. } => Self::Lately(Sliding::over(time)),
        }
    }

    /// Notes how an attempt ended. Whether the breaker opens.
    fn note(&mut self, trips: Trips, now: Instant, failure: bool) -> bool {
        match (self, trips) {
            (Self::InARow(count), Trips::Consecutive(most)) => {
                *count = if failure { *count + 1 } else { 0 };
                *count >= most
            }
            (Self::Last { failed, failures }, Trips::ShareOfCalls { share, calls, at_least }) => {
                if failed.len() >= calls as usize {
                    *failures -= u32::from(failed.pop_front().unwrap_or_default());
                }
                failed.push_back(failure);
                *failures += u32::from(failure);
                failed.len() >= at_least as usize && f64::from(*failures) >= share * failed.len() as f64
            }
            (Self::Lately(counts), Trips::ShareInTime { share, at_least, .. }) => {
                counts.add(now, Tally { all: 1, part: i64::from(failure) });
                let Tally { all, part } = counts.sum(now);
                failure && all >= i64::from(at_least) && part as f64 >= share * all as f64
            }
            _ => false,
        }
    }
}

impl Breaker {
    pub(super) fn blank(settings: &CircuitBreaker) -> Self {
        Self {
            health: Health::new(settings.trips),
            state: State::Closed,
            open_for: Span::ZERO,
            settings: settings.clone(),
        }
    }

    pub(super) fn ask(&self, situation: &Situation) -> Answer {
        if self.blocked_until(situation.now).is_some() {
            Answer::Defer(self.settings.suppressed)
        } else {
            Answer::Go
        }
    }

    pub(super) fn starts(&mut self, situation: &Situation) {
        match &mut self.state {
            State::Closed => {}
            // Only a probe begins in an open breaker: its time is over.
            State::Open { .. } => {
                self.state = State::HalfOpen { since: situation.now, begun: 1, ended: 0, failed: 0 };
            }
            State::HalfOpen { begun, .. } => *begun += 1,
        }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        self.note(situation.now, self.settings.stages.contains(failure.stage()));
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        self.note(situation.now, false);
    }

    /// Until when nothing is sent. While probes are under way that is how long it would be open again:
    /// Polly's `RetryAfter`.
    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::Open { until } if now < until => Some(until),
            State::HalfOpen { since, begun, .. } if begun >= self.settings.probes => {
                let until = since.saturating_add(self.settings.open_for);
                Some(if now < until { until } else { now.saturating_add(self.settings.open_for) })
            }
            _ => None,
        }
    }

    fn note(&mut self, now: Instant, failure: bool) {
        let trips = self.settings.trips;
        match &mut self.state {
            State::Closed => {
                if self.health.note(trips, now, failure) {
                    self.open(now);
                }
            }
            State::Open { .. } => {}
            State::HalfOpen { ended, failed, .. } => {
                *ended += 1;
                *failed += u32::from(failure);
                match trips.verdict(*failed, *ended, self.settings.probes) {
                    Some(true) => self.open(now),
                    Some(false) => {
                        self.state = State::Closed;
                        self.open_for = Span::ZERO;
                        self.health = Health::new(trips);
                    }
                    None => {}
                }
            }
        }
    }

    fn open(&mut self, now: Instant) {
        let longer = self.open_for.scale(self.settings.factor).max(self.settings.open_for);
        self.open_for = self.settings.max_open_for.map_or(longer, |most| longer.min(most));
        self.state = State::Open { until: now.saturating_add(self.open_for) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Asked, at, failure};
    use super::*;
    use crate::smtp::Stage;

    fn fail(breaker: &mut Breaker, asked: &Asked, seconds: f64) {
        breaker.failed(&asked.retry(seconds), failure(Stage::Greeting));
    }

    fn goes(breaker: &mut Breaker, asked: &Asked, seconds: f64) -> bool {
        let go = breaker.ask(&asked.retry(seconds)) == Answer::Go;
        if go {
            breaker.starts(&asked.retry(seconds));
        }
        go
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_probe_decides() {
        let asked = Asked::new();
        let mut breaker = Breaker::blank(&CircuitBreaker { factor: 2.0, ..CircuitBreaker::default() });
        (0..4).for_each(|_| fail(&mut breaker, &asked, 0.0));
        breaker.worked(&asked.retry(0.0));
        (0..4).for_each(|_| fail(&mut breaker, &asked, 1.0));
        assert!(goes(&mut breaker, &asked, 1.0));
        fail(&mut breaker, &asked, 2.0);
        assert_eq!(breaker.blocked_until(at(2.0)), Some(at(62.0)));
        // What was under way when it opened is ignored, however it ends.
        breaker.worked(&asked.retry(3.0));
        assert!(!goes(&mut breaker, &asked, 61.9));
        // Asking is not trying: whoever begins first is the probe.
        assert_eq!(breaker.ask(&asked.retry(62.0)), Answer::Go);
        assert!(goes(&mut breaker, &asked, 62.0));
        assert!(!goes(&mut breaker, &asked, 63.0));
        assert_eq!(breaker.blocked_until(at(63.0)), Some(at(122.0)));
        fail(&mut breaker, &asked, 64.0);
        assert_eq!(breaker.blocked_until(at(64.0)), Some(at(184.0)), "twice as long");
        assert!(goes(&mut breaker, &asked, 184.0));
        breaker.worked(&asked.retry(185.0));
        (0..5).for_each(|_| fail(&mut breaker, &asked, 186.0));
        assert_eq!(breaker.blocked_until(at(186.0)), Some(at(246.0)), "as at first");
    }

    /// Resilience4j: half of the last four, once there are three; two probes.
    #[test]
    fn a_share_of_the_last_attempts_opens_it() {
        let asked = Asked::new();
        let trips = Trips::ShareOfCalls { share: 0.5, calls: 4, at_least: 3 };
        let mut breaker = Breaker::blank(&CircuitBreaker { trips, probes: 2, ..CircuitBreaker::default() });
        fail(&mut breaker, &asked, 0.0);
        breaker.worked(&asked.retry(0.0));
        assert!(goes(&mut breaker, &asked, 0.0), "two are not enough to say");
        (0..3).for_each(|_| breaker.worked(&asked.retry(0.0)));
        fail(&mut breaker, &asked, 0.0);
        assert!(goes(&mut breaker, &asked, 0.0), "one of four");
        fail(&mut breaker, &asked, 0.0);
        assert!(!goes(&mut breaker, &asked, 1.0), "two of four");
        assert_eq!([60.0; 3].map(|when| goes(&mut breaker, &asked, when)), [true, true, false]);
        fail(&mut breaker, &asked, 61.0);
        assert!(!goes(&mut breaker, &asked, 61.0), "both probes must have ended");
        breaker.worked(&asked.retry(62.0));
        assert_eq!(breaker.blocked_until(at(62.0)), Some(at(122.0)), "one of two");
        assert_eq!([122.0; 2].map(|when| goes(&mut breaker, &asked, when)), [true, true]);
        (0..2).for_each(|_| breaker.worked(&asked.retry(123.0)));
        assert_eq!(breaker.state, State::Closed);
    }

    /// Polly 8: a tenth of what there was in 30 s, at least 10 attempts.
    #[test]
    fn a_share_of_the_latest_attempts_opens_it() {
        let asked = Asked::new();
        let trips = Trips::ShareInTime { share: 0.1, time: Span::from_seconds(30), at_least: 10 };
        let mut breaker = Breaker::blank(&CircuitBreaker { trips, ..CircuitBreaker::default() });
        fail(&mut breaker, &asked, 0.0);
        (0..8).for_each(|_| breaker.worked(&asked.retry(15.0)));
        fail(&mut breaker, &asked, 30.0);
        assert_eq!(breaker.state, State::Closed, "the first is forgotten: one of nine");
        (0..9).for_each(|_| breaker.worked(&asked.retry(31.0)));
        fail(&mut breaker, &asked, 32.0);
        assert_eq!(breaker.blocked_until(at(32.0)), Some(at(92.0)), "two of nineteen");
    }

    #[test]
    fn failures_at_other_stages_are_taken_for_success() {
        let asked = Asked::new();
        let settings = CircuitBreaker { stages: Stages::HOST, ..CircuitBreaker::default() };
        let mut breaker = Breaker::blank(&settings);
        (0..4).for_each(|_| fail(&mut breaker, &asked, 0.0));
        breaker.failed(&asked.retry(0.0), failure(Stage::Rcpt));
        (0..4).for_each(|_| fail(&mut breaker, &asked, 0.0));
        assert_eq!(breaker.state, State::Closed);
    }
}
