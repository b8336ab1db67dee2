//! A made-up experiment to test with.

use super::manifest::{
    FORMAT, Manifest, RecipientEntry, ScenarioEntry, TARGET, Tool, VariantEntry, Volatile, sha256,
};
use super::stored::{Stored, StoredVariant};
use crate::experiment::expectation::{Claim, Expectation};
use crate::experiment::hyperbola::Hyperbola;
use crate::experiment::limit::Limit;
use crate::experiment::record::RunRecord;
use crate::experiment::samples;
use crate::experiment::summary::{Plan, Role};

/// Of three variants; "a" is the baseline.
pub fn manifest() -> Manifest {
    let variant = |name: &str, policy: &str, change: Option<&str>, role| VariantEntry {
        name: name.to_owned(),
        policy: policy.to_owned(),
        change: change.map(str::to_owned),
        about: None,
        role,
        unfinished: false,
        plan_sha256: Some(sha256(name.as_bytes())),
        censored: Some(4),
        hyperbola: Some(Hyperbola { busy_over_free: 1.0, session_s: 10.0 }),
        limit: Some(Limit {
            window_s: [0.0, 60.0],
            arrivals_per_s: 0.5,
            capacity_per_s: Some(2.0),
            ahead: 0.0,
            transaction_s: 0.5,
            proven: true,
        }),
        recipients: None,
    };
    Manifest {
        format: FORMAT,
        complete: true,
        tool: Tool::this(),
        command_line: ["tempfail", "compare", "x.toml"].map(str::to_owned).into(),
        scenario: ScenarioEntry {
            name: "x".to_owned(),
            title: "A made-up | window".to_owned(),
            question: Some("Which is better?".to_owned()),
            sha256: sha256(b"format = 1"),
            overrides: vec!["seed=7".to_owned()],
            files: Vec::new(),
            text: "format = 1".to_owned(),
            options: Some(vec!["replications=4".to_owned()]),
            resolved: Some("format = 1".to_owned()),
        },
        seed: 7,
        replications: 4,
        stopping: None,
        steady_state: None,
        generator: crate::random::GENERATOR.to_owned(),
        target: TARGET.to_owned(),
        varied: Vec::new(),
        variants: vec![
            variant("a", "a", None, Role::Compared),
            variant("b", "b", None, Role::Compared),
            variant(
                "exponential, full jitter @ refused",
                "exponential, full jitter",
                Some("refused"),
                Role::Bound,
            ),
        ],
        comparison: Plan {
            baseline: "a".to_owned(),
            confidence: 0.95,
            smallest_difference: 0.02,
            unsettled: Vec::new(),
        },
        expectations: vec![Expectation {
            name: "all is over soon".to_owned(),
            variant: None,
            metric: "restricted_mean_s".to_owned(),
            claim: Claim::Between { at_least: None, at_most: Some(55.0) },
        }],
        horizon_s: 180.0,
        cohort_s: [0.0, 60.0],
        aftermath_s: [60.0, 120.0],
        series_step_s: 60.0,
        recipients: vec![RecipientEntry {
            name: "mx".to_owned(),
            slots: Some(10),
            capacity_per_s: Some(12.5),
            windows_s: vec![[0.0, 60.0]],
            reopening_s: Vec::new(),
        }],
        volatile: Volatile {
            started_unix_s: 1_700_000_000,
            finished_unix_s: 1_700_000_001,
            wall_s: 0.75,
            threads: 2,
        },
    }
}

/// The results of one of the variants: "b" is ten seconds slower than the others.
pub fn variant(place: usize) -> StoredVariant {
    let extra = if place == 1 { 10 } else { 0 };
    let records: Vec<RunRecord> =
        (0..4).map(|replication| samples::record(replication % 3 + extra)).collect();
    StoredVariant::of(manifest().variants[place].key(), &records)
}

/// Everything.
pub fn stored() -> Stored {
    Stored { manifest: manifest(), variants: (0..3).map(variant).collect() }
}
