//! The restricted mean against the retry connections that it costs.

use super::super::figure::{Bound, Estimate, Known, Tradeoff, Word};
use super::super::limits;
use super::super::manifest::Manifest;
use super::super::stored::Stored;
use super::{Picture, caption, look};
use crate::experiment::summary::{MetricSummary, Role, VariantSummary};
use crate::time::Span;

/// The picture; none when nothing was measured.
pub(super) fn picture(stored: &Stored, summaries: &[VariantSummary]) -> Option<Picture> {
    let manifest = &stored.manifest;
    let compared = summaries.iter().filter(|summary| summary.role == Role::Compared);
    let estimates: Vec<Estimate> = compared
        .filter_map(|summary| {
            let (latency, load) = primary(summary)?;
            Some(Estimate {
                name: summary.variant.clone(),
                look: look(manifest, &summary.variant),
                retry_connections: load.mean?,
                retry_connections_interval: load.interval().map(|interval| (interval.low, interval.high)),
                restricted_mean: Span::from_seconds_f64(latency.mean?),
                restricted_mean_interval: latency.interval().map(|interval| {
                    (Span::from_seconds_f64(interval.low), Span::from_seconds_f64(interval.high))
                }),
            })
        })
        .collect();
    if estimates.is_empty() {
        return None;
    }
    let curve = curve(manifest, &estimates);
    let figure = Tradeoff { estimates, bound: bound(manifest, summaries), curve };
    let level = match figure.bound.map(|bound| bound.word) {
        Some(Word::Limit) => " Bound: no policy is below it, whatever connections it makes.",
        Some(Word::Bound | Word::Reference) | None => "",
    };
    let meaning = format!(
        "Mean time until delivery over all messages of the cohort, undelivered ones counted up to the \
         horizon, against connections opened for mail that had been put off. Crosses: {} % intervals. Grey steps join what nothing beats \
         in both; names of the rest are grey. Axes show the range of the data and need not begin at zero.{level}",
        stored.manifest.comparison.confidence * 100.0
    );
    let title = "What sooner delivery costs the recipient";
    Some(Picture { file: "tradeoff.png".to_owned(), png: figure.render(&caption(manifest, title, &meaning)) })
}

fn primary(summary: &VariantSummary) -> Option<(&MetricSummary, &MetricSummary)> {
    Some((summary.metric("restricted_mean_s")?, summary.metric("retry_connections_per_message")?))
}

/// Points of a curve, enough to look smooth.
const POINTS: u32 = 400;

/// What exponential timers cost and give, over the loads of the estimates, where that is known and the same for all that
/// are compared.
fn curve(manifest: &Manifest, estimates: &[Estimate]) -> Option<Known> {
    let mut compared = manifest.variants.iter().filter(|entry| entry.role == Role::Compared);
    let known = compared.next()?.hyperbola?;
    if compared.any(|entry| entry.hyperbola != Some(known)) {
        return None;
    }
    let most = estimates.iter().map(|estimate| estimate.retry_connections).fold(0.0, f64::max) * 1.3;
    let least = known.busy_over_free;
    let loads = (1..=POINTS).map(|number| {
        // Close together where the curve is steep.
        let part = f64::from(number) / f64::from(POINTS);
        least + (most - least) * part * part
    });
    let points = loads.filter_map(|load| Some((load, Span::from_seconds_f64(known.mean_latency_s(load)?))));
    let name = "exact: exponential timers, in the steady state".to_owned();
    Some(Known { name, points: points.collect() })
}

/// The level that no policy reaches below, where that is proven and the same for all; else that of the
/// clairvoyant, where there is one.
fn bound(manifest: &Manifest, summaries: &[VariantSummary]) -> Option<Bound> {
    let ideal = clairvoyant(summaries);
    match limits::common(manifest) {
        // The clairvoyant meets this very traffic, and is nearer to it.
        Some(limit) if ideal.is_none_or(|ideal| ideal.word == Word::Reference) => Some(Bound {
            word: Word::Limit,
            restricted_mean: Span::from_seconds_f64(limit.restricted_mean_s()),
        }),
        _ => ideal,
    }
}

/// The level of the clairvoyant, where it is one and the same.
fn clairvoyant(summaries: &[VariantSummary]) -> Option<Bound> {
    let mut levels = summaries.iter().filter(|summary| summary.role != Role::Compared);
    let summary = levels.next()?;
    if levels.next().is_some() {
        return None;
    }
    let word = if summary.role == Role::Bound { Word::Bound } else { Word::Reference };
    let mean = summary.metric("restricted_mean_s")?.mean?;
    Some(Bound { word, restricted_mean: Span::from_seconds_f64(mean) })
}
