//! An outage at the start of every period, c slots and Poisson mail: Markov chains whose rates repeat.
//! Averages are over whole periods.

use super::super::Problem;
use super::super::parameters::Parameters;
use super::super::setting::{Setting, duration};
use super::super::table::Configuration;
use super::super::trial::Trial;
use super::keys::{loss_server, margin, mean_session, memoryless, messages};

/// Memoryless retries; sessions under way finish.
pub(super) fn retrial(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let theta = configuration.parameters.positive("theta")?;
    let setting = setting(&configuration.parameters, 1.0 / theta, "finish")?;
    trials(configuration, setting.policy(memoryless(theta, None)))
}

/// The clairvoyant, which freezes sessions.
pub(super) fn clairvoyant(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let setting = setting(&configuration.parameters, 0.0, "cut")?;
    trials(configuration, setting.clairvoyant())
}

fn trials(configuration: &Configuration, setting: Setting) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let [period, length] = [parameters.positive("P")?, parameters.positive("L")?];
    Ok(vec![Trial::new(model, parameters, rows, setting)?.with_looks(length, period)])
}

fn setting(parameters: &Parameters, retry: f64, sessions: &str) -> Result<Setting, Problem> {
    let [period, length] = [parameters.positive("P")?, parameters.positive("L")?];
    let (rate, session_time) = (parameters.positive("lambda")?, mean_session(parameters)?);
    let c = f64::from(parameters.count("c")?);
    let load = rate * session_time / c / (1.0 - length / period);
    if length >= period || load >= 1.0 {
        return Err(Problem::new("between the outages there is too little time for all mail"));
    }
    let whole = |time: f64| (time / period).ceil() * period;
    let slowest = session_time / c + retry + length;
    let margin = whole(margin(load, slowest, slowest));
    let measured = whole(messages(rate, margin) / rate);
    let times = format!("first = '0s', every = '{}', lasts = '{}'", duration(period), duration(length));
    let gate =
        format!("gates.window.maintenance = {{ when.periodic = {{ {times} }}, sessions = '{sessions}' }}");
    Ok(Setting::steady(rate, measured * rate, margin)
        .recipient(format!("{}\n{gate}", loss_server(parameters)?)))
}
