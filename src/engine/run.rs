//! The events of the open bucket, in order.

use super::pile::{Chunks, Entry, Pile};
use super::tiers::WIDEST;
use crate::time::Instant;

/// How many events are shown to those who want to know which come soon.
const AHEAD: usize = 8;

/// So many keys are sorted by counting: for fewer it does not pay to prepare that.
const LEAST: usize = 5;
const FEW: usize = 1 << FEW_BITS;
const FEW_BITS: u32 = 6;
const _: () = assert!(WIDEST + FEW_BITS < i32::BITS);
/// So many keys are compared with one.
const AT_ONCE: usize = 8;

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
        if (LEAST..=FEW).contains(&self.keys.len()) {
            self.sort_few();
        } else {
            self.keys.sort_unstable();
        }
        self.look();
    }

    /// Puts keys in order: how many are smaller says where each of them belongs. Those are more comparisons than other
    /// sorts make, but many at once and none to wait for: where a processor has to guess which of two keys is the
    /// smaller, it guesses wrong for every key, and that takes longer than all of these.
    #[inline(never)]
    fn sort_few(&mut self) {
        let count = self.keys.len();
        // What is left of a key, since offsets have 24 bits, in four bytes: so they are compared four at a time.
        let mut tags = [i32::MAX; FEW];
        for (tag, key) in tags.iter_mut().zip(&self.keys) {
            *tag = ((key >> 32) as i32) << FEW_BITS | *key as i32;
        }
        let compared = &tags[..count.next_multiple_of(AT_ONCE)];
        for tag in &tags[..count] {
            let smaller: i32 = compared.iter().map(|other| i32::from(other < tag)).sum();
            let (offset, place) = ((*tag >> FEW_BITS) as u64, (*tag as usize % FEW) as u64);
            self.keys[smaller as usize] = offset << 32 | place;
        }
    }

    /// How many events there were, taken or not.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The different instants of these.
    pub(super) fn instants(&self) -> usize {
        self.keys.chunk_by(|a, b| a >> 32 == b >> 32).count()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Few and many, with ties and up to the last instant of the widest bucket.
    #[test]
    fn keys_come_in_order_however_many() {
        const LAST: u32 = (1 << WIDEST) - 1;
        let (mut run, mut chunks) = (Run::new(), Chunks::new());
        for count in 0..2 * FEW as u32 {
            let offsets: Vec<u32> =
                (0..count).map(|i| LAST - i.wrapping_mul(2_654_435_761) % 97 * (LAST / 97)).collect();
            let mut bucket = Pile::new();
            offsets.iter().for_each(|offset| bucket.push(*offset, *offset, &mut chunks));
            run.fill(Instant::ZERO, bucket, &mut chunks);
            let mut expected = offsets;
            expected.sort_unstable();
            for offset in expected {
                assert!(run.has(Instant::from_micros(i64::from(offset))), "{count}");
                assert_eq!(run.take(), offset);
            }
            assert_eq!(run.first(), Instant::NEVER);
        }
    }
}
