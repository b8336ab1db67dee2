//! A token bucket of rate r and size b before senders that try once.
//!
//! The share refused is 1 - G / (1 + (lambda / r) G) with tau = (b - 1) / r, G the sum over
//! k <= tau r of exp(y_k) (-y_k)^k / k!, y_k = lambda (tau - k / r): the bucket is an M/D/1 queue with
//! room for b (Berger, IEEE JSAC 9 (1991) 165).

use super::agreement::{assert_rows, runs};
use super::model::{Model, instant_server};
use super::rows::configurations;

/// Rejects a correct simulator with probability 6e-4: 3 rows at each of two gates, 1e-4 each.
/// Smaller shares would take ten million messages to see; the unit tests of the gate have some.
#[test]
fn refuses_what_comes_faster() {
    for configuration in configurations(include_str!("../../fixtures/theory/token_bucket.csv")) {
        let (rate, b) = (configuration.get("lambda"), configuration.quantities[0].1);
        let messages = 4e5 * (1.0 - b) / b / 20.0;
        for gate in ["message-rate", "connection-rate"] {
            let shape = format!("shape.token-bucket.burst = {:?}", configuration.get("b"));
            let gate = format!("bucket.{gate} = {{ rate = '{}/s', {shape} }}", configuration.get("r"));
            let model = Model::steady(&configuration, rate, messages, 100.0)
                .recipient(instant_server(&gate))
                .policy("{ backoff = 'immediate', lifetime.attempts = 1 }".to_owned());
            assert_rows(&configuration, &runs(&model.plan(), 20));
        }
    }
}
