//! What the results are expected to show, as written.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::metric::Unit;
use crate::quantity::{Duration, Share};
use crate::scenario::Spanned;

/// An entry of the table `expect`: a claim about one metric, either against numbers (`at_most`, `at_least`)
/// or against another variant (`below`, `above`, `same_as`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The variant it is about. Default: each one that is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<Spanned<String>>,
    /// The metric, one of [`NAMES`](crate::metric::NAMES).
    pub metric: Spanned<String>,
    /// The mean is not above this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Spanned<Threshold>>,
    /// The mean is not below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<Spanned<Threshold>>,
    /// The mean is below that of this variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below: Option<Spanned<String>>,
    /// The mean is above that of this variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<Spanned<String>>,
    /// By at least this part of the other's mean; with `below` and `above`. Default: by anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Spanned<Share>>,
    /// The mean is practically that of this variant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<Spanned<String>>,
    /// How far both may be apart, as a part of the other's mean; with `same_as`. Default:
    /// `compare.smallest_difference`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Spanned<Share>>,
}

impl Expectation {
    /// The variant it is compared with, if there is one.
    pub fn other(&self) -> Option<&Spanned<String>> {
        self.below.as_ref().or(self.above.as_ref()).or(self.same_as.as_ref())
    }
}

/// A number to compare a metric with, in the unit that suits it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A plain number: in the unit of the metric.
    Number(f64),
    /// For metrics in seconds.
    Duration(Duration),
    /// For metrics that are shares.
    Share(Share),
}

impl Threshold {
    /// The number in a unit; `None` where it is of another kind. A share has to be written as one, because 1 could
    /// be taken for one per cent.
    pub fn in_unit(self, unit: Unit) -> Option<f64> {
        match (self, unit) {
            (Self::Duration(duration), Unit::Seconds) => Some(duration.span().as_seconds()),
            (Self::Share(share), Unit::Share) => Some(share.fraction()),
            (Self::Number(_), Unit::Share) | (Self::Duration(_) | Self::Share(_), _) => None,
            (Self::Number(number), _) => Some(number),
        }
    }
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Duration(duration) => duration.serialize(serializer),
            Self::Share(share) => share.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrQuantity)
    }
}

struct NumberOrQuantity;

impl Visitor<'_> for NumberOrQuantity {
    type Value = Threshold;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number, a duration such as \"15m\" or a share such as \"2%\"")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Threshold, E> {
        Ok(Threshold::Number(number as f64))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Threshold, E> {
        Ok(Threshold::Number(number as f64))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Threshold, E> {
        Ok(Threshold::Number(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Threshold, E> {
        match text.ends_with('%') {
            true => text.parse().map(Threshold::Share).map_err(E::custom),
            false => text.parse().map(Threshold::Duration).map_err(E::custom),
        }
    }
}
