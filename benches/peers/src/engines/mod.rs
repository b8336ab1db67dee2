//! The engines, one file each: a function from a task to its result.

mod binary_heap;
mod desque;
mod nexosim;
mod odem;
mod simcore;
mod tempfail;

use crate::model::Task;

/// Runs a task; none where the engine cannot, or takes too long.
pub type Run = fn(Task) -> Option<f64>;

/// All engines, ours first.
pub const ENGINES: [(&str, Run); 7] = [
    ("tempfail (event set)", tempfail::event_set),
    ("tempfail (whole simulator)", tempfail::simulator),
    ("std::collections::BinaryHeap", binary_heap::run),
    ("desque", desque::run),
    ("simcore", simcore::run),
    ("odem-rs", odem::run),
    ("nexosim", nexosim::run),
];
