//! Queues that are never refused: the clairvoyant reference, and a sender with so many connections.
//!
//! M/M/c: Erlang C. M/G/1: Pollaczek and Khinchine. Random breakdowns of a single server: White and
//! Christie, Operations Research 6 (1958) 79. One outage, then drain: a busy period.

use super::agreement::{assert_rows, runs};
use super::model::{Model, duration, loss_server, session};
use super::rows::configurations;

const WAITING: &str = include_str!("../../fixtures/theory/waiting.csv");

/// Rejects a correct simulator with probability 1.5e-3: 15 rows, 1e-4 each.
#[test]
fn the_clairvoyant_is_a_queue_before_free_slots() {
    for configuration in configurations(WAITING) {
        let model = Model::steady(&configuration, configuration.get("lambda"), 1e5, 1_000.0)
            .recipient(loss_server(&configuration))
            .clairvoyant();
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

/// The same numbers where a host has c connections to a recipient without limits; rejected with
/// probability 5e-4: 5 rows, 1e-4 each.
#[test]
fn a_sender_with_c_connections_is_a_queue_before_them() {
    for configuration in configurations(WAITING).into_iter().filter(|one| one.model == "MMc_wait") {
        let model = Model::steady(&configuration, configuration.get("lambda"), 1e5, 1_000.0)
            .recipient(session(&configuration))
            .policy(format!(
                "{{ backoff.fixed.every = '1m', connections.per_destination = {} }}",
                configuration.get("c")
            ));
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

/// Rejects a correct simulator with probability 2e-4: 2 rows, 1e-4 each.
#[test]
fn the_clairvoyant_freezes_sessions_in_random_outages() {
    for configuration in configurations(include_str!("../../fixtures/theory/onoff_reference.csv")) {
        let (up, down) = (1.0 / configuration.get("fail_rate"), 1.0 / configuration.get("repair_rate"));
        let times = format!("up = '{}', down = '{}'", duration(up), duration(down));
        let gate = format!("gates.window.maintenance = {{ when.random = {{ {times} }}, sessions = 'cut' }}");
        let model = Model::steady(&configuration, configuration.get("lambda"), 6e5, 2_000.0)
            .recipient(format!("{}\n{gate}", loss_server(&configuration)))
            .clairvoyant();
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
            .recipient(format!("{}\n{gate}", loss_server(&configuration)))
            .clairvoyant();
        assert_rows(&configuration, &runs(&model.plan(), 4_000));
    }
}
