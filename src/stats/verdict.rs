//! The word for a comparison: different, practically equal, or not distinguishable.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::summary::Interval;

/// What a comparison lets us say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The difference is not zero, and it may be large enough to matter.
    Different,
    /// The difference, zero or not, is too small to matter.
    PracticallyEqual,
    /// More replications are needed to say either.
    NotDistinguishable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Different => "different",
            Self::PracticallyEqual => "practically equal",
            Self::NotDistinguishable => "not distinguishable",
        })
    }
}

/// The smallest difference that matters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    /// As a part of the baseline's mean: 0.02 is 2 %.
    pub relative: f64,
    /// In the unit of the numbers; decides where the baseline's mean is near zero.
    pub absolute: f64,
}

impl Default for Margin {
    /// Two per cent, and nothing absolute.
    fn default() -> Self {
        Self { relative: 0.02, absolute: 0.0 }
    }
}

impl Margin {
    /// The larger of both margins, in the unit of the numbers.
    pub fn around(&self, baseline_mean: f64) -> f64 {
        (self.relative * baseline_mean.abs()).max(self.absolute)
    }
}

/// Judges a difference by its interval and by the test of "it is zero".
///
/// Practically equal, if the whole interval lies within the margin, even where the test rejects zero: a
/// difference that is real and too small to matter. Else different, if the test rejects zero. Else
/// not distinguishable. Where the baseline's mean is zero only the absolute margin counts; without
/// one, only an interval that is zero itself is practically equal.
///
/// ```
/// use tempfail::stats::summary::Interval;
/// use tempfail::stats::verdict::{Margin, Verdict, verdict};
///
/// let real_but_small = Interval { low: 0.5, high: 1.5 };
/// assert_eq!(verdict(real_but_small, 100.0, true, Margin::default()), Verdict::PracticallyEqual);
/// ```
pub fn verdict(difference: Interval, baseline_mean: f64, rejects_zero: bool, margin: Margin) -> Verdict {
    if difference.is_within(&Interval::around(0.0, margin.around(baseline_mean))) {
        Verdict::PracticallyEqual
    } else if rejects_zero {
        Verdict::Different
    } else {
        Verdict::NotDistinguishable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(low: f64, high: f64, baseline: f64, rejects: bool) -> Verdict {
        verdict(Interval { low, high }, baseline, rejects, Margin::default())
    }

    #[test]
    fn three_words() {
        assert_eq!(judge(3.0, 9.0, 100.0, true), Verdict::Different);
        assert_eq!(judge(1.0, 9.0, 100.0, true), Verdict::Different);
        assert_eq!(judge(-1.0, 9.0, 100.0, false), Verdict::NotDistinguishable);
        assert_eq!(judge(-1.0, 1.0, 100.0, false), Verdict::PracticallyEqual);
        assert_eq!(judge(-2.0, 2.0, 100.0, false), Verdict::PracticallyEqual);
        assert_eq!(judge(0.1, 0.2, 100.0, true), Verdict::PracticallyEqual);
    }

    #[test]
    fn a_baseline_of_zero_needs_an_absolute_margin() {
        assert_eq!(judge(0.0, 0.0, 0.0, false), Verdict::PracticallyEqual);
        assert_eq!(judge(-0.1, 0.1, 0.0, false), Verdict::NotDistinguishable);
        let margin = Margin { absolute: 0.5, ..Margin::default() };
        let tiny = Interval { low: -0.1, high: 0.1 };
        assert_eq!(verdict(tiny, 0.0, false, margin), Verdict::PracticallyEqual);
    }

    #[test]
    fn a_negative_baseline_has_a_margin_too() {
        assert_eq!(judge(-1.0, 1.0, -100.0, false), Verdict::PracticallyEqual);
    }
}
