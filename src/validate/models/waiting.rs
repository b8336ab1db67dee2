//! Queues that are never refused: before the connections of a sender, and in a listen queue.
//!
//! M/M/c: Erlang C. M/D/1: Crommelin. M/G/1: Pollaczek and Khinchine. M/M/c/K: a birth-death process.

use super::super::Problem;
use super::super::setting::Setting;
use super::super::table::Configuration;
use super::super::trial::Trial;
use super::keys::{longest_session, loss_server, margin, mean_session, messages, session};

/// A sender with c connections to a recipient without limits.
pub(super) fn before_connections(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let c = parameters.text("c").map_or(Ok(1), |_| parameters.count("c"))?;
    let (rate, session_time) = (parameters.positive("lambda")?, mean_session(parameters)?);
    let load = rate * session_time / f64::from(c);
    if load >= 1.0 {
        return Err(Problem::new(format!("the load is {load}: the queue grows for ever")));
    }
    let scv = parameters.optional("scv")?.unwrap_or(1.0).max(1.0);
    // Of many connections one is free soon.
    let busy = session_time * scv / f64::from(c);
    let margin = margin(load, busy, busy) + 20.0 * session_time;
    let margin = margin.max(longest_session(parameters)?);
    let policy =
        format!("{{ backoff.fixed.every = '1m', lifetime.attempts = 1, connections.per_destination = {c} }}");
    let setting =
        Setting::steady(rate, messages(rate, margin), margin).recipient(session(parameters)?).policy(policy);
    Ok(vec![Trial::new(model, parameters, rows, setting)?])
}

/// Connections that wait in silence for one of c slots, while there are less than K with those in slots.
/// For others the SYN is not answered, and their senders give up at once.
pub(super) fn in_backlog(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let (c, most) = (parameters.count("c")?, parameters.count("K")?);
    if most < c {
        return Err(parameters.wrong("K", "K must be c or more: it counts those in slots, too"));
    }
    let (rate, session_time) = (parameters.positive("lambda")?, mean_session(parameters)?);
    let margin = 100.0 * session_time * f64::from(most) / f64::from(c);
    // A backlog has room for one at least; without any, what has no slot is refused.
    let recipient = match most - c {
        0 => loss_server(parameters)?,
        room => format!("slots = {c}\n{}\ngates.queue.backlog.length = {room}", session(parameters)?),
    };
    let policy = "{ backoff.fixed.every = '1m', lifetime.attempts = 1, \
                  connections = { connect_timeout = '1us', greeting_timeout = '365d' } }";
    let setting = Setting::steady(rate, messages(rate, margin), margin).recipient(recipient).policy(policy);
    Ok(vec![Trial::new(model, parameters, rows, setting)?.with_backlog()])
}
