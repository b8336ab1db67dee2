//! `worlds.csv`: what was drawn for each replication; and `wins.csv`: in what share of these worlds a variant is better
//! than the baseline.

use std::fs::File;
use std::path::Path;

use super::directory::write_file;
use super::error::ReportError;
use super::listing::{self, Field};
use super::manifest::Manifest;
use crate::experiment::summary::VariantSummary;

/// Name of the file with the drawn values.
pub const FILE: &str = "worlds.csv";

/// Name of the file with the shares.
pub const WINS_FILE: &str = "wins.csv";

/// The columns of `wins.csv`, in their order.
pub const WINS_COLUMNS: [&str; 12] = [
    "variant",
    "policy",
    "change",
    "metric",
    "baseline",
    "replications",
    "better",
    "alike",
    "worse",
    "better_share",
    "low",
    "high",
];

/// What was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worlds {
    /// The keys.
    pub keys: Vec<String>,
    /// For each replication, from 0, the value of each key as it was put into the scenario.
    pub values: Vec<Vec<String>>,
}

impl Worlds {
    /// Writes the file into a directory; nothing where nothing is drawn.
    pub fn write(&self, directory: &Path) -> Result<(), ReportError> {
        if self.keys.is_empty() {
            return Ok(());
        }
        let path = directory.join(FILE);
        let mut csv = csv::Writer::from_writer(Vec::new());
        let keys = std::iter::once("replication").chain(self.keys.iter().map(String::as_str));
        csv.write_record(keys).map_err(ReportError::csv("write", &path))?;
        for (replication, values) in self.values.iter().enumerate() {
            let replication = replication.to_string();
            let fields = std::iter::once(replication.as_str()).chain(values.iter().map(String::as_str));
            csv.write_record(fields).map_err(ReportError::csv("write", &path))?;
        }
        let text = csv.into_inner().map_err(|error| ReportError::io("write", &path)(error.into_error()))?;
        write_file(&path, &text)
    }

    /// Reads the file, with a row for each of the replications and a column for each of the keys.
    pub fn read(directory: &Path, keys: &[String], replications: u32) -> Result<Self, ReportError> {
        if keys.is_empty() {
            return Ok(Self::default());
        }
        let path = directory.join(FILE);
        let file = File::open(&path).map_err(ReportError::io("read", &path))?;
        let mut csv = csv::Reader::from_reader(file);
        let columns = csv.headers().map_err(ReportError::csv("read", &path))?;
        if columns.iter().ne(std::iter::once("replication").chain(keys.iter().map(String::as_str))) {
            let what = format!("the columns should be replication,{}", keys.join(","));
            return Err(ReportError::table(&path, Some(1), what));
        }
        let mut values = Vec::new();
        for record in csv.records() {
            let record = record.map_err(ReportError::csv("read", &path))?;
            if record.get(0) != Some(values.len().to_string().as_str()) {
                let line = record.position().map(csv::Position::line);
                return Err(ReportError::table(
                    &path,
                    line,
                    format!("expected replication {}", values.len()),
                ));
            }
            values.push(record.iter().skip(1).map(str::to_owned).collect());
        }
        if values.len() != replications as usize {
            let what = format!("it has {} of {replications} replications", values.len());
            return Err(ReportError::table(&path, None, what));
        }
        Ok(Self { keys: keys.to_vec(), values })
    }
}

/// The contents of `wins.csv`: a row for each compared variant and primary metric.
///
/// # Errors
///
/// None that these numbers can cause.
pub fn wins(manifest: &Manifest, summaries: &[VariantSummary]) -> Result<Vec<u8>, ReportError> {
    let mut rows = Vec::new();
    for summary in summaries {
        let Some(entry) = manifest.variants.iter().find(|entry| entry.name == summary.variant) else {
            continue;
        };
        for metric in &summary.metrics {
            let Some(wins) = metric.wins else { continue };
            let names = [&entry.name, &entry.policy, entry.change.as_deref().unwrap_or_default()];
            let mut row: Vec<Field> = names.map(|name| Field::Text(name.to_owned())).into();
            row.push(Field::Text(metric.metric.name.to_owned()));
            row.push(Field::Text(manifest.comparison.baseline.clone()));
            row.extend([wins.replications, wins.better, wins.alike(), wins.worse].map(Field::Count));
            let share = wins.better as f64 / wins.replications as f64;
            row.extend([share, wins.share.low, wins.share.high].map(Field::Number));
            rows.push(row);
        }
    }
    listing::to_csv(&WINS_COLUMNS, &rows)
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use std::fs;

    #[test]
    fn worlds_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let worlds = Worlds {
            keys: vec!["recipients.'a, b'.slots".to_owned(), "x".to_owned()],
            values: vec![
                vec!["5".to_owned(), "\"none\"".to_owned()],
                vec!["6".to_owned(), "full".to_owned()],
            ],
        };
        worlds.write(directory.path()).unwrap();
        assert_eq!(Worlds::read(directory.path(), &worlds.keys, 2).unwrap(), worlds);
        let complaint = |keys: &[String], replications| {
            Worlds::read(directory.path(), keys, replications).unwrap_err().to_string()
        };
        assert!(complaint(&worlds.keys, 3).contains("it has 2 of 3 replications"));
        assert!(complaint(&worlds.keys[1..], 2).contains("the columns should be replication,x"));
        let path = directory.path().join(FILE);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("\n1,", "\n3,")).unwrap();
        assert!(complaint(&worlds.keys, 2).contains("line 3: expected replication 1"));
        assert_eq!(Worlds::read(Path::new("nowhere"), &[], 2).unwrap(), Worlds::default());
    }

    #[test]
    fn wins_are_those_of_compared_variants() {
        let stored = samples::stored();
        let text = String::from_utf8(wins(&stored.manifest, &stored.summary()).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], WINS_COLUMNS.join(","));
        assert!(lines[1].starts_with("b,b,,restricted_mean_s,a,4,0,0,4,0,0,0.6"), "{}", lines[1]);
        assert!(lines[2].starts_with("b,b,,retry_connections_per_message,a,4,0,4,0,0,0,0.6"), "{}", lines[2]);
        assert_eq!(lines.len(), 3);
    }
}
