//! Unsorted events in chunks: what both rings of [`Tiers`](super::Tiers) are made of.
//!
//! An event is kept as an offset of four bytes from a start that its pile knows, and its payload right behind that:
//! 20 bytes for a waiting message, and a quarter of a byte more for the links. So an addition touches one
//! or two cache lines that others have left.
//!
//! The links lie apart from the chunks, close together. Whoever empties a pile would otherwise have to wait for each
//! chunk to learn where the next one is; so a processor asks for several at a time. A chunk that was emptied is
//! the next to be filled, and no chunk is ever moved: memory is what was pending at most.

/// Events in one chunk: large enough that links hardly count, small enough that thousands of half
/// empty last chunks do not either. Twenty bytes sixteen times are five cache lines.
const CHUNK: usize = 16;
/// Chunks that are asked for at a time.
const BLOCK: usize = 256;
/// Chunks that are looked at before the first of them is emptied.
const AHEAD: usize = 8;

/// An unordered pile of events. How full the top chunk is stands here and not in the chunk; those below are full.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pile {
    top: Link,
    /// Events in the top chunk.
    filled: u32,
}

/// The number of a chunk, or [`NOTHING`].
type Link = u32;

const NOTHING: Link = Link::MAX;

/// The chunks of any number of piles, and those that are empty.
#[derive(Debug)]
pub(super) struct Chunks<P: Copy> {
    blocks: Vec<Box<[Chunk<P>; BLOCK]>>,
    /// For each chunk the one below it, in its pile or among the empty ones.
    below: Vec<Link>,
    /// The first empty one.
    empty: Link,
}

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Chunk<P: Copy>([Entry<P>; CHUNK]);

/// Nothing may be lost between the two to the alignment of the payload.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(4))]
pub(super) struct Entry<P: Copy> {
    pub(super) offset: u32,
    pub(super) payload: P,
}

impl Pile {
    /// Nothing.
    pub(super) const fn new() -> Self {
        Self { top: NOTHING, filled: CHUNK as u32 }
    }

    /// Whether the next event needs another chunk.
    #[inline]
    pub(super) fn needs_chunk(&self) -> bool {
        self.filled as usize == CHUNK
    }

    /// Adds an event.
    #[inline]
    pub(super) fn push<P: Copy>(&mut self, offset: u32, payload: P, chunks: &mut Chunks<P>) {
        if self.needs_chunk() {
            return self.push_on_top(offset, payload, chunks);
        }
        chunks.chunk(self.top).0[self.filled as usize % CHUNK] = Entry { offset, payload };
        self.filled += 1;
    }

    /// Adds an event in another chunk, on top of those there are.
    #[cold]
    fn push_on_top<P: Copy>(&mut self, offset: u32, payload: P, chunks: &mut Chunks<P>) {
        let entry = Entry { offset, payload };
        self.top = chunks.fill(entry, self.top);
        self.filled = 1;
        chunks.chunk(self.top).0[0] = entry;
    }

    /// Takes all events out, in any order. `each` may use the chunks that are empty by then.
    #[inline]
    pub(super) fn drain<P: Copy>(self, chunks: &mut Chunks<P>, mut each: impl FnMut(&mut Chunks<P>, u32, P)) {
        self.walk(chunks, |chunks, link, filled| {
            for place in 0..filled {
                let Entry { offset, payload } = chunks.chunk(link).0[place];
                each(chunks, offset, payload);
            }
        });
    }

    /// Takes all events out, in any order, many at a time.
    #[inline]
    pub(super) fn pour<P: Copy>(self, chunks: &mut Chunks<P>, mut each: impl FnMut(&[Entry<P>])) {
        self.walk(chunks, |chunks, link, filled| each(&chunks.chunk(link).0[..filled]));
    }

    /// Goes through the chunks, each with the number of events in it, and leaves them empty.
    #[inline]
    fn walk<P: Copy>(self, chunks: &mut Chunks<P>, mut each: impl FnMut(&mut Chunks<P>, Link, usize)) {
        let Self { mut top, mut filled } = self;
        let mut ahead = [NOTHING; AHEAD];
        while top != NOTHING {
            let count = chunks.look_ahead(&mut top, &mut ahead);
            for link in &ahead[..count] {
                each(chunks, *link, filled as usize);
                filled = CHUNK as u32;
                chunks.empty(*link);
            }
        }
    }
}

