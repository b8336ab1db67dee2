//! Quantiles of a total of which not all ever arrived.
//!
//! The p-quantile is the smallest value that at least a part p of *all* has reached: the inverse of
//! the empirical distribution, with everything that never arrived counted as later than any value.
//! Where fewer than a part p arrived, it is not attained: `None`, never the quantile of those that did.

use super::histogram::Histogram;

/// The rank of the p-quantile among `total` (1 is the smallest): p times total, rounded up.
///
/// `None` for p outside (0, 1] and for a total of zero.
///
/// ```
/// use tempfail::stats::quantile::rank;
///
/// assert_eq!(rank(0.5, 200), Some(100));
/// assert_eq!(rank(0.99, 150), Some(149));
/// ```
pub fn rank(p: f64, total: u64) -> Option<u64> {
    if !(p > 0.0 && p <= 1.0) || total == 0 {
        return None;
    }
    let exact = p * total as f64;
    // 0.07 * 100 is 7.000000000000001, but the rank is 7 and not 8.
    let nearest = exact.round();
    let is_whole = (exact - nearest).abs() <= 4.0 * f64::EPSILON * exact;
    let rank = if is_whole { nearest } else { exact.ceil() };
    Some((rank as u64).clamp(1, total))
}

/// The p-quantile of `total` of which those that arrived are given in ascending order; `None`
/// where it is not attained.
///
/// ```
/// use tempfail::stats::quantile::of_sorted;
///
/// let delivered = [0.5, 2.0, 30.0];
/// assert_eq!(of_sorted(&delivered, 4, 0.5), Some(2.0));
/// assert_eq!(of_sorted(&delivered, 4, 0.9), None);
/// ```
pub fn of_sorted<T: Copy>(arrived: &[T], total: u64, p: f64) -> Option<T> {
    let place = usize::try_from(rank(p, total)? - 1).ok()?;
    arrived.get(place).copied()
}

/// The p-quantile of `total` from the histogram of those that arrived, to the precision of the
/// histogram; `None` where it is not attained.
pub fn of_histogram(arrived: &Histogram, total: u64, p: f64) -> Option<f64> {
    arrived.value_at_rank(rank(p, total)?)
}

/// The p-quantile of a total weight from (value, weight) in ascending order of value; `None` where
/// it is not attained. Weights must not be negative.
pub fn of_weighted<T>(arrived: impl IntoIterator<Item = (T, f64)>, total: f64, p: f64) -> Option<T> {
    if !(p > 0.0 && p <= 1.0 && total > 0.0) {
        return None;
    }
    // Sums of weights such as 0.1 fall short of their total by rounding.
    let wanted = p * total * (1.0 - 1e-12);
    let mut sum = 0.0;
    arrived.into_iter().find_map(|(value, weight)| {
        sum += weight;
        (sum >= wanted).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_do_not_suffer_from_rounding() {
        for n in 1..=100 {
            assert_eq!(rank(n as f64 / 100.0, 100), Some(n));
            assert_eq!(rank(n as f64 / 100.0, 100_000_000), Some(n * 1_000_000));
        }
        assert_eq!(rank(0.001, 10), Some(1));
        assert_eq!(rank(1.0, 10), Some(10));
        for p in [0.0, -0.5, 1.1, f64::NAN] {
            assert_eq!(rank(p, 10), None);
        }
        assert_eq!(rank(0.5, 0), None);
    }

    /// 200 in all, 190 of them arrived: the median is the 100th and not the 95th, and the 99th
    /// percentile does not exist.
    #[test]
    fn those_that_never_arrived_count() {
        let arrived: Vec<u64> = (1..=190).collect();
        assert_eq!(of_sorted(&arrived, 200, 0.5), Some(100));
        assert_eq!(of_sorted(&arrived, 200, 0.95), Some(190));
        assert_eq!(of_sorted(&arrived, 200, 0.99), None);
        let mut histogram = Histogram::new();
        for &value in &arrived {
            histogram.record(value);
        }
        assert_eq!(of_histogram(&histogram, 200, 0.5), Some(100.0));
        assert_eq!(of_histogram(&histogram, 200, 0.99), None);
        assert_eq!(of_histogram(&Histogram::new(), 0, 0.5), None);
    }

    #[test]
    fn weights_add_up_to_the_quantile() {
        let tenths = || (1..=10).map(|value| (value, 0.1));
        assert_eq!(of_weighted(tenths(), 1.0, 0.3), Some(3));
        assert_eq!(of_weighted(tenths(), 1.0, 0.31), Some(4));
        assert_eq!(of_weighted(tenths(), 1.0, 1.0), Some(10));
        assert_eq!(of_weighted(tenths(), 1.2, 0.9), None);
        assert_eq!(of_weighted(tenths(), 0.0, 0.5), None);
    }
}
