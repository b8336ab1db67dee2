//! The layers of the crate: who may use whom. `ARCHITECTURE.md` draws the picture.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules of this crate it may name.
const ALLOWED: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("id", &[]),
    ("smtp", &[]),
    ("metric", &[]),
    ("stats", &[]),
    ("random", &["time"]),
    ("law", &["random", "time"]),
    ("quantity", &["time"]),
    ("message", &["id", "time"]),
    ("steps", &[]),
    ("engine", &["time"]),
    // The grammar of retry rules is that of the backoff they are run by.
    ("mta", &["sender", "time"]),
    ("sender", &["id", "message", "random", "smtp", "steps", "time"]),
    ("recipient", &["id", "law", "quantity", "random", "smtp", "steps", "time"]),
    ("workload", &["law", "random", "time"]),
    ("system", &["engine", "id", "message", "random", "recipient", "sender", "smtp", "time", "workload"]),
    (
        "scenario",
        &[
            "id",
            "law",
            "message",
            "metric",
            "mta",
            "quantity",
            "recipient",
            "sender",
            "smtp",
            "system",
            "time",
            "workload",
        ],
    ),
    ("export", &["mta", "quantity", "random", "scenario", "sender", "time"]),
    (
        "experiment",
        &[
            "id",
            "law",
            "message",
            "metric",
            "quantity",
            "random",
            "recipient",
            "scenario",
            "sender",
            "smtp",
            "stats",
            "system",
            "time",
            "workload",
        ],
    ),
    (
        "validate",
        &[
            "engine",
            "experiment",
            "id",
            "random",
            "recipient",
            "scenario",
            "sender",
            "smtp",
            "stats",
            "system",
            "time",
        ],
    ),
    (
        "report",
        &[
            "experiment",
            "id",
            "message",
            "metric",
            "quantity",
            "random",
            "scenario",
            "sender",
            "smtp",
            "stats",
            "system",
            "time",
            "validate",
        ],
    ),
];

#[test]
fn modules_use_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    for (module, allowed) in ALLOWED {
        for (file, number, line) in lines_of(module) {
            for used in modules_named(&line) {
                if used != *module && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}:{number}: {module} may not use {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_its_layer() {
    for entry in fs::read_dir(source()).expect("the sources are there") {
        let name = entry.expect("readable").file_name().into_string().expect("names are text");
        let name = name.trim_end_matches(".rs");
        let known =
            ["lib", "main", "cli"].contains(&name) || ALLOWED.iter().any(|(module, _)| *module == name);
        assert!(known, "say in tests/it/layers.rs what {name} may use");
    }
}

#[test]
fn only_the_command_and_the_reports_touch_files_and_clocks() {
    for (module, _) in ALLOWED.iter().filter(|(module, _)| *module != "report") {
        for (file, number, line) in lines_of(module) {
            for forbidden in
                ["std::fs", "std::io", "std::time", "std::env", "std::process", "println!", "thread_local!"]
            {
                assert!(!line.contains(forbidden), "{}:{number}: {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn the_model_has_no_shared_or_hidden_state() {
    for module in ["engine", "sender", "recipient", "workload", "system"] {
        for (file, number, line) in lines_of(module) {
            for forbidden in ["Rc<", "RefCell", "Box<dyn Fn", "static mut", "HashMap::iter"] {
                assert!(!line.contains(forbidden), "{}:{number}: {forbidden}", file.display());
            }
        }
    }
}

/// The lines of a module outside its tests and comments, with file and line number.
fn lines_of(module: &str) -> Vec<(PathBuf, usize, String)> {
    let mut files = Vec::new();
    collect(&source().join(module), &mut files);
    files.push(source().join(format!("{module}.rs")));
    let mut lines = Vec::new();
    for file in files.into_iter().filter(|file| file.is_file()) {
        let text = fs::read_to_string(&file).expect("sources are readable");
        let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).enumerate();
        lines.extend(
            code.filter(|(_, line)| !line.trim_start().starts_with("//"))
                .map(|(number, line)| (file.clone(), number + 1, line.to_owned())),
        );
    }
    assert!(!lines.is_empty(), "no module {module}");
    lines
}

/// The modules of this crate that a line names.
fn modules_named(line: &str) -> Vec<String> {
    line.split("crate::")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
        .filter(|name| !name.is_empty())
        .collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}
