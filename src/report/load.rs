//! Reads a result directory back.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::ReportError;
use super::latency::StoredBin;
use super::manifest::Manifest;
use super::row::{Row, VariantKey, read_table};
use super::runs::StoredRun;
use super::stored::{Stored, StoredVariant};
use super::worlds::Worlds;

/// Reads a result directory. Variants without runs, as an interruption leaves them, are left out.
pub fn load(directory: &Path) -> Result<Stored, ReportError> {
    let manifest = Manifest::read(directory)?;
    let keys: Vec<VariantKey> = manifest.variants.iter().map(|entry| entry.key()).collect();
    let mut runs = read_table(directory, &keys)?.into_iter();
    let mut series = read_table(directory, &keys)?.into_iter();
    let mut latency = read_table(directory, &keys)?.into_iter();
    let mut attempts = read_table(directory, &keys)?.into_iter();
    let mut variants = Vec::new();
    for key in keys {
        let variant = StoredVariant {
            key,
            runs: runs.next().unwrap_or_default(),
            series: series.next().unwrap_or_default(),
            latency: latency.next().unwrap_or_default(),
            attempts: attempts.next().unwrap_or_default(),
        };
        if variant.histograms().is_none() {
            let what = format!("the rows of \"{}\" are not the bins of a histogram", variant.key.variant);
            return Err(ReportError::table(&directory.join(StoredBin::FILE), None, what));
        }
        if let Some(what) = disagreement(&variant) {
            return Err(ReportError::table(&directory.join(StoredBin::FILE), None, what));
        }
        if !variant.runs.is_empty() {
            variants.push(variant);
        }
    }
    // Nothing is made of them, but tables that do not belong together are refused.
    Worlds::read(directory, &manifest.varied, manifest.replications)?;
    Ok(Stored { manifest, variants })
}

/// Where the table of latency does not hold the messages that the table of runs says were delivered, as
/// when one of them was emptied or comes from another run.
fn disagreement(variant: &StoredVariant) -> Option<String> {
    let mut found: BTreeMap<u32, u64> = BTreeMap::new();
    for bin in &variant.latency {
        *found.entry(bin.replication).or_default() += bin.messages;
    }
    let name = &variant.key.variant;
    for run in &variant.runs {
        let delivered = run.value("cohort_delivered").unwrap_or_default();
        let rows = found.remove(&run.replication).unwrap_or_default();
        if rows as f64 != delivered {
            return Some(format!(
                "replication {} of \"{name}\" has {rows} delivered messages here, but {delivered} in {}",
                run.replication,
                StoredRun::FILE
            ));
        }
    }
    let (replication, _) = found.first_key_value()?;
    Some(format!(
        "there are rows of replication {replication} of \"{name}\", which {} lacks",
        StoredRun::FILE
    ))
}
