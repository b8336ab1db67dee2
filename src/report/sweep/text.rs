//! The tables of a sweep for people: `summary.md`, and on a terminal.

use super::super::grid::{self, Grid, Layout};
use super::super::human;
use super::super::section::{metric_cell, verdict_cell};
use super::super::{markdown, tables};
use super::manifest::SweepManifest;
use super::pictures;
use super::stored::PointSummary;
use crate::experiment::metric::{METRICS, Metric};
use crate::experiment::summary::VariantSummary;
use crate::scenario::Axis;
use crate::stats::family::Judgement;

/// Name of the file in Markdown, that of a comparison.
pub const FILE: &str = markdown::FILE;

/// The contents of `summary.md`.
pub fn markdown(manifest: &SweepManifest, summaries: &[PointSummary]) -> String {
    let scenario = &manifest.scenario;
    let mut text = format!("# {}\n\n", markdown::escape(&scenario.title));
    if let Some(question) = &scenario.question {
        text.push_str(&format!("{}\n\n", markdown::escape(question)));
    }
    text.push_str(&format!("{}\n", facts(manifest)));
    for axis in &manifest.axes {
        text.push_str(&format!("- `{}`: {}\n", axis.key, axis.values.join(", ")));
    }
    text.push_str(&format!(
        "\n## Comparison at each point\n\n{}",
        table(manifest, summaries, Layout::Markdown)
    ));
    text.push_str(&format!("\n## Notes\n\n{}", grid::notes(&notes(manifest, summaries), Layout::Markdown)));
    text.push_str(
        "- All metrics of all replications: `runs.csv`; the table above with intervals: `summary.csv`.\n",
    );
    text
}

/// The same for a terminal.
pub fn terminal(manifest: &SweepManifest, summaries: &[PointSummary], style: tables::Style) -> String {
    let layout = Layout::Terminal(style);
    let heading = tables::heading(&manifest.scenario.title, style);
    let notes = grid::notes(&notes(manifest, summaries), layout);
    format!("{heading}\n\n{}\n{notes}", table(manifest, summaries, layout))
}

fn facts(manifest: &SweepManifest) -> String {
    let scenario = &manifest.scenario;
    let mut facts = format!(
        "Scenario `{}`, seed {}, {} replications of every variant at each of {} points.",
        scenario.name,
        manifest.seed,
        manifest.replications,
        manifest.points(),
    );
    if !scenario.overrides.is_empty() {
        facts.push_str(&format!(" Changed: `{}`.", scenario.overrides.join("`, `")));
    }
    facts + " Gone through:\n"
}

fn table(manifest: &SweepManifest, summaries: &[PointSummary], layout: Layout) -> String {
    let against = format!("against {}", manifest.comparison.baseline);
    let mut columns: Vec<String> = short_keys(&manifest.axes);
    columns.push("variant".to_owned());
    for metric in metrics(manifest) {
        columns.push(title(metric));
        if metric.primary {
            columns.push(against.clone());
        }
    }
    let row = |point: &PointSummary, variant: &VariantSummary| {
        let values = manifest.axes.iter().zip(&point.values).map(|(axis, &value)| axis.values[value].clone());
        let mut cells: Vec<String> = values.chain([variant.variant.clone()]).collect();
        for summary in metrics(manifest).filter_map(|metric| variant.metric(metric.name)) {
            cells.push(metric_cell(summary, "-").text);
            if summary.metric.primary {
                cells.push(verdict_cell(summary, variant, &manifest.comparison.baseline).text);
            }
        }
        cells
    };
    let rows =
        summaries.iter().flat_map(|point| point.variants.iter().map(move |variant| row(point, variant)));
    Grid { rows: rows.collect(), names: manifest.axes.len() + 1, columns }.text(layout)
}

/// What a reader must know to read the table.
fn notes(manifest: &SweepManifest, summaries: &[PointSummary]) -> Vec<String> {
    let plan = &manifest.comparison;
    let mut notes = Vec::new();
    if !manifest.complete {
        notes.push(format!(
            "Incomplete: {} of {} points were finished. The same command goes on with the others.",
            summaries.len(),
            manifest.points()
        ));
    }
    notes.push(format!(
        "± is the half width of a {} Student-t interval over {} replications, for each number by itself. All points \
         have the same random numbers, so that neighbours differ by less than their intervals say.",
        human::percent(plan.confidence),
        manifest.replications
    ));
    let judged = judgements(summaries).count();
    notes.push(match judged {
        0 => "No verdicts: they need two replications of the baseline and of another variant, and a value of both \
              primary metrics in each."
            .to_owned(),
        _ => format!(
            "Differences are paired by replication at each point; their {} intervals and verdicts hold for all {judged} \
             comparisons of all points together (Holm). Practically equal: the whole interval lies within {} of \
             the baseline.",
            human::percent(plan.confidence),
            human::percent(plan.smallest_difference)
        ),
    });
    if !manifest.varied.is_empty() {
        notes.push(format!(
            "Every replication is a world of its own, the same for all variants and at all points: {} drawn for it (`worlds.csv`).",
            manifest.varied.join(", ")
        ));
    }
    notes.extend(pictures::what_is_not_drawn(manifest));
    notes
}

fn judgements(summaries: &[PointSummary]) -> impl Iterator<Item = &Judgement> {
    let metrics = summaries.iter().flat_map(|point| &point.variants).flat_map(|variant| &variant.metrics);
    metrics.filter_map(|metric| metric.comparison.as_ref())
}

/// The metrics that the manifest names.
pub(super) fn metrics(manifest: &SweepManifest) -> impl Iterator<Item = &'static Metric> + '_ {
    manifest.metrics.iter().filter_map(|name| METRICS.iter().find(|metric| metric.name == name))
}

/// The name of a metric for people: its unit stands beside the numbers.
pub(super) fn title(metric: &Metric) -> String {
    metric.name.strip_suffix("_s").unwrap_or(metric.name).replace('_', " ")
}

/// The last parts of the keys, where that tells them apart: the whole keys stand above the table.
fn short_keys(axes: &[Axis]) -> Vec<String> {
    let last = |axis: &Axis| {
        let key = axis.key.rsplit('.').next().unwrap_or(&axis.key);
        key.trim_matches(['"', '\'']).to_owned()
    };
    let short: Vec<String> = axes.iter().map(last).collect();
    let is_unique = |key: &String| short.iter().filter(|other| *other == key).count() == 1;
    let whole = |axis: &Axis, short: &String| if is_unique(short) { short.clone() } else { axis.key.clone() };
    axes.iter().zip(&short).map(|(axis, short)| whole(axis, short)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_summary_reads_like_a_page() {
        let sweep = samples::sweep();
        let text = markdown(&sweep.manifest, &sweep.summary());
        assert!(
            text.contains(
                "at each of 6 points. Changed: `seed=7`. Gone through:\n\n- `first.key`: 10s, 1m17s, 10m\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("| first.key | second.key | variant | restricted mean | against a |"),
            "{text}"
        );
        assert!(text.contains("\n| 10s | full | b | "), "{text}");
        assert!(text.contains("for all 12 comparisons of all points together"), "{text}");
        let style = tables::Style { colours: false, width: Some(100) };
        for line in terminal(&sweep.manifest, &sweep.summary(), style).lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut sweep = samples::sweep();
        sweep.points.retain(|&point, _| point < 2);
        sweep.manifest.complete = false;
        let text = markdown(&sweep.manifest, &sweep.summary());
        assert!(text.contains("Incomplete: 2 of 6 points were finished."), "{text}");
    }
}
