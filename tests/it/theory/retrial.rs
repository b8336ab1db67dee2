//! Retrial queues: c slots, 421 beyond, and memoryless delays until the next try.
//!
//! One slot: mean orbit rho (lambda + rho theta) / ((1 - rho) theta), and for general session times
//! lambda^2 m2 / (2 (1 - rho)) + lambda rho / (theta (1 - rho)) (Falin and Templeton, Retrial Queues,
//! 1997). Several slots, and limited numbers of attempts: stationary distributions of truncated
//! Markov chains.

use super::agreement::{assert_rows, runs};
use super::model::{Model, loss_server, memoryless};
use super::rows::{Configuration, configurations};

fn assert_model(name: &str, messages: f64, wanted: impl Fn(&Configuration) -> bool) {
    let all = configurations(include_str!("../../fixtures/theory/retrial.csv"));
    let ours: Vec<_> = all.into_iter().filter(|one| one.model == name && wanted(one)).collect();
    assert!(!ours.is_empty(), "{name}");
    for configuration in ours {
        // Far more than the time in which the orbit forgets its state.
        let margin = 200.0 / configuration.get("theta");
        let model = Model::steady(&configuration, configuration.get("lambda"), messages, margin)
            .recipient(loss_server(&configuration))
            .policy(memoryless(&configuration));
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}

#[test]
fn one_slot() {
    assert_model("MM11_retrial", 2e5, |_| true);
}

#[test]
fn one_slot_with_other_session_times() {
    assert_model("MG11_retrial", 2e5, |_| true);
}

#[test]
fn several_slots() {
    assert_model("MMcc_retrial", 2e5, |_| true);
}

#[test]
fn limited_attempts() {
    assert_model("MMcc_retrial_maxatt2", 2e5, |_| true);
    assert_model("MMcc_retrial_maxatt3", 2e5, |_| true);
}
