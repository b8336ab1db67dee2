//! Erlang's loss formula: a server with c slots that answers 421 beyond, senders that try once.
//!
//! B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)), the same for every law of session times with the same
//! mean (Erlang 1917; insensitivity: Sevastyanov 1957).

use super::super::Problem;
use super::super::setting::Setting;
use super::super::table::Configuration;
use super::super::trial::Trial;
use super::keys::{ONCE, longest_session, loss_server, messages};

pub(super) fn trials(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let rate = parameters.positive("lambda")?;
    // A full server is a new one after a session or so, but all sessions must end.
    let margin = longest_session(parameters)?;
    let setting = Setting::steady(rate, messages(rate, margin), margin)
        .recipient(loss_server(parameters)?)
        .policy(ONCE);
    Ok(vec![Trial::new(model, parameters, rows, setting)?])
}
