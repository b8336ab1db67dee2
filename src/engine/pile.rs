//! Unsorted events in chunks: what both rings of [`Tiers`](super::Tiers) are made of.
//!
//! An event is kept as an offset of four bytes from a start that its pile knows, and its payload:
//! 20 bytes for a waiting message, and a twentieth more for the links. Offsets and payloads lie
//! apart, so nothing is lost to padding. Some of the chunks that were emptied are kept and used again
//! before new ones are asked for, the rest is given back; no chunk is ever moved. So memory follows what
//! is pending, and its peak is no more than what is needed then.

/// Events in one chunk: large enough that links and the allocator's own words hardly count, small
/// enough that thousands of half empty last chunks do not either.
const CHUNK: usize = 16;
/// Empty chunks that are kept: some buckets' worth, even when a bucket holds ten thousand.
const KEPT: usize = 1024;

/// An unordered pile of events. How full the top chunk is stands here and not in the chunk, whose first
/// cache line an addition need not touch then; those below are full.
#[derive(Debug)]
pub(super) struct Pile<P> {
    top: Chain<P>,
    /// Events in the top chunk.
    filled: u32,
}

/// Chunks, one below the other.
#[derive(Debug)]
struct Chain<P>(Option<Box<Chunk<P>>>);

#[derive(Debug)]
struct Chunk<P> {
    below: Chain<P>,
    offsets: [u32; CHUNK],
    payloads: [P; CHUNK],
}

/// Empty chunks.
#[derive(Debug)]
pub(super) struct Spare<P> {
    chunks: Chain<P>,
    len: usize,
}

impl<P: Copy> Pile<P> {
    /// Nothing.
    pub(super) const fn new() -> Self {
        Self { top: Chain(None), filled: 0 }
    }

    /// Adds an event.
    #[inline]
    pub(super) fn push(&mut self, offset: u32, payload: P, spare: &mut Spare<P>) {
        let place = self.filled as usize;
        match &mut self.top.0 {
            Some(chunk) if place < CHUNK => {
                chunk.offsets[place] = offset;
                chunk.payloads[place] = payload;
                self.filled += 1;
            }
            _ => self.push_chunk(offset, payload, spare),
        }
    }

    /// Takes all events out, in any order. `each` may use the chunks that are empty by then.
    #[inline]
    pub(super) fn drain(&mut self, spare: &mut Spare<P>, mut each: impl FnMut(&mut Spare<P>, u32, P)) {
        let mut filled = std::mem::take(&mut self.filled) as usize;
        while let Some(chunk) = self.top.take() {
            for (offset, payload) in chunk.offsets[..filled].iter().zip(&chunk.payloads) {
                each(spare, *offset, *payload);
            }
            spare.keep(chunk);
            filled = CHUNK;
        }
    }

    #[cold]
    fn push_chunk(&mut self, offset: u32, payload: P, spare: &mut Spare<P>) {
        let mut chunk = spare.take().unwrap_or_else(|| {
            Box::new(Chunk { below: Chain(None), offsets: [offset; CHUNK], payloads: [payload; CHUNK] })
        });
        chunk.offsets[0] = offset;
        chunk.payloads[0] = payload;
        self.filled = 1;
        self.top.put(chunk);
    }
}

impl<P: Copy> Spare<P> {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self { chunks: Chain(None), len: 0 }
    }

    fn keep(&mut self, chunk: Box<Chunk<P>>) {
        if self.len < KEPT {
            self.chunks.put(chunk);
            self.len += 1;
        }
    }

    fn take(&mut self) -> Option<Box<Chunk<P>>> {
        let chunk = self.chunks.take()?;
        self.len -= 1;
        Some(chunk)
    }
}

impl<P> Chain<P> {
    /// Puts a chunk, which lies on no other, on top.
    #[inline]
    fn put(&mut self, mut chunk: Box<Chunk<P>>) {
        chunk.below.0 = self.0.take();
        self.0 = Some(chunk);
    }

    #[inline]
    fn take(&mut self) -> Option<Box<Chunk<P>>> {
        let mut chunk = self.0.take()?;
        self.0 = chunk.below.0.take();
        Some(chunk)
    }
}

/// One chunk after the other: a chain of millions would exhaust the stack if each dropped the next.
impl<P> Drop for Chain<P> {
    fn drop(&mut self) {
        while self.take().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_and_chunks_are_used_again() {
        let mut spare = Spare::new();
        let mut pile = Pile::new();
        for round in 0..3 {
            (0..100).for_each(|i| pile.push(i, i + round, &mut spare));
            let mut out = Vec::new();
            pile.drain(&mut spare, |_, offset, payload| out.push((offset, payload)));
            out.sort_unstable();
            assert!((0..100).map(|i| (i, i + round)).eq(out));
        }
        assert_eq!(spare.len, 100usize.div_ceil(CHUNK));
    }

    #[test]
    fn a_long_chain_can_be_dropped() {
        let mut spare = Spare::new();
        let mut pile = Pile::new();
        (0..2_000_000).for_each(|i| pile.push(i, (), &mut spare));
    }
}
