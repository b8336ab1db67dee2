//! The observer that turns what happens in one run into a [`RunRecord`].
//!
//! It keeps counts, histograms and bins, never a list of all latencies, and it never influences the
//! run.

mod follow;
mod latency;
mod load;
mod queue;
mod series;

use self::follow::Followed;
use self::latency::Latencies;
use self::load::Load;
use self::queue::Queues;
use self::series::SeriesRecorder;
use super::record::{Outcomes, RunRecord, WorkRecord};
use crate::message::Message;
use crate::random::Key;
use crate::system::{Happening, Observer, Place, Plan, Tally};
use crate::time::Instant;

/// Records one run.
pub struct Recorder<'p> {
    plan: &'p Plan,
    all: Outcomes,
    cohort: Outcomes,
    latencies: Latencies,
    load: Load,
    queues: Queues,
    series: SeriesRecorder,
    followed: Followed,
}

impl<'p> Recorder<'p> {
    /// A recorder for replication `replication` of `plan`. Attempts are followed in replication 0.
    pub fn new(plan: &'p Plan, replication: u32) -> Self {
        let followed = if replication == 0 { plan.measure.followed_share() } else { 0.0 };
        Self {
            plan,
            all: Outcomes::default(),
            cohort: Outcomes::default(),
            latencies: Latencies::new(plan),
            load: Load::new(plan),
            queues: Queues::new(plan),
            series: SeriesRecorder::new(plan),
            followed: Followed::new(Key::new(plan.seed, replication), followed),
        }
    }

    /// Completes the record at the horizon. `under_way` are the attempts that have not ended.
    pub fn finish(mut self, tally: &Tally, under_way: &[(Message, Instant)]) -> RunRecord {
        let horizon = self.plan.horizon;
        for (message, started) in under_way {
            self.cohort.in_session += u64::from(self.is_measured(message));
            self.followed.unfinished(message, *started, horizon);
        }
        self.all.queued = tally.queued;
        self.all.in_session = tally.in_session;
        let done = self.cohort.delivered + self.cohort.bounced + self.cohort.in_session;
        self.cohort.queued = self.cohort.arrived - done;
        let slots = self.series.finish(horizon);
        RunRecord {
            all: self.all,
            cohort: self.cohort,
            latency: self.latencies.finish(&self.cohort),
            load: self.load.finish(slots.held),
            queue: self.queues.finish(horizon),
            work: WorkRecord { events: tally.events, looks: tally.looks },
            series: slots.series,
            attempts: self.followed.finish(),
        }
    }

    fn is_measured(&self, message: &Message) -> bool {
        let (arrival, cohort) = (message.arrival().max(Instant::ZERO), &self.plan.measure.cohort);
        !message.id().is_notice() & (cohort.start <= arrival) & (arrival < cohort.end)
    }
}

impl Observer for Recorder<'_> {
    const NOTES_WAITS: bool = false;
    // Failures and ends of connections are counted, for which their order does not matter.
    const IN_ORDER: bool = false;

    // Every caller knows what happened: of the whole match one arm is left there.
    #[inline(always)]
    fn observe(&mut self, now: Instant, happening: Happening) {
        match happening {
            Happening::Arrived { message, at, .. } => {
                let measured = self.is_measured(&message);
                self.all.arrived += 1;
                self.cohort.arrived += u64::from(measured);
                self.load.arrived(&message);
                self.queues.arrived(now);
                self.series.undelivered(now, at.recipient, 1);
                if measured {
                    self.latencies.arrived(now, &message, at.host);
                }
                self.followed.arrived(&message, at, measured);
            }
            Happening::Connected { at, message, .. } => {
                self.load.connected(now, at.recipient, self.is_measured(&message), message.was_deferred());
                self.series.connected(now, at.recipient, message.was_deferred());
            }
            Happening::Reused { message, .. } => self.load.reused(self.is_measured(&message)),
            Happening::Delivered { message, at, started } => {
                self.all.delivered += 1;
                self.queues.gone(now);
                self.series.delivered(now, at.recipient);
                if self.is_measured(&message) {
                    self.cohort.delivered += 1;
                    self.latencies.delivered(now, &message, at.host, started);
                }
                self.followed.delivered(&message, started, now);
            }
            Happening::Failed { message, at, started, failure } => {
                self.load.failed(failure);
                self.series.failed(now, at.recipient);
                self.followed.failed(&message, started, now, failure);
            }
            Happening::HeldBack { message, held, .. } => {
                self.load.held_back(held);
                self.followed.held_back(&message, now, held);
            }
            Happening::Bounced { message, at, .. } => {
                self.bounced(now, &message, at);
            }
            Happening::Warned { .. } => self.load.warned(),
            Happening::Closed { held, delivered, .. } => self.load.closed(held, delivered),
            Happening::Slots { recipient, in_use, .. } => self.series.slots(now, recipient, in_use),
            Happening::Greeted { .. }
            | Happening::Waits { .. }
            | Happening::Run { .. }
            | Happening::Flushed { .. } => {}
        }
    }
}

impl Recorder<'_> {
    fn bounced(&mut self, now: Instant, message: &Message, at: Place) {
        self.all.bounced += 1;
        self.all.bounced_untried += u64::from(!message.was_tried());
        if self.is_measured(message) {
            self.cohort.bounced += 1;
            self.cohort.bounced_untried += u64::from(!message.was_tried());
        }
        self.queues.gone(now);
        self.series.undelivered(now, at.recipient, -1);
        self.followed.bounced(message, now);
    }
}
