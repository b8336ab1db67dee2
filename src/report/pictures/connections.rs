//! Connections at each recipient over time, a panel for each variant.

use super::super::figure::{Capacity, Load, LoadPanel, Sample, Series};
use super::super::manifest::{Manifest, RecipientEntry};
use super::super::series::StoredStep;
use super::super::stored::{Stored, StoredVariant};
use super::{Picture, caption_over_time, look, shading, shown_until};

/// One picture for each recipient.
pub(super) fn pictures(stored: &Stored) -> Vec<Picture> {
    let recipients = &stored.manifest.recipients;
    recipients.iter().map(|recipient| picture(stored, recipient, recipients.len() > 1)).collect()
}

fn picture(stored: &Stored, recipient: &RecipientEntry, several: bool) -> Picture {
    let manifest = &stored.manifest;
    let figure = Load {
        quantity: "connections per minute".to_owned(),
        one: 60.0 / manifest.series_step_s,
        panels: panels(stored, recipient),
        capacity: capacity(manifest, recipient),
    };
    let (file, title) = match several {
        true => (
            format!("connections-{}.png", file_name(&recipient.name)),
            format!("Connections at {}", recipient.name),
        ),
        false => ("connections.png".to_owned(), "Connections at the recipient".to_owned()),
    };
    let meaning =
        "Lines: mean over the replications; ribbons: from the 10 % to the 90 % quantile. One scale.";
    let is_shaded = figure.panels.iter().any(|panel| !panel.windows.is_empty());
    let who = if several { &recipient.name } else { "the recipient" };
    let shading = is_shaded.then(|| format!("Shaded: {who} is down or partly down."));
    Picture { file, png: figure.render(&caption_over_time(stored, &title, meaning, shading)) }
}

fn panels(stored: &Stored, recipient: &RecipientEntry) -> Vec<LoadPanel> {
    let panel = |variant: &StoredVariant| LoadPanel {
        series: series(stored, variant, &recipient.name),
        windows: shading::of_recipient(&stored.manifest, &variant.key.variant, &recipient.name),
    };
    stored.variants.iter().map(panel).collect()
}

fn series(stored: &Stored, variant: &StoredVariant, recipient: &str) -> Series {
    let per_minute = 60.0 / stored.manifest.series_step_s;
    let end = shown_until(stored);
    let steps = variant.series.iter().filter(|step| step.recipient == recipient && step.start < end);
    let sample = |step: &StoredStep| Sample {
        at: step.start,
        mean: step.connections.mean * per_minute,
        band: Some((step.connections.p10 * per_minute, step.connections.p90 * per_minute)),
    };
    Series {
        name: variant.key.variant.clone(),
        look: look(&stored.manifest, &variant.key.variant),
        samples: steps.map(sample).collect(),
    }
}

/// What the recipient can serve, drawn where all variants have the same.
fn capacity(manifest: &Manifest, recipient: &RecipientEntry) -> Option<Capacity> {
    let same = manifest.variants.iter().all(|variant| {
        let own = manifest.recipients_of(&variant.name).iter().find(|own| own.name == recipient.name);
        own.is_some_and(|own| own.capacity_per_s == recipient.capacity_per_s)
    });
    let per_second = recipient.capacity_per_s.filter(|_| same)?;
    let per_minute = per_second * 60.0;
    // Three digits are as much as anybody reads off a line.
    let unit = 10f64.powi(per_minute.log10().floor() as i32 - 2);
    Some(Capacity { value: (per_minute / unit).round() * unit, name: "capacity".to_owned() })
}

/// A name that every file system takes.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect()
}
