//! Distributions of durations, as written.

use crate::scenario::Spanned;
use serde::{Deserialize, Serialize};

use crate::quantity::Duration;

/// How a duration is drawn. A bare `"2s"` in a file means [`Distribution::Constant`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Always the same.
    Constant(Spanned<Duration>),
    /// Exponential with this mean.
    Exponential(Spanned<Duration>),
    /// Gamma with a mean and a shape; shape 1 is exponential.
    Gamma(Gamma),
    /// Lognormal, by its median or its mean.
    Lognormal(Lognormal),
    /// One of the listed values, each equally likely.
    Empirical(Spanned<Vec<Spanned<Duration>>>),
    /// Any value of an interval, each equally likely.
    Uniform(Uniform),
}

/// A gamma distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gamma {
    /// The mean.
    pub mean: Spanned<Duration>,
    /// The shape, above 0; the squared coefficient of variation is its inverse.
    pub shape: Spanned<f64>,
}

/// A lognormal distribution; exactly one of `median` and `mean` is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    /// The median, exp(mu).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<Spanned<Duration>>,
    /// The mean, exp(mu + sigma^2 / 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<Spanned<Duration>>,
    /// The standard deviation of the logarithm, 0..=10.
    pub sigma: Spanned<f64>,
}

/// A uniform distribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uniform {
    /// The least value.
    pub from: Spanned<Duration>,
    /// The greatest value.
    pub to: Spanned<Duration>,
}
