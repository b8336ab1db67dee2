//! Where a series stops depending on how it began, and the mean of what follows.
//!
//! K. P. White, "An Effective Truncation Heuristic for Bias Reduction in Simulation Output", Simulation
//! 69 (1997), and K. P. White, M. J. Cobb and S. C. Spratt, "A Comparison of Five Steady-State Truncation
//! Heuristics for Simulation", Winter Simulation Conference (2000), for batches of five (MSER-5).

use std::num::NonZeroUsize;

use super::summary::{Estimate, mean, mean_interval};

/// Batches at the end that are never deleted: so few may agree by chance.
const KEPT: usize = 5;

/// The part of a series to leave out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// Observations to delete at the beginning, a multiple of the size of a batch.
    pub deleted: usize,
    /// Observations that were looked at: as many as fill whole batches.
    pub of: usize,
    /// The smallest value of the statistic: the squared deviations of what is left, over the square of its length.
    pub statistic: f64,
}

impl WarmUp {
    /// Whether it can be believed. Where more than half would have to go, the series had not settled by
    /// its end, or the smallest value is an accident of its last few batches.
    pub const fn is_trusted(&self) -> bool {
        2 * self.deleted <= self.of
    }
}

/// The rule MSER-m: deletes d batches of m observations, where d makes
/// sum over i > d of (Z_i - mean of those)^2 / (k - d)^2 smallest; Z_i are the means of the k whole batches.
///
/// An incomplete batch at the end is left out. The smallest d of several wins. `None` with fewer than ten
/// batches or with a number that is not finite.
///
/// ```
/// use std::num::NonZeroUsize;
/// use tempfail::stats::warm_up::mser;
///
/// let mut series = vec![50.0; 10];
/// series.extend([1.0, 2.0, 3.0].repeat(30));
/// let found = mser(&series, NonZeroUsize::MIN.saturating_add(4)).unwrap();
/// assert_eq!(found.deleted, 10);
/// assert!(found.is_trusted());
/// ```
pub fn mser(series: &[f64], batch: NonZeroUsize) -> Option<WarmUp> {
    let batches: Vec<f64> = series.chunks_exact(batch.get()).filter_map(mean).collect();
    if batches.len() < 2 * KEPT || series.iter().any(|value| !value.is_finite()) {
        return None;
    }
    // From the end on, with B. P. Welford's running sums: no difference of large squares.
    let (mut sum_of_squares, mut centre) = (0.0, 0.0);
    let mut best = (0, f64::INFINITY);
    for (place, value) in batches.iter().enumerate().rev() {
        let count = (batches.len() - place) as f64;
        let deviation = value - centre;
        centre += deviation / count;
        sum_of_squares += deviation * (value - centre);
        let statistic = sum_of_squares / (count * count);
        if batches.len() - place >= KEPT && statistic <= best.1 {
            best = (place, statistic);
        }
    }
    let (deleted, statistic) = best;
    Some(WarmUp { deleted: deleted * batch.get(), of: batches.len() * batch.get(), statistic })
}

/// The mean of one long series from the means of consecutive batches of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchMeans {
    /// The mean with its Student-t interval over the batches.
    pub estimate: Estimate,
    /// Pearson's correlation of neighbouring batches; far from zero means that they are too short for the interval.
    /// `None` where all are alike, and of fewer than three.
    pub lag_1: Option<f64>,
}

/// Cuts a settled series into so many batches of equal length, leaving out what does not fill them at its
/// beginning. `None` under the conditions of [`mean_interval`], and with fewer observations than batches.
pub fn batch_means(series: &[f64], batches: NonZeroUsize, confidence: f64) -> Option<BatchMeans> {
    let length = series.len() / batches.get();
    if length == 0 {
        return None;
    }
    let means: Vec<f64> =
        series[series.len() - length * batches.get()..].chunks_exact(length).filter_map(mean).collect();
    let estimate = mean_interval(&means, confidence)?;
    Some(BatchMeans { estimate, lag_1: correlation(&means[..means.len() - 1], &means[1..]) })
}

/// Pearson's; `None` where one of the two does not vary.
fn correlation(one: &[f64], other: &[f64]) -> Option<f64> {
    let (centre, other_centre) = (mean(one)?, mean(other)?);
    let pairs = one.iter().zip(other).map(|(x, y)| (x - centre, y - other_centre));
    let sums = pairs.fold((0.0, 0.0, 0.0), |(xx, xy, yy), (x, y)| (xx + x * x, xy + x * y, yy + y * y));
    let (squares, products, other_squares) = sums;
    (squares > 0.0 && other_squares > 0.0).then(|| products / (squares * other_squares).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::{Normals, assert_close, columns};

    fn size(n: usize) -> NonZeroUsize {
        NonZeroUsize::new(n).unwrap()
    }

    /// An autoregressive series of 2000 that starts at 40 and settles round 10; another program
    /// (kim-convergence 0.1.0) deletes as many.
    fn reference() -> Vec<f64> {
        let [series] = columns(include_str!("../../tests/fixtures/statistics/autoregressive.csv"));
        series
    }

    #[test]
    fn reference_deletion() {
        for (batch, statistic) in [(1, 0.002_292_594_960_778_815), (5, 0.009_688_347_035_891_954)] {
            let found = mser(&reference(), size(batch)).unwrap();
            assert_eq!((found.deleted, found.of), (15, 2000), "batches of {batch}");
            assert_close(found.statistic, statistic, 1e-10);
            assert!(found.is_trusted());
        }
    }

    #[test]
    fn reference_batches() {
        let found = batch_means(&reference()[15..], size(20), 0.95).unwrap();
        assert_close(found.estimate.mean, 9.746_652_686_953_524, 1e-12);
        assert_close(found.estimate.half_width, 0.349_068_280_698_389_1, 1e-11);
        assert!(found.estimate.interval().contains(10.0));
        assert_close(found.lag_1.unwrap(), -0.216_120_124_311_274_11, 1e-10);
        // Treated as independent, the same observations would be said to be known four times as well.
        let naive = mean_interval(&reference()[15..], 0.95).unwrap();
        assert_close(naive.half_width, 0.093_926, 0.02);
    }

    #[test]
    fn what_never_settles_is_not_trusted() {
        let rising: Vec<f64> = (0..500).map(f64::from).collect();
        assert!(!mser(&rising, size(5)).unwrap().is_trusted());
        let late: Vec<f64> =
            (0..500).map(|i| f64::from(u8::from(i >= 300)) * 100.0 + f64::from(i % 7)).collect();
        let found = mser(&late, size(5)).unwrap();
        assert_eq!(found.deleted, 300);
        assert!(!found.is_trusted());
    }

    #[test]
    fn what_is_settled_from_the_start_loses_little() {
        let settled = Normals::new(11).take(2000);
        assert!(mser(&settled, size(5)).unwrap().deleted <= 200);
        assert_eq!(mser(&[3.0; 100], size(5)).unwrap().deleted, 0);
    }

    #[test]
    fn too_little_says_nothing() {
        assert_eq!(mser(&[1.0; 49], size(5)), None);
        assert_eq!(mser(&[f64::NAN; 100], size(5)), None);
        assert_eq!(batch_means(&[1.0; 5], size(6), 0.95), None);
        assert_eq!(batch_means(&[1.0; 60], size(6), 0.95).unwrap().lag_1, None);
    }
}
