//! Paired differences from the baseline in the two primary metrics.

use super::super::figure::{Comparison, Difference, Forest, Verdict as Shown};
use super::super::stored::Stored;
use super::{Picture, caption, look};
use crate::experiment::metric::{METRICS, Metric};
use crate::experiment::summary::VariantSummary;
use crate::stats::family::Judgement;
use crate::stats::verdict::Verdict;

/// Said where a bar seems to contradict its word.
const SHARPER: &str =
    " Higher or lower although a bar reaches over zero: Holm's test decides, and it is sharper.";

/// The picture; none when nothing is compared.
pub(super) fn picture(stored: &Stored, summaries: &[VariantSummary]) -> Option<Picture> {
    let manifest = &stored.manifest;
    let plan = &manifest.comparison;
    let primary = || METRICS.iter().filter(|metric| metric.primary);
    let comparisons: Vec<Comparison> = primary()
        .map(|metric| Comparison {
            metric: title(metric),
            about: metric.about.replace(" - ", " − "),
            practically_equal: plan.smallest_difference * 100.0,
            differences: differences(stored, summaries, metric.name),
        })
        .filter(|comparison| !comparison.differences.is_empty())
        .collect();
    if comparisons.is_empty() {
        return None;
    }
    let impossible = "; no difference is below -100 %, and intervals that reach beyond are drawn up to there";
    let reaches_beyond = comparisons.iter().flat_map(|one| &one.differences).any(Difference::is_clipped);
    let mut meaning = format!(
        "Paired by replication, in per cent of {}; bars: simultaneous {} % intervals over all comparisons{}; green \
         band: up to ± {} %, too small to matter.",
        plan.baseline,
        number(plan.confidence * 100.0),
        if reaches_beyond { impossible } else { "" },
        number(plan.smallest_difference * 100.0),
    );
    for metric in primary().filter(|metric| is_nothing(summaries, &plan.baseline, metric.name)) {
        meaning.push_str(&format!(" Not drawn: {}, of which {} has none.", title(metric), plan.baseline));
    }
    if primary().any(|metric| has_sharper(summaries, metric.name)) {
        meaning.push_str(SHARPER);
    }
    let figure = Forest { baseline: plan.baseline.clone(), comparisons };
    let title = format!("Differences from {}", plan.baseline);
    Some(Picture {
        file: "differences.png".to_owned(),
        png: figure.render(&caption(manifest, &title, &meaning)),
    })
}

/// Whether the baseline has none of what a metric counts, so that nothing is a part of it.
fn is_nothing(summaries: &[VariantSummary], baseline: &str, metric: &str) -> bool {
    let summary = summaries.iter().find(|summary| summary.variant == baseline);
    summary.and_then(|summary| summary.metric(metric)?.mean) == Some(0.0)
}

/// Whether the test tells a difference from zero that its bar does not.
fn has_sharper(summaries: &[VariantSummary], metric: &str) -> bool {
    let mut judged = summaries.iter().filter_map(|summary| summary.metric(metric)?.comparison.as_ref());
    judged.any(Judgement::is_sharper_than_interval)
}

/// The name of a metric as tables have it: its unit is per cent here.
fn title(metric: &Metric) -> String {
    metric.name.strip_suffix("_s").unwrap_or(metric.name).replace('_', " ")
}

/// A number without the noise of binary fractions.
fn number(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn differences(stored: &Stored, summaries: &[VariantSummary], metric: &str) -> Vec<Difference> {
    let compared = summaries.iter().filter_map(|summary| {
        let judgement = summary.metric(metric)?.comparison.as_ref()?;
        difference(stored, &summary.variant, judgement)
    });
    compared.collect()
}

fn difference(stored: &Stored, variant: &str, judgement: &Judgement) -> Option<Difference> {
    Some(Difference {
        name: variant.to_owned(),
        look: look(&stored.manifest, variant),
        percent: judgement.paired.relative_difference()? * 100.0,
        interval: judgement
            .paired
            .relative_interval()
            .map(|interval| (interval.low * 100.0, interval.high * 100.0)),
        verdict: match judgement.verdict {
            Verdict::Different => Shown::Different,
            Verdict::PracticallyEqual => Shown::PracticallyEqual,
            Verdict::NotDistinguishable => Shown::NotDistinguishable,
        },
    })
}
