//! What a user writes: the scenario file, read, merged and judged, before anything runs.
//!
//! The way of a scenario: texts in [`Sources`] -> one tree with a place for every value -> patched by
//! `--set`, drawn values, variants and `like` -> the [`written`] types -> [`Scenario`] -> [`check`]. Nothing here
//! opens a file: the caller asks [`files_named`] and brings the texts.

mod axis;
mod check;
mod deserialize;
mod finding;
pub mod lower;
mod measure;
mod merge;
mod misfit;
mod native;
mod overrides;
mod policy_text;
mod read;
mod resolve;
mod source;
mod spanned;
mod suggest;
mod template;
mod trace_file;
mod tree;
mod variant;
mod varied_keys;
mod worlds;
pub mod written;

pub use axis::{Axis, AxisError, points};
pub use check::{Checked, check, load};
pub use finding::{Finding, Findings, Kind, Paint, Related, Severity};
pub use overrides::{is_below, is_change};
pub use policy_text::read_policy;
pub use read::{files_named, read};
pub use resolve::{PolicyChoice, policy_help, preset};
pub use source::{Sources, Text};
pub use spanned::Spanned;
pub use suggest::did_you_mean;
pub use template::TEMPLATE;
pub use trace_file::TraceRow;
pub use variant::{Scenario, VariantSpec, Variation};
pub use worlds::load_world;
