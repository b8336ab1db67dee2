//! The command line: values of options that are no plain numbers or names.

use std::str::FromStr;

use clap::ValueEnum;

use crate::experiment::metric;
use crate::quantity::{Duration, QuantityError};
use crate::scenario;
use crate::smtp::Stage;

/// Forms of results on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets and statistics packages
    Csv,
}

/// Forms of tables on standard output that go into documents, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Table,
    /// For documents
    Markdown,
    /// For programs
    Json,
    /// For spreadsheets and statistics packages
    Csv,
}

/// Where scans or runs lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseArg {
    /// So long after the first arrival.
    After(Duration),
    /// Anywhere, drawn.
    Random,
}

impl FromStr for PhaseArg {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        match text {
            "random" => Ok(Self::Random),
            _ => text.parse().map(Self::After),
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Stages of an SMTP session at which an attempt can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StageArg {
    /// The connection is refused
    Refused,
    /// Nobody answers
    Timeout,
    /// 421 instead of the greeting
    Greeting,
    /// 421 after MAIL FROM
    Mail,
    /// 421 after RCPT TO
    Rcpt,
    /// 421 after DATA
    Data,
}

impl From<StageArg> for Stage {
    fn from(stage: StageArg) -> Self {
        match stage {
            StageArg::Refused => Self::Refused,
            StageArg::Timeout => Self::Timeout,
            StageArg::Greeting => Self::Greeting,
            StageArg::Mail => Self::Mail,
            StageArg::Rcpt => Self::Rcpt,
            StageArg::Data => Self::Data,
        }
    }
}

/// A count that may be as large as any; the parser of the standard library speaks of invalid digits.
pub(super) fn count(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

/// The name of a metric.
pub(super) fn metric(text: &str) -> Result<String, String> {
    if metric::position(text).is_some() {
        return Ok(text.to_owned());
    }
    let known = metric::METRICS.iter().map(|metric| metric.name);
    let help = scenario::did_you_mean(text, known).unwrap_or_else(|| "docs/results.md lists all".to_owned());
    Err(format!("there is no such metric; {help}"))
}

/// A change of one key, as `--set` takes it.
pub(super) fn change(text: &str) -> Result<String, String> {
    match scenario::is_change(text) {
        true => Ok(text.to_owned()),
        false => Err("it sets nothing; write for example --set horizon=2d, and quote names with spaces or \
                      commas"
            .to_owned()),
    }
}
