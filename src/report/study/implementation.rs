//! Sections 5 and 6: with what it was run, and how others can run it.

use super::super::human;
use super::{Item, Known, list};

pub(super) fn items(known: &Known<'_>) -> Vec<Item> {
    vec![software(known), sampling(known), execution(known), system(known)]
}

fn software(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let tool = &manifest.tool;
    Item::new("5.1", "Software or programming language")
        .says(format!(
            "{} {}, revision `{}`, written in Rust, compiled with rustc {} for `{}`. Libraries are those of its `Cargo.lock` at that revision.",
            tool.name, tool.version, tool.revision, tool.rustc, manifest.target
        ))
        .asks("Which operating system, in which version?")
}

fn sampling(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    Item::new("5.2", "Random sampling").says(format!(
        "`{}`: a counter-based generator (J. K. Salmon et al., \"Parallel random numbers: as easy as 1, 2, 3\", SC'11), seed {}. There are no streams that \
         are used up: every draw is a function of the seed, the replication, what it decides, the message, host or window it concerns, and which of its \
         decisions it is. So a variant that draws more often shifts no other draw, and adding a variant changes no number of the others.",
        manifest.generator, manifest.seed
    ))
}

fn execution(known: &Known<'_>) -> Item {
    let threads = known.manifest.volatile.threads;
    Item::new("5.3", "Model execution")
        .says("Event scheduling. Time is in whole microseconds, and windows are half-open: an attempt at their first instant fails, one at their end does not.")
        .says(
            "Priority of events at one instant: windows and gates change, connections and transactions end, mail arrives, hosts look at their queues, queues are \
             flushed, waiting messages are tried. Among equals a keyed hash decides, never the order of scheduling or of numbers.",
        )
        .says(format!(
            "Replications ran in parallel on {threads} threads of one machine. Each is simulated by one thread alone, and results do not depend on how many there are."
        ))
}

fn system(known: &Known<'_>) -> Item {
    let volatile = &known.manifest.volatile;
    let events: f64 =
        known.stored.variants.iter().flat_map(|one| &one.runs).filter_map(|run| run.value("events")).sum();
    Item::new("5.4", "System specification")
        .says(format!(
            "{} for {} million events, tables and pictures apart.",
            human::duration(volatile.wall_s),
            human::number(events / 1e6)
        ))
        .asks("Which processor and how much memory?")
}

pub(super) fn access(known: &Known<'_>) -> Vec<Item> {
    let scenario = &known.manifest.scenario;
    let item = Item::new("6.1", "Computer model sharing statement")
        .says(
            "The result directory holds everything: `manifest.json` has the scenario, every file that it names, and all options. With the program named in item \
             5.1, `tempfail rerun DIR` simulates it again and says of each file whether it is the same, byte for byte.",
        )
        .says(list([
            format!("Scenario `{}`, SHA-256 `{}`", scenario.name, scenario.sha256),
            format!("Command: `{}`", known.manifest.command_line.join(" ")),
        ]))
        .asks("Where are the result directory and the program archived (link, DOI), and under which licences?");
    vec![item]
}
