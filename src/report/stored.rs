//! What a result directory holds, in memory. Tables and pictures are made from this and nothing else.

use std::collections::BTreeMap;

use super::attempts::StoredAttempt;
use super::latency::StoredBin;
use super::manifest::Manifest;
use super::row::VariantKey;
use super::runs::StoredRun;
use super::series::StoredStep;
use crate::experiment::expectation::{Outcome, judge};
use crate::experiment::record::RunRecord;
use crate::experiment::summary::{Role, Run, Runs, VariantSummary, summarise};
use crate::stats::histogram::Histogram;

/// All results of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What was run, and how.
    pub manifest: Manifest,
    /// The variants that were finished, in the order of the manifest.
    pub variants: Vec<StoredVariant>,
}

/// The results of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredVariant {
    /// Its names.
    pub key: VariantKey,
    /// Metrics of each replication.
    pub runs: Vec<StoredRun>,
    /// Counts over time.
    pub series: Vec<StoredStep>,
    /// Histograms of latency.
    pub latency: Vec<StoredBin>,
    /// What happened to the followed messages.
    pub attempts: Vec<StoredAttempt>,
}

impl StoredVariant {
    /// Reduces the records of a variant, one for each replication from 0, to what is stored.
    pub fn of(key: VariantKey, records: &[RunRecord]) -> Self {
        let numbered = || (0u32..).zip(records);
        Self {
            key,
            runs: numbered().map(|(replication, record)| StoredRun::of(replication, record)).collect(),
            series: StoredStep::all_of(records),
            latency: numbered()
                .flat_map(|(replication, record)| StoredBin::all_of(replication, record))
                .collect(),
            attempts: numbered()
                .flat_map(|(replication, record)| StoredAttempt::all_of(replication, record))
                .collect(),
        }
    }

    /// Messages of the cohort that were neither delivered nor bounced at the horizon, over all
    /// replications.
    pub fn censored(&self) -> u64 {
        let unfinished = self.runs.iter().filter_map(|run| run.value("cohort_unfinished"));
        unfinished.map(|messages| messages as u64).sum()
    }

    /// The histogram of latency of each replication, in microseconds; `None` where the rows are no
    /// histogram.
    pub fn histograms(&self) -> Option<BTreeMap<u32, Histogram>> {
        let mut rows: BTreeMap<u32, Vec<&StoredBin>> = BTreeMap::new();
        for row in &self.latency {
            rows.entry(row.replication).or_default().push(row);
        }
        rows.into_iter().map(|(replication, rows)| Some((replication, StoredBin::histogram(rows)?))).collect()
    }

    fn runs(&self, manifest: &Manifest) -> Runs {
        let mut histograms = self.histograms().unwrap_or_default();
        let mut runs: Vec<Run> = self
            .runs
            .iter()
            .map(|run| Run {
                replication: run.replication,
                values: run.values.clone(),
                latency: histograms.remove(&run.replication).unwrap_or_default(),
            })
            .collect();
        runs.sort_by_key(|run| run.replication);
        Runs { variant: self.key.variant.clone(), role: manifest.role(&self.key.variant), runs }
    }
}

impl Stored {
    /// What can be said of each variant, in the order of the variants.
    pub fn summary(&self) -> Vec<VariantSummary> {
        let runs: Vec<Runs> = self.variants.iter().map(|variant| variant.runs(&self.manifest)).collect();
        summarise(&runs, &self.manifest.comparison)
    }

    /// What the scenario expects, and whether it is so, in the order of the scenario.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let manifest = &self.manifest;
        if manifest.expectations.is_empty() {
            return Vec::new();
        }
        let runs: Vec<Runs> = self.variants.iter().map(|variant| variant.runs(manifest)).collect();
        let declared: Vec<(&str, Role)> =
            manifest.variants.iter().map(|entry| (entry.name.as_str(), entry.role)).collect();
        judge(&manifest.expectations, &declared, &runs, &manifest.comparison)
    }
}
