//! From runs to what can be said of each variant: means with intervals, pooled quantiles of
//! latency, and the verdicts against the baseline.

mod comparisons;
mod pooled;

use serde::{Deserialize, Serialize};

use self::comparisons::comparisons;
use super::metric::{METRICS, Metric, position};
use crate::stats::family::Judgement;
use crate::stats::histogram::Histogram;
use crate::stats::summary::{Estimate, Interval, mean, mean_interval};

pub use comparisons::Wins;
pub(super) use comparisons::common;
pub(super) use pooled::pooled_latency;
pub use pooled::{POOLED, Pooled, PooledLatency};

/// What a variant is in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A policy that a real sender could follow.
    Compared,
    /// The clairvoyant where nothing is proven of it: something to look at.
    Reference,
    /// The clairvoyant where no policy can have a smaller restricted mean.
    Bound,
}

impl Role {
    /// The word used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compared => "compared",
            Self::Reference => "reference",
            Self::Bound => "bound",
        }
    }
}

/// How variants are compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the variant that the others are compared with.
    pub baseline: String,
    /// Confidence of intervals, and of the family of verdicts as a whole; between 0 and 1.
    pub confidence: f64,
    /// The smallest difference that matters, as a part of the baseline's mean.
    pub smallest_difference: f64,
    /// Names of variants without a steady state where one is asked for: what they show depends on when
    /// one looks, so that they have no intervals and are compared with nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<String>,
}

impl Plan {
    /// Whether intervals of a variant mean anything.
    pub fn is_settled(&self, variant: &str) -> bool {
        self.unsettled.iter().all(|unsettled| unsettled != variant)
    }
}

/// One replication of a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Which replication.
    pub replication: u32,
    /// The metrics in the order of [`METRICS`].
    pub values: Vec<Option<f64>>,
    /// Delivered messages of the cohort by latency in microseconds.
    pub latency: Histogram,
}

/// All replications of a variant, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Runs {
    /// Name of the variant.
    pub variant: String,
    /// What it is in the comparison.
    pub role: Role,
    /// The replications.
    pub runs: Vec<Run>,
}

/// What can be said of a variant.
#[derive(Clone, Debug)]
pub struct VariantSummary {
    /// Name of the variant.
    pub variant: String,
    /// What it is in the comparison.
    pub role: Role,
    /// One for each metric, in the order of [`METRICS`].
    pub metrics: Vec<MetricSummary>,
    /// Quantiles of latency over all replications together, one for each of [`POOLED`].
    pub latency: Vec<PooledLatency>,
}

impl VariantSummary {
    /// The summary of the metric of that name; `None` where there is no such metric.
    pub fn metric(&self, name: &str) -> Option<&MetricSummary> {
        self.metrics.get(position(name)?)
    }
}

/// One metric of one variant over its replications.
#[derive(Clone, Copy, Debug)]
pub struct MetricSummary {
    /// The metric.
    pub metric: &'static Metric,
    /// Replications that were run.
    pub replications: usize,
    /// Replications in which the metric has a value.
    pub attained: usize,
    /// The mean over the replications; `None` where one of them has no value, because the mean of
    /// the others would make a variant look the better the less often it attains anything.
    pub mean: Option<f64>,
    /// Half the length of the Student-t interval of that mean; `None` without a mean and with a
    /// single replication.
    pub half_width: Option<f64>,
    /// The confidence of that interval.
    pub confidence: f64,
    /// Smallest and largest of the values there are.
    pub range: Option<Interval>,
    /// The comparison with the baseline: primary metrics of compared variants only.
    pub comparison: Option<Judgement>,
    /// In how many replications it is better than the baseline, where there is a comparison.
    pub wins: Option<Wins>,
}

impl MetricSummary {
    /// The mean with its Student-t interval.
    pub fn estimate(&self) -> Option<Estimate> {
        let (mean, half_width) = (self.mean?, self.half_width?);
        Some(Estimate { mean, half_width, n: self.replications, confidence: self.confidence })
    }

    /// The Student-t interval of the mean.
    pub fn interval(&self) -> Option<Interval> {
        Some(Interval::around(self.mean?, self.half_width?))
    }

    /// The half width as a part of the mean; `None` where either is missing or the mean is zero and the
    /// half width is not.
    pub fn relative_half_width(&self) -> Option<f64> {
        match (self.mean?, self.half_width?) {
            (_, 0.0) => Some(0.0),
            (0.0, _) => None,
            (mean, half_width) => Some(half_width / mean.abs()),
        }
    }
}

/// Summarises all variants and judges the compared ones against the baseline.
///
/// All comparisons, of both primary metrics with every compared variant but the baseline, are
/// one family. If one of them cannot be made, none is: a family must not shrink after the fact. A
/// pair consists of the replications that both variants have.
pub fn summarise(variants: &[Runs], plan: &Plan) -> Vec<VariantSummary> {
    let mut groups = summarise_together(&[variants], plan);
    groups.pop().unwrap_or_default()
}

