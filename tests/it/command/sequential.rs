//! `compare` until the differences are precise.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use super::study::{Study, lines_of};

#[test]
fn every_variant_gets_as_many_replications_as_the_precision_takes() {
    let one = Study::new();
    let said = one.compare(&["--precision", "20%", "--at-most", "400", "--threads", "1"]).success();
    said.stdout(contains("Stopped after").and(contains("NOT CONVERGED").not()));
    let manifest = one.manifest();
    let stopping = &manifest["stopping"];
    assert_eq!(stopping["stop"], "precise");
    let rounds: Vec<u64> =
        stopping["rounds"].as_array().expect("a list").iter().filter_map(|end| end.as_u64()).collect();
    assert_eq!(rounds[0], 30, "the first look");
    assert!(rounds.is_sorted() && rounds.last() == manifest["replications"].as_u64().as_ref(), "{rounds:?}");
    let runs = one.text("runs.csv");
    for variant in ["postfix", "quarterly", "clairvoyant"] {
        assert_eq!(lines_of(&runs, variant).len() as u64, rounds[rounds.len() - 1], "{variant}");
    }
    let several = Study::made(&["--precision", "20%", "--at-most", "400", "--threads", "3"]);
    let (mut one, mut several) = (one.files(), several.files());
    one.remove("manifest.json");
    several.remove("manifest.json");
    assert!(one == several, "the same bytes on any number of threads");
}

#[test]
fn replications_are_those_of_a_run_whose_number_was_fixed() {
    let capped =
        Study::made(&["--precision", "0.1%", "--at-most", "12", "--set", "replications.at_least=10"]);
    let fixed = Study::made(&["--replications", "12"]);
    for table in ["runs.csv", "series.csv", "latency.csv", "attempts.csv"] {
        assert_eq!(capped.text(table), fixed.text(table), "{table}");
    }
    assert!(fixed.manifest()["stopping"].is_null(), "nothing was decided");
}

#[test]
fn a_run_that_ends_at_its_limit_has_not_converged_and_says_so() {
    let study = Study::new();
    let said = study
        .compare(&["--precision", "0.1%", "--at-most", "15", "--set", "replications.at_least=10"])
        .success();
    said.stdout(contains("NOT CONVERGED: the limit of 15 replications").and(contains("would do")));
    let summary = study.text("summary.md");
    assert!(summary.contains("15 replications (the limit; not converged)"), "{summary}");
    assert!(summary.contains("NOT CONVERGED"), "{summary}");
    assert_eq!(study.manifest()["stopping"]["stop"], "capped");
    let picture = study.files().remove("differences.png").expect("the picture");
    let notes = String::from_utf8_lossy(&picture).into_owned();
    assert!(notes.contains("15 (the limit; not converged)"), "the small print of the file itself");
}

#[test]
fn impossible_wishes_are_refused() {
    let study = Study::new();
    for (arguments, code, complaint) in [
        (&["--precision", "0.05"][..], 2, "percent sign"),
        (&["--precision", "5%", "--replications", "30"], 2, "--replications"),
        (&["--precision", "5%", "--quick"], 2, "--quick"),
        (&["--precision", "0%"], 3, "no number of replications is exact"),
        (&["--precision", "5%", "--at-most", "20"], 3, "at least 30 replications, but at most 20"),
        (&["--at-most", "50"], 3, "lacks the key `precision`"),
    ] {
        study.compare(arguments).code(code).stderr(contains(complaint));
    }
}
