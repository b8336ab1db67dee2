//! Rates: `400/min`, `20/s`, `25/5m`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;
use super::duration::{self, Duration};
use super::error::{Problem, Quantity, QuantityError};
use super::text;
use crate::time::Span;

/// So many events in so much time, kept the way it was written: `25/5m` is not the same value as
/// `5/m`, although both are as many per second.
///
/// A number, a slash, and a unit (`us`, `ms`, `s`, `m` or `min`, `h`, `d`, `w`) or a whole [`Duration`].
///
/// ```
/// use tempfail::quantity::Rate;
///
/// assert_eq!("1200/h".parse::<Rate>()?.per_second(), 1.0 / 3.0);
/// assert_eq!("25/5m".parse::<Rate>()?.per_second(), 25.0 / 300.0);
/// assert_eq!("400/m".parse::<Rate>()?.to_string(), "400/min");
/// # Ok::<(), tempfail::quantity::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    count: f64,
    per: Span,
}

impl Rate {
    /// The rate of `count` events in `per`; `None` for a count that is negative or not finite, and
    /// for a span that is not longer than zero.
    pub fn new(count: f64, per: Span) -> Option<Self> {
        // Adding zero turns -0.0, which would print a sign, into 0.0.
        (count.is_finite() && count >= 0.0 && per > Span::ZERO).then_some(Self { count: count + 0.0, per })
    }

    /// How many events, as written.
    pub const fn count(self) -> f64 {
        self.count
    }

    /// In how much time, as written; longer than zero.
    pub const fn per(self) -> Span {
        self.per
    }

    /// Events per second.
    pub fn per_second(self) -> f64 {
        self.count / self.per.as_seconds()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = match self.per.as_micros() {
            1 => "us".to_owned(),
            1_000 => "ms".to_owned(),
            1_000_000 => "s".to_owned(),
            60_000_000 => "min".to_owned(),
            3_600_000_000 => "h".to_owned(),
            86_400_000_000 => "d".to_owned(),
            _ => self.per.to_string(),
        };
        f.pad(&format!("{}/{per}", self.count))
    }
}

impl FromStr for Rate {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        text::refuse_empty_and_spaces(text, Quantity::Rate)?;
        let Some((number, per)) = text.split_once('/') else {
            return Err(without_slash(text));
        };
        let count = count(number)?;
        let start = number.len() + 1;
        let per = period(number, per, start)?;
        Rate::new(count, per)
            .ok_or_else(|| error(Problem::ZeroPeriod, start..text.len(), format!("\"{number}/s\"")))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, Quantity::Rate)
    }
}

fn without_slash(text: &str) -> QuantityError {
    match count(text) {
        Ok(_) => error(Problem::MissingUnit, 0..text.len(), format!("\"{text}/s\" or \"{text}/min\"")),
        Err(error) if !matches!(error.problem, Problem::NotANumber | Problem::MissingNumber) => error,
        Err(_) => {
            error(Problem::MissingUnit, 0..text.len(), format!("for example {}", Quantity::Rate.examples()))
        }
    }
}

fn count(number: &str) -> Result<f64, QuantityError> {
    let example = || Quantity::Rate.example();
    if number.starts_with(['-', '\u{2212}']) {
        let sign = number.chars().next().map_or(0, char::len_utf8);
        return Err(error(Problem::Negative, 0..sign, example()));
    }
    let parsed = number.parse::<f64>().ok().filter(|_| decimal::is_decimal(number));
    let count = parsed.ok_or_else(|| error(decimal::problem(number), 0..number.len(), example()))?;
    if count.is_infinite() {
        return Err(error(Problem::TooLarge, 0..number.len(), example()));
    }
    Ok(count)
}

/// The time after the slash, which starts at byte `start`.
fn period(number: &str, per: &str, start: usize) -> Result<Span, QuantityError> {
    if per.is_empty() {
        let remedy = format!("\"{number}/s\" or \"{number}/min\"");
        return Err(error(Problem::MissingUnit, 0..start, remedy));
    }
    let unit = if per == "min" { Some(60_000_000) } else { duration::unit(per) };
    if let Some(micros) = unit {
        return Ok(Span::from_micros(micros));
    }
    if per.starts_with(char::is_alphabetic) {
        let (problem, meant) = duration::unknown_unit(per);
        let remedy = match problem {
            Problem::NoFixedLength => format!("count days, as in \"{number}/30d\""),
            _ => format!("\"{number}/{}\"", meant.unwrap_or("s")),
        };
        return Err(error(problem, start..start + per.len(), remedy));
    }
    let parsed = per.parse::<Duration>().map(Duration::span);
    parsed.map_err(|inner| {
        let range = start + inner.range.start..start + inner.range.end;
        error(inner.problem, range, format!("{} after the slash", inner.remedy))
    })
}

