//! Exit codes, help, and the commands that only print.

use std::fs;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty, starts_with};

use super::{fixture, printed, tempfail};

#[test]
fn help_and_version_are_results() {
    tempfail(&["--version"]).assert().success().stdout(starts_with("tempfail ")).stderr(is_empty());
    let help = printed(&["--help"]);
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command}")), "{command}");
        let own = printed(&[command, "--help"]);
        assert!(own.contains(&format!("Usage: tempfail {command}")), "{own}");
        assert!(own.lines().all(|line| line.chars().count() <= 100), "{own}");
    }
    let codes = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 invalid scenario,
4 an expectation of the scenario is violated, 130 interrupted.";
    assert!(help.contains(codes), "{help}");
}

const COMMANDS: [&str; 11] = [
    "compare",
    "sweep",
    "check",
    "policies",
    "schedule",
    "export",
    "trace",
    "report",
    "rerun",
    "init",
    "completions",
];

#[test]
fn wrong_usage_is_2() {
    for arguments in [&[][..], &["simulate"], &["compare"], &["check", "--wrong"], &["completions", "abacus"]]
    {
        tempfail(arguments)
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains("Usage").or(contains("error")));
    }
}

#[test]
fn negative_numbers_are_explained_where_they_stand() {
    let scenario = fixture("tiny.toml");
    for (arguments, complaint) in [
        (&["trace", &scenario, "--lines", "-1"][..], "expected a whole number from 0 to"),
        (&["trace", &scenario, "--seed", "-1"], "expected a whole number from 0 to"),
        (&["trace", &scenario, "--replication", "-1"], "-1 is not in 0.."),
        (&["schedule", "exim", "--attempts", "-1"], "-1 is not in 1.."),
        (&["schedule", "exim", "--messages", "-1"], "-1 is not in 1.."),
        (&["schedule", "exim", "--seed", "-1"], "expected a whole number from 0 to"),
    ] {
        tempfail(arguments).assert().code(2).stdout(is_empty()).stderr(contains(complaint));
    }
}

#[test]
fn the_template_is_valid() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("mine.toml");
    fs::write(&file, printed(&["init"])).expect("written");
    let file = file.to_str().expect("the name is text");
    tempfail(&["check", file]).assert().success().stderr(is_empty());
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&["completions", shell]);
        assert!(COMMANDS.iter().all(|command| script.contains(command)), "{shell}");
    }
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_no_failure() {
    let scenario = fixture("tiny.toml");
    for arguments in [&["init"][..], &["policies"], &["check", &scenario], &["trace", &scenario]] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tempfail"))
            .args(arguments)
            .arg("--quiet")
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("it runs");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

/// A full disk, as far as a program can tell.
#[test]
#[cfg(target_os = "linux")]
fn standard_output_that_cannot_be_written_is_1() {
    let full = || fs::File::options().write(true).open("/dev/full").expect("there is one");
    let scenario = fixture("tiny.toml");
    for arguments in [&["init"][..], &["policies"], &["check", &scenario], &["trace", &scenario]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tempfail"))
            .args(arguments)
            .stdout(full())
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("cannot write to standard output"), "{arguments:?}: {said}");
    }
}
