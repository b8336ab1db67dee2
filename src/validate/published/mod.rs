//! What others have published of retries, reproduced: small models of simulations and of theory, on the same event
//! set, with the same backoffs and the same statistics as everything else.
//!
//! A [`Model`] makes [`Case`]s, each of which is run many times and compared with what is [`Known`]: a number
//! from a formula, or the mean of another program's runs with an error of its own. [`Reproduction::run`]
//! simulates, a [`Finding`] says how one number came out, and [`conclusions`] what of it all holds.
//!
//! ```
//! use std::num::NonZeroUsize;
//! use tempfail::experiment::progress::Progress;
//! use tempfail::validate::published::{Depth, Reproduction, optimistic_lock};
//!
//! let table = optimistic_lock::Table::published();
//! let cases = optimistic_lock::cases(&[3], &table, Depth::Quick).unwrap();
//! let progress = Progress::default();
//! let done = Reproduction::run(&cases, Depth::Quick, NonZeroUsize::MIN, &progress).unwrap().unwrap();
//! // Three clients are not in the table: there is nothing to compare with.
//! assert!(done.findings.iter().all(|finding| finding.known.is_none()));
//! // Each client writes at least once.
//! assert!(done.findings.iter().all(|finding| finding.quantity != "calls" || finding.found.mean >= 3.0));
//! ```

mod batch;
mod case;
mod collapse;
pub mod conclusions;
mod family;
mod finding;
mod known;
pub mod laws;
pub mod optimistic_lock;
mod overshoot;
mod peaks;
mod retry_budgets;
mod run;
mod texts;
mod windows;

pub use case::{Case, Depth};
pub use family::Family;
pub use finding::{Finding, Found, Verdict};
pub use known::{Known, Precision};
pub use run::Reproduction;

use super::Problem;

/// Something published that is reproduced.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, where it was published, and where the numbers come from that it is compared with.
    pub about: &'static str,
    /// Whether its cases are independent, so that all together can be judged by the spread of z.
    pub independent: bool,
    /// Everything that is run of it.
    pub cases: fn(Depth) -> Result<Vec<Case>, Problem>,
}

/// All of them, in the order of the page.
pub const MODELS: &[Model] = &[
    optimistic_lock::MODEL,
    retry_budgets::MODEL,
    collapse::MODEL,
    batch::MODEL,
    peaks::MODEL,
    overshoot::MODEL,
    laws::MODEL,
];
