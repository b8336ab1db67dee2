//! Connections at each recipient over time, a panel for each variant.

use std::collections::HashSet;
use std::iter;

use super::super::figure::{Capacity, Load, LoadPanel, Sample, Series};
use super::super::manifest::{Manifest, RecipientEntry};
use super::super::series::StoredStep;
use super::super::stored::{Stored, StoredVariant};
use super::{Picture, caption_over_time, look, shading, shown_until};

/// One picture for each recipient.
pub(super) fn pictures(stored: &Stored) -> Vec<Picture> {
    let recipients = &stored.manifest.recipients;
    if let [only] = recipients.as_slice() {
        return vec![picture(stored, only, "connections.png".to_owned(), None)];
    }
    let files = file_names(recipients.iter().map(|recipient| recipient.name.as_str()));
    let with_name = |(recipient, file): (&RecipientEntry, String)| {
        picture(stored, recipient, file, Some(&recipient.name))
    };
    recipients.iter().zip(files).map(with_name).collect()
}

/// The picture of one recipient, which has a name where there are several.
fn picture(stored: &Stored, recipient: &RecipientEntry, file: String, name: Option<&str>) -> Picture {
    let manifest = &stored.manifest;
    let figure = Load {
        quantity: "connections per minute".to_owned(),
        one: 60.0 / manifest.series_step_s,
        panels: panels(stored, recipient),
        capacity: capacity(manifest, recipient),
    };
    let who = name.unwrap_or("the recipient");
    let title = format!("Connections at {who}");
    let meaning =
        "Lines: mean over the replications; ribbons: from the 10 % to the 90 % quantile. One scale.";
    let is_shaded = figure.panels.iter().any(|panel| !panel.windows.is_empty());
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

/// A file for each name: one that every file system takes, and no other recipient has, not even in capitals.
fn file_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    names
        .map(|name| {
            let plain = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
            let plain: String = name.chars().map(plain).collect();
            let numbered = (2..).map(|number| format!("connections-{plain}-{number}.png"));
            let mut files = iter::once(format!("connections-{plain}.png")).chain(numbered);
            let free = files.find(|file| taken.insert(file.to_ascii_lowercase()));
            free.expect("there is always another number")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_whose_names_look_alike_have_pictures_of_their_own() {
        let names = ["mx", "a/b", "a b", "MX", "a_b-2", "a?b", "\u{90ae}\u{4ef6}", "\u{4fe1}\u{4ef6}"];
        let files: Vec<String> = file_names(names.into_iter());
        assert_eq!(
            files,
            ["mx", "a_b", "a_b-2", "MX-2", "a_b-2-2", "a_b-3", "__", "__-2"]
                .map(|name| format!("connections-{name}.png"))
        );
    }
}
