//! Sending hosts: how they retry, what they remember and how much they do at once.
//!
//! A [`Policy`] is a composition of five independent parts, and a real MTA is one point in that space:
//! [`backoff`] says how long until the next try, [`memory`] what a host remembers of a destination,
//! [`runner`] where waiting mail lives and when due mail is looked at, [`lifetime`] when to give up, and
//! [`connections`] how much is done at once. Any part can be exchanged without the others.
//!
//! [`Senders`] runs all hosts of a simulation. It never sees an event set: each call may leave steps
//! behind that the caller takes with [`Senders::next`] and carries out.

mod admission;
mod asleep;
mod attempts;
pub mod backoff;
pub mod clock;
pub mod connections;
mod desk;
mod fleet;
mod hand_over;
mod host;
mod kept;
pub mod lifetime;
pub mod memory;
mod one_pause;
pub mod outage;
mod pool;
mod queue_runs;
mod record;
pub mod runner;
mod scans;
pub mod schedule;
mod step;
mod suspended;
mod waiting;

use std::ops::Range;

use crate::id::{HostId, PopulationId, RecipientId};
use crate::time::Span;

pub use backoff::Backoff;
pub use clock::Clock;
pub use connections::{Cache, Connections, HandOver, Reuse};
pub use fleet::{Phases, Senders};
pub use lifetime::{GiveUp, Lifetime, Notices, Warn};
pub use memory::Memory;
pub use record::RetryRecord;
pub use runner::Runner;
pub use schedule::{Schedule, schedule, schedules};
pub use step::{BounceReason, Ended, Held, Next, Step, Used};

/// How a sending host retries: five parts and a clock.
#[derive(Debug)]
pub struct Policy {
    /// Its name in the scenario.
    pub name: String,
    /// How long until the next try.
    pub backoff: Backoff,
    /// What the host remembers per destination, and when it therefore holds mail back.
    pub memory: Memory,
    /// Where waiting mail lives and when due mail is looked at.
    pub runner: Runner,
    /// When to give up and when to warn.
    pub lifetime: Lifetime,
    /// How much at once.
    pub connections: Connections,
    /// Resolution with which the program reads the time: one second for programs that call
    /// `time(NULL)`; [`Span::ZERO`] is exact.
    pub clock: Span,
}

impl Policy {
    /// The greatest age of a message: the last cutoff of the rule where that decides.
    pub fn greatest_age(&self) -> Option<Span> {
        match self.lifetime.when {
            GiveUp::ByRule => self.backoff.cutoff(),
            _ => self.lifetime.age,
        }
    }

    /// Whether no message of a host affects another, and none has to ask before an attempt whether it may be tried: each
    /// has a timer, and nothing is remembered of a destination, limited or kept open.
    pub fn keeps_messages_apart(&self) -> bool {
        // All fields are named, so that a new one has to say.
        let Connections {
            per_destination,
            total,
            messages_per_connection: _,
            reuse,
            reuse_for: _,
            pace,
            rest,
            rest_suspended: _,
            hand_over,
            connect_timeout: _,
            greeting_timeout: _,
        } = &self.connections;
        matches!((&self.memory, &self.runner), (Memory::None, Runner::Timer))
            && !self.lifetime.is_looked_at_before_attempts()
            && (per_destination, total, rest, hand_over) == (&None, &None, &None, &None)
            && (*pace, *reuse) == (Span::ZERO, Reuse::None)
    }

    /// The age beyond which a message is tried although its destination is not due; none: never.
    pub fn ultimate_age(&self) -> Option<Span> {
        match &self.memory {
            Memory::HostRecord(record) if record.ultimate => self.greatest_age(),
            Memory::Custom(_) => self.greatest_age(),
            _ => None,
        }
    }
}

/// Bytes that a host takes in a run at least, without its queues and mail.
pub const HOST_BYTES: usize = size_of::<host::Host>();

/// Bytes that a queue of a host for one recipient takes at least, without its mail.
pub const ROUTE_BYTES: usize = size_of::<host::Route>();

/// One sending host: which population it belongs to and which queues are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSpec {
    /// The population, which says what policy it follows.
    pub population: PopulationId,
    /// Its routes.
    pub routes: Range<u32>,
}

/// One queue of one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// Whose.
    pub host: HostId,
    /// For which recipient.
    pub recipient: RecipientId,
}

#[cfg(test)]
mod tests;
