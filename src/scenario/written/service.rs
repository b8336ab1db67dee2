//! What a host remembers of a destination in the manner of services, as written. The formulas are in
//! [`sender::memory`](crate::sender::memory).

use crate::scenario::Spanned;
use serde::{Deserialize, Serialize};

use super::{Stage, Suppressed, millis, one};
use crate::quantity::{Duration, Rate, Share};
use crate::time::Span;

/// A bucket of tokens for retries. Numbers are tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryBudget {
    /// How many there are at first, and without `forget` at most. Default 10.
    pub capacity: Spanned<f64>,
    /// What a first try adds. Default 0.
    pub per_first_try: Spanned<f64>,
    /// What a success adds. Default 0.1.
    pub per_success: Spanned<f64>,
    /// What a success adds after a retry; `None` is `per_success`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_late_success: Option<Spanned<f64>>,
    /// What a retry takes away and needs. Default 0.
    pub per_retry: Spanned<f64>,
    /// What a failure takes away. Default 1.
    pub per_failure: Spanned<f64>,
    /// What time adds; `None` is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refill: Option<Spanned<Rate>>,
    /// A retry needs more than this. Default 5.
    pub above: Spanned<f64>,
    /// How long what was added and taken away counts; `None` is for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget: Option<Spanned<Duration>>,
    /// Failures at these stages take tokens away. Default all.
    pub stages: Vec<Stage>,
    /// What being held back does to a message. Default `counts`.
    pub suppressed: Spanned<Suppressed>,
}

/// Nothing is sent for a while after too many failures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CircuitBreaker {
    /// What opens it. Default five failures in a row.
    pub trips: Spanned<Trips>,
    /// How long it stays open. Default 60 s.
    pub open_for: Spanned<Duration>,
    /// By how much longer each time in a row. Default 1.
    pub factor: Spanned<f64>,
    /// The longest time it stays open; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_open_for: Option<Spanned<Duration>>,
    /// Attempts that are let through then. Default 1.
    pub probes: Spanned<u32>,
    /// Failures at these stages count. Default all.
    pub stages: Vec<Stage>,
    /// What being held back does to a message. Default `counts`.
    pub suppressed: Spanned<Suppressed>,
}

/// What opens a circuit breaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trips {
    /// So many failures in a row.
    Consecutive(Spanned<u32>),
    /// A share of the last attempts.
    ShareOfCalls(ShareOfCalls),
    /// A share of the attempts in the last while.
    ShareInTime(ShareInTime),
}

/// At least this share of failures among the last attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOfCalls {
    /// The share.
    pub share: Spanned<Share>,
    /// How many attempts.
    pub calls: Spanned<u32>,
    /// How many there must be. Default 1.
    #[serde(default = "one")]
    pub at_least: Spanned<u32>,
}

/// At least this share of failures among the attempts of the last while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareInTime {
    /// The share.
    pub share: Spanned<Share>,
    /// The while.
    pub time: Spanned<Duration>,
    /// How many there must be. Default 1.
    #[serde(default = "one")]
    pub at_least: Spanned<u32>,
}

/// What is likely to be refused is held back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientThrottle {
    /// How many requests there may be for each that is accepted. Default 2.
    pub ratio: Spanned<f64>,
    /// How long requests are remembered. Default 2 min.
    pub window: Spanned<Duration>,
    /// Failures at these stages are no acceptance. Default all.
    pub stages: Vec<Stage>,
    /// What being held back does to a message. Default `counts`.
    pub suppressed: Spanned<Suppressed>,
}

/// A rate that falls with failures and rises along a cubic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdaptiveThrottle {
    /// The least rate. Default one in 2 s.
    pub min_rate: Spanned<Rate>,
    /// By what a failure multiplies the rate. Default 0.7.
    pub decrease: Spanned<f64>,
    /// The factor of the cubic, per cube of a second. Default 0.4.
    pub scale: Spanned<f64>,
    /// The weight of the latest rate in what is measured. Default 0.8.
    pub smoothing: Spanned<f64>,
    /// Over what time a rate is measured. Default 500 ms.
    pub measured_over: Spanned<Duration>,
    /// How many times the measured rate there may be. Default 2.
    pub headroom: Spanned<f64>,
    /// Failures at these stages lower the rate. Default all.
    pub stages: Vec<Stage>,
}

