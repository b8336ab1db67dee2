//! The attempts of a sample of messages: who is tried when.

use std::collections::BTreeMap;

use super::super::attempts::StoredAttempt;
use super::super::figure::{Outcome, Raster, RasterPanel, Row};
use super::super::stored::Stored;
use super::{Picture, caption, look, shading};
use crate::experiment::record::AttemptResult;

/// The picture; none when no message was followed.
pub(super) fn picture(stored: &Stored) -> Option<Picture> {
    let manifest = &stored.manifest;
    let panels: Vec<RasterPanel> = stored
        .variants
        .iter()
        .map(|variant| RasterPanel {
            name: variant.key.variant.clone(),
            look: look(manifest, &variant.key.variant),
            rows: rows(&variant.attempts),
            windows: shading::of_variant(manifest, &variant.key.variant),
        })
        .collect();
    if panels.iter().all(|panel| panel.rows.is_empty()) {
        return None;
    }
    let figure = Raster {
        panels,
        window_name: shading::down(stored)
            .map(|who| format!("{who} down or partly down"))
            .unwrap_or_default(),
    };
    let mut meaning =
        "A sample of messages of the first replication, a row for each, sorted by arrival; the same \
                       messages in every panel."
            .to_owned();
    if let Some(shading) = shading::meaning(stored) {
        meaning = format!("{meaning} {shading}");
    }
    let png = figure.render(&caption(manifest, "Every attempt for a sample of messages", &meaning));
    Some(Picture { file: "attempts.png".to_owned(), png })
}

fn rows(attempts: &[StoredAttempt]) -> Vec<Row> {
    let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
    for attempt in attempts {
        let row = rows.entry(attempt.message);
        let row = row.or_insert_with(|| Row { arrival: attempt.arrival, attempts: Vec::new() });
        let shown = outcome(attempt.what);
        row.attempts.extend(shown.map(|outcome| (attempt.at, outcome)));
    }
    rows.into_values().collect()
}

fn outcome(what: AttemptResult) -> Option<Outcome> {
    match what {
        AttemptResult::Delivered => Some(Outcome::Delivered),
        AttemptResult::Failed(_) => Some(Outcome::Failed),
        AttemptResult::HeldBack | AttemptResult::Suppressed => Some(Outcome::HeldBack),
        AttemptResult::Bounced => Some(Outcome::Bounced),
        AttemptResult::Unfinished => None,
    }
}
