//! What the recipients are put through: connections, their peaks, and what they cost.

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
    /// Most retry connections within any second and any minute.
    peaks: Peaks<2>,
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
            peaks: Peaks::new([Span::SECOND, Span::SECOND * 60]),
            retries: vec![0; seconds],
            offered,
            useful: Span::ZERO,
        }
    }

    #[inline(always)]
    pub(super) fn connected(&mut self, now: Instant, recipient: RecipientId, measured: bool, retry: bool) {
        self.record.attempts += 1;
        self.record.connections += 1;
        // Without a branch: whether a message is of the cohort cannot be foreseen.
        self.record.cohort_attempts += u64::from(measured);
        self.record.cohort_retry_connections += u64::from(measured & retry);
        self.record.cohort_first_connections += u64::from(measured & !retry);
        if self.aftermath.contains(&now) {
            self.connected_in_aftermath(now, recipient, retry);
        }
    }

    #[inline(never)]
    fn connected_in_aftermath(&mut self, now: Instant, recipient: RecipientId, retry: bool) {
        let second = ((now - self.aftermath.start).as_micros() / Span::SECOND.as_micros()) as usize;
        if let Some(offered) = &mut self.offered[recipient.index()] {
            offered.connections[second] += 1;
        }
        if retry {
            self.retries[second] += 1;
            self.peaks.count(now);
        }
    }

    pub(super) fn reused(&mut self, measured: bool) {
        self.record.attempts += 1;
        self.record.cohort_attempts += u64::from(measured);
    }

    pub(super) fn failed(&mut self, failure: Failure) {
        self.record.failures_by_stage[failure.stage() as usize] += 1;
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
            peak_retry_1s: self.peaks.within[0].largest as u64,
            peak_retry_60s: self.peaks.within[1].largest as u64,
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

/// The largest numbers of events within any windows of some lengths, from one list of recent events.
struct Peaks<const WINDOWS: usize> {
    /// The last events, at least as many as the largest number.
    recent: Vec<Instant>,
    within: [Peak; WINDOWS],
}

#[derive(Clone, Copy)]
struct Peak {
    window: Span,
    largest: usize,
}

impl<const WINDOWS: usize> Peaks<WINDOWS> {
    fn new(windows: [Span; WINDOWS]) -> Self {
        Self { recent: Vec::new(), within: windows.map(|window| Peak { window, largest: 0 }) }
    }

    fn count(&mut self, now: Instant) {
        if self.recent.len() == self.recent.capacity() {
            self.forget();
        }
        self.recent.push(now);
        // There are more than ever, and then one more, if the event that came so many before this one still lies in
        // the window that ends now. How many leave the window with each event, which nobody can foresee, does not matter.
        for peak in &mut self.within {
            let before = self.recent[self.recent.len() - 1 - peak.largest];
            peak.largest += usize::from(before > now - peak.window);
        }
    }

    /// Drops events that came before as many others as ever count, if these are at least half of the list.
    #[cold]
    fn forget(&mut self) {
        let kept = self.within.iter().map(|peak| peak.largest).max().unwrap_or(0);
        if 2 * kept <= self.recent.len() {
            self.recent.drain(..self.recent.len() - kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};

    #[test]
    fn a_sliding_window_is_half_open() {
        let mut peaks = Peaks::new([Span::SECOND, Span::SECOND * 2]);
        for tenth in [0, 5, 9, 10, 30] {
            peaks.count(Instant::from_micros(tenth * 100_000));
        }
        assert_eq!(peaks.within.map(|peak| peak.largest), [3, 4]);
    }

    #[test]
    fn peaks_are_those_of_whole_lists() {
        let mut draw = Key::new(421, 0).draw(Purpose::Arrival, 0, 0);
        let mut now = Instant::ZERO;
        let events: Vec<Instant> = (0..3_000)
            .map(|i| {
                now += Span::from_seconds_f64(draw.exponential() * if i % 1_000 < 100 { 0.01 } else { 2.0 });
                now
            })
            .collect();
        let windows = [Span::SECOND, Span::SECOND * 60];
        let mut peaks = Peaks::new(windows);
        events.iter().for_each(|at| peaks.count(*at));
        let largest = |window: Span| {
            let within = |last: Instant| events.iter().filter(move |at| **at <= last && last - **at < window);
            events.iter().map(|last| within(*last).count()).max()
        };
        assert_eq!(peaks.within.map(|peak| Some(peak.largest)), windows.map(largest));
        assert!(peaks.recent.len() < 1_000, "what cannot count any more is forgotten");
    }
}
