//! `queue.schedule` in TOML.

use super::text::{UNITS, head, one_unit, time};
use super::{ExportError, Written, delays};
use crate::mta::native::Dialect;
use crate::scenario::written::Policy;

/// Writes the schedule of mail to other servers.
pub fn write(policy: &Policy) -> Result<Written, ExportError> {
    let can = "delays of whole seconds, at most 1000 before the last repeats, without jitter";
    let delays = delays::all(policy).map(delays::without_repeats);
    let fits = |delays: &Vec<_>| !delays.is_empty() && delays.len() <= 1_000 && delays.iter().all(is_whole);
    let delays = delays.filter(fits).ok_or(ExportError::Backoff { to: Dialect::Stalwart, can })?;
    let listed: Vec<String> =
        delays.iter().map(|&delay| format!("\"{}\"", one_unit(delay, &UNITS))).collect();
    let mut text = head(policy, "#", &["The last delay repeats."]);
    text += &format!("[queue.schedule.remote]\nretry = [{}]\n", listed.join(", "));
    let warning = policy.lifetime.warn_after.as_ref().map(|after| format!("\"{}\"", time(after)));
    text += &format!("notify = [{}]\n", warning.unwrap_or_default());
    match (&policy.lifetime.attempts, &policy.lifetime.age) {
        (Some(attempts), _) => text += &format!("max-attempts = {attempts}\n"),
        (None, Some(age)) => text += &format!("expire = \"{}\"\n", time(age)),
        (None, None) => {}
    }
    Ok(Written { text, queue_interval: None })
}

fn is_whole(delay: &crate::time::Span) -> bool {
    delay.as_micros() % 1_000_000 == 0
}
