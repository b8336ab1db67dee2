//! `manifest.json`: what was run, with what, and everything that tables and pictures need besides
//! the numbers. Facts that differ from one execution to the next are in one object, `volatile`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ReportError;
use super::row::VariantKey;
use crate::experiment::expectation::Expectation;
use crate::experiment::hyperbola::Hyperbola;
use crate::experiment::limit::Limit;
use crate::experiment::sequential::{Stop, Stopping};
use crate::experiment::steady_state::SteadyState;
use crate::experiment::summary::{Plan, Role};

/// The version of the layout of result directories.
pub const FORMAT: u32 = 1;

/// Name of the file.
pub const FILE: &str = "manifest.json";

/// The contents of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Whether everything was run that should have been.
    pub complete: bool,
    /// What made it.
    pub tool: Tool,
    /// The command and its arguments.
    pub command_line: Vec<String>,
    /// What was simulated.
    pub scenario: ScenarioEntry,
    /// The seed of all random numbers.
    pub seed: u64,
    /// Replications of each variant.
    pub replications: u32,
    /// How their number came about; none where it was fixed beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// What was left out as warm-up; none where the run is about a cohort and not the long run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steady_state: Option<SteadyState>,
    /// Name and version of the random number generator.
    pub generator: String,
    /// The platform the tool was built for; results are the same to the byte on the same target.
    pub target: String,
    /// The keys that were drawn for each replication; `worlds.csv` has the values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub varied: Vec<String>,
    /// The variants in the order of all tables.
    pub variants: Vec<VariantEntry>,
    /// How they are compared.
    pub comparison: Plan,
    /// What the scenario expects of the results.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// When the simulated time ends.
    pub horizon_s: f64,
    /// First and, exclusively, last arrival of the measured cohort.
    pub cohort_s: [f64; 2],
    /// The interval in which peaks are counted.
    pub aftermath_s: [f64; 2],
    /// Length of a step of `series.csv`.
    pub series_step_s: f64,
    /// The recipients of the scenario.
    pub recipients: Vec<RecipientEntry>,
    /// What another execution of the same command would change.
    pub volatile: Volatile,
}

/// The program that made a result directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The revision of its source, "unknown" when built outside of its repository.
    pub revision: String,
    /// The version of the compiler; "unknown" in results of versions that did not write it down.
    #[serde(default = "unknown")]
    pub rustc: String,
}

fn unknown() -> String {
    "unknown".to_owned()
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: env!("TEMPFAIL_REVISION").to_owned(),
            rustc: env!("TEMPFAIL_RUSTC").to_owned(),
        }
    }
}

/// The platform that this program was built for, as a target triple.
pub const TARGET: &str = env!("TEMPFAIL_TARGET");

/// The scenario as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioEntry {
    /// Name of the file without its ending.
    pub name: String,
    /// Title given in it.
    pub title: String,
    /// Question asked in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
    /// What was changed on the command line, as `key=value`.
    pub overrides: Vec<String>,
    /// What other options of the command changed, such as `seed=7` for `--seed 7`; none in results of
    /// versions that did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<String>>,
    /// Further files that the scenario names.
    pub files: Vec<FileEntry>,
    /// The text itself.
    pub text: String,
    /// The same scenario after all changes, with all defaults, presets and configurations filled in; none in
    /// results of versions that did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<String>,
}

/// A file that a scenario names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// The name as written in the scenario.
    pub name: String,
    /// SHA-256 of the contents, in hexadecimal.
    pub sha256: String,
    /// The contents; none of recorded arrivals in results of versions that did not keep these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// One variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantEntry {
    /// The composite name.
    pub name: String,
    /// Name of the policy.
    pub policy: String,
    /// Name of what else is changed, if anything is.
    pub change: Option<String>,
    /// What the scenario says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What it is in the comparison.
    pub role: Role,
    /// Whether an interruption or a failure came before it was finished: the tables have no rows of it.
    #[serde(default, skip_serializing_if = "is_finished")]
    pub unfinished: bool,
    /// SHA-256 of everything that is simulated for it, as [`VariantSpec::resolved`] writes it; none in
    /// results of versions that did not write it down.
    ///
    /// [`VariantSpec::resolved`]: crate::scenario::VariantSpec::resolved
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_sha256: Option<String>,
    /// Messages of the cohort whose fate the horizon cut off, over all replications; none where the variant
    /// is unfinished, and in results of versions that did not write it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub censored: Option<u64>,
    /// What no policy can do better in this variant, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// What exponential timers would cost and give in this variant, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hyperbola: Option<Hyperbola>,
    /// The recipients of this variant, where they are others than those of the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Vec<RecipientEntry>>,
}

/// What is usual is not written.
fn is_finished(unfinished: &bool) -> bool {
    !unfinished
}

impl VariantEntry {
    /// Its names, as tables have them.
    pub fn key(&self) -> VariantKey {
        VariantKey { variant: self.name.clone(), policy: self.policy.clone(), change: self.change.clone() }
    }
}

