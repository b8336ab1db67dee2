//! An estimate from independent replications: ratios of sums, by the jackknife.

use super::quantity::{Statistic, Sums};
use crate::stats::student::critical_value;
use crate::stats::summary::{mean, variance};

/// What replications say of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error, by as many degrees of freedom as there are replications, less one.
    pub error: f64,
    /// Replications.
    pub replications: usize,
}

impl Estimate {
    /// The estimate of all replications together, and its error by leaving out one at a time (Miller,
    /// Biometrika 61 (1974) 1); none for fewer than two, or where nothing was observed.
    ///
    /// Sums are added up before they are divided, so that the bias of a ratio or a variance is that of
    /// all data together; pseudo-values take away most of the rest.
    pub(super) fn of(statistic: Statistic, sums: &[Sums]) -> Option<Self> {
        let n = sums.len() as f64;
        let all = sums.iter().copied().fold(Sums::default(), Sums::plus);
        let together = statistic.of(all);
        let pseudo: Vec<f64> =
            sums.iter().map(|one| n * together - (n - 1.0) * statistic.of(all.minus(*one))).collect();
        let error = (variance(&pseudo)? / n).sqrt();
        let value = mean(&pseudo)?;
        (value.is_finite() && error.is_finite()).then_some(Self { value, error, replications: sums.len() })
    }

    /// (value - exact) / error; none without an error.
    pub fn z(&self, exact: f64) -> Option<f64> {
        (self.error > 0.0).then(|| (self.value - exact) / self.error)
    }

    /// Half the length of the interval with this confidence (Student's t).
    pub fn half_width(&self, confidence: f64) -> f64 {
        critical_value(confidence, self.replications - 1)
            .map_or(f64::INFINITY, |critical| critical * self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(values: &[(f64, f64)]) -> Vec<Sums> {
        values.iter().map(|(sum, weight)| Sums { sum: *sum, squares: 0.0, weight: *weight }).collect()
    }

    #[test]
    fn equal_weights_give_the_mean_and_its_error() {
        let estimate =
            Estimate::of(Statistic::Mean, &sums(&[(1.0, 1.0), (2.0, 1.0), (3.0, 1.0), (6.0, 1.0)])).unwrap();
        assert!((estimate.value - 3.0).abs() < 1e-12);
        // Variance 14/3, four of them.
        assert!((estimate.error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        assert!((estimate.z(2.0).unwrap() - 1.0 / estimate.error).abs() < 1e-12);
        assert_eq!(estimate.replications, 4);
    }

    #[test]
    fn a_heavy_replication_counts_for_more() {
        let estimate =
            Estimate::of(Statistic::Mean, &sums(&[(10.0, 1.0), (90.0, 10.0), (92.0, 10.0)])).unwrap();
        assert!((estimate.value - 192.0 / 21.0).abs() < 0.1, "{estimate:?}");
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(Estimate::of(Statistic::Mean, &[]), None);
        assert_eq!(Estimate::of(Statistic::Mean, &sums(&[(1.0, 1.0)])), None);
        assert_eq!(Estimate::of(Statistic::Mean, &sums(&[(0.0, 0.0), (0.0, 0.0)])), None);
        let sure = Estimate::of(Statistic::Mean, &sums(&[(2.0, 1.0), (2.0, 1.0)])).unwrap();
        assert_eq!((sure.value, sure.z(1.0)), (2.0, None));
    }
}
