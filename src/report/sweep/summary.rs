//! `summary.csv` of a sweep, and the same rows as JSON: a row for each point, variant and metric.

use std::path::Path;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::error::ReportError;
use super::super::summary::{COLUMNS, SummaryRow};
use super::manifest::SweepManifest;
use super::stored::PointSummary;
use super::table::POINT;

/// Name of the file, that of a comparison.
pub const FILE: &str = super::super::summary::FILE;

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct PointRow<'a> {
    point: usize,
    /// The key and the value of each axis.
    values: Vec<(&'a str, &'a str)>,
    row: SummaryRow,
}

/// The columns of the table: the point, the axes, and those of the summary of a comparison.
pub fn columns(manifest: &SweepManifest) -> Vec<&str> {
    let axes = manifest.axes.iter().map(|axis| axis.key.as_str());
    std::iter::once(POINT).chain(axes).chain(COLUMNS).collect()
}

/// The rows of the table, point after point; of the metrics only those that the manifest names.
pub fn rows<'a>(manifest: &'a SweepManifest, summaries: &[PointSummary]) -> Vec<PointRow<'a>> {
    let keys = manifest.keys();
    let mut rows = Vec::new();
    for summary in summaries {
        let axes = manifest.axes.iter().zip(&summary.values);
        let values: Vec<(&str, &str)> =
            axes.map(|(axis, &value)| (axis.key.as_str(), axis.values[value].as_str())).collect();
        for (key, variant) in keys.iter().zip(&summary.variants) {
            for name in &manifest.metrics {
                let Some(metric) = variant.metric(name) else { continue };
                let row = SummaryRow::of_metric(key, variant, metric, &manifest.comparison.baseline);
                rows.push(PointRow { point: summary.point, values: values.clone(), row });
            }
        }
    }
    rows
}

/// The contents of `summary.csv`.
///
/// # Errors
///
/// None that these numbers can cause.
pub fn to_csv(manifest: &SweepManifest, rows: &[PointRow<'_>]) -> Result<Vec<u8>, ReportError> {
    let path = Path::new(FILE);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(columns(manifest)).map_err(ReportError::csv("write", path))?;
    for row in rows {
        let point = std::iter::once(row.point.to_string());
        let values = row.values.iter().map(|(_, value)| (*value).to_owned());
        let fields = point.chain(values).chain(row.row.fields().map(|(_, field)| field.text()));
        csv.write_record(fields).map_err(ReportError::csv("write", path))?;
    }
    csv.into_inner().map_err(|error| ReportError::io("write", path)(error.into_error()))
}

/// The same as JSON: an array of objects whose keys are the columns, `null` for empty fields.
///
/// # Errors
///
/// None that these numbers can cause.
pub fn to_json(rows: &[PointRow<'_>]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(rows).map(|text| text + "\n")
}

impl Serialize for PointRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(POINT, &self.point)?;
        for (key, value) in &self.values {
            map.serialize_entry(key, value)?;
        }
        for (column, field) in self.row.fields() {
            map.serialize_entry(column, field)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn rows_begin_with_their_point() {
        let sweep = samples::sweep();
        let summaries = sweep.summary();
        let rows = rows(&sweep.manifest, &summaries);
        assert_eq!(rows.len(), 6 * 2 * 2);
        let csv = String::from_utf8(to_csv(&sweep.manifest, &rows).unwrap()).unwrap();
        let mut lines = csv.lines();
        assert!(
            lines
                .next()
                .unwrap()
                .starts_with("point,first.key,second.key,variant,policy,change,role,metric,")
        );
        assert!(lines.next().unwrap().starts_with("0,10s,none,a,a,,compared,restricted_mean_s,"));
        let json: serde_json::Value = serde_json::from_str(&to_json(&rows).unwrap()).unwrap();
        assert_eq!(json[4]["point"], 1);
        assert_eq!(json[4]["second.key"], "full");
        assert_eq!(json[6]["verdict"], "different");
    }
}