/// What pictures show of a recipient.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipientEntry {
    /// Its name.
    pub name: String,
    /// Simultaneous connections; none where they are not limited.
    pub slots: Option<u32>,
    /// Connections that it can serve in a second; none where that is not limited.
    pub capacity_per_s: Option<f64>,
    /// Intervals of maintenance known beforehand, from and until.
    pub windows_s: Vec<[f64; 2]>,
    /// Intervals after these in which a part of the capacity is still missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopening_s: Vec<[f64; 2]>,
}

/// What another execution of the same command would change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volatile {
    /// When the run started, in seconds since 1970 (UTC).
    pub started_unix_s: u64,
    /// When it ended.
    pub finished_unix_s: u64,
    /// How long it took.
    pub wall_s: f64,
    /// Threads that simulated.
    pub threads: usize,
}

impl Manifest {
    /// What a variant is in the comparison; one that is not listed is compared.
    pub fn role(&self, variant: &str) -> Role {
        let entry = self.variants.iter().find(|entry| entry.name == variant);
        entry.map_or(Role::Compared, |entry| entry.role)
    }

    /// The number of replications in words; one that was wanted but not reached is no result that has
    /// converged, and must not look like one.
    pub fn replications_in_words(&self) -> String {
        let count = self.replications;
        match self.stopping.as_ref().map(|stopping| stopping.stop) {
            None | Some(Stop::Precise) => format!("{count} replications"),
            Some(Stop::Capped) => format!("{count} replications (the limit; not converged)"),
            Some(Stop::NotComparable) => format!("{count} replications (nothing to compare; not converged)"),
            Some(Stop::Interrupted) => format!("{count} replications (interrupted; not converged)"),
        }
    }

    /// The recipients of a variant.
    pub fn recipients_of(&self, variant: &str) -> &[RecipientEntry] {
        let entry = self.variants.iter().find(|entry| entry.name == variant);
        entry.and_then(|entry| entry.recipients.as_deref()).unwrap_or(&self.recipients)
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
        /// Enough of any manifest to judge the rest by.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let path = directory.join(FILE);
        let text = fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => ReportError::NoResult(directory.to_owned()),
            _ => ReportError::io("read", &path)(error),
        })?;
        let wrong = |source| ReportError::Manifest { path: path.clone(), source };
        let found = serde_json::from_str::<Version>(&text).map_err(wrong)?.format;
        if found != FORMAT {
            return Err(ReportError::Format { path, found });
        }
        serde_json::from_str(&text).map_err(wrong)
    }
}

/// How much a complete result holds, as far as any version of this program says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Replications of each variant.
    pub replications: u32,
    /// The names of the variants.
    pub variants: Vec<String>,
}

impl Extent {
    /// What a directory holds; `None` where there is no complete result.
    pub fn of_result(directory: &Path) -> Option<Self> {
        #[derive(Deserialize)]
        struct Parts {
            complete: bool,
            replications: u32,
            variants: Vec<Named>,
        }
        #[derive(Deserialize)]
        struct Named {
            name: String,
        }
        let text = fs::read_to_string(directory.join(FILE)).ok()?;
        let Parts { complete, replications, variants } = serde_json::from_str(&text).ok()?;
        let variants = variants.into_iter().map(|variant| variant.name).collect();
        complete.then_some(Self { replications, variants })
    }
}

/// SHA-256 of some bytes, in hexadecimal.
///
/// ```
/// let empty = tempfail::report::manifest::sha256(b"");
/// assert_eq!(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn reads_what_it_wrote() {
        let directory = tempfile::tempdir().unwrap();
        let manifest = samples::manifest();
        manifest.write(directory.path()).unwrap();
        assert_eq!(Manifest::read(directory.path()).unwrap(), manifest);
    }

    #[test]
    fn the_extent_is_that_of_complete_results() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Extent::of_result(directory.path()), None);
        let manifest = samples::manifest();
        manifest.write(directory.path()).unwrap();
        let names = ["a", "b", "exponential, full jitter @ refused"].map(str::to_owned).into();
        assert_eq!(Extent::of_result(directory.path()), Some(Extent { replications: 4, variants: names }));
        Manifest { complete: false, ..manifest }.write(directory.path()).unwrap();
        assert_eq!(Extent::of_result(directory.path()), None);
    }

    #[test]
    fn says_what_is_wrong_with_a_manifest() {
        let directory = tempfile::tempdir().unwrap();
        let complaint = |text: &str| {
            fs::write(directory.path().join(FILE), text).unwrap();
            Manifest::read(directory.path()).unwrap_err().to_string()
        };
        assert!(complaint("{}").contains("missing field `format`"));
        assert!(
            complaint(r#"{"format": 2}"#).ends_with("results of format 2, but this version reads format 1")
        );
        assert!(complaint(r#"{"format": 1}"#).contains("missing field"));
    }

    #[test]
    fn variants_may_have_their_own_recipients() {
        let mut manifest = samples::manifest();
        assert_eq!(manifest.recipients_of("b"), manifest.recipients);
        manifest.variants[1].recipients = Some(Vec::new());
        assert!(manifest.recipients_of("b").is_empty());
    }
}
