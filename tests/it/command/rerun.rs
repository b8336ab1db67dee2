//! `tempfail rerun`.

use std::fs;
use std::path::Path;

use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty};
use serde_json::{Value, json};

use super::study::Study;
use super::{fixture, tempfail};

fn rerun(directory: &Path, arguments: &[&str]) -> Assert {
    tempfail(&[&["rerun", directory.to_str().expect("text")], arguments].concat()).assert()
}

/// Changes the manifest of a result.
fn edit(directory: &Path, change: impl FnOnce(&mut Value)) {
    let path = directory.join("manifest.json");
    let text = fs::read_to_string(&path).expect("there is a manifest");
    let mut manifest = serde_json::from_str(&text).expect("it is JSON");
    change(&mut manifest);
    fs::write(&path, serde_json::to_string_pretty(&manifest).expect("JSON") + "\n").expect("written");
}

#[test]
fn a_result_made_again_is_the_same_whatever_it_was_asked_for() {
    for arguments in [
        &[][..],
        &["--seed", "7", "--replications", "2", "--set", "recipients.mx.slots=7", "--threads", "1"],
        &["--policy", "quarterly", "--policy", "clairvoyant", "--replications", "2"],
        &["--baseline", "quarterly", "--seed", "18446744073709551615", "--replications", "2"],
    ] {
        let study = Study::made(arguments);
        fs::write(study.target().join("notes.txt"), "what I think of it").expect("written");
        let before = study.files();
        rerun(&study.target(), &["--threads", "2"])
            .success()
            .stdout(
                contains("runs.csv")
                    .and(contains("latency.png"))
                    .and(contains("the same, but for the execution"))
                    .and(contains("different").not())
                    .and(contains("notes.txt").not()),
            )
            .stderr("the result is the same, byte for byte\n");
        assert!(study.files() == before, "nothing is changed");
        assert_eq!(study.neighbours(), ["study"], "nothing else is left");
    }
}

#[test]
fn what_is_another_result_is_named_with_its_place() {
    let study = Study::made(&["--replications", "2"]);
    let target = study.target();
    let runs = study.text("runs.csv");
    let second = runs.lines().nth(2).expect("two runs");
    fs::write(target.join("runs.csv"), runs.replace(second, "postfix,postfix,,1,0")).expect("written");
    fs::write(target.join("latency.png"), b"\x89PNG\r\n\x1a\n").expect("written");
    fs::remove_file(target.join("series.csv")).expect("removed");
    edit(&target, |manifest| manifest["horizon_s"] = json!(1.0));
    let kept = study.around().join("again");
    rerun(&target, &["--out", kept.to_str().expect("text")])
        .code(1)
        .stdout(
            contains("different from line 3 on")
                .and(contains("different in horizon_s"))
                .and(contains("was not there before")),
        )
        .stderr(contains("4 of 13 files are not the same").and(contains("the new results are in")));
    assert_eq!(fs::read_to_string(kept.join("runs.csv")).expect("it is kept"), runs);
    rerun(&kept, &[]).success();
    rerun(&target, &["--out", target.to_str().expect("text")]).code(2).stderr(contains("another directory"));
    rerun(&target, &["--quiet"])
        .code(1)
        .stderr("error: 4 of 13 files are not the same; --out DIR keeps the new ones\n");
}

#[test]
fn the_files_that_a_scenario_names_are_in_the_manifest() {
    let study = Study::new();
    let place = study.around().join("inputs");
    fs::create_dir(&place).expect("a directory");
    let short = fs::read_to_string(fixture("short-outage.toml")).expect("readable");
    let more = "ours = { native = { postfix = { file = 'main.cf' } } }
[senders.log]
hosts = 2
policy = 'compared'
arrivals.log = { trace = { file = 'mail.csv' } }
";
    for (file, text) in [
        ("own.toml", format!("{short}{more}")),
        ("main.cf", "minimal_backoff_time = 600s\n".to_owned()),
        ("mail.csv", "t_seconds\n3700\n3800\n4000\n".to_owned()),
    ] {
        fs::write(place.join(file), text).expect("written");
    }
    let (scenario, target) = (place.join("own.toml"), study.target());
    let compare = ["compare", scenario.to_str().expect("text"), "--out", target.to_str().expect("text")];
    tempfail(&[&compare[..], &["--replications", "2"]].concat()).assert().success();
    fs::remove_dir_all(&place).expect("removed");
    rerun(&target, &[]).success().stderr("the result is the same, byte for byte\n");
    let files = study.manifest()["scenario"]["files"].as_array().expect("a list").clone();
    let names: Vec<&str> = files.iter().filter_map(|file| file["name"].as_str()).collect();
    assert!(names.contains(&"mail.csv") && names.contains(&"main.cf"), "{names:?}");
    // An earlier version did not keep recorded arrivals.
    let trace = names.iter().position(|name| *name == "mail.csv").expect("it is there");
    edit(&target, |manifest| manifest["scenario"]["files"][trace]["text"] = Value::Null);
    rerun(&target, &[])
        .code(3)
        .stdout(is_empty())
        .stderr(contains("does not hold the contents of \"mail.csv\""));
}