fn error(problem: Problem, range: Range<usize>, remedy: String) -> QuantityError {
    QuantityError { quantity: Quantity::Rate, problem, range, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> (Problem, Range<usize>, String) {
        let error = text.parse::<Rate>().expect_err(text);
        (error.problem(), error.range(), error.remedy().to_owned())
    }

    #[test]
    fn kept_as_written() {
        for text in ["400/min", "20/s", "1200/h", "7000/d", "25/5m", "0.5/s", "0/s", "3/7d", "1/250ms"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        let rate: Rate = "25/5m".parse().unwrap();
        assert_eq!((rate.count(), rate.per()), (25.0, Span::from_seconds(300)));
        assert_ne!(rate, "5/m".parse().unwrap());
        assert_eq!("400/m".parse::<Rate>().unwrap(), "400/min".parse().unwrap());
    }

    #[test]
    fn refused_with_a_place_and_a_remedy() {
        for (text, problem, range, remedy) in [
            ("400", Problem::MissingUnit, 0..3, r#""400/s" or "400/min""#),
            ("400/", Problem::MissingUnit, 0..4, r#""400/s" or "400/min""#),
            ("400/5", Problem::MissingUnit, 4..5, r#""5s" or "5m" after the slash"#),
            ("400/1h30", Problem::MissingUnit, 6..8, r#""1h30m" after the slash"#),
            ("many", Problem::MissingUnit, 0..4, r#"for example "20/s", "400/min" or "25/5m""#),
            ("400/hour", Problem::UnknownUnit, 4..8, r#""400/h""#),
            ("400/month", Problem::NoFixedLength, 4..9, r#"count days, as in "400/30d""#),
            ("400/0s", Problem::ZeroPeriod, 4..6, r#""400/s""#),
            ("400/-1s", Problem::Negative, 4..5, r#"for example "5m" after the slash"#),
            ("-4/s", Problem::Negative, 0..1, r#"for example "400/min""#),
            ("/s", Problem::MissingNumber, 0..0, r#"for example "400/min""#),
            ("1e3/s", Problem::NotANumber, 0..3, r#"for example "400/min""#),
            ("+4/s", Problem::NotANumber, 0..2, r#"for example "400/min""#),
            ("400 /min", Problem::Space, 3..4, r#""400/min""#),
            (" ", Problem::Empty, 0..1, r#"for example "20/s", "400/min" or "25/5m""#),
        ] {
            assert_eq!(refused(text), (problem, range, remedy.to_owned()), "{text}");
        }
        assert_eq!(refused(&format!("1{}/s", "0".repeat(400))).0, Problem::TooLarge);
    }

    #[test]
    fn made_of_numbers() {
        assert_eq!(Rate::new(-0.0, Span::SECOND).unwrap().to_string(), "0/s");
        assert_eq!(Rate::new(1.0, Span::ZERO), None);
        assert_eq!(Rate::new(f64::INFINITY, Span::SECOND), None);
        assert_eq!(Rate::new(-1.0, Span::SECOND), None);
    }

    proptest! {
        #[test]
        fn printed_rates_read_back(count in 0.0..=f64::MAX, small in 0.0..1e6, per in 1..=i64::MAX, shift in 0u32..63) {
            for count in [count, small] {
                let rate = Rate::new(count, Span::from_micros((per >> shift).max(1))).unwrap();
                prop_assert_eq!(rate.to_string().parse::<Rate>(), Ok(rate));
                let text = serde_json::to_string(&rate).unwrap();
                prop_assert_eq!(serde_json::from_str::<Rate>(&text).unwrap(), rate);
            }
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place(text in "\\PC*|[0-9.]{0,5}/?[a-zµ0-9.-]{0,6}") {
            if let Err(error) = text.parse::<Rate>() {
                prop_assert!(text.get(error.range()).is_some());
                prop_assert!(!error.remedy().is_empty());
            }
        }
    }
}
