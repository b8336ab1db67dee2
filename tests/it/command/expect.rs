//! `[expect]` in a scenario: the check that a run becomes, and its exit code.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, is_empty};

use super::study::Study;
use super::tempfail;

/// Expectations as changes of the command line.
fn expecting<'a>(claims: &[&'a str]) -> Vec<&'a str> {
    claims.iter().flat_map(|claim| ["--set", claim]).collect()
}

const MET: &str = "expect.'most of it comes'={metric='delivered_share', at_least='50%'}";
const VIOLATED: &str = "expect.'at once'={variant='postfix', metric='restricted_mean_s', at_most='1s'}";
const OTHER: &str =
    "expect.'asks less'={variant='quarterly', metric='restricted_mean_s', above='clairvoyant', by='1%'}";
const OPEN: &str = "expect.'it is close'={variant='postfix', metric='latency_p50_s', same_as='quarterly'}";

#[test]
fn what_is_as_expected_is_shown_and_changes_nothing_else() {
    let plain = Study::made(&[]);
    let study = Study::new();
    let shown = contains("Expectations").and(contains("most of it comes")).and(contains("met"));
    study.compare(&expecting(&[MET, OTHER])).success().stdout(shown);
    let summary = study.text("summary.md");
    assert!(
        summary.contains("| most of it comes | quarterly | delivered\\_share at least 50 % | "),
        "{summary}"
    );
    assert!(summary.contains(" | met |") && !summary.contains("violated |"), "{summary}");
    for table in ["runs.csv", "series.csv", "latency.csv", "attempts.csv", "summary.csv"] {
        assert_eq!(study.text(table), plain.text(table), "{table}");
    }
    assert!(!plain.text("summary.md").contains("Expectations"));
    assert!(plain.manifest().get("expectations").is_none());
}

#[test]
fn what_is_violated_is_4_and_the_results_are_written() {
    let study = Study::new();
    study
        .compare(&expecting(&[MET, VIOLATED]))
        .code(4)
        .stdout(contains("violated"))
        .stderr(contains("results and pictures are in").and(contains(
            "error: an expectation is violated\n  \"at once\": restricted_mean_s at most 1 s was expected of postfix, but found: ",
        )));
    assert!(study.text("summary.md").contains("| violated |"));
    let before = study.files();
    let target = study.target();
    let target = target.to_str().expect("text");
    tempfail(&["report", target]).assert().success().stdout(contains("violated"));
    assert!(study.files() == before, "made again, byte for byte");
    tempfail(&["rerun", target]).assert().success();
    study
        .compare(&[&expecting(&[VIOLATED])[..], &["--output", "csv", "--quiet"]].concat())
        .code(4)
        .stderr(contains("an expectation is violated").and(contains("results").not()));
}

#[test]
fn what_cannot_be_decided_is_no_violation() {
    let study = Study::new();
    study.compare(&expecting(&[OPEN])).success().stdout(contains("not decided"));
    let left_out =
        [&expecting(&[VIOLATED, OTHER])[..], &["--policy", "clairvoyant", "--policy", "quarterly"]];
    study.compare(&left_out.concat()).success().stdout(contains("not simulated").and(contains("met")));
}

#[test]
fn what_cannot_be_expected_is_3_before_anything_is_simulated() {
    let study = Study::new();
    study
        .compare(&expecting(&["expect.soon={metric='restricted_mean', at_most='1s'}"]))
        .code(3)
        .stdout(is_empty())
        .stderr(
            contains("there is no metric `restricted_mean`")
                .and(contains("did you mean `restricted_mean_s`?")),
        );
    let below = "expect.soon.at_most=2h";
    study.compare(&expecting(&[MET, below])).code(3).stderr(contains("there is no expectation `soon`"));
    assert!(study.neighbours().is_empty());
}
