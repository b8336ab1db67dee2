//! The workload: when mail arrives, at which host and for whom.
//!
//! Every draw is keyed by the source and the number of the arrival in it, so arrivals never depend
//! on what senders and recipients do: all variants of a scenario meet the same mail.

mod rate;
mod share;
mod source;

pub use rate::Rate;
pub use share::Share;
pub use source::{Arrival, Arrivals, Source, TraceRow};
