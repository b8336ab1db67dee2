//! `tempfail policies`.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, starts_with};

use tempfail::mta;

use super::{printed, rows, tempfail};

/// A row of the list, put together of its lines.
struct Row {
    heading: String,
    name: String,
    retries: String,
    known_from: String,
}

/// The rows of the list under their headings; columns begin where their names do.
fn listed(list: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut heading = "";
    let mut starts = Vec::new();
    for line in list.lines() {
        assert!(line.chars().count() <= 100, "{line}");
        let names = ["policy ", "tries again", "gives up", "known from", "source"];
        let found: Option<Vec<usize>> = names.iter().map(|name| line.find(name)).collect();
        let cell = |index: usize| {
            let end = starts.get(index + 1).copied().unwrap_or(line.len()).min(line.len());
            line.get(starts[index]..end).unwrap_or_default().trim()
        };
        match line.chars().next() {
            Some(' ') if found.is_some() => starts = found.unwrap_or_default(),
            Some(' ') if !cell(0).is_empty() => rows.push(Row {
                heading: heading.to_owned(),
                name: cell(0).to_owned(),
                retries: cell(1).to_owned(),
                known_from: cell(3).to_owned(),
            }),
            Some(' ') => {
                let row = rows.last_mut().expect("a row goes on");
                row.retries = format!("{} {}", row.retries, cell(1));
            }
            Some(letter) if letter.is_alphabetic() => heading = line,
            _ => {}
        }
    }
    rows
}

#[test]
fn the_list_shows_how_policies_try_again() {
    let list = listed(&printed(&["policies"]));
    for expected in rows(include_str!("data/policies.csv")) {
        let [policy, numbers] = expected.as_slice() else { panic!("{expected:?}") };
        let row = list.iter().find(|row| row.name == *policy);
        let row = row.unwrap_or_else(|| panic!("{policy} is missing"));
        assert_eq!(row.retries.trim(), numbers, "{policy}");
    }
}

#[test]
fn the_list_has_all_policies_in_groups_and_says_how_sure_they_are() {
    let list = listed(&printed(&["policies"]));
    let found: Vec<(&str, &str)> = list.iter().map(|row| (row.heading.as_str(), row.name.as_str())).collect();
    let presets: Vec<_> = mta::presets().iter().map(|preset| (preset.group.title(), preset.name)).collect();
    assert_eq!(found, presets);
    for row in list.iter().filter(|row| row.name != "clairvoyant") {
        let known_from = row.known_from.as_str();
        assert!(["source", "measured", "documentation"].contains(&known_from), "{}: {known_from}", row.name);
    }
}

#[test]
fn a_named_policy_can_be_pasted_into_a_scenario() {
    let text = printed(&["policies", "postfix", "qmail"]);
    assert!(text.starts_with("[policies.postfix]\n# "), "{text}");
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("pasted.toml");
    let (scenario, _) = include_str!("data/mine.toml").split_once("[policies]").expect("it has policies");
    fs::write(&file, format!("{scenario}{text}")).expect("written");
    let file = file.to_str().expect("the name is text");
    let pasted = printed(&["schedule", "--scenario", file, "postfix", "qmail", "--output", "csv"]);
    assert_eq!(pasted, printed(&["schedule", "postfix", "qmail", "--output", "csv"]));
}

#[test]
fn the_long_form_has_units_and_sources() {
    let found = rows(&printed(&["policies", "--output", "csv"]));
    let max = found.iter().find(|row| row[..3] == ["postfix", "backoff", "max"]).expect("it has a maximum");
    assert_eq!(max[3..5], ["4000", "s"]);
    assert!(max[5].contains("qmgr_active.c"));
    let json = printed(&["policies", "--output", "json"]);
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json.len(), found.len());
    let only = rows(&printed(&["policies", "exim", "--output", "csv"]));
    assert!(only.iter().all(|row| row[0] == "exim"));
    assert!(only.iter().any(|row| row[2] == "rule" && row[3] == "F,2h,15m; G,16h,1h,1.5; F,4d,6h"));
}

#[test]
fn wrong_names_are_refused_with_the_right_ones() {
    tempfail(&["policies", "postfix", "sendfix"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(starts_with("error: no policy \"sendfix\"").and(contains("`tempfail policies` lists")));
    tempfail(&["policies", "kumo-mta"])
        .assert()
        .code(2)
        .stderr(contains("no policy \"kumo-mta\" is built in; did you mean `kumomta`?"));
}

#[test]
fn every_preset_can_be_pasted() {
    let names = mta::presets().iter().map(|preset| preset.name);
    let text = printed(&["policies"].into_iter().chain(names).collect::<Vec<_>>());
    let document: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let pasted = document["policies"].as_table().expect("a table of policies");
    assert_eq!(pasted.len(), mta::presets().len());
}
