//! The state of one sending host and of one of its queues.

use std::collections::VecDeque;
use std::ops::Range;

use super::Clock;
use super::clock::WholeSeconds;
use super::hand_over::Pipeline;
use super::kept::{Caching, Kept};
use super::memory::Remembered;
use super::one_pause::Pause;
use super::pool::Pool;
use super::queue_runs::Worker;
use super::runner::HostPhase;
use super::scans::Scans;
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::time::Instant;

/// A sending host.
#[derive(Debug)]
pub(super) struct Host {
    /// Its policy, as a place among those of all populations.
    pub(super) policy: usize,
    pub(super) routes: Range<u32>,
    pub(super) clock: Clock,
    pub(super) phase: HostPhase,
    /// Connections in use.
    pub(super) connections: u32,
    /// Messages in the active queue, those in sessions included.
    pub(super) active: u32,
    /// New mail that found the active queue full.
    pub(super) incoming: VecDeque<(RouteId, Message)>,
    /// Mail that was due and found the active queue full.
    pub(super) returning: VecDeque<(RouteId, Message)>,
    /// Scans of waiting mail, if it has any.
    pub(super) scans: Option<Scans>,
    /// Deliveries that are being handed over; none: each starts at once.
    pub(super) pipeline: Option<Pipeline>,
    /// The route whose turn it is to have a delivery started.
    pub(super) turn: u32,
    /// Idle connections, the one that has been idle for longest first.
    pub(super) kept: VecDeque<Kept>,
    /// When the cache of connections was asked last.
    pub(super) cache: WholeSeconds,
    /// When the cache will be looked at next.
    pub(super) cache_call: Option<Instant>,
    /// Queue runs at work.
    pub(super) workers: Vec<Worker>,
    /// When the next queue run is, or the next pass; none while there is nothing to look at.
    pub(super) next_run: Option<Instant>,
    /// Where it stands if it has one pause for its whole queue.
    pub(super) pause: Pause,
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
    pub(super) pool: Pool,
}
