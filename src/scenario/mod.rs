//! What a user writes: the scenario file, read, merged and judged, before anything runs.

mod check;
mod deserialize;
mod exim_rule;
mod finding;
pub mod lower;
mod measure;
mod merge;
mod misfit;
mod overrides;
mod read;
mod resolve;
mod source;
mod spanned;
mod suggest;
mod trace_file;
mod tree;
mod variant;
pub mod written;

pub use check::{Checked, check, load};
pub use finding::{Finding, Findings, Kind, Paint, Related, Severity};
pub use read::{files_named, read};
pub use resolve::{PolicyChoice, preset};
pub use source::{Sources, Text};
pub use spanned::Spanned;
pub use trace_file::TraceRow;
pub use variant::{Scenario, VariantSpec, Variation};
