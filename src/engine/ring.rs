//! A ring of piles, each for the events of one stretch of time, with a bitmap of those that hold some.

use super::pile::{Pile, Spare};

/// Piles in a ring, as a power of two: 4096 piles' heads fit into a second-level cache together with
/// the ends of their chunks, and 64 words of 64 bits say which hold something.
pub(super) const BITS: u32 = 12;
const PILES: usize = 1 << BITS;
const WORD: usize = u64::BITS as usize;

/// The piles of one turn. Time goes from the first to the last; then the ring is used again.
#[derive(Debug)]
pub(super) struct Ring<P> {
    piles: Vec<Stretch<P>>,
    occupied: [u64; PILES / WORD],
    /// Which words of `occupied` are not zero.
    words: u64,
}

#[derive(Debug)]
struct Stretch<P> {
    pile: Pile<P>,
    /// The smallest offset in the pile; of no meaning when it is empty.
    earliest: u32,
}

impl<P: Copy> Ring<P> {
    /// Empty piles.
    pub(super) fn new() -> Self {
        let piles = (0..PILES).map(|_| Stretch { pile: Pile::new(), earliest: 0 }).collect();
        Self { piles, occupied: [0; PILES / WORD], words: 0 }
    }

    /// Adds an event to the pile at a place below 4096, `offset` after the start of its stretch.
    #[inline]
    pub(super) fn push(&mut self, place: usize, offset: u32, payload: P, spare: &mut Spare<P>) {
        let stretch = &mut self.piles[place];
        stretch.pile.push(offset, payload, spare);
        let (word, bit) = (place / WORD, 1 << (place % WORD));
        stretch.earliest = match self.occupied[word] & bit == 0 {
            true => offset,
            false => stretch.earliest.min(offset),
        };
        self.occupied[word] |= bit;
        self.words |= 1 << word;
    }

    /// The first place that holds something, and the smallest offset there.
    #[inline]
    pub(super) fn first(&self) -> Option<(usize, u32)> {
        if self.words == 0 {
            return None;
        }
        let word = self.words.trailing_zeros() as usize;
        let place = word * WORD + self.occupied[word].trailing_zeros() as usize;
        Some((place, self.piles[place].earliest))
    }

    /// Takes out all that is in one place. `each` may use the chunks that are empty by then.
    #[inline]
    pub(super) fn drain(
        &mut self,
        place: usize,
        spare: &mut Spare<P>,
        each: impl FnMut(&mut Spare<P>, u32, P),
    ) {
        let word = place / WORD;
        self.occupied[word] &= !(1 << (place % WORD));
        if self.occupied[word] == 0 {
            self.words &= !(1 << word);
        }
        self.piles[place].pile.drain(spare, each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_in_order() {
        let (mut ring, mut spare) = (Ring::new(), Spare::new());
        for place in [4095usize, 64, 63, 0, 700, 63] {
            ring.push(place, 4096 - place as u32, place, &mut spare);
        }
        ring.push(64, 7, 64, &mut spare);
        let mut seen = Vec::new();
        while let Some((place, earliest)) = ring.first() {
            let mut least = u32::MAX;
            ring.drain(place, &mut spare, |_, offset, payload| {
                least = least.min(offset);
                assert_eq!(payload, place);
            });
            assert_eq!(least, earliest);
            seen.push(place);
        }
        assert_eq!(seen, [0, 63, 64, 700, 4095]);
    }
}
