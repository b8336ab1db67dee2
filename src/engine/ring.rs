//! A ring of piles, each for the events of one stretch of time, with a bitmap of those that hold some.
//!
//! Time goes round: the place of a stretch is its number modulo that of places, and the stretch of the present may be at any
//! place.

use super::pile::{Chunks, Pile};

/// The most piles of a ring: 64 words of 64 bits say which of them hold something, and one word which of these do.
const MOST: usize = WORD * WORD;
const WORD: usize = u64::BITS as usize;

/// The piles of one turn.
#[derive(Debug)]
pub(super) struct Ring {
    piles: Box<[Stretch]>,
    occupied: [u64; MOST / WORD],
    /// Which words of `occupied` are not zero.
    words: u64,
}

#[derive(Clone, Copy, Debug)]
struct Stretch {
    pile: Pile,
    /// The smallest offset in the pile.
    earliest: u32,
}

impl Stretch {
    const EMPTY: Self = Self { pile: Pile::new(), earliest: u32::MAX };
}

impl Ring {
    /// So many empty piles.
    pub(super) fn new(piles: usize) -> Self {
        debug_assert!(piles <= MOST);
        Self { piles: vec![Stretch::EMPTY; piles].into(), occupied: [0; MOST / WORD], words: 0 }
    }

    /// Adds an event to the pile at a place, `offset` after the start of its stretch.
    #[inline]
    pub(super) fn push<P: Copy>(&mut self, place: usize, offset: u32, payload: P, chunks: &mut Chunks<P>) {
        let stretch = &mut self.piles[place];
        stretch.earliest = stretch.earliest.min(offset);
        // A pile needs a chunk to hold anything at all.
        if stretch.pile.needs_chunk() {
            return self.push_and_mark(place, offset, payload, chunks);
        }
        stretch.pile.push(offset, payload, chunks);
    }

    /// Adds an event to a pile that may have been empty.
    // The last thing that is done where it is called, so that adding an event saves no registers for the sake of one in sixteen.
    #[cold]
    fn push_and_mark<P: Copy>(&mut self, place: usize, offset: u32, payload: P, chunks: &mut Chunks<P>) {
        let word = place / WORD;
        self.occupied[word] |= 1 << (place % WORD);
        self.words |= 1 << word;
        self.piles[place].pile.push(offset, payload, chunks);
    }

    /// The first place from `start` on, and round to it, that holds something; and the smallest offset there.
    #[inline]
    pub(super) fn first(&self, start: usize) -> Option<(usize, u32)> {
        if self.words == 0 {
            return None;
        }
        let word = start / WORD;
        let here = self.occupied[word] & u64::MAX << (start % WORD);
        let (word, occupied) = if here != 0 {
            (word, here)
        } else {
            // The other words in turn, and what lies before `start` in this one at last.
            let turned = self.words.rotate_right(word as u32 + 1);
            let word = (word + 1 + turned.trailing_zeros() as usize) % WORD;
            (word, self.occupied[word])
        };
        let place = word * WORD + occupied.trailing_zeros() as usize;
        Some((place, self.piles[place].earliest))
    }

    /// Takes out all that is in one place.
    #[inline]
    pub(super) fn take(&mut self, place: usize) -> Pile {
        let word = place / WORD;
        self.occupied[word] &= !(1 << (place % WORD));
        if self.occupied[word] == 0 {
            self.words &= !(1 << word);
        }
        std::mem::replace(&mut self.piles[place], Stretch::EMPTY).pile
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_in_order_from_any_of_them() {
        const PILES: usize = 4096;
        let (mut ring, mut chunks) = (Ring::new(PILES), Chunks::new());
        for place in [PILES - 1, 64, 63, 0, 700, 63, 62] {
            ring.push(place, (PILES - place) as u32, place, &mut chunks);
        }
        ring.push(64, 7, 64, &mut chunks);
        let mut seen = Vec::new();
        let mut start = 63;
        while let Some((place, earliest)) = ring.first(start) {
            start = (place + 1) % PILES;
            let mut least = u32::MAX;
            ring.take(place).drain(&mut chunks, |_, offset, payload| {
                least = least.min(offset);
                assert_eq!(payload, place);
            });
            assert_eq!(least, earliest);
            seen.push(place);
        }
        assert_eq!(seen, [63, 64, 700, PILES - 1, 0, 62]);
    }
}
