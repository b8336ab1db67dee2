//! What programs other than Postfix and Exim remember of a destination, as written.

use serde::{Deserialize, Serialize};

use super::memory::host_stages;
use super::{Stage, millis};
use crate::quantity::Duration;
use crate::scenario::Spanned;

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
