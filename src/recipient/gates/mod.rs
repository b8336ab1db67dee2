//! Gates: the reasons for which a recipient refuses, one file each.
//!
//! At each stage all gates of that stage are asked, and the first refusal in the order of the settings
//! wins; then all are told what came of it. Every gate says in its documentation what it counts in each
//! case.
//!
//! The gates there are:
//!
//! | file | settings | refuses |
//! |---|---|---|
//! | `connection_limit` | [`ConnectionLimit`] | more connections at a time than a limit |
//! | `client_limit` | [`ClientLimit`] | the same per client |
//! | `rate` | [`RateLimit`] | connections or messages faster than a rate |
//! | `messages_per_connection` | [`MessagesPerConnection`] | further messages on one connection |
//! | `maintenance` | [`Maintenance`] | all or part of what comes in windows of time |
//! | `slowdown` | [`Slowdown`] | nothing, but makes transactions longer |
//! | `unreliable` | [`Unreliable`] | by chance, independently |
//! | `reject` | [`Reject`] | a share of messages, for good |
//! | `greylist` | [`Greylist`] | messages until they are old enough |
//!
//! The [backlog](super::Backlog) stands in the same list of settings but is no gate: it decides what
//! happens to those for whom there is no room. A penalty for clients that come too often, load
//! shedding between two marks and gates shared by several MX hosts belong here too: each is a file,
//! a member of [`GateSettings`] and a member of `AnyGate`. Gates of a program that uses this
//! library come in through [`Blueprint`].

mod client_limit;
mod connection_limit;
mod greylist;
mod maintenance;
mod messages_per_connection;
mod rate;
mod reject;
mod set;
mod slowdown;
mod unreliable;

use std::fmt;
use std::sync::Arc;

use super::backlog::Backlog;
use crate::id::{HostId, MessageId};
use crate::random::Key;
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

pub use client_limit::ClientLimit;
pub use connection_limit::ConnectionLimit;
pub use greylist::Greylist;
pub use maintenance::{Maintenance, OpenShare, Reopen, Sessions};
pub use messages_per_connection::MessagesPerConnection;
pub use rate::{Counts, RateLimit, Scope, Shape};
pub use reject::Reject;
pub use slowdown::Slowdown;
pub use unreliable::Unreliable;

pub(super) use set::{GateSet, Room};

/// A gate and how it behaves, in its running form.
#[derive(Clone, Debug)]
pub enum GateSettings {
    /// Connections at a time, in all.
    ConnectionLimit(ConnectionLimit),
    /// Connections at a time, per client.
    ClientLimit(ClientLimit),
    /// Silent waiting when all slots are taken.
    Backlog(Backlog),
    /// Connections per time (asked at the greeting) or messages per time (asked later).
    RateLimit(RateLimit),
    /// Messages over one connection.
    MessagesPerConnection(MessagesPerConnection),
    /// Windows in which capacity is missing.
    Maintenance(Maintenance),
    /// Longer transactions.
    Slowdown(Slowdown),
    /// Failures by chance.
    Unreliable(Unreliable),
    /// Messages that are never accepted.
    Reject(Reject),
    /// Refusal of messages that were not seen before.
    Greylist(Greylist),
    /// A gate that this crate does not know.
    Custom(Arc<dyn Blueprint>),
}

/// Builds a gate of somebody else's for every run.
pub trait Blueprint: fmt::Debug + Send + Sync {
    /// The gate in its first state. `key` belongs to the gate of this recipient in this replication.
    fn build(&self, key: Key) -> Box<dyn Gate + Send>;
}

/// What one refusal uses at the recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Who sends the refusal.
    pub uses: Uses,
    /// For how long it is busy with that.
    pub takes: Span,
}

impl Cost {
    /// Refusals that cost nothing.
    pub const NONE: Self = Self { uses: Uses::Acceptor, takes: Span::ZERO };
}

/// Who sends a refusal in place of the greeting. Later refusals always use the connection's own slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uses {
    /// The serial acceptor, before a slot is taken (Exim's daemon, Postfix' postscreen).
    Acceptor,
    /// A process in a slot (Postfix' smtpd). With no slot free the refusal uses none.
    Slot,
}

