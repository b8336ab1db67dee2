//! The interval of a quantile between two order statistics, for independent values only.

/// The ranks (1 is the smallest) between which a quantile lies with the stated confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankInterval {
    /// Rank of the lower end; `None` where the sample is too small to have one.
    pub low: Option<u64>,
    /// Rank of the upper end; `None` where the sample is too small to have one.
    pub high: Option<u64>,
    /// The probability with which the interval covers the quantile, at least the confidence.
    pub coverage: f64,
}

/// The order-statistic interval [X(r), X(s)] of the p-quantile of `n` independent values:
/// r = max { r : P(Bin(n, p) <= r - 1) <= alpha / 2 }, s = min { s : P(Bin(n, p) >= s) <= alpha / 2 }.
///
/// Distribution free, but only for *independent* values: latencies of one replication are not. W. J.
/// Conover, "Practical Nonparametric Statistics" (1999), section 3.2. `None` for n = 0 and for p or a
/// confidence outside (0, 1).
///
/// ```
/// use tempfail::stats::order_statistic::rank_interval;
///
/// let median = rank_interval(20, 0.5, 0.95).unwrap();
/// assert_eq!((median.low, median.high), (Some(6), Some(15)));
/// // The 99th percentile of 100 values has no upper limit: it may be larger than all of them.
/// assert_eq!(rank_interval(100, 0.99, 0.95).unwrap().high, None);
/// ```
pub fn rank_interval(n: u64, p: f64, confidence: f64) -> Option<RankInterval> {
    let open_unit = |x: f64| x > 0.0 && x < 1.0;
    if n == 0 || !open_unit(p) || !open_unit(confidence) {
        return None;
    }
    let (first, masses) = binomial(n, p);
    let tail = (1.0 - confidence) / 2.0;
    let below = count_within(masses.iter(), tail);
    let above = count_within(masses.iter().rev(), tail);
    let end = masses.len() - above;
    Some(RankInterval {
        // The successes that may be left out below are first - 1 + below, one less than r.
        low: Some(first + below as u64).filter(|&rank| rank > 0),
        high: Some(first + end as u64).filter(|&rank| rank <= n),
        coverage: masses[below..end].iter().sum(),
    })
}

/// How many masses can be taken from the front before their sum exceeds `tail`.
fn count_within<'a>(masses: impl Iterator<Item = &'a f64>, tail: f64) -> usize {
    let mut sum = 0.0;
    masses
        .take_while(|&&mass| {
            sum += mass;
            sum <= tail
        })
        .count()
}

/// The probabilities of the binomial distribution that matter, and the number of successes of the
/// first of them.
///
/// Ratios of neighbours, outwards from the mode until nothing is left to add, then scaled to a sum of
/// one: no gamma function whose rounding grows with n, and about ten standard deviations of terms.
fn binomial(n: u64, p: f64) -> (u64, Vec<f64>) {
    const NEGLIGIBLE: f64 = 1e-25;
    let odds = p / (1.0 - p);
    let mode = (((n + 1) as f64 * p) as u64).min(n);
    let mut masses = Vec::new();
    let (mut successes, mut mass) = (mode, 1.0);
    while successes > 0 && mass > NEGLIGIBLE {
        mass *= successes as f64 / ((n - successes + 1) as f64 * odds);
        successes -= 1;
        masses.push(mass);
    }
    let first = successes;
    masses.reverse();
    masses.push(1.0);
    (successes, mass) = (mode, 1.0);
    while successes < n && mass > NEGLIGIBLE {
        mass *= (n - successes) as f64 * odds / (successes + 1) as f64;
        successes += 1;
        masses.push(mass);
    }
    let sum: f64 = masses.iter().sum();
    masses.iter_mut().for_each(|mass| *mass /= sum);
    (first, masses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::{Normals, assert_close, columns};

    #[test]
    fn reference_ranks() {
        let table = include_str!("../../tests/fixtures/statistics/order_statistics.csv");
        let [n, p, low, high, coverage] = columns(table);
        for row in 0..n.len() {
            let found = rank_interval(n[row] as u64, p[row], 0.95).unwrap();
            assert_eq!(found.low, Some(low[row] as u64), "n = {}", n[row]);
            // The table has n + 1 where there is no upper limit.
            assert_eq!(found.high.unwrap_or(n[row] as u64 + 1), high[row] as u64, "n = {}", n[row]);
            assert_close(found.coverage, coverage[row], 1e-12);
        }
    }

    #[test]
    fn the_smallest_samples_with_two_limits() {
        for (p, smallest) in [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.999, 3688)] {
            let is_bounded = |n| {
                let found = rank_interval(n, p, 0.95).unwrap();
                found.low.is_some() && found.high.is_some()
            };
            assert!(is_bounded(smallest), "{p}");
            assert!(!is_bounded(smallest - 1), "{p}");
        }
    }

    #[test]
    fn large_and_impossible_samples() {
        let found = rank_interval(100_000_000, 0.5, 0.95).unwrap();
        assert_eq!(found.low.unwrap() + found.high.unwrap(), 100_000_001);
        assert_close(found.coverage, 0.95, 1e-4);
        assert_eq!(
            rank_interval(1, 0.5, 0.95).unwrap(),
            RankInterval { low: None, high: None, coverage: 1.0 }
        );
        assert_eq!(rank_interval(0, 0.5, 0.95), None);
        assert_eq!(rank_interval(10, 1.0, 0.95), None);
        assert_eq!(rank_interval(10, 0.5, f64::NAN), None);
    }

    /// The true coverage is 0.9586: of 400 intervals 371 to 393 cover the median with probability
    /// 0.99 (exact binomial). The seed is fixed.
    #[test]
    fn intervals_cover_the_median_as_often_as_they_say() {
        let ranks = rank_interval(20, 0.5, 0.95).unwrap();
        let at = |rank: Option<u64>| rank.unwrap() as usize - 1;
        let mut normals = Normals::new(20);
        let covered = (0..400)
            .filter(|_| {
                let mut data = normals.take(20);
                data.sort_by(f64::total_cmp);
                data[at(ranks.low)] <= 0.0 && 0.0 <= data[at(ranks.high)]
            })
            .count();
        assert!((371..=393).contains(&covered), "{covered}");
    }
}
