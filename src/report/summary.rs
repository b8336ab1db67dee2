//! `summary.csv`, and the same rows as JSON: what can be said of each variant and metric.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::error::ReportError;
use super::manifest::Manifest;
use super::row::{VariantKey, optional};
use crate::experiment::summary::{MetricSummary, PooledLatency, VariantSummary};
use crate::stats::family::Judgement;
use crate::stats::summary::Interval;

/// Name of the file.
pub const FILE: &str = "summary.csv";

/// The columns of the table, in their order.
#[rustfmt::skip]
pub const COLUMNS: [&str; 26] = [
    "variant", "policy", "change", "role", "metric", "unit", "estimand", "replications", "attained",
    "estimate", "half_width", "low", "high", "relative_half_width", "min", "max",
    "baseline", "difference", "difference_low", "difference_high",
    "relative_difference", "relative_difference_low", "relative_difference_high",
    "adjusted_p", "variance_ratio", "verdict",
];

/// A row of the table: a variant and a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryRow {
    /// In the order of [`COLUMNS`].
    fields: Vec<Field>,
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    Text(String),
    Count(usize),
    Number(Option<f64>),
}

/// The rows of the table, variant after variant.
pub fn rows(manifest: &Manifest, summaries: &[VariantSummary]) -> Vec<SummaryRow> {
    let mut rows = Vec::new();
    for summary in summaries {
        let entry = manifest.variants.iter().find(|entry| entry.name == summary.variant);
        let Some(key) = entry.map(|entry| entry.key()) else { continue };
        let baseline = &manifest.comparison.baseline;
        rows.extend(
            summary.metrics.iter().map(|metric| SummaryRow::of_metric(&key, summary, metric, baseline)),
        );
        rows.extend(summary.latency.iter().map(|quantile| SummaryRow::of_quantile(&key, summary, quantile)));
    }
    rows
}

/// The contents of `summary.csv`.
pub fn to_csv(rows: &[SummaryRow]) -> Result<Vec<u8>, ReportError> {
    let path = std::path::Path::new(FILE);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(ReportError::csv("write", path))?;
    for row in rows {
        csv.write_record(row.fields.iter().map(Field::text)).map_err(ReportError::csv("write", path))?;
    }
    csv.into_inner().map_err(|error| ReportError::io("write", path)(error.into_error()))
}

/// The same as JSON: an array of objects whose keys are the [`COLUMNS`], `null` for empty fields.
pub fn to_json(rows: &[SummaryRow]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(rows).map(|text| text + "\n")
}

impl SummaryRow {
    /// The fields with the names of their columns.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'static str, &Field)> {
        COLUMNS.into_iter().zip(&self.fields)
    }

    /// The row of a metric of a variant.
    pub(super) fn of_metric(
        key: &VariantKey,
        variant: &VariantSummary,
        summary: &MetricSummary,
        baseline: &str,
    ) -> Self {
        let metric = summary.metric;
        let mut row = Self::begin(key, variant, metric.name, metric.unit.name(), "mean-of-replications");
        row.counts(summary.replications, summary.attained);
        row.numbers([summary.mean, summary.half_width]);
        row.interval(summary.interval());
        row.numbers([summary.relative_half_width()]);
        row.interval(summary.range);
        match &summary.comparison {
            Some(judgement) => row.comparison(judgement, baseline),
            None => row.no_comparison(),
        }
        row
    }

    fn of_quantile(key: &VariantKey, variant: &VariantSummary, latency: &PooledLatency) -> Self {
        let mut row = Self::begin(key, variant, latency.quantile.name, "s", "pooled-quantile");
        let attained = if latency.value_s.is_some() { latency.replications } else { 0 };
        row.counts(latency.replications, attained);
        let half_width = latency.interval_s.map(|interval| (interval.high - interval.low) / 2.0);
        row.numbers([latency.value_s, half_width]);
        row.interval(latency.interval_s);
        let relative = latency.value_s.zip(half_width).filter(|(value, _)| *value > 0.0);
        row.numbers([relative.map(|(value, half_width)| half_width / value)]);
        row.interval(None);
        row.no_comparison();
        row
    }

    fn begin(key: &VariantKey, variant: &VariantSummary, metric: &str, unit: &str, estimand: &str) -> Self {
        let change = key.change.as_deref().unwrap_or_default();
        let role = variant.role.name();
        let texts = [&key.variant, &key.policy, change, role, metric, unit, estimand];
        Self { fields: texts.map(|text| Field::Text(text.to_owned())).into() }
    }

    fn counts(&mut self, replications: usize, attained: usize) {
        self.fields.extend([replications, attained].map(Field::Count));
    }

    fn numbers<const N: usize>(&mut self, numbers: [Option<f64>; N]) {
        self.fields.extend(numbers.map(Field::Number));
    }

    fn interval(&mut self, interval: Option<Interval>) {
        self.numbers([interval.map(|interval| interval.low), interval.map(|interval| interval.high)]);
    }

    fn comparison(&mut self, judgement: &Judgement, baseline: &str) {
        let paired = &judgement.paired;
        self.fields.push(Field::Text(baseline.to_owned()));
        self.numbers([Some(paired.difference.mean)]);
        self.interval(Some(paired.difference.interval()));
        self.numbers([paired.relative_difference()]);
        self.interval(paired.relative_interval());
        self.numbers([Some(judgement.adjusted_p), paired.variance_ratio]);
        self.fields.push(Field::Text(judgement.verdict.to_string()));
    }

    fn no_comparison(&mut self) {
        self.fields.push(Field::Text(String::new()));
        self.numbers([None; 8]);
        self.fields.push(Field::Text(String::new()));
    }
}

impl Field {
    /// As it stands in CSV.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number) => optional(*number),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) if text.is_empty() => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Count(count) => count.serialize(serializer),
            Self::Number(number) => number.serialize(serializer),
        }
    }
}

impl Serialize for SummaryRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(COLUMNS.len()))?;
        for (column, field) in self.fields() {
            map.serialize_entry(column, field)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::metric::METRICS;
    use crate::experiment::summary::POOLED;
    use crate::report::samples;

    fn sample_rows() -> Vec<SummaryRow> {
        let stored = samples::stored();
        rows(&stored.manifest, &stored.summary())
    }

    #[test]
    fn every_row_has_every_column() {
        let rows = sample_rows();
        assert_eq!(rows.len(), 3 * (METRICS.len() + POOLED.len()));
        for row in &rows {
            assert_eq!(row.fields.len(), COLUMNS.len(), "{row:?}");
        }
    }

    #[test]
    fn a_judged_row() {
        let rows = sample_rows();
        let csv = String::from_utf8(to_csv(&rows).unwrap()).unwrap();
        let judged = csv.lines().find(|line| line.starts_with("b,b,,compared,restricted_mean_s")).unwrap();
        assert!(judged.ends_with(",different"), "{judged}");
        assert!(judged.contains(",a,10,10,10,"), "a difference of ten seconds, always: {judged}");
    }

    #[test]
    fn json_has_the_columns_as_keys() {
        let json: serde_json::Value = serde_json::from_str(&to_json(&sample_rows()).unwrap()).unwrap();
        let first = json[0].as_object().unwrap();
        assert_eq!(first.len(), COLUMNS.len());
        assert_eq!(first["variant"], "a");
        assert_eq!(first["verdict"], serde_json::Value::Null);
        assert_eq!(first["replications"], 4);
    }
}
