//! `tempfail compare`.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty};

use super::study::{Files, Study, files_in, lines_of};
use super::{fixture, rows, tempfail};

/// The tables that simulation makes; all else is made from them.
const RAW: [&str; 4] = ["attempts.csv", "latency.csv", "runs.csv", "series.csv"];

const ALL: [&str; 13] = [
    "attempts.csv",
    "attempts.png",
    "connections.png",
    "differences.png",
    "latency.csv",
    "latency.png",
    "manifest.json",
    "queues.png",
    "runs.csv",
    "series.csv",
    "summary.csv",
    "summary.md",
    "tradeoff.png",
];

/// All files but for what may differ between two runs of the same study.
fn comparable(study: &Study) -> Files {
    let mut manifest = study.manifest();
    for volatile in ["volatile", "command_line"] {
        manifest.as_object_mut().and_then(|fields| fields.remove(volatile)).expect(volatile);
    }
    let mut files = study.files();
    files.insert("manifest.json".to_owned(), manifest.to_string().into_bytes());
    files
}

#[test]
fn nothing_is_drawn_over_time_without_a_series() {
    let study = Study::made(&["--set", "measure.series_step=200d"]);
    let over_time = ["connections.png", "queues.png"];
    let expected: Vec<&str> = ALL.into_iter().filter(|file| !over_time.contains(file)).collect();
    assert_eq!(study.files().keys().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn results_go_to_standard_output_and_a_directory() {
    let study = Study::new();
    let whole = study.compare(&[]);
    whole
        .success()
        .stdout(contains("restricted mean").and(contains("quarterly")).and(contains("results").not()))
        .stderr(contains("results and pictures are in"));
    let files = study.files();
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), ALL);
    for (name, content) in &files {
        let is_picture = content.starts_with(b"\x89PNG\r\n\x1a\n");
        assert_eq!(is_picture, name.ends_with(".png"), "{name}");
        assert!(content.len() > 100, "{name}");
    }
    assert_eq!(study.neighbours(), ["study"], "nothing else is left");
    study.compare(&["--quiet"]).success().stderr(is_empty());
}

#[test]
fn without_a_target_results_are_named_after_the_scenario() {
    let study = Study::new();
    let scenario = fixture("short-outage.toml");
    tempfail(&["compare", &scenario, "--quiet"]).current_dir(study.around()).assert().success();
    assert!(study.around().join("results/short-outage/manifest.json").is_file());
}

#[test]
fn a_first_look_does_not_replace_a_whole_result() {
    let study = Study::new();
    let scenario = fixture("short-outage.toml");
    let run = |arguments: &[&str]| {
        let run =
            tempfail(&[&["compare", &scenario], arguments].concat()).current_dir(study.around()).assert();
        String::from_utf8(run.success().get_output().stderr.clone()).expect("text")
    };
    let results = study.around().join("results");
    let (usual, trial) = (results.join("short-outage"), results.join("short-outage.trial"));
    let said = run(&[]);
    assert_eq!(said, "results and pictures are in results/short-outage\n");
    let whole = files_in(&usual);
    for (arguments, reason) in [
        (&["--replications", "2"][..], "3 replications, more than the 2 of this run"),
        (&["--policy", "postfix", "--policy", "clairvoyant"], "a variant that this run leaves out"),
    ] {
        let said = run(arguments);
        assert!(said.contains(&format!("results/short-outage holds {reason}; this run goes to")), "{said}");
        assert!(said.ends_with("pictures are in results/short-outage.trial\n"), "{said}");
        assert!(files_in(&usual) == whole && trial.join("manifest.json").is_file());
    }
    assert_eq!(
        run(&["--seed", "7"]),
        "results and pictures are in results/short-outage\n",
        "as many as before"
    );
    run(&["--replications", "2", "--out", "results/short-outage"]);
    assert!(files_in(&usual) != whole, "the user decides");
}

