//! What a host remembers of a destination, as written.

use std::num::NonZeroU32;

use crate::scenario::Spanned;
use serde::{Deserialize, Serialize};

use super::{Stage, millis, one};
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
}

/// A retry record per host, run by the policy's backoff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostRecord {
    /// Failures at these stages are the host's; others are the message's own.
    pub stages: Vec<Stage>,
    /// Whether a message older than the last cutoff is tried although the host is not due. Default yes.
    pub ultimate: bool,
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

/// A failure that is believed for a while, by a queue run or by all of a host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostStatus {
    /// Who knows of a failure. Default: the run that met it.
    pub shared: Shared,
    /// For how long it is believed. Default 30 min.
    pub keep: Spanned<Duration>,
    /// Failures at these stages are the host's.
    pub stages: Vec<Stage>,
}

/// Who knows of a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shared {
    /// The queue run that met it.
    #[default]
    Run,
    /// All processes of the host (`HostStatusDirectory`).
    Host,
}

/// A route that is switched off for a while; longer, the more often that comes in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoutePenalty {
    /// For so long times the penalty squared. Default 15 s.
    pub base: Spanned<Duration>,
    /// But at most for this long. Default 1 h.
    pub max: Spanned<Duration>,
    /// Failures at these stages are the route's.
    pub stages: Vec<Stage>,
}

/// Connects in a row that time out have the host left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectTimeouts {
    /// So many. Default 2.
    pub timeouts: Spanned<u32>,
    /// A timeout sooner after the last that counted does not count. Default 120 s.
    pub apart: Spanned<Duration>,
    /// For how long at least. Default 3840 s.
    pub least: Spanned<Duration>,
    /// For how long at most. Default 5824 s.
    pub most: Spanned<Duration>,
    /// In which steps each message draws between the two. Default 64 s.
    pub step: Spanned<Duration>,
}

/// Failed connections in a row put all mail in line off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsecutiveFailures {
    /// A failure after more than so many others in a row does. Default 100.
    pub failures: Spanned<u32>,
    /// Failures at these stages are those of connections.
    pub stages: Vec<Stage>,
}

/// A feedback of a concurrency window: `"1/n"`, `"1/concurrency"` or `"1/sqrt-concurrency"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Feedback {
    /// One over a fixed number; `"1"` is one over 1.
    OverNumber(NonZeroU32),
    /// One over the window.
    OverConcurrency,
    /// One over the square root of the window.
    OverRootOfConcurrency,
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
        Self { stages: host_stages(), ultimate: true }
    }
}

impl Default for DeadSite {
    /// The defaults of Postfix.
    fn default() -> Self {
        Self {
            window: Spanned::unwritten(5),
            limit: Spanned::unwritten(20),
            cohorts: Spanned::unwritten(1.0),
            positive: Feedback::OverNumber(NonZeroU32::MIN),
            negative: Feedback::OverNumber(NonZeroU32::MIN),
            hysteresis: one(),
            retry_after: millis(300_000),
            stages: host_stages(),
            suppressed: Suppressed::default(),
        }
    }
}

impl Default for HostStatus {
    /// The defaults of sendmail.
    fn default() -> Self {
        Self { shared: Shared::default(), keep: millis(1_800_000), stages: host_stages() }
    }
}

impl Default for RoutePenalty {
    /// The constants of OpenSMTPD.
    fn default() -> Self {
        Self { base: millis(15_000), max: millis(3_600_000), stages: host_stages() }
    }
}

impl Default for ConnectTimeouts {
    /// The constants of qmail.
    fn default() -> Self {
        Self {
            timeouts: Spanned::unwritten(2),
            apart: millis(120_000),
            least: millis(3_840_000),
            most: millis(5_824_000),
            step: millis(64_000),
        }
    }
}

impl Default for ConsecutiveFailures {
    /// The default of KumoMTA.
    fn default() -> Self {
        Self { failures: Spanned::unwritten(100), stages: host_stages() }
    }
}

impl TryFrom<String> for Feedback {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let divisor = if text == "1" { "1" } else { text.strip_prefix("1/").unwrap_or_default() };
        match divisor {
            "concurrency" => Ok(Self::OverConcurrency),
            "sqrt-concurrency" => Ok(Self::OverRootOfConcurrency),
            number => number.parse().map(Self::OverNumber).map_err(|_| {
                format!(
                    "`{text}` is no feedback: write \"1\", \"1/8\" (any whole number), \"1/concurrency\" or \
                     \"1/sqrt-concurrency\""
                )
            }),
        }
    }
}

impl From<Feedback> for String {
    fn from(feedback: Feedback) -> Self {
        match feedback {
            Feedback::OverNumber(NonZeroU32::MIN) => "1".to_owned(),
            Feedback::OverNumber(number) => format!("1/{number}"),
            Feedback::OverConcurrency => "1/concurrency".to_owned(),
            Feedback::OverRootOfConcurrency => "1/sqrt-concurrency".to_owned(),
        }
    }
}

fn host_stages() -> Vec<Stage> {
    vec![Stage::Refused, Stage::Timeout, Stage::Greeting]
}
