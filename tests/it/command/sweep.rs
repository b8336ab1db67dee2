//! `sweep`: points, their tables and pictures, and going on after an interruption.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::assert::Assert;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty};
use tempfile::TempDir;

use super::study::{Files, files_in};
use super::{fixture, printed, rows, tempfail};

const PRIMARY: [&str; 2] = ["restricted_mean_s", "retry_connections_per_message"];
const ENDS: &str = "recipients.mx.gates.outage.maintenance.when.once.until=90m..2h:lin3";
const HOSTS: &str = "senders.sites.hosts=1,4";

/// Where a sweep of a small scenario puts its results.
struct Swept {
    directory: TempDir,
}

impl Swept {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    fn made(arguments: &[&str]) -> Self {
        let swept = Self::new();
        swept.sweep(arguments).success();
        swept
    }

    fn sweep(&self, arguments: &[&str]) -> Assert {
        let scenario = fixture("short-outage.toml");
        tempfail(&[&["sweep", &scenario, "--out", "study"], arguments].concat())
            .current_dir(self.directory.path())
            .assert()
    }

    fn target(&self) -> PathBuf {
        self.directory.path().join("study")
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.target().join(file)).expect(file)
    }

    /// All files but the manifest, which says how long it took.
    fn tables(&self) -> Files {
        let mut files = files_in(&self.target());
        files.remove("manifest.json").expect("it is there");
        files
    }
}

fn rerun(directory: &Path, arguments: &[&str]) -> Assert {
    tempfail(&[&["rerun", directory.to_str().expect("text")], arguments].concat()).assert()
}

