//! `manifest.json` of a sweep: what was gone through, and how it is told from other sweeps.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::error::ReportError;
use super::super::manifest::{FILE, FORMAT, ScenarioEntry, Tool, VariantEntry, Volatile, sha256};
use super::super::row::VariantKey;
use crate::experiment::summary::{Plan, Role};
use crate::scenario::Axis;

/// The contents of `manifest.json` in the directory of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepManifest {
    /// The version of the layout of result directories.
    pub format: u32,
    /// What kind of result this is.
    pub kind: Kind,
    /// Whether all points were run.
    pub complete: bool,
    /// What made it.
    pub tool: Tool,
    /// The command and its arguments.
    pub command_line: Vec<String>,
    /// What was simulated, as it is without the axes.
    pub scenario: ScenarioEntry,
    /// The seed of all random numbers, the same at every point.
    pub seed: u64,
    /// Replications of each variant at each point.
    pub replications: u32,
    /// Name and version of the random number generator.
    pub generator: String,
    /// The platform the tool was built for.
    pub target: String,
    /// What was gone through; the last changes fastest.
    pub axes: Vec<Axis>,
    /// The keys that were drawn for each replication, with the same values at all points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub varied: Vec<String>,
    /// The variants of every point in the order of all tables.
    pub variants: Vec<VariantEntry>,
    /// How they are compared, at each point.
    pub comparison: Plan,
    /// The metrics of the summary and the pictures.
    pub metrics: Vec<String>,
    /// What another execution of the same command would change.
    pub volatile: SweepVolatile,
}

/// What a result directory is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Of several points, each a scenario of its own.
    Sweep,
}

/// What another execution of the same sweep would change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepVolatile {
    /// When, and on how many threads, the last part of it ran.
    pub run: Volatile,
    /// Points that were taken over from an interrupted run.
    pub points_taken_over: usize,
}

impl SweepManifest {
    /// How many points there are in all.
    pub fn points(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    /// What a variant is at all points; one that is not listed is compared.
    pub fn role(&self, variant: &str) -> Role {
        let entry = self.variants.iter().find(|entry| entry.name == variant);
        entry.map_or(Role::Compared, |entry| entry.role)
    }

    /// The names of the variants, as tables have them.
    pub fn keys(&self) -> Vec<VariantKey> {
        self.variants.iter().map(VariantEntry::key).collect()
    }

    /// A hash of everything that the numbers depend on: points of two sweeps with the same are the same to the byte.
    pub fn identity(&self) -> String {
        let variants: Vec<&str> = self.variants.iter().map(|entry| entry.name.as_str()).collect();
        let facts = serde_json::json!([
            self.format,
            self.tool,
            self.scenario,
            self.seed,
            self.replications,
            self.generator,
            self.target,
            self.axes,
            variants,
        ]);
        sha256(facts.to_string().as_bytes())
    }

    /// Writes the file into a directory.
    pub fn write(&self, directory: &Path) -> Result<(), ReportError> {
        let path = directory.join(FILE);
        let text = serde_json::to_string_pretty(self);
        let text = text.map_err(|source| ReportError::Manifest { path: path.clone(), source })?;
        fs::write(&path, text + "\n").map_err(ReportError::io("write", &path))
    }

    /// Reads the file from a directory.
    pub fn read(directory: &Path) -> Result<Self, ReportError> {
        let path = directory.join(FILE);
        let text = fs::read_to_string(&path).map_err(ReportError::io("read", &path))?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|source| ReportError::Manifest { path: path.clone(), source })?;
        match manifest.format {
            FORMAT => Ok(manifest),
            found => Err(ReportError::Format { path, found }),
        }
    }
}

/// Whether a directory holds a sweep, finished or not, rather than a comparison or something else.
pub fn is_sweep(directory: &Path) -> bool {
    #[derive(Deserialize)]
    struct Kinds {
        kind: Kind,
    }
    let text = fs::read_to_string(directory.join(FILE));
    text.is_ok_and(|text| serde_json::from_str::<Kinds>(&text).is_ok_and(|kinds| kinds.kind == Kind::Sweep))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        let directory = tempfile::tempdir().unwrap();
        assert!(!is_sweep(directory.path()));
        let manifest = samples::manifest();
        manifest.write(directory.path()).unwrap();
        assert_eq!(SweepManifest::read(directory.path()).unwrap(), manifest);
        assert!(is_sweep(directory.path()));
        super::super::super::samples::manifest().write(directory.path()).unwrap();
        assert!(!is_sweep(directory.path()));
    }

    #[test]
    fn the_identity_is_of_what_numbers_depend_on() {
        let manifest = samples::manifest();
        let other = SweepManifest {
            complete: false,
            command_line: Vec::new(),
            metrics: Vec::new(),
            comparison: Plan { baseline: "b".to_owned(), ..manifest.comparison.clone() },
            ..manifest.clone()
        };
        assert_eq!(other.identity(), manifest.identity());
        assert_ne!(SweepManifest { seed: 8, ..manifest.clone() }.identity(), manifest.identity());
        let mut changed = manifest.clone();
        changed.axes[0].values.pop();
        assert_ne!(changed.identity(), manifest.identity());
    }
}
