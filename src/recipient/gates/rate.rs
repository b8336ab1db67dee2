//! Limits on connections and on messages per time: Postfix' `smtpd_client_connection_rate_limit` and
//! `smtpd_client_message_rate_limit`, Exchange's `MaxConnectionRatePerMinute`.

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::quantity::Rate;
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

/// Refuses what comes faster than a rate.
///
/// An admitted attempt counts; one that this gate or another one of its stage refuses counts if
/// [`Counts::Attempts`] says so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// Where it is asked: at the greeting it limits connections, later messages.
    pub stage: Stage,
    /// The reply.
    pub code: Code,
    /// The rate, more than zero.
    pub rate: Rate,
    /// How the rate is enforced.
    pub shape: Shape,
    /// What counts.
    pub counts: Counts,
    /// Whose attempts count together.
    pub scope: Scope,
    /// What one refusal uses.
    pub cost: Cost,
}

/// How a rate is enforced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// So many in each window of the rate's time; the first window begins at time zero.
    FixedWindow,
    /// A bucket of tokens: full at first, refilled continuously at the rate; an attempt is admitted
    /// if there is at least one token, and takes it (the continuous-state leaky bucket of ITU-T
    /// I.371).
    TokenBucket {
        /// Size of the bucket, at least 1.
        burst: f64,
    },
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// What was admitted.
    Accepted,
    /// Refused attempts too, as Postfix' anvil does; in a bucket they take what is there.
    Attempts,
}

/// Whose attempts count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of all clients.
    All,
    /// Those of each client by itself.
    Client,
}

/// Seconds times a rate need not give the whole number that is meant: this much is forgiven.
const ROUNDING: f64 = 1e-9;

/// The gate at work.
#[derive(Clone, Debug)]
pub(in crate::recipient) struct Running {
    settings: RateLimit,
    per_microsecond: f64,
    /// One for all, or one for each client as far as clients were seen.
    accounts: Vec<Account>,
}

/// What is left, and when that was.
#[derive(Clone, Copy, Debug)]
struct Account {
    left: f64,
    at: Instant,
}

impl Running {
    pub(in crate::recipient) fn new(settings: RateLimit) -> Self {
        let per_microsecond = settings.rate.per_second() / Span::SECOND.as_micros() as f64;
        Self { settings, per_microsecond, accounts: Vec::new() }
    }

    /// The account of whoever tries, up to date.
    #[inline(always)]
    fn account(&mut self, attempt: &Attempt) -> &mut Account {
        let place = match self.settings.scope {
            Scope::All => 0,
            Scope::Client => attempt.client.index(),
        };
        let (rate, shape) = (self.settings.rate, self.settings.shape);
        if self.accounts.len() <= place {
            self.open_accounts(place + 1);
        }
        let account = &mut self.accounts[place];
        match shape {
            Shape::FixedWindow => {
                let window = attempt.now.floor_to(rate.per(), Span::ZERO);
                if window != account.at {
                    *account = Account { left: rate.count(), at: window };
                }
            }
            Shape::TokenBucket { .. } if attempt.now == account.at => {}
            Shape::TokenBucket { burst } => {
                // Not in seconds, for which there is a division at every attempt.
                let filled =
                    account.left + self.per_microsecond * (attempt.now - account.at).as_micros() as f64;
                // Not `min`, which also asks whether these are numbers.
                *account = Account { left: if filled < burst { filled } else { burst }, at: attempt.now };
            }
        }
        account
    }

    /// So many accounts are needed, full ones where there were none.
    #[inline(never)]
    fn open_accounts(&mut self, count: usize) {
        let left = match self.settings.shape {
            Shape::FixedWindow => self.settings.rate.count(),
            Shape::TokenBucket { burst } => burst,
        };
        self.accounts.resize(count, Account { left, at: Instant::ZERO });
    }
}

impl Gate for Running {
    fn stage(&self) -> Option<Stage> {
        Some(self.settings.stage)
    }

    fn listens(&self, told: Told) -> bool {
        told == Told::Admitted || self.settings.counts == Counts::Attempts
    }

    #[inline(always)]
    fn refuses(&mut self, attempt: &Attempt) -> bool {
        self.account(attempt).left < 1.0 - ROUNDING
    }

    fn refusal(&self) -> Refusal {
        let RateLimit { stage, code, cost, .. } = self.settings;
        Refusal { failure: Failure::new(stage, Some(code)), cost }
    }

