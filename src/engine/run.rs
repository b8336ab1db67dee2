//! The events of the open bucket, in order.

use super::pile::{Chunks, Entry, Pile};
use crate::time::Instant;

/// How many events are shown to those who want to know which come soon.
const AHEAD: usize = 8;

/// Keys in order, and payloads where the keys say.
#[derive(Debug)]
pub(super) struct Run<P> {
    start: Instant,
    /// The instant of the next event; [`Instant::NEVER`] when all are taken.
    first: Instant,
    /// Offset from the start in the upper half, place of the payload in the lower.
    keys: Vec<u64>,
    payloads: Vec<P>,
    /// How many keys were taken.
    taken: usize,
}

impl<P: Copy> Run<P> {
    /// Nothing.
    pub(super) fn new() -> Self {
        let (start, first) = (Instant::ZERO, Instant::NEVER);
        Self { start, first, keys: Vec::new(), payloads: Vec::new(), taken: 0 }
    }

    /// Takes over what lies in a bucket that starts at `start`, and sorts it.
    pub(super) fn fill(&mut self, start: Instant, bucket: Pile, chunks: &mut Chunks<P>) {
        self.start = start;
        self.keys.clear();
        self.payloads.clear();
        self.taken = 0;
        bucket.pour(chunks, |entries| {
            let first = self.payloads.len();
            let key =
                |(place, entry): (usize, &Entry<P>)| u64::from(entry.offset) << 32 | (first + place) as u64;
            self.keys.extend(entries.iter().enumerate().map(key));
            self.payloads.extend(entries.iter().map(|entry| entry.payload));
        });
        self.keys.sort_unstable();
        self.look();
    }

    /// How many events there were, taken or not.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The instant of the next event; [`Instant::NEVER`] when there is none.
    #[inline(always)]
    pub(super) fn first(&self) -> Instant {
        self.first
    }

    /// Whether an event is due at `at`.
    #[inline]
    pub(super) fn has(&self, at: Instant) -> bool {
        self.first == at && self.taken < self.keys.len()
    }

    /// The next event; there must be one.
    #[inline]
    pub(super) fn take(&mut self) -> P {
        let place = self.keys[self.taken] as u32;
        self.taken += 1;
        self.look();
        self.payloads[place as usize]
    }

    /// When one of so many is taken, as many that come after it.
    #[inline(always)]
    pub(super) fn soon(&self) -> impl Iterator<Item = P> {
        let next = if self.taken % AHEAD == 1 { self.keys[self.taken..].iter() } else { [].iter() };
        next.take(AHEAD).map(|key| self.payloads[*key as u32 as usize])
    }

    #[inline]
    fn look(&mut self) {
        self.first = match self.keys.get(self.taken) {
            Some(key) => Instant::from_micros(self.start.as_micros() + (key >> 32) as i64),
            None => Instant::NEVER,
        };
    }
}
