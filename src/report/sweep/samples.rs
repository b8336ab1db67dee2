//! A made-up sweep to test with.

use super::super::runs::StoredRun;
use super::super::samples as comparison;
use super::manifest::{Kind, SweepManifest, SweepVolatile};
use super::stored::Sweep;
use super::table::PointRuns;
use crate::experiment::samples;
use crate::scenario::Axis;

/// Of three values on the first axis, two on the second, and two variants; "a" is the baseline.
pub fn manifest() -> SweepManifest {
    let whole = comparison::manifest();
    SweepManifest {
        format: whole.format,
        kind: Kind::Sweep,
        complete: true,
        tool: whole.tool,
        command_line: ["tempfail", "sweep", "x.toml"].map(str::to_owned).into(),
        scenario: whole.scenario,
        seed: whole.seed,
        replications: whole.replications,
        generator: whole.generator,
        target: whole.target,
        axes: vec![
            Axis::range("first.key=10s..10m:log3").expect("a range"),
            Axis::list("second.key=none,full").expect("a list"),
        ],
        varied: whole.varied,
        variants: whole.variants[..2].to_vec(),
        comparison: whole.comparison,
        metrics: ["restricted_mean_s", "retry_connections_per_message"].map(str::to_owned).into(),
        volatile: SweepVolatile { run: whole.volatile, points_taken_over: 0 },
    }
}

/// The runs at one point: "b" is ten seconds slower than "a", and every point slower than the one before.
pub fn point(number: usize) -> PointRuns {
    let run = |replication: u32, extra: u64| {
        StoredRun::of(replication, &samples::record(u64::from(replication % 3) + extra))
    };
    let variant = |extra: u64| (0..4).map(|replication| run(replication, extra)).collect();
    vec![variant(number as u64), variant(number as u64 + 10)]
}

/// Everything.
pub fn sweep() -> Sweep {
    Sweep { manifest: manifest(), points: (0..6).map(|number| (number, point(number))).collect() }
}