    fn told(&mut self, attempt: &Attempt, told: Told) {
        if self.listens(told) {
            let account = self.account(attempt);
            account.left = (account.left - 1.0).max(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::HostId;
    use crate::random::{Key, Purpose};
    use crate::recipient::gates::tests::{attempt, pass};

    fn gate(rate: &str, shape: Shape, counts: Counts, scope: Scope) -> Running {
        let rate = rate.parse().expect("a rate");
        let code = Code::SERVICE_NOT_AVAILABLE;
        Running::new(RateLimit { stage: Stage::Greeting, code, rate, shape, counts, scope, cost: Cost::NONE })
    }

    fn at(seconds: f64) -> Attempt {
        attempt(Instant::ZERO + Span::from_seconds_f64(seconds), 0)
    }

    #[test]
    fn a_bucket_admits_its_burst_and_then_the_rate() {
        let mut gate = gate("1/s", Shape::TokenBucket { burst: 3.0 }, Counts::Accepted, Scope::All);
        let admitted: Vec<bool> = (0..4).map(|_| pass(&mut gate, &at(10.0))).collect();
        assert_eq!(admitted, [true, true, true, false]);
        assert!(!pass(&mut gate, &at(10.999_999)));
        assert!(pass(&mut gate, &at(11.0)), "a refused attempt costs nothing");
    }

    #[test]
    fn a_rate_without_a_round_period_does_not_drift() {
        let mut gate = gate("400/min", Shape::TokenBucket { burst: 1.0 }, Counts::Accepted, Scope::All);
        for step in 0..100_000 {
            let now = Instant::ZERO + Span::from_micros(150_000) * step;
            assert!(pass(&mut gate, &attempt(now, 0)), "step {step}");
        }
    }

    #[test]
    fn refused_attempts_can_count() {
        let mut gate = gate("1/s", Shape::TokenBucket { burst: 1.0 }, Counts::Attempts, Scope::All);
        assert!(pass(&mut gate, &at(0.0)));
        assert!((1..100).all(|step| !pass(&mut gate, &at(f64::from(step) * 0.9))));
        assert!(pass(&mut gate, &at(99.0 * 0.9 + 1.0)));
    }

    #[test]
    fn windows_are_fixed_to_time_zero() {
        let mut gate = gate("2/min", Shape::FixedWindow, Counts::Accepted, Scope::All);
        let admitted: Vec<bool> =
            [58.0, 59.0, 59.999_999, 60.0, 61.0, 119.0, 180.0].map(|t| pass(&mut gate, &at(t))).into();
        assert_eq!(admitted, [true, true, false, true, true, false, true]);
    }

    #[test]
    fn clients_can_have_accounts_of_their_own() {
        let mut gate = gate("1/min", Shape::FixedWindow, Counts::Accepted, Scope::Client);
        let other = Attempt { client: HostId(5), ..at(1.0) };
        assert!(pass(&mut gate, &other) && pass(&mut gate, &at(1.0)));
        assert!(!pass(&mut gate, &other) && !pass(&mut gate, &at(1.0)));
    }

    #[test]
    fn what_others_refuse_costs_nothing() {
        let mut gate = gate("1/min", Shape::TokenBucket { burst: 1.0 }, Counts::Accepted, Scope::All);
        gate.told(&at(0.0), Told::RefusedByAnother);
        assert!(pass(&mut gate, &at(0.0)));
    }

    /// Poisson arrivals without retries. The share refused is 1 - G / (1 + (lambda / r) G) with
    /// tau = (b - 1) / r, G = sum over k <= tau r of exp(y) (-y)^k / k!, y = lambda (tau - k / r)
    /// (the bucket is an M/D/1 queue with room for b; Berger, IEEE JSAC 9 (1991) 165).
    /// 20 batches of 20 000; Student's t with 19 degrees of freedom, |t| < 6.1 (error probability
    /// 1e-5 for each of the five cases).
    #[test]
    fn the_share_refused_is_the_exact_one() {
        let cases = [
            (10.0, "8/s", 5.0, 0.2239761294721),
            (0.9, "1/s", 10.0, 0.01663174782895),
            (5.0, "5/s", 1.0, 0.5),
            (3.0, "4/s", 2.5, 0.1262868025938),
            (10.0, "10/s", 20.0, 0.02521008403361),
        ];
        for (case, (arrivals, rate, burst, exact)) in (0..).zip(cases) {
            let mut gate = gate(rate, Shape::TokenBucket { burst }, Counts::Accepted, Scope::All);
            let mut draw = Key::new(421, case).draw(Purpose::Arrival, 0, 0);
            let mut now = Instant::ZERO;
            let shares: Vec<f64> = (0..21)
                .map(|_| {
                    let refused = (0..20_000).filter(|_| {
                        now += Span::from_seconds_f64(draw.exponential() / arrivals);
                        !pass(&mut gate, &attempt(now, 0))
                    });
                    refused.count() as f64 / 20_000.0
                })
                .skip(1)
                .collect();
            let mean = shares.iter().sum::<f64>() / 20.0;
            let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / 19.0;
            let t = (mean - exact) / (variance / 20.0).sqrt();
            assert!(t.abs() < 6.1, "{rate}: {mean} instead of {exact}, t = {t}");
        }
    }
}
