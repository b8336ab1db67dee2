//! Ranges of a quantity, to be gone through in steps or to draw from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::amount::{Amount, Dimension};

/// Significant digits of the values between the ends: enough to be taken for even steps, and few enough to be read.
const DIGITS_OF_STEPS: usize = 3;

/// Significant digits of values that are drawn: finer than anybody knows them, and what logarithms of different
/// machines agree about.
const DIGITS_OF_DRAWS: usize = 4;

/// From one amount to a larger one of the same dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    from: Amount,
    to: Amount,
    scale: Scale,
}

/// What is even about even steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Differences.
    #[default]
    Linear,
    /// Ratios.
    Log,
}

/// Why two amounts make no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeError {
    /// One is a time, for example, and the other a share.
    Dimensions,
    /// The first is not less than the second.
    Order,
    /// Ratios to zero, or to less than zero.
    LogFromZero,
}

impl Range {
    /// The range between two amounts, both of which belong to it.
    ///
    /// # Errors
    ///
    /// If the amounts cannot be compared or are in the wrong order, or if a logarithmic range does not begin above
    /// zero.
    pub fn new(from: Amount, to: Amount, scale: Scale) -> Result<Self, RangeError> {
        if from.dimension() != to.dimension() {
            return Err(RangeError::Dimensions);
        }
        if from.number() >= to.number() {
            return Err(RangeError::Order);
        }
        if scale == Scale::Log && from.number() <= 0.0 {
            return Err(RangeError::LogFromZero);
        }
        Ok(Self { from, to, scale })
    }

    /// `count` values in even steps from end to end, at least two; those between the ends with three significant
    /// digits, durations from a minute on in whole seconds. Of whole numbers there may be fewer different ones.
    ///
    /// ```
    /// use tempfail::quantity::{Range, Scale};
    ///
    /// let range = Range::new("10s".parse()?, "10m".parse()?, Scale::Log).expect("in order");
    /// let steps: Vec<String> = range.steps(4).iter().map(|step| step.to_string()).collect();
    /// assert_eq!(steps, ["10s", "39.1s", "2m33s", "10m"]);
    /// # Ok::<(), tempfail::quantity::NoAmount>(())
    /// ```
    pub fn steps(&self, count: usize) -> Vec<Amount> {
        let last = count.max(2) - 1;
        let between = (1..last).map(|step| {
            let number = self.at(step as f64 / last as f64, self.to.number());
            let step = self.kind().like(number).rounded(DIGITS_OF_STEPS);
            // Nobody tells a minute and a half second from a minute.
            if step.dimension() == Dimension::Time && number >= 60.0 {
                step.like(number.round())
            } else {
                step
            }
        });
        std::iter::once(self.from).chain(between).chain([self.to]).collect()
    }

    /// The value that belongs to a uniform number from 0 to below 1: uniform between the ends, or its logarithm
    /// is. All whole numbers from end to end are drawn, equally often on a linear scale.
    pub fn draw(&self, unit: f64) -> Amount {
        match (self.from, self.to) {
            (Amount::Whole(from), Amount::Whole(to)) => {
                let number = self.at(unit, to as f64 + 1.0).floor();
                Amount::Whole((number as i64).clamp(from, to))
            }
            _ => {
                let drawn = self.kind().like(self.at(unit, self.to.number())).rounded(DIGITS_OF_DRAWS);
                if drawn.number() < self.from.number() {
                    self.from
                } else if drawn.number() > self.to.number() {
                    self.to
                } else {
                    drawn
                }
            }
        }
    }

    /// The number at a share of the way from the lower end to `to`.
    fn at(&self, share: f64, to: f64) -> f64 {
        let from = self.from.number();
        match self.scale {
            Scale::Linear => from + (to - from) * share,
            Scale::Log => from * (to / from).powf(share),
        }
    }

    /// The kind of what lies between: a whole number only where both ends are.
    fn kind(&self) -> Amount {
        match (self.from, self.to) {
            (Amount::Whole(_), other) => other,
            (other, _) => other,
        }
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dimensions => "its ends are not of the same kind",
            Self::Order => "it must begin below its end",
            Self::LogFromZero => "a logarithmic range must begin above zero",
        })
    }
}

impl std::error::Error for RangeError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: &str, to: &str, scale: Scale) -> Result<Range, RangeError> {
        Range::new(from.parse().expect(from), to.parse().expect(to), scale)
    }

    fn steps(from: &str, to: &str, scale: Scale, count: usize) -> Vec<String> {
        let steps = range(from, to, scale).expect("a range").steps(count);
        steps.iter().map(Amount::to_string).collect()
    }

    #[test]
    fn steps_are_even_and_reach_both_ends() {
        assert_eq!(steps("0s", "1m", Scale::Linear, 4), ["0s", "20s", "40s", "1m"]);
        assert_eq!(steps("1", "1000", Scale::Log, 7), ["1", "3", "10", "32", "100", "316", "1000"]);
        assert_eq!(steps("1.0", "2", Scale::Linear, 3), ["1.0", "1.5", "2"]);
        assert_eq!(steps("1%", "100%", Scale::Log, 3), ["1%", "10%", "100%"]);
        assert_eq!(steps("6/min", "60/s", Scale::Linear, 3), ["6/min", "1800/min", "60/s"]);
        assert_eq!(steps("10s", "10m", Scale::Log, 3), ["10s", "1m17s", "10m"]);
        assert_eq!(steps("1", "5", Scale::Linear, 2), ["1", "5"]);
    }

    #[test]
    fn what_makes_no_range_is_refused() {
        assert_eq!(range("1s", "5", Scale::Linear), Err(RangeError::Dimensions));
        assert_eq!(range("5", "5", Scale::Linear), Err(RangeError::Order));
        assert_eq!(range("0s", "5s", Scale::Log), Err(RangeError::LogFromZero));
    }

    #[test]
    fn whole_numbers_are_drawn_equally_often() {
        let dice = range("1", "6", Scale::Linear).expect("a range");
        let mut counts = [0; 6];
        for share in 0..600 {
            let Amount::Whole(face) = dice.draw(f64::from(share) / 600.0) else { panic!("no whole number") };
            counts[face as usize - 1] += 1;
        }
        assert_eq!(counts, [100; 6]);
    }

    #[test]
    fn draws_stay_inside_and_follow_the_scale() {
        let log = range("10s", "1000s", Scale::Log).expect("a range");
        assert_eq!(log.draw(0.0).to_string(), "10s");
        assert_eq!(log.draw(0.5).to_string(), "1m40s");
        assert!(log.draw(1.0 - f64::EPSILON).number() <= 1000.0);
        let share = range("0%", "100%", Scale::Linear).expect("a range");
        assert_eq!(share.draw(1.0 / 3.0).to_string(), "33.33%");
    }
}
