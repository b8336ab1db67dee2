//! `tempfail schedule --outage`, and pictures of schedules.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use super::{printed, rows, tempfail};

/// Columns of the long form.
const POLICY: usize = 0;
const START: usize = 2;
const MEAN: usize = 5;
const WORST: usize = 7;
const BOUNCED: usize = 8;
const SURVIVES: usize = 10;
const DRAWN: usize = 11;

/// Extra waits in hours of a message that arrives as an outage of 24 h begins, as published schedules of
/// these programs have them.
#[test]
fn a_day_without_the_server_costs_what_the_schedules_say() {
    let names = ["kumomta", "haraka", "exim", "postfix", "mox", "mailgun"];
    let mut arguments = vec!["schedule", "--outage", "24h", "--output", "csv", "--quiet"];
    arguments.extend(names);
    let found = rows(&printed(&arguments));
    let hours = |row: &[String]| row[START].parse::<f64>().map(|wait| (wait / 360.0).round() / 10.0).ok();
    let found: Vec<(&str, Option<f64>)> =
        found.iter().map(|row| (row[POLICY].as_str(), hours(row))).collect();
    let expected = [Some(18.3), Some(12.4), Some(4.5), Some(0.7), None, None];
    assert_eq!(found, names.into_iter().zip(expected).collect::<Vec<_>>());
}

#[test]
fn all_programs_and_services_are_compared_where_none_is_named() {
    let found = rows(&printed(&["schedule", "--outage", "1h,4h", "--output", "csv", "--quiet"]));
    let has = |name: &str| found.iter().filter(|row| row[POLICY] == name).count();
    assert_eq!([has("postfix"), has("mailgun"), has("fixed"), has("rfc5321")], [2, 2, 0, 0]);
    for row in &found {
        let number = |column: usize| row[column].parse::<f64>().ok();
        let bounced = number(BOUNCED).expect("always a number");
        assert!((0.0..=1.0).contains(&bounced), "{row:?}");
        if let (Some(mean), Some(worst)) = (number(MEAN), number(WORST)) {
            assert!(mean > 0.0 && worst >= mean, "{row:?}");
        }
        assert!(number(SURVIVES).is_none_or(|longest| longest >= 0.0), "{row:?}");
    }
}

#[test]
fn a_scan_phase_moves_the_message_at_the_start_and_no_mean() {
    let with = |phase| {
        let found = printed(&[
            "schedule", "postfix", "--outage", "1h", "--phase", phase, "--output", "csv", "--quiet",
        ]);
        rows(&found).remove(0)
    };
    let (at, before) = (with("0s"), with("299s"));
    assert_ne!(at[START], before[START]);
    assert_eq!([&at[MEAN], &at[WORST], &at[SURVIVES]], [&before[MEAN], &before[WORST], &before[SURVIVES]]);
    tempfail(&["schedule", "postfix", "--outage", "1h", "--phase", "random"])
        .assert()
        .code(2)
        .stderr(contains("over all phases already"));
}

#[test]
fn lots_are_averaged_and_say_so() {
    let csv = |seed| {
        let found =
            printed(&["schedule", "full-jitter", "--outage", "4h", "--seed", seed, "--output", "csv", "-q"]);
        rows(&found).remove(0)
    };
    assert_eq!(csv("1"), csv("1"));
    assert_ne!(csv("1")[MEAN], csv("2")[MEAN]);
    assert_eq!(csv("1")[DRAWN], "4000");
    tempfail(&["schedule", "full-jitter", "immediate", "--outage", "4h"])
        .assert()
        .success()
        .stdout(contains("4000 drawn messages").and(contains("immediate").not()))
        .stderr(contains("left out").and(contains("immediate")));
}

#[test]
fn forms_agree() {
    let arguments = ["schedule", "postfix", "mailgun", "--outage", "4h,24h", "--quiet", "--output"];
    let with = |form: &str| printed(&[&arguments[..], &[form]].concat());
    let markdown = with("markdown");
    assert!(markdown.starts_with("| policy | 4h | 1d | longest without bounce | warnings |\n| --- | ---:"));
    assert!(markdown.contains("| mailgun | 3.9h / 45m / 4h | bounced (67 %) | 7.9h | none |"), "{markdown}");
    let table = with("table");
    assert!(table.contains("3.9h / 45m / 4h") && table.contains("bounced (67 %)"), "{table}");
    let json: Vec<serde_json::Value> = serde_json::from_str(&with("json")).expect("it is JSON");
    assert_eq!((json.len(), rows(&with("csv")).len()), (4, 4));
    assert_eq!(json[0]["outage_s"], 14_400.0);
    assert_eq!(json[3]["start_wait_s"], serde_json::Value::Null);
}

#[test]
fn nonsense_is_refused() {
    for (arguments, complaint) in [
        (&["--outage", "0s"][..], "longer than 0s"),
        (&["--outage", "5"], "a duration needs a unit"),
        (&["--outage", "1h,,2h"], "--outage"),
        (&["--outage", "400d"], "at most 366d"),
        (&["--outage=-1h"], "--outage"),
        (&["--outage", "1h", "--messages", "5"], "cannot be used with"),
        (&["--phase", "later"], "--phase"),
        (&["--phase", "9999999d"], "more than 30d"),
        (&["--takes", "9999999d"], "longer than 1d"),
        (&["--messages", "1000", "--spacing", "1d"], "within 30d"),
        (&["--spacing", "1d"], "--messages"),
        (&["--messages", "0"], "--messages"),
        (&["--plot", "picture.svg"], "picture.png"),
    ] {
        let arguments = [&["schedule", "postfix"][..], arguments].concat();
        tempfail(&arguments).assert().code(2).stdout("").stderr(contains(complaint));
    }
    tempfail(&["schedule"]).assert().code(2).stderr(contains("POLICY"));
    let many = vec!["1h"; 51].join(",");
    tempfail(&["schedule", "postfix", "--outage", &many]).assert().code(2).stderr(contains("at most 50"));
}

#[test]
fn pictures_are_drawn() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("picture.png");
    let name = file.to_str().expect("the name is text");
    let mut pictures = Vec::new();
    for arguments in
        [&["--attempts", "9"][..], &["--messages", "7", "--attempts", "9"], &["--outage", "1h,4h"]]
    {
        let arguments = [&["schedule", "postfix", "qmail", "--plot", name][..], arguments].concat();
        tempfail(&arguments).assert().success().stdout(contains("qmail"));
        let picture = fs::read(&file).expect("it was written");
        assert!(picture.starts_with(b"\x89PNG"));
        tempfail(&arguments).assert().success();
        assert_eq!(picture, fs::read(&file).expect("it was written again"));
        pictures.push(picture);
    }
    assert!(pictures[0] != pictures[1] && pictures[1] != pictures[2]);
    tempfail(&["schedule", "postfix", "--plot", "/nowhere/at/all.png"])
        .assert()
        .code(1)
        .stderr(contains("cannot"));
}
