//! The experiment: cells of (variant, replication), what each of them records, and the comparison.

pub mod expectation;
pub mod hyperbola;
pub mod limit;
pub mod metric;
pub mod progress;
pub mod record;
pub mod recorder;
pub mod run;
pub mod sequential;
pub mod steady_state;
pub mod summary;
pub mod worlds;

#[cfg(test)]
pub mod samples;
