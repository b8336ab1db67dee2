//! Pending events in a binary heap: the reference, simple enough to be seen to be right.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Store;
use crate::time::Instant;

/// Pending events in the binary heap of the standard library.
///
/// Simulations use [`Tiers`](super::Tiers), which must yield the same events; tests and benchmarks compare
/// the two.
#[derive(Clone, Debug)]
pub struct Heap<P> {
    entries: BinaryHeap<Entry<P>>,
}

impl<P> Default for Heap<P> {
    fn default() -> Self {
        Self { entries: BinaryHeap::new() }
    }
}

impl<P> Store<P> for Heap<P> {
    fn len(&self) -> usize {
        self.entries.len()
    }

    fn first(&self) -> Instant {
        self.entries.peek().map_or(Instant::NEVER, |entry| entry.at)
    }

    fn push(&mut self, at: Instant, payload: P) {
        self.entries.push(Entry { at, payload });
    }

    fn pop(&mut self) -> Option<(Instant, P)> {
        self.entries.pop().map(|entry| (entry.at, entry.payload))
    }

    fn retain(&mut self, mut keep: impl FnMut(Instant, &P) -> bool) {
        self.entries.retain(|entry| keep(entry.at, &entry.payload));
    }
}

#[derive(Clone, Debug)]
struct Entry<P> {
    at: Instant,
    payload: P,
}

/// Earlier is greater, because the heap of the standard library yields the greatest.
impl<P> Ord for Entry<P> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl<P> PartialOrd for Entry<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for Entry<P> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl<P> Eq for Entry<P> {}