/// What a gate gets to see of an attempt: the state of the server before the attempt is let in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt {
    /// The present instant.
    pub now: Instant,
    /// Who tries.
    pub client: HostId,
    /// With which message.
    pub message: MessageId,
    /// How often that message failed before.
    pub attempt: u32,
    /// Slots in use; at later stages with the attempt's own.
    pub in_use: u32,
    /// Slots in use by this client; at later stages with the attempt's own.
    pub of_client: u32,
    /// Messages that are being transferred.
    pub transfers: u32,
    /// Transactions that began earlier on the same connection.
    pub carried: u32,
    /// [`Settings::slots_limit`](super::Settings::slots_limit).
    pub limit: Option<u32>,
}

/// A negative answer and its cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refusal {
    /// What the sender gets.
    pub failure: Failure,
    /// What it uses.
    pub cost: Cost,
}

/// What came of an attempt at the stage of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It goes on to the next stage.
    Admitted,
    /// This gate refused it.
    RefusedByYou,
    /// Another gate, or the lack of slots, refused it.
    RefusedByAnother,
}

/// One reason to refuse. All methods but the first have defaults.
pub trait Gate {
    /// The stage at which the gate is asked; none if it never is.
    fn stage(&self) -> Option<Stage>;

    /// Whether the gate does anything when it is told this. Where it says no it may not be told, which saves
    /// time at every attempt. The answer is always the same.
    fn listens(&self, _told: Told) -> bool {
        true
    }

    /// Whether the gate refuses an attempt that has reached its stage. All gates of a stage are asked, so it must
    /// not count the attempt as refused: another gate may have refused already.
    fn refuses(&mut self, _attempt: &Attempt) -> bool {
        false
    }

    /// What it answers when it has just refused, and what that costs: a 421 without any cost, where nothing else
    /// is said.
    fn refusal(&self) -> Refusal {
        let stage = self.stage().unwrap_or(Stage::Greeting);
        Refusal { failure: Failure::new(stage, Some(Code::SERVICE_NOT_AVAILABLE)), cost: Cost::NONE }
    }

    /// What came of the attempt.
    fn told(&mut self, _attempt: &Attempt, _told: Told) {}

    /// The recipient took over the message: it will not come again.
    fn accepted(&mut self, _message: MessageId) {}

    /// Factor on the time of a transaction that starts now.
    fn stretch(&self, _attempt: &Attempt) -> f64 {
        1.0
    }

    /// When the gate changes by itself next.
    fn next_change(&self) -> Option<Instant> {
        None
    }

    /// The instant of [`Self::next_change`] has come. Says what happens to sessions under way that
    /// exceed [`Self::open`].
    fn change(&mut self, _now: Instant) -> Sessions {
        Sessions::Finish
    }

    /// How many of `limit` slots the gate leaves open now (no limit: as many as anybody wants).
    fn open(&self, limit: Option<u32>) -> Option<u32> {
        limit
    }
}

/// A gate at work. The members that are shipped are called without indirection.
#[repr(u32)]
enum AnyGate {
    ConnectionLimit(ConnectionLimit),
    ClientLimit(ClientLimit),
    RateLimit(rate::Running),
    MessagesPerConnection(MessagesPerConnection),
    Maintenance(maintenance::Running),
    Slowdown(slowdown::Running),
    Unreliable(unreliable::Running),
    Reject(reject::Running),
    Greylist(greylist::Running),
    Custom(Box<dyn Gate + Send>),
}

impl AnyGate {
    /// The gate in its first state; none for settings that are no gate. `key` belongs to the gate.
    fn new(settings: &GateSettings, key: Key) -> Option<Self> {
        Some(match settings {
            GateSettings::ConnectionLimit(gate) => Self::ConnectionLimit(*gate),
            GateSettings::ClientLimit(gate) => Self::ClientLimit(*gate),
            GateSettings::Backlog(_) => return None,
            GateSettings::RateLimit(gate) => Self::RateLimit(rate::Running::new(*gate)),
            GateSettings::MessagesPerConnection(gate) => Self::MessagesPerConnection(*gate),
            GateSettings::Maintenance(gate) => {
                Self::Maintenance(maintenance::Running::new(gate.clone(), key))
            }
            GateSettings::Slowdown(gate) => Self::Slowdown(slowdown::Running::new(gate.clone(), key)),
            GateSettings::Unreliable(gate) => Self::Unreliable(unreliable::Running::new(*gate, key)),
            GateSettings::Reject(gate) => Self::Reject(reject::Running::new(*gate, key)),
            GateSettings::Greylist(gate) => Self::Greylist(greylist::Running::new(*gate, key)),
            GateSettings::Custom(blueprint) => Self::Custom(blueprint.build(key)),
        })
    }
}

