//! Laws of random durations: constant, and the distributions that service times are measured to have.

use std::sync::Arc;

use rand_distr::{Distribution, Gamma, LogNormal};

use crate::random::Draw;
use crate::time::Span;

/// How a duration is distributed. Samples are never negative.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Always the same.
    Constant(Span),
    /// Exponential with this mean.
    Exponential(Span),
    /// Gamma with this mean and shape (shape 1 is exponential, large shapes are nearly constant).
    Gamma {
        /// Mean; positive.
        mean: Span,
        /// Shape; positive.
        shape: f64,
    },
    /// Lognormal: the logarithm is normal with standard deviation `sigma`.
    LogNormal {
        /// Median; positive.
        median: Span,
        /// Standard deviation of the natural logarithm; not negative.
        sigma: f64,
    },
    /// Uniform between two bounds.
    Uniform {
        /// Smallest value.
        from: Span,
        /// Largest value.
        to: Span,
    },
    /// One of these measured values, each equally likely; at least one.
    Empirical(Arc<[Span]>),
}

impl Law {
    /// No time at all.
    pub const ZERO: Self = Self::Constant(Span::ZERO);

    /// A duration drawn from the law.
    pub fn sample(&self, draw: &mut Draw) -> Span {
        match self {
            Self::Constant(span) => *span,
            Self::Exponential(mean) => mean.scale(draw.exponential()),
            Self::Gamma { mean, shape } => match Gamma::new(*shape, 1.0 / shape) {
                Ok(gamma) => mean.scale(gamma.sample(draw)),
                Err(_) => *mean,
            },
            Self::LogNormal { median, sigma } => match LogNormal::new(0.0, *sigma) {
                Ok(lognormal) => median.scale(lognormal.sample(draw)),
                Err(_) => *median,
            },
            Self::Uniform { from, to } => *from + draw.span_up_to(*to - *from),
            Self::Empirical(values) => {
                let place = (draw.unit() * values.len() as f64) as usize;
                values[place.min(values.len() - 1)]
            }
        }
    }

    /// Whether what is left of a duration is never likely to be longer than a whole one, however much of it has
    /// passed: its hazard rate does not fall. Of measured values that is known of one that is always the same.
    pub fn is_used_up(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Exponential(_) | Self::Uniform { .. } => true,
            Self::Gamma { shape, .. } => *shape >= 1.0,
            Self::LogNormal { sigma, .. } => *sigma == 0.0,
            Self::Empirical(values) => values.windows(2).all(|pair| pair[0] == pair[1]),
        }
    }

    /// The variance as a part of the square of the mean; zero where both are.
    pub fn squared_variation(&self) -> f64 {
        match self {
            Self::Constant(_) => 0.0,
            Self::Exponential(_) => 1.0,
            Self::Gamma { shape, .. } => 1.0 / shape,
            Self::LogNormal { sigma, .. } => (sigma * sigma).exp() - 1.0,
            Self::Uniform { from, to } => {
                let (width, sum) = ((*to - *from).as_seconds(), (*to + *from).as_seconds());
                if sum > 0.0 { (width / sum).powi(2) / 3.0 } else { 0.0 }
            }
            Self::Empirical(values) => {
                let mean = self.mean().as_seconds();
                let squares: f64 = values.iter().map(|value| (value.as_seconds() - mean).powi(2)).sum();
                if mean > 0.0 { squares / values.len() as f64 / (mean * mean) } else { 0.0 }
            }
        }
    }

    /// The mean of the law.
    pub fn mean(&self) -> Span {
        match self {
            Self::Constant(mean) | Self::Exponential(mean) | Self::Gamma { mean, .. } => *mean,
            Self::LogNormal { median, sigma } => median.scale((sigma * sigma / 2.0).exp()),
            Self::Uniform { from, to } => *from + (*to - *from) / 2,
            Self::Empirical(values) => {
                let sum: f64 = values.iter().map(|value| value.as_seconds()).sum();
                Span::from_seconds_f64(sum / values.len() as f64)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};

    /// 100 000 samples of each: the mean within 4.9 standard errors (error probability 1e-6 each).
    #[test]
    fn samples_have_the_mean_of_the_law() {
        let second = Span::SECOND;
        let laws = [
            Law::Constant(second),
            Law::Exponential(second),
            Law::Gamma { mean: second, shape: 2.5 },
            Law::LogNormal { median: second, sigma: 0.8 },
            Law::Uniform { from: second, to: second * 3 },
            Law::Empirical(vec![second, second * 2, second * 6].into()),
        ];
        let n = 100_000u64;
        for (which, law) in laws.iter().enumerate() {
            let key = Key::new(5, which as u32);
            let samples: Vec<f64> =
                (0..n).map(|i| law.sample(&mut key.draw(Purpose::Transaction, i, 0)).as_seconds()).collect();
            let mean = samples.iter().sum::<f64>() / n as f64;
            let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
            let error = (variance / n as f64).sqrt().max(1e-9);
            assert!((mean - law.mean().as_seconds()).abs() < 4.9 * error, "{law:?}: {mean}");
            let variation = variance / (mean * mean);
            assert!((variation - law.squared_variation()).abs() < 0.05, "{law:?}: {variation}");
        }
    }
}
