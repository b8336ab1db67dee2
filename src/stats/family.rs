//! A family of comparisons judged together: all other series against all baselines, one error rate.

use serde::{Deserialize, Serialize};

use super::holm;
use super::paired::{Paired, paired};
use super::verdict::{Margin, Verdict, verdict};

/// Two series made with common random numbers, to be compared.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// One number per replication of the baseline.
    pub baseline: &'a [f64],
    /// One number per replication of the other, in the same order.
    pub other: &'a [f64],
}

/// One comparison of a family.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// The paired comparison; its interval is simultaneous over the family, its p value is not.
    pub paired: Paired,
    /// Holm's p value: adjusted for the family.
    pub adjusted_p: f64,
    /// The word for it.
    pub verdict: Verdict,
}

impl Judgement {
    /// Whether the test tells the difference from zero while the simultaneous interval does not:
    /// Holm's procedure is sharper than Bonferroni's, and a reader who sees both wants to be told.
    pub fn is_sharper_than_interval(&self) -> bool {
        let difference = &self.paired.difference;
        self.verdict == Verdict::Different && difference.half_width >= difference.mean.abs()
    }
}

/// Judges a family of comparisons at one `confidence` (0.95: level 0.05).
///
/// Whether a difference is zero is decided by Holm's procedure, how large it is and whether it
/// is practically zero by simultaneous intervals; [`holm`] says why. Each of the two kinds of
/// statement is right throughout with probability of at least `confidence` for nearly normal means,
/// and every verdict at once with at least 1 - 1.5 alpha: a false "different" costs alpha / m0 for
/// each of the m0 true zeros, a false "practically equal" alpha / 2m for each of the others.
///
/// `None` if any pair has fewer than two replications or a number that is not finite, or if the
/// confidence is outside (0, 1): leaving out a comparison would change the error rate of the rest.
///
/// # Panics
///
/// If the series of a pair differ in length.
pub fn judge(pairs: &[Pair<'_>], confidence: f64, margin: Margin) -> Option<Vec<Judgement>> {
    let each = holm::simultaneous_confidence(confidence, pairs.len());
    let found: Vec<Paired> =
        pairs.iter().map(|pair| paired(pair.baseline, pair.other, each)).collect::<Option<_>>()?;
    let p_values: Vec<f64> = found.iter().map(|paired| paired.p_value).collect();
    let adjusted = holm::adjusted_p_values(&p_values);
    let judgements = found.into_iter().zip(adjusted).map(|(paired, adjusted_p)| {
        let rejects_zero = adjusted_p <= 1.0 - confidence;
        let interval = paired.difference.interval();
        let verdict = verdict(interval, paired.baseline_mean, rejects_zero, margin);
        Judgement { paired, adjusted_p, verdict }
    });
    Some(judgements.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::samples::Normals;

    #[test]
    fn a_family_finds_each_word() {
        let mut normals = Normals::new(3);
        let baseline: Vec<f64> = normals.take(30).iter().map(|z| 100.0 + 10.0 * z).collect();
        let mut shifted = |by: f64, noise: f64| -> Vec<f64> {
            baseline.iter().zip(normals.take(30)).map(|(b, z)| b + by + noise * z).collect()
        };
        let (more, alike, unclear) = (shifted(20.0, 2.0), shifted(0.5, 0.2), shifted(0.0, 20.0));
        let pairs = [&baseline, &more, &alike, &unclear].map(|other| Pair { baseline: &baseline, other });
        let found = judge(&pairs, 0.95, Margin::default()).unwrap();
        let words: Vec<Verdict> = found.iter().map(|one| one.verdict).collect();
        assert_eq!(
            words,
            [
                Verdict::PracticallyEqual,
                Verdict::Different,
                Verdict::PracticallyEqual,
                Verdict::NotDistinguishable
            ]
        );
        assert!(found[2].adjusted_p < 0.05, "a real difference, but too small to matter");
        assert!(found.iter().all(|one| one.paired.difference.confidence == 0.9875));
    }

    #[test]
    fn one_series_too_short_spoils_the_family() {
        let (long, short) = ([1.0, 2.0], [1.0]);
        let pairs = [Pair { baseline: &long, other: &long }, Pair { baseline: &short, other: &short }];
        assert_eq!(judge(&pairs, 0.95, Margin::default()), None);
        assert_eq!(judge(&[], 0.95, Margin::default()), Some(Vec::new()));
    }
}
