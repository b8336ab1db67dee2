//! What tables for people say, whether in Markdown or on the terminal.

use super::human;
use super::manifest::Manifest;
use crate::experiment::metric::{Better, METRICS, Metric, Unit};
use crate::experiment::sequential::{Aim, Stop, Stopping, aims};
use crate::experiment::steady_state::{State, SteadyState};
use crate::experiment::summary::{MetricSummary, POOLED, PooledLatency, Role, VariantSummary};
use crate::stats::family::Judgement;
use crate::stats::verdict::Verdict;

/// A table with one row for each variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// Headings; the first is that of the names.
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
    fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    fn faint(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Faint }
    }
}

/// All tables, the verdicts first.
pub fn sections(manifest: &Manifest, summaries: &[VariantSummary]) -> Vec<Section> {
    let mut sections = vec![comparison(manifest, summaries)];
    sections.extend((!manifest.varied.is_empty()).then(|| worlds(manifest, summaries)));
    sections.extend([
        latency(summaries),
        metrics(summaries, "Load at the recipient", &LOAD),
        metrics(summaries, "Peaks in the aftermath", &PEAKS),
        metrics(summaries, "Queues and side effects", &QUEUES),
    ]);
    sections
}

/// What a reader must know to read the tables.
pub fn notes(manifest: &Manifest, summaries: &[VariantSummary]) -> Vec<String> {
    let plan = &manifest.comparison;
    let mut notes = Vec::new();
    if !manifest.complete {
        let (finished, all) = (summaries.len(), manifest.variants.len());
        notes.push(format!("Incomplete: {finished} of {all} variants were finished."));
    }
    notes.extend(manifest.steady_state.as_ref().map(settling));
    notes.extend(manifest.stopping.as_ref().map(|stopping| stopped(manifest, stopping, summaries)));
    notes.push(format!(
        "± is the half width of a {} Student-t interval over {} replications. \"In 3 of 9\" counts the \
         replications in which something was attained.",
        human::percent(plan.confidence),
        manifest.replications
    ));
    let judged: Vec<&Judgement> = judgements(summaries).collect();
    if judged.is_empty() {
        notes.push(
            "No verdicts: they need two replications of the baseline and of another variant, and \
                    a value of both primary metrics in each."
                .to_owned(),
        );
    } else {
        notes.push(format!(
            "Differences are paired by replication; their {} intervals and verdicts hold for all {} \
             comparisons together. Practically equal: the whole interval lies within {} of the baseline.",
            human::percent(plan.confidence),
            judged.len(),
            human::percent(plan.smallest_difference)
        ));
    }
    notes.extend(worlds_note(manifest));
    if judged.iter().any(|judgement| is_sharper(judgement)) {
        notes.push(SHARPER.to_owned());
    }
    notes.extend(variance_reduction(summaries));
    notes.extend(precision(summaries));
    notes.push(pooled_note());
    notes.extend(truncated(summaries));
    notes
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
    Section { title: "Share of worlds", columns, rows: summaries.iter().map(row).collect() }
}

fn worlds_note(manifest: &Manifest) -> Option<String> {
    let keys = &manifest.varied;
    (!keys.is_empty()).then(|| {
        format!(
            "Every replication is a world of its own, the same for all variants: {} {} drawn for it (`worlds.csv`). Means are over \
             these worlds. In a share of worlds a variant is better, by more than {} of the baseline's number there; in brackets \
             the exact {} interval of that share, for each by itself. Alike and worse count worlds.",
            keys.join(", "),
            if keys.len() == 1 { "is" } else { "are" },
            human::percent(manifest.comparison.smallest_difference),
            human::percent(manifest.comparison.confidence)
        )
    })
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

fn judgements(summaries: &[VariantSummary]) -> impl Iterator<Item = &Judgement> {
    summaries.iter().flat_map(|summary| &summary.metrics).filter_map(|metric| metric.comparison.as_ref())
}

/// Said where an interval seems to contradict its verdict.
const SHARPER: &str = "Where a difference is called different although its interval reaches over zero: Holm's step-down test \
                       decides, and it is sharper than intervals that hold for all comparisons together.";

/// Whether a difference is told from zero by the test, but not by the simultaneous interval.
fn is_sharper(judgement: &Judgement) -> bool {
    let difference = &judgement.paired.difference;
    judgement.verdict == Verdict::Different && difference.half_width >= difference.mean.abs()
}

/// A ratio beyond this is a variance that vanished.
const MILLION: f64 = 1e6;

/// How much common random numbers helped, in a line: to be said, because it is often less than believed.
fn variance_reduction(summaries: &[VariantSummary]) -> Option<String> {
    let parts: Vec<String> = METRICS
        .iter()
        .filter(|metric| metric.primary)
        .filter_map(|metric| {
            let ratios: Vec<f64> =
                summaries.iter().filter_map(|summary| variance_ratio(summary, metric.name)).collect();
            let least = ratios.iter().copied().reduce(f64::min)?;
            let most = ratios.iter().copied().reduce(f64::max)?;
            let (low, high) = (bounded(least), bounded(most));
            let range = if low == high { low } else { format!("{low} to {high}") };
            let harm = if least < 1.0 { " (below one: they did harm)" } else { "" };
            Some(format!("of the {} by {range}{harm}", in_words(metric)))
        })
        .collect();
    (!parts.is_empty()).then(|| {
        format!("Common random numbers divided the variance of the differences {}.", parts.join(", "))
    })
}

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
        columns,
        rows,
    })
}