#[test]
fn another_program_is_announced_before_it_is_compared() {
    let study = Study::made(&["--replications", "2"]);
    edit(&study.target(), |manifest| {
        manifest["tool"]["version"] = json!("0.0.1");
        manifest["target"] = json!("vax-dec-vms");
        manifest["variants"][1]["plan_sha256"] = json!("0");
    });
    rerun(&study.target(), &[]).code(1).stdout(contains("different in variants[1].plan_sha256")).stderr(
        contains("the bytes may differ, for the result was made by tempfail 0.0.1, now tempfail")
            .and(contains("; for vax-dec-vms, now"))
            .and(contains("note: \"quarterly\" is not what it was")),
    );
}

#[test]
fn manifests_of_earlier_versions_say_enough() {
    let study = Study::made(&["--replications", "2", "--seed", "9"]);
    edit(&study.target(), |manifest| {
        for field in ["options", "resolved"] {
            manifest["scenario"].as_object_mut().expect("an object").remove(field);
        }
        for variant in manifest["variants"].as_array_mut().expect("a list") {
            variant.as_object_mut().expect("an object").retain(|field, _| field != "plan_sha256");
        }
        manifest["tool"].as_object_mut().expect("an object").remove("rustc");
    });
    rerun(&study.target(), &[]).success().stderr(contains("built by rustc unknown, now "));
}

#[test]
fn what_an_interruption_left_is_made_again_as_far_as_it_went() {
    let study = Study::made(&["--replications", "2"]);
    let target = study.target();
    edit(&target, |manifest| {
        manifest["complete"] = json!(false);
        manifest["variants"][2]["unfinished"] = json!(true);
        manifest["variants"][2].as_object_mut().expect("an object").remove("censored");
    });
    for file in ["runs.csv", "series.csv", "latency.csv", "attempts.csv"] {
        let text = study.text(file);
        let lines = text.lines().filter(|line| !line.starts_with("clairvoyant,"));
        fs::write(target.join(file), lines.map(|line| format!("{line}\n")).collect::<String>())
            .expect("written");
    }
    tempfail(&["report", target.to_str().expect("text")]).assert().success();
    rerun(&target, &[]).success();
}

#[test]
fn a_manifest_that_cannot_be_followed_is_3() {
    let study = Study::made(&["--replications", "2"]);
    let (target, whole) = (study.target(), study.text("manifest.json"));
    let changed = |change: &dyn Fn(&mut Value), complaint: &str| {
        edit(&target, change);
        let before = study.files();
        rerun(&target, &[]).code(3).stdout(is_empty()).stderr(contains(complaint));
        assert!(study.files() == before && study.neighbours() == ["study"]);
        fs::write(target.join("manifest.json"), &whole).expect("written");
    };
    changed(
        &|manifest| manifest["scenario"]["text"] = json!("format = 1"),
        "the manifest was changed: its text of the scenario has another SHA-256",
    );
    changed(
        &|manifest| manifest["variants"][0]["name"] = json!("exim"),
        "the scenario in the manifest has no variant \"exim\"",
    );
    changed(&|manifest| manifest["format"] = json!(9), "results of format 9");
    changed(&|manifest| manifest["scenario"]["options"] = json!(["replications=many"]), "replications");
    fs::write(target.join("manifest.json"), "no JSON").expect("written");
    rerun(&target, &[]).code(3).stderr(contains("manifest.json"));
    rerun(&study.around().join("nowhere"), &[]).code(3).stderr(contains("nowhere"));
    assert_eq!(study.neighbours(), ["study"]);
}
