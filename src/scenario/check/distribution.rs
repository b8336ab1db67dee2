//! Distributions.

use super::judge::Judge;
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{Distribution, Lognormal};

/// Judges a distribution of durations.
pub fn distribution(judge: &mut Judge, written: &Spanned<Distribution>) {
    match &**written {
        Distribution::Constant(value) => judge.duration(value),
        Distribution::Exponential(mean) => judge.lasting(mean, "the mean"),
        Distribution::Gamma(gamma) => {
            judge.lasting(&gamma.mean, "the mean");
            judge.within(&gamma.shape, 1e-3..=1e6, "the shape");
        }
        Distribution::Lognormal(lognormal) => self::lognormal(judge, written, lognormal),
        Distribution::Empirical(values) => {
            if values.is_empty() {
                judge.value(values.place(), "there is nothing to draw from", "list at least one duration");
            }
            values.iter().for_each(|value| judge.duration(value));
        }
        Distribution::Uniform(uniform) => {
            judge.duration(&uniform.from);
            judge.duration(&uniform.to);
            judge.ordered(&uniform.from, &uniform.to, "value");
        }
    }
}

fn lognormal(judge: &mut Judge, written: &Spanned<Distribution>, lognormal: &Lognormal) {
    judge.within(&lognormal.sigma, 0.0..=10.0, "sigma");
    match (&lognormal.median, &lognormal.mean) {
        (Some(value), None) => judge.lasting(value, "the median"),
        (None, Some(value)) => judge.lasting(value, "the mean"),
        (Some(median), Some(mean)) => judge.contradiction(
            mean.place(),
            "the median and sigma give the mean already",
            (median.place(), "the median"),
            "leave one of `median` and `mean` out",
        ),
        (None, None) => judge.value(
            written.place(),
            "this lognormal distribution has neither a median nor a mean",
            "add for example `median = \"1s\"`",
        ),
    }
}
