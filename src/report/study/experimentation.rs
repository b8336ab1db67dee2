//! Section 4: how the experiment was run and what is estimated.

use super::super::human;
use super::{Item, Known, list};
use crate::experiment::summary::POOLED;

pub(super) fn items(known: &Known<'_>) -> Vec<Item> {
    vec![initialisation(known), run_length(known), estimation(known)]
}

fn initialisation(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let windows = manifest.recipients.iter().flat_map(|recipient| {
        let stretch = |[from, until]: &[f64; 2]| {
            format!(
                "The recipient \"{}\" is down or partly down from {} until {}",
                recipient.name,
                human::duration(*from),
                human::duration(*until)
            )
        };
        let listed = recipient.windows_s.iter().take(MOST_WINDOWS).map(stretch);
        let further = recipient.windows_s.len().saturating_sub(MOST_WINDOWS);
        listed.chain((further > 0).then(|| format!("and {further} times more")))
    });
    let windows = list(windows);
    Item::new("4.1", "Initialisation")
        .says(format!(
            "Terminating: a run ends at the horizon of {}, an instant that no policy moves; traffic goes on until then. There is no warm-up: the state at \
             the start is part of the scenario, with empty queues but for the mail that it says is queued.",
            human::duration(manifest.horizon_s)
        ))
        .says_if((!windows.is_empty()).then_some(windows))
}

/// Windows that are listed for each recipient; periodic ones are all alike.
const MOST_WINDOWS: usize = 5;

fn run_length(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let censored: Vec<String> = known
        .stored
        .variants
        .iter()
        .filter(|variant| variant.censored() > 0)
        .map(|variant| format!("{} of \"{}\"", variant.censored(), variant.key.variant))
        .collect();
    let cut_off = match censored.is_empty() {
        true => "No message of the cohort was unfinished then.".to_owned(),
        false => format!(
            "Unfinished then, over all replications: {}; they count in the restricted mean up to the horizon.",
            censored.join(", ")
        ),
    };
    Item::new("4.2", "Run length").says(format!(
        "{} of simulated time, in whole microseconds; tables are in seconds. {cut_off}",
        human::duration(manifest.horizon_s)
    ))
}

fn estimation(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let plan = &manifest.comparison;
    let confidence = human::percent(plan.confidence);
    let widest = known.summaries.iter().filter_map(|summary| {
        Some((summary.metric("restricted_mean_s")?.relative_half_width()?, summary.variant.as_str()))
    });
    let widest = widest.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(width, variant)| {
        format!(
            "The least precise restricted mean is that of \"{variant}\", to ± {} of itself.",
            human::percent(width)
        )
    });
    let compared = known.summaries.iter().flat_map(|summary| &summary.metrics);
    let ratios: Vec<f64> =
        compared.filter_map(|metric| metric.comparison.as_ref()?.paired.variance_ratio).collect();
    let range = ratios.iter().copied().reduce(f64::min).zip(ratios.iter().copied().reduce(f64::max));
    let reduced = range.map(|(least, most)| {
        let (least, most) = (human::number(least), human::number(most));
        format!("Common random numbers divided the variance of the differences by {least} to {most}.")
    });
    let [first, .., last] = POOLED;
    Item::new("4.3", "Estimation approach")
        .says(format!(
            "{} independent replications of each variant. Replications with the same number have the same random numbers in all variants (item 5.2), and \
             so the same mail and the same outages.",
            manifest.replications
        ))
        .says(list([
            format!("Means: Student-t intervals over the replications, {confidence}."),
            format!(
                "Verdicts: differences to \"{}\" paired by replication; simultaneous {confidence} intervals (Bonferroni) and Holm's test over both primary \
                 measures of all compared variants. Practically equal is what lies within {} of the baseline as a whole.",
                plan.baseline,
                human::percent(plan.smallest_difference)
            ),
            format!(
                "Quantiles of latency over the messages of all replications together: jackknife over groups of replications, from {} replications on, the \
                 99th percentile from {}. Undelivered messages are later than all others.",
                first.least_replications, last.least_replications
            ),
        ]))
        .says_if(widest)
        .says_if(reduced)
        .asks("Why is this number of replications enough for the decision at hand?")
}
