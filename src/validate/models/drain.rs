//! The clairvoyant after one outage of length L before a single slot, until all is gone: a busy period
//! that begins with Poisson(lambda L) messages. Drain time lambda L E[S] / (1 - rho) for any session law.

use super::super::Problem;
use super::super::setting::{Setting, duration};
use super::super::table::{Configuration, Row};
use super::super::trial::Trial;
use super::keys::{mean_session, session};

/// Rows of this name are about a recipient without limits.
const UNLIMITED: &str = "infinite_capacity_";

pub(super) fn trials(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let [rate, length] = [parameters.positive("lambda")?, parameters.positive("L")?];
    let load = rate * mean_session(parameters)?;
    if load >= 1.0 {
        return Err(Problem::new(format!("the load is {load}: the queue never drains")));
    }
    let (unlimited, limited): (Vec<Row>, Vec<Row>) =
        rows.iter().cloned().partition(|row| row.quantity.starts_with(UNLIMITED));
    let window = format!("from = '0s', until = '{}'", duration(length));
    let gate = format!("gates.window.maintenance = {{ when.once = {{ {window} }}, sessions = 'cut' }}");
    let session = session(parameters)?;
    let one = format!("slots = 1\n{session}\ngates.full.connection-limit.limit = 1\n{gate}");
    // Fifteen standard deviations after the mean drain time, and a few of the time that one message takes
    // to drain: what it brings with it has the second moment E[S^2] / (1 - load)^3.
    let (mean, scv) = (mean_session(parameters)?, parameters.optional("scv")?.unwrap_or(1.0));
    let deviation = mean * (rate * length * (1.0 + scv) / (1.0 - load).powi(3)).sqrt();
    let horizon =
        length / (1.0 - load) + 15.0 * deviation + 100.0 * mean * (1.0 + scv) / (1.0 - load).powi(2);
    let trial = |rows: &[Row], recipient: String, name: &str| {
        let steady = Setting::steady(rate, 1.0, 0.0);
        let setting = Setting { cohort: (0.0, length), horizon, ..steady }.recipient(recipient).clairvoyant();
        Trial::new(model, &parameters.with("slots", name), rows, setting)
    };
    let mut trials = Vec::new();
    if !limited.is_empty() {
        trials.push(trial(&limited, one, "one")?);
    }
    if !unlimited.is_empty() {
        trials.push(trial(&unlimited, format!("{session}\n{gate}"), "unlimited")?);
    }
    Ok(trials)
}
