//! What can go wrong with result directories.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a result directory could not be written or read.
#[derive(Debug)]
pub enum ReportError {
    /// The system refused; says what was tried, for a sentence like "cannot create ...".
    Io {
        /// What was tried.
        doing: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The target exists, and replacing it would destroy what is not ours.
    Foreign {
        /// The target.
        path: PathBuf,
        /// What is there.
        why: Foreign,
    },
    /// The target has no name of its own, as `/` has none.
    Nameless(PathBuf),
    /// Something failed at the end; the results are there, under another name.
    Stranded {
        /// Where they are.
        left: PathBuf,
        /// What failed.
        source: Box<ReportError>,
    },
    /// The directory is no result: it has no manifest.
    NoResult(PathBuf),
    /// The manifest is not JSON, or has other fields than it should.
    Manifest {
        /// The file.
        path: PathBuf,
        /// What the reader said, with line and column.
        source: serde_json::Error,
    },
    /// The manifest is of a format that this version does not know.
    Format {
        /// The file.
        path: PathBuf,
        /// The number found in it.
        found: u32,
    },
    /// A table does not hold what it should.
    Table {
        /// The file.
        path: PathBuf,
        /// The line, from 1, where it is known.
        line: Option<u64>,
        /// What is wrong.
        what: String,
    },
}

/// What is in the way of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A file, for example.
    NoDirectory,
    /// A directory with files in it, none of them a manifest.
    NoManifest,
    /// A directory with a `manifest.json` that another program wrote.
    OtherManifest,
    /// A result directory to which these files were added.
    Holds(Vec<String>),
}

/// Names that are said before the rest is counted.
const SAID: usize = 5;

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const REMEDY: &str = "choose another name, or remove it first";
        match self {
            Self::NoDirectory => write!(f, "exists and is not a directory; {REMEDY}"),
            Self::NoManifest => {
                write!(f, "exists and is not a result directory (it has no manifest.json); {REMEDY}")
            }
            Self::OtherManifest => write!(
                f,
                "exists and is not a result directory (its manifest.json is not one of tempfail); {REMEDY}"
            ),
            Self::Holds(names) => {
                let said: Vec<String> = names.iter().take(SAID).map(|name| format!("\"{name}\"")).collect();
                write!(f, "holds files that no result has: {}", said.join(", "))?;
                if names.len() > SAID {
                    write!(f, " and {} more", names.len() - SAID)?;
                }
                f.write_str("; move them away or choose another --out")
            }
        }
    }
}

impl ReportError {
    /// For `map_err`: what was tried, and with what.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    pub(super) fn table(path: &Path, line: Option<u64>, what: impl Into<String>) -> Self {
        Self::Table { path: path.to_owned(), line, what: what.into() }
    }

    /// For `map_err` on what the csv reader and writer say.
    pub(super) fn csv(doing: &'static str, path: &Path) -> impl FnOnce(csv::Error) -> Self {
        move |error| {
            let line = error.position().map(csv::Position::line);
            let text = error.to_string();
            match error.into_kind() {
                csv::ErrorKind::Io(source) => Self::Io { doing, path: path.to_owned(), source },
                _ => Self::table(path, line, text),
            }
        }
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, path, source } => write!(f, "cannot {doing} {}: {source}", path.display()),
            Self::Foreign { path, why } => write!(f, "{} {why}", path.display()),
            Self::Nameless(path) => {
                write!(f, "{} cannot be replaced by a result directory; choose a name", path.display())
            }
            Self::Stranded { left, source } => {
                write!(f, "{source}; what was finished is in {}", left.display())
            }
            Self::NoResult(path) => write!(
                f,
                "{} is not a result directory (it has no manifest.json); name one that compare or sweep wrote",
                path.display()
            ),
            Self::Manifest { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Format { path, found } => write!(
                f,
                "{}: results of format {found}, but this version reads format {}",
                path.display(),
                super::manifest::FORMAT
            ),
            Self::Table { path, line: Some(line), what } => {
                write!(f, "{}, line {line}: {what}", path.display())
            }
            Self::Table { path, line: None, what } => write!(f, "{}: {what}", path.display()),
        }
    }
}

impl std::error::Error for ReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Manifest { source, .. } => Some(source),
            Self::Stranded { source, .. } => Some(source),
            _ => None,
        }
    }
}
