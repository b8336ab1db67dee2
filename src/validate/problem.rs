//! What is wrong with a table, or with a model and its parameters.

use std::fmt;

/// A sentence about it, with the line of the table where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    line: Option<u64>,
    message: String,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    /// The same with a line, unless it has one.
    pub(super) fn at_line(self, line: u64) -> Self {
        Self { line: self.line.or(Some(line)), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
