//! The system: senders, recipients and workload put together, and the only scheduler.

mod clairvoyant;
mod connections;
mod event;
mod feed;
mod ids;
mod observer;
mod plan;
mod simulation;

pub use observer::{Happening, Observer, Place};
pub use plan::{Flush, Measure, NamedRecipient, NamedSource, Plan, Population, Senders};
pub use simulation::Tally;

use self::clairvoyant::Clairvoyant;
use self::simulation::Simulation;
use crate::engine::{Engine, Tiered};
use crate::message::Message;
use crate::time::Instant;

/// A run that reached its horizon.
pub struct Finished<O> {
    /// The observer, with what it noted.
    pub observer: O,
    /// What became of all messages, and the work that was done.
    pub tally: Tally,
    /// Messages in a session at the horizon, with the instant at which their attempt began.
    pub under_way: Vec<(Message, Instant)>,
}

/// Simulates replication `replication` of `plan` up to its horizon.
///
/// Whenever `steps` more entries of the event set are done, `go_on` is told how many events that were and which instant is
/// reached, and says whether to continue; none is returned when it says no.
///
/// # Panics
///
/// When a message was lost, which would be a fault of this crate.
pub fn run<O: Observer>(
    plan: &Plan,
    replication: u32,
    observer: O,
    steps: u64,
    go_on: impl FnMut(u64, Instant) -> bool,
) -> Option<Finished<O>> {
    run_on::<Tiered, O>(plan, replication, observer, steps, go_on)
}

/// The same on a chosen event set. What happens does not depend on it.
///
/// # Panics
///
/// As [`run`].
pub fn run_on<E: Engine, O: Observer>(
    plan: &Plan,
    replication: u32,
    observer: O,
    steps: u64,
    mut go_on: impl FnMut(u64, Instant) -> bool,
) -> Option<Finished<O>> {
    let mut told = 0;
    let mut go_on = |events: u64, now| go_on(events - std::mem::replace(&mut told, events), now);
    let (observer, tally, under_way) = match &plan.senders {
        Senders::ByPolicy(policies) => {
            let mut simulation = Simulation::<E, O>::new(plan, policies, replication, observer);
            while simulation.advance(steps) {
                if !go_on(simulation.events(), simulation.now()) {
                    return None;
                }
            }
            simulation.finish()
        }
        Senders::Clairvoyant => {
            let mut reference = Clairvoyant::<E, O>::new(plan, replication, observer);
            while reference.advance(steps) {
                if !go_on(reference.events(), reference.now()) {
                    return None;
                }
            }
            reference.finish()
        }
    };
    Some(Finished { observer, tally, under_way })
}
