//! Durations: `5m`, `1h30m`, `250ms`, `2.5s`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;
use super::error::{Problem, Quantity, QuantityError};
use super::text;
use crate::time::Span;

/// A length of time as users write it; never negative.
///
/// One or more numbers, each with a unit (`us`, `ms`, `s`, `m`, `h`, `d` or `w`), from large to small, each
/// unit once, without spaces. Any number may have decimals, as long as the whole is a whole number of
/// microseconds. There are no months and no years, because they have no fixed length.
///
/// ```
/// use tempfail::quantity::Duration;
///
/// for text in ["0s", "30us", "250ms", "2.5s", "5m", "1h30m", "4d", "1w", "1.5h"] {
///     assert!(text.parse::<Duration>().is_ok());
/// }
/// assert_eq!("1.5h".parse::<Duration>()?.to_string(), "1h30m");
/// for text in ["300", "-5m", "1mo", "30m1h", "5 m", "0.3us"] {
///     assert!(text.parse::<Duration>().is_err());
/// }
/// # Ok::<(), tempfail::quantity::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(Span);

impl Duration {
    /// The duration of a span, `None` if that is negative.
    pub fn new(span: Span) -> Option<Self> {
        (span >= Span::ZERO).then_some(Self(span))
    }

    /// The span of simulated time.
    pub const fn span(self) -> Span {
        self.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Duration {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        text::refuse_empty_and_spaces(text, Quantity::Duration)?;
        let mut total: i64 = 0;
        let mut above: Option<i64> = None;
        let mut position = 0;
        while position < text.len() {
            let part = Part::at(text, position);
            let unit = part.unit(above)?;
            let micros = decimal::times(&text[part.number.clone()], unit);
            let micros = micros.map_err(|problem| part.number_error(problem, unit))?;
            let sum = total.checked_add(micros);
            total = sum.ok_or_else(|| part.error(Problem::TooLarge, 0..text.len(), example()))?;
            above = Some(unit);
            position = part.name.end;
        }
        Ok(Self(Span::from_micros(total)))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, Quantity::Duration)
    }
}

