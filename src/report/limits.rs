//! How near each variant comes to what no policy can do better, as a table for people.

use super::human;
use super::manifest::{Manifest, VariantEntry};
use super::section::{Cell, Section};
use crate::experiment::limit::Limit;
use crate::experiment::summary::{Role, VariantSummary};

/// The table; none where no variant has a limit.
pub fn section(manifest: &Manifest, summaries: &[VariantSummary]) -> Option<Section> {
    let rows: Vec<Vec<Cell>> = summaries.iter().filter_map(|summary| row(manifest, summary)).collect();
    let columns =
        ["variant", "least restricted mean", "of it reached", "drain of a fluid", "drain efficiency"];
    (!rows.is_empty()).then(|| Section {
        title: "Against the limit",
        names: 1,
        columns: columns.map(str::to_owned).into(),
        rows,
    })
}

fn row(manifest: &Manifest, summary: &VariantSummary) -> Option<Vec<Cell>> {
    let limit = entry(manifest, &summary.variant)?.limit?;
    let part = |of: Option<f64>, metric: &str| {
        let mean = summary.metric(metric)?.mean.filter(|mean| *mean > 0.0);
        Some(human::percent(of? / mean?))
    };
    let least = limit.restricted_mean_s();
    let word = if limit.proven { "" } else { "about " };
    let cell = |text: Option<String>| text.map_or(Cell::faint("-"), Cell::plain);
    Some(vec![
        Cell::plain(&summary.variant),
        Cell::plain(format!("{word}{}", human::duration(least))),
        cell(part(Some(least), "restricted_mean_s")),
        cell(limit.drain_s().map(human::duration)),
        cell(part(limit.drain_s(), "queue_usual_after_s")),
    ])
}

/// How the table is to be read; none where there is none.
pub fn note(manifest: &Manifest) -> Option<String> {
    let limits: Vec<Limit> = manifest.variants.iter().filter_map(|entry| entry.limit).collect();
    let estimated = limits.iter().any(|limit| !limit.proven);
    let caveat =
        "; after \"about\" it is an estimate, for sessions may finish in the window and carry further mail";
    (!limits.is_empty()).then(|| {
        format!(
            "Limit: no policy delivers the mail of the window sooner on average than its end and the slots allow{}. Drain \
             efficiency is the time in which a fluid would drain over the time until the queue was as usual.",
            if estimated { caveat } else { "" }
        )
    })
}

/// The limit that holds for every compared variant alike, if it is proven: what pictures may call a bound.
pub fn common(manifest: &Manifest) -> Option<Limit> {
    let mut compared = manifest.variants.iter().filter(|entry| entry.role == Role::Compared);
    let first = compared.next()?.limit.filter(|limit| limit.proven)?;
    compared.all(|entry| entry.limit == Some(first)).then_some(first)
}

fn entry<'m>(manifest: &'m Manifest, variant: &str) -> Option<&'m VariantEntry> {
    manifest.variants.iter().find(|entry| entry.name == variant)
}
