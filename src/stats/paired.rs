//! The difference of two series that were made with common random numbers.

use serde::{Deserialize, Serialize};

use super::student;
use super::summary::{Estimate, Interval, mean, mean_interval, variance};

/// What a paired comparison found; every difference is other minus baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paired {
    /// Mean of the baseline.
    pub baseline_mean: f64,
    /// Mean of the other series.
    pub other_mean: f64,
    /// Mean difference and its Student-t interval.
    pub difference: Estimate,
    /// Two-sided p value of "the mean difference is zero", for this comparison alone.
    pub p_value: f64,
    /// How much the pairing helped: (var(baseline) + var(other)) / var(difference), one where the
    /// series do not depend on each other, below one where pairing did harm. `None` where the
    /// differences do not vary, or by no more than their rounding.
    pub variance_ratio: Option<f64>,
}

impl Paired {
    /// The mean difference as a part of the baseline's mean (-0.1 is "10 % less"), `None` where
    /// that is zero.
    pub fn relative_difference(&self) -> Option<f64> {
        (self.baseline_mean != 0.0).then(|| self.difference.mean / self.baseline_mean.abs())
    }

    /// The interval of the difference as parts of the baseline's mean, `None` where that is zero.
    ///
    /// The baseline's mean is taken as known; its own uncertainty is not in the interval.
    pub fn relative_interval(&self) -> Option<Interval> {
        self.difference.interval().relative_to(self.baseline_mean)
    }
}

/// Compares two series replication by replication: the paired t test on D = other - baseline.
///
/// Entry i of both must come from the same random numbers. Identical series give a difference
/// of zero with p = 1, a constant difference p = 0, both with an interval of no length. `None`
/// under the same conditions as [`mean_interval`].
///
/// # Panics
///
/// If the series differ in length: then they are not pairs.
pub fn paired(baseline: &[f64], other: &[f64], confidence: f64) -> Option<Paired> {
    assert_eq!(baseline.len(), other.len(), "a paired comparison needs pairs");
    let differences: Vec<f64> = baseline.iter().zip(other).map(|(b, o)| o - b).collect();
    let difference = mean_interval(&differences, confidence)?;
    let spread = variance(&differences)?;
    let independent = variance(baseline)? + variance(other)?;
    Some(Paired {
        baseline_mean: mean(baseline)?,
        other_mean: mean(other)?,
        difference,
        p_value: p_value(difference.mean, spread, difference.n),
        variance_ratio: (spread > rounding(baseline, other).powi(2)).then(|| independent / spread),
    })
}

/// What differences of these numbers may be wrong by although nothing differs.
fn rounding(baseline: &[f64], other: &[f64]) -> f64 {
    let largest = baseline.iter().chain(other).fold(0.0, |most: f64, value| most.max(value.abs()));
    4.0 * f64::EPSILON * largest
}

fn p_value(difference: f64, variance: f64, n: usize) -> f64 {
    if difference == 0.0 {
        return 1.0;
    }
    // A constant difference divides by zero here: t is infinite and p is zero.
    student::two_sided_p(difference / (variance / n as f64).sqrt(), n - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::{Normals, assert_close, columns};

    /// Two programs, SciPy and R, agree on these digits.
    #[test]
    fn reference_comparison() {
        let [a, b] = columns(include_str!("../../tests/fixtures/statistics/paired.csv"));
        let found = paired(&a, &b, 0.95).unwrap();
        assert_close(found.difference.mean, 1.277_724_825_810_500_3, 1e-10);
        assert_close(found.difference.interval().low, 0.316_678_609_894_214_7, 1e-9);
        assert_close(found.difference.interval().high, 2.238_771_041_726_786, 1e-9);
        assert_close(found.p_value, 0.011_861_890_241_848_024, 1e-9);
        assert_close(found.variance_ratio.unwrap(), 55.216_567_681_591_14, 1e-8);
        let relative = found.relative_difference().unwrap();
        assert_close(relative, found.other_mean / found.baseline_mean - 1.0, 1e-9);
        assert!(found.relative_interval().unwrap().contains(relative));
    }

    #[test]
    fn reference_comparison_of_tails() {
        let [a, b] = columns(include_str!("../../tests/fixtures/statistics/tails.csv"));
        let found = paired(&a, &b, 0.95).unwrap().difference;
        assert_close(found.mean, -18.163_372_856_147_497, 1e-10);
        assert_close(found.interval().low, -27.871_094_947_972_274, 1e-10);
        assert_close(found.interval().high, -8.455_650_764_322_717, 1e-10);
    }

    #[test]
    fn differences_that_do_not_vary() {
        let series = [3.0, 1.0, 4.0];
        let same = paired(&series, &series, 0.95).unwrap();
        assert_eq!((same.difference.mean, same.difference.half_width, same.p_value), (0.0, 0.0, 1.0));
        assert_eq!(same.variance_ratio, None);
        let more = paired(&series, &[5.0, 3.0, 6.0], 0.95).unwrap();
        assert_eq!((more.difference.mean, more.difference.half_width, more.p_value), (2.0, 0.0, 0.0));
        // 0.99 more each time, but for the last digit.
        let rounded = paired(&[0.01, 0.013, 0.016], &[1.0, 1.003, 1.006], 0.95).unwrap();
        assert_eq!(rounded.variance_ratio, None);
    }

    #[test]
    fn a_baseline_of_nothing_has_no_parts() {
        let found = paired(&[0.0, 0.0], &[1.0, 2.0], 0.95).unwrap();
        assert_eq!(found.relative_difference(), None);
        assert_eq!(found.relative_interval(), None);
        assert_eq!(paired(&[0.0], &[1.0], 0.95), None);
    }

    /// A true difference of zero must be rejected by about one test in twenty: of 400, 10 to 32
    /// with probability 0.99 (exact binomial). The seed is fixed, so the count is too.
    #[test]
    fn equal_policies_are_rarely_told_apart() {
        let mut normals = Normals::new(250);
        let rejected = (0..400)
            .filter(|_| {
                let (common, a, b) = (normals.take(12), normals.take(12), normals.take(12));
                let join = |own: &[f64]| -> Vec<f64> {
                    common.iter().zip(own).map(|(c, o)| 50.0 + 5.0 * c + o).collect()
                };
                paired(&join(&a), &join(&b), 0.95).unwrap().p_value < 0.05
            })
            .count();
        assert!((10..=32).contains(&rejected), "{rejected}");
    }
}
