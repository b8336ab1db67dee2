//! Words that several writers need.

use crate::quantity::Duration;
use crate::scenario::Spanned;
use crate::scenario::written::{Connections, Policy, Reuse};
use crate::time::Span;

/// The lines at the head of a configuration, each after the sign of a comment.
pub fn head(policy: &Policy, comment: &str, lines: &[&str]) -> String {
    let mut text = String::new();
    if let Some(about) = &policy.about {
        text += &format!("{comment} {about}\n");
    }
    for line in lines {
        text += &format!("{comment} {line}\n");
    }
    text
}

/// Whole seconds, rounded up.
pub fn seconds(span: Span) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(0).div_ceil(1_000_000)
}

/// Whole seconds as one number with one unit, the largest that fits: `300` is `5m`.
pub fn one_unit(span: Span, units: &[(&str, u64)]) -> String {
    let seconds = seconds(span);
    let fits = units.iter().find(|&&(_, unit)| seconds >= unit && seconds.is_multiple_of(unit));
    fits.map_or(format!("{seconds}s"), |&(name, unit)| format!("{}{name}", seconds / unit))
}

/// The units of most programs.
pub const UNITS: [(&str, u64); 3] = [("d", 86_400), ("h", 3_600), ("m", 60)];

/// A duration of a policy as one number with a unit.
pub fn time(duration: &Spanned<Duration>) -> String {
    one_unit(duration.span(), &UNITS)
}

/// How many messages go down a connection; `None` if it is not used again.
pub fn messages(connections: &Connections) -> Option<u32> {
    (*connections.reuse != Reuse::None).then_some(*connections.messages_per_connection)
}
