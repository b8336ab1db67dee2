//! Delivery latency of the cohort: how much of all its mail is delivered within a time.

use std::iter;

use super::super::figure::{Curve, Latency};
use super::super::human;
use super::super::stored::{Stored, StoredVariant};
use super::{Picture, caption, look};
use crate::experiment::metric;
use crate::stats::histogram::Histogram;
use crate::time::Span;

/// The picture; curves of mail that was never delivered end below 100 %.
pub(super) fn picture(stored: &Stored) -> Picture {
    let manifest = &stored.manifest;
    let curves: Vec<Curve> = stored
        .variants
        .iter()
        .map(|variant| Curve {
            name: variant.key.variant.clone(),
            look: look(manifest, &variant.key.variant),
            points: points(variant),
        })
        .collect();
    let mut meaning = "Share of all messages of the measured cohort delivered within the time on the x axis, \
                       replications pooled. The scale is linear up to 90 %; beyond, every further nine takes the same \
                       room."
        .to_owned();
    if curves.iter().filter_map(|curve| curve.points.last()).any(|&(_, share)| share < 1.0) {
        let horizon = human::duration(manifest.horizon_s);
        meaning.push_str(&format!(" Rings: all that was delivered before the end of the run, at {horizon}."));
    }
    let png = Latency { curves }.render(&caption(manifest, "How long mail takes to be delivered", &meaning));
    Picture { file: "latency.png".to_owned(), png }
}

/// Latencies and shares, from nothing at once: so there is a curve where no mail was delivered, too.
fn points(variant: &StoredVariant) -> Vec<(Span, f64)> {
    let mut pooled = Histogram::new();
    for histogram in variant.histograms().unwrap_or_default().values() {
        pooled.merge(histogram);
    }
    let place = metric::position("cohort_messages");
    let arrived: f64 = variant.runs.iter().filter_map(|run| place.and_then(|place| run.values[place])).sum();
    let mut delivered = 0;
    let shares = pooled.bins().map(|bin| {
        delivered += bin.count;
        (Span::from_micros(bin.middle() as i64), delivered as f64 / arrived.max(1.0))
    });
    iter::once((Span::ZERO, 0.0)).chain(shares).collect()
}
