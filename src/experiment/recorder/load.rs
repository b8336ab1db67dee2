//! What the recipients are put through: connections, their peaks, and what they cost.

use std::collections::VecDeque;

use crate::experiment::record::LoadRecord;
use crate::id::RecipientId;
use crate::message::Message;
use crate::sender::Held;
use crate::smtp::Failure;
use crate::stats::dispersion::index_of_dispersion;
use crate::system::Plan;
use crate::time::{Instant, Span};

pub(super) struct Load {
    record: LoadRecord,
    aftermath: std::ops::Range<Instant>,
    second: SlidingCount,
    minute: SlidingCount,
    /// Retry connections in each second of the aftermath, at all recipients together.
    retries: Vec<u64>,
    /// All connections in each second of the aftermath, for each recipient with a limit.
    offered: Vec<Option<Offered>>,
    /// Slot time of connections that delivered something.
    useful: Span,
}

/// Connections offered to a recipient that can serve only so many.
struct Offered {
    per_second: f64,
    connections: Vec<u64>,
}

impl Load {
    pub(super) fn new(plan: &Plan) -> Self {
        let aftermath = plan.measure.aftermath.clone();
        let seconds = ((aftermath.end - aftermath.start).as_micros() as u64)
            .div_ceil(Span::SECOND.as_micros() as u64) as usize;
        let offered = plan
            .recipients
            .iter()
            .map(|named| named.settings.connections_per_second())
            .map(|limit| limit.map(|per_second| Offered { per_second, connections: vec![0; seconds] }))
            .collect();
        Self {
            record: LoadRecord::default(),
            aftermath,
            second: SlidingCount::new(Span::SECOND),
            minute: SlidingCount::new(Span::SECOND * 60),
            retries: vec![0; seconds],
            offered,
            useful: Span::ZERO,
        }
    }

    pub(super) fn connected(&mut self, now: Instant, recipient: RecipientId, measured: bool, retry: bool) {
        self.record.attempts += 1;
        self.record.connections += 1;
        if measured {
            self.record.cohort_attempts += 1;
            match retry {
                true => self.record.cohort_retry_connections += 1,
                false => self.record.cohort_first_connections += 1,
            }
        }
        if self.aftermath.contains(&now) {
            let second = ((now - self.aftermath.start).as_micros() / Span::SECOND.as_micros()) as usize;
            if let Some(offered) = &mut self.offered[recipient.index()] {
                offered.connections[second] += 1;
            }
            if retry {
                self.retries[second] += 1;
                self.second.count(now);
                self.minute.count(now);
            }
        }
    }

    pub(super) fn reused(&mut self, measured: bool) {
        self.record.attempts += 1;
        self.record.cohort_attempts += u64::from(measured);
    }

    pub(super) fn failed(&mut self, failure: Failure) {
        self.record.failures_by_stage[failure.stage as usize] += 1;
    }

    pub(super) fn held_back(&mut self, held: Held) {
        match held {
            Held::Wait => self.record.held_back_waits += 1,
            Held::Defer => self.record.held_back_deferrals += 1,
        }
    }

    /// Only what senders generate themselves is load that they add.
    pub(super) fn arrived(&mut self, message: &Message) {
        self.record.notices += u64::from(message.id().is_notice());
    }

    pub(super) fn warned(&mut self) {
        self.record.delay_warnings += 1;
    }

    /// A connection that held its slot for `held` is closed.
    pub(super) fn closed(&mut self, held: Span, delivered: u32) {
        if delivered > 0 {
            self.useful += held;
        }
    }

    /// Completes the record; `slot_time` is the time that slots were held.
    pub(super) fn finish(self, slot_time: Span) -> LoadRecord {
        let minutes: Vec<u64> = self.retries.chunks(60).map(|minute| minute.iter().sum()).collect();
        let limited: Vec<&Offered> = self.offered.iter().flatten().collect();
        let above = |offered: &&Offered| {
            offered.connections.iter().filter(|count| **count as f64 > offered.per_second).count() as u64
        };
        let excess = |offered: &&Offered| -> f64 {
            offered.connections.iter().map(|count| (*count as f64 - offered.per_second).max(0.0)).sum()
        };
        // A server that finishes a connection in many seconds is over its capacity in every second in which
        // one comes, however few they are: that is no overload.
        let is_meaningful = !limited.is_empty() && limited.iter().all(|offered| offered.per_second >= 1.0);
        LoadRecord {
            peak_retry_1s: self.second.largest,
            peak_retry_60s: self.minute.largest,
            seconds_above_capacity: is_meaningful.then(|| limited.iter().map(above).sum()),
            excess_connections: is_meaningful.then(|| limited.iter().map(excess).sum()),
            dispersion_1s: index_of_dispersion(&self.retries),
            dispersion_60s: index_of_dispersion(&minutes),
            slot_time,
            slot_time_wasted: slot_time - self.useful,
            ..self.record
        }
    }
}

/// The largest number of events within any window of one length.
struct SlidingCount {
    window: Span,
    recent: VecDeque<Instant>,
    largest: u64,
}

impl SlidingCount {
    fn new(window: Span) -> Self {
        Self { window, recent: VecDeque::new(), largest: 0 }
    }

    fn count(&mut self, now: Instant) {
        while self.recent.front().is_some_and(|first| *first + self.window <= now) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        self.largest = self.largest.max(self.recent.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sliding_window_is_half_open() {
        let mut count = SlidingCount::new(Span::SECOND);
        for tenth in [0, 5, 9, 10, 30] {
            count.count(Instant::from_micros(tenth * 100_000));
        }
        assert_eq!(count.largest, 3);
    }
}
