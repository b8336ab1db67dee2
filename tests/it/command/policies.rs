//! `tempfail policies`.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, starts_with};

use super::{printed, rows, tempfail};

#[test]
fn the_list_shows_every_policy_with_its_numbers() {
    let list = printed(&["policies"]);
    for expected in rows(include_str!("data/policies.csv")) {
        let [policy, numbers] = expected.as_slice() else { panic!("{expected:?}") };
        let line = list.lines().find(|line| line.split_whitespace().next() == Some(policy));
        let line = line.unwrap_or_else(|| panic!("{policy} is missing\n{list}"));
        assert!(line.contains(numbers.as_str()), "{numbers}\n{line}");
        assert!(list.contains(&format!("\n{policy}: ")), "{policy} is described");
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
        .stderr(starts_with("error: no policy \"sendfix\"").and(contains("postfix, exim, qmail")));
}
