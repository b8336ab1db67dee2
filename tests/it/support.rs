//! Scenarios as texts, read as the command reads them and run in memory.

use std::num::NonZeroUsize;

use tempfail::experiment::progress::Progress;
use tempfail::experiment::record::RunRecord;
use tempfail::experiment::run::simulate_all;
use tempfail::scenario::{Paint, Scenario, Sources, load, lower, read};
use tempfail::system::Plan;

const FILE: &str = "test.toml";

/// The scenario of a text that a run would accept; `files` are the traces it names.
///
/// # Panics
///
/// With the findings and the text, if there is an error in it.
pub fn scenario(text: &str, files: &[(&str, String)]) -> Scenario {
    let mut sources = sources(text, files);
    match load(&mut sources, FILE, &[]) {
        Ok(checked) => checked.scenario,
        Err(findings) => panic!("{}\n{text}", findings.render(&sources, Paint::Plain)),
    }
}

/// The scenario of a text that only has to read.
///
/// # Panics
///
/// With the findings and the text, if it does not.
pub fn unchecked(text: &str) -> Scenario {
    let mut sources = sources(text, &[]);
    read(&mut sources, FILE, &[])
        .unwrap_or_else(|findings| panic!("{}\n{text}", findings.render(&sources, Paint::Plain)))
}

fn sources(text: &str, files: &[(&str, String)]) -> Sources {
    let mut sources = Sources::new();
    sources.add(FILE, text);
    for (name, content) in files {
        sources.add(*name, content.as_str());
    }
    sources
}

/// The names and plans of all variants.
pub fn plans(scenario: &Scenario) -> Vec<(String, Plan)> {
    let variants = scenario.variants();
    variants
        .into_iter()
        .map(|variant| (variant.name.clone(), lower::plan(scenario, &variant).expect("it can be lowered")))
        .collect()
}

/// The plan of the first variant of a scenario.
pub fn first_plan(text: &str, files: &[(&str, String)]) -> Plan {
    plans(&scenario(text, files)).remove(0).1
}

/// The records of all replications of each plan, in order.
pub fn records(plans: &[Plan], replications: u32, threads: usize) -> Vec<Vec<RunRecord>> {
    let threads = NonZeroUsize::new(threads).expect("at least one thread");
    let records = simulate_all(plans, replications, threads, &Progress::default()).expect("threads start");
    records.into_iter().map(|variant| variant.expect("nobody interrupts")).collect()
}
