//! `main.cf`.

use super::text::{head, messages, time};
use super::{ExportError, Written};
use crate::mta::native::Dialect;
use crate::scenario::written::{Backoff, DeadSite, Feedback, Jitter, Memory, Policy, Runner};
use crate::scenario::{PolicyChoice, preset};
use crate::time::Span;

/// Writes the parameters that make up the policy.
pub fn write(policy: &Policy) -> Result<Written, ExportError> {
    let mut text = head(policy, "#", &["main.cf, for all transports. Reload Postfix after a change."]);
    text += &backoff(policy)?;
    if let Runner::Scan(scan) = &*policy.runner {
        text += &format!("queue_run_delay = {}\n", time(&scan.every));
        if let Some(active) = &scan.active {
            text += &format!("qmgr_message_active_limit = {active}\n");
        }
    }
    text += &lifetime(policy);
    if let Memory::DeadSite(site) = &*policy.memory {
        text += &concurrency(site);
    }
    text += &connections(policy);
    Ok(Written { text, queue_interval: None })
}

fn backoff(policy: &Policy) -> Result<String, ExportError> {
    let (least, most) = match &*policy.backoff {
        Backoff::AgeDoubling(part) if *part.jitter == Jitter::None => {
            // No delay is longer than the message is old. The program wants a second at least.
            let least = if part.min.span() > Span::ZERO { time(&part.min) } else { "1s".to_owned() };
            (least, part.max.as_ref().or(policy.lifetime.age.as_ref()).map(time))
        }
        Backoff::Fixed(part) if *part.jitter == Jitter::None && part.every.span() > Span::ZERO => {
            (time(&part.every), Some(time(&part.every)))
        }
        _ => {
            let can = "`age-doubling` and `fixed`, longer than zero and without jitter";
            return Err(ExportError::Backoff { to: Dialect::Postfix, can });
        }
    };
    let most = most.unwrap_or_else(|| "100d".to_owned());
    Ok(format!("minimal_backoff_time = {least}\nmaximal_backoff_time = {most}\n"))
}

fn lifetime(policy: &Policy) -> String {
    let lifetime = &policy.lifetime;
    let mut text = String::new();
    match (&lifetime.attempts, &lifetime.age) {
        (Some(attempts), _) if **attempts == 1 => text += "maximal_queue_lifetime = 0\n",
        (_, Some(age)) => {
            text += &format!("maximal_queue_lifetime = {}\nbounce_queue_lifetime = {0}\n", time(age));
        }
        _ => {}
    }
    let warning = lifetime.warn_after.as_ref().map_or("0h".to_owned(), time);
    text + &format!("delay_warning_time = {warning}\n")
}

fn concurrency(site: &DeadSite) -> String {
    let feedback = |feedback: Feedback| String::from(feedback).replace("sqrt-", "sqrt_");
    // The program takes whole numbers, and 0 for never.
    let cohorts = site.cohorts.ceil();
    format!(
        "initial_destination_concurrency = {}\ndefault_destination_concurrency_limit = {}\n\
         default_destination_concurrency_failed_cohort_limit = {cohorts}\n\
         default_destination_concurrency_positive_feedback = {}\n\
         default_destination_concurrency_negative_feedback = {}\n",
        site.window,
        site.limit,
        feedback(site.positive),
        feedback(site.negative),
    )
}

/// What the preset has for no limit of messages on a connection.
fn unlimited() -> Option<u32> {
    match preset(Dialect::Postfix.name()) {
        Some(PolicyChoice::Policy(postfix)) => messages(&postfix.connections),
        _ => None,
    }
}

fn connections(policy: &Policy) -> String {
    let connections = &policy.connections;
    let mut text = String::new();
    if let Some(total) = &connections.total {
        text += &format!("default_process_limit = {total}\n");
    }
    match messages(connections) {
        None => text += "smtp_connection_cache_on_demand = no\n",
        most if most == unlimited() => {}
        // The first use is no reuse.
        Some(count) => {
            text += &format!("smtp_connection_reuse_count_limit = {}\n", count.saturating_sub(1));
        }
    }
    if messages(connections).is_some() {
        text += &format!("smtp_connection_cache_time_limit = {}\n", time(&connections.idle));
        if let Some(age) = &connections.reuse_for {
            text += &format!("smtp_connection_reuse_time_limit = {}\n", time(age));
        }
    }
    // A delay for all transports is one for the `retry` service too, unless that has its own.
    let put_off = connections.rest_suspended.as_ref().map(time);
    match &connections.rest {
        Some(rest) => {
            let put_off = put_off.unwrap_or_else(|| "0s".to_owned());
            text += &format!("default_destination_rate_delay = {}\n", time(rest));
            text += &format!("retry_destination_rate_delay = {put_off}\n");
        }
        None => text.extend(put_off.map(|delay| format!("retry_destination_rate_delay = {delay}\n"))),
    }
    text + &format!(
        "smtp_connect_timeout = {}\nsmtp_helo_timeout = {}\n",
        time(&connections.connect_timeout),
        time(&connections.greeting_timeout)
    )
}
