//! The recordings, as they lie in `tests/fixtures/mta`.

use super::history::{Attempt, History};

const INJECTIONS: &str = include_str!("../../fixtures/mta/injections.csv");
const CONNECTIONS: &str = include_str!("../../fixtures/mta/connections.csv");
const ATTEMPTS: &str = include_str!("../../fixtures/mta/attempts.csv");
const ENDS: &str = include_str!("../../fixtures/mta/ends.csv");

/// The recording of this name.
pub(super) fn history(name: &str) -> History {
    let mut injected: Vec<f64> = rows(INJECTIONS, name).map(|row| number(row[1])).collect();
    if injected.is_empty() {
        // A message that was alone on a virtual clock that began with it.
        injected.push(0.0);
    }
    let attempts = rows(ATTEMPTS, name).map(|row| Attempt {
        message: place(row[0]),
        at: injected[place(row[0])] + number(row[2]),
        delivered: row[3] == "250",
    });
    let mut attempts: Vec<Attempt> = attempts.collect();
    attempts.sort_by(|a, b| a.at.total_cmp(&b.at));
    let bounced = rows(ENDS, name).filter(|row| !row[2].is_empty());
    History {
        attempts,
        connections: rows(CONNECTIONS, name).map(|row| number(row[0])).collect(),
        suppressed: rows(ENDS, name).map(|row| number(row[1]) as u32).sum(),
        bounced: bounced.map(|row| (place(row[0]), number(row[2]))).collect(),
        injected,
        recovery: 0.0,
    }
}

/// The rows of one recording, without its name.
fn rows(table: &'static str, name: &str) -> impl Iterator<Item = Vec<&'static str>> {
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(move |row| row[0] == name).map(|row| row[1..].to_vec())
}

/// Recordings count messages from 1.
fn place(message: &str) -> usize {
    number(message) as usize - 1
}

fn number(text: &str) -> f64 {
    text.parse().expect("recordings have numbers")
}
