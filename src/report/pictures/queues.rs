//! Undelivered mail over time.

use std::collections::BTreeMap;

use super::super::figure::{Queue, Sample, Series};
use super::super::series::StoredStep;
use super::super::stored::Stored;
use super::{Picture, caption_over_time, look, shown_until, windows};
use crate::time::Instant;

/// The picture; mail for all recipients together.
pub(super) fn picture(stored: &Stored) -> Picture {
    let manifest = &stored.manifest;
    let series = stored
        .variants
        .iter()
        .map(|variant| Series {
            name: variant.key.variant.clone(),
            look: look(manifest, &variant.key.variant),
            samples: samples(&variant.series, shown_until(stored)),
        })
        .collect();
    let figure = Queue { quantity: "undelivered messages".to_owned(), series, windows: windows(manifest) };
    let png = figure.render(&caption_over_time(stored, "Mail that waits", "Means over the replications."));
    Picture { file: "queues.png".to_owned(), png }
}

fn samples(steps: &[StoredStep], end: Instant) -> Vec<Sample> {
    let mut depths = BTreeMap::new();
    for step in steps.iter().filter(|step| step.start < end) {
        *depths.entry(step.start).or_insert(0.0) += step.undelivered.mean;
    }
    depths.into_iter().map(|(at, mean)| Sample { at, mean, band: None }).collect()
}
