//! Whether two result directories are the same: every file byte for byte, and of the manifest everything
//! but the facts of the execution.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use comfy_table::CellAlignment;
use serde_json::Value;

use super::error::ReportError;
use super::manifest::{self, Manifest, Tool};
use super::replaceable::is_part;
use super::sweep::manifest::{SweepManifest, is_sweep};
use super::tables::{Style, empty};

/// Fields of a manifest that say who made a result, where and when, and not what it is.
const OF_THE_EXECUTION: [&str; 4] = ["tool", "target", "command_line", "volatile"];

/// A file of one or both of two results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLikeness {
    /// Its name.
    pub file: String,
    /// How both compare.
    pub likeness: Likeness,
}

/// How a file compares with that of the same name in the other result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// So many bytes, and the same.
    Same(u64),
    /// A manifest that says the same of everything but the execution.
    SameButExecution,
    /// A text whose first difference is in this line, from 1.
    DiffersInLine(usize),
    /// A manifest whose first difference is in this field.
    DiffersInField(String),
    /// A file that is no text.
    Differs,
    /// Only the earlier result has it.
    Missing,
    /// Only the later result has it.
    New,
}

impl Likeness {
    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Same(_) | Self::SameButExecution)
    }
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(bytes) => write!(f, "the same {bytes} bytes"),
            Self::SameButExecution => f.write_str("the same, but for the execution"),
            Self::DiffersInLine(line) => write!(f, "different from line {line} on"),
            Self::DiffersInField(field) => write!(f, "different in {field}"),
            Self::Differs => f.write_str("different"),
            Self::Missing => f.write_str("was not made again"),
            Self::New => f.write_str("was not there before"),
        }
    }
}

/// Compares two results file by file, in the order of names. Files that no result has are passed over.
///
/// # Errors
///
/// Where a file cannot be read, or a manifest is none.
pub fn compare(earlier: &Path, later: &Path) -> Result<Vec<FileLikeness>, ReportError> {
    let (before, after) = (parts(earlier)?, parts(later)?);
    let compared = before.union(&after).map(|file| {
        let likeness = match (before.contains(file), after.contains(file)) {
            (true, false) => Likeness::Missing,
            (false, _) => Likeness::New,
            (true, true) if file == manifest::FILE => manifests(facts_of(earlier)?, facts_of(later)?),
            (true, true) => contents(&read(&earlier.join(file))?, &read(&later.join(file))?),
        };
        Ok(FileLikeness { file: file.clone(), likeness })
    });
    compared.collect()
}

/// The comparison as a table, a line for each file.
pub fn table(files: &[FileLikeness], style: Style) -> String {
    let mut table = empty(style);
    table.set_header(["file", "made again"]);
    for one in files {
        table.add_row([one.file.clone(), one.likeness.to_string()]);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Left);
    }
    table.trim_fmt() + "\n"
}

/// What about this program and machine is not as it was when a result was made, each as a phrase.
pub fn other_circumstances(tool: &Tool, target: &str, generator: &str) -> Vec<String> {
    let Tool { name, version, revision, rustc } = tool;
    let this = Tool::this();
    let facts = [
        ("made by", format!("{name} {version}"), format!("{} {}", this.name, this.version)),
        ("of revision", revision.clone(), this.revision),
        ("built by rustc", rustc.clone(), this.rustc),
        ("for", target.to_owned(), manifest::TARGET.to_owned()),
        ("with random numbers of", generator.to_owned(), crate::random::GENERATOR.to_owned()),
    ];
    let other = facts.into_iter().filter(|(_, was, is)| was != is);
    other.map(|(what, was, is)| format!("{what} {was}, now {is}")).collect()
}

fn parts(directory: &Path) -> Result<BTreeSet<String>, ReportError> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(directory).map_err(ReportError::io("read", directory))? {
        let entry = entry.map_err(ReportError::io("read", directory))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_part(&name) {
            names.insert(name);
        }
    }
    Ok(names)
}

fn read(path: &Path) -> Result<Vec<u8>, ReportError> {
    fs::read(path).map_err(ReportError::io("read", path))
}

