//! `tempfail check`.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty, starts_with};

use super::{fixture, tempfail};

#[test]
fn a_valid_scenario_is_described() {
    tempfail(&["check", &fixture("short-outage.toml")])
        .assert()
        .success()
        .stdout(contains("valid, 3 variants (postfix, quarterly, clairvoyant), 3 replications up to 6h"))
        .stderr(is_empty());
}

#[test]
fn all_mistakes_are_shown_at_once_with_places_and_remedies() {
    let scenario = fixture("short-outage.toml");
    let wrong = ["check", &scenario, "--set", "replications=1", "--set", "policies.postfix=\"sendfix\""];
    tempfail(&wrong).assert().code(3).stdout(is_empty()).stderr(contains("sendfix"));
    let wrong = ["check", &scenario, "--set", "replications=1", "--set", "recipients.mx.slots=0"];
    tempfail(&wrong)
        .assert()
        .code(3)
        .stdout(is_empty())
        .stderr(starts_with("error").and(contains("one replication says nothing")).and(contains("slots")))
        .stderr(contains("help"));
}

#[test]
fn files_that_are_not_there_are_named() {
    tempfail(&["check", "nowhere.toml"])
        .assert()
        .code(3)
        .stdout(is_empty())
        .stderr(contains("cannot read nowhere.toml").and(contains("`tempfail init` prints")));
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("traced.toml");
    let short = fs::read_to_string(fixture("short-outage.toml")).expect("readable");
    let traced = short.replace("{ poisson = { rate = \"1/min\" } }", "{ trace = { file = \"mail.csv\" } }");
    assert_ne!(traced, short);
    fs::write(&file, traced).expect("written");
    let file = file.to_str().expect("the name is text");
    tempfail(&["check", file]).assert().code(3).stderr(contains("mail.csv"));
    let trace = directory.path().join("mail.csv");
    fs::write(&trace, "t_seconds,host\n4000,1\nsoon,2\n").expect("written");
    tempfail(&["check", file]).assert().code(3).stderr(contains("mail.csv:3").and(contains("soon")));
    fs::write(&trace, "t_seconds,host\n4000,1\n4100,2\n").expect("written");
    tempfail(&["check", file]).assert().success();
}

#[test]
fn text_that_is_no_scenario_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("picture.toml");
    fs::write(&file, b"\x89PNG\r\n\x1a\n\xff\xfe").expect("written");
    let name = file.to_str().expect("the name is text");
    tempfail(&["check", name]).assert().code(3).stderr(contains("picture.toml"));
    fs::write(&file, "horizon = ").expect("written");
    tempfail(&["check", name]).assert().code(3).stderr(contains("picture.toml:1"));
    let directory = directory.path().to_str().expect("the name is text");
    tempfail(&["check", directory]).assert().code(3).stderr(contains("cannot read"));
}

/// Only where the system says how much memory there is.
#[test]
#[cfg(target_os = "linux")]
fn what_no_memory_can_hold_is_refused_with_a_remedy() {
    let scenario = fixture("short-outage.toml");
    let endless =
        ["--set", "horizon=200d", "--set", "measure.series_step=20s", "--set", "replications=100000"];
    let expected = || {
        contains("this would need about")
            .and(contains("PB of memory").or(contains("TB of memory")))
            .and(contains("measure.series_step"))
            .and(contains("horizon"))
    };
    tempfail(&[&["check", &scenario], &endless[..]].concat())
        .assert()
        .code(3)
        .stdout(is_empty())
        .stderr(expected());
    let directory = tempfile::tempdir().expect("a directory");
    tempfail(&[&["compare", &scenario], &endless[..]].concat())
        .current_dir(directory.path())
        .assert()
        .code(3)
        .stderr(expected());
    assert_eq!(fs::read_dir(directory.path()).expect("a directory").count(), 0);
}
