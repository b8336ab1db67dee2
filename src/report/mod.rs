//! Makes tables and pictures of what was recorded.
//!
//! A result directory holds the raw tables, one file and one module each ([`runs`], [`series`],
//! [`latency`], [`attempts`]), and the [`manifest`]. Everything else in it is made from these by
//! [`make`], by the command that simulates and by the one that only reports alike, so that both give the
//! same bytes.

pub mod attempts;
pub mod catalogue;
pub mod coverage;
pub mod directory;
pub mod error;
pub mod expectations;
pub mod figure;
mod grid;
pub mod human;
pub mod latency;
pub mod likeness;
pub mod limits;
mod listing;
pub mod load;
pub mod manifest;
pub mod markdown;
pub mod notes;
pub mod outage;
mod parameter;
pub mod pictures;
pub mod published;
pub mod recorder;
mod replaceable;
pub mod row;
pub mod runs;
pub mod schedule;
pub mod section;
pub mod series;
pub mod stored;
pub mod story;
pub mod study;
pub mod summary;
pub mod sweep;
pub mod tables;
pub mod validation;
pub mod worlds;

pub use grid::Layout;

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
    let text = markdown::summary(&stored.manifest, &summaries, &stored.outcomes());
    directory::write_file(&directory.join(markdown::FILE), text.as_bytes())?;
    if !stored.manifest.varied.is_empty() {
        directory::write_file(
            &directory.join(worlds::WINS_FILE),
            &worlds::wins(&stored.manifest, &summaries)?,
        )?;
    }
    for picture in pictures::all(&stored, &summaries) {
        directory::write_file(&directory.join(picture.file), &picture.png)?;
    }
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::row::{Row, columns};
    use super::*;
    use crate::experiment::metric::{Better, METRICS};
    use crate::experiment::summary::POOLED;

    const DOCUMENTATION: &str = include_str!("../../docs/results.md");

    /// The part of the documentation under the heading of a file.
    fn section(file: &str) -> &'static str {
        let (_, rest) = DOCUMENTATION.split_once(&format!("\n## `{file}`\n")).expect(file);
        rest.split("\n## ").next().unwrap_or(rest)
    }

    #[test]
    fn metrics_are_documented() {
        let listed: Vec<&str> =
            section(runs::StoredRun::FILE).lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<String> = METRICS
            .iter()
            .map(|metric| {
                let better = match metric.better {
                    Better::Lower => "lower",
                    Better::Higher => "higher",
                    Better::Neither => "neither",
                };
                format!("| `{}` | {} | {better} | {} |", metric.name, metric.unit.name(), metric.about)
            })
            .collect();
        assert_eq!(listed, expected);
        for quantile in POOLED {
            let line = format!("| `{}` | {} replications |", quantile.name, quantile.least_replications);
            assert!(section(summary::FILE).contains(&line), "{line}");
        }
    }

    #[test]
    fn columns_are_documented() {
        let tables: [(&str, Vec<&str>); 5] = [
            (runs::StoredRun::FILE, columns::<runs::StoredRun>()),
            (series::StoredStep::FILE, columns::<series::StoredStep>()),
            (latency::StoredBin::FILE, columns::<latency::StoredBin>()),
            (attempts::StoredAttempt::FILE, columns::<attempts::StoredAttempt>()),
            (summary::FILE, summary::COLUMNS.to_vec()),
        ];
        for (file, columns) in tables {
            let (key, others) = columns.split_at(row::KEY_COLUMNS.len());
            assert_eq!(key, row::KEY_COLUMNS);
            for column in others {
                assert!(section(file).contains(&format!("`{column}`")), "{file}: {column}");
            }
        }
    }

    #[test]
    fn manifest_fields_are_documented() {
        let manifest = serde_json::to_value(samples::manifest()).unwrap();
        for field in manifest.as_object().unwrap().keys() {
            let is_listed = section(manifest::FILE).contains(&format!("\n| `{field}` |"));
            assert!(is_listed, "{field}");
        }
    }
}
