//! How bunched counts are, and how evenly something is shared out.

use super::summary::{mean, variance};

/// The index of dispersion of counts: variance (divisor n - 1) to mean.
///
/// One for a Poisson process, zero for a metronome, the size of the bunches for bunches.
/// `None` for fewer than two counts, or where nothing was counted.
pub fn index_of_dispersion(counts: &[u64]) -> Option<f64> {
    let counts: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
    let mean = mean(&counts)?;
    let variance = variance(&counts)?;
    (mean > 0.0).then(|| variance / mean)
}

/// Jain's fairness index: (sum x)^2 / (n sum x^2), from 1/n (one has all) to 1 (all have the same).
///
/// R. Jain, D.-M. Chiu and W. Hawe, "A Quantitative Measure of Fairness and Discrimination for
/// Resource Allocation in Shared Computer Systems", DEC-TR-301 (1984). The shares must not be
/// negative; all zero counts as equal. `None` without shares.
pub fn jain(shares: &[f64]) -> Option<f64> {
    // Scaled by the largest, so that squares neither overflow nor vanish.
    let largest = shares.iter().copied().reduce(f64::max)?;
    if largest <= 0.0 {
        return Some(1.0);
    }
    let sum: f64 = shares.iter().map(|share| share / largest).sum();
    let squares: f64 = shares.iter().map(|share| (share / largest).powi(2)).sum();
    Some(sum * sum / (shares.len() as f64 * squares))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::assert_close;

    #[test]
    fn metronome_bunches_and_silence() {
        assert_eq!(index_of_dispersion(&[3, 3, 3, 3]), Some(0.0));
        assert_eq!(index_of_dispersion(&[0, 20]), Some(20.0));
        assert_eq!(index_of_dispersion(&[0, 0]), None);
        assert_eq!(index_of_dispersion(&[5]), None);
    }

    #[test]
    fn fairness_from_one_for_all_to_all_for_one() {
        assert_eq!(jain(&[2.0, 2.0, 2.0, 2.0]), Some(1.0));
        assert_eq!(jain(&[0.0, 8.0, 0.0, 0.0]), Some(0.25));
        assert_close(jain(&[1.0, 3.0]).unwrap(), 0.8, 1e-12);
        assert_eq!(jain(&[0.0, 0.0]), Some(1.0));
        assert_close(jain(&[1e200, 3e200]).unwrap(), 0.8, 1e-12);
        assert_eq!(jain(&[]), None);
    }
}
