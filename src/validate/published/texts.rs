//! Policies as users write them, and the tables of references.

use std::sync::Arc;

use super::super::table::malformed;
use super::Problem;
use crate::scenario::{Paint, Sources, lower, read_policy};
use crate::sender::Policy;

/// The policy that a table of the scenario format says.
pub(super) fn policy(text: &str) -> Result<Arc<Policy>, Problem> {
    const NAME: &str = "policy";
    let mut sources = Sources::new();
    sources.add(NAME, text);
    let (written, _) = read_policy(&mut sources, NAME)
        .map_err(|findings| Problem::new(findings.render(&sources, Paint::Plain)))?;
    let policy = lower::policy(NAME, &written).map_err(|error| Problem::new(error.to_string()))?;
    Ok(Arc::new(policy))
}

/// The policy with this value of `backoff` and timers of its own, that gives up after so many attempts that nobody sees it.
pub(super) fn backoff(text: &str) -> Result<Arc<Policy>, Problem> {
    policy(&format!("backoff = {text}\nlifetime.attempts = 100000\n"))
}

/// A table in CSV whose columns are asked for by name.
pub(super) struct Table {
    header: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

/// A row of a [`Table`].
pub(super) struct Row<'a> {
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
    line: u64,
}

impl Table {
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| malformed(&error))?.clone();
        let records = reader.records().collect::<Result<_, _>>();
        Ok(Self { header, records: records.map_err(|error| malformed(&error))? })
    }

    /// That all these columns are there.
    pub(super) fn require(&self, columns: &[&str]) -> Result<(), Problem> {
        match columns.iter().find(|wanted| self.header.iter().all(|column| column != **wanted)) {
            None => Ok(()),
            Some(missing) => Err(Problem::new(format!("no column {missing}"))
                .at_line(1)
                .help(format!("the table has the columns {}", columns.join(", ")))),
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row {
            header: &self.header,
            record,
            line: record.position().map_or(0, csv::Position::line),
        })
    }
}

impl Row<'_> {
    pub(super) fn text(&self, column: &str) -> &str {
        let place = self.header.iter().position(|name| name == column);
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// The number in a column; an error where there is none, or one that is not finite.
    pub(super) fn number(&self, column: &str) -> Result<f64, Problem> {
        let text = self.text(column);
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.problem(column, format!("\"{text}\" is no number ({column})")))
    }

    /// What is wrong with the cell of a column, with its line.
    pub(super) fn problem(&self, column: &str, message: impl Into<String>) -> Problem {
        Problem::new(message).at_words(self.text(column)).at_line(self.line)
    }
}
