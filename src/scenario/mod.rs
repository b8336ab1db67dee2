//! What a user writes: the scenario file, read, merged and judged, before anything runs.

mod deserialize;
mod finding;
mod merge;
mod misfit;
mod overrides;
mod source;
mod spanned;
mod suggest;
mod tree;
pub mod written;

pub use finding::{Finding, Findings, Kind, Paint, Severity};
pub use source::{Sources, Text};
pub use spanned::Spanned;