fn contents(before: &[u8], after: &[u8]) -> Likeness {
    if before == after {
        return Likeness::Same(before.len() as u64);
    }
    if [before, after].iter().any(|bytes| std::str::from_utf8(bytes).is_err()) {
        return Likeness::Differs;
    }
    let alike = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    Likeness::DiffersInLine(1 + before[..alike].iter().filter(|&&byte| byte == b'\n').count())
}

/// What the manifest of a comparison or of a sweep says, with what earlier versions left out filled in.
fn facts_of(directory: &Path) -> Result<Value, ReportError> {
    let facts = match is_sweep(directory) {
        true => serde_json::to_value(SweepManifest::read(directory)?),
        false => serde_json::to_value(Manifest::read(directory)?),
    };
    facts.map_err(|source| ReportError::Manifest { path: directory.join(manifest::FILE), source })
}

fn manifests(before: Value, after: Value) -> Likeness {
    let mut facts = [before, after];
    for fields in facts.iter_mut().filter_map(Value::as_object_mut) {
        fields.retain(|field, _| !OF_THE_EXECUTION.contains(&field.as_str()));
    }
    let [before, after] = facts;
    match first_difference(&before, &after, "") {
        None => Likeness::SameButExecution,
        Some(field) => Likeness::DiffersInField(field),
    }
}

/// The path of the first field in which the two differ. A field that only one of them has is no
/// difference: earlier versions wrote fewer.
fn first_difference(before: &Value, after: &Value, path: &str) -> Option<String> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            let common = before.iter().filter_map(|(key, value)| Some((key, value, after.get(key)?)));
            common.into_iter().find_map(|(key, one, other)| first_difference(one, other, &join(key)))
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            let pairs = before.iter().zip(after).enumerate();
            pairs
                .into_iter()
                .find_map(|(place, (one, other))| first_difference(one, other, &format!("{path}[{place}]")))
        }
        _ => (before != after).then(|| path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn the_first_difference_is_named() {
        assert_eq!(contents(b"a\nb\nc\n", b"a\nb\nc\n"), Likeness::Same(6));
        assert_eq!(contents(b"a\nb\nc\n", b"a\nb\nd\n"), Likeness::DiffersInLine(3));
        assert_eq!(contents(b"a\nb\n", b"a\nb\nc\n"), Likeness::DiffersInLine(3));
        assert_eq!(contents(b"\x89PNG", b"\x89PNH"), Likeness::Differs);
    }

    #[test]
    fn a_manifest_is_the_same_whoever_made_it_and_when() {
        let before = samples::manifest();
        let alike = |after: &Manifest| {
            let [before, after] = [&before, after].map(|manifest| serde_json::to_value(manifest).unwrap());
            manifests(before, after)
        };
        let mut after = before.clone();
        after.volatile.threads = 64;
        after.tool.revision = "another".to_owned();
        after.command_line.clear();
        // What an earlier version did not write down.
        after.scenario.resolved = None;
        assert_eq!(alike(&after), Likeness::SameButExecution);
        after.variants[1].censored = Some(77);
        let differs = alike(&after);
        assert_eq!(differs, Likeness::DiffersInField("variants[1].censored".to_owned()));
    }

    #[test]
    fn files_that_one_of_them_lacks_are_named_and_others_are_passed_over() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (directory, file) in [(&one, "runs.csv"), (&other, "latency.png"), (&other, "notes.txt")] {
            fs::write(directory.path().join(file), "x").unwrap();
        }
        let found = compare(one.path(), other.path()).unwrap();
        let found: Vec<(&str, &Likeness)> = found.iter().map(|one| (&*one.file, &one.likeness)).collect();
        assert_eq!(found, [("latency.png", &Likeness::New), ("runs.csv", &Likeness::Missing)]);
    }

    #[test]
    fn circumstances_that_are_the_same_are_not_mentioned() {
        let mut manifest = samples::manifest();
        let other =
            |manifest: &Manifest| other_circumstances(&manifest.tool, &manifest.target, &manifest.generator);
        assert!(other(&manifest).is_empty());
        manifest.target = "sparc64-unknown-linux-gnu".to_owned();
        let other = other(&manifest);
        assert_eq!(other, [format!("for sparc64-unknown-linux-gnu, now {}", manifest::TARGET)]);
    }
}
