//! The ratio of two means that were made with common random numbers, and its interval.

use super::student;
use super::summary::{Interval, mean, variance};

/// The Student-t interval of mean(numerator) / mean(denominator), both with their uncertainty and with what
/// they have in common: E. C. Fieller, "Some Problems in Interval Estimation", Journal of the Royal
/// Statistical Society B 16 (1954).
///
/// It holds those ratios r for which the mean of numerator - r denominator cannot be told from zero; so "below
/// 80 % of the other" is the same as the paired test of it. `None` where that set is no interval, because
/// the mean of the denominator cannot be told from zero; for fewer than two replications or numbers that
/// are not finite; and for a confidence outside (0, 1).
///
/// ```
/// use tempfail::stats::ratio::ratio_interval;
///
/// let half = ratio_interval(&[10.0, 11.0, 12.0], &[20.0, 22.0, 24.0], 0.95).unwrap();
/// assert!((half.low - 0.5).abs() < 1e-9 && (half.high - 0.5).abs() < 1e-9);
/// ```
///
/// # Panics
///
/// If the series differ in length: then they are not pairs.
pub fn ratio_interval(numerator: &[f64], denominator: &[f64], confidence: f64) -> Option<Interval> {
    assert_eq!(numerator.len(), denominator.len(), "a ratio needs pairs");
    if numerator.iter().chain(denominator).any(|value| !value.is_finite()) {
        return None;
    }
    let n = numerator.len();
    let (above, below) = (mean(numerator)?, mean(denominator)?);
    let critical = student::critical_value(confidence, n.checked_sub(1)?)?;
    // Of the mean, in units in which the critical value is one.
    let scale = critical * critical / n as f64;
    let (of_above, of_below) = (scale * variance(numerator)?, scale * variance(denominator)?);
    let common = scale * covariance(numerator, denominator, above, below);
    let leading = below * below - of_below;
    // A constant denominator has a rounding error of its own, but no variance.
    if leading <= 0.0 {
        return None;
    }
    let middle = below * above - common;
    let last = above * above - of_above;
    let root = (middle * middle - leading * last).max(0.0).sqrt();
    Some(Interval { low: (middle - root) / leading, high: (middle + root) / leading })
}

fn covariance(one: &[f64], other: &[f64], mean_one: f64, mean_other: f64) -> f64 {
    let products = one.iter().zip(other).map(|(a, b)| (a - mean_one) * (b - mean_other));
    products.sum::<f64>() / (one.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::paired::paired;
    use crate::stats::samples::Normals;

    fn made(normals: &mut Normals) -> (Vec<f64>, Vec<f64>) {
        let (common, own, other) = (normals.take(12), normals.take(12), normals.take(12));
        let series = |level: f64, own: &[f64]| -> Vec<f64> {
            common.iter().zip(own).map(|(c, o)| level * (1.0 + 0.1 * c) + 5.0 * o).collect()
        };
        (series(80.0, &own), series(100.0, &other))
    }

    /// Both ends are where the paired test of "numerator - r denominator is zero" turns.
    #[test]
    fn the_interval_is_what_the_test_does_not_reject() {
        let (numerator, denominator) = made(&mut Normals::new(7));
        let found = ratio_interval(&numerator, &denominator, 0.95).unwrap();
        for end in [found.low, found.high] {
            let scaled: Vec<f64> = denominator.iter().map(|value| end * value).collect();
            let p = paired(&scaled, &numerator, 0.95).unwrap().p_value;
            assert!((p - 0.05).abs() < 1e-6, "{p}");
        }
    }

    /// Of 400 nominal 95 % intervals 368 to 390 cover, with probability 0.99 (exact binomial). The
    /// seed is fixed, so the count is too.
    #[test]
    fn it_covers_as_often_as_it_says() {
        let mut normals = Normals::new(1954);
        let covered = (0..400).filter(|_| {
            let (numerator, denominator) = made(&mut normals);
            ratio_interval(&numerator, &denominator, 0.95).unwrap().contains(0.8)
        });
        let covered = covered.count();
        assert!((368..=390).contains(&covered), "{covered}");
    }

    #[test]
    fn nothing_is_no_part_of_nothing() {
        assert_eq!(ratio_interval(&[1.0, 2.0], &[0.0, 0.0], 0.95), None);
        assert_eq!(ratio_interval(&[1.0, 2.0], &[-1.0, 1.0], 0.95), None, "it may be zero");
        assert_eq!(ratio_interval(&[1.0], &[1.0], 0.95), None);
        assert_eq!(ratio_interval(&[], &[], 0.95), None);
        assert_eq!(ratio_interval(&[1.0, f64::NAN], &[1.0, 2.0], 0.95), None);
    }
}
