//! Retrial queues: c slots, 421 beyond, and memoryless delays until the next try.
//!
//! One slot: mean orbit rho (lambda + rho theta) / ((1 - rho) theta), and for general session times
//! lambda^2 m2 / (2 (1 - rho)) + lambda rho / (theta (1 - rho)) (Falin and Templeton, Retrial Queues,
//! 1997). Several slots, and limited patience: stationary distributions of truncated Markov chains.
//! One retry at a time: Fayolle 1986.

use super::super::Problem;
use super::super::parameters::Parameters;
use super::super::parts::{ConstantRetrial, Impatience, Part};
use super::super::setting::Setting;
use super::super::table::Configuration;
use super::super::trial::Trial;
use super::keys::{longest_session, loss_server, margin, mean_session, memoryless, messages};
use crate::time::Span;

/// Retries without end.
pub(super) fn trials(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let load = load(&configuration.parameters)?;
    if load >= 1.0 {
        return Err(Problem::new(format!("the load is {load}: the orbit grows for ever")));
    }
    Ok(vec![trial(configuration, load, 0.0, None)?])
}

/// At most so many attempts. The parameters in `given` follow from that: they may be written, with no other value.
pub(super) fn limited(
    configuration: &Configuration,
    attempts: u32,
    given: &[(&str, f64)],
) -> Result<Vec<Trial>, Problem> {
    let parameters = &configuration.parameters;
    for (name, value) in given.iter().filter(|(name, _)| parameters.text(name).is_some()) {
        if parameters.number(name)? != *value {
            return Err(parameters.wrong(name, format!("{name} is {value} in this model")));
        }
    }
    Ok(vec![trial(configuration, 0.5, 0.0, Some(attempts))?])
}

/// Senders that may give up after a failure, or while they wait.
pub(super) fn impatient(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let parameters = &configuration.parameters;
    let [after_first, after_retry] = [parameters.number("H1")?, parameters.number("H2")?];
    let abandoning =
        parameters.text("orbit_abandon_rate").map_or(Ok(0.0), |_| parameters.number("orbit_abandon_rate"))?;
    if after_first > 1.0 || after_retry > 1.0 {
        let name = if after_first > 1.0 { "H1" } else { "H2" };
        return Err(parameters.wrong(name, "H1 and H2 are probabilities"));
    }
    let theta = parameters.positive("theta")?;
    if after_retry == 1.0 && abandoning == 0.0 && load(parameters)? >= 1.0 {
        return Err(Problem::new("nobody gives up: the orbit grows for ever"));
    }
    let while_waiting = abandoning / (theta + abandoning);
    let part = Part::Impatience(Impatience { after_first, after_retry, while_waiting });
    // Who may leave is forgotten within a few retries; those who hardly do are like those who never do.
    let leaving = (1.0 - after_retry).max(while_waiting);
    let patient = load(parameters)?;
    // Above a load of one it is those who leave that keep the orbit finite.
    let most = if patient < 1.0 { patient } else { 0.95 };
    let load = most.min(1.0 - leaving.min(0.5));
    Ok(vec![trial(configuration, load, abandoning, None)?.with_part(part)])
}

/// One waiting message at a time is tried.
pub(super) fn constant(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let parameters = &configuration.parameters;
    let [lambda, theta] = [parameters.positive("lambda")?, parameters.positive("theta")?];
    let load = lambda * (lambda + theta) * mean_session(parameters)? / theta;
    if load >= 1.0 {
        return Err(Problem::new(format!("r is {load}: the orbit grows for ever")));
    }
    let part = Part::ConstantRetrial(ConstantRetrial { mean: Span::from_seconds_f64(1.0 / theta) });
    Ok(vec![trial(configuration, load, 0.0, None)?.with_part(part)])
}

fn load(parameters: &Parameters) -> Result<f64, Problem> {
    Ok(parameters.positive("lambda")? * mean_session(parameters)? / f64::from(parameters.count("c")?))
}

/// Waits end with the rate theta, and `more`.
fn trial(
    configuration: &Configuration,
    load: f64,
    more: f64,
    attempts: Option<u32>,
) -> Result<Trial, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let (rate, theta) = (parameters.positive("lambda")?, parameters.positive("theta")?);
    let (session_time, c) = (mean_session(parameters)?, f64::from(parameters.count("c")?));
    // A large orbit of n sends n theta to c slots. What they let through rises by theta c / (n theta)^2 with each
    // more, and n theta is near 1 / (1 - load): the orbit forgets within 1 / (theta c (1 - load)^2).
    let margin = margin(load, session_time / c + 1.0 / theta, (session_time + 1.0 / theta) / c);
    let margin = margin.max(longest_session(parameters)?);
    let setting = Setting::steady(rate, messages(rate, margin), margin)
        .recipient(loss_server(parameters)?)
        .policy(memoryless(theta + more, attempts));
    Trial::new(model, parameters, rows, setting)
}
