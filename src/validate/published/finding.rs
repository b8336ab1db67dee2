//! How one number came out.

use super::case::{Asked, Case, Depth};
use super::known::Known;
use crate::stats::student::critical_value;
use crate::stats::summary::{mean, variance};

/// How often a number rejects a correct model, where no mistake is made about the law of its mean. With some
/// nine hundred of them about one page in a hundred has one.
pub const ERROR_PROBABILITY: f64 = 1e-5;

/// What many independent runs gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// How many there were.
    pub runs: usize,
    /// Between which 90 % of them lie: the quantiles of 5 % and 95 %.
    pub most: (f64, f64),
}

impl Found {
    /// Of the values of all runs; none of nothing, or where one is no number.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        if values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantile = |share: f64| sorted[((share * sorted.len() as f64) as usize).min(sorted.len() - 1)];
        Some(Self {
            mean: mean(values)?,
            deviation: variance(values).unwrap_or_default().sqrt(),
            runs: values.len(),
            most: (quantile(0.05), quantile(0.95)),
        })
    }

    /// The standard error of the mean.
    pub fn error(&self) -> f64 {
        self.deviation / (self.runs as f64).sqrt()
    }

    /// Half the length of the interval of the mean with this confidence (Student's t); none without chance.
    pub fn half_width(&self, confidence: f64) -> Option<f64> {
        critical_value(confidence, self.runs - 1).map(|critical| critical * self.error())
    }
}

/// A number of a case, what is known of it, and what follows.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The name of the model.
    pub model: &'static str,
    /// What was run, as `name=value` between semicolons.
    pub case: String,
    /// What the number is.
    pub quantity: String,
    /// What it should be, if anything is known.
    pub known: Option<Known>,
    /// What it is here.
    pub found: Found,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same number, but for rounding or the distance from a limit.
    Equal,
    /// Agrees within both errors, which are small enough to mean something.
    Agrees,
    /// Too far away to be chance.
    Differs,
    /// The errors are too large for the comparison to mean anything.
    TooWide,
    /// Nothing is known to compare with.
    Alone,
}

impl Verdict {
    /// The verdict in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::TooWide => "not tested",
            Self::Alone => "no reference",
        }
    }
}

impl Finding {
    pub(super) fn new(case: &Case, asked: &Asked, found: Found, depth: Depth) -> Self {
        let verdict = asked.known.map_or(Verdict::Alone, |known| judge(&known, &found, asked.scale, depth));
        Self {
            model: case.model,
            case: case.label.clone(),
            quantity: asked.quantity.clone(),
            known: asked.known,
            found,
            verdict,
        }
    }

    /// The standard error of the difference, that of what is known included; none without chance or
    /// reference.
    pub fn error(&self) -> Option<f64> {
        self.known.map(|known| both_errors(&known, &self.found)).filter(|error| *error > 0.0)
    }

    /// (here - known) over the standard error of both; none without chance or reference.
    pub fn z(&self) -> Option<f64> {
        let known = self.known?;
        self.error().map(|error| (self.found.mean - known.value) / error)
    }
}

fn both_errors(known: &Known, found: &Found) -> f64 {
    found.error().hypot(known.error(found.deviation))
}

fn judge(known: &Known, found: &Found, scale: f64, depth: Depth) -> Verdict {
    let error = both_errors(known, found);
    let beyond = (found.mean - known.value).abs() - known.tolerance();
    if error == 0.0 {
        return if beyond <= 0.0 { Verdict::Equal } else { Verdict::Differs };
    }
    let critical =
        critical_value(1.0 - ERROR_PROBABILITY, found.runs.saturating_sub(1)).unwrap_or(f64::INFINITY);
    if beyond > critical * error {
        Verdict::Differs
    } else if error > depth.greatest_error() * known.value.abs().max(scale) {
        Verdict::TooWide
    } else {
        Verdict::Agrees
    }
}

#[cfg(test)]
mod tests {
    use super::super::known::Precision;
    use super::super::optimistic_lock::{self, STRATEGIES};
    use super::*;

    fn found(mean: f64, deviation: f64) -> Found {
        Found { mean, deviation, runs: 100, most: (mean, mean) }
    }

    #[test]
    fn both_errors_count() {
        // With 99 degrees of freedom 4.65 errors are exceeded with probability 1e-5.
        let known = Known { value: 100.0, precision: Precision::Error(0.4) };
        let finding = |known, mean| {
            let case = optimistic_lock::case(1, STRATEGIES[0], None, Depth::Whole).unwrap();
            Finding::new(&case, &Asked::new("q", known), found(mean, 3.0), Depth::Whole)
        };
        assert!((finding(Some(known), 101.0).z().unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(finding(Some(known), 102.3).verdict, Verdict::Agrees);
        assert_eq!(finding(Some(known), 102.4).verdict, Verdict::Differs);
        assert_eq!(finding(None, 1.0).verdict, Verdict::Alone);
    }

    #[test]
    fn without_chance_a_number_is_equal_or_not() {
        let judged = |mean, known| judge(&known, &found(mean, 0.0), 0.0, Depth::Whole);
        assert_eq!(judged(1.000_000_1, Known::exact(1.0)), Verdict::Equal);
        assert_eq!(judged(1.001, Known::exact(1.0)), Verdict::Differs);
        let limit = Known { value: 1.0, precision: Precision::Within(0.01) };
        assert_eq!(judged(1.009, limit), Verdict::Equal);
        assert_eq!(judged(1.011, limit), Verdict::Differs);
    }

    #[test]
    fn what_is_too_imprecise_says_nothing() {
        let judged = |scale| judge(&Known::exact(1.0), &found(1.0, 5.0), scale, Depth::Whole);
        assert_eq!((judged(0.0), judged(100.0)), (Verdict::TooWide, Verdict::Agrees));
    }

    #[test]
    fn runs_are_summed_up() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let found = Found::of(&values).unwrap();
        assert_eq!((found.mean, found.runs, found.most), (50.5, 100, (6.0, 96.0)));
        assert!(Found::of(&[]).is_none());
        assert!(Found::of(&[f64::NAN]).is_none());
    }
}