/// The same for several groups of variants, as at the points of a sweep: each variant is compared with the
/// baseline of its own group, and the comparisons of all groups are one family.
pub fn summarise_together(groups: &[&[Runs]], plan: &Plan) -> Vec<Vec<VariantSummary>> {
    let mut summaries: Vec<Vec<VariantSummary>> =
        groups.iter().map(|group| group.iter().map(|runs| summary_of(runs, plan)).collect()).collect();
    for (place, judgement, wins) in comparisons(groups, plan).unwrap_or_default() {
        let metric = &mut summaries[place.group][place.variant].metrics[place.metric];
        (metric.comparison, metric.wins) = (Some(judgement), wins);
    }
    summaries
}

fn summary_of(runs: &Runs, plan: &Plan) -> VariantSummary {
    let metrics = METRICS.iter().enumerate();
    VariantSummary {
        variant: runs.variant.clone(),
        role: runs.role,
        metrics: metrics.map(|(place, metric)| metric_summary(metric, place, runs, plan)).collect(),
        latency: POOLED.iter().map(|&quantile| pooled_latency(quantile, runs, plan)).collect(),
    }
}

fn metric_summary(metric: &'static Metric, place: usize, runs: &Runs, plan: &Plan) -> MetricSummary {
    let values: Vec<f64> = runs.runs.iter().filter_map(|run| run.values[place]).collect();
    let is_complete = values.len() == runs.runs.len();
    let is_settled = plan.is_settled(&runs.variant);
    let estimate = mean_interval(&values, plan.confidence).filter(|_| is_complete && is_settled);
    MetricSummary {
        metric,
        replications: runs.runs.len(),
        attained: values.len(),
        mean: mean(&values).filter(|_| is_complete),
        half_width: estimate.map(|estimate| estimate.half_width),
        confidence: plan.confidence,
        range: range(&values),
        comparison: None,
        wins: None,
    }
}