#[test]
fn variants_can_be_chosen_by_their_whole_names() {
    let study = Study::new();
    let own = study.around().join("own.toml");
    let short = fs::read_to_string(fixture("short-outage.toml")).expect("readable");
    fs::write(
        &own,
        format!("{short}\n[variants]\nusual = {{}}\nbusy = {{ recipients.mx.setup = \"1s\" }}\n"),
    )
    .expect("written");
    let chosen = |names: &[&str]| {
        let mut run = tempfail(&["compare", own.to_str().expect("text"), "--out"]);
        run.arg(study.target()).args(names.iter().flat_map(|name| ["--variant", name])).assert().success();
        let manifest = study.manifest();
        let variants = manifest["variants"].as_array().expect("a list").clone();
        variants.iter().map(|variant| variant["name"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(chosen(&["postfix @ busy"]), ["postfix @ busy"]);
    assert_eq!(
        chosen(&["postfix @ usual", "busy"]),
        ["postfix @ usual", "postfix @ busy", "quarterly @ busy", "clairvoyant @ busy"]
    );
}

#[test]
fn every_form_of_output_says_the_same() {
    let study = Study::new();
    let csv = study.compare(&["--output", "csv"]).success().get_output().stdout.clone();
    assert_eq!(String::from_utf8(csv).expect("text"), study.text("summary.csv"));
    let json = study.compare(&["--output", "json"]).success().get_output().stdout.clone();
    let json: Vec<serde_json::Value> = serde_json::from_slice(&json).expect("it is JSON");
    let table = rows(&study.text("summary.csv"));
    assert_eq!(json.len(), table.len());
    for (object, row) in json.iter().zip(&table) {
        assert_eq!(object["variant"], row[0].as_str());
        assert_eq!(object["metric"], row[4].as_str());
    }
}

#[test]
fn results_do_not_depend_on_threads_or_on_what_was_there() {
    let one = Study::made(&["--threads", "1"]);
    let expected = comparable(&one);
    for threads in ["1", "2", "8"] {
        one.compare(&["--threads", threads]).success();
        assert!(comparable(&one) == expected, "{threads} threads, in the same place");
    }
    let other = Study::made(&["--threads", "2"]);
    assert!(comparable(&other) == expected, "in another place");
}

#[test]
fn a_subset_has_the_same_rows() {
    let (all, some) = (Study::made(&[]), Study::made(&["--policy", "quarterly", "--policy", "clairvoyant"]));
    for table in RAW {
        let (all, some) = (all.text(table), some.text(table));
        assert_eq!(lines_of(&some, "postfix").len(), 0, "{table}");
        for variant in ["quarterly", "clairvoyant"] {
            assert_eq!(lines_of(&some, variant), lines_of(&all, variant), "{table}");
            assert!(!lines_of(&some, variant).is_empty(), "{table}");
        }
    }
    assert_eq!(some.manifest()["comparison"]["baseline"], "quarterly");
}

#[test]
fn the_baseline_can_be_chosen() {
    let study = Study::made(&["--baseline", "quarterly"]);
    assert_eq!(study.manifest()["comparison"]["baseline"], "quarterly");
    let compared: Vec<Vec<String>> = rows(&study.text("summary.csv"));
    let against: Vec<&str> = compared.iter().map(|row| row[16].as_str()).filter(|b| !b.is_empty()).collect();
    assert_eq!(against, ["quarterly", "quarterly"], "both primary metrics of postfix");
}

#[test]
fn options_change_what_is_simulated() {
    let plain = Study::made(&[]);
    let runs = plain.text("runs.csv");
    let with = |arguments: &[&str]| {
        let study = Study::made(arguments);
        (study.text("runs.csv"), study.manifest())
    };
    let limit = "recipients.mx.gates.processes.connection-limit.limit=1";
    let (slower, manifest) = with(&["--set", limit]);
    assert_ne!(slower, runs);
    assert_eq!(manifest["scenario"]["overrides"][0], limit);
    assert_eq!(manifest["recipients"][0]["slots"], 1);
    let (seeded, manifest) = with(&["--seed", "7"]);
    assert_ne!(seeded, runs);
    assert_eq!(manifest["seed"], 7);
    let (same, _) = with(&["--seed", "421"]);
    assert_eq!(same, runs);
    let (more, manifest) = with(&["--replications", "4"]);
    assert_eq!(manifest["replications"], 4);
    assert_eq!(lines_of(&more, "postfix").len(), 4);
    assert_eq!(lines_of(&more, "postfix")[..3], lines_of(&runs, "postfix"), "the first ones stay");
    let (quick, _) = with(&["--quick"]);
    assert_eq!(lines_of(&quick, "postfix").len(), 5);
}

#[test]
fn capacity_is_exceeded_only_where_a_second_serves_somebody() {
    let column = |study: &Study, name: &str| -> Vec<String> {
        let table = study.text("runs.csv");
        let place = table.lines().next().and_then(|header| header.split(',').position(|it| it == name));
        rows(&table).iter().map(|row| row[place.expect(name)].clone()).collect()
    };
    let (usual, slow) = (Study::made(&[]), Study::made(&["--set", "recipients.mx.transaction=90s"]));
    for name in ["above_capacity_s", "excess_connections"] {
        assert!(column(&usual, name).iter().all(|field| !field.is_empty()), "{name}");
        assert!(column(&slow, name).iter().all(|field| field.is_empty()), "{name}");
    }
}

#[test]
fn wrong_usage_is_refused_with_what_there_is() {
    let study = Study::new();
    for (arguments, complaint) in [
        (&["--policy", "exim"][..], "no policy \"exim\"; it has \"postfix\", \"quarterly\", \"clairvoyant\""),
        (&["--variant", "slow"], "no variant \"slow\"; it has \"postfix\", \"quarterly\", \"clairvoyant\""),
        (&["--baseline", "exim"], "\"exim\"; it has \"postfix\", \"quarterly\", \"clairvoyant\""),
        (
            &["--policy", "quarterly", "--baseline", "postfix"],
            "the baseline \"postfix\" is left out by --policy or --variant, which leave \"quarterly\"",
        ),
        (&["--quick", "--replications", "9"], "--quick"),
        (&["--replications", "1"], "1 is not in 2.."),
        (&["--replications", "-1"], "-1 is not in 2.."),
        (&["--threads", "0"], "0 is not in 1..=1024"),
        (&["--threads", "20000"], "20000 is not in 1..=1024"),
        (&["--seed", "-1"], "expected a whole number from 0 to 18446744073709551615"),
        (&["--set", "horizon"], "it sets nothing; write for example --set horizon=2d"),
        (&["--set", "=3"], "it sets nothing"),
    ] {
        study.compare(arguments).code(2).stdout(is_empty()).stderr(contains(complaint));
    }
    study.compare(&["--set", "recipients.mx.slot=1"]).code(3).stdout(is_empty()).stderr(contains("slot"));
    assert_eq!(study.neighbours(), [""; 0]);
}

#[test]
fn a_target_that_cannot_be_written_is_refused_before_anything_is_simulated() {
    let study = Study::made(&[]);
    let before = study.files();
    let scenario = fixture("short-outage.toml");
    let file = study.target().join("runs.csv");
    for below in [file.join("study"), file.clone()] {
        let below = below.to_str().expect("the name is text");
        // So many would take minutes.
        tempfail(&["compare", &scenario, "--replications", "4000", "--out", below])
            .timeout(Duration::from_secs(20))
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains("runs.csv"));
    }
    assert!(study.files() == before);
}

#[test]
fn what_is_no_result_is_not_replaced() {
    let study = Study::new();
    fs::create_dir(study.target()).expect("a directory");
    fs::write(study.target().join("thesis.tex"), "years of work").expect("written");
    study.compare(&[]).code(2).stdout(is_empty()).stderr(contains("is not a result directory"));
    assert_eq!(study.text("thesis.tex"), "years of work");
    assert_eq!(study.neighbours(), ["study"]);
    // Many programs call a file so.
    fs::write(study.target().join("manifest.json"), r#"{"name": "an extension", "version": "1.0"}"#)
        .expect("written");
    study
        .compare(&[])
        .code(2)
        .stdout(is_empty())
        .stderr(contains("its manifest.json is not one of tempfail"));
    assert_eq!(study.files().len(), 2);
}

#[test]
fn what_was_added_to_a_result_is_not_deleted() {
    let study = Study::made(&[]);
    fs::write(study.target().join("notes.txt"), "what I think of it").expect("written");
    let before = study.files();
    let scenario = fixture("short-outage.toml");
    let target = study.target();
    // So many would take minutes.
    tempfail(&["compare", &scenario, "--replications", "4000", "--out", target.to_str().expect("text")])
        .timeout(Duration::from_secs(20))
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(contains("holds files that no result has: \"notes.txt\"").and(contains("move them away")));
    assert!(study.files() == before);
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let study = Study::new();
    let escape = || contains("\u{1b}[");
    study.compare(&[]).stdout(escape().not()).stderr(escape().not());
    study.compare(&["--color", "never"]).stdout(escape().not()).stderr(escape().not());
    study.compare(&["--color", "always"]).stdout(escape());
    let scenario = fixture("short-outage.toml");
    let wrong = ["check", &scenario, "--set", "horizon=0s"];
    tempfail(&wrong).env("NO_COLOR", "1").assert().code(3).stderr(escape().not());
    tempfail(&[&wrong[..], &["--color", "never"]].concat()).assert().code(3).stderr(escape().not());
    tempfail(&[&wrong[..], &["--color", "always"]].concat()).assert().code(3).stderr(escape());
}

#[test]
fn a_reader_that_goes_away_does_no_harm() {
    let study = Study::new();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tempfail"))
        .args(["compare", &fixture("short-outage.toml"), "--out"])
        .arg(study.target())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let mut complaints = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaints).expect("text");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "what is not wanted is no failure");
    assert!(!complaints.contains("panicked") && !complaints.contains("error"), "{complaints}");
    assert_eq!(study.files().len(), ALL.len(), "results are written before they are printed");
}
