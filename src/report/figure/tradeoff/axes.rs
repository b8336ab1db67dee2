//! The two axes: what is drawn on a logarithmic scale, and where they end.

use super::Mark;
use crate::report::figure::axis::{Axis, Room};
use crate::report::figure::ticks;

/// Ratio of the largest to the smallest value from which a scale is logarithmic.
const LOG_RATIO: f64 = 20.0;

/// The least and the greatest of these numbers.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// Durations: logarithmic where the means differ by much.
pub(super) fn mean_axis(marks: &[Mark<'_>], level: Option<f64>, room: Room) -> Axis {
    let Some((low, high)) = range(marks.iter().map(|mark| mark.y.0).chain(level)) else {
        return Axis::durations(0.0, 3600.0, room);
    };
    if low > 0.0 && high > LOG_RATIO * low {
        let ends = marks.iter().flat_map(|mark| [mark.y.1, mark.y.2]).filter(|&end| end > low / 2.0);
        let (low, high) = range(ends.chain([low, high])).unwrap_or((low, high));
        return Axis::fitted_log_durations(low / 1.4, high * 1.4, room);
    }
    let ends = marks.iter().flat_map(|mark| [mark.y.1, mark.y.2]);
    let (low, high) = padded(range(ends.chain([low, high])).unwrap_or((low, high)));
    Axis::durations(low, high, room)
}

/// Connections: logarithmic where they differ by much, with a place for zero where it occurs.
pub(super) fn load_axis(marks: &[Mark<'_>], room: Room) -> Axis {
    let Some((low, high)) = range(marks.iter().map(|mark| mark.x.0)) else {
        return Axis::numbers(0.0, 1.0, room);
    };
    let positive =
        range(marks.iter().map(|mark| mark.x.0).filter(|&x| x > 0.0)).map_or(high, |(least, _)| least);
    let ends = || marks.iter().flat_map(|mark| [mark.x.1, mark.x.2]);
    let top = ends().fold(high, f64::max);
    if high > LOG_RATIO * positive {
        let least = ends().filter(|&end| end > positive / 2.0).fold(positive, f64::min);
        return if low > 0.0 {
            Axis::log_numbers(least / 1.3, top * 1.3, room)
        } else {
            Axis::symlog(0.0, top * 1.3, ticks::ten_to(positive.log10().floor() as i32), room, ticks::number)
        };
    }
    let (low, high) = padded((ends().fold(low, f64::min), top));
    Axis::numbers(low, high, room)
}

/// A range with some room on both sides; from zero where zero is near.
fn padded((low, high): (f64, f64)) -> (f64, f64) {
    let room = if high > low { 0.08 * (high - low) } else { (0.2 * high.abs()).max(1e-3) };
    let start = if low >= 0.0 && low < 0.4 * high { 0.0 } else { low - room };
    (if low >= 0.0 { start.max(0.0) } else { start }, high + room)
}
