//! What tables for people say, whether in Markdown or on the terminal.

use super::manifest::Manifest;
use super::{expectations, human, limits};
use crate::experiment::expectation::Outcome;
use crate::experiment::metric::{Better, METRICS, Metric, Unit};
use crate::experiment::summary::{MetricSummary, PooledLatency, Role, VariantSummary};
use crate::stats::verdict::Verdict;

/// A table of words and numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// How many columns at the beginning hold words and not numbers.
    pub names: usize,
    /// Headings.
    pub columns: Vec<String>,
    /// As many cells in each row as there are headings.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// How it may be coloured; the text says the same.
    pub tone: Tone,
}

/// What a colour may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing.
    Plain,
    /// A difference for the better.
    Better,
    /// A difference for the worse.
    Worse,
    /// Nothing to look at.
    Faint,
}

impl Cell {
    /// A cell without a tone.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// A cell with nothing to look at.
    pub(super) fn faint(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Faint }
    }
}

/// All tables, what was expected and the verdicts first.
pub fn sections(manifest: &Manifest, summaries: &[VariantSummary], outcomes: &[Outcome]) -> Vec<Section> {
    let mut sections: Vec<Section> = expectations::section(outcomes).into_iter().collect();
    sections.push(comparison(manifest, summaries));
    sections.extend((!manifest.varied.is_empty()).then(|| worlds(manifest, summaries)));
    sections.extend([
        latency(summaries),
        metrics(summaries, "Load at the recipient", &LOAD),
        metrics(summaries, "Peaks in the aftermath", &PEAKS),
        metrics(summaries, "Queues and side effects", &QUEUES),
    ]);
    sections.extend(limits::section(manifest, summaries));
    sections
}

