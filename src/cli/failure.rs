//! What can go wrong, and the exit code for it.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use super::terminal::Terminal;
use crate::report::error::ReportError;

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum Failure {
    /// The scenario is invalid; rendered with its places.
    Scenario(String),
    /// A table to compare with is invalid; rendered with its place.
    Table(String),
    /// What was asked for makes no sense with this scenario.
    Usage(String),
    /// Results could not be written or read.
    Report(ReportError),
    /// Results cannot be written where they should be; nothing was simulated.
    Target(ReportError),
    /// Results could not be written while others were simulated; what was finished is kept there,
    /// if anything was.
    Recording {
        /// What failed.
        failure: Box<ReportError>,
        /// Where the finished variants are, or what failed next.
        kept: Result<Option<PathBuf>, Box<ReportError>>,
    },
    /// The simulator does not agree with theory; in which way.
    Validation(String),
    /// The results are there, but not as the scenario expects; in which ways.
    Violated(Vec<String>),
    /// A result directory says too little, or something wrong, about how it was made.
    Manifest(String),
    /// A result that was made again is another one.
    NotTheSame(String),
    /// Standard output could not be written.
    Output(io::Error),
    /// The program that a policy was to be exported to cannot follow it.
    Inexpressible(String),
    /// Threads could not be started.
    Threads(String),
    /// Interrupted before all rows were compared; nothing was printed.
    InterruptedValidation,
    /// Interrupted before a result was made again; nothing was kept.
    InterruptedRerun,
    /// Interrupted; what was finished is kept there, if anything was.
    Interrupted(Option<PathBuf>),
    /// A sweep was interrupted.
    InterruptedSweep {
        /// Where the finished points are, if there are any.
        kept: Option<PathBuf>,
        /// How many points are finished.
        finished: usize,
        /// How many there are.
        all: usize,
    },
}

impl Failure {
    /// 0 nobody reads on, 1 failed, 2 wrong usage, 3 invalid scenario, 4 expectation violated, 130 interrupted.
    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Report(_)
            | Self::Recording { .. }
            | Self::Validation(_)
            | Self::NotTheSame(_)
            | Self::Output(_)
            | Self::Threads(_)
            | Self::Inexpressible(_) => 1,
            Self::Usage(_) | Self::Table(_) | Self::Target(_) => 2,
            Self::Scenario(_) | Self::Manifest(_) => 3,
            Self::Violated(_) => 4,
            Self::InterruptedValidation
            | Self::InterruptedRerun
            | Self::Interrupted(_)
            | Self::InterruptedSweep { .. } => 130,
        })
    }

    /// The failure of one point of a sweep, with the point named first.
    pub(super) fn at_point(self, point: &str) -> Self {
        match self {
            Self::Scenario(findings) => Self::Scenario(format!("at the point {point}:\n{findings}")),
            Self::Usage(text) => Self::Usage(format!("at the point {point}: {text}")),
            other => other,
        }
    }

    /// Says on standard error what went wrong. A reader that closed the pipe need not be told.
    pub(super) fn tell(&self, terminal: &Terminal) {
        match self {
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Self::Scenario(findings) | Self::Table(findings) => terminal.complain(findings),
            _ => terminal.complain(&format!("{}: {self}", terminal.red("error"))),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(text)
            | Self::Table(text)
            | Self::Usage(text)
            | Self::Inexpressible(text)
            | Self::Validation(text)
            | Self::Manifest(text)
            | Self::NotTheSame(text) => f.write_str(text),
            Self::Violated(ways) => {
                let expectations = if ways.len() == 1 { "an expectation is" } else { "expectations are" };
                write!(f, "{expectations} violated\n  {}", ways.join("\n  "))
            }
            Self::Report(error) => error.fmt(f),
            // The others name the remedy themselves.
            Self::Target(error @ ReportError::Io { .. }) => {
                write!(f, "{error}; name a directory that can be written with --out")
            }
            Self::Target(error) => error.fmt(f),
            Self::Recording { failure, kept: Ok(None) } => {
                write!(f, "{failure}; no variant was finished, earlier results are untouched")
            }
            Self::Recording { failure, kept: Ok(Some(kept)) } => write!(
                f,
                "{failure}; the variants that were finished are in {}, earlier results are untouched",
                kept.display()
            ),
            Self::Recording { failure, kept: Err(next) } => write!(f, "{failure}; then {next}"),
            Self::Output(error) => write!(f, "cannot write to standard output: {error}"),
            Self::Threads(error) => write!(f, "cannot start threads: {error}"),
            Self::InterruptedRerun => {
                f.write_str("interrupted before everything was made again; nothing was kept")
            }
            Self::InterruptedValidation => f.write_str("interrupted before all rows were compared"),
            Self::InterruptedSweep { kept: None, .. } => {
                f.write_str("interrupted before any point was finished; earlier results are untouched")
            }
            Self::InterruptedSweep { kept: Some(kept), finished, all } => write!(
                f,
                "interrupted; {finished} of {all} points are finished and in {}; the same command goes on from there",
                kept.display()
            ),
            Self::Interrupted(None) => {
                f.write_str("interrupted before any variant was finished; earlier results are untouched")
            }
            Self::Interrupted(Some(kept)) => write!(
                f,
                "interrupted; the variants that were finished are in {}, earlier results are untouched",
                kept.display()
            ),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        Self::Report(error)
    }
}
