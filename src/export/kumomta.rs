//! `kumo.make_queue_config` and `kumo.make_egress_path`.

use super::text::{head, messages, seconds};
use super::{ExportError, Written};
use crate::mta::native::Dialect;
use crate::quantity::Duration;
use crate::scenario::Spanned;
use crate::scenario::written::{Backoff, Exponential, Memory, Policy};
use crate::time::Span;

/// Writes the two tables that make up the policy. Jitter is KumoMTA's own.
pub fn write(policy: &Policy) -> Result<Written, ExportError> {
    let (initial, max) = match &*policy.backoff {
        Backoff::Exponential(part) if doubles(part) && !is_zero(&part.initial) => {
            (&part.initial, part.max.as_ref())
        }
        Backoff::Fixed(part) if !is_zero(&part.every) => (&part.every, Some(&part.every)),
        _ => {
            let can = "`exponential` with the factor 2, and `fixed`, longer than zero";
            return Err(ExportError::Backoff { to: Dialect::KumoMta, can });
        }
    };
    let mut text =
        head(policy, "--", &["init.lua: what get_queue_config and get_egress_path_config return."]);
    text += "local queue = kumo.make_queue_config {\n";
    text += &format!("  retry_interval = '{}',\n", time(initial));
    if let Some(max) = max {
        text += &format!("  max_retry_interval = '{}',\n", time(max));
    }
    if let Some(age) = &policy.lifetime.age {
        text += &format!("  max_age = '{}',\n", time(age));
    }
    text += "}\n\nlocal path = kumo.make_egress_path {\n";
    let connections = &policy.connections;
    if let Some(limit) = &connections.per_destination {
        text += &format!("  connection_limit = {limit},\n");
    }
    if let Memory::ConsecutiveFailures(memory) = &*policy.memory {
        text += &format!("  consecutive_connection_failures_before_delay = {},\n", memory.failures);
    }
    text += &format!("  max_deliveries_per_connection = {},\n", messages(connections).unwrap_or(1));
    text += &format!("  connect_timeout = '{}',\n", time(&connections.connect_timeout));
    text += &format!("  banner_timeout = '{}',\n}}\n", time(&connections.greeting_timeout));
    Ok(Written { text, queue_interval: None })
}

#[expect(clippy::float_cmp, reason = "the factor is as it was written")]
fn doubles(part: &Exponential) -> bool {
    *part.factor == 2.0
}

fn is_zero(duration: &Spanned<Duration>) -> bool {
    duration.span() == Span::ZERO
}

/// A time in words, the largest unit that fits.
fn time(duration: &Spanned<Duration>) -> String {
    let seconds = seconds(duration.span());
    let units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];
    let fits = units.into_iter().find(|&(_, unit)| seconds >= unit && seconds.is_multiple_of(unit));
    let (name, unit) = fits.unwrap_or(("second", 1));
    match seconds / unit {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}
