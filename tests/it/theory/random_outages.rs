//! A recipient that is up and down for exponential times.
//!
//! Without limits, for any independent delays (alternating renewal process): pd = down / (up + down),
//! q_n = 1 - E[exp(-(1/up + 1/down) d_n)] stands for the chance to find it up at the n-th retry. With
//! c slots and memoryless retries: a Markov chain of (up, busy, orbit).

use super::agreement::{assert_rows, runs};
use super::model::{Model, duration, instant_server, loss_server, memoryless, retry_policy};
use super::rows::configurations;

/// One run has this many recipients, each with outages of its own.
const RECIPIENTS: usize = 20;

/// Rejects a correct simulator with probability 2.3e-3: 23 rows, 1e-4 each.
#[test]
fn any_policy_without_limits() {
    for configuration in configurations(include_str!("../../fixtures/theory/onoff_infinite.csv")) {
        let (up, down) = (configuration.get("mean_up"), configuration.get("mean_down"));
        // About one message in each cycle of a recipient: more would share the fate of others.
        let rate = RECIPIENTS as f64 / (up + down);
        let times = format!("up = '{}', down = '{}'", duration(up), duration(down));
        let mut model =
            Model::steady(&configuration, rate, 60_000.0, 60_000.0).policy(retry_policy(&configuration));
        for _ in 0..RECIPIENTS {
            let gate = format!("window.maintenance.when.random = {{ {times} }}");
            model = model.recipient(instant_server(&gate));
        }
        assert_rows(&configuration, &runs(&model.plan(), 24));
    }
}

/// Sessions under way finish. Theory of cut sessions has them begin anew with another length; here a
/// message is as long as it was, and the longer ones are cut more often.
///
/// Rejects a correct simulator with probability 5e-4: 5 rows, 1e-4 each.
#[test]
fn memoryless_retries_and_slots() {
    for configuration in configurations(include_str!("../../fixtures/theory/onoff_slots.csv")) {
        let (up, down) = (1.0 / configuration.get("fail_rate"), 1.0 / configuration.get("repair_rate"));
        let times = format!("up = '{}', down = '{}'", duration(up), duration(down));
        let gate =
            format!("gates.window.maintenance = {{ when.random = {{ {times} }}, sessions = 'finish' }}");
        let model = Model::steady(&configuration, configuration.get("lambda"), 1e5, 2_000.0)
            .recipient(format!("{}\n{gate}", loss_server(&configuration)))
            .policy(memoryless(&configuration));
        assert_rows(&configuration, &runs(&model.plan(), 20));
    }
}
