//! What senders ask their caller to do, and what they are told.

use std::fmt;

use crate::id::{HostId, Line, RouteId};
use crate::message::Message;
use crate::smtp::Failure;
use crate::time::Instant;

/// Something a sender has decided; the caller carries it out or notes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Open a new connection and try this message over it.
    Connect {
        /// The queue it comes from.
        route: RouteId,
        /// The message.
        message: Message,
        /// Whether the connection is to be kept when the message is done with.
        keep: bool,
    },
    /// Try this message over an idle connection that was kept.
    Resume {
        /// The connection.
        line: Line,
        /// The message.
        message: Message,
        /// Whether the connection is to be kept once more.
        keep: bool,
    },
    /// Close an idle connection that was kept.
    HangUp {
        /// The connection.
        line: Line,
    },
    /// Keep the message until then, then call [`Senders::wake`](super::Senders::wake).
    Sleep {
        /// When to wake it.
        until: Instant,
        /// The message.
        message: Message,
    },
    /// Call [`Senders::run`](super::Senders::run) at that instant.
    Run {
        /// The host.
        host: HostId,
        /// When.
        at: Instant,
    },
    /// Call [`Senders::look`](super::Senders::look) at that instant: no queue run, nothing to tell.
    Look {
        /// The host.
        host: HostId,
        /// When.
        at: Instant,
    },
    /// A scan or a queue run begins; there is nothing to do.
    Began {
        /// The host.
        host: HostId,
    },
    /// The message was given up.
    Bounced {
        /// The message.
        message: Message,
        /// Why.
        why: BounceReason,
    },
    /// Nothing was sent for this message, although it might have been.
    HeldBack {
        /// The message.
        message: Message,
        /// In which way.
        held: Held,
    },
    /// The author was warned that the message is delayed.
    Warned {
        /// The message.
        message: Message,
    },
    /// The message waits in the host's own pool.
    Queued {
        /// The message.
        message: Message,
        /// When the host will look at it next, as far as that is known now.
        due: Instant,
    },
}

/// How a message is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is not yet time to try the destination; nothing is counted (Exim: "retry time not reached").
    Wait,
    /// As if refused, without a connection (Postfix: "delivery temporarily suspended").
    Defer,
}

/// A connection that has done with a message and is open still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The connection.
    pub line: Line,
    /// Messages tried over it so far.
    pub carried: u32,
    /// When it was opened.
    pub opened: Instant,
    /// What its sender said of its last message.
    pub keep: bool,
}

/// What becomes of a connection that has done with a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// It carries this message.
    Carry(Message),
    /// It stays open without anything to do, until [`Step::Resume`] or [`Step::HangUp`].
    Keep,
    /// It is closed.
    Close,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The recipient accepted the message.
    Delivered,
    /// It did not.
    Failed(Failure),
}

/// Why a message was returned to its author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as an instant: see `memory::Answer`.
#[repr(i64)]
pub enum BounceReason {
    /// It was in the queue for too long.
    TooOld,
    /// It was tried too often.
    TooManyAttempts,
    /// Its destination has been failing for too long (Exim's expired host), whatever its own age.
    HostExpired,
    /// The recipient rejected it for good (5yz).
    Rejected,
}

impl BounceReason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::TooOld, Self::TooManyAttempts, Self::HostExpired, Self::Rejected];

    /// The reason in a few words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooOld => "too old",
            Self::TooManyAttempts => "tried too often",
            Self::HostExpired => "destination failing for too long",
            Self::Rejected => "rejected for good",
        }
    }
}

impl fmt::Display for BounceReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Wait => "wait",
            Self::Defer => "defer",
        })
    }
}
