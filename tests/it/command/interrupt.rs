//! What is left when `compare` does not come to its end.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::fixture;
use super::study::{Study, files_in, lines_of};

/// Two policies that take no time, and a third that takes longer.
fn endless() -> String {
    let short = fs::read_to_string(fixture("short-outage.toml")).expect("readable");
    format!(
        "{short}\nhasty = {{ backoff = {{ fixed = {{ every = \"1ms\" }} }}, lifetime = {{ age = \"5d\" }} }}\n"
    )
}

struct Interrupted {
    study: Study,
    output: Output,
}

impl Interrupted {
    /// Starts a run, waits until something is on disk, and interrupts it before it is done.
    fn once(study: Study, arguments: &[&str], signal: &str, is_time: impl Fn(&Path) -> bool) -> Self {
        let file = study.around().join("endless.toml");
        fs::write(&file, endless()).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_tempfail"));
        command.arg("compare").arg(&file).arg("--out").arg(study.target()).args(["--threads", "2"]);
        command.args(arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        wait_until(|| hidden(study.around(), child.id()).is_some_and(|staging| is_time(&staging)));
        let output = interrupt(child, signal);
        Self { study, output }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}

/// Where a process writes its results until they are complete.
fn hidden(around: &Path, process: u32) -> Option<PathBuf> {
    let path = around.join(format!(".study.partial-{process}"));
    path.is_dir().then_some(path)
}

fn wait_until(is_time: impl Fn() -> bool) {
    for _ in 0..1_200 {
        if is_time() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("a minute has passed");
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

fn interrupt(child: Child, signal: &str) -> Output {
    self::signal(&child, signal);
    child.wait_with_output().expect("it ends")
}

/// Whether the runs of a variant are on disk.
fn has(staging: &Path, variant: &str) -> bool {
    fs::read_to_string(staging.join("runs.csv")).is_ok_and(|runs| lines_of(&runs, variant).len() == 3)
}

#[test]
fn finished_variants_are_kept_and_the_earlier_result_stays() {
    let study = Study::made(&[]);
    let before = study.files();
    let policies = ["--policy", "postfix", "--policy", "quarterly", "--policy", "hasty"];
    let run = Interrupted::once(study, &policies, "-INT", |staging| has(staging, "quarterly"));
    assert_eq!(run.output.status.code(), Some(130), "{}", run.said());
    assert!(run.output.stdout.is_empty());
    assert!(run.said().contains("interrupted; the variants that were finished are in"), "{}", run.said());
    assert!(run.study.files() == before, "the earlier result");
    assert_eq!(run.study.neighbours(), ["endless.toml", "study", "study.partial"]);
    let partial = files_in(&run.study.around().join("study.partial"));
    for table in ["runs.csv", "series.csv", "latency.csv", "attempts.csv"] {
        let text = |content: &[u8]| String::from_utf8(content.to_vec()).expect("text");
        let (kept, whole) = (text(&partial[table]), text(&before[table]));
        for variant in ["postfix", "quarterly"] {
            assert_eq!(lines_of(&kept, variant), lines_of(&whole, variant), "{table}");
        }
        assert!(lines_of(&kept, "hasty").is_empty(), "{table}");
    }
    let manifest: serde_json::Value = serde_json::from_slice(&partial["manifest.json"]).expect("JSON");
    assert_eq!(manifest["complete"], false);
    let unfinished =
        manifest["variants"].as_array().expect("a list").iter().map(|entry| &entry["unfinished"]);
    assert_eq!(unfinished.cloned().collect::<Vec<_>>(), [Value::Null, Value::Null, Value::Bool(true)]);
    let partial = run.study.around().join("study.partial");
    let again = super::printed(&["report", partial.to_str().expect("text")]);
    assert!(again.contains("quarterly") && !again.contains("hasty"), "{again}");
}

#[test]
fn finished_points_of_a_sweep_are_kept() {
    let study = Study::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tempfail"));
    // The second point takes minutes.
    let hasty = "policies.quarterly.backoff.fixed={ every = '15m' },{ every = '1ms' }";
    command.args(["sweep", &fixture("short-outage.toml"), "-L", hasty, "--policy", "quarterly"]);
    let child = command.arg("--out").arg(study.target()).args(["--threads", "2"]).stderr(Stdio::piped());
    let child = child.spawn().expect("it starts");
    let has_first = |staging: &Path| {
        fs::read_to_string(staging.join("runs.csv")).is_ok_and(|runs| lines_of(&runs, "0").len() == 3)
    };
    wait_until(|| hidden(study.around(), child.id()).is_some_and(|staging| has_first(&staging)));
    let output = interrupt(child, "-INT");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("1 of 2 points are finished") && said.contains("goes on from there"), "{said}");
    assert_eq!(study.neighbours(), ["study.partial"]);
    let partial = study.around().join("study.partial");
    let again = super::printed(&["report", partial.to_str().expect("text")]);
    assert!(again.contains("Incomplete: 1 of 2 points were finished."), "{again}");
}

#[test]
fn nothing_is_left_when_nothing_was_finished() {
    let study = Study::made(&[]);
    let before = study.files();
    // Three replications would be done within a second or two.
    let run = Interrupted::once(study, &["--policy", "hasty", "--replications", "1000"], "-TERM", |_| {
        // The directory is made just before interruptions are listened to.
        thread::sleep(Duration::from_millis(500));
        true
    });
    assert_eq!(run.output.status.code(), Some(130), "{}", run.said());
    assert!(run.said().contains("interrupted before any variant was finished"), "{}", run.said());
    assert_eq!(run.said().matches("interrupted, finishing up").count(), 1, "{}", run.said());
    assert!(run.study.files() == before);
    assert_eq!(run.study.neighbours(), ["endless.toml", "study"]);
}

#[test]
fn many_cells_that_are_left_do_not_delay_the_end() {
    let study = Study::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tempfail"));
    command.args(["compare", &fixture("short-outage.toml"), "--replications", "20000", "--threads", "1"]);
    let mut child =
        command.arg("--out").arg(study.target()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_until(|| hidden(study.around(), child.id()).is_some());
    thread::sleep(Duration::from_millis(500));
    signal(&child, "-INT");
    // To begin them all would take minutes.
    let ended = (0..200).any(|_| {
        thread::sleep(Duration::from_millis(50));
        child.try_wait().expect("it can be asked").is_some()
    });
    if !ended {
        child.kill().expect("it can be ended");
    }
    let output = child.wait_with_output().expect("it has ended");
    assert!(ended, "it still runs after ten seconds");
    assert_eq!(output.status.code(), Some(130));
}

#[test]
fn a_file_that_cannot_grow_ends_the_run_and_keeps_what_is_whole() {
    // Short steps make the series the largest file by far.
    let steps = ["--set", "measure.series_step=5s"];
    let whole = Study::made(&steps);
    let before = whole.files();
    let series = whole.text("series.csv");
    let first = series.find("\nquarterly,").expect("there is a second variant");
    assert!(first > 150_000 && 2 * first < series.len(), "{first}");
    // In blocks of 512 bytes: room for the first variant, but not for the second.
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", first / 512 + 40);
    let output = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_tempfail"), "compare", &fixture("short-outage.toml")])
        .args(steps)
        .arg("--out")
        .arg(whole.target())
        .output()
        .expect("sh runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["series.csv", "study.partial", "earlier results are untouched"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(whole.files() == before, "the earlier result");
    let partial = files_in(&whole.around().join("study.partial"));
    let kept = String::from_utf8(partial["series.csv"].clone()).expect("text");
    assert_eq!(kept, series[..=first], "the half-written variant is cut off");
}
