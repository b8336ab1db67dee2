//! The state of one sending host and of one of its queues.
//!
//! Every attempt goes through both, and among very many hosts those of the next attempt lie in no cache. So
//! what every policy needs lies here, in one cache line each, and what only some policies need behind a
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
use super::suspended::Suspended;
use crate::id::HostId;
use crate::message::Message;
use crate::time::{Instant, Span};

/// A sending host.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Host {
    /// Its policy, as a place among those of all populations.
    pub(super) policy: u32,
    /// [`Policy::keeps_messages_apart`](super::Policy::keeps_messages_apart): then of all that an attempt may have to do with
    /// others nothing need be looked at.
    pub(super) keeps_messages_apart: bool,
    pub(super) clock: Clock,
    /// Connections in use.
    pub(super) connections: u32,
    /// Messages in the active queue, those in sessions included.
    pub(super) active: u32,
    /// Scans of waiting mail, if it has any.
    pub(super) scans: Option<Box<Scans>>,
    /// Deliveries that are being handed over; none: each starts at once.
    pub(super) pipeline: Option<Box<Pipeline>>,
    /// Its cache of idle connections, if it has one.
    pub(super) cache: Option<Box<Cached>>,
    /// Its queue runs or passes; none: there was no reason for any yet.
    pub(super) runs: Option<Box<Runs>>,
}

/// What is fixed about a host and seldom asked for.
#[derive(Debug)]
pub(super) struct Fixed {
    pub(super) routes: Range<u32>,
    pub(super) phase: HostPhase,
    /// How likely it hears of a new message twice while it rests.
    pub(super) heard_twice: f64,
    /// [`QueueRun::look`](super::runner::QueueRun::look), unless schedules are to be compared with a table.
    pub(super) look: Span,
}

/// The queue of one host for one recipient.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Route {
    pub(super) host: HostId,
    /// Connections in use.
    pub(super) connections: u32,
    /// Active mail that waits for a connection.
    pub(super) ready: Line,
    /// When the next connection may be opened; none: at any time.
    pub(super) pace: Option<Box<Pace>>,
    /// How deliveries follow each other, where there is a cache of connections.
    pub(super) following: Option<Box<Following>>,
    pub(super) memory: Remembered,
    /// Waiting mail that is not in timers.
    pub(super) pool: Box<Pool>,
}

/// Mail in line; most lines are empty always.
#[derive(Debug, Default)]
#[expect(clippy::box_collection, reason = "a pointer is a quarter of an empty queue")]
pub(super) struct Line(Option<Box<VecDeque<Message>>>);

/// When a queue may open its next connection.
#[derive(Debug)]
pub(super) struct Pace {
    /// Not before this.
    pub(super) next_connect: Instant,
    /// When the queue will be looked at for the sake of its pace.
    pub(super) call: Option<Instant>,
    /// Mail that is put off one message after another.
    pub(super) suspended: Suspended,
}

/// Deliveries that follow each other.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// Whether they use idle connections.
    pub(super) caching: Caching,
    /// When one ended last, while there is active mail.
    pub(super) last_ended: Option<Instant>,
}

impl Line {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |line| line.len())
    }

    pub(super) fn push_back(&mut self, message: Message) {
        self.0.get_or_insert_default().push_back(message);
    }

    pub(super) fn pop_front(&mut self) -> Option<Message> {
        self.0.as_mut()?.pop_front()
    }
}

impl Route {
    /// Mail that waits to be put off.
    pub(super) fn suspended(&self) -> usize {
        self.pace.as_ref().map_or(0, |pace| pace.suspended.len())
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { next_connect: Instant::from_micros(i64::MIN), call: None, suspended: Suspended::default() }
    }
}

impl Host {
    /// The place of its policy.
    pub(super) fn policy(&self) -> usize {
        self.policy as usize
    }

    /// Whether active mail waits for a connection in any of its queues: whatever is active is in line or has
    /// a connection.
    pub(super) fn has_mail_in_line(&self) -> bool {
        self.active > self.connections
    }

    /// Its queue runs or passes.
    pub(super) fn runs(&mut self) -> &mut Runs {
        self.runs.get_or_insert_default()
    }
}

const _: () = assert!(size_of::<Host>() == 64 && size_of::<Route>() == 64);
