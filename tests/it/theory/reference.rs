//! Queues that are never refused: the clairvoyant reference, and a sender with so many connections.
//!
//! M/M/c: Erlang C. M/G/1: Pollaczek and Khinchine. Random breakdowns of a single server: White and
//! Christie, Operations Research 6 (1958) 79. One outage, then drain: a busy period.

use super::agreement::{assert_rows, runs};
use super::model::{Model, duration, session};
use super::rows::{Configuration, configurations};

const WAITING: &str = include_str!("../../fixtures/theory/waiting.csv");

fn slots(configuration: &Configuration) -> String {
    format!("slots = {}\n{}", configuration.get("c"), session(configuration))
}

/// Rejects a correct simulator with probability 4e-3: 38 rows, 1e-4 each.
#[test]
fn the_clairvoyant_is_a_queue_before_free_slots() {
    for configuration in configurations(WAITING) {
        let model = Model::steady(&configuration, configuration.get("lambda"), 4e5, 1_000.0)
            .recipient(slots(&configuration))
            .policy("'clairvoyant'".to_owned());
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

/// The same numbers where a host has c connections to a recipient without limits.
#[test]
fn a_sender_with_c_connections_is_a_queue_before_them() {
    for configuration in configurations(WAITING).into_iter().filter(|one| one.model == "MMc_wait") {
        let model = Model::steady(&configuration, configuration.get("lambda"), 4e5, 1_000.0)
            .recipient(session(&configuration))
            .policy(format!(
                "{{ backoff = 'immediate', connections.per_destination = {} }}",
                configuration.get("c")
            ));
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

/// Rejects a correct simulator with probability 6e-4: 6 rows, 1e-4 each.
#[test]
fn the_clairvoyant_freezes_sessions_in_random_outages() {
    for configuration in configurations(include_str!("../../fixtures/theory/onoff_reference.csv")) {
        let (up, down) = (1.0 / configuration.get("fail_rate"), 1.0 / configuration.get("repair_rate"));
        let times = format!("up = '{}', down = '{}'", duration(up), duration(down));
        let gate = format!("gates.window.maintenance = {{ when.random = {{ {times} }}, sessions = 'cut' }}");
        let model = Model::steady(&configuration, configuration.get("lambda"), 4e5, 2_000.0)
            .recipient(format!("{}\n{gate}", slots(&configuration)))
            .policy("'clairvoyant'".to_owned());
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

/// Rejects a correct simulator with probability 3e-4: 3 rows, 1e-4 each.
#[test]
fn the_clairvoyant_drains_after_an_outage() {
    for configuration in configurations(include_str!("../../fixtures/theory/drain.csv")) {
        let length = configuration.get("L");
        let configuration = configuration.with("c", 1);
        let window = format!("from = '0s', until = '{}'", duration(length));
        let gate = format!("gates.window.maintenance = {{ when.once = {{ {window} }}, sessions = 'cut' }}");
        let arrivals = Model::steady(&configuration, configuration.get("lambda"), 1.0, 0.0);
        let model = Model { cohort: (0.0, length), horizon: 20.0 * length, ..arrivals }
            .recipient(format!("{}\n{gate}", slots(&configuration)))
            .policy("'clairvoyant'".to_owned());
        assert_rows(&configuration, &runs(&model.plan(), 4_000));
    }
}
