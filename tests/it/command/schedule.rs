//! `tempfail schedule`.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, starts_with};

use super::{printed, rows, tempfail};

#[test]
fn schedules_are_those_of_the_real_programs() {
    for expected in rows(include_str!("data/schedules.csv")) {
        let [policy, attempts, given_up, why, times] = expected.as_slice() else { panic!("{expected:?}") };
        let found = rows(&printed(&["schedule", policy, "--output", "csv", "--quiet"]));
        let tried: Vec<&str> =
            found.iter().filter(|row| row[4] == "attempt").map(|row| row[2].as_str()).collect();
        assert_eq!(tried.len().to_string(), *attempts, "{policy}");
        let first: Vec<&str> = times.split(' ').collect();
        assert_eq!(tried[..first.len()], first, "{policy}");
        let end = found.last().expect("a schedule ends");
        assert_eq!([&end[2], &end[4], &end[5]], [given_up, "bounced", why], "{policy}");
    }
}

#[test]
fn policies_stand_side_by_side_and_notes_apart() {
    tempfail(&["schedule", "postfix", "exim"])
        .assert()
        .success()
        .stdout(contains("postfix: 108 attempts,").and(contains("exim: 25 attempts,")))
        .stdout(contains("given up after 5d20m (too old)").and(contains("1h10m")))
        .stdout(contains("note:").not())
        .stderr(contains("phase 0").and(contains("(postfix, exim)")).and(contains("seed").not()));
    tempfail(&["schedule", "--quiet", "postfix"]).assert().success().stderr("");
}

#[test]
fn policies_that_draw_lots_say_so_and_follow_the_seed() {
    let drawn = |seed| printed(&["schedule", "full-jitter", "--output", "csv", "--seed", seed]);
    assert_eq!(drawn("1"), drawn("1"));
    assert_ne!(drawn("1"), drawn("2"));
    tempfail(&["schedule", "fixed", "full-jitter", "--seed", "7"])
        .assert()
        .success()
        .stderr(contains("with seed 7").and(contains("(full-jitter)")));
}

#[test]
fn endless_schedules_are_cut() {
    let found = rows(&printed(&["schedule", "immediate", "--attempts", "20", "--output", "csv"]));
    assert_eq!(found.len(), 21);
    assert_eq!(found[20], ["immediate", "", "", "", "still-queued", "", "1"]);
}

#[test]
fn the_stage_decides_whose_failure_it_is() {
    // Attempts that time out last, and what follows is later.
    let second = |stage| {
        let found = rows(&printed(&["schedule", "rfc5321", "--stage", stage, "--output", "csv"]));
        found[1][2].clone()
    };
    assert_eq!((second("greeting").as_str(), second("timeout").as_str()), ("1800", "1830"));
}

#[test]
fn json_says_what_csv_says() {
    let csv = rows(&printed(&["schedule", "qmail", "--output", "csv"]));
    let json = printed(&["schedule", "qmail", "--output", "json"]);
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json.len(), csv.len());
    assert_eq!(json[1]["t_s"], 400.0);
    assert_eq!(json[1]["what"], "attempt");
}

#[test]
fn policies_of_a_scenario_come_first() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mine.toml");
    fs::write(&file, include_str!("data/mine.toml")).expect("written");
    let file = file.to_str().expect("the name is text");
    let found =
        rows(&printed(&["schedule", "--scenario", file, "twice", "qmail", "fixed", "--output", "csv"]));
    let times = |policy: &str| -> Vec<String> {
        let tried = found.iter().filter(|row| row[0] == policy && row[4] == "attempt");
        tried.take(3).map(|row| row[2].clone()).collect()
    };
    assert_eq!(times("twice"), ["0", "600"]);
    assert_eq!(times("qmail"), ["0", "100", "400"]);
    assert_eq!(times("fixed"), ["0", "900", "1800"]);
    let all = rows(&printed(&["schedule", "--scenario", file, "--attempts", "1", "--output", "csv"]));
    let names: Vec<&str> = all.iter().filter(|row| row[4] == "attempt").map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["twice", "qmail"]);
    tempfail(&["schedule", "--scenario", file, "best"]).assert().code(2).stderr(contains("never refused"));
    tempfail(&["schedule", "--scenario", file, "twise"])
        .assert()
        .code(2)
        .stderr(contains("did you mean `twice`?"));
    tempfail(&["schedule", "--scenario", file, "something-else"])
        .assert()
        .code(2)
        .stderr(contains("the scenario has `best`, `twice` and `qmail`, and `tempfail policies` lists"));
}

