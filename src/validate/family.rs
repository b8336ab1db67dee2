//! All rows together: faults too small for a single row.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::stats::student::critical_value;
use crate::stats::summary::mean;

/// Fewer rows say nothing about a family.
const LEAST: usize = 20;

/// The probability that a correct simulator lies outside of either range, half of it on each side.
const OUTSIDE: f64 = 0.001;

/// Standard errors within which a mean of many z lies but for one in a thousand cases.
const MEAN_WITHIN: f64 = 3.3;

/// What z, one of each configuration, say together: rows of one configuration depend on each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Family {
    /// How many z there are.
    pub size: usize,
    /// Of those, how many lie within the quantiles of Student's t between which 95 % do.
    pub inside: usize,
    /// Least and greatest `inside` of a correct simulator, but for one in a thousand cases.
    pub range: (usize, usize),
    /// Their mean.
    pub mean: f64,
    /// The greatest absolute value it should have.
    pub greatest_mean: f64,
}

impl Family {
    /// Of z with the numbers of replications that they come from; none where there are too few.
    pub(super) fn of(all: &[(f64, usize)]) -> Option<Self> {
        if all.len() < LEAST {
            return None;
        }
        let is_inside = |&&(z, replications): &&(f64, usize)| {
            critical_value(0.95, replications - 1).is_some_and(|critical| z.abs() <= critical)
        };
        let z: Vec<f64> = all.iter().map(|(z, _)| *z).collect();
        let law = Binomial::new(0.95, all.len() as u64).ok()?;
        let low = law.inverse_cdf(OUTSIDE / 2.0) as usize;
        let high = law.inverse_cdf(1.0 - OUTSIDE / 2.0) as usize;
        Some(Self {
            size: all.len(),
            inside: all.iter().filter(is_inside).count(),
            range: (low, high),
            mean: mean(&z)?,
            greatest_mean: MEAN_WITHIN / (all.len() as f64).sqrt(),
        })
    }

    /// Whether both are as they should be.
    pub fn is_good(&self) -> bool {
        (self.range.0..=self.range.1).contains(&self.inside) && self.mean.abs() <= self.greatest_mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_or_too_one_sided_is_bad() {
        let family = |z: &[f64]| Family::of(&z.iter().map(|z| (*z, 20)).collect::<Vec<_>>()).unwrap();
        let fair: Vec<f64> = (0..100).map(|k| f64::from(k) * 0.04 - 1.98).collect();
        let good = family(&fair);
        assert!(good.is_good(), "{good:?}");
        // P(X < 87) = 0.0015, P(X < 86) = 0.0005 of 100 with probability 0.95.
        assert_eq!((good.size, good.inside, good.range), (100, 100, (87, 100)));
        let shifted: Vec<f64> = fair.iter().map(|z| z * 0.5 + 0.5).collect();
        assert!(!family(&shifted).is_good());
        let wide: Vec<f64> = fair.iter().map(|z| z * 1.5).collect();
        assert!(!family(&wide).is_good());
        assert_eq!(Family::of(&[(0.0, 20); 19]), None);
    }
}
