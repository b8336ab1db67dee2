//! Populations of sending hosts, as written.

use std::fmt;

use crate::scenario::Spanned;
use indexmap::IndexMap;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::{Arrivals, Policy, one};
use crate::quantity::{Duration, Rate};

/// The word that stands for the compared policy of a variant.
const COMPARED: &str = "compared";

/// Sending hosts that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// How many hosts, at least 1. Default 1.
    #[serde(default = "one")]
    pub hosts: Spanned<u32>,
    /// How they retry.
    pub policy: Spanned<PopulationPolicy>,
    /// How messages are spread over the hosts.
    #[serde(default)]
    pub share: Spanned<MessageShare>,
    /// Where their mail goes; may be omitted where there is one recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Spanned<Destination>>,
    /// Sources of mail by name.
    #[serde(default)]
    pub arrivals: IndexMap<Spanned<String>, Spanned<Arrivals>>,
    /// Times at which an operator flushes all queues, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub flushes: IndexMap<Spanned<String>, Flush>,
}

/// The policy of a population.
#[derive(Clone, Debug, PartialEq)]
pub enum PopulationPolicy {
    /// `"compared"`: the policy of the variant.
    Compared,
    /// One of its own, the same in all variants.
    Own {
        /// The name under which the scenario refers to it, if it does so by name.
        name: Option<String>,
        /// The policy, resolved.
        policy: Box<Policy>,
    },
}

/// How the messages of a population are spread over its hosts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageShare {
    /// Each host is equally likely.
    #[default]
    Equal,
    /// Host k (from 1) with a weight of k to the power of minus this exponent, 0..=10.
    Zipf(Spanned<f64>),
}

/// To which recipient servers mail goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Destination {
    /// All to one.
    One(String),
    /// To several with these relative weights.
    Weights(IndexMap<Spanned<String>, Spanned<f64>>),
}

/// A flush: all mail that waits is tried again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flush {
    /// When.
    pub at: Spanned<Duration>,
    /// How fast per host; `None` is all at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Spanned<Rate>>,
    /// Whether what the hosts remember of their destinations is forgotten, too. Default no.
    #[serde(default)]
    pub clear_host_state: bool,
}

impl Serialize for PopulationPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Compared => serializer.serialize_str(COMPARED),
            Self::Own { policy, .. } => policy.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PopulationPolicy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = PopulationPolicy;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"compared\", the name of a policy or a policy table")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                // Names are replaced by tables before this.
                if text == COMPARED {
                    return Ok(PopulationPolicy::Compared);
                }
                Err(E::invalid_value(de::Unexpected::Str(text), &self))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let policy = Policy::deserialize(MapAccessDeserializer::new(map))?;
                Ok(PopulationPolicy::Own { name: None, policy: Box::new(policy) })
            }
        }

        deserializer.deserialize_any(Written)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = Destination;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of a recipient, or a table of names and weights")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Destination::One(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                IndexMap::deserialize(MapAccessDeserializer::new(map)).map(Destination::Weights)
            }
        }

        deserializer.deserialize_any(Written)
    }
}
