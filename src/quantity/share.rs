//! Shares of a whole: `2%`, `0.5%`.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;
use super::error::{Problem, Quantity, QuantityError};
use super::text;

/// A part of a whole, from 0 % to 100 %; written with a percent sign.
///
/// ```
/// use tempfail::quantity::Share;
///
/// assert_eq!("2%".parse::<Share>()?.fraction(), 0.02);
/// assert!("101%".parse::<Share>().is_err());
/// let error = "0.02".parse::<Share>().unwrap_err();
/// assert_eq!(error.to_string(), r#"a share needs a percent sign: "2%", or "0.02%""#);
/// # Ok::<(), tempfail::quantity::QuantityError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share {
    /// Kept as written: a fraction times 100 would print 7.000000000000001%.
    percent: f64,
}

impl Share {
    /// The share of so many per cent, `None` outside 0..=100.
    pub fn from_percent(percent: f64) -> Option<Self> {
        // Adding zero turns -0.0, which would print a sign, into 0.0.
        (0.0..=100.0).contains(&percent).then_some(Self { percent: percent + 0.0 })
    }

    /// Per cent, from 0 to 100.
    pub const fn percent(self) -> f64 {
        self.percent
    }

    /// The share as a number from 0 to 1.
    pub const fn fraction(self) -> f64 {
        self.percent / 100.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}%", self.percent))
    }
}

impl FromStr for Share {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        text::refuse_empty_and_spaces(text, Quantity::Share)?;
        let example = || Quantity::Share.example();
        if let Some(sign) = text.chars().next().filter(|letter| matches!(letter, '-' | '\u{2212}')) {
            return Err(error(Problem::Negative, 0..sign.len_utf8(), example()));
        }
        let number = text.split_once('%').map_or(text, |(number, _)| number);
        let parsed = number.parse::<f64>().ok().filter(|_| decimal::is_decimal(number));
        let percent = parsed.ok_or_else(|| error(decimal::problem(number), 0..number.len(), example()))?;
        if number.len() == text.len() {
            return Err(error(Problem::MissingUnit, 0..text.len(), with_sign(number, percent)));
        }
        let end = number.len() + 1;
        if end < text.len() {
            return Err(error(Problem::TrailingText, end..text.len(), format!("{:?}", &text[..end])));
        }
        Self::from_percent(percent)
            .ok_or_else(|| error(Problem::TooLarge, 0..text.len(), r#""100%""#.to_owned()))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer, Quantity::Share)
    }
}

/// A number up to one was probably meant as a fraction, unless it was not.
fn with_sign(number: &str, value: f64) -> String {
    if value == 0.0 || value > 1.0 {
        return format!("\"{number}%\"");
    }
    // Through a rounded decimal, because 0.07 times 100 is not quite 7.
    let percent = format!("{:.9}", value * 100.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    format!("\"{percent}%\", or \"{number}%\"")
}

fn error(problem: Problem, range: Range<usize>, remedy: String) -> QuantityError {
    QuantityError { quantity: Quantity::Share, problem, range, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn from_nothing_to_all() {
        for text in ["0%", "0.5%", "2%", "7%", "99.9%", "100%"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
        assert_eq!("7%".parse::<Share>().unwrap().fraction(), 0.07);
        assert_eq!(Share::from_percent(100.5), None);
        assert_eq!(Share::from_percent(f64::NAN), None);
        assert_eq!(Share::from_percent(-0.0).unwrap().to_string(), "0%");
    }

    #[test]
    fn refused_with_a_place_and_a_remedy() {
        for (text, problem, range, remedy) in [
            ("2", Problem::MissingUnit, 0..1, r#""2%""#),
            ("0.07", Problem::MissingUnit, 0..4, r#""7%", or "0.07%""#),
            ("1", Problem::MissingUnit, 0..1, r#""100%", or "1%""#),
            ("120%", Problem::TooLarge, 0..4, r#""100%""#),
            ("-2%", Problem::Negative, 0..1, r#"for example "2%""#),
            ("%", Problem::MissingNumber, 0..0, r#"for example "2%""#),
            ("half", Problem::MissingNumber, 0..4, r#"for example "2%""#),
            ("2%%", Problem::TrailingText, 2..3, r#""2%""#),
            ("2 %", Problem::Space, 1..2, r#""2%""#),
            ("", Problem::Empty, 0..0, r#"for example "2%" or "0.5%""#),
        ] {
            let error = text.parse::<Share>().expect_err(text);
            assert_eq!((error.problem(), error.range(), error.remedy()), (problem, range, remedy), "{text}");
        }
    }

    #[test]
    fn numbers_are_no_shares_in_toml_either() {
        #[derive(Debug, Deserialize)]
        struct File {
            part: Share,
        }
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.part);
        assert_eq!(read(r#"part = "2%""#).unwrap().fraction(), 0.02);
        let message = |text| read(text).unwrap_err().message().to_owned();
        assert_eq!(message("part = 0.02"), r#"a share needs a percent sign: "2%", or "0.02%""#);
        assert_eq!(message("part = 2"), r#"a share needs a percent sign: "2%""#);
        assert!(message("part = []").contains(r#"expected a share such as "2%" or "0.5%""#));
    }

    proptest! {
        #[test]
        fn printed_shares_read_back(percent in 0.0..=100.0) {
            let share = Share::from_percent(percent).unwrap();
            prop_assert_eq!(share.to_string().parse::<Share>(), Ok(share));
            let text = serde_json::to_string(&share).unwrap();
            prop_assert_eq!(serde_json::from_str::<Share>(&text).unwrap(), share);
        }

        #[test]
        fn any_text_is_read_or_refused_at_a_place(text in "\\PC*|[0-9.-]{0,5}%?[a-z]?") {
            if let Err(error) = text.parse::<Share>() {
                prop_assert!(text.get(error.range()).is_some());
                prop_assert!(!error.remedy().is_empty());
            }
        }
    }
}
