//! Keys of recipients and policies that several models share, in the scenario format.

use super::super::Problem;
use super::super::parameters::Parameters;
use super::super::setting::duration;

/// Messages that a replication measures at least; more replications give more.
pub(super) const MESSAGES: f64 = 5_000.0;

/// Parts of the measured time that each end of a run is left out for, at most.
const PARTS: f64 = 9.0;

/// Delays after which nothing is due any more: a message that goes on for longer would be a fault.
const MOST_RETRIES: f64 = 400_000.0;

/// The longest run, in seconds: scenarios end after 200 days, and whole periods are rounded up.
pub(super) const LONGEST: f64 = 190.0 * 86_400.0;

/// How many messages to measure in a replication where `margin` seconds come before and after; fewer where they
/// are so rare, or the system forgets so slowly, that they would not come within [`LONGEST`].
pub(super) fn messages(rate: f64, margin: f64) -> f64 {
    at_least(MESSAGES, rate, margin)
}

/// The same for at least so many.
pub(super) fn at_least(least: f64, rate: f64, margin: f64) -> f64 {
    least.max(PARTS * margin * rate).min((LONGEST - 2.0 * margin).max(margin) * rate)
}

/// The time from the end of the measured interval to the horizon: so much, or as much as a scenario can have.
///
/// Who is not done by then is not counted as anything: the rows are not run, and say so.
pub(super) fn rest(wanted: f64, cohort_end: f64) -> f64 {
    wanted.min((LONGEST - cohort_end).max(0.0))
}

/// A margin of twenty times about the time in which a system with this load forgets its state, in
/// seconds. `slowest` is the mean time of its slowest part, `busy` that between two messages when all of it is busy.
///
/// In heavy traffic a queue forgets within about 1/(1 - load)^2 of the latter (Abate and Whitt, Adv. Appl.
/// Prob. 19 (1987) 560). Below that the slowest part stands for it, which is more; above a load of 0.95 that
/// would be much more than it takes.
pub(super) fn margin(load: f64, slowest: f64, busy: f64) -> f64 {
    let moderate = slowest / (1.0 - load).max(0.05).powi(2);
    20.0 * moderate.max(busy / (1.0 - load).powi(2))
}

/// The mean session: one over `mu`, or `mean_service`, or `D`.
pub(super) fn mean_session(parameters: &Parameters) -> Result<f64, Problem> {
    if let Some(mu) = parameters.optional("mu")? {
        return Ok(1.0 / mu);
    }
    match parameters.optional("D")? {
        Some(constant) => Ok(constant),
        None if parameters.text("mean_service").is_none() => {
            Err(Problem::new("no session time: one of the parameters mu, mean_service and D is missing"))
        }
        None => parameters.positive("mean_service"),
    }
}

/// Only one session of ten thousand million takes longer, in seconds: lognormal ones have a heavy tail,
/// and nobody may be left in a session at the end of a run.
pub(super) fn longest_session(parameters: &Parameters) -> Result<f64, Problem> {
    /// Quantile of the standard normal distribution for 1 - 1e-10.
    const RARE: f64 = 6.4;
    let mean = mean_session(parameters)?;
    if parameters.text("service") != Some("lognormal") {
        return Ok(100.0 * mean);
    }
    let sigma = log_sigma(parameters)?;
    Ok(mean * (RARE * sigma - sigma * sigma / 2.0).exp().max(100.0))
}

/// The standard deviation of the logarithm of lognormal sessions.
fn log_sigma(parameters: &Parameters) -> Result<f64, Problem> {
    Ok((1.0 + parameters.positive("scv")?).ln().sqrt())
}

/// A law of session times: constant where there is a `D`, or by the parameters `service` and `scv`, the
/// squared coefficient of variation.
pub(super) fn session(parameters: &Parameters) -> Result<String, Problem> {
    let mean = duration(mean_session(parameters)?);
    let law = parameters.text("service");
    let scv = || parameters.positive("scv");
    Ok(match law.unwrap_or(if parameters.text("D").is_some() { "det" } else { "exp" }) {
        "exp" => format!("transaction = {{ exponential = '{mean}' }}"),
        "det" => format!("transaction = '{mean}'"),
        "gamma" => {
            let shape = 1.0 / scv()?;
            format!("transaction = {{ gamma = {{ mean = '{mean}', shape = {shape:?} }} }}")
        }
        "lognormal" => {
            let sigma = log_sigma(parameters)?;
            format!("transaction = {{ lognormal = {{ mean = '{mean}', sigma = {sigma:?} }} }}")
        }
        other => {
            let problem = parameters.wrong("service", format!("no service is called {other}"));
            return Err(problem.help("there are exp, det, gamma and lognormal"));
        }
    })
}

/// A server with `c` slots that refuses what it has no slot for.
pub(super) fn loss_server(parameters: &Parameters) -> Result<String, Problem> {
    let c = parameters.count("c")?;
    Ok(format!("slots = {c}\n{}\ngates.full.connection-limit.limit = {c}", session(parameters)?))
}

/// A server without limits whose sessions take no time, with one more gate.
pub(super) fn instant_server(gate: &str) -> String {
    format!("transaction = '0s'\ngates.{gate}")
}

/// Senders that try once.
pub(super) const ONCE: &str = "{ backoff = 'immediate', lifetime.attempts = 1 }";

/// A policy that tries after exponential times with this rate, at most so often.
pub(super) fn memoryless(rate: f64, attempts: Option<u32>) -> String {
    let every = duration(1.0 / rate);
    let backoff = format!("backoff.fixed = {{ every = '{every}', jitter = 'exponential' }}");
    format!("{{ {backoff}, {} }}", lifetime(1.0 / rate, attempts))
}

/// Gives up after so many attempts, or later than any message lives.
pub(super) fn lifetime(shortest_delay: f64, attempts: Option<u32>) -> String {
    const TEN_YEARS: f64 = 3650.0 * 86_400.0;
    match attempts {
        Some(attempts) => format!("lifetime.attempts = {attempts}"),
        None => {
            let age = duration((MOST_RETRIES * shortest_delay).min(TEN_YEARS));
            format!("lifetime.age = '{age}'")
        }
    }
}