/// What is the same in all replications differs by rounding alone.
fn bounded(ratio: f64) -> String {
    if ratio > MILLION { "more than a million".to_owned() } else { human::number(ratio) }
}

fn variance_ratio(summary: &VariantSummary, metric: &str) -> Option<f64> {
    summary.metric(metric)?.comparison?.paired.variance_ratio
}

/// The name of a metric without its unit.
fn in_words(metric: &Metric) -> String {
    metric.name.strip_suffix("_s").unwrap_or(metric.name).replace('_', " ")
}

/// What was left out as warm-up, and who has none.
fn settling(steady: &SteadyState) -> String {
    let span = |seconds: f64| human::duration(seconds);
    let mut note = format!(
        "Steady state: measured is mail that arrives from {} until {}. What comes before is left out as warm-up, by \
         MSER-5 on the undelivered mail of {} pilot replications that are not measured.",
        span(steady.from_s),
        span(steady.until_s),
        steady.pilot
    );
    for one in &steady.variants {
        let said = match (one.state, one.warm_up_s) {
            (State::Settled, warm_up) => {
                format!(" {} settles after {}.", one.variant, span(warm_up.unwrap_or_default()))
            }
            (State::TooLong, _) => format!(
                " {} DOES NOT SETTLE in the first half of the interval: it has no intervals and no verdict; write a \
                 later horizon.",
                one.variant
            ),
            (State::Growing, _) => format!(
                " {} is UNSTABLE: its undelivered mail grows on and on. There is no steady state, hence no interval \
                 and no verdict.",
                one.variant
            ),
        };
        note.push_str(&said);
    }
    note
}

/// Why there are as many replications as there are, and how precise that made the comparison.
fn stopped(manifest: &Manifest, stopping: &Stopping, summaries: &[VariantSummary]) -> String {
    let count = manifest.replications;
    let rule = &stopping.rule;
    let rounds = match stopping.rounds.len() {
        1 => "one round".to_owned(),
        rounds => format!("{rounds} rounds"),
    };
    let wanted = format!(
        "± {} of the mean of {}, or ± {} and ± {} where that is more",
        human::percent(rule.precision),
        manifest.comparison.baseline,
        human::duration(rule.near_zero.restricted_mean_s),
        human::number(rule.near_zero.retry_connections_per_message),
    );
    match stopping.stop {
        Stop::Precise => {
            format!(
                "Stopped after {count} replications in {rounds}: everything compared is known to {wanted}."
            )
        }
        Stop::Capped => {
            let aims = aims(summaries, &manifest.comparison, rule).unwrap_or_default();
            let missed = aims.iter().filter(|aim| !aim.is_met()).count();
            let worst = aims.iter().max_by(|one, other| one.excess().total_cmp(&other.excess()));
            let worst = worst.map(furthest).unwrap_or_default();
            format!(
                "NOT CONVERGED: the limit of {count} replications came before the wanted precision, {wanted}. \
                 {missed} of {} are less precise{worst}.",
                aims.len()
            )
        }
        Stop::NotComparable => format!(
            "NOT CONVERGED: after {count} replications a primary metric has no value in one of them, so that \
             nothing can be compared, and more replications would not help."
        ),
        Stop::Interrupted => {
            format!("NOT CONVERGED: interrupted before the wanted precision was reached, {wanted}.")
        }
    }
}

/// The aim that was missed by most, and what it would take.
fn furthest(aim: &Aim<'_>) -> String {
    let (found, wanted) = match aim.metric.unit {
        Unit::Seconds => (human::duration(aim.half_width), human::duration(aim.wanted)),
        _ => (human::number(aim.half_width), human::number(aim.wanted)),
    };
    let metric = in_words(aim.metric);
    let needed = match aim.needed {
        Some(needed) => format!("about {needed} replications would do"),
        None => "no number of replications would do".to_owned(),
    };
    format!(
        "; furthest off is the {metric} of {}, known to ± {found} instead of ± {wanted}: {needed}",
        aim.variant
    )
}

