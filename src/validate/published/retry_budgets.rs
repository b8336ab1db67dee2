//! Clients that retry at once, against a server that fails by chance: what budgets of retries do to its load.
//!
//! M. Brooker, "Fixing retries with token buckets and circuit breakers" (2022), and his simulator_example,
//! `retry_sim`. A hundred clients start calls as Poisson processes of ten per second each, whatever became of
//! the calls before; each way takes an exponential time of mean 10 ms; each try fails with a given probability,
//! independently. A retry follows a failure without delay, if the strategy lets it.

use super::case::{Asked, Case, Depth, Experiment, Seen};
use super::known::{Known, Precision};
use super::{Model, Problem, texts};
use crate::engine::{EventSet, Rank, Ranked};
use crate::random::{Draw, Key, Purpose};
use crate::time::{Instant, Span};

/// The model.
pub(super) const MODEL: Model = Model {
    name: "retry-budgets",
    about: "Retries without delay against a server that fails by chance (M. Brooker, \"Fixing retries with token buckets and \
            circuit breakers\", 2022; simulator_example, retry_sim). A hundred clients start ten calls a second each for ten \
            seconds, whatever became of earlier ones. 'load' is tries per call, 'success' the share of calls that work \
            in the end. The published numbers are one run of the program for each probability from 0.01 on, with the spread \
            of ours for their error, and for a fixed number of retries N the formulas load = (1 - p^(N+1)) / (1 - p) and \
            success = 1 - p^(N+1).",
    independent: false,
    cases,
};

const TABLE: &str = include_str!("data/retry-budgets.csv");
const CLIENTS: u32 = 100;
/// Mean time from one call of a client to the next.
const GAP: Span = Span::from_micros(100_000);
/// Mean time of a way.
const WAY: Span = Span::from_micros(10_000);
const LENGTH: Span = Span::from_seconds(10);
/// With fewer failures than this one run says little: its numbers are far from normal.
const LEAST_FAILURE: f64 = 0.01;
/// The same of a load with fewer retries in it.
const LEAST_RETRIES: f64 = 20.0;
/// Tries of a call are numbered in so many bits.
const TRY_BITS: u32 = 12;

/// So many clients with one strategy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls {
    /// The probability that a try fails.
    failure: f64,
    strategy: Strategy,
}

/// When a call that failed may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// So many times.
    Retries(u32),
    /// While there is more than one token: 5 at first and at most, 0.1 more with each call. The post lets
    /// successes fill the bucket; the program fills it when a call begins.
    Bucket,
    /// Three times, unless failures, those of retries included, are more than a tenth of the calls so far.
    Breaker,
}

fn cases(depth: Depth) -> Result<Vec<Case>, Problem> {
    let table = texts::Table::read(TABLE)?;
    let mut cases = Vec::new();
    for row in table.rows() {
        let failure = row.number("failure_rate")?;
        let name = row.text("strategy");
        let strategy = match name {
            "no_retries" => Strategy::Retries(0),
            "three_retries" => Strategy::Retries(3),
            "adaptive_10pct" => Strategy::Bucket,
            "breaker_10pct" => Strategy::Breaker,
            _ => return Err(row.problem("strategy", format!("no strategy is called {name}"))),
        };
        if failure >= LEAST_FAILURE {
            let once = |value| Some(Known { value, precision: Precision::Runs(1) });
            let retries = row.number("total_calls")? - row.number("first_tries")?;
            let load = once(row.number("load_ratio_measured")?);
            let load = load.filter(|_| retries == 0.0 || retries >= LEAST_RETRIES);
            let success = once(row.number("success_ratio_measured")?);
            cases.push(case(Calls { failure, strategy }, name, load, success, depth));
        }
    }
    for (failure, retries) in
        [(0.01, 1), (0.1, 2), (0.3, 3), (0.5, 1), (0.5, 3), (0.5, 5), (0.75, 3), (0.9, 5)]
    {
        let lost = f64::powi(failure, retries as i32 + 1);
        let load = Some(Known::exact((1.0 - lost) / (1.0 - failure)));
        let success = Some(Known::exact(1.0 - lost));
        let calls = Calls { failure, strategy: Strategy::Retries(retries) };
        cases.push(case(calls, &format!("{retries}_retries,formula"), load, success, depth));
    }
    Ok(cases)
}

fn case(calls: Calls, name: &str, load: Option<Known>, success: Option<Known>, depth: Depth) -> Case {
    Case {
        model: MODEL.name,
        label: format!("failure={};strategy={name}", calls.failure),
        asked: vec![Asked::new("load", load), Asked::new("success", success).of_scale(1.0)],
        experiment: Experiment::Calls(calls),
        runs: depth.pick(200, 20),
    }
}

