//! Gates that count what is open: connections in all or of a client, waiting connections, and the
//! messages on one connection.

use serde::{Deserialize, Serialize};

use super::Uses;
use crate::quantity::Duration;
use crate::scenario::Spanned;
use crate::scenario::written::{millis, no_time};

/// Refuses connections while `limit` are open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionLimit {
    /// The most connections at once, at least 1.
    pub limit: Spanned<u32>,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Refuses connections of a client host that has `limit` open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientLimit {
    /// The most connections of one client at once, at least 1.
    pub limit: Spanned<u32>,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// The listen queue of the kernel: connections wait for a slot without an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backlog {
    /// How many wait at most. Default 128.
    #[serde(default = "default_backlog")]
    pub length: Spanned<u32>,
    /// The slot time spent on a waiting connection whose client gave up. Default 1 s.
    #[serde(default = "one_second")]
    pub abandoned_takes: Spanned<Duration>,
}

/// Ends a connection with 421 after so many messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesPerConnection {
    /// The most messages on one connection, at least 1.
    pub limit: Spanned<u32>,
}

fn default_backlog() -> Spanned<u32> {
    Spanned::unwritten(128)
}

fn one_second() -> Spanned<Duration> {
    millis(1_000)
}
