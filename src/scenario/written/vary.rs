//! What is drawn anew for each replication.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::quantity::{Amount, Range, RangeError, Scale};
use crate::scenario::Spanned;

/// What a key of the scenario is drawn from: a range, or a list of values that are equally likely.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Varied {
    /// `{ from, to, scale }`
    Between(Between),
    /// `[a, b, ...]`
    Among(Vec<Spanned<Plain>>),
}

/// A range to draw from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The least value.
    pub from: Spanned<Plain>,
    /// The greatest value.
    pub to: Spanned<Plain>,
    /// Whether the value is uniform or its logarithm is. Default: the value.
    #[serde(default)]
    pub scale: Spanned<Scale>,
}

/// A single value of any key.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Plain {
    /// A word, or a quantity with its unit.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Any other number.
    Number(f64),
    /// A truth value.
    Truth(bool),
}

impl Varied {
    /// The value that belongs to a uniform number from 0 to below 1, as `--set` takes it; `None` if there is
    /// nothing to draw from, which no checked scenario has.
    pub fn draw(&self, unit: f64) -> Option<String> {
        match self {
            Self::Between(between) => Some(between.range().ok()?.draw(unit).to_string()),
            Self::Among(values) => {
                let place = (unit * values.len() as f64) as usize;
                values.get(place.min(values.len().saturating_sub(1))).map(|value| value.as_change())
            }
        }
    }

    /// The values that must make sense if any does: both ends, or all of the list; as `--set` takes them.
    pub fn extremes(&self) -> Vec<String> {
        match self {
            Self::Between(between) => vec![between.from.as_change(), between.to.as_change()],
            Self::Among(values) => values.iter().map(|value| value.as_change()).collect(),
        }
    }
}

impl Between {
    /// The range.
    ///
    /// # Errors
    ///
    /// If the ends make none; words do not.
    pub fn range(&self) -> Result<Range, RangeError> {
        let (from, to) = (self.from.amount(), self.to.amount());
        let (from, to) = from.zip(to).ok_or(RangeError::Dimensions)?;
        Range::new(from, to, *self.scale)
    }
}

impl Plain {
    /// The quantity, where it is one.
    pub fn amount(&self) -> Option<Amount> {
        match self {
            Self::Text(text) => {
                // A number in quotes is a word: no key takes it.
                let quantity = text.parse::<Amount>().ok()?;
                (!matches!(quantity, Amount::Whole(_) | Amount::Number(_))).then_some(quantity)
            }
            Self::Whole(whole) => Some(Amount::Whole(*whole)),
            Self::Number(number) => number.is_finite().then_some(Amount::Number(*number)),
            Self::Truth(_) => None,
        }
    }

    /// The value as `--set` takes it.
    pub fn as_change(&self) -> String {
        match self {
            // Quoted, so that it stays a text.
            Self::Text(text) => toml::Value::from(text.as_str()).to_string(),
            Self::Whole(whole) => whole.to_string(),
            Self::Number(number) => format!("{number:?}"),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for Varied {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RangeOrList;

        impl<'de> Visitor<'de> for RangeOrList {
            type Value = Varied;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a range such as { from = \"1s\", to = \"30s\" }, or a list of values")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Varied, A::Error> {
                Between::deserialize(MapAccessDeserializer::new(map)).map(Varied::Between)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Varied, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Varied::Among)
            }
        }

        deserializer.deserialize_any(RangeOrList)
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyPlain;

        impl Visitor<'_> for AnyPlain {
            type Value = Plain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a single value: a string, a number, true or false")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Plain, E> {
                Ok(Plain::Text(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, whole: i64) -> Result<Plain, E> {
                Ok(Plain::Whole(whole))
            }

            fn visit_u64<E: Error>(self, whole: u64) -> Result<Plain, E> {
                i64::try_from(whole).map(Plain::Whole).map_err(|_| E::custom("this number is too large"))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Plain, E> {
                Ok(Plain::Number(number))
            }

            fn visit_bool<E: Error>(self, truth: bool) -> Result<Plain, E> {
                Ok(Plain::Truth(truth))
            }
        }

        deserializer.deserialize_any(AnyPlain)
    }
}
