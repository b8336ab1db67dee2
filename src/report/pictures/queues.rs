//! Undelivered mail over time.

use std::collections::BTreeMap;

use super::super::figure::{Look, Queue, Sample, Series, Window};
use super::super::series::StoredStep;
use super::super::stored::Stored;
use super::super::{human, limits};
use super::{Picture, caption_over_time, instant, look, shading, shown_until};
use crate::experiment::limit::Limit;
use crate::time::{Instant, Span};

/// The picture; mail for all recipients together.
pub(super) fn picture(stored: &Stored) -> Picture {
    let manifest = &stored.manifest;
    let step = Span::from_seconds_f64(manifest.series_step_s);
    let compared = stored.variants.iter().map(|variant| Series {
        name: variant.key.variant.clone(),
        look: look(manifest, &variant.key.variant),
        samples: samples(&variant.series, step, shown_until(stored)),
    });
    let series = compared.chain(bound(stored)).collect();
    let windows = shading::of_all(stored);
    let all_alike =
        stored.variants.iter().all(|variant| shading::of_variant(manifest, &variant.key.variant) == windows);
    let shading = shading::down(stored).map(|who| match (windows.is_empty(), all_alike) {
        (true, _) => format!("Not shaded: {who} down at other times in each variant."),
        (false, true) => shading::meaning(stored).unwrap_or_default(),
        (false, false) => {
            format!("Shaded: {who} down or partly down in every variant; in some also at other times.")
        }
    });
    let mut windows = windows;
    let warm_up = manifest.steady_state.as_ref().map(|steady| {
        windows.insert(0, Window { start: Instant::ZERO, end: instant(steady.from_s) });
        format!(
            "Shaded at the start: warm-up, not measured, up to {} (MSER-5).",
            human::duration(steady.from_s)
        )
    });
    let shading = [warm_up, shading].into_iter().flatten().reduce(|one, other| one + " " + &other);
    let meaning = match limit(stored) {
        Some(_) => {
            "Means over the replications. Bound: under any policy that gives nothing up at least so many wait."
        }
        None => "Means over the replications.",
    };
    let figure = Queue { quantity: "undelivered messages".to_owned(), series, windows };
    let png = figure.render(&caption_over_time(stored, "Mail that waits", meaning, shading));
    Picture { file: "queues.png".to_owned(), png }
}

/// The least that can be undelivered where nothing is given up, if it is proven for all that are compared.
fn limit(stored: &Stored) -> Option<Limit> {
    let runs = stored.variants.iter().flat_map(|variant| &variant.runs);
    let nothing_given_up = runs.into_iter().all(|run| run.value("all_bounced") == Some(0.0));
    limits::common(&stored.manifest).filter(|_| nothing_given_up)
}

/// That limit over time, until it is nothing.
fn bound(stored: &Stored) -> Option<Series> {
    let limit = limit(stored)?;
    let end = shown_until(stored);
    let step = Span::from_seconds_f64(stored.manifest.series_step_s);
    let at =
        |instant: Instant| Sample { at: instant, mean: limit.undelivered(instant.as_seconds()), band: None };
    let instants = (0i64..).map(|number| Instant::ZERO + step * number).take_while(|instant| *instant <= end);
    let [from, until] = limit.window_s;
    let samples = instants
        .map(at)
        .filter(|sample| sample.at.as_seconds() > from)
        .take_while(|sample| sample.mean > 0.0 || sample.at.as_seconds() <= until);
    Some(Series { name: "bound".to_owned(), look: Look::Reference, samples: samples.collect() })
}

/// Depths are stored for the ends of steps.
fn samples(steps: &[StoredStep], step: Span, end: Instant) -> Vec<Sample> {
    let mut depths = BTreeMap::new();
    for stored in steps.iter().filter(|stored| stored.start < end) {
        *depths.entry(stored.start + step).or_insert(0.0) += stored.undelivered.mean;
    }
    depths.into_iter().map(|(at, mean)| Sample { at, mean, band: None }).collect()
}
