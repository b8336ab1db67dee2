//! All numbers of a model together: faults too small for a single one.

use std::collections::BTreeSet;

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::finding::Finding;

/// Fewer cases say nothing about a family.
const LEAST: usize = 5;

/// From so many cases on the range is [`RANGE`].
const MANY: usize = 50;

/// Where the root mean square of many z must lie. With 70 cases of two numbers that depend on each other
/// little a correct model is outside once in a hundred times or more rarely.
const RANGE: (f64, f64) = (0.8, 1.2);

/// The probability with which a correct model lies outside of the range for fewer cases.
const OUTSIDE: f64 = 0.001;

/// The z of a model with independent cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Family {
    /// How many cases there are.
    pub cases: usize,
    /// How many z: a case has several, which depend on each other.
    pub size: usize,
    /// Their root mean square.
    pub root_mean_square: f64,
    /// Their mean.
    pub mean: f64,
    /// The largest in absolute value.
    pub largest: f64,
    /// Where the root mean square must lie.
    pub range: (f64, f64),
}

impl Family {
    /// Of the findings of one model; none where there are too few.
    pub(super) fn of(model: &str, findings: &[Finding]) -> Option<Self> {
        let of_model = || findings.iter().filter(|finding| finding.model == model);
        let with_z = || of_model().filter_map(|finding| finding.z().map(|z| (&finding.case, z)));
        let cases = with_z().map(|(case, _)| case).collect::<BTreeSet<_>>().len();
        if cases < LEAST {
            return None;
        }
        let z: Vec<f64> = with_z().map(|(_, z)| z).collect();
        let size = z.len();
        Some(Self {
            cases,
            size,
            root_mean_square: (z.iter().map(|z| z * z).sum::<f64>() / size as f64).sqrt(),
            mean: z.iter().sum::<f64>() / size as f64,
            largest: z.iter().copied().fold(0.0, |most: f64, z| most.max(z.abs())),
            range: range(cases)?,
        })
    }

    /// Whether the root mean square is where it should be.
    pub fn is_good(&self) -> bool {
        (self.range.0..=self.range.1).contains(&self.root_mean_square)
    }
}

/// Where the root mean square must lie, if there is one independent z for each case: more than that makes
/// it less likely to be outside.
fn range(cases: usize) -> Option<(f64, f64)> {
    if cases >= MANY {
        return Some(RANGE);
    }
    let n = cases as f64;
    let law = ChiSquared::new(n).ok()?;
    let root = |share: f64| (law.inverse_cdf(share) / n).sqrt();
    Some((root(OUTSIDE / 2.0).min(RANGE.0), root(1.0 - OUTSIDE / 2.0).max(RANGE.1)))
}

#[cfg(test)]
mod tests {
    use super::super::{Found, Known, Verdict};
    use super::*;

    fn family(z: &[f64]) -> Option<Family> {
        let finding = |(place, z): (usize, &f64)| {
            let found = Found { mean: *z, deviation: 10.0, runs: 100, most: (0.0, 0.0) };
            Finding {
                model: "m",
                case: place.to_string(),
                quantity: "q".to_owned(),
                known: Some(Known::exact(0.0)),
                found,
                verdict: Verdict::Agrees,
            }
        };
        Family::of("m", &z.iter().enumerate().map(finding).collect::<Vec<_>>())
    }

    #[test]
    fn z_spread_neither_too_far_nor_too_little() {
        let fair: Vec<f64> = (0..60).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let good = family(&fair).unwrap();
        assert_eq!((good.cases, good.size, good.range), (60, 60, (0.8, 1.2)));
        assert!(good.is_good() && good.root_mean_square == 1.0);
        assert!(!family(&fair.iter().map(|z| z * 1.25).collect::<Vec<_>>()).unwrap().is_good());
        assert!(!family(&fair.iter().map(|z| z * 0.75).collect::<Vec<_>>()).unwrap().is_good());
    }

    #[test]
    fn few_cases_have_a_wider_range_and_very_few_none() {
        // The quantiles 0.0005 and 0.9995 of chi squared with ten degrees of freedom are 1.265 and 31.42.
        let few = family(&[1.0; 10]).unwrap();
        assert!((few.range.0 - 0.3557).abs() < 1e-3 && (few.range.1 - 1.7726).abs() < 1e-3, "{few:?}");
        assert_eq!(family(&[1.0; 4]), None);
    }
}
