//! `tempfail trace`.
//!
//! After a change of words: `BLESS=1 cargo test stories`, then read the difference as a new user would.

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use predicates::str::{contains, is_empty};

use super::{fixture, printed, tempfail};

#[test]
fn stories_are_told_in_these_words() {
    let scenario = fixture("tiny.toml");
    for policy in ["postfix", "exim", "hasty"] {
        let story = printed(&["trace", &scenario, "--policy", policy]);
        let file = format!("{}/tests/it/command/data/{policy}.story", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, &story).expect("writable");
        }
        assert_eq!(story, fs::read_to_string(&file).expect("readable"), "{policy}");
    }
}

#[test]
fn stories_are_cut_where_wanted() {
    let scenario = fixture("tiny.toml");
    let whole = printed(&["trace", &scenario]);
    let lines = whole.lines().count();
    let told = |lines: &str| tempfail(&["trace", &scenario, "--lines", lines]).assert().success();
    let start: Vec<&str> = whole.lines().take(7).collect();
    told("7").stdout(format!("{}\n", start.join("\n"))).stderr(contains("cut after 7 lines"));
    let all = told(&lines.to_string());
    let said = String::from_utf8_lossy(&all.get_output().stderr).into_owned();
    assert!(!said.contains("cut"), "{said}");
    told("0").stdout(is_empty());
}

#[test]
fn a_story_that_is_over_is_not_simulated_to_the_end() {
    let scenario = fixture("short-outage.toml");
    let long =
        ["--set", "horizon=200d", "--set", "senders.sites.arrivals.mail.poisson.rate=2/s", "--lines", "50"];
    let start =
        tempfail(&[&["trace", &scenario], &long[..]].concat()).timeout(Duration::from_secs(20)).assert();
    assert_eq!(String::from_utf8_lossy(&start.success().get_output().stdout).lines().count(), 50);
}

#[test]
fn the_run_is_chosen_by_seed_replication_and_change() {
    let scenario = fixture("tiny.toml");
    let told = |more: &[&str]| printed(&[&["trace", &scenario], more].concat());
    let plain = told(&[]);
    assert_eq!(told(&["--replication", "0", "--policy", "postfix"]), plain);
    assert_ne!(told(&["--replication", "1"]), plain);
    assert_ne!(told(&["--seed", "8"]), plain);
    assert_ne!(told(&["--set", "recipients.mx.transaction=\"3s\""]), plain);
    tempfail(&["trace", &scenario, "--policy", "sendfix"])
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(contains("no policy \"sendfix\"; it has \"postfix\", \"exim\", \"hasty\""));
    tempfail(&["trace", &scenario, "--variant", "slow"])
        .assert()
        .code(2)
        .stderr(contains("it has \"postfix\", \"exim\", \"hasty\""));
}

#[test]
fn a_listener_that_goes_away_ends_the_story() {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tempfail"))
        .args(["trace", &fixture("short-outage.toml"), "--set", "horizon=100d", "--lines", "100000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut start = [0; 100];
    child.stdout.take().expect("piped").read_exact(&mut start).expect("the story begins");
    let mut complaints = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaints).expect("text");
    assert!(child.wait().expect("it ends").code().is_some());
    assert!(!complaints.contains("panicked") && !complaints.contains("error"), "{complaints}");
}
