//! `runs.csv`: one row for each variant and replication, one column for each metric.

use super::row::{Fields, Row, optional};
use crate::experiment::metric::{self, METRICS};
use crate::experiment::record::RunRecord;

/// The metrics of one replication.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRun {
    /// Which replication.
    pub replication: u32,
    /// In the order of [`METRICS`]; none where a metric was not attained or has no meaning.
    pub values: Vec<Option<f64>>,
}

impl StoredRun {
    /// Reduces a record to its metrics.
    pub fn of(replication: u32, record: &RunRecord) -> Self {
        Self { replication, values: metric::values(record) }
    }

    /// The metric of this name; none too where there is no such metric.
    pub fn value(&self, name: &str) -> Option<f64> {
        let place = METRICS.iter().position(|metric| metric.name == name)?;
        self.values.get(place).copied().flatten()
    }
}

impl Row for StoredRun {
    const FILE: &'static str = "runs.csv";

    fn columns() -> Vec<&'static str> {
        std::iter::once("replication").chain(METRICS.iter().map(|metric| metric.name)).collect()
    }

    fn write(&self, fields: &mut Vec<String>) {
        fields.push(self.replication.to_string());
        fields.extend(self.values.iter().map(|&value| optional(value)));
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, String> {
        let replication = fields.parse()?;
        let values = METRICS.iter().map(|_| finite(fields)).collect::<Result<_, _>>()?;
        Ok(Self { replication, values })
    }
}

/// A metric: statistics below have no place for "NaN", which Rust's reader of numbers accepts.
fn finite(fields: &mut Fields<'_>) -> Result<Option<f64>, String> {
    let value: Option<f64> = fields.optional()?;
    match value {
        Some(number) if !number.is_finite() => Err(fields.unexpected(&number.to_string())),
        _ => Ok(value),
    }
}