fn range(values: &[f64]) -> Option<Interval> {
    let low = values.iter().copied().reduce(f64::min)?;
    let high = values.iter().copied().reduce(f64::max)?;
    Some(Interval { low, high })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{metric::values, record::RunRecord, samples};
    use crate::stats::verdict::Verdict;

    fn plan() -> Plan {
        Plan { baseline: "a".to_owned(), confidence: 0.95, smallest_difference: 0.02, unsettled: Vec::new() }
    }

    fn run(replication: u32, record: &RunRecord) -> Run {
        Run { replication, values: values(record), latency: record.latency.delivered.clone() }
    }

    fn runs(variant: &str, role: Role, extra: impl Fn(u64) -> u64) -> Runs {
        let runs = (0..30).map(|r| run(r as u32, &samples::record(extra(r)))).collect();
        Runs { variant: variant.to_owned(), role, runs }
    }

    #[test]
    fn primary_metrics_are_judged_as_one_family() {
        let variants = [
            runs("bound", Role::Bound, |_| 0),
            runs("a", Role::Compared, |r| r % 7),
            runs("slower", Role::Compared, |r| r % 7 + 10 + r % 2),
        ];
        let found = summarise(&variants, &plan());
        let verdicts = |variant: &VariantSummary| {
            let judged = variant.metrics.iter().filter_map(|metric| metric.comparison);
            judged.map(|one| (one.verdict, one.paired.difference.confidence)).collect::<Vec<_>>()
        };
        assert!(verdicts(&found[0]).is_empty() && verdicts(&found[1]).is_empty());
        // Two comparisons in the family: each interval has a confidence of 97.5 %.
        assert_eq!(verdicts(&found[2]), [(Verdict::Different, 0.975), (Verdict::PracticallyEqual, 0.975)]);
        let slower = found[2].metric("restricted_mean_s").unwrap();
        let paired = slower.comparison.unwrap().paired;
        assert!((paired.difference.mean - 10.5).abs() < 1e-9);
        assert!(paired.variance_ratio.unwrap() > 10.0, "both follow the same replications");
        assert!(
            (slower.relative_half_width().unwrap() - slower.half_width.unwrap() / slower.mean.unwrap()).abs()
                < 1e-12
        );
    }

    #[test]
    fn groups_share_one_family() {
        let group = |extra: u64| {
            [runs("a", Role::Compared, |r| r % 7), runs("b", Role::Compared, move |r| r % 7 + extra + r % 2)]
        };
        let (near, far) = (group(0), group(10));
        let found = summarise_together(&[&near, &far], &plan());
        let of_b = |group: usize| found[group][1].metric("restricted_mean_s").unwrap().comparison.unwrap();
        assert_eq!(of_b(0).paired.difference.confidence, 1.0 - 0.05 / 4.0);
        assert!((of_b(1).paired.difference.mean - of_b(0).paired.difference.mean - 10.0).abs() < 1e-9);
        assert_eq!(of_b(1).verdict, Verdict::Different);
    }

    #[test]
    fn wins_are_counted_replication_by_replication() {
        let variants = [
            runs("a", Role::Compared, |_| 20),
            runs("b", Role::Compared, |r| {
                if r < 24 {
                    10
                } else if r < 27 {
                    20
                } else {
                    30
                }
            }),
        ];
        let found = summarise(&variants, &plan());
        let wins = found[1].metric("restricted_mean_s").unwrap().wins.unwrap();
        assert_eq!((wins.better, wins.alike(), wins.worse), (24, 3, 3));
        assert!(wins.share.contains(0.8) && !wins.share.contains(0.95), "{:?}", wins.share);
        assert_eq!(found[0].metric("restricted_mean_s").unwrap().wins, None);
        assert_eq!(found[1].metric("attempts").unwrap().wins, None);
    }

    #[test]
    fn what_is_not_always_attained_has_no_mean() {
        let mut one = runs("a", Role::Compared, |r| r);
        let place = position("through_50_s").unwrap();
        one.runs[4].values[place] = None;
        let found = summarise(&[one], &plan());
        let through = found[0].metric("through_50_s").unwrap();
        assert_eq!((through.attained, through.replications, through.mean), (29, 30, None));
        assert_eq!(through.range, Some(Interval { low: 30.0, high: 30.0 }));
        assert_eq!(through.interval(), None);
        let never = found[0].metric("through_99_s").unwrap();
        assert_eq!((never.attained, never.range), (0, None));
    }

    #[test]
    fn a_comparison_that_cannot_be_made_spoils_the_family() {
        let mut variants = [
            runs("a", Role::Compared, |r| r),
            runs("b", Role::Compared, |r| r),
            runs("c", Role::Compared, |r| r),
        ];
        variants[2].runs[0].values[position("restricted_mean_s").unwrap()] = None;
        let found = summarise(&variants, &plan());
        assert!(found.iter().all(|one| one.metrics.iter().all(|metric| metric.comparison.is_none())));
        let no_baseline = summarise(&variants[1..2], &plan());
        assert!(no_baseline[0].metric("restricted_mean_s").unwrap().comparison.is_none());
    }

    #[test]
    fn what_has_not_settled_has_no_interval_and_no_verdict() {
        let variants = ["a", "b", "c"].map(|name| runs(name, Role::Compared, |r| r));
        let has = |unsettled: &str| {
            let unsettled = vec![unsettled.to_owned()];
            let found = summarise(&variants, &Plan { unsettled, ..plan() });
            let metric = |one: &VariantSummary| *one.metric("restricted_mean_s").unwrap();
            found
                .iter()
                .map(metric)
                .map(|one| (one.half_width.is_some(), one.comparison.is_some()))
                .collect::<Vec<_>>()
        };
        assert_eq!(has("b"), [(true, false), (false, false), (true, true)]);
        assert_eq!(has("a"), [(false, false), (true, false), (true, false)], "the baseline");
    }

    #[test]
    fn pairs_are_made_of_common_replications() {
        let mut variants = [runs("a", Role::Compared, |r| r), runs("b", Role::Compared, |r| r + 5)];
        variants[0].runs.remove(3);
        variants[1].runs.remove(10);
        let found = summarise(&variants, &plan());
        let paired = found[1].metric("restricted_mean_s").unwrap().comparison.unwrap().paired;
        assert_eq!(paired.difference.n, 28);
        assert!((paired.difference.mean - 5.0).abs() < 1e-9);
    }

    #[test]
    fn pooled_quantiles_count_all_messages() {
        let found = summarise(&[runs("a", Role::Compared, |r| r % 7)], &plan());
        let [p50, p90, _, p99] = found[0].latency[..] else { panic!("four quantiles") };
        // Of 3000 messages 2940 were delivered, after 1 s to 98 s and 0 s to 6 s more.
        assert!((p50.value_s.unwrap() - 53.0).abs() < 1.0);
        assert!(p90.interval_s.unwrap().contains(93.0));
        assert_eq!((p99.value_s, p99.interval_s), (None, None));
        let one = Runs { runs: vec![run(0, &samples::record(0))], ..runs("a", Role::Compared, |_| 0) };
        let alone = &summarise(&[one], &plan())[0];
        assert!(alone.latency[0].value_s.is_some() && alone.latency[0].interval_s.is_none());
        let mean = alone.metric("restricted_mean_s").unwrap();
        assert_eq!((mean.mean, mean.half_width), (Some(50.0), None));
    }
}
