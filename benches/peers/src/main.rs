//! Runs the same small models on this project and on its peers, checks every result against what is known, and
//! prints one line of CSV for each: see README.md.
//!
//! Arguments: words that an engine's or a model's name must contain one of; none: everything.

#[path = "../../cpu_time/mod.rs"]
mod cpu_time;
mod engines;
mod model;
mod optimistic_lock;

use engines::ENGINES;
use model::Task;

/// Small ones first: what a large one leaves of the allocator makes those after it slower.
const TASKS: [Task; 7] = [
    Task::Mm1 { customers: 1_000_000 },
    Task::Retrial { customers: 500_000 },
    Task::Lock { clients: 100, runs: 1_000 },
    Task::Hold { pending: 1_000, operations: 1_000_000 },
    Task::Hold { pending: 10_000, operations: 1_000_000 },
    Task::Hold { pending: 100_000, operations: 1_000_000 },
    Task::Hold { pending: 1_000_000, operations: 2_000_000 },
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("engine,model,size,ns_per_unit,result,exact");
    for task in TASKS {
        let (model, size) = task.name();
        for (engine, run) in ENGINES {
            let is_wanted = |word: &String| engine.contains(word.as_str()) || model.contains(word.as_str());
            if !words.is_empty() && !words.iter().any(is_wanted) {
                continue;
            }
            let started = cpu_time::nanoseconds();
            let Some(result) = run(task) else { continue };
            let nanoseconds = (cpu_time::nanoseconds() - started) / task.units(result);
            let (exact, tolerance) = task.exact();
            println!("{engine},{model},{size},{nanoseconds:.1},{result:.4},{exact:.4}");
            assert!((result - exact).abs() < tolerance, "{engine}, {model}: {result} instead of {exact}");
        }
    }
}