impl<P: Copy> Chunks<P> {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self { blocks: Vec::new(), below: Vec::new(), empty: NOTHING }
    }

    #[inline(always)]
    fn chunk(&mut self, link: Link) -> &mut Chunk<P> {
        &mut self.blocks[link as usize / BLOCK][link as usize % BLOCK]
    }

    /// A chunk to be filled, on top of another. Anything may lie in it; `any` is put in those that are new.
    fn fill(&mut self, any: Entry<P>, below: Link) -> Link {
        if self.empty == NOTHING {
            self.ask_for_more(any);
        }
        let link = self.empty;
        self.empty = std::mem::replace(&mut self.below[link as usize], below);
        link
    }

    #[cold]
    fn ask_for_more(&mut self, any: Entry<P>) {
        let first = self.below.len() as Link;
        let block = vec![Chunk([any; CHUNK]); BLOCK].into_boxed_slice();
        let Ok(block) = block.try_into() else { unreachable!("it has that length") };
        self.blocks.push(block);
        self.below.extend((first..).skip(1).take(BLOCK - 1));
        self.below.push(NOTHING);
        self.empty = first;
    }

    /// Writes down the chunks from `top` on, as far as there is room, and moves `top` on. Says how many these are.
    ///
    /// If there are several, each of their cache lines is read once, all of them before any is needed: so they come from
    /// memory together and not one after the other.
    #[inline]
    fn look_ahead(&self, top: &mut Link, ahead: &mut [Link; AHEAD]) -> usize {
        let mut count = 0;
        while count < AHEAD && *top != NOTHING {
            ahead[count] = *top;
            count += 1;
            *top = self.below[*top as usize];
        }
        if count > 1 {
            let look = |seen, link: &Link| {
                let chunk = &self.blocks[*link as usize / BLOCK][*link as usize % BLOCK];
                chunk.0.iter().step_by(3).fold(seen, |seen, entry| seen ^ entry.offset)
            };
            std::hint::black_box(ahead[..count].iter().fold(0, look));
        }
        count
    }

    /// Notes that a chunk is empty.
    #[inline]
    fn empty(&mut self, link: Link) {
        self.below[link as usize] = std::mem::replace(&mut self.empty, link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_chunks_are_used_again() {
        let mut chunks = Chunks::new();
        let mut piles = [Pile::new(); 2];
        for round in 0..3 {
            for i in 0..10_000 {
                piles[i as usize % 2].push(i, i + round, &mut chunks);
            }
            let mut out = Vec::new();
            for pile in &mut piles {
                std::mem::replace(pile, Pile::new())
                    .drain(&mut chunks, |_, offset, payload| out.push((offset, payload)));
            }
            out.sort_unstable();
            assert!((0..10_000).map(|i| (i, i + round)).eq(out));
        }
        assert_eq!(chunks.below.len(), 10_000usize.div_ceil(CHUNK).next_multiple_of(BLOCK));
    }

    #[test]
    fn what_is_emptied_can_be_filled_on_the_way() {
        let mut chunks = Chunks::new();
        let (mut from, mut to) = (Pile::new(), Pile::new());
        (0..100_000u32).for_each(|i| from.push(i, u64::from(i), &mut chunks));
        let asked_for = chunks.below.len();
        from.drain(&mut chunks, |chunks, offset, payload| to.push(offset, payload, chunks));
        let mut sum = 0u64;
        to.drain(&mut chunks, |_, offset, payload| {
            assert_eq!(u64::from(offset), payload);
            sum += payload;
        });
        assert_eq!(sum, 100_000 * 99_999 / 2);
        assert!(chunks.below.len() <= asked_for + BLOCK);
    }

    #[test]
    fn twenty_bytes_for_a_payload_of_sixteen() {
        assert_eq!(size_of::<Chunk<[u64; 2]>>(), 20 * CHUNK);
    }
}