/// Calls the same method of whichever gate it is.
macro_rules! each {
    ($any:expr, $gate:ident => $call:expr) => {
        match $any {
            AnyGate::ConnectionLimit($gate) => $call,
            AnyGate::ClientLimit($gate) => $call,
            AnyGate::RateLimit($gate) => $call,
            AnyGate::MessagesPerConnection($gate) => $call,
            AnyGate::Maintenance($gate) => $call,
            AnyGate::Slowdown($gate) => $call,
            AnyGate::Unreliable($gate) => $call,
            AnyGate::Reject($gate) => $call,
            AnyGate::Greylist($gate) => $call,
            AnyGate::Custom($gate) => $call,
        }
    };
}

impl AnyGate {
    /// [`Gate::refuses`] where it is more than a comparison.
    #[inline(never)]
    fn another_refuses(&mut self, attempt: &Attempt) -> bool {
        each!(self, gate => gate.refuses(attempt))
    }

    /// [`Gate::refusal`] of those.
    #[inline(never)]
    fn another_refusal(&self) -> Refusal {
        each!(self, gate => gate.refusal())
    }
}

impl Gate for AnyGate {
    fn stage(&self) -> Option<Stage> {
        each!(self, gate => gate.stage())
    }

    fn listens(&self, told: Told) -> bool {
        each!(self, gate => gate.listens(told))
    }

    // Every gate is asked at every attempt. Most are a comparison, and a call would cost more than that.
    #[inline(always)]
    fn refuses(&mut self, attempt: &Attempt) -> bool {
        match self {
            Self::ConnectionLimit(gate) => gate.refuses(attempt),
            Self::ClientLimit(gate) => gate.refuses(attempt),
            Self::Maintenance(gate) => gate.refuses(attempt),
            Self::RateLimit(gate) => gate.refuses(attempt),
            other => other.another_refuses(attempt),
        }
    }

    #[inline(always)]
    fn refusal(&self) -> Refusal {
        match self {
            Self::ConnectionLimit(gate) => gate.refusal(),
            Self::ClientLimit(gate) => gate.refusal(),
            Self::Maintenance(gate) => gate.refusal(),
            Self::RateLimit(gate) => gate.refusal(),
            other => other.another_refusal(),
        }
    }

    fn told(&mut self, attempt: &Attempt, told: Told) {
        each!(self, gate => gate.told(attempt, told))
    }

    fn accepted(&mut self, message: MessageId) {
        each!(self, gate => gate.accepted(message))
    }

    fn stretch(&self, attempt: &Attempt) -> f64 {
        each!(self, gate => gate.stretch(attempt))
    }

    fn next_change(&self) -> Option<Instant> {
        each!(self, gate => gate.next_change())
    }

    fn change(&mut self, now: Instant) -> Sessions {
        each!(self, gate => gate.change(now))
    }

    fn open(&self, limit: Option<u32>) -> Option<u32> {
        each!(self, gate => gate.open(limit))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An attempt of the first client with message `message` on an empty server.
    pub(in crate::recipient) fn attempt(now: Instant, message: u32) -> Attempt {
        Attempt {
            now,
            client: HostId(0),
            message: MessageId(message),
            attempt: 0,
            in_use: 0,
            of_client: 0,
            transfers: 0,
            carried: 0,
            limit: None,
        }
    }

    /// Takes the attempt past one gate alone; whether it was admitted.
    pub(in crate::recipient) fn pass(gate: &mut impl Gate, attempt: &Attempt) -> bool {
        let refuses = gate.refuses(attempt);
        gate.told(attempt, if refuses { Told::RefusedByYou } else { Told::Admitted });
        !refuses
    }
}
