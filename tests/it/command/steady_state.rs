//! `compare` of the long run.

use std::fs;

use serde_json::Value;

use super::{rows, tempfail};

/// A queue M/M/1: one slot, exponential services of 1 s, and connections that wait for it in silence.
fn scenario(rate: &str) -> String {
    format!(
        "format = 1
title = 'A queue in the long run'
horizon = '6h'
replications = 10
measure = {{ steady_state = {{ pilot = 5 }}, series_step = '1m', sample = 0 }}
recipients.mx = {{ slots = 1, round_trip = '0s', transaction = {{ exponential = '1s' }}, gates = {{ line = {{ backlog = {{ length = 1000000 }} }} }} }}
senders.s = {{ policy = 'compared', arrivals.mail.poisson.rate = '{rate}' }}
policies.patient = {{ backoff.fixed.every = '1h', connections = {{ greeting_timeout = '6h' }} }}
"
    )
}

struct Result {
    manifest: Value,
    summary: Vec<Vec<String>>,
    said: String,
}

fn compare(rate: &str) -> Result {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, target) = (directory.path().join("queue.toml"), directory.path().join("result"));
    fs::write(&file, scenario(rate)).expect("written");
    let arguments = ["compare", file.to_str().expect("text"), "--out", target.to_str().expect("text")];
    let done = tempfail(&arguments).assert().success();
    let text = |name: &str| fs::read_to_string(target.join(name)).expect(name);
    Result {
        manifest: serde_json::from_str(&text("manifest.json")).expect("JSON"),
        summary: rows(&text("summary.csv")),
        said: String::from_utf8(done.get_output().stdout.clone()).expect("text"),
    }
}

/// The mean latency and half its interval.
fn mean(result: &Result) -> [Option<f64>; 2] {
    let row = result.summary.iter().find(|row| row[4] == "restricted_mean_s").expect("the metric");
    [9, 10].map(|column: usize| row[column].parse().ok())
}

/// At half the capacity a message takes 1 / (1 - 0.5) s: the mean of 100 000 that depend on each other over
/// some tens has a standard error of about 0.02 s. The seed is fixed.
#[test]
fn a_queue_that_settles_has_its_exact_mean() {
    let result = compare("0.5/s");
    let steady = &result.manifest["steady_state"];
    assert_eq!(steady["variants"][0]["state"], "settled");
    assert!(steady["from_s"].as_f64().expect("a number") <= 9720.0, "{steady}");
    assert_eq!(steady["until_s"], 19440.0);
    assert_eq!(result.manifest["cohort_s"][0], steady["from_s"]);
    let [mean, half_width] = mean(&result).map(|number| number.expect("an interval"));
    assert!((mean - 2.0).abs() < 0.1 && half_width < 0.1, "{mean} with {half_width}");
    assert!(result.said.contains("left out as warm-up") && result.said.contains("patient settles after"));
}

#[test]
fn a_queue_that_grows_has_no_interval() {
    let result = compare("1.3/s");
    assert_eq!(result.manifest["steady_state"]["variants"][0]["state"], "growing");
    assert!(
        result.said.contains("patient is UNSTABLE") && result.said.contains("no interval"),
        "{}",
        result.said
    );
    assert!(mean(&result)[0].is_some() && mean(&result)[1].is_none());
}
