//! One outage of length L at a recipient without limits.
//!
//! The first attempt of a message that arrives u before the end fails if u > 0; so does the n-th
//! retry if the first n delays add up to less than u. With u uniform on (0, L] the mean delay is the
//! sum of E[d_n] P(S_{n-1} < u), and so on; sums of uniform delays by inclusion and exclusion
//! (Feller II, 1971, section I.9).

use super::agreement::{assert_exact, assert_rows, runs};
use super::model::{Model, duration, instant_server, retry_policy};
use super::rows::{Configuration, configurations};
use tempfail::time::Span;

const OUTAGE: &str = include_str!("../../fixtures/theory/outage.csv");

/// When the outage begins; not a multiple of any delay.
const START: f64 = 1_234.0;

/// So many messages that arrive in the outage.
fn model(configuration: &Configuration, messages: u32) -> Model {
    let (from, until) = (START, START + configuration.get("L"));
    let window = format!("from = '{}', until = '{}'", duration(from), duration(until));
    Model::scattered(configuration, messages, (from, until), 40_000.0)
        .recipient(instant_server(&format!("window.maintenance.when.once = {{ {window} }}")))
        .policy(retry_policy(configuration))
}

/// Every configuration apart for each limit of attempts that a row is about.
fn cases(wanted: impl Fn(&Configuration) -> bool) -> Vec<Configuration> {
    const LIMITED: &str = "p_expired_given_hit_maxatt";
    let mut cases = Vec::new();
    for configuration in configurations(OUTAGE).into_iter().filter(wanted) {
        cases.push(configuration.only(|name| !name.starts_with(LIMITED)));
        for (name, value) in &configuration.quantities {
            if let Some(attempts) = name.strip_prefix(LIMITED) {
                let quantities = vec![("p_expired_given_hit".to_owned(), *value)];
                cases.push(
                    Configuration { quantities, ..configuration.clone() }.with("max_attempts", attempts),
                );
            }
        }
    }
    cases
}

fn is_deterministic(configuration: &Configuration) -> bool {
    let policy = configuration.text("retry_policy").expect("a policy");
    ["fixed", "linear", "exponential", "schedule"].contains(&policy)
}

/// Arrivals at the middles of equal cells that divide all sums of delays: nothing is left to chance.
#[test]
fn schedules_are_exact_on_a_grid_of_phases() {
    const CELL: f64 = 10.0;
    for configuration in cases(is_deterministic) {
        let configuration = configuration.with("rate", 1.0 / CELL);
        let cells = (configuration.get("L") / CELL) as u32;
        let arrivals = (0..cells).map(|cell| START + (f64::from(cell) + 0.5) * CELL);
        let plan = model(&configuration, cells).plan_with_arrivals(arrivals);
        let run = runs(&plan, 1).remove(0);
        assert_eq!(run.record.cohort.arrived, u64::from(cells));
        assert_exact(&configuration, &run);
    }
}

/// In each of 20 replications of a configuration.
const MESSAGES: u32 = 15_000;

/// Rejects a correct simulator with probability 2.2e-3: 22 rows, 1e-4 each.
#[test]
fn jittered_delays() {
    for configuration in cases(|one| !is_deterministic(one)) {
        let rate = f64::from(MESSAGES) / configuration.get("L");
        let configuration = configuration.with("rate", rate);
        assert_rows(&configuration, &runs(&model(&configuration, MESSAGES).plan(), 20));
    }
}

/// The window is half-open: an attempt exactly at its start fails, one exactly at its end succeeds.
#[test]
fn an_outage_holds_at_its_start_and_not_at_its_end() {
    let configuration = &configurations(OUTAGE)[0];
    assert_eq!(configuration.parameters, "L=3600;retry_policy=fixed;retry_base=300");
    let end = START + 3600.0;
    let micro = 1e-6;
    // Arrival, and the wait for the accepted attempt.
    let cases = [
        (START - micro, 0.0),
        (START, 3600.0),
        (START + micro, 3600.0),
        (START + 300.0 - micro, 3600.0),
        (end - 300.0, 300.0),
        (end - micro, 300.0),
        (end, 0.0),
    ];
    let mut model = model(configuration, 1);
    model.cohort = (0.0, end + 1.0);
    let run = runs(&model.plan_with_arrivals(cases.iter().map(|(at, _)| *at)), 1).remove(0);
    let mut found: Vec<Span> = run.meter.waits.iter().map(|(wait, _)| *wait).collect();
    let mut expected: Vec<Span> = cases.iter().map(|(_, wait)| Span::from_seconds_f64(*wait)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(run.record.load.cohort_attempts, 7 + 12 + 12 + 12 + 1 + 1);
}
