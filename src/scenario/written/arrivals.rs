//! Sources of mail, as written. Rates and counts are for a whole population of hosts.

use crate::scenario::Spanned;
use serde::{Deserialize, Serialize};

use super::{Distribution, no_time};
use crate::quantity::{Duration, Rate};

/// One source of messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// A Poisson process.
    Poisson(Poisson),
    /// Many messages at once.
    Burst(Burst),
    /// A Poisson process whose rate follows the hour of the day; the run starts at hour 0.
    Daily(Daily),
    /// A Poisson process whose rate changes at random.
    MarkovModulated(MarkovModulated),
    /// Arrivals listed in a CSV file.
    Trace(Trace),
    /// Messages that already wait at the start, each after one failed attempt.
    Queued(Queued),
}

/// A Poisson process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poisson {
    /// The mean rate.
    pub rate: Spanned<Rate>,
    /// Where it starts. Default 0 s.
    #[serde(default = "no_time")]
    pub from: Spanned<Duration>,
    /// Where it ends. Default: the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Spanned<Duration>>,
}

/// A number of messages at one instant, or spread evenly at random over an interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// How many, at least 1.
    pub messages: Spanned<u32>,
    /// Where it starts.
    pub at: Spanned<Duration>,
    /// How long it lasts. Default 0 s: all at the same instant.
    #[serde(default = "no_time")]
    pub over: Spanned<Duration>,
}

/// A Poisson process with a profile of the day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daily {
    /// The mean rate over a day.
    pub rate: Spanned<Rate>,
    /// Relative weights of the 24 hours, not negative, not all zero.
    pub profile: Spanned<Vec<f64>>,
    /// Where it starts. Default 0 s.
    #[serde(default = "no_time")]
    pub from: Spanned<Duration>,
    /// Where it ends. Default: the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Spanned<Duration>>,
}

/// A Poisson process that visits its states in a cycle and stays in each for an exponential time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkovModulated {
    /// The rate in each state.
    pub rates: Spanned<Vec<Rate>>,
    /// The mean stay in each state; as many as `rates`.
    pub stays: Spanned<Vec<Spanned<Duration>>>,
    /// Where it starts, in the first state. Default 0 s.
    #[serde(default = "no_time")]
    pub from: Spanned<Duration>,
    /// Where it ends. Default: the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Spanned<Duration>>,
}

/// Arrivals from a CSV file with the columns `t_seconds` and, if wanted, `host` and `recipient`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// The file, relative to the scenario's.
    pub file: Spanned<String>,
}

/// Messages that already wait at time zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queued {
    /// How many, at least 1.
    pub messages: Spanned<u32>,
    /// How long before the start each arrived and was tried once. Default 0 s.
    #[serde(default = "no_age")]
    pub age: Spanned<Distribution>,
}

impl Arrivals {
    /// The tag that names this kind of source in a file.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::Poisson(_) => "poisson",
            Self::Burst(_) => "burst",
            Self::Daily(_) => "daily",
            Self::MarkovModulated(_) => "markov-modulated",
            Self::Trace(_) => "trace",
            Self::Queued(_) => "queued",
        }
    }
}

fn no_age() -> Spanned<Distribution> {
    Spanned::unwritten(Distribution::Constant(no_time()))
}
