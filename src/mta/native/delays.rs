//! Lists of delays, as many programs take them.

use std::ops::Range;

use super::reading::{Item, Reading, Value};
use crate::time::Span;

/// Repeats beyond this many are nobody's schedule.
pub const MOST: usize = 10_000;

/// States a backoff of listed delays, of which the last repeats.
pub fn state(reading: &mut Reading, delays: &[(Span, Range<usize>)], at: Range<usize>) {
    let item = |(delay, at): &(Span, Range<usize>)| Item { at: at.clone(), value: Value::time(*delay) };
    reading.set("backoff.list.delays", at, Value::List(delays.iter().map(item).collect()));
}

/// States that there is one attempt more than there are delays.
pub fn state_attempts(reading: &mut Reading, delays: usize, at: Range<usize>) {
    let attempts = u32::try_from(delays.saturating_add(1)).unwrap_or(u32::MAX);
    reading.set("lifetime.attempts", at, Value::Count(attempts));
}

/// The parts of a text between separators, without blanks around them, each with its place.
pub fn split(text: &str, start: usize, separator: char) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut next = start;
    text.split(separator).map(move |part| {
        let from = next + (part.len() - part.trim_start().len());
        next += part.len() + separator.len_utf8();
        (part.trim(), from..from + part.trim().len())
    })
}
