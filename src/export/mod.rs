//! Policies written as configuration of the programs that could follow them.
//!
//! Each program has a file that writes what it can express. What it cannot is not guessed: the text is read
//! again as the program's own configuration is, and whatever part of the policy comes back different is lost.

mod delays;
mod difference;
mod exim;
mod haraka;
mod kumomta;
mod postfix;
mod sendmail;
mod stalwart;
mod text;

use std::fmt;

pub use difference::Difference;

use crate::mta::native::Dialect;
use crate::scenario::written::Policy;
use crate::scenario::{Findings, Paint, Sources, read_policy};

/// A policy as configuration of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The configuration, with comments.
    pub text: String,
    /// Parts of the policy that the program would do otherwise.
    pub lost: Vec<Difference>,
}

/// Why a policy cannot be exported.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportError {
    /// The program cannot put mail off in this way; the line says which ways it has.
    Backoff {
        /// The program.
        to: Dialect,
        /// What it can do.
        can: &'static str,
    },
    /// Nothing is written for this program.
    Dialect(Dialect),
    /// What was written does not read as configuration of the program; in words.
    Unreadable(String),
}

/// The programs whose configuration is written.
pub const TARGETS: [Dialect; 6] = [
    Dialect::Postfix,
    Dialect::Exim,
    Dialect::Sendmail,
    Dialect::Haraka,
    Dialect::KumoMta,
    Dialect::Stalwart,
];

/// Writes a policy as configuration of a program.
///
/// ```
/// use tempfail::export::export;
/// use tempfail::mta::native::Dialect;
/// use tempfail::scenario::{PolicyChoice, preset};
///
/// let Some(PolicyChoice::Policy(postfix)) = preset("postfix") else { panic!() };
/// let exported = export(&postfix, Dialect::Postfix)?;
/// assert!(exported.text.contains("minimal_backoff_time = 5m\n"));
/// assert!(exported.lost.is_empty());
/// # Ok::<(), tempfail::export::ExportError>(())
/// ```
///
/// # Errors
/// When the program cannot express the backoff, without which the rest would mislead.
pub fn export(policy: &Policy, to: Dialect) -> Result<Export, ExportError> {
    let written = match to {
        Dialect::Postfix => postfix::write(policy)?,
        Dialect::Exim => exim::write(policy)?,
        Dialect::Sendmail => sendmail::write(policy)?,
        Dialect::Haraka => haraka::write(policy)?,
        Dialect::KumoMta => kumomta::write(policy)?,
        Dialect::Stalwart => stalwart::write(policy)?,
        other => return Err(ExportError::Dialect(other)),
    };
    let back = read_back(to, &written)?;
    let lost = difference::between(policy, &back);
    Ok(Export { text: written.text, lost })
}

/// What a writer has to say.
struct Written {
    /// The configuration.
    text: String,
    /// How often queue runs start, which the text only has in a comment.
    queue_interval: Option<String>,
}

/// The policy that the program follows with this configuration.
fn read_back(to: Dialect, written: &Written) -> Result<Policy, ExportError> {
    let mut sources = Sources::new();
    sources.add("configuration", written.text.as_str());
    let mut table = "file = \"configuration\"".to_owned();
    if let Some(interval) = &written.queue_interval {
        table += &format!(", queue_interval = \"{interval}\"");
    }
    sources.add("policy", format!("native = {{ {} = {{ {table} }} }}", to.name()));
    let unreadable = |findings: Findings, sources: &Sources| {
        ExportError::Unreadable(findings.render(sources, Paint::Plain))
    };
    match read_policy(&mut sources, "policy") {
        Ok((policy, _)) => Ok(policy),
        Err(findings) => Err(unreadable(findings, &sources)),
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backoff { to, can } => {
                write!(f, "{} cannot put mail off like this: it can do {can}", to.name())
            }
            Self::Dialect(dialect) => write!(f, "nothing is written for {}", dialect.name()),
            Self::Unreadable(why) => write!(f, "what was written does not read again: {why}"),
        }
    }
}

impl std::error::Error for ExportError {}
