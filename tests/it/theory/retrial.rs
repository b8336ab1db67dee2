//! Retrial queues: c slots, 421 beyond, and memoryless delays until the next try.
//!
//! One slot: mean orbit rho (lambda + rho theta) / ((1 - rho) theta), and for general session times
//! lambda^2 m2 / (2 (1 - rho)) + lambda rho / (theta (1 - rho)) (Falin and Templeton, Retrial Queues,
//! 1997). Several slots, and limited numbers of attempts: stationary distributions of truncated
//! Markov chains.

use tempfail::stats::student::critical_value;
use tempfail::stats::summary::mean;

use super::agreement::{assert_rows, compare, runs};
use super::model::{Model, loss_server, memoryless};
use super::rows::configurations;

/// In each of 20 replications.
const MESSAGES: f64 = 100_000.0;

fn assert_model(name: &str) {
    let all = configurations(include_str!("../../fixtures/theory/retrial.csv"));
    let ours: Vec<_> = all.into_iter().filter(|one| one.model == name).collect();
    assert!(!ours.is_empty(), "{name}");
    for mut configuration in ours {
        if configuration.text("H2") == Some("0") {
            // After a retry that fails nobody goes on.
            configuration = configuration.with("max_attempts", 2);
        }
        // Far more than the time in which the orbit forgets its state.
        let margin = 200.0 / configuration.get("theta");
        let model = Model::steady(&configuration, configuration.get("lambda"), MESSAGES, margin)
            .recipient(loss_server(&configuration))
            .policy(memoryless(&configuration));
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

/// Rejects a correct simulator with probability 1.2e-3: 12 rows, 1e-4 each.
#[test]
fn one_slot() {
    assert_model("MM11_retrial");
}

/// Rejects a correct simulator with probability 1e-3: 10 rows, 1e-4 each.
#[test]
fn one_slot_with_other_session_times() {
    assert_model("MG11_retrial");
}

/// Rejects a correct simulator with probability 6e-4: 6 rows, 1e-4 each.
#[test]
fn several_slots() {
    assert_model("MMcc_retrial");
}

/// Rejects a correct simulator with probability 1.6e-3: 16 rows, 1e-4 each.
#[test]
fn limited_attempts() {
    assert_model("MMcc_retrial_maxatt2");
    assert_model("MMcc_retrial_maxatt3");
}

/// One row a hundred times, each time with other seeds: the statistic itself has its law, so
/// replications are independent and there is no bias too small for a single test. A correct
/// simulator has less than 87 of 100 within the quantiles for 95 % with probability 5e-4, and a mean
/// of z beyond 3.5 standard errors with as much.
#[test]
fn the_statistic_has_its_law() {
    let all = configurations(include_str!("../../fixtures/theory/retrial.csv"));
    let configuration = all.into_iter().find(|one| one.parameters.starts_with("lambda=0.3")).expect("a row");
    let configuration = configuration.only(|name| name == "attempts_per_message");
    let z: Vec<f64> = (0..100)
        .map(|time| {
            let configuration = configuration.clone().with("time", time);
            let model = Model::steady(&configuration, configuration.get("lambda"), 2_000.0, 1_000.0)
                .recipient(loss_server(&configuration))
                .policy(memoryless(&configuration));
            let compared = compare(&configuration, &runs(&model.plan(), 20));
            compared[0].z
        })
        .collect();
    let inside = z.iter().filter(|z| z.abs() <= critical_value(0.95, 19).expect("a quantile")).count();
    assert!(inside >= 87, "{inside} of 100");
    // The variance of Student's t with 19 degrees of freedom is 19/17.
    let mean = mean(&z).expect("a hundred");
    assert!(mean.abs() <= 3.5 * (19.0_f64 / 17.0 / 100.0).sqrt(), "mean z {mean}");
}
