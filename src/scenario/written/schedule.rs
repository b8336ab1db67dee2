//! Windows of time in which something holds, as written.

use crate::scenario::Spanned;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::quantity::Duration;

/// The word for [`Reopen::AtOnce`].
const AT_ONCE: &str = "at-once";

/// A half-open interval of the run, `[from, until)`, counted from the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first instant inside.
    pub from: Spanned<Duration>,
    /// The first instant after it.
    pub until: Spanned<Duration>,
}

/// When a maintenance or a slowdown holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// One window.
    Once(Window),
    /// Several windows, in order and apart from each other.
    Windows(Spanned<Vec<Spanned<Window>>>),
    /// A window of the same length again and again until the horizon.
    Periodic(Periodic),
    /// Alternating up and down times, both exponential; starts up.
    Random(RandomOutages),
}

/// Windows that return with a fixed period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Periodic {
    /// Where the first window begins.
    pub first: Spanned<Duration>,
    /// From the beginning of one window to that of the next.
    pub every: Spanned<Duration>,
    /// The length of each window, shorter than `every`.
    pub lasts: Spanned<Duration>,
}

/// Windows at random: exponential up and down times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RandomOutages {
    /// The mean time between the end of a window and the next one.
    pub up: Spanned<Duration>,
    /// The mean length of a window.
    pub down: Spanned<Duration>,
}

/// How the capacity comes back at the end of a window: `"at-once"`, or a table of stages.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Reopen {
    /// All of it at once.
    #[default]
    AtOnce,
    /// In equal stages.
    InSteps(ReopenSteps),
}

/// Capacity that returns in equal stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenSteps {
    /// From the end of the window until all capacity is back.
    pub over: Spanned<Duration>,
    /// The number of stages, at least 1; the first comes at the end of the window.
    #[serde(default = "four")]
    pub steps: Spanned<u32>,
}

impl Serialize for Reopen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtOnce => serializer.serialize_str(AT_ONCE),
            Self::InSteps(steps) => steps.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Reopen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReopenVisitor)
    }
}

struct ReopenVisitor;

impl<'de> Visitor<'de> for ReopenVisitor {
    type Value = Reopen;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("\"at-once\" or a table such as { over = \"1h\", steps = 4 }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Reopen, E> {
        if text == AT_ONCE {
            return Ok(Reopen::AtOnce);
        }
        Err(E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reopen, A::Error> {
        ReopenSteps::deserialize(MapAccessDeserializer::new(map)).map(Reopen::InSteps)
    }
}

fn four() -> Spanned<u32> {
    Spanned::unwritten(4)
}
