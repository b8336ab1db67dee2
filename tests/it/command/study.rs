//! A result directory in a directory of its own, and what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::assert::Assert;
use tempfile::TempDir;

use super::{fixture, tempfail};

/// Files by name.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Where `compare` of a small scenario puts its results.
pub(super) struct Study {
    directory: TempDir,
}

impl Study {
    pub(super) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    /// The directory around the results.
    pub(super) fn around(&self) -> &Path {
        self.directory.path()
    }

    /// The directory of the results.
    pub(super) fn target(&self) -> PathBuf {
        self.directory.path().join("study")
    }

    /// `compare` with these arguments besides the scenario and the target.
    pub(super) fn compare(&self, arguments: &[&str]) -> Assert {
        let (scenario, target) = (fixture("short-outage.toml"), self.target());
        let fixed = ["compare", &scenario, "--out", target.to_str().expect("the name is text")];
        tempfail(&[&fixed, arguments].concat()).current_dir(self.around()).assert()
    }

    /// Results made with these arguments.
    pub(super) fn made(arguments: &[&str]) -> Self {
        let study = Self::new();
        study.compare(arguments).success();
        study
    }

    /// Everything in the directory of the results.
    pub(super) fn files(&self) -> Files {
        files_in(&self.target())
    }

    /// A file of the results as text.
    pub(super) fn text(&self, file: &str) -> String {
        fs::read_to_string(self.target().join(file)).expect(file)
    }

    /// The manifest of the results.
    pub(super) fn manifest(&self) -> serde_json::Value {
        serde_json::from_str(&self.text("manifest.json")).expect("it is JSON")
    }

    /// Names in the directory around the results, sorted.
    pub(super) fn neighbours(&self) -> Vec<String> {
        names_in(self.around())
    }
}

/// Everything in a directory.
pub(super) fn files_in(directory: &Path) -> Files {
    let read = |name: String| {
        let content = fs::read(directory.join(&name)).expect("readable");
        (name, content)
    };
    names_in(directory).into_iter().map(read).collect()
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<String> = entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The lines of a table that belong to a variant.
pub(super) fn lines_of<'a>(table: &'a str, variant: &str) -> Vec<&'a str> {
    let start = format!("{variant},");
    table.lines().filter(|line| line.starts_with(&start)).collect()
}