fn precision(summaries: &[VariantSummary]) -> Option<String> {
    let widths = summaries.iter().filter_map(|summary| {
        let width = summary.metric("restricted_mean_s")?.relative_half_width()?;
        Some((width, &summary.variant))
    });
    let (width, variant) = widths.max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(format!(
        "The least precise restricted mean is that of {variant}, to ± {} of itself.",
        human::percent(width)
    ))
}

/// Where the horizon came before the end of some messages.
fn truncated(summaries: &[VariantSummary]) -> Option<String> {
    let share = |summary: &VariantSummary| {
        let of = |name: &str| summary.metric(name)?.mean;
        Some(of("cohort_unfinished")? / of("cohort_messages")?)
    };
    let shares = summaries.iter().filter_map(|summary| Some((share(summary)?, &summary.variant)));
    let (most, variant) =
        shares.filter(|(share, _)| *share > 0.0).max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(format!(
        "Truncated: the horizon came before the end of some messages, at most {} of the cohort, under {variant}. They \
         count up to the horizon and are later than all delivered ones; what became of them afterwards is not \
         estimated, because how long mail waits depends on when it came. A later horizon would show it.",
        human::percent(most)
    ))
}

fn pooled_note() -> String {
    let [p50, .., p99] = POOLED;
    format!(
        "Quantiles of latency are over the messages of all replications together, undelivered ones \
         counted as later than all others; intervals, by the jackknife and wider by the intervals of latency.csv, \
         are given from {} replications on, for p99 from {}.",
        p50.least_replications, p99.least_replications
    )
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
        for section in sections(&manifest, &summaries) {
            assert_eq!(section.rows.len(), 3);
            assert!(section.rows.iter().all(|row| row.len() == section.columns.len()), "{}", section.title);
        }
    }

    #[test]
    fn verdicts_are_words() {
        let (manifest, summaries) = sample();
        let rows = &sections(&manifest, &summaries)[0].rows;
        assert_eq!(rows[0][2], Cell::faint("baseline"));
        assert_eq!(rows[1][2], Cell { text: "+19.7 ± 0 %, different".to_owned(), tone: Tone::Worse });
        assert_eq!(rows[1][4], Cell::faint("0 ± 0 %, practically equal"));
        assert_eq!(rows[2][2], Cell::faint("bound"));
    }

    #[test]
    fn a_verdict_that_its_interval_does_not_show_is_explained() {
        let (manifest, mut summaries) = sample();
        let explained =
            |summaries: &[VariantSummary]| notes(&manifest, summaries).contains(&SHARPER.to_owned());
        assert!(!explained(&summaries));
        let metric = summaries[1].metrics.iter_mut().find(|metric| metric.comparison.is_some());
        let judgement = metric.and_then(|metric| metric.comparison.as_mut()).expect("it is compared");
        assert_eq!(judgement.verdict, Verdict::Different);
        judgement.paired.difference.half_width = 1.1 * judgement.paired.difference.mean.abs();
        assert!(explained(&summaries));
    }

    /// In the samples b is ten seconds slower, always: there is no variance left to compare with.
    #[test]
    fn the_variance_that_pairing_saved_is_shown() {
        let (manifest, mut summaries) = sample();
        assert!(notes(&manifest, &summaries).iter().all(|note| !note.contains("random numbers")));
        let [restricted, retries] = [0, 1];
        for (metric, ratio) in [(restricted, 12.0), (retries, 0.5)] {
            let comparison = summaries[1].metrics[metric].comparison.as_mut().expect("it is compared");
            comparison.paired.variance_ratio = Some(ratio);
        }
        let said = "Common random numbers divided the variance of the differences of the restricted mean by 12, \
                    of the retry connections per message by 0.500 (below one: they did harm).";
        assert!(
            notes(&manifest, &summaries).contains(&said.to_owned()),
            "{:?}",
            notes(&manifest, &summaries)
        );
        let table = variance_ratios(&summaries).expect("b is compared");
        assert_eq!(table.rows, [["b", "12", "0.500"].map(Cell::plain)]);
        assert_eq!(variance_ratios(&summaries[..1]), None);
    }

    #[test]
    fn what_is_unfinished_is_said() {
        let (manifest, mut summaries) = sample();
        let truncated = |summaries: &[VariantSummary]| {
            notes(&manifest, summaries).iter().any(|note| note.starts_with("Truncated"))
        };
        assert!(truncated(&summaries), "one message of each replication is still queued");
        let place =
            METRICS.iter().position(|metric| metric.name == "cohort_unfinished").expect("it is there");
        summaries.iter_mut().for_each(|summary| summary.metrics[place].mean = Some(0.0));
        assert!(!truncated(&summaries));
    }

    #[test]
    fn notes_say_what_is_missing() {
        let (mut manifest, summaries) = sample();
        manifest.complete = false;
        let notes = notes(&manifest, &summaries[..1]);
        assert_eq!(notes[0], "Incomplete: 1 of 3 variants were finished.");
        assert!(notes[2].starts_with("No verdicts"));
    }
}
