//! Counts over time at each recipient, and the time that its slots were held.

use crate::experiment::record::{Bin, Series};
use crate::id::RecipientId;
use crate::system::Plan;
use crate::time::{Instant, Span};

pub(super) struct SeriesRecorder {
    present: Cursor,
    recipients: Vec<Recipient>,
}

struct Recipient {
    name: String,
    bins: Vec<Bin>,
    undelivered: i64,
    /// Change of undelivered mail in each bin.
    changes: Vec<i64>,
    in_use: u32,
    since: Instant,
    /// Where `since` lies.
    held_in: Cursor,
    /// Slot-microseconds in each bin.
    held: Vec<u128>,
}

/// The step in which an instant lies. Instants only move on, so nothing needs to be divided.
#[derive(Clone, Copy)]
struct Cursor {
    step: Span,
    index: usize,
    end: Instant,
}

/// What the recorder leaves.
pub(super) struct Finished {
    pub(super) series: Vec<Series>,
    /// Time that slots were held, at all recipients together.
    pub(super) held: Span,
}

impl SeriesRecorder {
    pub(super) fn new(plan: &Plan) -> Self {
        let step = plan.measure.series_step;
        let bins =
            ((plan.horizon - Instant::ZERO).as_micros() as u64).div_ceil(step.as_micros() as u64) as usize;
        let recipients = plan
            .recipients
            .iter()
            .map(|named| Recipient {
                name: named.name.clone(),
                bins: vec![Bin::default(); bins],
                undelivered: 0,
                changes: vec![0; bins],
                in_use: 0,
                since: Instant::ZERO,
                held_in: Cursor::new(step),
                held: vec![0; bins],
            })
            .collect();
        Self { present: Cursor::new(step), recipients }
    }

    pub(super) fn connected(&mut self, now: Instant, recipient: RecipientId, retry: bool) {
        let bin = self.bin(now, recipient);
        bin.connections += 1;
        bin.retry_connections += u64::from(retry);
    }

    /// May be told of before things that happen earlier.
    #[inline(always)]
    pub(super) fn failed(&mut self, at: Instant, recipient: RecipientId) {
        let index = self.present.step_of(at);
        self.recipients[recipient.index()].bins[index].deferrals += 1;
    }

    pub(super) fn delivered(&mut self, now: Instant, recipient: RecipientId) {
        self.bin(now, recipient).deliveries += 1;
        self.undelivered(now, recipient, -1);
    }

    /// The number of undelivered messages for a recipient changes.
    pub(super) fn undelivered(&mut self, now: Instant, recipient: RecipientId, change: i64) {
        let index = self.present.move_to(now);
        self.recipients[recipient.index()].changes[index] += change;
    }

    pub(super) fn slots(&mut self, now: Instant, recipient: RecipientId, in_use: u32) {
        let recipient = &mut self.recipients[recipient.index()];
        recipient.hold_until(now);
        recipient.in_use = in_use;
    }

    pub(super) fn finish(self, horizon: Instant) -> Finished {
        let step = self.present.step;
        let mut held = 0u128;
        let series = self
            .recipients
            .into_iter()
            .map(|mut recipient| {
                recipient.hold_until(horizon);
                held += recipient.held.iter().sum::<u128>();
                recipient.finish(step, horizon)
            })
            .collect();
        Finished { series, held: Span::from_micros(held as i64) }
    }

    fn bin(&mut self, now: Instant, recipient: RecipientId) -> &mut Bin {
        let index = self.present.move_to(now);
        &mut self.recipients[recipient.index()].bins[index]
    }
}

impl Cursor {
    fn new(step: Span) -> Self {
        Self { step, index: 0, end: Instant::ZERO + step }
    }

    /// The index of the step of an instant that is not over.
    #[inline(always)]
    fn step_of(&self, at: Instant) -> usize {
        let mut there = *self;
        there.move_to(at)
    }

    /// Moves on to the step of `now`, and returns its index.
    fn move_to(&mut self, now: Instant) -> usize {
        while now >= self.end {
            self.index += 1;
            self.end += self.step;
        }
        self.index
    }
}

impl Recipient {
    /// Spreads the time since the last change over the bins it covers.
    fn hold_until(&mut self, now: Instant) {
        while self.in_use > 0 && self.since < now {
            let index = self.held_in.move_to(self.since);
            let end = now.min(self.held_in.end);
            self.held[index] += u128::from(self.in_use) * (end - self.since).as_micros() as u128;
            self.since = end;
        }
        self.since = now;
    }

    fn finish(mut self, step: Span, horizon: Instant) -> Series {
        for (index, bin) in self.bins.iter_mut().enumerate() {
            self.undelivered += self.changes[index];
            bin.undelivered = self.undelivered.max(0) as u64;
            let start = Instant::ZERO + step * index as i64;
            let length = (start + step).min(horizon) - start;
            bin.slots_in_use = self.held[index] as f64 / length.as_micros() as f64;
        }
        Series { recipient: self.name, step, bins: self.bins }
    }
}
