//! How often every variant is repeated, as written: a number, or until the comparison is precise.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::millis;
use crate::quantity::{Duration, Share};
use crate::scenario::Spanned;

/// How many replications every variant gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Replications {
    /// So many, at least 2.
    Count(u32),
    /// As many as a wanted precision takes.
    Until(Until),
}

/// Replications until the comparison is as precise as wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// Largest half width of a difference in a primary metric, as a part of the baseline's mean.
    pub precision: Spanned<Share>,
    /// What is precise enough where that mean is near zero.
    #[serde(default)]
    pub near_zero: NearZero,
    /// The first look comes after so many, at least 10. Default 30.
    #[serde(default = "thirty")]
    pub at_least: Spanned<u32>,
    /// No more than these, precise or not. Default 1000.
    #[serde(default = "thousand")]
    pub at_most: Spanned<u32>,
}

/// Half widths that are small enough whatever the mean, one for each primary metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NearZero {
    /// Of the restricted mean. Default 1 s.
    pub restricted_mean: Spanned<Duration>,
    /// Of the retry connections per message. Default 0.01.
    pub retry_connections: Spanned<f64>,
}

impl Replications {
    /// The most that are run.
    pub fn at_most(&self) -> u32 {
        match self {
            Self::Count(count) => *count,
            Self::Until(until) => *until.at_most,
        }
    }
}

impl fmt::Display for Replications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Until(until) => write!(f, "{} to {}", until.at_least, until.at_most),
        }
    }
}

impl Default for NearZero {
    fn default() -> Self {
        Self { restricted_mean: millis(1_000), retry_connections: Spanned::unwritten(0.01) }
    }
}

impl<'de> Deserialize<'de> for Replications {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = Replications;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a whole number from 2 to 100000, or a table such as { precision = \"5%\" }")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Replications, E> {
                let count = u32::try_from(number);
                count
                    .map(Replications::Count)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Replications, E> {
                let count = u32::try_from(number);
                count
                    .map(Replications::Count)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Replications, A::Error> {
                Until::deserialize(MapAccessDeserializer::new(map)).map(Replications::Until)
            }
        }

        deserializer.deserialize_any(Written)
    }
}

fn thirty() -> Spanned<u32> {
    Spanned::unwritten(30)
}

fn thousand() -> Spanned<u32> {
    Spanned::unwritten(1000)
}
