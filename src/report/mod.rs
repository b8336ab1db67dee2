//! Makes tables and pictures of what was recorded.
//!
//! A result directory holds the raw tables, one file and one module each ([`runs`], [`series`],
//! [`latency`], [`attempts`]), and the [`manifest`]. Everything else in it is made from these by
//! [`make`], by the command that simulates and by the one that only reports alike, so that both give the
//! same bytes.

pub mod attempts;
pub mod directory;
pub mod error;
pub mod human;
pub mod latency;
pub mod load;
pub mod manifest;
pub mod markdown;
pub mod recorder;
pub mod row;
pub mod runs;
pub mod section;
pub mod series;
pub mod stored;
pub mod summary;
pub mod tables;

#[cfg(test)]
mod samples;

use std::path::Path;

use error::ReportError;
use stored::Stored;

/// Makes everything that can be made again in a result directory, from its raw tables and its
/// manifest; returns what these hold.
pub fn make(directory: &Path) -> Result<Stored, ReportError> {
    let stored = load::load(directory)?;
    let summaries = stored.summary();
    let rows = summary::rows(&stored.manifest, &summaries);
    directory::write_file(&directory.join(summary::FILE), &summary::to_csv(&rows)?)?;
    let text = markdown::summary(&stored.manifest, &summaries);
    directory::write_file(&directory.join(markdown::FILE), text.as_bytes())?;
    Ok(stored)
}
