//! `tempfail report`.

use std::fs;

use predicates::str::{contains, is_empty};

use super::study::{Study, files_in};
use super::tempfail;

#[test]
fn reports_are_those_that_were_written_with_the_results() {
    let study = Study::new();
    let printed = study.compare(&[]).success().get_output().stdout.clone();
    let before = study.files();
    for file in before.keys().filter(|file| file.starts_with("summary") || file.ends_with(".png")) {
        fs::remove_file(study.target().join(file)).expect("removed");
    }
    let target = study.target();
    let again = tempfail(&["report", target.to_str().expect("text")]).assert().success();
    assert_eq!(again.get_output().stdout, printed);
    assert!(study.files() == before, "the same files, byte for byte");
    let csv = tempfail(&["report", target.to_str().expect("text"), "--output", "csv", "--quiet"]).assert();
    csv.success().stdout(study.text("summary.csv")).stderr(is_empty());
}

#[test]
fn a_directory_without_a_manifest_is_no_result() {
    let empty = tempfile::tempdir().expect("a directory");
    let name = empty.path().to_str().expect("text");
    let complaint =
        "is not a result directory (it has no manifest.json); name one that compare or sweep wrote";
    tempfail(&["report", name]).assert().code(1).stdout(is_empty()).stderr(contains(complaint));
    tempfail(&["rerun", name]).assert().code(3).stdout(is_empty()).stderr(contains(complaint));
}

#[test]
fn damage_is_named_and_nothing_is_changed() {
    let study = Study::made(&[]);
    let whole = study.files();
    for (file, from, to, complaint) in [
        ("runs.csv", "postfix,postfix,,0,", "postfix,postfix,,zero,", "runs.csv, line 2: \"zero\""),
        ("latency.csv", "\nquarterly,", "\nhourly,", "the manifest does not name the variant \"hourly\""),
        ("series.csv", "variant,", "policy,", "series.csv, line 1: the columns should be"),
        ("manifest.json", "\"format\": 1", "\"format\": 9", "results of format 9"),
        ("manifest.json", "{", "[", "manifest.json"),
    ] {
        let path = study.target().join(file);
        let text = study.text(file);
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(&path, text.replacen(from, to, 1)).expect("written");
        let damaged = study.files();
        let target = study.target();
        tempfail(&["report", target.to_str().expect("text")])
            .assert()
            .code(1)
            .stdout(is_empty())
            .stderr(contains(complaint));
        assert!(study.files() == damaged, "{file}");
        fs::write(&path, &whole[file]).expect("written");
    }
    let target = study.target();
    let header = study.text("latency.csv").lines().next().expect("there is a header").to_owned() + "\n";
    fs::write(target.join("latency.csv"), header).expect("written");
    tempfail(&["report", target.to_str().expect("text")])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains("latency.csv: replication 0 of \"postfix\" has 0 delivered messages here, but"));
    fs::remove_file(target.join("runs.csv")).expect("removed");
    tempfail(&["report", target.to_str().expect("text")]).assert().code(1).stderr(contains("runs.csv"));
}

#[test]
fn a_study_report_is_filled_in_and_changes_nothing() {
    let changes = "variants={usual={}, busy={recipients.mx.setup='1s', about='slow set-up'}}";
    let study = Study::made(&["--set", changes, "--replications", "2"]);
    let before = study.files();
    let target = study.target();
    let printed = tempfail(&["report", target.to_str().expect("text"), "--study"]).assert().success();
    let text = String::from_utf8(printed.stderr(is_empty()).get_output().stdout.clone()).expect("text");
    for part in [
        "# A short outage\n",
        "The question: Who delivers the mail of one hour sooner?",
        "> A small study for the tests of the command",
        "### 1.3 Experimentation aims",
        "- busy (slow set-up): `recipients.mx.setup` = `1s`",
        "backoff age-doubling, memory dead-site, runner scan",
        "| recipients.mx.gates.outage.maintenance.when.once.until | 2h |",
        "Changed on the command line: `variants=",
        "`philox2x64-10",
        "### 6.1 Computer model sharing statement",
        "> **To be answered:** ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(study.files() == before);
    let both = ["report", target.to_str().expect("text"), "--study", "--output", "csv"];
    tempfail(&both).assert().code(2);
}

#[test]
fn a_directory_that_is_not_there_is_not_made() {
    let study = Study::new();
    let target = study.target();
    tempfail(&["report", target.to_str().expect("text")])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains("study"));
    assert!(files_in(study.around()).is_empty());
    tempfail(&["report"]).assert().code(2);
}
