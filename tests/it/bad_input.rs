//! Every scenario of `tests/bad-input` is refused, with the very words in the file beside it.
//!
//! A line `# --set KEY=VALUE` in a scenario is a change on the command line. To write the expected
//! words anew after a change of words: `BLESS=1 cargo test bad_input`, then read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use tempfail::scenario::{Paint, Sources, files_named, load};

#[test]
fn every_mistake_is_explained() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for path in scenarios() {
        let shown = explanation(&path);
        let expected_path = path.with_extension("stderr");
        if bless {
            fs::write(&expected_path, &shown).expect("writable");
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if shown != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- shown\n{shown}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn scenarios() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad-input");
    let entries = fs::read_dir(directory).expect("the directory is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    assert!(paths.len() > 50, "most scenarios are missing");
    paths
}

/// What a user sees: errors, or warnings where a scenario can be run.
fn explanation(path: &Path) -> String {
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    let text = fs::read_to_string(path).expect("readable");
    let changes: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("# --set ")).map(str::to_owned).collect();
    let mut sources = Sources::new();
    sources.add(name.as_str(), text);
    for file in files_named(&sources, &name, &changes) {
        match fs::read_to_string(path.with_file_name(&file)) {
            Ok(text) => {
                sources.add(file, text);
            }
            // The words of the operating system differ.
            Err(_) => sources.add_unreadable(file, "no such file"),
        }
    }
    let shown = match load(&mut sources, &name, &changes) {
        Ok(checked) => checked.warnings.render(&sources, Paint::Plain),
        Err(findings) => findings.render(&sources, Paint::Plain),
    };
    format!("{shown}\n")
}