/// The units and their microseconds, from large to small.
const UNITS: [(&str, i64); 7] = [
    ("w", 604_800_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// The microseconds of a unit of time.
pub fn unit(name: &str) -> Option<i64> {
    UNITS.iter().find(|(known, _)| *known == name).map(|&(_, micros)| micros)
}

/// What is wrong with an unknown unit, and the unit that was probably meant.
pub fn unknown_unit(name: &str) -> (Problem, Option<&'static str>) {
    if matches!(name, "M" | "Y") {
        return (Problem::NoFixedLength, None);
    }
    let name = name.to_lowercase();
    if ["mo", "y"].iter().any(|start| name.starts_with(start)) {
        return (Problem::NoFixedLength, None);
    }
    let meant = match name.as_str() {
        "milli" | "millis" | "msec" | "msecs" | "millisecond" | "milliseconds" => "ms",
        "µs" | "μs" | "usec" | "usecs" | "micro" | "micros" | "microsecond" | "microseconds" => "us",
        // Known but for their capitals.
        "us" => "us",
        "ms" => "ms",
        _ => match name.chars().next() {
            Some('w') => "w",
            Some('d') => "d",
            Some('h') => "h",
            Some('m') => "m",
            Some('s') => "s",
            _ => return (Problem::UnknownUnit, None),
        },
    };
    (Problem::UnknownUnit, Some(meant))
}

/// What stands between the parts of a number as programs print it.
const EXPONENTS: [&str; 6] = ["e", "E", "e+", "E+", "e-", "E-"];

fn example() -> String {
    Quantity::Duration.example()
}

/// One number with its unit inside a text.
struct Part<'a> {
    text: &'a str,
    number: Range<usize>,
    name: Range<usize>,
}

impl<'a> Part<'a> {
    fn at(text: &'a str, start: usize) -> Self {
        let in_number = |letter: char| letter.is_ascii_digit() || letter == '.';
        let end_of = |start: usize, stop: &dyn Fn(char) -> bool| {
            text[start..].find(stop).map_or(text.len(), |length| start + length)
        };
        let middle = end_of(start, &|letter| !in_number(letter));
        Self { text, number: start..middle, name: middle..end_of(middle, &in_number) }
    }

    /// The microseconds of the unit, which must be smaller than the one `above`.
    fn unit(&self, above: Option<i64>) -> Result<i64, QuantityError> {
        let (number, name) = (&self.text[self.number.clone()], &self.text[self.name.clone()]);
        if number.is_empty() {
            return Err(self.without_number(name));
        }
        if name.is_empty() {
            return Err(self.error(Problem::MissingUnit, self.number.clone(), self.with_units(above)));
        }
        let Some(unit) = unit(name) else {
            if EXPONENTS.contains(&name) {
                return Err(self.error(Problem::NotANumber, self.number.start..self.name.end, example()));
            }
            let (problem, meant) = unknown_unit(name);
            let remedy = match (problem, meant) {
                (_, Some(meant)) => format!("{:?}", self.with_name(meant)),
                (Problem::NoFixedLength, None) => r#"count days, as in "30d""#.to_owned(),
                (_, None) => example(),
            };
            return Err(self.error(problem, self.name.clone(), remedy));
        };
        if above.is_some_and(|above| unit >= above) {
            return Err(self.error(
                Problem::UnitOrder,
                self.name.clone(),
                r#"for example "1h30m""#.to_owned(),
            ));
        }
        Ok(unit)
    }

    fn without_number(&self, name: &str) -> QuantityError {
        let start = self.number.start;
        let Some(sign) = name.chars().next().filter(|letter| matches!(letter, '-' | '\u{2212}')) else {
            let problem = if name.starts_with('+') { Problem::NotANumber } else { decimal::problem(name) };
            return self.error(problem, self.name.clone(), example());
        };
        self.error(Problem::Negative, start..start + sign.len_utf8(), example())
    }

    fn number_error(&self, problem: Problem, unit: i64) -> QuantityError {
        let remedy = match problem {
            Problem::TooFine if unit > 1 => r#"a smaller unit, as in "1500us""#.to_owned(),
            Problem::TooFine => r#""1us""#.to_owned(),
            _ => example(),
        };
        self.error(problem, self.number.clone(), remedy)
    }

    /// Texts with a unit in the place of the missing one.
    fn with_units(&self, above: Option<i64>) -> String {
        if let Some(above) = above {
            let below = UNITS.iter().find(|&&(_, micros)| micros < above).map_or("us", |&(name, _)| name);
            return format!("{:?}", self.with_name(below));
        }
        let seconds = self.with_name("s");
        match decimal::times(&self.text[self.number.clone()], 1_000_000) {
            Ok(0) => format!("{seconds:?}"),
            Ok(micros) if Span::from_micros(micros).to_string() != seconds => {
                format!("{seconds:?} or \"{}\"", Span::from_micros(micros))
            }
            Ok(_) => format!("{seconds:?} or {:?}", self.with_name("m")),
            Err(_) => example(),
        }
    }

    /// The text with another name in the place of this unit.
    fn with_name(&self, name: &str) -> String {
        format!("{}{name}{}", &self.text[..self.name.start], &self.text[self.name.end..])
    }

    fn error(&self, problem: Problem, range: Range<usize>, remedy: String) -> QuantityError {
        QuantityError { quantity: Quantity::Duration, problem, range, remedy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn micros(text: &str) -> i64 {
        text.parse::<Duration>().unwrap_or_else(|error| panic!("{text}: {error}")).span().as_micros()
    }

    fn refused(text: &str) -> (Problem, Range<usize>, String) {
        let error = text.parse::<Duration>().expect_err(text);
        (error.problem(), error.range(), error.to_string())
    }

    #[test]
    fn all_units_and_their_sums() {
        assert_eq!(micros("1w2d3h4m5s6ms7us"), 788_645_006_007);
        assert_eq!(micros("90m"), 5_400_000_000);
        assert_eq!(micros("1.5h"), 5_400_000_000);
        assert_eq!(micros("1.5h0.5m"), 5_430_000_000);
        assert_eq!(micros("0s"), 0);
        assert_eq!(micros("9223372036854775807us"), i64::MAX);
    }

    #[test]
    fn messages_say_how_to_mend_it() {
        for (text, problem, range, message) in [
            (
                "",
                Problem::Empty,
                0..0,
                r#"an empty text is no duration: for example "5m", "1h30m" or "250ms""#,
            ),
            ("300", Problem::MissingUnit, 0..3, r#"a duration needs a unit: "300s" or "5m""#),
            ("30", Problem::MissingUnit, 0..2, r#"a duration needs a unit: "30s" or "30m""#),
            ("0", Problem::MissingUnit, 0..1, r#"a duration needs a unit: "0s""#),
            ("1h30", Problem::MissingUnit, 2..4, r#"a duration needs a unit: "1h30m""#),
            ("5min", Problem::UnknownUnit, 1..4, r#"the units of time are us, ms, s, m, h, d and w: "5m""#),
            ("5µs", Problem::UnknownUnit, 1..4, r#"the units of time are us, ms, s, m, h, d and w: "5us""#),
            (
                "1h5x",
                Problem::UnknownUnit,
                3..4,
                r#"the units of time are us, ms, s, m, h, d and w: for example "5m""#,
            ),
            (
                "1M",
                Problem::NoFixedLength,
                1..2,
                r#"months and years have no fixed length: count days, as in "30d""#,
            ),
            ("-5m", Problem::Negative, 0..1, r#"a duration cannot be negative: for example "5m""#),
            ("m", Problem::MissingNumber, 0..1, r#"a number is missing in this duration: for example "5m""#),
            (
                "30m1h",
                Problem::UnitOrder,
                4..5,
                r#"the units of a duration go from large to small, each once: for example "1h30m""#,
            ),
            ("1h 30m", Problem::Space, 2..3, r#"a duration has no spaces in it: "1h30m""#),
            ("0.5us", Problem::TooFine, 0..3, r#"nothing is shorter than a microsecond: "1us""#),
        ] {
            assert_eq!(refused(text), (problem, range, message.to_owned()), "{text}");
        }
    }

    #[test]
    fn numbers_are_plain() {
        for (text, range) in
            [(".5h", 0..2), ("5.s", 0..2), ("+5m", 0..1), ("NaN", 0..3), ("1e3s", 0..2), ("1h1e-3s", 2..5)]
        {
            let message = r#"a number in a duration is digits with at most one point between them, no sign, no exponent: for example "5m""#;
            assert_eq!(refused(text), (Problem::NotANumber, range, message.to_owned()), "{text}");
        }
    }

    #[test]
    fn months_and_years_are_refused_in_every_spelling() {
        for text in ["1mo", "1month", "2months", "1y", "1Y", "1yr", "3years", "1M"] {
            assert_eq!(refused(text).0, Problem::NoFixedLength, "{text}");
        }
    }

    #[test]
    fn too_long_is_refused() {
        for text in ["106751992d", "99999999999999999999s", "106751991d24h"] {
            assert_eq!(refused(text).0, Problem::TooLarge, "{text}");
        }
    }

    #[test]
    fn numbers_are_no_durations_in_toml_either() {
        #[derive(Debug, Deserialize)]
        struct File {
            delay: Duration,
        }
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.delay);
        assert_eq!(read(r#"delay = "5m""#).unwrap().to_string(), "5m");
        let message = |text| read(text).unwrap_err().message().to_owned();
        assert_eq!(message("delay = 300"), r#"a duration needs a unit: "300s" or "5m""#);
        assert_eq!(message("delay = 2.5"), r#"a duration needs a unit: "2.5s" or "2s500ms""#);
        assert_eq!(message("delay = -1"), r#"a duration cannot be negative: for example "5m""#);
        let found = message("delay = true");
        assert!(found.contains(r#"expected a duration such as "5m", "1h30m" or "250ms""#), "{found}");
    }

    proptest! {
        #[test]
        fn printed_durations_read_back(micros in 0..=i64::MAX, shift in 0u32..63) {
            let duration = Duration::new(Span::from_micros(micros >> shift)).unwrap();
            prop_assert_eq!(duration.to_string().parse::<Duration>(), Ok(duration));
            let text = serde_json::to_string(&duration).unwrap();
            prop_assert_eq!(serde_json::from_str::<Duration>(&text).unwrap(), duration);
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place(text in "\\PC*|[0-9.]{0,25}[a-zµ]{0,3}[0-9.]{0,4}[smhdw -]*") {
            if let Err(error) = text.parse::<Duration>() {
                prop_assert!(text.get(error.range()).is_some());
                prop_assert!(!error.remedy().is_empty());
            }
        }
    }
}
