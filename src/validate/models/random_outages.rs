//! A recipient that is up and down for exponential times.
//!
//! Without limits, for any independent delays (alternating renewal process): pd = down / (up + down),
//! q_n = 1 - pd (1 - E[exp(-(1/up + 1/down) d_n)]) stands for the chance to find it up at the n-th retry.
//! With c slots and memoryless retries: a Markov chain of (up, busy, orbit). The clairvoyant before a
//! single slot: White and Christie, Operations Research 6 (1958) 79.

use super::super::Problem;
use super::super::parameters::Parameters;
use super::super::setting::{Setting, duration};
use super::super::table::Configuration;
use super::super::trial::Trial;
use super::keys::{
    LONGEST, MESSAGES, instant_server, loss_server, margin, mean_session, memoryless, messages, rest,
};
use super::phases::Delays;

/// So many recipients, each with outages of its own, where messages do not meet otherwise.
const RECIPIENTS: usize = 20;

/// Any policy, a recipient without limits.
pub(super) fn unlimited(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let [up, down] = [parameters.positive("mean_up")?, parameters.positive("mean_down")?];
    let delays = Delays::of(parameters)?;
    // About one message in each cycle of a recipient: more would share the fate of others.
    let rate = RECIPIENTS as f64 / (up + down);
    let margin = 60.0 * (delays.longest + down) * (up + down) / up;
    // Where a cycle takes a day, fewer messages fit into the longest run, and more replications are made.
    let (before, length) = (margin.min(LONGEST / 4.0), (MESSAGES / rate).min(LONGEST / 4.0));
    let cohort = (before, before + length);
    let gate = format!("window.maintenance.when.random = {{ {} }}", times(up, down));
    let setting = Setting::steady(rate, length * rate, margin)
        .recipient(instant_server(&gate))
        .policy(delays.keys.as_str());
    let horizon = cohort.1 + rest(margin, cohort.1);
    let setting = Setting { recipients: RECIPIENTS, cohort, horizon, ..setting };
    Ok(vec![Trial::new(model, parameters, rows, setting)?])
}

/// c slots and memoryless retries. Sessions under way finish; or they are cut, and tried anew like what
/// was refused, each time with a session time of its own.
pub(super) fn slots(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let (load, cycle) = load_and_cycle(parameters)?;
    let sessions = match parameters.number("abort_in_progress")? {
        0.0 => "sessions = 'finish'",
        1.0 => "sessions = 'cut'",
        _ => return Err(parameters.wrong("abort_in_progress", "abort_in_progress is 0 or 1")),
    };
    let (rate, theta) = (parameters.positive("lambda")?, parameters.positive("theta")?);
    let slowest = mean_session(parameters)? / f64::from(parameters.count("c")?) + 1.0 / theta + cycle;
    let margin = margin(load, slowest, slowest);
    let gate = format!("gates.window.maintenance = {{ {}, {sessions} }}", random(parameters)?);
    let setting = Setting::steady(rate, messages(rate, margin), margin)
        .recipient(format!("{}\ntransaction_drawn = 'each-try'\n{gate}", loss_server(parameters)?))
        .policy(memoryless(theta, None));
    Ok(vec![Trial::new(model, parameters, rows, setting)?])
}

/// The clairvoyant, which freezes sessions.
pub(super) fn clairvoyant(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let parameters =
        &if parameters.text("c").is_some() { parameters.clone() } else { parameters.with("c", 1) };
    let (load, cycle) = load_and_cycle(parameters)?;
    let rate = parameters.positive("lambda")?;
    let slowest = mean_session(parameters)? + cycle;
    let margin = margin(load, slowest, slowest);
    let gate = format!("gates.window.maintenance = {{ {}, sessions = 'cut' }}", random(parameters)?);
    let setting = Setting::steady(rate, messages(rate, margin), margin)
        .recipient(format!("{}\n{gate}", loss_server(parameters)?))
        .clairvoyant();
    Ok(vec![Trial::new(model, parameters, rows, setting)?])
}

/// The load of the time in which the recipient is up, and how long its state is remembered.
fn load_and_cycle(parameters: &Parameters) -> Result<(f64, f64), Problem> {
    let [fail, repair] = [parameters.positive("fail_rate")?, parameters.positive("repair_rate")?];
    let offered =
        parameters.positive("lambda")? * mean_session(parameters)? / f64::from(parameters.count("c")?);
    let load = offered * (fail + repair) / repair;
    if load >= 1.0 {
        return Err(Problem::new(format!("the load is {load}: the queue grows for ever")));
    }
    Ok((load, 1.0 / (fail + repair)))
}

fn random(parameters: &Parameters) -> Result<String, Problem> {
    let [fail, repair] = [parameters.positive("fail_rate")?, parameters.positive("repair_rate")?];
    Ok(format!("when.random = {{ {} }}", times(1.0 / fail, 1.0 / repair)))
}

fn times(up: f64, down: f64) -> String {
    format!("up = '{}', down = '{}'", duration(up), duration(down))
}
