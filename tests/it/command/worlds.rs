//! `[vary]`: what is drawn for each replication, and what is said of the worlds.

use std::fs;
use std::path::PathBuf;

use predicates::str::contains;
use tempfile::TempDir;

use super::{fixture, printed, rows, tempfail};

const VARY: &str = r#"
[vary]
"recipients.mx.transaction.exponential" = { from = "500ms", to = "10s", scale = "log" }
"recipients.mx.gates.outage.maintenance.when.once.until" = { from = "70m", to = "3h" }
recipients.mx.gates.outage.maintenance.answer = ["greeting", "refuse"]
senders.sites.hosts = { from = 1, to = 9 }
"#;

/// A scenario that draws four keys, and a place for results.
struct Study {
    directory: TempDir,
}

impl Study {
    fn new(vary: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let text = fs::read_to_string(fixture("short-outage.toml")).expect("readable");
        fs::write(directory.path().join("worlds.toml"), text + vary).expect("written");
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        tempfail(arguments).current_dir(self.directory.path()).assert()
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect(file)
    }
}

#[test]
fn every_replication_is_the_scenario_with_its_values() {
    let study = Study::new(VARY);
    study.run(&["compare", "worlds.toml", "--out", "all", "--replications", "8"]).success();
    let worlds = rows(&study.text("all/worlds.csv"));
    assert_eq!(worlds.len(), 8);
    assert!(worlds.iter().any(|row| row[3] == "greeting") && worlds.iter().any(|row| row[3] == "refuse"));
    let runs = rows(&study.text("all/runs.csv"));
    // The last world by itself, with its values written into the file instead of drawn.
    let values = &worlds[7];
    let keys = [
        "recipients.mx.transaction.exponential",
        "recipients.mx.gates.outage.maintenance.when.once.until",
        "recipients.mx.gates.outage.maintenance.answer",
        "senders.sites.hosts",
    ];
    let plain = Study::new("");
    let changes: Vec<String> =
        keys.iter().zip(&values[1..]).map(|(key, value)| format!("{key}={value}")).collect();
    let mut arguments = vec!["compare", "worlds.toml", "--out", "one", "--replications", "8"];
    arguments.extend(changes.iter().flat_map(|change| ["--set", change]));
    plain.run(&arguments).success();
    let alone = rows(&plain.text("one/runs.csv"));
    let last = |rows: &[Vec<String>]| -> Vec<Vec<String>> {
        rows.iter().filter(|row| row[3] == "7").cloned().collect()
    };
    assert_eq!(last(&runs), last(&alone));
    assert_ne!(runs[0], alone[0], "other replications are other worlds");
}

#[test]
fn the_share_of_worlds_is_said_and_made_again() {
    let study = Study::new(VARY);
    study.run(&["compare", "worlds.toml", "--out", "a", "--replications", "6", "--threads", "1"]).success();
    study.run(&["compare", "worlds.toml", "--out", "b", "--replications", "6", "--threads", "3"]).success();
    for file in ["worlds.csv", "wins.csv", "runs.csv", "summary.md"] {
        assert_eq!(study.text(&format!("a/{file}")), study.text(&format!("b/{file}")), "{file}");
    }
    let wins = rows(&study.text("a/wins.csv"));
    assert_eq!(wins.len(), 2);
    assert_eq!(wins[0][..6], ["quarterly", "quarterly", "", "restricted_mean_s", "postfix", "6"]);
    let counts: Vec<u32> = wins[0][6..9].iter().map(|field| field.parse().expect("a count")).collect();
    assert_eq!(counts.iter().sum::<u32>(), 6);
    let page = study.text("a/summary.md");
    assert!(
        page.contains("## Share of worlds") && page.contains("Every replication is a world of its own"),
        "{page}"
    );
    fs::remove_file(study.path("a/wins.csv")).expect("it was there");
    printed(&["report", study.path("a").to_str().expect("text")]);
    assert_eq!(study.text("a/wins.csv"), study.text("b/wins.csv"));
    // Windows that are drawn are not shaded as if they were known.
    let manifest: serde_json::Value = serde_json::from_str(&study.text("a/manifest.json")).expect("JSON");
    assert_eq!(manifest["recipients"][0]["windows_s"], serde_json::json!([]));
    assert_eq!(manifest["varied"][3], "senders.sites.hosts");
    // Tables that do not belong together are refused.
    let cut = study.text("a/worlds.csv").lines().take(4).collect::<Vec<_>>().join("\n");
    fs::write(study.path("a/worlds.csv"), cut).expect("written");
    study.run(&["report", "a"]).code(1).stderr(contains("worlds.csv: it has 3 of 6 replications"));
}

#[test]
fn sweeps_and_traces_meet_the_same_worlds() {
    let study = Study::new(VARY);
    let sweep = [
        "sweep",
        "worlds.toml",
        "-L",
        "recipients.mx.round_trip=50ms,1s",
        "--replications",
        "3",
        "--out",
        "s",
    ];
    study.run(&sweep).success();
    study.run(&["compare", "worlds.toml", "--replications", "3", "--out", "c"]).success();
    assert_eq!(study.text("s/worlds.csv"), study.text("c/worlds.csv"));
    let point: Vec<Vec<String>> = rows(&study.text("s/runs.csv"))
        .into_iter()
        .filter(|row| row[0] == "0")
        .map(|row| row[2..].to_vec())
        .collect();
    assert_eq!(point, rows(&study.text("c/runs.csv")));
    study
        .run(&["sweep", "worlds.toml", "-L", "senders.sites.hosts=1,2", "--out", "no"])
        .code(3)
        .stderr(contains("`senders.sites.hosts` is drawn, and `--set senders.sites.hosts=1` sets it"));
    // The first worlds refuse in different ways, and so do the stories.
    let told = |replication: &str| {
        let story = study.run(&["trace", "worlds.toml", "--replication", replication, "--lines", "100000"]);
        String::from_utf8(story.success().get_output().stdout.clone()).expect("text")
    };
    let worlds = rows(&study.text("c/worlds.csv"));
    for (replication, row) in ["0", "1", "2"].iter().zip(&worlds) {
        assert_eq!(told(replication).contains("the connection is refused"), row[3] == "refuse", "{row:?}");
    }
}

#[test]
fn a_world_that_cannot_be_is_named() {
    // Both ends of each range can be run, but not all pairs of values between them.
    let vary = r#"
[vary]
"recipients.mx.gates.outage.maintenance.when.once.from" = { from = "10m", to = "119m" }
"recipients.mx.gates.outage.maintenance.when.once.until" = { from = "61m", to = "3h" }
"#;
    let study = Study::new(vary);
    study
        .run(&["check", "worlds.toml", "--set", "replications=60"])
        .code(3)
        .stderr(contains("in the world of replication"))
        .stderr(contains("the window ends before it begins"));
}