#[test]
fn wrong_names_are_refused_with_the_right_ones() {
    tempfail(&["schedule", "sendfix"])
        .assert()
        .code(2)
        .stdout("")
        .stderr(starts_with("error: there is no policy \"sendfix\"").and(contains("`tempfail policies`")));
    tempfail(&["schedule", "Postfx"]).assert().code(2).stderr(contains("did you mean `postfix`?"));
    tempfail(&["schedule", "postfix", "clairvoyant"]).assert().code(2).stderr(contains("no schedule"));
    tempfail(&["schedule"]).assert().code(2);
    tempfail(&["schedule", "--scenario", "nowhere.toml", "postfix"])
        .assert()
        .code(3)
        .stderr(contains("nowhere.toml"));
}

/// What Exim remembers of a host is shared by all its mail; what qmail knows is of one message each. At RCPT
/// both go by messages (recorded of Exim 4.96).
#[test]
fn what_a_host_remembers_shows_with_several_messages() {
    let connections = |policy, stage| {
        let found =
            printed(&["schedule", policy, "--messages", "20", "--stage", stage, "--output", "csv", "-q"]);
        rows(&found).iter().filter(|row| row[4] == "attempt").count()
    };
    // Twenty at arrival, when nothing is known of the host, and then one for each run that is due.
    assert_eq!(connections("exim", "greeting"), 20 + 24);
    assert!(connections("exim", "rcpt") > 20 * 20);
    assert_eq!(connections("qmail", "greeting"), 20 * 40);
}

#[test]
fn messages_are_held_back_while_a_site_is_dead() {
    let found = rows(&printed(&["schedule", "postfix", "--messages", "30", "--output", "csv", "--quiet"]));
    let first: Vec<&Vec<String>> =
        found.iter().filter(|row| row[2].parse::<f64>().is_ok_and(|at| at < 1.0)).collect();
    let count = |what: &str| first.iter().filter(|row| row[4] == what).count();
    // Five connections at once to begin with, as recorded of Postfix 3.7.
    assert_eq!([count("attempt"), count("held-back")], [5, 25]);
    assert!(first.iter().all(|row| row[4] != "held-back" || row[5] == "suspended"));
    tempfail(&["schedule", "postfix", "--messages", "30"])
        .assert()
        .success()
        .stdout(contains("suspended").and(contains("postfix: 30 messages, ")).and(contains("never tried")))
        .stderr(contains("30 messages of one host").and(contains("100ms")));
}

#[test]
fn messages_can_arrive_one_after_the_other() {
    let arguments =
        ["schedule", "qmail", "--messages", "3", "--spacing", "10m", "--attempts", "4", "--output", "csv"];
    let found = rows(&printed(&arguments));
    let tried = |message: &str| -> Vec<f64> {
        let rows = found.iter().filter(|row| row[6] == message && row[4] == "attempt");
        rows.map(|row| row[2].parse::<f64>().expect("seconds")).collect()
    };
    assert_eq!(tried("2").first(), Some(&600.0));
    assert_eq!(tried("1"), [0.0, 400.0, 1600.0, 3600.0]);
}

#[test]
fn phases_can_be_set_and_drawn() {
    let second = |phase: &[&str]| {
        let arguments = [&["schedule", "postfix", "--output", "csv", "--quiet"][..], phase].concat();
        rows(&printed(&arguments))[1][2].parse::<f64>().expect("seconds")
    };
    assert_eq!(second(&[]), 300.0);
    assert_eq!(second(&["--phase", "100s"]), 400.0);
    let drawn = second(&["--phase", "random"]);
    assert!((299.0..=600.0).contains(&drawn) && drawn != second(&["--phase", "random", "--seed", "2"]));
    assert_eq!(drawn, second(&["--phase", "random"]));
}
