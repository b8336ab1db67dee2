//! An outage of length L at the start of every period P, at a recipient without limits.

use super::agreement::{assert_exact, assert_rows, runs};
use super::model::{Model, duration, instant_server, retry_policy};
use super::rows::{Configuration, configurations};

fn model(configuration: &Configuration, messages: u32) -> Model {
    let period = configuration.get("P");
    let times = [("first", 0.0), ("every", period), ("lasts", configuration.get("L"))]
        .map(|(key, time)| format!("{key} = '{}'", duration(time)));
    // Whole periods, or the shares of time would be wrong.
    Model::scattered(configuration, messages, (period, 3.0 * period), 60.0 * period)
        .recipient(instant_server(&format!("window.maintenance.when.periodic = {{ {} }}", times.join(", "))))
        .policy(retry_policy(configuration))
}

/// Schedules are exact on a grid of phases; the memoryless one rejects a correct simulator with
/// probability 4e-4: 4 rows, 1e-4 each.
#[test]
fn outages_that_return() {
    const CELL: f64 = 10.0;
    for configuration in configurations(include_str!("../../fixtures/theory/outage_periodic.csv")) {
        if configuration.text("retry_policy") == Some("exp_distributed") {
            let plan = model(&configuration, 80_000).plan();
            assert_rows(&configuration, &runs(&plan, 20));
            continue;
        }
        let period = configuration.get("P");
        let cells = (2.0 * period / CELL) as u32;
        let arrivals = (0..cells).map(|cell| period + (f64::from(cell) + 0.5) * CELL);
        let plan = model(&configuration, cells).plan_with_arrivals(arrivals);
        assert_exact(&configuration, &runs(&plan, 1)[0]);
    }
}
