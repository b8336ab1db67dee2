//! How many replications a wanted precision takes, judged from a pilot.

use super::student;
use super::summary::{Estimate, mean, variance};

/// More replications than anybody runs; beyond it the answer is "out of reach".
const MOST: usize = 1 << 30;

/// The smallest number of replications, at least two, whose Student-t interval is expected to
/// have a half width of at most `target` times the mean (0.05 is 5 %).
///
/// Solves t(n - 1) s / sqrt(n) <= target |mean| with s and the mean of the pilot: a hint, because a
/// small pilot may misjudge s badly. `None` where the pilot has fewer than two values, where the
/// target is not positive, or where no number will do, as with a mean of zero.
///
/// ```
/// use tempfail::stats::precision::replications_needed;
///
/// let pilot = [90.0, 100.0, 110.0, 95.0, 105.0];
/// assert_eq!(replications_needed(&pilot, 0.05, 0.95), Some(13));
/// ```
pub fn replications_needed(pilot: &[f64], target: f64, confidence: f64) -> Option<usize> {
    replications_for_half_width(pilot, target * mean(pilot)?.abs(), confidence)
}

/// The same for a half width given in the unit of the numbers; the one to use near a mean of zero.
pub fn replications_for_half_width(pilot: &[f64], half_width: f64, confidence: f64) -> Option<usize> {
    for_spread(variance(pilot)?.sqrt(), half_width, confidence)
}

/// The same from an estimate, whose confidence is kept.
pub fn replications_from(pilot: &Estimate, half_width: f64) -> Option<usize> {
    let critical = student::critical_value(pilot.confidence, pilot.n.checked_sub(1)?)?;
    for_spread(pilot.half_width / critical * (pilot.n as f64).sqrt(), half_width, pilot.confidence)
}

fn for_spread(spread: f64, half_width: f64, confidence: f64) -> Option<usize> {
    student::critical_value(confidence, 1)?;
    if spread == 0.0 && half_width >= 0.0 {
        return Some(2);
    }
    let enough = |n: usize| {
        student::critical_value(confidence, n - 1)
            .is_some_and(|t| t * spread / (n as f64).sqrt() <= half_width)
    };
    // Below a few millions the condition is monotone in n, so that doubling and halving find its edge.
    let mut high = 2;
    while !enough(high) {
        high *= 2;
        if high > MOST {
            return None;
        }
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low.midpoint(high);
        if middle >= 2 && enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::summary::mean_interval;

    #[test]
    fn the_answer_is_the_smallest_that_will_do() {
        let pilot = [90.0, 100.0, 110.0, 95.0, 105.0];
        let spread = variance(&pilot).unwrap().sqrt();
        let half_width =
            |n: usize| student::critical_value(0.95, n - 1).unwrap() * spread / (n as f64).sqrt();
        for target in [0.5, 0.2, 0.05, 0.01] {
            let n = replications_needed(&pilot, target, 0.95).unwrap();
            assert!(half_width(n) <= target * 100.0);
            assert!(n == 2 || half_width(n - 1) > target * 100.0);
        }
    }

    #[test]
    fn an_estimate_says_the_same_as_its_numbers() {
        let pilot = [90.0, 100.0, 110.0, 95.0, 105.0];
        let estimate = mean_interval(&pilot, 0.95).unwrap();
        for half_width in [30.0, 5.0, 0.3] {
            let expected = replications_for_half_width(&pilot, half_width, 0.95);
            assert_eq!(replications_from(&estimate, half_width), expected);
        }
        assert_eq!(replications_from(&estimate, 0.0), None);
    }

    #[test]
    fn out_of_reach() {
        assert_eq!(replications_needed(&[-1.0, 1.0], 0.05, 0.95), None);
        assert_eq!(replications_needed(&[1.0], 0.05, 0.95), None);
        assert_eq!(replications_needed(&[1.0, 2.0], 0.0, 0.95), None);
        assert_eq!(replications_needed(&[1.0, 2.0], f64::NAN, 0.95), None);
        assert_eq!(replications_needed(&[1.0, 2.0], 1e-9, 0.95), None);
    }

    #[test]
    fn constants_need_two() {
        assert_eq!(replications_needed(&[4.0; 3], 0.05, 0.95), Some(2));
        assert_eq!(replications_for_half_width(&[0.0; 3], 0.0, 0.95), Some(2));
    }
}
