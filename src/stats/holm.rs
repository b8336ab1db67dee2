//! Many tests at once: Holm's step-down p values, and the confidence of simultaneous intervals.
//!
//! *Decisions* are made with Holm's procedure: S. Holm, "A Simple Sequentially Rejective Multiple
//! Test Procedure", Scandinavian Journal of Statistics 6 (1979). With m tests and the p values in
//! ascending order, test i (from 0) is made at level alpha / (m - i) and the first failure ends it;
//! the probability of any false rejection stays below alpha however the tests depend on each other.
//!
//! *Intervals* are Student-t intervals at Bonferroni's confidence 1 - alpha / m: O. J. Dunn,
//! "Multiple Comparisons Among Means", Journal of the American Statistical Association 56 (1961).
//! All of them cover together with probability 1 - alpha. The steps of Holm's procedure do not
//! give such intervals: an interval at 1 - alpha / (m - i) promises nothing about its neighbours, and the
//! intervals that do invert the procedure (K. Strassburger and F. Bretz, "Compatible simultaneous
//! lower confidence bounds for the Holm procedure and other Bonferroni-based closed tests",
//! Statistics in Medicine 27 (2008)) are one-sided and end at zero for every rejected test unless all
//! are rejected, which says nothing about the size.
//!
//! The price of taking both: Holm rejects everything that the Bonferroni intervals do and a little
//! more, so that a test may be rejected while its interval just reaches over zero.

/// Holm's adjusted p values, in the order of the tests: reject at the family's level alpha what is
/// not above alpha.
///
/// ```
/// use tempfail::stats::holm::adjusted_p_values;
///
/// assert_eq!(adjusted_p_values(&[0.04, 0.01]), [0.04, 0.02]);
/// ```
pub fn adjusted_p_values(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, &test) in order.iter().enumerate() {
        let remaining = (p_values.len() - rank) as f64;
        largest = largest.max(remaining * p_values[test]).min(1.0);
        adjusted[test] = largest;
    }
    adjusted
}

/// The confidence each of `comparisons` intervals needs so that all cover together with the
/// family's `confidence`: 1 - (1 - confidence) / comparisons.
pub fn simultaneous_confidence(confidence: f64, comparisons: usize) -> f64 {
    1.0 - (1.0 - confidence) / comparisons.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::{assert_close, columns};

    /// Two programs, statsmodels and R, agree on these digits.
    #[test]
    fn reference_family() {
        let [p_values, expected] = columns(include_str!("../../tests/fixtures/statistics/holm.csv"));
        for (found, expected) in adjusted_p_values(&p_values).into_iter().zip(expected) {
            assert_close(found, expected, 1e-12);
        }
    }

    #[test]
    fn order_does_not_matter_and_nothing_exceeds_one() {
        assert_eq!(adjusted_p_values(&[0.9, 0.001, 0.8]), [1.0, 0.003, 1.0]);
        assert_eq!(adjusted_p_values(&[0.3]), [0.3]);
        assert!(adjusted_p_values(&[]).is_empty());
    }

    #[test]
    fn simultaneous_intervals_are_wider() {
        assert_close(simultaneous_confidence(0.95, 5), 0.99, 1e-12);
        assert_eq!(simultaneous_confidence(0.95, 1), 0.95);
    }
}
