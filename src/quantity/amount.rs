//! Any quantity that can be counted with: what a range of values is made of.

use std::fmt;
use std::str::FromStr;

use super::decimal;
use super::{Duration, Rate, Share, short};
use crate::time::Span;

/// A written value of which there is more and less.
///
/// ```
/// use tempfail::quantity::Amount;
///
/// assert_eq!("90s".parse::<Amount>()?.number(), 90.0);
/// assert_eq!("5%".parse::<Amount>()?.number(), 0.05);
/// assert_eq!("30/min".parse::<Amount>()?.number(), 0.5);
/// assert!("greeting".parse::<Amount>().is_err());
/// # Ok::<(), tempfail::quantity::NoAmount>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// A length of time.
    Duration(Duration),
    /// So many in so much time.
    Rate(Rate),
    /// A part of a whole.
    Share(Share),
    /// A whole number.
    Whole(i64),
    /// Any number; written with a decimal point.
    Number(f64),
}

/// What [`Amount`]s are counted in; only those of one dimension can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Seconds.
    Time,
    /// Per second.
    PerTime,
    /// A part, from 0 to 1.
    Part,
    /// Nothing.
    Plain,
}

/// A text that is a word and no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAmount;

impl Amount {
    /// The amount in its dimension: seconds, per second, a part from 0 to 1, or the number.
    pub fn number(self) -> f64 {
        match self {
            Self::Duration(duration) => duration.span().as_seconds(),
            Self::Rate(rate) => rate.per_second(),
            Self::Share(share) => share.fraction(),
            Self::Whole(whole) => whole as f64,
            Self::Number(number) => number,
        }
    }

    /// What it is counted in.
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Duration(_) => Dimension::Time,
            Self::Rate(_) => Dimension::PerTime,
            Self::Share(_) => Dimension::Part,
            Self::Whole(_) | Self::Number(_) => Dimension::Plain,
        }
    }

    /// The amount of the same kind and unit nearest to `number`, which is in the dimension: durations to the
    /// microsecond, whole numbers to the next. What the kind cannot hold ends at its edge.
    pub(super) fn like(self, number: f64) -> Self {
        match self {
            Self::Duration(_) => {
                let span = Span::from_seconds_f64(number).max(Span::ZERO);
                Duration::new(span).map_or(self, Self::Duration)
            }
            Self::Rate(rate) => {
                Rate::new(number * rate.per().as_seconds(), rate.per()).map_or(self, Self::Rate)
            }
            Self::Share(_) => {
                Share::from_percent((number * 100.0).clamp(0.0, 100.0)).map_or(self, Self::Share)
            }
            Self::Whole(_) => Self::Whole(number.round() as i64),
            Self::Number(_) => Self::Number(number),
        }
    }

    /// The amount with so many significant digits of its own unit; whole numbers and microseconds stay whole.
    pub(super) fn rounded(self, digits: usize) -> Self {
        match self {
            Self::Duration(duration) => self.like(significant(duration.span().as_seconds(), digits)),
            Self::Rate(rate) => {
                Rate::new(significant(rate.count(), digits), rate.per()).map_or(self, Self::Rate)
            }
            Self::Share(share) => {
                Share::from_percent(significant(share.percent(), digits)).map_or(self, Self::Share)
            }
            Self::Whole(_) => self,
            Self::Number(number) => Self::Number(significant(number, digits)),
        }
    }
}

/// As it is written in a scenario.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration(duration) => f.write_str(&written(*duration)),
            Self::Rate(rate) => rate.fmt(f),
            Self::Share(share) => share.fmt(f),
            Self::Whole(whole) => whole.fmt(f),
            // With a point, so that it reads back as the same kind.
            Self::Number(number) => write!(f, "{number:?}"),
        }
    }
}

impl FromStr for Amount {
    type Err = NoAmount;

    fn from_str(text: &str) -> Result<Self, NoAmount> {
        if let Ok(whole) = text.parse() {
            return Ok(Self::Whole(whole));
        }
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        if let Some(number) = text.parse().ok().filter(|_| decimal::is_decimal(unsigned)) {
            return Ok(Self::Number(number));
        }
        let duration = text.parse().map(Self::Duration);
        let rate = || text.parse().map(Self::Rate);
        let share = || text.parse().map(Self::Share);
        duration.or_else(|_| rate()).or_else(|_| share()).map_err(|_| NoAmount)
    }
}

impl fmt::Display for NoAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither a duration, a rate, a share nor a number")
    }
}

impl std::error::Error for NoAmount {}

/// Below a minute in one unit, where that says it exactly: `17.9s` and not `17s900ms`.
fn written(duration: Duration) -> String {
    let in_one_unit = short(duration.span());
    let is_exact = in_one_unit.parse() == Ok(duration);
    if is_exact && duration.span() < Span::from_seconds(60) { in_one_unit } else { duration.to_string() }
}

/// A number rounded to so many significant decimal digits.
fn significant(number: f64, digits: usize) -> f64 {
    format!("{number:.*e}", digits.saturating_sub(1)).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart_and_written_as_they_were() {
        for (text, dimension, number) in [
            ("10s", Dimension::Time, 10.0),
            ("1h30m", Dimension::Time, 5_400.0),
            ("25/5m", Dimension::PerTime, 25.0 / 300.0),
            ("0.5%", Dimension::Part, 0.005),
            ("-3", Dimension::Plain, -3.0),
            ("1.5", Dimension::Plain, 1.5),
            ("2.0", Dimension::Plain, 2.0),
        ] {
            let amount: Amount = text.parse().expect(text);
            assert_eq!((amount.dimension(), amount.number()), (dimension, number), "{text}");
            assert_eq!(amount.to_string(), text);
        }
        for word in ["", "greeting", "true", "1e3", "10 s", "NaN", "1.", "."] {
            assert_eq!(word.parse::<Amount>(), Err(NoAmount), "{word}");
        }
    }

    #[test]
    fn rounding_keeps_the_kind() {
        let rounded = |text: &str, number: f64, digits| {
            text.parse::<Amount>().expect("an amount").like(number).rounded(digits).to_string()
        };
        assert_eq!(rounded("1s", 17.889, 3), "17.9s");
        assert_eq!(rounded("1s", 1234.5, 3), "20m30s");
        assert_eq!(rounded("1s", 12.345_678, 6), "12s345ms700us");
        assert_eq!(rounded("1/min", 1.0 / 7.0, 3), "8.57/min");
        assert_eq!(rounded("1%", 0.012_345, 3), "1.23%");
        assert_eq!(rounded("1", 31.6, 3), "32");
        assert_eq!(rounded("1.0", 31.62, 3), "31.6");
        assert_eq!(rounded("1%", 7.0, 3), "100%");
    }
}