/// Title, column and what stands where a metric never has a value.
type Column = (&'static str, &'static str, &'static str);

const LOAD: [Column; 4] = [
    ("attempts_per_message", "attempts per message", "-"),
    ("connections_per_message", "connections per message", "-"),
    ("slot_time_s", "slot time", "-"),
    ("wasted_slot_time_share", "of it wasted", "-"),
];

const PEAKS: [Column; 5] = [
    ("peak_retry_connections_1s", "most retries in 1 s", "-"),
    ("peak_retry_connections_60s", "most retries in 60 s", "-"),
    ("dispersion_1s", "dispersion per second", "-"),
    ("above_capacity_s", "time above capacity", "-"),
    ("excess_connections", "excess connections", "-"),
];

const QUEUES: [Column; 6] = [
    ("queue_deepest", "deepest queue", "-"),
    ("queue_usual_after_s", "usual queue after", "not attained"),
    ("through_95_s", "95 % through after", "not attained"),
    ("fairness", "fairness", "-"),
    ("cohort_bounced", "bounced", "-"),
    ("delay_warnings", "delay warnings", "-"),
];

fn comparison(manifest: &Manifest, summaries: &[VariantSummary]) -> Section {
    let against = format!("against {}", manifest.comparison.baseline);
    let columns = ["variant", "restricted mean", &against, "retry connections per message", &against];
    let row = |summary: &VariantSummary| {
        let mut cells = vec![Cell::plain(&summary.variant)];
        for metric in summary.metrics.iter().filter(|summary| summary.metric.primary) {
            cells.push(metric_cell(metric, "-"));
            cells.push(verdict_cell(metric, summary, &manifest.comparison.baseline));
        }
        cells
    };
    Section {
        title: "Comparison",
        names: 1,
        columns: columns.map(str::to_owned).into(),
        rows: summaries.iter().map(row).collect(),
    }
}

/// In what share of the worlds a variant is better than the baseline.
fn worlds(manifest: &Manifest, summaries: &[VariantSummary]) -> Section {
    let better = format!("better than {} in", manifest.comparison.baseline);
    let mut columns = vec!["variant".to_owned()];
    for title in ["restricted mean", "retry connections per message"] {
        columns.extend([format!("{title}: {better}"), "alike".to_owned(), "worse".to_owned()]);
    }
    let row = |summary: &VariantSummary| {
        let mut cells = vec![Cell::plain(&summary.variant)];
        for metric in summary.metrics.iter().filter(|summary| summary.metric.primary) {
            let Some(wins) = metric.wins else {
                cells.extend(["-"; 3].map(Cell::faint));
                continue;
            };
            let share = human::percent(wins.better as f64 / wins.replications as f64);
            let [low, high] = [wins.share.low, wins.share.high].map(|end| format!("{:.0}", 100.0 * end));
            cells.push(Cell::plain(format!("{share} [{low}, {high}]")));
            cells.extend([wins.alike(), wins.worse].map(|count| Cell::plain(count.to_string())));
        }
        cells
    };
    Section { title: "Share of worlds", names: 1, columns, rows: summaries.iter().map(row).collect() }
}

fn latency(summaries: &[VariantSummary]) -> Section {
    let columns = ["variant", "delivered", "bounced", "pooled p50", "pooled p90", "pooled p95", "pooled p99"];
    let row = |summary: &VariantSummary| {
        let mut cells = vec![Cell::plain(&summary.variant)];
        for name in ["delivered_share", "bounced_share"] {
            let share = summary.metric(name).and_then(|metric| metric.mean);
            cells.push(share.map_or(Cell::faint("-"), |share| Cell::plain(human::percent(share))));
        }
        cells.extend(summary.latency.iter().map(quantile_cell));
        cells
    };
    Section {
        title: "Latency of the cohort",
        names: 1,
        columns: columns.map(str::to_owned).into(),
        rows: summaries.iter().map(row).collect(),
    }
}

fn metrics(summaries: &[VariantSummary], title: &'static str, columns: &[Column]) -> Section {
    let row = |summary: &VariantSummary| {
        let cells = columns.iter().map(|(name, _, absent)| {
            summary.metric(name).map_or(Cell::faint(*absent), |metric| metric_cell(metric, absent))
        });
        std::iter::once(Cell::plain(&summary.variant)).chain(cells).collect()
    };
    let headings = columns.iter().map(|(_, heading, _)| (*heading).to_owned());
    Section {
        title,
        names: 1,
        columns: std::iter::once("variant".to_owned()).chain(headings).collect(),
        rows: summaries.iter().map(row).collect(),
    }
}

/// The mean of a metric with its interval.
pub(super) fn metric_cell(summary: &MetricSummary, absent: &str) -> Cell {
    if summary.attained == 0 {
        return Cell::faint(absent);
    }
    let Some(mean) = summary.mean else {
        return Cell::plain(format!("in {} of {}", summary.attained, summary.replications));
    };
    Cell::plain(match (summary.metric.unit, summary.half_width) {
        (Unit::Seconds, Some(half_width)) => human::duration_within(mean, half_width),
        (Unit::Seconds, None) => human::duration(mean),
        (Unit::Share, Some(half_width)) => {
            format!("{} %", human::within(mean * 100.0, half_width * 100.0))
        }
        (Unit::Share, None) => human::percent(mean),
        (_, Some(half_width)) => human::within(mean, half_width),
        (_, None) => human::number(mean),
    })
}

fn quantile_cell(latency: &PooledLatency) -> Cell {
    match (latency.value_s, latency.interval_s) {
        (None, _) => Cell::faint("not attained"),
        (Some(value), None) => Cell::plain(human::duration(value)),
        (Some(value), Some(interval)) => {
            Cell::plain(human::duration_within(value, (interval.high - interval.low) / 2.0))
        }
    }
}

/// How a metric differs from the baseline, and the word for it.
pub(super) fn verdict_cell(metric: &MetricSummary, variant: &VariantSummary, baseline: &str) -> Cell {
    let Some(judgement) = &metric.comparison else {
        let is_baseline = variant.variant == baseline;
        return Cell::faint(match variant.role {
            Role::Compared if is_baseline => "baseline",
            Role::Compared => "-",
            Role::Reference | Role::Bound => variant.role.name(),
        });
    };
    let paired = &judgement.paired;
    let half_width = paired.difference.half_width;
    let size = match paired.relative_difference() {
        Some(share) => human::change_within(share, half_width / paired.baseline_mean.abs()),
        None if metric.metric.unit == Unit::Seconds => {
            human::duration_within(paired.difference.mean, half_width)
        }
        None => human::within(paired.difference.mean, half_width),
    };
    let is_less = paired.difference.mean < 0.0;
    let tone = match (judgement.verdict, metric.metric.better) {
        (Verdict::Different, Better::Lower) if is_less => Tone::Better,
        (Verdict::Different, Better::Higher) if !is_less => Tone::Better,
        (Verdict::Different, Better::Lower | Better::Higher) => Tone::Worse,
        (Verdict::Different | Verdict::NotDistinguishable, _) => Tone::Plain,
        (Verdict::PracticallyEqual, _) => Tone::Faint,
    };
    Cell { text: format!("{size}, {}", judgement.verdict), tone }
}

/// A ratio beyond this is a variance that vanished.
const MILLION: f64 = 1e6;

/// The same for each variant, as a table; none where nothing is compared.
pub fn variance_ratios(summaries: &[VariantSummary]) -> Option<Section> {
    let primary = || METRICS.iter().filter(|metric| metric.primary);
    let rows: Vec<Vec<Cell>> = summaries
        .iter()
        .filter_map(|summary| {
            let ratios: Vec<Option<f64>> =
                primary().map(|metric| variance_ratio(summary, metric.name)).collect();
            let cell =
                |ratio: &Option<f64>| ratio.map_or(Cell::faint("-"), |ratio| Cell::plain(bounded(ratio)));
            let is_compared = summary.metrics.iter().any(|metric| metric.comparison.is_some());
            is_compared.then(|| {
                std::iter::once(Cell::plain(&summary.variant)).chain(ratios.iter().map(cell)).collect()
            })
        })
        .collect();
    let columns = std::iter::once("variant".to_owned()).chain(primary().map(in_words)).collect();
    (!rows.is_empty()).then_some(Section {
        title: "Variance reduction by common random numbers",
        names: 1,
        columns,
        rows,
    })
}

/// What is the same in all replications differs by rounding alone.
pub(super) fn bounded(ratio: f64) -> String {
    if ratio > MILLION { "more than a million".to_owned() } else { human::number(ratio) }
}

pub(super) fn variance_ratio(summary: &VariantSummary, metric: &str) -> Option<f64> {
    summary.metric(metric)?.comparison?.paired.variance_ratio
}

/// The name of a metric without its unit.
pub(super) fn in_words(metric: &Metric) -> String {
    metric.name.strip_suffix("_s").unwrap_or(metric.name).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn sample() -> (Manifest, Vec<VariantSummary>) {
        let stored = samples::stored();
        let summaries = stored.summary();
        (stored.manifest, summaries)
    }

    #[test]
    fn rows_are_as_long_as_headings() {
        let (manifest, summaries) = sample();
        for section in sections(&manifest, &summaries, &[]) {
            assert_eq!(section.rows.len(), 3);
            assert!(section.rows.iter().all(|row| row.len() == section.columns.len()), "{}", section.title);
        }
    }

    #[test]
    fn verdicts_are_words() {
        let (manifest, summaries) = sample();
        let rows = &sections(&manifest, &summaries, &[])[0].rows;
        assert_eq!(rows[0][2], Cell::faint("baseline"));
        assert_eq!(rows[1][2], Cell { text: "+19.7 ± 0 %, different".to_owned(), tone: Tone::Worse });
        assert_eq!(rows[1][4], Cell::faint("0 ± 0 %, practically equal"));
        assert_eq!(rows[2][2], Cell::faint("bound"));
    }
}
