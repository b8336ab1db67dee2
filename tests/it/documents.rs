//! The documents: every complete scenario in them can be run, their lists are complete, and tables
//! are what the command prints.

use tempfail::mta;
use tempfail::scenario::{Paint, Sources, load, lower};

const FENCE: &str = "```toml,scenario\n";

/// The scenarios of a document, in order.
fn scenarios(document: &str) -> Vec<&str> {
    document.split(FENCE).skip(1).map(|rest| rest.split("\n```").next().unwrap_or(rest)).collect()
}

#[test]
fn scenarios_in_documents_are_valid() {
    for (name, document, least) in [
        ("README.md", include_str!("../../README.md"), 1),
        ("docs/scenario-format.md", include_str!("../../docs/scenario-format.md"), 3),
    ] {
        let found = scenarios(document);
        assert!(found.len() >= least, "{name} has {} scenarios", found.len());
        for text in found {
            let mut sources = Sources::new();
            sources.add(name, text);
            match load(&mut sources, name, &[]) {
                Ok(checked) => {
                    assert!(
                        checked.warnings.is_empty(),
                        "{}",
                        checked.warnings.render(&sources, Paint::Plain)
                    );
                    for variant in checked.scenario.variants() {
                        lower::plan(&checked.scenario, &variant).expect("what is valid can be lowered");
                    }
                }
                Err(findings) => panic!("{}", findings.render(&sources, Paint::Plain)),
            }
        }
    }
}

#[test]
fn all_presets_are_listed_in_order() {
    let format = include_str!("../../docs/scenario-format.md");
    let (_, policies) = format.split_once("\n## Policies\n").expect("there are policies");
    let (_, rows) = policies.split_once("| preset |").expect("there is a list");
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap_or_default().split(','));
    let listed: Vec<&str> = names.map(|name| name.trim().trim_matches('`')).collect();
    let presets: Vec<&str> = mta::presets().iter().map(|preset| preset.name).collect();
    assert_eq!(listed, presets);
}

#[test]
fn the_table_of_outages_is_what_its_command_prints() {
    let readme = include_str!("../../README.md");
    let line = readme.lines().find(|line| line.starts_with("    tempfail schedule --outage"));
    let arguments = line.expect("the command stands above the table").split_whitespace().skip(1);
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("tempfail");
    let output = command.args(arguments).arg("--quiet").assert().success().get_output().stdout.clone();
    let printed = String::from_utf8(output).expect("output is text");
    assert!(readme.contains(&printed), "README.md should have\n\n{printed}");
}
