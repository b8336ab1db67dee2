//! Draws what an event costs by how much is pending, from measurements that were written down.
//!
//! ```sh
//! cargo bench --bench cells > benches/cells.csv
//! benches/peers/peers.py --csv > benches/peers.csv
//! cargo run --release --example draw_speed    # writes docs/performance.png
//! ```

use std::error::Error;
use std::fs;

use tempfail::report::figure::{Caption, Costs, Look, Scaling};

const CELLS: &str = "benches/cells.csv";
const PEERS: &str = "benches/peers.csv";
const PICTURE: &str = "docs/performance.png";

/// Of the event sets: ours and what the standard library has.
const EVENT_SETS: [(&str, &str); 2] =
    [("tempfail (event set)", "event set alone"), ("std::collections::BinaryHeap", "BinaryHeap alone")];

fn main() -> Result<(), Box<dyn Error>> {
    let mut lines = Vec::new();
    // How many messages Postfix and Exim have queued is only known for the start.
    let mut simulator =
        points(CELLS, "queued", "ns_per_event", &[("policy", "full jitter"), ("hosts", "200")])?;
    // One row has next to nothing queued at a recipient for more.
    simulator.retain(|(queued, _)| *queued >= 1000.0);
    lines.push(("whole simulator", simulator));
    for (engine, name) in EVENT_SETS {
        lines.push((name, points(PEERS, "size", "ns_per_unit", &[("model", "hold"), ("engine", engine)])?));
    }
    let lines = lines.into_iter().enumerate().map(|(number, (name, points))| Costs {
        name: name.to_owned(),
        look: Look::Variant(number),
        points,
    });
    let figure = Scaling {
        size: "messages queued, or events pending".to_owned(),
        cost: "ns per event".to_owned(),
        lines: lines.collect(),
    };
    let caption = Caption {
        title: "What an event costs, by the number of messages queued".to_owned(),
        subtitle: "One thread. Whole simulator: full jitter, four gates, 200 hosts, series and \
                   histograms; without the start. Alone: one HOLD operation, exponential increments."
            .to_owned(),
        notes: vec![("Source".to_owned(), format!("{CELLS}, {PEERS}"))],
    };
    fs::write(PICTURE, figure.render(&caption))?;
    println!("{PICTURE}");
    Ok(())
}

/// Two columns of the rows of a table in which some other columns have these values.
fn points(file: &str, x: &str, y: &str, wanted: &[(&str, &str)]) -> Result<Vec<(f64, f64)>, Box<dyn Error>> {
    let mut table = csv::Reader::from_path(file).map_err(|error| format!("{file}: {error}"))?;
    let headers = table.headers()?.clone();
    let place = |name: &str| {
        let place = headers.iter().position(|header| header == name);
        place.ok_or_else(|| format!("{file} has no column {name}"))
    };
    let (x, y) = (place(x)?, place(y)?);
    let mut points = Vec::new();
    for row in table.records() {
        let row = row?;
        let mut fits = true;
        for (name, value) in wanted {
            fits &= &row[place(name)?] == *value;
        }
        if fits {
            points.push((row[x].parse()?, row[y].parse()?));
        }
    }
    Ok(points)
}
