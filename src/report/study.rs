//! A study report along STRESS-DES, filled in as far as a result directory knows the answers.
//!
//! The checklist: T. Monks, C. S. M. Currie, B. S. Onggo, S. Robinson, M. Kunc and S. J. E. Taylor, "Strengthening
//! the reporting of empirical simulation studies: Introducing the STRESS guidelines", Journal of
//! Simulation 13 (2019), table for discrete-event simulation. Numbers and names of the items are its own.
//!
//! What only people know is left as a question that cannot be overlooked. The report is printed and not
//! stored in the directory: it is there to be edited, and would be overwritten with the next tables.

mod experimentation;
mod implementation;
mod inputs;
mod logic;
mod objectives;

use super::manifest::Manifest;
use super::markdown::escape;
use super::stored::Stored;
use crate::experiment::expectation::Outcome;
use crate::experiment::summary::VariantSummary;

/// What the items are filled from.
struct Known<'a> {
    manifest: &'a Manifest,
    stored: &'a Stored,
    summaries: &'a [VariantSummary],
    outcomes: &'a [Outcome],
    /// The scenario with everything filled in; none in results of versions that did not write it down.
    resolved: Option<toml::Table>,
}

/// An item of the checklist.
struct Item {
    number: &'static str,
    name: &'static str,
    /// Paragraphs, lists and tables in Markdown.
    answers: Vec<String>,
    /// What is left to be said by people.
    questions: Vec<&'static str>,
}

impl Item {
    fn new(number: &'static str, name: &'static str) -> Self {
        Self { number, name, answers: Vec::new(), questions: Vec::new() }
    }

    fn says(mut self, text: impl Into<String>) -> Self {
        self.answers.push(text.into());
        self
    }

    fn says_if(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.says(text),
            None => self,
        }
    }

    fn asks(mut self, question: &'static str) -> Self {
        self.questions.push(question);
        self
    }
}

/// What stands before each question.
const QUESTION: &str = "> **To be answered:**";

/// The report, in Markdown.
pub fn study(stored: &Stored, summaries: &[VariantSummary], outcomes: &[Outcome]) -> String {
    let manifest = &stored.manifest;
    let resolved = manifest.scenario.resolved.as_deref().and_then(|text| text.parse().ok());
    let known = Known { manifest, stored, summaries, outcomes, resolved };
    let sections = [
        ("Objectives", objectives::items(&known)),
        ("Logic", logic::items(&known)),
        ("Data", inputs::items(&known)),
        ("Experimentation", experimentation::items(&known)),
        ("Implementation", implementation::items(&known)),
        ("Code access", implementation::access(&known)),
    ];
    let open: usize = sections.iter().flat_map(|(_, items)| items).map(|item| item.questions.len()).sum();
    let mut text = format!(
        "# {}\n\nA report along STRESS-DES (Monks et al., Journal of Simulation 13, 2019), made by {} {} from its results. {open} questions \
         are left to be answered; search for \"To be answered\".\n",
        escape(&manifest.scenario.title),
        manifest.tool.name,
        manifest.tool.version,
    );
    if !manifest.complete {
        text.push_str("\nThe run was interrupted: not all variants are in these results.\n");
    }
    for (place, (title, items)) in (1..).zip(sections) {
        text.push_str(&format!("\n## {place}. {title}\n"));
        for item in items {
            text.push_str(&format!("\n### {} {}\n", item.number, item.name));
            for answer in item.answers {
                text.push_str(&format!("\n{}\n", answer.trim_end()));
            }
            for question in item.questions {
                text.push_str(&format!("\n{QUESTION} {question}\n"));
            }
        }
    }
    text
}

/// A list with a line for each entry.
fn list(entries: impl IntoIterator<Item = String>) -> String {
    entries.into_iter().map(|entry| format!("- {entry}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn text(stored: &Stored) -> String {
        study(stored, &stored.summary(), &stored.outcomes())
    }

    /// As published; 2.5 has five parts.
    const ITEMS: [&str; 24] = [
        "1.1 Purpose of the model",
        "1.2 Model outputs",
        "1.3 Experimentation aims",
        "2.1 Base model overview diagram",
        "2.2 Base model logic",
        "2.3 Scenario logic",
        "2.4 Algorithms",
        "2.5.1 Components: entities",
        "2.5.2 Components: activities",
        "2.5.3 Components: resources",
        "2.5.4 Components: queues",
        "2.5.5 Components: entry and exit points",
        "3.1 Data sources",
        "3.2 Pre-processing",
        "3.3 Input parameters",
        "3.4 Assumptions",
        "4.1 Initialisation",
        "4.2 Run length",
        "4.3 Estimation approach",
        "5.1 Software or programming language",
        "5.2 Random sampling",
        "5.3 Model execution",
        "5.4 System specification",
        "6.1 Computer model sharing statement",
    ];

    #[test]
    fn every_item_of_the_checklist_is_there_and_says_or_asks_something() {
        let text = text(&samples::stored());
        let headings: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        assert_eq!(headings, ITEMS);
        for part in text.split("\n### ").skip(1) {
            let said = part.lines().skip(1).take_while(|line| !line.starts_with("## "));
            assert!(said.filter(|line| !line.is_empty()).count() > 0, "{part}");
        }
        let questions = text.matches(QUESTION).count();
        assert!(questions >= 8 && text.contains(&format!("{questions} questions are left")), "{text}");
    }

    #[test]
    fn results_that_know_less_say_so() {
        let mut stored = samples::stored();
        stored.manifest.scenario.resolved = None;
        stored.manifest.complete = false;
        let text = text(&stored);
        assert!(text.contains("The run was interrupted"));
        assert!(text.contains("the manifest does not hold the scenario with everything filled in"));
    }
}
