//! Student's t distribution: the critical value of an interval and the p value of a test.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The number t with P(|T| <= t) = `confidence` for T with so many degrees of freedom.
///
/// `None` without a degree of freedom or with a confidence outside (0, 1).
///
/// ```
/// use tempfail::stats::student::critical_value;
///
/// let t = critical_value(0.95, 29).unwrap();
/// assert!((t - 2.045_229_642).abs() < 1e-9);
/// ```
pub fn critical_value(confidence: f64, freedom: usize) -> Option<f64> {
    let inside = confidence > 0.0 && confidence < 1.0;
    if !inside || freedom == 0 {
        return None;
    }
    Some(root(freedom, 1.0 - confidence))
}

/// The two-sided p value of the statistic `t`: P(|T| >= |t|). One without a degree of freedom,
/// because then there is no evidence.
pub fn two_sided_p(t: f64, freedom: usize) -> f64 {
    match distribution(freedom) {
        Some(_) if t.is_infinite() => 0.0,
        Some(student) => (2.0 * student.sf(t.abs())).min(1.0),
        None => 1.0,
    }
}

/// Solves P(|T| >= t) = `tail` by bisection down to neighbouring numbers.
///
/// Not statrs' `inverse_cdf`: its Newton iteration returned 7.7e7 instead of 6.4e8 for one degree
/// of freedom and a tail of 1e-9, which a wide family of comparisons with few replications can ask for.
fn root(freedom: usize, tail: f64) -> f64 {
    let mut high = 1.0;
    while two_sided_p(high, freedom) > tail {
        high *= 2.0;
    }
    let mut low = 0.0;
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return high;
        }
        if two_sided_p(middle, freedom) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
}

fn distribution(freedom: usize) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, freedom as f64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::assert_close;

    #[test]
    fn tabulated_quantiles() {
        for (freedom, expected) in [
            (4, 2.776_445_105_197_793_4),
            (9, 2.262_157_162_798_205),
            (19, 2.093_024_054_408_308_7),
            (29, 2.045_229_642_132_703),
        ] {
            assert_close(critical_value(0.95, freedom).unwrap(), expected, 1e-12);
        }
        assert_close(critical_value(0.90, 9).unwrap(), 1.833_112_932_656_237, 1e-12);
    }

    /// One degree of freedom is Cauchy's distribution, and two have a closed form as well.
    #[test]
    fn closed_forms_far_into_the_tail() {
        for tail in [0.5f64, 0.05, 1e-3, 1e-6, 1e-9] {
            let confidence = 1.0 - tail;
            let tail = 1.0 - confidence;
            let cauchy = 1.0 / (std::f64::consts::FRAC_PI_2 * tail).tan();
            assert_close(critical_value(confidence, 1).unwrap(), cauchy, 1e-8);
            let two = confidence * (2.0 / (1.0 - confidence * confidence)).sqrt();
            assert_close(critical_value(confidence, 2).unwrap(), two, 1e-8);
        }
    }

    #[test]
    fn many_degrees_of_freedom_approach_the_normal_distribution() {
        assert_close(critical_value(0.95, 10_000_000).unwrap(), 1.959_964, 1e-5);
    }

    #[test]
    fn nothing_without_freedom_or_confidence() {
        assert_eq!(critical_value(0.95, 0), None);
        for confidence in [0.0, 1.0, -1.0, f64::NAN] {
            assert_eq!(critical_value(confidence, 5), None);
        }
        assert_eq!(two_sided_p(3.0, 0), 1.0);
        assert_eq!(two_sided_p(f64::INFINITY, 3), 0.0);
        assert_eq!(two_sided_p(0.0, 3), 1.0);
    }
}
