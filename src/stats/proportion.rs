//! How often something is so: the exact interval of a proportion.

use statrs::function::beta::beta_reg;

use super::summary::Interval;

/// The interval of Clopper and Pearson (Biometrika 26, 1934) for a probability, of which `successes` out of `n`
/// independent trials were seen. It covers at least as often as it says, and is longer than need be for few trials.
///
/// `None` without trials or with a confidence outside (0, 1).
///
/// ```
/// use tempfail::stats::proportion::clopper_pearson;
///
/// let found = clopper_pearson(27, 30, 0.95).unwrap();
/// assert!((found.low - 0.7347).abs() < 1e-4 && (found.high - 0.9789).abs() < 1e-4);
/// ```
///
/// # Panics
///
/// If there are more successes than trials.
pub fn clopper_pearson(successes: usize, n: usize, confidence: f64) -> Option<Interval> {
    assert!(successes <= n, "{successes} successes in {n} trials");
    if n == 0 || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    let (k, n) = (successes as f64, n as f64);
    // P(X >= k) for the lower end and P(X <= k) for the upper, as incomplete beta functions of the probability.
    let low = if successes == 0 { 0.0 } else { root(|p| beta_reg(k, n - k + 1.0, p) - tail) };
    let high = if k == n { 1.0 } else { root(|p| beta_reg(k + 1.0, n - k, p) - (1.0 - tail)) };
    Some(Interval { low, high })
}

/// Where a function that rises on [0, 1] crosses zero, by bisection down to neighbouring numbers.
fn root(rising: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if rising(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: binom.test(k, n)$conf.int, and the closed forms 1 - (a/2)^(1/n) where none or all succeed.
    #[test]
    fn reference_intervals() {
        for (successes, n, low, high) in [
            (7, 10, 0.347_547_1, 0.933_260_5),
            (50, 100, 0.398_321_1, 0.601_678_9),
            (1, 30, 0.000_843_571, 0.172_169_5),
        ] {
            let found = clopper_pearson(successes, n, 0.95).unwrap();
            assert!(
                (found.low - low).abs() < 2e-6 && (found.high - high).abs() < 2e-6,
                "{successes} {found:?}"
            );
        }
        let none = clopper_pearson(0, 20, 0.9).unwrap();
        assert!(none.low == 0.0 && (none.high - (1.0 - 0.05_f64.powf(0.05))).abs() < 1e-12);
        let all = clopper_pearson(20, 20, 0.9).unwrap();
        assert!(all.high == 1.0 && (all.low - 0.05_f64.powf(0.05)).abs() < 1e-12);
    }

    /// The interval covers every probability with at least its confidence: summed over all outcomes, exactly.
    #[test]
    fn it_covers_at_least_as_often_as_it_says() {
        let n = 25;
        for step in 1..40 {
            let p = f64::from(step) / 40.0;
            let mut binomial = (1.0 - p).powi(n);
            let mut covered = 0.0;
            for k in 0..=n {
                if clopper_pearson(k as usize, n as usize, 0.9).unwrap().contains(p) {
                    covered += binomial;
                }
                binomial *= f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p);
            }
            assert!(covered >= 0.9, "{p}: {covered}");
        }
    }

    #[test]
    fn nothing_from_nothing() {
        assert_eq!(clopper_pearson(0, 0, 0.95), None);
        assert_eq!(clopper_pearson(1, 2, 1.0), None);
    }
}
