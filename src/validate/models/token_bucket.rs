//! A token bucket of rate r and size b before senders that try once.
//!
//! Continuous: the share refused is 1 - G / (1 + (lambda / r) G) with tau = (b - 1) / r, G the sum over
//! k <= tau r of exp(y_k) (-y_k)^k / k!, y_k = lambda (tau - k / r): the bucket is an M/D/1 queue with
//! room for b (Berger, IEEE JSAC 9 (1991) 165). Discrete: a Markov chain at the ticks.

use super::super::Problem;
use super::super::parts::{DiscreteBucket, Part};
use super::super::setting::Setting;
use super::super::table::Configuration;
use super::super::trial::Trial;
use super::keys::{MESSAGES, ONCE, at_least, instant_server};
use crate::time::Span;

/// Tokens that trickle in all the time: the gates of scenarios.
pub(super) fn continuous(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let parameters = &configuration.parameters;
    let (r, b) = (parameters.positive("r")?, parameters.positive("b")?);
    let shape = format!("shape.token-bucket.burst = {b:?}");
    let gate = format!("bucket.message-rate = {{ rate = '{r}/s', {shape} }}");
    Ok(vec![trial(configuration, instant_server(&gate))?])
}

/// One token at each tick of a clock.
pub(super) fn discrete(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let parameters = &configuration.parameters;
    let tick = Span::from_seconds_f64(1.0 / parameters.positive("r")?);
    if tick <= Span::ZERO {
        return Err(Problem::new("r is too large: ticks are whole microseconds"));
    }
    let part = Part::DiscreteBucket(DiscreteBucket { size: u64::from(parameters.count("b")?), tick });
    Ok(vec![trial(configuration, "transaction = '0s'".to_owned())?.with_part(part)])
}

fn trial(configuration: &Configuration, recipient: String) -> Result<Trial, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let (rate, b) = (parameters.positive("lambda")?, parameters.positive("b")?);
    // A bucket forgets within some of the times in which it fills, near a balanced load some squares of that.
    let margin = 20.0 * b * b / parameters.positive("r")?;
    let setting = Setting::steady(rate, at_least(10.0 * MESSAGES, rate, margin), margin)
        .recipient(recipient)
        .policy(ONCE);
    Trial::new(model, parameters, rows, setting)
}
