//! Undelivered mail over time.

use std::collections::BTreeMap;

use super::super::figure::{Queue, Sample, Series, Window};
use super::super::human;
use super::super::series::StoredStep;
use super::super::stored::Stored;
use super::{Picture, caption_over_time, instant, look, shading, shown_until};
use crate::time::{Instant, Span};

/// The picture; mail for all recipients together.
pub(super) fn picture(stored: &Stored) -> Picture {
    let manifest = &stored.manifest;
    let step = Span::from_seconds_f64(manifest.series_step_s);
    let series = stored
        .variants
        .iter()
        .map(|variant| Series {
            name: variant.key.variant.clone(),
            look: look(manifest, &variant.key.variant),
            samples: samples(&variant.series, step, shown_until(stored)),
        })
        .collect();
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
    let figure = Queue { quantity: "undelivered messages".to_owned(), series, windows };
    let png =
        figure.render(&caption_over_time(stored, "Mail that waits", "Means over the replications.", shading));
    Picture { file: "queues.png".to_owned(), png }
}

/// Depths are stored for the ends of steps.
fn samples(steps: &[StoredStep], step: Span, end: Instant) -> Vec<Sample> {
    let mut depths = BTreeMap::new();
    for stored in steps.iter().filter(|stored| stored.start < end) {
        *depths.entry(stored.start + step).or_insert(0.0) += stored.undelivered.mean;
    }
    depths.into_iter().map(|(at, mean)| Sample { at, mean, band: None }).collect()
}
