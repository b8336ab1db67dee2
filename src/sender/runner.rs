//! Where waiting mail lives and when due mail is looked at.

use std::fmt;

use crate::random::Draw;
use crate::time::{Instant, Span};

/// A way of looking at due mail that this crate does not ship. Each message has a timer; the runner
/// says when the message that becomes due is seen.
pub trait Look: fmt::Debug + Send + Sync {
    /// The instant at which a message is seen that is due at `due`; not before `now`. `phase` belongs to
    /// the host: uniform on [0, 1) and always the same.
    fn next_look(&self, now: Instant, due: Instant, phase: f64) -> Instant;
}

/// Where waiting mail lives and when due mail is looked at.
#[derive(Debug, Default)]
pub enum Runner {
    /// Every message has a timer of its own.
    #[default]
    Timer,
    /// Scans at regular times move due mail into an active queue (Postfix).
    Scan(Scan),
    /// Runs walk a pool of waiting mail; each delivers one message at a time (Exim, sendmail).
    QueueRun(QueueRun),
    /// One pause for the whole queue, by the policy's backoff; then all is tried, one message after
    /// another. New mail cuts it short (nullmailer).
    OnePause(OnePause),
    /// Timers, looked at in a way of one's own.
    Custom(Box<dyn Look>),
}

/// Scans of the deferred mail.
///
/// A message is taken by the first scan at or after `due - slack`: Postfix takes a file whose time
/// stamp is at most one second in the future (qmgr_active.c, `qmgr_active_feed`).
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// From one scan to the next; positive.
    pub every: Span,
    /// How long before it is due a message is taken already.
    pub slack: Span,
    /// By which share of its length, below 1, a wait for the next scan ends late, at most 0.1 s: Linux
    /// fs/select.c, `select_estimate_accuracy`, allows a thousandth. With an exact clock waits end in time.
    pub late: f64,
    /// Most messages of a host in the active queue, in sessions included; none: unlimited. When it is
    /// full, new mail enters before deferred mail.
    pub active: Option<u32>,
    /// How long after one message a scan lets the next one in; none: all at once. Postfix qmgr.c, `qmgr_loop`,
    /// lets one message in and hears what has happened before the next.
    pub feeds: Option<Span>,
    /// When the first scan is.
    pub phase: Phase,
}

/// Runs through a pool of waiting mail.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueRun {
    /// From the start of one run to the next; positive.
    pub every: Span,
    /// Most runs at work at once; at least 1.
    pub workers: u32,
    /// In what order a run looks at due mail.
    pub order: Order,
    /// How long a run takes at most for the process it starts for each message, which tries it or finds out that it
    /// is not yet time; drawn for each run. Zero: no time.
    pub look: Span,
    /// When the first run is.
    pub phase: Phase,
}

/// One pause for the whole queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OnePause {
    /// With what probability, from 0 to 1, a program that rests hears of a new message twice, so that all mail is
    /// tried once more as soon as it was tried. Nullmailer-queue writes a byte into a pipe and closes it; if
    /// nullmailer-send has read that byte and opened the pipe anew before it is closed, the close is news again
    /// (src/send.cc, `read_trigger`; src/queue.cc, `trigger`).
    pub heard_twice: f64,
}

/// In what order a run looks at due mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Shuffled anew for each run (Exim).
    #[default]
    Random,
    /// By arrival.
    OldestFirst,
    /// Those with the fewest tries, among them by arrival (sendmail's priority, which grows by
    /// `RetryFactor` with each try, for messages alike).
    FewestTries,
}

/// Where in its period something periodic lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Anywhere, drawn for each host.
    #[default]
    Random,
    /// So long after the start.
    At(Span),
}

impl Phase {
    /// The phase of one host in a period of `every`.
    pub fn resolve(self, every: Span, draw: &mut Draw) -> Span {
        match self {
            Self::Random => draw.span_up_to(every),
            Self::At(phase) => phase,
        }
    }
}

impl Runner {
    /// The period and phase of what is periodic here.
    pub(super) fn period(&self) -> Option<(Span, Phase)> {
        match self {
            Self::Scan(scan) => Some((scan.every, scan.phase)),
            Self::QueueRun(run) => Some((run.every, run.phase)),
            Self::Timer | Self::OnePause(_) | Self::Custom(_) => None,
        }
    }

    /// Most messages of a host that are active at once; none: unlimited.
    #[inline]
    pub(super) fn most_active(&self) -> Option<u32> {
        match self {
            Self::Scan(scan) => scan.active,
            _ => None,
        }
    }

    /// Whether waiting mail lies in the host's own pool, and not in timers.
    pub(super) fn walks_a_pool(&self) -> bool {
        matches!(self, Self::QueueRun(_) | Self::OnePause(_))
    }

    /// When a message is seen that is due at `due`, in a host whose scans or runs have this phase. Scans of
    /// programs with a clock of whole seconds may wander from there.
    pub(super) fn next_look(&self, now: Instant, due: Instant, phase: HostPhase) -> Instant {
        match self {
            Self::Timer | Self::OnePause(_) => due.max(now),
            Self::Scan(scan) => next_tick(now, due - scan.slack, scan.every, phase.offset),
            Self::QueueRun(run) => next_tick(now, due, run.every, phase.offset),
            Self::Custom(look) => look.next_look(now, due, phase.unit).max(now),
        }
    }
}

/// Where the ticks of one host lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HostPhase {
    /// Offset of its scans or runs.
    pub(super) offset: Span,
    /// Uniform on [0, 1), for runners of one's own.
    pub(super) unit: f64,
}

/// The first tick at or after `wanted` that is also after `now`: what happens at the present tick has
/// been taken already.
fn next_tick(now: Instant, wanted: Instant, every: Span, offset: Span) -> Instant {
    if wanted >= Instant::from_micros(i64::MAX / 2) {
        return Instant::NEVER;
    }
    wanted.max(now + Span::MICROSECOND).ceil_to(every, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_sees_mail_that_is_due_within_the_slack() {
        let every = Span::from_seconds(300);
        let scan = Scan {
            every,
            slack: Span::SECOND,
            late: 0.0,
            active: None,
            feeds: None,
            phase: Phase::At(Span::ZERO),
        };
        let runner = Runner::Scan(scan);
        let phase = HostPhase { offset: Span::ZERO, unit: 0.0 };
        let at = |seconds| Instant::ZERO + Span::from_seconds(seconds);
        let seen = |now, due| runner.next_look(now, due, phase);
        assert_eq!(seen(at(0), at(301)), at(300));
        assert_eq!(seen(at(0), at(302)), at(600));
        // The scan that is under way is over for this message.
        assert_eq!(seen(at(300), at(300)), at(600));
    }
}
