//! What the directory of a sweep holds, in memory.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::error::ReportError;
use super::super::worlds::Worlds;
use super::manifest::SweepManifest;
use super::table::{self, PointRuns};
use crate::experiment::summary::{Run, Runs, VariantSummary, summarise_together};
use crate::scenario::points;
use crate::stats::histogram::Histogram;

/// All results of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// What was run, and how.
    pub manifest: SweepManifest,
    /// The runs of the points that were finished, by their numbers.
    pub points: BTreeMap<usize, PointRuns>,
}

/// What can be said of one point.
#[derive(Clone, Debug)]
pub struct PointSummary {
    /// Its number.
    pub point: usize,
    /// For each axis the number of its value.
    pub values: Vec<usize>,
    /// The variants, in the order of the manifest.
    pub variants: Vec<VariantSummary>,
}

impl Sweep {
    /// Reads the directory of a sweep.
    ///
    /// # Errors
    ///
    /// If the manifest or the table do not read, or a finished sweep lacks points.
    pub fn load(directory: &Path) -> Result<Self, ReportError> {
        let manifest = SweepManifest::read(directory)?;
        let points = table::read(directory, &manifest)?;
        Worlds::read(directory, &manifest.varied, manifest.replications)?;
        if manifest.complete && points.len() < manifest.points() {
            let what = format!("it holds {} of {} points whole", points.len(), manifest.points());
            return Err(ReportError::table(&directory.join(table::FILE), None, what));
        }
        Ok(Self { manifest, points })
    }

    /// What can be said of each finished point. All comparisons at all of them are one family.
    pub fn summary(&self) -> Vec<PointSummary> {
        let runs: Vec<Vec<Runs>> = self.points.values().map(|runs| self.runs(runs)).collect();
        let groups: Vec<&[Runs]> = runs.iter().map(Vec::as_slice).collect();
        let summaries = summarise_together(&groups, &self.manifest.comparison);
        let values: Vec<Vec<usize>> = points(&self.manifest.axes).collect();
        let numbers = self.points.keys().copied();
        numbers
            .zip(summaries)
            .map(|(point, variants)| PointSummary { point, values: values[point].clone(), variants })
            .collect()
    }

    fn runs(&self, point: &PointRuns) -> Vec<Runs> {
        let variants = self.manifest.variants.iter().zip(point);
        let run = |run: &super::super::runs::StoredRun| Run {
            replication: run.replication,
            values: run.values.clone(),
            // Kept by a comparison only: pooled quantiles are not among what a sweep says.
            latency: Histogram::default(),
        };
        variants
            .map(|(entry, runs)| Runs {
                variant: entry.name.clone(),
                role: entry.role,
                runs: runs.iter().map(run).collect(),
            })
            .collect()
    }
}