/// A window of connections with additive increase and multiplicative decrease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AimdWindow {
    /// The connections it starts with. Default 5.
    pub initial: Spanned<u32>,
    /// The fewest. Default 1.
    pub min: Spanned<u32>,
    /// The most. Default 20.
    pub max: Spanned<u32>,
    /// What is added. Default 1.
    pub increase: Spanned<f64>,
    /// For what it is added. Default a window of successes.
    pub per: Per,
    /// By what a failure multiplies the window. Default 0.5.
    pub decrease: Spanned<f64>,
    /// It falls at most once in this time. Default 0 s: with each failure.
    pub settle: Spanned<Duration>,
    /// Failures at these stages close the window. Default all.
    pub stages: Vec<Stage>,
}

/// For what something is added to a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// For as many successes as the window is wide.
    #[default]
    Window,
    /// For each success.
    Success,
}

/// A rate of attempts with additive increase and multiplicative decrease.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AimdRate {
    /// The rate it starts with. Default one a second.
    pub initial: Spanned<Rate>,
    /// The least. Default one a minute.
    pub min: Spanned<Rate>,
    /// The greatest. Default a hundred a second.
    pub max: Spanned<Rate>,
    /// What a success adds. Default a tenth a second.
    pub increase: Spanned<Rate>,
    /// By what a failure multiplies the rate. Default 0.5.
    pub decrease: Spanned<f64>,
    /// It rises at most once in this time, and falls at most once. Default 10 s.
    pub every: Spanned<Duration>,
    /// Failures at these stages lower the rate. Default all.
    pub stages: Vec<Stage>,
}

impl Default for RetryBudget {
    /// The example of gRPC.
    fn default() -> Self {
        Self {
            capacity: Spanned::unwritten(10.0),
            per_first_try: Spanned::unwritten(0.0),
            per_success: Spanned::unwritten(0.1),
            per_late_success: None,
            per_retry: Spanned::unwritten(0.0),
            per_failure: Spanned::unwritten(1.0),
            refill: None,
            above: Spanned::unwritten(5.0),
            forget: None,
            stages: Stage::ALL.to_vec(),
            suppressed: Spanned::unwritten(Suppressed::Counts),
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            trips: Spanned::unwritten(Trips::Consecutive(Spanned::unwritten(5))),
            open_for: millis(60_000),
            factor: Spanned::unwritten(1.0),
            max_open_for: None,
            probes: one(),
            stages: Stage::ALL.to_vec(),
            suppressed: Spanned::unwritten(Suppressed::Counts),
        }
    }
}

impl Default for ClientThrottle {
    /// The numbers of "Site Reliability Engineering".
    fn default() -> Self {
        Self {
            ratio: Spanned::unwritten(2.0),
            window: millis(120_000),
            stages: Stage::ALL.to_vec(),
            suppressed: Spanned::unwritten(Suppressed::Counts),
        }
    }
}

impl Default for AdaptiveThrottle {
    /// The numbers of botocore.
    fn default() -> Self {
        Self {
            min_rate: rate(0.5),
            decrease: Spanned::unwritten(0.7),
            scale: Spanned::unwritten(0.4),
            smoothing: Spanned::unwritten(0.8),
            measured_over: millis(500),
            headroom: Spanned::unwritten(2.0),
            stages: Stage::ALL.to_vec(),
        }
    }
}

impl Default for AimdWindow {
    fn default() -> Self {
        Self {
            initial: Spanned::unwritten(5),
            min: one(),
            max: Spanned::unwritten(20),
            increase: Spanned::unwritten(1.0),
            per: Per::default(),
            decrease: Spanned::unwritten(0.5),
            settle: millis(0),
            stages: Stage::ALL.to_vec(),
        }
    }
}

impl Default for AimdRate {
    fn default() -> Self {
        Self {
            initial: rate(1.0),
            min: Spanned::unwritten(Rate::new(1.0, Span::from_seconds(60)).expect("it is a rate")),
            max: rate(100.0),
            increase: rate(0.1),
            decrease: Spanned::unwritten(0.5),
            every: millis(10_000),
            stages: Stage::ALL.to_vec(),
        }
    }
}

/// An unwritten rate per second, for defaults.
fn rate(per_second: f64) -> Spanned<Rate> {
    Spanned::unwritten(Rate::new(per_second, Span::SECOND).expect("no default is negative"))
}
