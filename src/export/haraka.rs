//! `outbound.ini`.

use super::text::{UNITS, head, one_unit, seconds};
use super::{ExportError, Written, delays};
use crate::mta::native::Dialect;
use crate::scenario::written::Policy;
use crate::time::Span;

/// Writes the settings that make up the policy.
pub fn write(policy: &Policy) -> Result<Written, ExportError> {
    let can = "delays of whole seconds from 5 s, at most 1000 of them, without jitter";
    let delays = delays::all(policy).filter(|delays| delays.len() <= 1_000 && delays.iter().all(fits));
    let delays = delays.ok_or(ExportError::Backoff { to: Dialect::Haraka, can })?;
    let mut text =
        head(policy, ";", &["outbound.ini. A message bounces at the failure after the last delay."]);
    text += &match powers_of_two(&delays) {
        true => format!("maxTempFailures={}\n", delays.len() + 1),
        false => format!("temp_fail_intervals={}\n", intervals(&delays)),
    };
    if let Some(total) = &policy.connections.total {
        text += &format!("concurrency_max={total}\n");
    }
    text += &format!("connect_timeout={}\n", seconds(policy.connections.connect_timeout.span()));
    Ok(Written { text, queue_interval: None })
}

fn fits(delay: &Span) -> bool {
    *delay >= Span::from_seconds(5) && delay.as_micros() % 1_000_000 == 0
}

/// Whether these are the delays that Haraka has without a list: 2^(n+5) seconds after failure n.
fn powers_of_two(delays: &[Span]) -> bool {
    let power =
        |n: usize| u32::try_from(n + 6).ok().and_then(|n| 1_i64.checked_shl(n)).map(Span::from_seconds);
    delays.len() < 40 && delays.iter().enumerate().all(|(n, &delay)| power(n) == Some(delay))
}

/// `1m, 5m*2`, or `none`.
fn intervals(delays: &[Span]) -> String {
    let mut runs: Vec<(Span, usize)> = Vec::new();
    for &delay in delays {
        match runs.last_mut() {
            Some((same, times)) if *same == delay => *times += 1,
            _ => runs.push((delay, 1)),
        }
    }
    let shown = |&(delay, times): &(Span, usize)| match times {
        1 => one_unit(delay, &UNITS),
        _ => format!("{}*{times}", one_unit(delay, &UNITS)),
    };
    let parts: Vec<String> = runs.iter().map(shown).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}
