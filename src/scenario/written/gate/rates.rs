//! Gates that count what comes in a while: connections and messages.

use serde::{Deserialize, Serialize};

use super::{TransactionStage, Uses};
use crate::quantity::{Duration, Rate};
use crate::scenario::Spanned;
use crate::scenario::written::no_time;

/// How a rate limit lets bursts through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateShape {
    /// Counts in windows of the rate's period, one after the other.
    FixedWindow,
    /// Tokens that flow in at the rate up to a burst; one is needed.
    TokenBucket(TokenBucket),
}

/// The size of a token bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenBucket {
    /// The most tokens, at least 1. Default: the count of the rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<Spanned<f64>>,
}

/// What a rate limit counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// What it let through.
    #[default]
    Accepted,
    /// Whatever was tried, refused or not (Postfix' anvil).
    Attempts,
}

/// Whose traffic a rate limit adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// That of all clients together.
    #[default]
    All,
    /// That of each client host alone.
    Client,
}

/// Refuses connections above a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionRate {
    /// The rate.
    pub rate: Spanned<Rate>,
    /// Bucket or window.
    #[serde(default)]
    pub shape: RateShape,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
    /// Over whom.
    #[serde(default)]
    pub scope: Scope,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Refuses messages above a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRate {
    /// The rate.
    pub rate: Spanned<Rate>,
    /// Bucket or window.
    #[serde(default)]
    pub shape: RateShape,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
    /// Over whom.
    #[serde(default)]
    pub scope: Scope,
    /// Where the reply is given. Default `mail`.
    #[serde(default = "at_mail")]
    pub stage: TransactionStage,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

impl Default for RateShape {
    fn default() -> Self {
        Self::TokenBucket(TokenBucket::default())
    }
}

fn at_mail() -> TransactionStage {
    TransactionStage::Mail
}
