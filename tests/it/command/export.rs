//! `tempfail export`, and configuration of programs as a policy.

use std::fs;
use std::path::PathBuf;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty, starts_with};
use tempfile::TempDir;

use super::{fixture, printed, rows, tempfail};

fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).expect("written");
    path
}

const MAIN_CF: &str = "queue_run_delay = 2s\nminimal_backoff_time = 2s\nmaximal_backoff_time = 30s\nmaximal_queue_lifetime = 3m\n";

#[test]
fn what_is_printed_can_be_read_again() {
    let directory = TempDir::new().expect("a directory");
    let path = file(&directory, "main.cf", MAIN_CF);
    let argument = format!("postfix:{}", path.display());
    let exported = printed(&["export", &argument, "--to", "postfix"]);
    assert!(exported.contains("maximal_backoff_time = 30s\n"), "{exported}");
    let beside = TempDir::new().expect("a directory");
    let again = format!("postfix:{}", file(&beside, "main.cf", &exported).display());
    let table = |argument: &str| printed(&["export", argument, "--to", "scenario"]);
    assert_eq!(table(&again), table(&argument));
    assert!(table(&argument).contains("max = \"30s\""));
}

#[test]
fn a_table_is_one_of_a_scenario() {
    let directory = TempDir::new().expect("a directory");
    let path = file(&directory, "main.cf", MAIN_CF);
    let argument = format!("postfix:{}", path.display());
    let table = |argument: &str| printed(&["export", argument, "--to", "scenario"]);
    let (ours, chasquid) = (table(&argument), table("chasquid"));
    assert!(ours.starts_with("[policies.\"postfix:main.cf\"]\n"), "{ours}");
    let rest = "format = 1\ntitle = 'Ours'\nhorizon = '1d'\nrecipients.mx.transaction = '1s'\n\
                senders.us = { policy = 'compared', arrivals.mail.poisson.rate = '1/min' }\n";
    let scenario = file(&directory, "ours.toml", &format!("{rest}{ours}{chasquid}")).display().to_string();
    let attempts = |arguments: &[&str]| {
        let arguments = [&["schedule", "--output", "csv", "--attempts", "30"], arguments].concat();
        rows(&printed(&arguments)).into_iter().map(|row| row[1..].to_vec()).collect::<Vec<_>>()
    };
    let whole = attempts(&["--scenario", &scenario]);
    assert_eq!(whole, [attempts(&[&argument]), attempts(&["chasquid"])].concat());
}

#[test]
fn what_is_lost_goes_to_standard_error() {
    tempfail(&["export", "fixed", "--to", "postfix"])
        .assert()
        .success()
        .stdout(contains("minimal_backoff_time = 15m\nmaximal_backoff_time = 15m\n"))
        .stderr(contains("warning: postfix: `memory` is none, but comes to dead-site"));
    tempfail(&["export", "exim", "--to", "exim"])
        .assert()
        .success()
        .stdout(contains("* * F,2h,15m; G,16h,1h,1.5; F,4d,6h").and(contains("# Start Exim with -q30m.")))
        .stderr(is_empty());
}

#[test]
fn what_cannot_be_expressed_is_1_and_prints_nothing() {
    tempfail(&["export", "qmail", "--to", "postfix"])
        .assert()
        .code(1)
        .stdout(is_empty())
        .stderr(contains("error: postfix cannot put mail off like this"));
    for name in ["clairvoyant", "postfx"] {
        tempfail(&["export", name, "--to", "postfix"]).assert().code(2).stderr(starts_with("error: "));
    }
    tempfail(&["export", "postfix"]).assert().code(2);
    tempfail(&["export", "postfix", "--to", "qmail"]).assert().code(2);
}

#[test]
fn policies_of_a_scenario_are_exported_too() {
    let scenario = fixture("tiny.toml");
    let name = "exim";
    let own = tempfail(&["export", name, "--to", "exim", "--scenario", &scenario]).assert().success();
    let own = String::from_utf8_lossy(&own.get_output().stdout).into_owned();
    assert!(own.contains("begin retry"), "{own}");
}

#[test]
fn schedules_follow_configuration() {
    let directory = TempDir::new().expect("a directory");
    let postfix = format!("postfix:{}", file(&directory, "main.cf", MAIN_CF).display());
    let exim = file(&directory, "exim4.conf", "begin retry\n* * F,20s,4s; G,3m,5s,1.5\n");
    let exim = format!("exim,queue_interval=1s:{}", exim.display());
    let found = rows(&printed(&["schedule", &postfix, &exim, "--output", "csv", "--quiet"]));
    let times = |policy: &str| -> Vec<String> {
        let attempts = found.iter().filter(|row| row[0] == policy && row[4] == "attempt");
        attempts.map(|row| row[2].clone()).collect()
    };
    // As recorded of both programs with this configuration.
    assert_eq!(times("postfix:main.cf")[..7], ["0", "2", "4", "8", "16", "32", "62"]);
    assert_eq!(times("exim:exim4.conf")[..9], ["0", "4", "8", "12", "16", "20", "24", "29", "36"]);
}

#[test]
fn mistakes_on_the_command_line_are_explained() {
    let directory = TempDir::new().expect("a directory");
    let wrong = file(&directory, "main.cf", "# x\nqueue_run_delay = soon\n");
    let shown = wrong.display().to_string();
    tempfail(&["schedule", &format!("postfix:{shown}")])
        .assert()
        .code(3)
        .stdout(is_empty())
        .stderr(contains(format!("{shown}:2:19")).and(contains("`queue_run_delay` is `soon`")));
    tempfail(&["schedule", "postfix:/no/such/main.cf"])
        .assert()
        .code(3)
        .stderr(contains("cannot read /no/such/main.cf"));
    tempfail(&["schedule", &format!("exim,domain:{shown}")])
        .assert()
        .code(2)
        .stderr(contains("is no setting"));
    tempfail(&["schedule", &format!("postfix,domian=x:{shown}")])
        .assert()
        .code(3)
        .stderr(contains("has no key `domian`"));
    tempfail(&["schedule", "nobody:main.cf"]).assert().code(2).stderr(contains("there is no policy"));
}

#[test]
fn results_keep_the_configuration() {
    let directory = TempDir::new().expect("a directory");
    file(&directory, "main.cf", MAIN_CF);
    let scenario = "format = 1\ntitle = 'Ours'\nhorizon = '1h'\nreplications = 2\nrecipients.mx.transaction = '1s'\n\
                    senders.s = { policy = 'compared', arrivals.a.poisson.rate = '10/min' }\n\
                    policies = { ours = { native = { postfix = { file = 'main.cf' } } }, postfix = 'postfix' }\n";
    let scenario = file(&directory, "ours.toml", scenario);
    let out = directory.path().join("out");
    let arguments =
        ["compare", &scenario.display().to_string(), "--out", &out.display().to_string(), "--quiet"];
    tempfail(&arguments).assert().success();
    let manifest = fs::read_to_string(out.join("manifest.json")).expect("there is one");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("it is JSON");
    let kept = &manifest["scenario"]["files"][0];
    assert_eq!((kept["name"].as_str(), kept["text"].as_str()), (Some("main.cf"), Some(MAIN_CF)));
}
