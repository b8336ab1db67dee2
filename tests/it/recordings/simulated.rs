//! The recordings' scenario files, simulated.

use std::fs;
use std::path::Path;

use rayon::prelude::*;
use tempfail::scenario::{self, Paint, Scenario, Sources, lower};
use tempfail::system;

use super::history::{Historian, History};

/// Simulates this many replications of the scenario file of a recording.
pub(super) fn histories(name: &str, replications: u32) -> Vec<History> {
    let scenario = read(name);
    let variants = scenario.variants();
    let plan = lower::plan(&scenario, &variants[0]).expect("a checked scenario can be lowered");
    let simulate = |replication| {
        let finished = system::run(&plan, replication, Historian::default(), u64::MAX, |_, _| true);
        finished.expect("nothing stops it").observer.history
    };
    (0..replications).into_par_iter().map(simulate).collect()
}

fn read(name: &str) -> Scenario {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recordings");
    let main = format!("{name}.toml");
    let mut sources = Sources::new();
    for file in [main.clone(), format!("{name}.csv")] {
        let text = fs::read_to_string(directory.join(&file)).expect("every recording has its files");
        sources.add(file, text);
    }
    let read = scenario::read(&mut sources, &main, &[]);
    let scenario = read.unwrap_or_else(|findings| panic!("{}", findings.render(&sources, Paint::Plain)));
    let findings = scenario::check(&scenario);
    assert!(!findings.has_errors(), "{}", findings.render(&sources, Paint::Plain));
    scenario
}
