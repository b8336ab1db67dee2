//! A greylist that puts off every message until it has been known for G.

use super::agreement::{assert_exact, assert_rows, runs};
use super::model::{Model, duration, instant_server, retry_policy};
use super::rows::configurations;

/// Rejects a correct simulator with probability 9e-4: 9 rows, 1e-4 each; 3 rows are exact.
#[test]
fn messages_wait_for_the_first_retry_that_is_late_enough() {
    for configuration in configurations(include_str!("../../fixtures/theory/greylist.csv")) {
        let delay = duration(configuration.get("G"));
        let gate = format!("known.greylist = {{ delay = '{delay}', forget = '20d' }}");
        let model = Model::scattered(&configuration, 4_000, (0.0, 1_000.0), 50_000.0)
            .recipient(instant_server(&gate))
            .policy(retry_policy(&configuration));
        let runs = runs(&model.plan(), 20);
        match configuration.text("retry_policy") {
            Some("exponential") => runs.iter().for_each(|run| assert_exact(&configuration, run)),
            _ => assert_rows(&configuration, &runs),
        }
    }
}
