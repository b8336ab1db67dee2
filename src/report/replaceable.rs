//! Which directories a result may take the place of: whatever is in its way is deleted.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::attempts::StoredAttempt;
use super::error::{Foreign, ReportError};
use super::latency::StoredBin;
use super::manifest::{self, Tool};
use super::row::Row;
use super::runs::StoredRun;
use super::series::StoredStep;
use super::{directory, markdown, pictures, summary, worlds};

/// Lets pass what is not there, an empty directory, and a result of this program with nothing of the
/// user's in it.
///
/// # Errors
///
/// [`ReportError::Foreign`] for everything else, and what the system says of a directory that cannot be
/// read.
pub(super) fn refuse_foreign(path: &Path) -> Result<(), ReportError> {
    let foreign = |why| Err(ReportError::Foreign { path: path.to_owned(), why });
    if !path.exists() {
        return Ok(());
    }
    if !path.is_dir() {
        return foreign(Foreign::NoDirectory);
    }
    let mut strangers = Vec::new();
    let mut is_empty = true;
    for entry in fs::read_dir(path).map_err(ReportError::io("read", path))? {
        let entry = entry.map_err(ReportError::io("read", path))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !(belongs(&name) && entry.file_type().is_ok_and(|kind| kind.is_file())) {
            strangers.push(name);
        }
        is_empty = false;
    }
    strangers.sort();
    match fs::read_to_string(path.join(manifest::FILE)) {
        _ if is_empty => Ok(()),
        Err(_) => foreign(Foreign::NoManifest),
        Ok(text) if !is_ours(&text) => foreign(Foreign::OtherManifest),
        Ok(_) if strangers.is_empty() => Ok(()),
        Ok(_) => foreign(Foreign::Holds(strangers)),
    }
}

/// Whether this program wrote a manifest, be it another version of it.
fn is_ours(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Made {
        tool: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    serde_json::from_str::<Made>(text).is_ok_and(|made| made.tool.name == Tool::this().name)
}

/// Whether a result may have a file of this name.
fn belongs(name: &str) -> bool {
    // A process that was killed while it wrote leaves a file with the longer name.
    let whole = name.strip_suffix(directory::UNFINISHED).and_then(|whole| whole.strip_suffix('.'));
    is_part(whole.unwrap_or(name))
}

/// Whether this is the name of a file of some result.
pub(super) fn is_part(name: &str) -> bool {
    const FILES: [&str; 9] = [
        manifest::FILE,
        StoredRun::FILE,
        StoredStep::FILE,
        StoredBin::FILE,
        StoredAttempt::FILE,
        summary::FILE,
        markdown::FILE,
        worlds::FILE,
        worlds::WINS_FILE,
    ];
    FILES.contains(&name) || pictures::is_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn refusal(directory: &Path) -> Foreign {
        match refuse_foreign(directory) {
            Err(ReportError::Foreign { path, why }) if path == directory => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_own_manifests_count() {
        let directory = tempfile::tempdir().unwrap();
        refuse_foreign(directory.path()).unwrap();
        fs::write(directory.path().join("runs.csv"), "").unwrap();
        assert_eq!(refusal(directory.path()), Foreign::NoManifest);
        for other in
            [r#"{"name": "page", "icons": []}"#, r#"{"tool": {"name": "webpack"}}"#, "{}", "", "tempfail"]
        {
            fs::write(directory.path().join(manifest::FILE), other).unwrap();
            assert_eq!(refusal(directory.path()), Foreign::OtherManifest, "{other}");
        }
        // Other fields may be those of another version.
        let later = r#"{"format": 7, "tool": {"name": "tempfail", "version": "9.0.0"}}"#;
        fs::write(directory.path().join(manifest::FILE), later).unwrap();
        refuse_foreign(directory.path()).unwrap();
    }

    #[test]
    fn files_of_others_are_named() {
        let directory = tempfile::tempdir().unwrap();
        samples::manifest().write(directory.path()).unwrap();
        for own in ["runs.csv", "summary.md", "latency.png", "connections-mx.png", "summary.csv.new"] {
            fs::write(directory.path().join(own), "").unwrap();
        }
        refuse_foreign(directory.path()).unwrap();
        for other in ["notes.txt", "latency.pdf", "photo.png"] {
            fs::write(directory.path().join(other), "").unwrap();
        }
        fs::create_dir(directory.path().join("queues.png")).unwrap();
        let names = ["latency.pdf", "notes.txt", "photo.png", "queues.png"];
        assert_eq!(refusal(directory.path()), Foreign::Holds(names.map(str::to_owned).into()));
    }
}
