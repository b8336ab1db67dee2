//! The simulator against exact theory: models of queueing theory whose means, variances and tails can be
//! computed without simulating, run like any other scenario and compared row by row.
//!
//! A [`table`] says what is to be reproduced; [`models`] turn its configurations into scenario texts, read
//! and judged as a user's would be. What no user would write, such as senders that give up by chance, is
//! a part behind the public traits. [`Validation::run`] simulates, and [`Finding`] says how each row came out.
//!
//! [`published`] does the like for simulations and constants that others have published.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use tempfail::experiment::progress::Progress;
//! use tempfail::validate::{Effort, Validation, read};
//!
//! let table = "model,params,quantity,value\n\
//!              outage_single,L=600;retry_policy=fixed;retry_base=60,mean_delay_given_hit,330\n";
//! let configurations = read(table).unwrap();
//! let progress = Progress::default();
//! let threads = NonZeroUsize::MIN;
//! let validation = Validation::run(&configurations, Effort::QUICK, threads, &progress).unwrap();
//! assert!(validation.passed());
//! ```

pub mod coverage;
mod estimate;
mod family;
mod finding;
mod meter;
pub mod models;
mod parameters;
mod parts;
mod problem;
pub mod published;
mod quantity;
mod run;
mod setting;
pub mod table;
mod trial;

pub use estimate::Estimate;
pub use family::Family;
pub use finding::{Finding, Found, Verdict};
pub use parameters::Parameters;
pub use problem::Problem;
pub use run::{Effort, Validation};
pub use table::{Configuration, REFERENCE, Row, read};
