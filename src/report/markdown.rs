//! `summary.md`: the tables for people, as Markdown. Without anything that changes from one
//! execution to the next, so that it can be compared byte for byte.

use std::fmt::Write as _;

use super::human;
use super::manifest::Manifest;
use super::notes::notes;
use super::section::{self, Section};
use crate::experiment::expectation::Outcome;
use crate::experiment::summary::VariantSummary;

/// Name of the file.
pub const FILE: &str = "summary.md";

/// The contents of `summary.md`.
pub fn summary(manifest: &Manifest, summaries: &[VariantSummary], outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let scenario = &manifest.scenario;
    push(&mut text, &format!("# {}\n", escape(&scenario.title)));
    if let Some(question) = &scenario.question {
        push(&mut text, &format!("{}\n", escape(question)));
    }
    push(&mut text, &format!("{}\n", facts(manifest)));
    let sections = section::sections(manifest, summaries, outcomes).into_iter();
    for section in sections.chain(section::variance_ratios(summaries)) {
        push(&mut text, &format!("## {}\n", section.title));
        push(&mut text, &table(&section));
    }
    push(&mut text, "## Notes\n");
    for note in notes(manifest, summaries, outcomes) {
        push(&mut text, &format!("- {}", escape(&note)));
    }
    push(&mut text, "- All metrics: `summary.csv`; all replications: `runs.csv`.");
    text
}

fn facts(manifest: &Manifest) -> String {
    let scenario = &manifest.scenario;
    let [from, until] = manifest.cohort_s.map(human::duration);
    let mut facts = format!(
        "Scenario `{}`, seed {}, {}, until {}; measured: mail that arrives from {from} until {until}.",
        scenario.name,
        manifest.seed,
        manifest.replications_in_words(),
        human::duration(manifest.horizon_s),
    );
    if !scenario.overrides.is_empty() {
        facts.push_str(&format!(" Changed: `{}`.", scenario.overrides.join("`, `")));
    }
    facts
}

fn table(section: &Section) -> String {
    let rows: Vec<Vec<String>> =
        section.rows.iter().map(|row| row.iter().map(|cell| cell.text.clone()).collect()).collect();
    grid(&section.columns, &rows, section.names)
}

/// A table whose first `names` columns are names, the others numbers.
pub(super) fn grid(columns: &[String], rows: &[Vec<String>], names: usize) -> String {
    let mut text = String::new();
    push(&mut text, &line(columns.iter().map(String::as_str)));
    let rules = (0..columns.len()).map(|place| if place < names { "---" } else { "---:" });
    push(&mut text, &line(rules));
    for row in rows {
        push(&mut text, &line(row.iter().map(String::as_str)));
    }
    text
}

fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(escape).collect();
    format!("| {} |", cells.join(" | "))
}

/// Keeps names from ending a cell, a paragraph or beginning a tag.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '|' | '<' | '*' | '_' | '`' | '\\' => escaped.extend(['\\', character]),
            '\n' | '\r' => escaped.push(' '),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn push(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_summary_reads_like_a_page() {
        let stored = samples::stored();
        let text = summary(&stored.manifest, &stored.summary(), &stored.outcomes());
        assert!(
            text.starts_with("# A made-up \\| window\n\nWhich is better?\n\nScenario `x`, seed 7"),
            "{text}"
        );
        assert!(text.contains("Changed: `seed=7`."));
        assert!(text.contains("\n| --- | ---: |"));
        assert!(text.contains("\n| exponential, full jitter @ refused | "));
    }

    #[test]
    fn nothing_volatile_is_in_it() {
        let mut stored = samples::stored();
        let text = summary(&stored.manifest, &stored.summary(), &stored.outcomes());
        stored.manifest.volatile.threads = 8;
        stored.manifest.volatile.started_unix_s = 1;
        stored.manifest.command_line.push("--threads=8".to_owned());
        assert_eq!(summary(&stored.manifest, &stored.summary(), &stored.outcomes()), text);
    }
}
