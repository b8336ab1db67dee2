//! The directory of a sweep: a comparison at each of many points.
//!
//! It holds the [`manifest`] and one raw [`table`]; everything else is made from these by [`make`], by the command that
//! simulates and by the one that only reports alike.

pub mod manifest;
pub mod pictures;
pub mod recorder;
pub mod stored;
pub mod summary;
pub mod table;
pub mod text;

#[cfg(test)]
mod samples;

use std::path::Path;

use super::directory::write_file;
use super::error::ReportError;
use stored::Sweep;

/// Makes everything that can be made again in the directory of a sweep; returns what it holds.
///
/// # Errors
///
/// If the directory does not hold a sweep, or cannot be written.
pub fn make(directory: &Path) -> Result<Sweep, ReportError> {
    let sweep = Sweep::load(directory)?;
    let summaries = sweep.summary();
    let rows = summary::rows(&sweep.manifest, &summaries);
    write_file(&directory.join(summary::FILE), &summary::to_csv(&sweep.manifest, &rows)?)?;
    let text = text::markdown(&sweep.manifest, &summaries);
    write_file(&directory.join(text::FILE), text.as_bytes())?;
    for picture in pictures::all(&sweep.manifest, &summaries) {
        write_file(&directory.join(picture.file), &picture.png)?;
    }
    Ok(sweep)
}
