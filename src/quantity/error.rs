//! What is wrong with a text that should be a quantity, where, and how to mend it.

use std::fmt;
use std::ops::Range;

/// What was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A [`Duration`](super::Duration).
    Duration,
    /// A [`Rate`](super::Rate).
    Rate,
    /// A [`Share`](super::Share).
    Share,
}

impl Quantity {
    const fn noun(self) -> &'static str {
        match self {
            Self::Duration => "duration",
            Self::Rate => "rate",
            Self::Share => "share",
        }
    }

    /// Texts that are all right.
    pub(super) const fn examples(self) -> &'static str {
        match self {
            Self::Duration => r#""5m", "1h30m" or "250ms""#,
            Self::Rate => r#""20/s", "400/min" or "25/5m""#,
            Self::Share => r#""2%" or "0.5%""#,
        }
    }

    /// A remedy where nothing can be told from what was written.
    pub(super) fn example(self) -> String {
        let example = match self {
            Self::Duration => "5m",
            Self::Rate => "400/min",
            Self::Share => "2%",
        };
        format!("for example {example:?}")
    }
}

impl fmt::Display for Quantity {
    /// What was expected, with examples: `a duration such as "5m", "1h30m" or "250ms"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {} such as {}", self.noun(), self.examples())
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is nothing to read.
    Empty,
    /// A number stands alone.
    MissingUnit,
    /// No unit of time that we know.
    UnknownUnit,
    /// A month or a year, which is longer or shorter from one to the next.
    NoFixedLength,
    /// A minus sign.
    Negative,
    /// Nothing where a number should be.
    MissingNumber,
    /// Something else where a number should be, or a number with a sign or an exponent.
    NotANumber,
    /// A unit that is not smaller than the one before it.
    UnitOrder,
    /// A part of a microsecond.
    TooFine,
    /// More than can be represented, or more than everything.
    TooLarge,
    /// A space.
    Space,
    /// A rate per no time at all.
    ZeroPeriod,
    /// Something after the end.
    TrailingText,
}

/// A text that is not the quantity that was expected.
///
/// Displays as one line: what is wrong, a colon, what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError {
    pub(super) quantity: Quantity,
    pub(super) problem: Problem,
    pub(super) range: Range<usize>,
    pub(super) remedy: String,
}

impl QuantityError {
    /// What was expected.
    pub fn expected(&self) -> Quantity {
        self.quantity
    }

    /// What is wrong.
    pub fn problem(&self) -> Problem {
        self.problem
    }

    /// Where in the text, in bytes; always on character boundaries.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// What to write instead: texts in quotation marks, with a word or two where they need them. It begins
    /// with "for example" where it is not made of what was written.
    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = self.quantity.noun();
        match (self.problem, self.quantity) {
            (Problem::Empty, _) => write!(f, "an empty text is no {noun}"),
            (Problem::MissingUnit, Quantity::Duration) => f.write_str("a duration needs a unit"),
            (Problem::MissingUnit, Quantity::Rate) => {
                f.write_str("a rate needs a slash and a time with a unit")
            }
            (Problem::MissingUnit, Quantity::Share) => f.write_str("a share needs a percent sign"),
            (Problem::UnknownUnit, _) => f.write_str("the units of time are us, ms, s, m, h, d and w"),
            (Problem::NoFixedLength, _) => f.write_str("months and years have no fixed length"),
            (Problem::Negative, _) => write!(f, "a {noun} cannot be negative"),
            (Problem::MissingNumber, _) => write!(f, "a number is missing in this {noun}"),
            (Problem::NotANumber, _) => write!(
                f,
                "a number in a {noun} is digits with at most one point between them, no sign, no exponent"
            ),
            (Problem::UnitOrder, _) => {
                f.write_str("the units of a duration go from large to small, each once")
            }
            (Problem::TooFine, _) => f.write_str("nothing is shorter than a microsecond"),
            (Problem::TooLarge, Quantity::Share) => f.write_str("a share is at most 100%"),
            (Problem::TooLarge, _) => write!(f, "this {noun} is too large to be represented"),
            (Problem::Space, _) => write!(f, "a {noun} has no spaces in it"),
            (Problem::ZeroPeriod, _) => f.write_str("a rate needs a time longer than zero"),
            (Problem::TrailingText, _) => write!(f, "this {noun} should end here"),
        }?;
        write!(f, ": {}", self.remedy)
    }
}

impl std::error::Error for QuantityError {}
