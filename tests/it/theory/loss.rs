//! Erlang's loss formula: a server with c slots that answers 421 beyond, senders that try once.
//!
//! B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)), the same for every law of session times with the same
//! mean (Erlang 1917; insensitivity: Sevastyanov 1957).

use super::agreement::{assert_rows, runs};
use super::model::{Model, loss_server};
use super::rows::configurations;

/// Rejects a correct simulator with probability 2e-3: 18 rows, 1e-4 each.
#[test]
fn four_laws_of_session_times_are_blocked_alike() {
    for configuration in configurations(include_str!("../../fixtures/theory/loss.csv")) {
        let (rate, b) = (configuration.get("lambda"), configuration.quantities[0].1);
        // With so many independent messages the standard error of a share b would be 0.1 % of it;
        // neighbours fare alike, the more so the more slots there are.
        let alike = (configuration.get("c") / 20.0).clamp(0.2, 1.0);
        let messages = alike * 1e6 * (1.0 - b) / b / 20.0;
        let model = Model::steady(&configuration, rate, messages, 100.0 / configuration.get("mu"))
            .recipient(loss_server(&configuration))
            .policy("{ backoff = 'immediate', lifetime.attempts = 1 }".to_owned());
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}
