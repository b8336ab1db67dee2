//! Section 1: what the model is for, what it measures, what is tried with it.

use super::super::human;
use super::super::markdown::{escape, grid};
use super::super::section;
use super::{Item, Known, list};
use crate::experiment::metric::METRICS;
use crate::experiment::summary::Role;

pub(super) fn items(known: &Known<'_>) -> Vec<Item> {
    vec![purpose(known), outputs(known), aims(known)]
}

fn purpose(known: &Known<'_>) -> Item {
    let scenario = &known.manifest.scenario;
    Item::new("1.1", "Purpose of the model")
        .says(
            "A recipient mail server that is busy, full or down answers `421` (RFC 5321, section 4.2.1), and every server \
             that sends to it tries again later. The model compares ways of trying again: how soon the mail is \
             delivered, and what load that puts on the recipient.",
        )
        .says_if(scenario.question.as_ref().map(|question| format!("The question: {}", escape(question))))
        .says_if(preface(&scenario.text))
        .asks("Why is this question asked, and whose decision does it serve?")
}

/// The comment at the head of the scenario, where its author says what it is about.
fn preface(text: &str) -> Option<String> {
    let comment: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
    let quoted: String = comment.iter().map(|line| format!("> {}\n", escape(line))).collect();
    (!comment.is_empty())
        .then(|| format!("The author of the scenario writes:\n\n{}", quoted.replace("> \n", ">\n")))
}

fn outputs(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let [from, until] = manifest.cohort_s.map(human::duration);
    let primary = METRICS.iter().filter(|metric| metric.primary);
    let primary =
        primary.map(|metric| format!("`{}` ({}): {}.", metric.name, metric.unit.name(), metric.about));
    let tables: String = section::sections(manifest, known.summaries, known.outcomes)
        .iter()
        .map(|section| {
            let cells = section.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect());
            let rows: Vec<Vec<String>> = cells.collect();
            format!("{}:\n\n{}\n", section.title, grid(&section.columns, &rows, section.names))
        })
        .collect();
    Item::new("1.2", "Model outputs")
        .says(format!(
            "Measured is the mail that arrives from {from} until {until} (the cohort). Two measures are primary, and verdicts are given on \
             them alone:"
        ))
        .says(list(primary))
        .says(format!(
            "Latency runs from the arrival of a message at its sender to the reply that accepts it. With n messages in the cohort, \
             arrival times a, latencies T and the horizon H, the restricted mean is the sum of min(T, H - a) over n, with T \
             infinite for mail that is bounced or not yet delivered at H. It is counted message by message and as the integral of \
             undelivered mail over time, and both must agree. The other {} measures describe; `docs/results.md` of the \
             program defines each. ± and brackets are {} intervals, as item 4.3 says.",
            METRICS.len() - 2,
            human::percent(manifest.comparison.confidence),
        ))
        .says(tables)
}

fn aims(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let columns = ["variant", "policy", "change", "what it is"].map(str::to_owned);
    let rows: Vec<Vec<String>> = manifest
        .variants
        .iter()
        .map(|entry| {
            let role = match entry.role {
                Role::Compared if entry.name == manifest.comparison.baseline => "baseline",
                role => role.name(),
            };
            let about = entry.about.as_ref().map_or(role.to_owned(), |about| format!("{role}; {about}"));
            vec![entry.name.clone(), entry.policy.clone(), entry.change.clone().unwrap_or_default(), about]
        })
        .collect();
    let expected = known.outcomes.iter().map(|outcome| outcome.expectation.name.as_str());
    let mut names: Vec<&str> = expected.collect();
    names.dedup();
    let item = Item::new("1.3", "Experimentation aims")
        .says(format!(
            "(A) Scenario-based analysis. {} variants are compared with \"{}\"; policies are crossed with changes of the scenario.",
            manifest.variants.len(),
            escape(&manifest.comparison.baseline)
        ))
        .says(grid(&columns, &rows, columns.len()))
        .asks("Why these variants, and what was expected of them before they were run?")
        .says("(B) Design of experiments: a full comparison of the variants above, all with the same replications.")
        .says("(C) Simulation optimisation: none.");
    match names.is_empty() {
        true => item,
        false => item.says(format!(
            "Stated in the scenario before it was run, and judged under item 1.2: \"{}\".",
            escape(&names.join("\", \""))
        )),
    }
}
