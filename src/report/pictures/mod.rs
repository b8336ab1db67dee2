//! The pictures of a result directory: from stored tables to figures.
//!
//! One file makes the data of one figure. Every picture names the scenario, the number of
//! replications and what shading means.

mod connections;
mod differences;
mod latency;
mod queues;
mod raster;
mod shading;
mod tradeoff;

use super::figure::{Caption, Look};
use super::manifest::Manifest;
use super::stored::Stored;
use super::sweep;
use crate::experiment::summary::{Role, VariantSummary};
use crate::time::{Instant, Span};

/// A queue of this share of the deepest one is as good as empty in a picture.
const NEARLY_EMPTY: f64 = 0.01;

/// Fewer steps show nothing over time.
const LEAST_STEPS: i64 = 12;

/// A picture and the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The name of the file.
    pub file: String,
    /// The picture as PNG.
    pub png: Vec<u8>,
}

/// All pictures of a result; none over time where the series has a single step.
pub fn all(stored: &Stored, summaries: &[VariantSummary]) -> Vec<Picture> {
    let has_series = stored.manifest.series_step_s < stored.manifest.horizon_s;
    let mut pictures = vec![latency::picture(stored)];
    pictures.extend(has_series.then(|| connections::pictures(stored)).into_iter().flatten());
    pictures.extend(tradeoff::picture(stored, summaries));
    pictures.extend(raster::picture(stored));
    pictures.extend(differences::picture(stored, summaries));
    pictures.extend(has_series.then(|| queues::picture(stored)));
    pictures
}

/// Whether this is the name of a picture of some result.
pub fn is_name(file: &str) -> bool {
    const FILES: [&str; 6] = ["attempts", "connections", "differences", "latency", "queues", "tradeoff"];
    let Some(name) = file.strip_suffix(".png") else { return false };
    FILES.contains(&name) || name.starts_with("connections-") || sweep::pictures::is_name(file)
}

/// How a variant is told apart: by its place in the manifest, so that a colour means the same in
/// every picture of a result.
fn look(manifest: &Manifest, variant: &str) -> Look {
    let compared = manifest.variants.iter().filter(|entry| entry.role == Role::Compared);
    match compared.clone().position(|entry| entry.name == variant) {
        Some(place) => Look::Variant(place),
        None => Look::Reference,
    }
}

/// Title and small print of a picture; `meaning` explains what is special in it.
fn caption(manifest: &Manifest, title: &str, meaning: &str) -> Caption {
    let notes = [
        ("Scenario", format!("{} sha256 {}", manifest.scenario.name, manifest.scenario.sha256)),
        ("Seed", manifest.seed.to_string()),
        ("Replications", manifest.replications_in_words().replace(" replications", "")),
    ];
    let subtitle = format!(
        "{}. {}, seed {}. {meaning}",
        manifest.scenario.title,
        manifest.replications_in_words(),
        manifest.seed
    );
    Caption {
        title: title.to_owned(),
        // No line ends between a number and its sign, and a minus is no hyphen.
        subtitle: subtitle.replace(" %", "\u{202f}%").replace(" -", " −"),
        notes: notes.map(|(key, text)| (key.to_owned(), text)).to_vec(),
    }
}

/// Title and small print of a picture over time: `shading` says what is shaded, and the last sentence
/// where the axis ends.
fn caption_over_time(stored: &Stored, title: &str, meaning: &str, shading: Option<String>) -> Caption {
    let manifest = &stored.manifest;
    let mut meaning = meaning.to_owned();
    if let Some(shading) = shading {
        meaning.push(' ');
        meaning.push_str(&shading);
    }
    let end = shown_until(stored) - Instant::ZERO;
    let horizon = Span::from_seconds_f64(manifest.horizon_s);
    if end < horizon {
        meaning.push_str(&format!(" Shown up to {end} of {horizon}: little happens later."));
    }
    caption(manifest, title, &meaning)
}

/// Where axes of time end: when all queues are nearly empty for good, or at the horizon if that saves less than
/// a tenth of the axis.
fn shown_until(stored: &Stored) -> Instant {
    let manifest = &stored.manifest;
    let steps = || stored.variants.iter().flat_map(|variant| &variant.series);
    let deepest = steps().map(|step| step.undelivered.mean).fold(0.0, f64::max);
    let last =
        steps().filter(|step| step.undelivered.mean > deepest * NEARLY_EMPTY).map(|step| step.start).max();
    let step = Span::from_seconds_f64(manifest.series_step_s);
    let busy = last.map_or(Instant::ZERO, |last| last + step);
    // Some air after the end, and never less than what is measured.
    let shown = (busy + (busy - Instant::ZERO) / 10).ceil_to(step, Span::ZERO);
    let shown = shown.max(instant(manifest.cohort_s[1])).max(Instant::ZERO + step * LEAST_STEPS);
    let horizon = instant(manifest.horizon_s);
    if shown - Instant::ZERO > (horizon - Instant::ZERO) * 9 / 10 { horizon } else { shown }
}

fn instant(seconds: f64) -> Instant {
    Instant::ZERO + Span::from_seconds_f64(seconds)
}
