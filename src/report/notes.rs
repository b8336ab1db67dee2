//! What a reader must know to read the tables.

use super::manifest::Manifest;
use super::section::{bounded, in_words, variance_ratio};
use super::{expectations, human, limits};
use crate::experiment::expectation::Outcome;
use crate::experiment::metric::{METRICS, Unit};
use crate::experiment::sequential::{Aim, Stop, Stopping, aims};
use crate::experiment::steady_state::{State, SteadyState};
use crate::experiment::summary::{POOLED, VariantSummary};
use crate::stats::family::Judgement;

/// All notes, what was left out or not attained first.
pub fn notes(manifest: &Manifest, summaries: &[VariantSummary], outcomes: &[Outcome]) -> Vec<String> {
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
    notes.extend(expectations::note(outcomes, plan.confidence));
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
    if judged.iter().any(|judgement| judgement.is_sharper_than_interval()) {
        notes.push(SHARPER.to_owned());
    }
    notes.extend(variance_reduction(summaries));
    notes.extend(limits::note(manifest));
    notes.extend(precision(summaries));
    notes.push(pooled_note());
    notes.extend(truncated(summaries));
    notes
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

fn judgements(summaries: &[VariantSummary]) -> impl Iterator<Item = &Judgement> {
    summaries.iter().flat_map(|summary| &summary.metrics).filter_map(|metric| metric.comparison.as_ref())
}

/// Said where an interval seems to contradict its verdict.
const SHARPER: &str = "Where a difference is called different although its interval reaches over zero: Holm's step-down test \
                       decides, and it is sharper than intervals that hold for all comparisons together.";

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
    use super::super::section::{Cell, variance_ratios};
    use super::*;
    use crate::report::samples;
    use crate::stats::verdict::Verdict;

    fn sample() -> (Manifest, Vec<VariantSummary>) {
        let stored = samples::stored();
        let summaries = stored.summary();
        (stored.manifest, summaries)
    }

    #[test]
    fn a_verdict_that_its_interval_does_not_show_is_explained() {
        let (manifest, mut summaries) = sample();
        let explained =
            |summaries: &[VariantSummary]| notes(&manifest, summaries, &[]).contains(&SHARPER.to_owned());
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
        assert!(notes(&manifest, &summaries, &[]).iter().all(|note| !note.contains("random numbers")));
        let [restricted, retries] = [0, 1];
        for (metric, ratio) in [(restricted, 12.0), (retries, 0.5)] {
            let comparison = summaries[1].metrics[metric].comparison.as_mut().expect("it is compared");
            comparison.paired.variance_ratio = Some(ratio);
        }
        let said = "Common random numbers divided the variance of the differences of the restricted mean by 12, \
                    of the retry connections per message by 0.500 (below one: they did harm).";
        assert!(
            notes(&manifest, &summaries, &[]).contains(&said.to_owned()),
            "{:?}",
            notes(&manifest, &summaries, &[])
        );
        let table = variance_ratios(&summaries).expect("b is compared");
        assert_eq!(table.rows, [["b", "12", "0.500"].map(Cell::plain)]);
        assert_eq!(variance_ratios(&summaries[..1]), None);
    }

    #[test]
    fn what_is_unfinished_is_said() {
        let (manifest, mut summaries) = sample();
        let truncated = |summaries: &[VariantSummary]| {
            notes(&manifest, summaries, &[]).iter().any(|note| note.starts_with("Truncated"))
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
        let notes = notes(&manifest, &summaries[..1], &[]);
        assert_eq!(notes[0], "Incomplete: 1 of 3 variants were finished.");
        assert!(notes[2].starts_with("No verdicts"));
    }
}