#[test]
fn points_are_the_comparisons_that_they_name() {
    let swept = Swept::made(&["-P", ENDS, "-L", HOSTS, "--metric", "attempts_per_message"]);
    let table = rows(&swept.text("runs.csv"));
    assert_eq!(table.len(), 6 * 3 * 3);
    assert_eq!(table[0][..7], ["0", "1h30m", "1", "postfix", "postfix", "", "0"]);
    // The fourth point, compared by itself.
    let scenario = fixture("short-outage.toml");
    let until = "recipients.mx.gates.outage.maintenance.when.once.until=1h45m";
    let directory = swept.directory.path();
    tempfail(&["compare", &scenario, "--out", "one", "--set", until, "--set", "senders.sites.hosts=4"])
        .current_dir(directory)
        .assert()
        .success();
    let alone = rows(&fs::read_to_string(directory.join("one/runs.csv")).expect("written"));
    let of_point: Vec<&[String]> = table.iter().filter(|row| row[0] == "3").map(|row| &row[3..]).collect();
    assert_eq!(of_point, alone.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let summary = rows(&swept.text("summary.csv"));
    assert_eq!(summary.len(), 6 * 3 * 3);
    for metric in PRIMARY.iter().chain(&["attempts_per_message"]) {
        let picture = fs::read(swept.target().join(format!("sweep-{metric}.png"))).expect("drawn");
        assert!(picture.starts_with(b"\x89PNG"));
    }
    // One comparison for each point and primary metric: the only other variant is the clairvoyant.
    assert!(swept.text("summary.md").contains("for all 12 comparisons of all points together"));
}

#[test]
fn threads_change_nothing_and_reports_are_made_again() {
    let swept = Swept::made(&["-P", ENDS, "--threads", "1"]);
    let before = swept.tables();
    let parallel = Swept::made(&["-P", ENDS, "--threads", "3"]);
    assert!(parallel.tables() == before);
    fs::remove_file(swept.target().join("summary.md")).expect("it was there");
    fs::remove_file(swept.target().join("sweep-restricted_mean_s.png")).expect("it was there");
    let target = swept.target();
    let again = printed(&["report", target.to_str().expect("text"), "--output", "csv"]);
    assert!(swept.tables() == before);
    assert_eq!(again, swept.text("summary.csv"));
}

#[test]
fn an_interrupted_sweep_goes_on() {
    let whole = Swept::made(&["-L", HOSTS]);
    let rest = Swept::made(&["-L", HOSTS]);
    let kept = rest.directory.path().join("study.partial");
    fs::rename(rest.target(), &kept).expect("renamed");
    let cut = |file: &str, change: &dyn Fn(String) -> String| {
        let path = kept.join(file);
        fs::write(&path, change(fs::read_to_string(&path).expect("there"))).expect("written");
    };
    cut("manifest.json", &|text| text.replacen("\"complete\": true", "\"complete\": false", 1));
    cut("runs.csv", &|text| {
        text.lines().filter(|line| !line.starts_with("0,")).collect::<Vec<_>>().join("\n")
    });
    // Another sweep leaves it alone.
    rest.sweep(&["-L", "senders.sites.hosts=1,5"]).success().stderr(contains("going on").not());
    assert!(kept.is_dir());
    let taken_over = contains("1 of 2 points are taken over from").and(contains("study.partial"));
    rest.sweep(&["-L", HOSTS]).success().stderr(taken_over);
    assert!(rest.tables() == whole.tables(), "the same bytes");
    assert!(!kept.exists(), "it is superfluous now");
    let manifest: serde_json::Value = serde_json::from_str(&rest.text("manifest.json")).expect("JSON");
    assert_eq!(manifest["volatile"]["points_taken_over"], 1);
}

#[test]
fn mistakes_name_the_point_before_anything_runs() {
    let swept = Swept::new();
    let nothing_there = |swept: &Swept| fs::read_dir(swept.directory.path()).expect("there").count() == 0;
    for (arguments, code, complaint) in [
        (&["-L", "recipients.mx.slots=5,none"][..], 3, "at the point recipients.mx.slots=none:"),
        (&["-L", "recipients.my.slots=5"], 3, "did you mean `mx`?"),
        (&["-L", "policies.quarterly.backoff.fixed.every=1m,1x"], 3, "every=1x"),
        (&[], 2, "nothing is swept"),
        (&["-P", "recipients.mx.slots=5..1:lin2"], 2, "it must begin below its end"),
        (&["-P", "recipients.mx.slots=0..5:log2"], 2, "must begin above zero"),
        (&["-L", HOSTS, "-L", "senders.sites.'hosts'=3"], 2, "two axes change the same thing"),
        (&["-L", HOSTS, "--set", "senders.sites={ hosts = 3 }"], 2, "--set"),
        (&["-L", "seed=1,2"], 2, "--seed chooses them"),
        (&["-L", HOSTS, "--policy", "exim"], 2, "has no policy \"exim\"; it has \"postfix\""),
        (&["-L", HOSTS, "--metric", "attempt"], 2, "did you mean `attempts`?"),
        (
            &["-P", "senders.sites.hosts=1..1000:lin1000", "-P", "horizon=6h..9h:lin11"],
            2,
            "more than 10000 points",
        ),
    ] {
        swept.sweep(arguments).code(code).stdout(is_empty()).stderr(contains(complaint));
        assert!(nothing_there(&swept), "{arguments:?}");
    }
}

#[test]
fn what_is_expected_is_not_judged_and_that_is_said() {
    let swept = Swept::new();
    let quickly = ["-L", "senders.sites.hosts=1,2", "--replications", "2"];
    let never = "expect.never={ metric = \"attempts\", at_most = 0 }";
    let note = "a sweep does not judge what the scenario expects";
    swept.sweep(&[&quickly[..], &["--set", never]].concat()).success().stderr(contains(note));
    swept.sweep(&quickly).success().stderr(contains(note).not());
}

#[test]
fn another_sweep_is_not_replaced_by_default() {
    let swept = Swept::new();
    let scenario = fixture("short-outage.toml");
    let run = |arguments: &[&str]| {
        tempfail(&[&["sweep", &scenario, "--replications", "2"], arguments].concat())
            .current_dir(swept.directory.path())
            .assert()
            .success()
    };
    let there = |name: &str| Path::exists(&swept.directory.path().join("results").join(name));
    run(&["-L", HOSTS]).stderr(contains("results/short-outage.sweep"));
    run(&["-L", "recipients.mx.round_trip=50ms,1s"]).stderr(contains("holds other points"));
    assert!(there("short-outage.sweep") && there("short-outage.sweep.trial"));
    run(&["-L", HOSTS, "--policy", "postfix"]).stderr(contains("2 variants that this run leaves out"));
    run(&["-L", "senders.sites.hosts=1,4,9"]).stderr(contains("note:").not());
}

/// Whatever was asked for stands in the manifest: options, keys that were changed, variants, the baseline and metrics.
#[test]
fn a_sweep_made_again_is_the_same() {
    for arguments in [
        &["-P", ENDS, "-L", HOSTS][..],
        &["-L", HOSTS, "--seed", "7", "--replications", "2", "--set", "recipients.mx.slots=7"],
        &["-L", HOSTS, "--policy", "quarterly", "--policy", "clairvoyant", "--quick"],
        &["-L", HOSTS, "--baseline", "quarterly", "--metric", "attempts_per_message"],
    ] {
        let swept = Swept::made(arguments);
        let before = files_in(&swept.target());
        rerun(&swept.target(), &["--threads", "2"])
            .success()
            .stdout(contains("runs.csv").and(contains("different").not()))
            .stderr("the result is the same, byte for byte\n");
        assert!(files_in(&swept.target()) == before, "nothing is changed");
        assert_eq!(
            fs::read_dir(swept.directory.path()).expect("readable").count(),
            1,
            "nothing else is left"
        );
    }
}

#[test]
fn a_sweep_that_is_another_is_told_apart() {
    let swept = Swept::made(&["-L", HOSTS, "--replications", "2"]);
    let (target, runs) = (swept.target(), swept.text("runs.csv"));
    let second = runs.lines().nth(2).expect("two runs");
    fs::write(target.join("runs.csv"), runs.replace(second, "0,1,postfix,postfix,,1,0")).expect("written");
    let kept = swept.directory.path().join("again");
    rerun(&target, &["--out", kept.to_str().expect("text")])
        .code(1)
        .stdout(contains("different from line 3 on"))
        .stderr(contains("1 of 6 files are not the same").and(contains("the new results are in")));
    assert_eq!(fs::read_to_string(kept.join("runs.csv")).expect("it is kept"), runs);
    let manifest = swept.text("manifest.json");
    fs::write(target.join("manifest.json"), manifest.replace("\"complete\": true", "\"complete\": false"))
        .expect("written");
    rerun(&target, &[]).code(3).stdout(is_empty()).stderr(contains("goes on with it"));
    let directory = kept.to_str().expect("text");
    tempfail(&["report", "--study", directory]).assert().code(2).stderr(contains("the result of a sweep"));
}
