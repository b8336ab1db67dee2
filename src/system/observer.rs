//! What observers are told: everything that happens, in the order in which it happens if they ask for that.

use crate::id::{HostId, Line, PopulationId, RecipientId};
use crate::message::Message;
use crate::sender::{BounceReason, Held};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// Something that happened at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Happening {
    /// A sender accepted a message for delivery.
    Arrived {
        /// The message.
        message: Message,
        /// Where.
        at: Place,
        /// The population of the sending host.
        population: PopulationId,
    },
    /// A connection was opened to try a message.
    Connected {
        /// The connection.
        line: Line,
        /// Between whom.
        at: Place,
        /// The message it was opened for, as it was before the attempt.
        message: Message,
    },
    /// A message is being tried over an open connection that has carried others before.
    Reused {
        /// The connection.
        line: Line,
        /// Between whom.
        at: Place,
        /// The message, as it was before the attempt.
        message: Message,
    },
    /// The greeting dialogue is over: the connection can carry mail.
    Greeted {
        /// The connection.
        line: Line,
        /// Between whom.
        at: Place,
    },
    /// The recipient accepted a message: it is delivered.
    Delivered {
        /// The message.
        message: Message,
        /// Between whom.
        at: Place,
        /// When the accepted attempt began.
        started: Instant,
    },
    /// An attempt failed.
    Failed {
        /// The message, as it was before this failure was counted.
        message: Message,
        /// Between whom.
        at: Place,
        /// When the attempt began.
        started: Instant,
        /// Why.
        failure: Failure,
    },
    /// A message was held back without a connection.
    HeldBack {
        /// The message.
        message: Message,
        /// Between whom.
        at: Place,
        /// Whether that counts as a failure.
        held: Held,
    },
    /// A message waits for its next try.
    Waits {
        /// The message.
        message: Message,
        /// Between whom.
        at: Place,
        /// When it will be looked at, as far as that is known.
        due: Instant,
    },
    /// A message was given up and returned to its author.
    Bounced {
        /// The message.
        message: Message,
        /// Between whom.
        at: Place,
        /// Why.
        why: BounceReason,
    },
    /// The author was warned that a message is delayed.
    Warned {
        /// The message.
        message: Message,
        /// Between whom.
        at: Place,
    },
    /// The sender's end of a connection is gone.
    Closed {
        /// The connection.
        line: Line,
        /// Between whom.
        at: Place,
        /// How long it held a slot.
        held: Span,
        /// How many messages it delivered.
        delivered: u32,
    },
    /// The slots of a recipient that are in use changed.
    Slots {
        /// The recipient.
        recipient: RecipientId,
        /// Slots in use from now on.
        in_use: u32,
        /// Slots open from now on; none: unlimited.
        open: Option<u32>,
    },
    /// A host began a scan or a queue run that finds something to look at.
    Run {
        /// The host.
        host: HostId,
    },
    /// The operators of a host flushed its queue.
    Flushed {
        /// The host.
        host: HostId,
    },
}

/// Between whom something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sending host.
    pub host: HostId,
    /// The recipient.
    pub recipient: RecipientId,
}

/// Someone who is told what happens and must not interfere.
pub trait Observer {
    /// Whether it takes note of [`Happening::Waits`]. Nobody works out when a message will be looked at for
    /// one that does not.
    const NOTES_WAITS: bool = true;

    /// Whether it must be told in order of time. One that need not be is told of [`Happening::Failed`], [`Happening::Closed`] and
    /// [`Happening::Waits`] as soon as they are certain, which may be before things that happen earlier; what happens
    /// to one message still comes in order.
    const IN_ORDER: bool = true;

    /// Takes note of something that happens at `now`.
    fn observe(&mut self, now: Instant, happening: Happening);
}

/// Nobody.
impl Observer for () {
    const NOTES_WAITS: bool = false;
    const IN_ORDER: bool = false;

    fn observe(&mut self, _: Instant, _: Happening) {}
}

/// Two observers at once.
impl<A: Observer, B: Observer> Observer for (A, B) {
    const NOTES_WAITS: bool = A::NOTES_WAITS || B::NOTES_WAITS;
    const IN_ORDER: bool = A::IN_ORDER || B::IN_ORDER;

    fn observe(&mut self, now: Instant, happening: Happening) {
        self.0.observe(now, happening);
        self.1.observe(now, happening);
    }
}

impl<O: Observer> Observer for &mut O {
    const NOTES_WAITS: bool = O::NOTES_WAITS;
    const IN_ORDER: bool = O::IN_ORDER;

    fn observe(&mut self, now: Instant, happening: Happening) {
        (**self).observe(now, happening);
    }
}
