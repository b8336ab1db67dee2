//! What a user writes: the scenario file, read, merged and judged, before anything runs.

mod spanned;
pub mod written;

pub use spanned::Spanned;
