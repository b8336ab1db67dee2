//! Pure numbers: intervals, comparisons, quantiles, histograms.
//!
//! Nothing here knows what the numbers mean. The unit of inference is the *replication*: a slice
//! holds one number per replication, never one per observation inside a replication, because
//! observations of one replication depend on each other and an interval that treats them as
//! independent is far too short (a nominal 95 % interval for a pooled 99th percentile of 30
//! replications of 1000 observations covered the truth 38 times in 100).
//!
//! - [`summary`]: mean, variance and Student-t interval of one series;
//! - [`paired`] and [`ratio`]: the difference, and the ratio, of two series made with common random numbers;
//! - [`holm`], [`verdict`] and [`family`]: many comparisons at once, and the word for each;
//! - [`quantile`], [`order_statistic`] and [`jackknife`]: quantiles where some never got there,
//!   and their intervals;
//! - [`proportion`]: how often something is so;
//! - [`histogram`]: counts in a fixed log-linear layout;
//! - [`dispersion`]: how bunched, how fair;
//! - [`precision`]: how many replications more;
//! - [`warm_up`]: where a series has settled, and its mean from batches;
//! - [`survival`]: times of which some were not seen to their end.

pub mod dispersion;
pub mod family;
pub mod histogram;
pub mod holm;
pub mod jackknife;
pub mod order_statistic;
pub mod paired;
pub mod precision;
pub mod proportion;
pub mod quantile;
pub mod ratio;
pub mod student;
pub mod summary;
pub mod survival;
pub mod verdict;
pub mod warm_up;

#[cfg(test)]
pub(crate) mod samples;
