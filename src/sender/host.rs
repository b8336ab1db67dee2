//! The state of one sending host and of one of its queues.
//!
//! Every attempt goes through both, and among very many hosts those of the next attempt lie in no cache. So
//! what every policy needs lies here, in two cache lines each, and what only some policies need behind a
//! pointer.

use std::collections::VecDeque;
use std::ops::Range;

use super::Clock;
use super::hand_over::Pipeline;
use super::kept::{Cached, Caching};
use super::memory::Remembered;
use super::pool::Pool;
use super::queue_runs::Runs;
use super::runner::HostPhase;
use super::scans::Scans;
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::time::Instant;

/// A sending host.
#[derive(Debug)]
pub(super) struct Host {
    /// Its policy, as a place among those of all populations.
    pub(super) policy: u32,
    pub(super) routes: Range<u32>,
    pub(super) clock: Clock,
    pub(super) phase: HostPhase,
    /// Connections in use.
    pub(super) connections: u32,
    /// Messages in the active queue, those in sessions included.
    pub(super) active: u32,
    /// The route whose turn it is to have a delivery started.
    pub(super) turn: u32,
    /// Mail that found the active queue full; none: it never was.
    pub(super) overflow: Option<Box<Overflow>>,
    /// Scans of waiting mail, if it has any.
    pub(super) scans: Option<Box<Scans>>,
    /// Deliveries that are being handed over; none: each starts at once.
    pub(super) pipeline: Option<Box<Pipeline>>,
    /// Its cache of idle connections, if it has one.
    pub(super) cache: Option<Box<Cached>>,
    /// Its queue runs or passes; none: there was no reason for any yet.
    pub(super) runs: Option<Box<Runs>>,
}

/// Mail that waits until there is room in the active queue.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    /// New mail.
    pub(super) incoming: VecDeque<(RouteId, Message)>,
    /// Mail that was due.
    pub(super) returning: VecDeque<(RouteId, Message)>,
}

/// The queue of one host for one recipient.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) host: HostId,
    /// Active mail that waits for a connection.
    pub(super) ready: VecDeque<Message>,
    /// Connections in use.
    pub(super) connections: u32,
    /// Whether deliveries use idle connections.
    pub(super) caching: Caching,
    /// When a delivery ended last, while there is active mail.
    pub(super) last_ended: Option<Instant>,
    /// Not before this may the next connection be opened.
    pub(super) next_connect: Instant,
    /// When this route will be looked at for the sake of its pace.
    pub(super) pace_call: Option<Instant>,
    pub(super) memory: Remembered,
    /// Waiting mail that is not in timers.
    pub(super) pool: Box<Pool>,
}

impl Host {
    /// The place of its policy.
    pub(super) fn policy(&self) -> usize {
        self.policy as usize
    }

    /// Its queue runs or passes.
    pub(super) fn runs(&mut self) -> &mut Runs {
        self.runs.get_or_insert_default()
    }
}

impl Overflow {
    /// Messages that wait.
    pub(super) fn len(&self) -> usize {
        self.incoming.len() + self.returning.len()
    }

    /// Takes the message that is let in next: new mail first.
    pub(super) fn take(&mut self) -> Option<(RouteId, Message)> {
        self.incoming.pop_front().or_else(|| self.returning.pop_front())
    }
}

const _: () = assert!(size_of::<Host>() <= 128 && size_of::<Route>() <= 128);