/// Something reaches a client.
#[derive(Clone, Copy, Debug)]
enum Reaches {
    /// The time of the next call.
    Call { client: u32, call: u32 },
    /// The answer to a try.
    Answer { client: u32, call: u32, retries: u32 },
}

impl Ranked for Reaches {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (kind, client, call, retries) = match *self {
            Self::Answer { client, call, retries } => (0, client, call, retries),
            Self::Call { client, call } => (1, client, call, 0),
        };
        let index = number(call, retries);
        Rank { kind, tie: key.tie(u64::from(client), index), entity: u64::from(client), index }
    }
}

fn number(call: u32, retries: u32) -> u64 {
    u64::from(call) << TRY_BITS | u64::from(retries)
}

/// What the strategy of a client remembers of all its calls.
#[derive(Clone, Copy)]
struct Budget {
    tokens: f64,
    calls: f64,
    failures: f64,
}

impl Budget {
    const FULL: f64 = 5.0;
    const FILL: f64 = 0.1;
    const MOST_FAILURES: f64 = 0.1;

    fn starts(&mut self) {
        self.tokens = (self.tokens + Self::FILL).min(Self::FULL);
        self.calls += 1.0;
    }

    fn may_retry(&mut self, strategy: Strategy, retries: u32) -> bool {
        self.failures += 1.0;
        match strategy {
            Strategy::Retries(most) => retries < most,
            Strategy::Bucket => {
                let enough = self.tokens > 1.0;
                self.tokens -= f64::from(u8::from(enough));
                enough
            }
            Strategy::Breaker => self.failures / self.calls <= Self::MOST_FAILURES && retries < 3,
        }
    }
}

impl Calls {
    /// Tries per call, and the share of calls that work.
    pub(super) fn run(&self, key: Key) -> Seen {
        let mut events = EventSet::new(key);
        let mut budgets = vec![Budget { tokens: Budget::FULL, calls: 0.0, failures: 0.0 }; CLIENTS as usize];
        let end = Instant::ZERO + LENGTH;
        for client in 0..CLIENTS {
            let first = exponential(&mut key.draw(Purpose::Setup, u64::from(client), 0), WAY);
            events.push(Instant::ZERO + first, Reaches::Call { client, call: 0 });
        }
        let (mut calls, mut tries, mut worked) = (0u64, 0u64, 0u64);
        while let Some((now, reaches)) = events.pop() {
            let (client, call, retries) = match reaches {
                Reaches::Call { .. } if now > end => continue,
                Reaches::Call { client, call } => {
                    let gap =
                        exponential(&mut key.draw(Purpose::Arrival, u64::from(client), u64::from(call)), GAP);
                    events.push(now + gap, Reaches::Call { client, call: call + 1 });
                    budgets[client as usize].starts();
                    calls += 1;
                    (client, call, 0)
                }
                Reaches::Answer { client, call, retries } => {
                    let place = number(call, retries);
                    let fails = key.draw(Purpose::GateNoise, u64::from(client), place).unit() < self.failure;
                    worked += u64::from(!fails);
                    if !fails || !budgets[client as usize].may_retry(self.strategy, retries) {
                        continue;
                    }
                    (client, call, retries + 1)
                }
            };
            tries += 1;
            let mut ways = key.draw(Purpose::Transaction, u64::from(client), number(call, retries));
            let back = now + exponential(&mut ways, WAY) + exponential(&mut ways, WAY);
            events.push(back, Reaches::Answer { client, call, retries });
        }
        let per_call = |count: u64| count as f64 / calls as f64;
        Seen { values: vec![per_call(tries), per_call(worked)], events: calls + tries }
    }
}

fn exponential(draw: &mut Draw, mean: Span) -> Span {
    mean.scale(draw.exponential())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_one_call_in_ten_be_tried_again() {
        let mut budget = Budget { tokens: Budget::FULL, calls: 0.0, failures: 0.0 };
        let mut granted = 0;
        for _ in 0..1000 {
            budget.starts();
            granted += u32::from(budget.may_retry(Strategy::Bucket, 0));
        }
        // A tenth of a thousand, and the four tokens above one that it has at first.
        assert!((103..=104).contains(&granted), "{granted}");
    }

    #[test]
    fn a_breaker_that_has_seen_too_many_failures_stays_open() {
        let mut budget = Budget { tokens: 0.0, calls: 20.0, failures: 1.0 };
        assert!(budget.may_retry(Strategy::Breaker, 0));
        assert!(!budget.may_retry(Strategy::Breaker, 1), "3 of 20 are more than a tenth");
    }

    #[test]
    fn without_failures_every_call_is_one_try() {
        let calls = Calls { failure: 0.0, strategy: Strategy::Retries(3) };
        assert_eq!(calls.run(Key::new(1, 0)).values, [1.0, 1.0]);
    }
}
