//! The system: senders, recipients and workload put together, and the only scheduler.

mod connections;
mod event;
mod ids;
mod observer;
mod plan;
mod simulation;

pub use observer::{Happening, Observer, Place};
pub use plan::{Flush, Measure, NamedRecipient, NamedSource, Plan, Population, Senders};
pub use simulation::{Simulation, Tally};
