//! `runs.csv` of a sweep: one row for each point, variant and replication.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::super::error::ReportError;
use super::super::row::{Fields, KEY_COLUMNS, Row};
use super::super::runs::StoredRun;
use super::manifest::SweepManifest;
use crate::scenario::points;

/// Name of the file, that of a comparison.
pub const FILE: &str = StoredRun::FILE;

/// The column with the number of the point, from 0, in front of those of the axes.
pub const POINT: &str = "point";

/// The runs of the variants at one point, in the order of the manifest, each with its replications in order.
pub type PointRuns = Vec<Vec<StoredRun>>;

/// The columns of a table of this sweep.
pub fn columns(manifest: &SweepManifest) -> Vec<&str> {
    let axes = manifest.axes.iter().map(|axis| axis.key.as_str());
    std::iter::once(POINT).chain(axes).chain(KEY_COLUMNS).chain(StoredRun::columns()).collect()
}

/// Writes the table point by point.
pub struct Writer {
    path: PathBuf,
    csv: csv::Writer<File>,
    /// What is the same in all rows of a point and a variant.
    keys: Vec<[String; 3]>,
    values: Vec<Vec<String>>,
}

impl Writer {
    /// Creates the file and writes the names of its columns.
    pub fn create(directory: &Path, manifest: &SweepManifest) -> Result<Self, ReportError> {
        let path = directory.join(FILE);
        let mut csv = csv::Writer::from_path(&path).map_err(ReportError::csv("create", &path))?;
        csv.write_record(columns(manifest)).map_err(ReportError::csv("write", &path))?;
        let axes = &manifest.axes;
        let values = points(axes)
            .map(|point| axes.iter().zip(point).map(|(axis, value)| axis.values[value].clone()).collect());
        let keys =
            manifest.keys().into_iter().map(|key| [key.variant, key.policy, key.change.unwrap_or_default()]);
        Ok(Self { path, csv, keys: keys.collect(), values: values.collect() })
    }

    /// Writes the rows of a point and hands them to the system.
    pub fn write(&mut self, point: usize, runs: &PointRuns) -> Result<(), ReportError> {
        for (key, runs) in self.keys.iter().zip(runs) {
            for run in runs {
                let mut fields = vec![point.to_string()];
                fields.extend(self.values[point].iter().chain(key).cloned());
                run.write(&mut fields);
                self.csv.write_record(&fields).map_err(ReportError::csv("write", &self.path))?;
            }
        }
        self.csv.flush().map_err(ReportError::io("write", &self.path))
    }
}

/// Reads the table: all points that it holds whole.
///
/// # Errors
///
/// If a row makes no sense, or does not belong to the points and variants of the manifest.
pub fn read(directory: &Path, manifest: &SweepManifest) -> Result<BTreeMap<usize, PointRuns>, ReportError> {
    read_rows(directory, manifest).and_then(|(points, wrong)| wrong.map_or(Ok(points), Err))
}

/// Reads what a run left that came to no end: all points that are whole before the first row that is not.
pub fn read_as_far_as_whole(
    directory: &Path,
    manifest: &SweepManifest,
) -> Result<BTreeMap<usize, PointRuns>, ReportError> {
    read_rows(directory, manifest).map(|(points, _)| points)
}

/// The whole points before the first row that makes no sense, and what is wrong with that one.
fn read_rows(
    directory: &Path,
    manifest: &SweepManifest,
) -> Result<(BTreeMap<usize, PointRuns>, Option<ReportError>), ReportError> {
    let path = directory.join(FILE);
    let file = File::open(&path).map_err(ReportError::io("read", &path))?;
    let mut csv = csv::Reader::from_reader(file);
    let columns = columns(manifest);
    let headers = csv.headers().map_err(ReportError::csv("read", &path))?;
    if headers.iter().ne(columns.iter().copied()) {
        let what = format!("the columns should be {}", columns.join(","));
        return Err(ReportError::table(&path, Some(1), what));
    }
    let all: Vec<Vec<usize>> = points(&manifest.axes).collect();
    let mut found: BTreeMap<usize, PointRuns> = BTreeMap::new();
    let mut wrong = None;
    for record in csv.records() {
        let read = record.map_err(ReportError::csv("read", &path)).and_then(|record| {
            let line = record.position().map(csv::Position::line);
            let mut fields = Fields::of(&record, &columns);
            read_row(&mut fields, manifest, &all).map_err(|what| ReportError::table(&path, line, what))
        });
        match read {
            Ok((point, variant, run)) => {
                let runs = found.entry(point).or_insert_with(|| vec![Vec::new(); manifest.variants.len()]);
                runs[variant].push(run);
            }
            Err(error) => {
                wrong = Some(error);
                break;
            }
        }
    }
    found.retain(|_, runs| is_whole(runs, manifest.replications));
    Ok((found, wrong))
}

fn is_whole(runs: &PointRuns, replications: u32) -> bool {
    runs.iter().all(|runs| runs.iter().map(|run| run.replication).eq(0..replications))
}

fn read_row(
    fields: &mut Fields<'_>,
    manifest: &SweepManifest,
    points: &[Vec<usize>],
) -> Result<(usize, usize, StoredRun), String> {
    let point: usize = fields.parse()?;
    let values = points.get(point).ok_or_else(|| format!("there is no point {point}"))?;
    for (axis, &value) in manifest.axes.iter().zip(values) {
        let text = fields.text()?;
        if text != axis.values[value] {
            return Err(format!(
                "at point {point}, {} is {} and not \"{text}\"",
                axis.key, axis.values[value]
            ));
        }
    }
    let [variant, policy, change] = [fields.text()?, fields.text()?, fields.text()?];
    let place = manifest.variants.iter().position(|entry| {
        entry.name == variant
            && entry.policy == policy
            && entry.change.as_deref().unwrap_or_default() == change
    });
    let place = place.ok_or_else(|| format!("the manifest does not name the variant \"{variant}\""))?;
    Ok((point, place, StoredRun::read(fields)?))
}
