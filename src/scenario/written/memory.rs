//! What a host remembers of a destination, as written.

use crate::scenario::Spanned;
use serde::{Deserialize, Serialize};

use super::{
    AdaptiveThrottle, AimdRate, AimdWindow, CircuitBreaker, ClientThrottle, ConnectTimeouts,
    ConsecutiveFailures, HostStatus, RetryBudget, RoutePenalty, Stage, millis, one,
};
use crate::quantity::Duration;

/// What a sending host remembers of a destination, and when it therefore holds mail back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// Nothing.
    #[default]
    None,
    /// A retry record per host that its messages share (Exim).
    HostRecord(HostRecord),
    /// A window of connections that moves with success and failure, and a dead state (Postfix).
    DeadSite(DeadSite),
    /// What a queue run or the whole host knows of a destination that failed (sendmail).
    HostStatus(HostStatus),
    /// A route that is switched off when its first connection fails (OpenSMTPD).
    RoutePenalty(RoutePenalty),
    /// Hosts whose connects time out are left alone for a while (qmail).
    ConnectTimeouts(ConnectTimeouts),
    /// Many failed connections in a row put all mail in line off (KumoMTA).
    ConsecutiveFailures(ConsecutiveFailures),
    /// A bucket of tokens for retries (gRPC, Finagle).
    RetryBudget(RetryBudget),
    /// Nothing is sent for a while after too many failures.
    CircuitBreaker(CircuitBreaker),
    /// What is likely to be refused is held back (Site Reliability Engineering).
    ClientThrottle(ClientThrottle),
    /// A rate that falls with failures and rises along a cubic (botocore).
    AdaptiveThrottle(AdaptiveThrottle),
    /// A window of connections with additive increase and multiplicative decrease.
    AimdWindow(AimdWindow),
    /// A rate of attempts with additive increase and multiplicative decrease.
    AimdRate(AimdRate),
}

/// A retry record per host, run by the policy's backoff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostRecord {
    /// Failures at these stages are the host's; others are the message's own.
    pub stages: Vec<Stage>,
    /// Whether a message older than the last cutoff is tried although the host is not due. Default yes.
    pub ultimate: bool,
    /// Whether mail for an expired host that is not due is given up without being tried. Default yes.
    pub delay_after_cutoff: bool,
    /// A record that was not written for so long is ignored. Default 7 d.
    pub forget_after: Spanned<Duration>,
}

/// A concurrency window with feedback, and a dead state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeadSite {
    /// The connections it starts with. Default 5.
    pub window: Spanned<u32>,
    /// The most connections. Default 20.
    pub limit: Spanned<u32>,
    /// How many windows' worth of failures make a site dead. Default 1.
    pub cohorts: Spanned<f64>,
    /// What a success adds to the window. Default 1.
    pub positive: Feedback,
    /// What a failure takes from it. Default 1.
    pub negative: Feedback,
    /// By how much the window then moves at once. Default 1.
    pub hysteresis: Spanned<u32>,
    /// How long a dead site is left alone. Default 300 s.
    pub retry_after: Spanned<Duration>,
    /// Failures at these stages are the site's.
    pub stages: Vec<Stage>,
    /// What being held back does to a message.
    pub suppressed: Suppressed,
}

/// A feedback of a concurrency window: a number from 0 to 1, alone or over something: `"1"`, `"1/8"`,
/// `"0.5/concurrency"` or `"1/sqrt-concurrency"`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Feedback {
    /// The number in front.
    pub value: f64,
    /// What it is divided by.
    pub over: Over,
}

/// What a feedback is divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Over {
    /// A number of its own, above 0.
    Number(f64),
    /// The window.
    Concurrency,
    /// The square root of the window.
    RootOfConcurrency,
}

/// What being held back by a memory does to a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suppressed {
    /// It is put off by its age, without an attempt being counted (Postfix).
    #[default]
    Ages,
    /// It counts as an attempt.
    Counts,
    /// It is as if nothing had happened: the message stays due.
    Unchanged,
}

impl Default for HostRecord {
    fn default() -> Self {
        Self {
            stages: host_stages(),
            ultimate: true,
            delay_after_cutoff: true,
            forget_after: millis(7 * 86_400_000),
        }
    }
}

impl Default for DeadSite {
    /// The defaults of Postfix.
    fn default() -> Self {
        Self {
            window: Spanned::unwritten(5),
            limit: Spanned::unwritten(20),
            cohorts: Spanned::unwritten(1.0),
            positive: Feedback::ONE,
            negative: Feedback::ONE,
            hysteresis: one(),
            retry_after: millis(300_000),
            stages: host_stages(),
            suppressed: Suppressed::default(),
        }
    }
}

impl Feedback {
    /// One, over nothing.
    pub const ONE: Self = Self { value: 1.0, over: Over::Number(1.0) };

    fn parse(text: &str) -> Option<Self> {
        let (value, over) = text.split_once('/').unwrap_or((text, "1"));
        let value = number(value)?;
        let over = match over {
            "concurrency" => Over::Concurrency,
            "sqrt-concurrency" => Over::RootOfConcurrency,
            divisor => Over::Number(number(divisor).filter(|divisor| *divisor > 0.0)?),
        };
        let greatest = match over {
            Over::Number(divisor) => value / divisor,
            Over::Concurrency | Over::RootOfConcurrency => value,
        };
        (greatest <= 1.0).then_some(Self { value, over })
    }
}

impl TryFrom<String> for Feedback {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| {
            format!(
                "`{text}` is no feedback: write a number from 0 to 1 such as \"1\" or \"1/8\", \
                 \"1/concurrency\" or \"1/sqrt-concurrency\""
            )
        })
    }
}

impl From<Feedback> for String {
    fn from(Feedback { value, over }: Feedback) -> Self {
        match over {
            Over::Number(1.0) => value.to_string(),
            Over::Number(divisor) => format!("{value}/{divisor}"),
            Over::Concurrency => format!("{value}/concurrency"),
            Over::RootOfConcurrency => format!("{value}/sqrt-concurrency"),
        }
    }
}

/// A number written with digits and a point.
fn number(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| plain)
}

pub(super) fn host_stages() -> Vec<Stage> {
    vec![Stage::Refused, Stage::Timeout, Stage::Greeting]
}
