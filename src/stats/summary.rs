//! Mean, variance and Student-t interval of one series.

use serde::{Deserialize, Serialize};

use super::student;

/// A closed interval of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, not below the lower.
    pub high: f64,
}

impl Interval {
    /// The interval that reaches equally far to both sides of a centre.
    pub fn around(centre: f64, half_width: f64) -> Self {
        Self { low: centre - half_width, high: centre + half_width }
    }

    /// Whether a number lies in the interval or on its ends.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether the whole interval lies in `outer`.
    pub fn is_within(&self, outer: &Self) -> bool {
        outer.low <= self.low && self.high <= outer.high
    }

    /// The interval as parts of a base (0.02 is 2 %), `None` for a base of zero. The sign of the
    /// base is ignored, so that a positive part always means "more".
    pub fn relative_to(&self, base: f64) -> Option<Self> {
        (base != 0.0).then(|| Self { low: self.low / base.abs(), high: self.high / base.abs() })
    }
}

/// A mean with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The mean of the series.
    pub mean: f64,
    /// Half the length of the interval, which is centred on the mean.
    pub half_width: f64,
    /// Replications in the series.
    pub n: usize,
    /// Confidence of the interval, between 0 and 1.
    pub confidence: f64,
}

impl Estimate {
    /// The interval itself.
    pub fn interval(&self) -> Interval {
        Interval::around(self.mean, self.half_width)
    }

    /// The half width as a part of the mean (0.05 is 5 %); `None` where the mean is zero and the
    /// interval is not, because no part of nothing is enough.
    pub fn relative_half_width(&self) -> Option<f64> {
        if self.half_width == 0.0 {
            return Some(0.0);
        }
        (self.mean != 0.0).then(|| self.half_width / self.mean.abs())
    }
}

/// The arithmetic mean, `None` of nothing.
///
/// Deviations from the first value are summed, so that the mean of equal values is that value
/// and not its neighbour.
pub fn mean(values: &[f64]) -> Option<f64> {
    let first = *values.first()?;
    let deviations: f64 = values.iter().map(|value| value - first).sum();
    Some(first + deviations / values.len() as f64)
}

/// The unbiased variance (divisor n - 1), `None` for fewer than two values.
///
/// The corrected two-pass algorithm: T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for
/// Computing the Sample Variance", The American Statistician 37 (1983).
pub fn variance(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let rounding: f64 = values.iter().map(|value| value - mean).sum();
    Some(((squares - rounding * rounding / n) / (n - 1.0)).max(0.0))
}

/// The mean and its Student-t interval: mean +- t(n - 1) s / sqrt(n).
///
/// The values must be independent and their mean nearly normal; for skewed data the interval
/// covers less than it says (lognormal with sigma 1: 84 % instead of 95 % at n = 10, 90 % at 50).
/// Equal values give a half width of zero. `None` for fewer than two values, for a value that
/// is not finite, and for a confidence outside (0, 1).
///
/// ```
/// use tempfail::stats::summary::mean_interval;
///
/// let estimate = mean_interval(&[9.0, 10.0, 11.0], 0.95).unwrap();
/// assert_eq!(estimate.mean, 10.0);
/// assert!((estimate.half_width - 2.484).abs() < 1e-3);
/// assert!(mean_interval(&[9.0], 0.95).is_none());
/// ```
pub fn mean_interval(values: &[f64], confidence: f64) -> Option<Estimate> {
    if values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let n = values.len();
    let spread = variance(values)?.sqrt();
    let critical = student::critical_value(confidence, n - 1)?;
    let half_width = critical * spread / (n as f64).sqrt();
    Some(Estimate { mean: mean(values)?, half_width, n, confidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::{Normals, assert_close, columns};

    /// Two programs, SciPy and R, agree on these digits.
    #[test]
    fn reference_interval() {
        let [data] = columns(include_str!("../../tests/fixtures/statistics/t_interval.csv"));
        let estimate = mean_interval(&data, 0.90).unwrap();
        assert_close(estimate.mean, 1.343, 1e-12);
        assert_close(variance(&data).unwrap(), 0.167_512_222_222_222_2, 1e-12);
        assert_close(estimate.half_width, 0.237_253_414_489_397_02, 1e-11);
        assert_close(estimate.interval().low, 1.105_746_585_510_603, 1e-11);
        assert_close(estimate.interval().high, 1.580_253_414_489_397, 1e-11);
        assert_close(estimate.relative_half_width().unwrap(), 0.237_253_414 / 1.343, 1e-8);
    }

    #[test]
    fn equal_values_have_no_spread_at_all() {
        for value in [0.1, 1.0 / 3.0, 1e300, -7.7] {
            let estimate = mean_interval(&[value; 7], 0.95).unwrap();
            assert_eq!((estimate.mean, estimate.half_width), (value, 0.0));
            assert_eq!(estimate.relative_half_width(), Some(0.0));
        }
    }

    #[test]
    fn variance_survives_a_large_offset() {
        let data: Vec<f64> = [4.0, 7.0, 13.0, 16.0].iter().map(|x| x + 1e9).collect();
        assert_eq!(variance(&data), Some(30.0));
    }

    #[test]
    fn no_interval_from_too_little() {
        assert_eq!(mean(&[]), None);
        assert_eq!(mean_interval(&[], 0.95), None);
        assert_eq!(mean_interval(&[1.0], 0.95), None);
        assert_eq!(mean_interval(&[1.0, f64::INFINITY], 0.95), None);
        assert_eq!(mean_interval(&[1.0, 2.0], 1.0), None);
        assert_eq!(mean_interval(&[-1.0, 1.0], 0.95).unwrap().relative_half_width(), None);
    }

    #[test]
    fn relative_intervals_keep_their_direction() {
        let interval = Interval { low: -1.0, high: 3.0 };
        assert_eq!(interval.relative_to(50.0), Some(Interval { low: -0.02, high: 0.06 }));
        assert_eq!(interval.relative_to(-50.0), Some(Interval { low: -0.02, high: 0.06 }));
        assert_eq!(interval.relative_to(0.0), None);
    }

    /// Of 400 intervals of 95 %, 368 to 390 cover the truth with probability 0.99 (exact binomial);
    /// with the seed fixed the count is always the same, so the test cannot fail by chance.
    #[test]
    fn intervals_cover_as_often_as_they_say() {
        let mut normals = Normals::new(421);
        let covered = (0..400)
            .filter(|_| {
                let data: Vec<f64> = normals.take(10).iter().map(|z| 100.0 + 10.0 * z).collect();
                mean_interval(&data, 0.95).unwrap().interval().contains(100.0)
            })
            .count();
        assert!((368..=390).contains(&covered), "{covered}");
    }
}
