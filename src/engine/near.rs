//! The events of the open bucket that were added since it was opened: a list in order, and a heap for those for
//! which there is no room.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::Instant;

/// So many events are simply kept in order: none of the other tiers would be faster.
pub(super) const FEW: usize = 24;

/// Events in order while they are few, which costs less than a heap: many delays are all alike, and then
/// an event belongs behind all others. Those for which there is no room go into a heap.
#[derive(Debug)]
pub(super) struct Near<P> {
    first: Instant,
    ordered: Vec<(Instant, P)>,
    /// How many of those were taken.
    taken: usize,
    crowd: Crowd<P>,
}

/// A heap of instants and places of payloads.
#[derive(Debug)]
struct Crowd<P> {
    keys: BinaryHeap<Reverse<(Instant, u32)>>,
    payloads: Vec<P>,
    free: Vec<u32>,
}

impl<P: Copy> Near<P> {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let crowd = Crowd { keys: BinaryHeap::new(), payloads: Vec::new(), free: Vec::new() };
        Self { first: Instant::NEVER, ordered: Vec::with_capacity(2 * FEW), taken: 0, crowd }
    }

    /// The instant of the next event; [`Instant::NEVER`] when there is none.
    #[inline(always)]
    pub(super) fn first(&self) -> Instant {
        self.first
    }

    /// How many there was no room for in the list.
    #[inline(always)]
    pub(super) fn crowded(&self) -> usize {
        self.crowd.keys.len()
    }

    /// Adds an event.
    #[inline(always)]
    pub(super) fn push(&mut self, at: Instant, payload: P) {
        self.first = self.first.min(at);
        if self.ordered.len() == 2 * FEW {
            return self.push_to_full(at, payload);
        }
        self.ordered.push((at, payload));
        // Those that are later move up by one, one after the other: they are few.
        let ordered = &mut self.ordered[self.taken..];
        let mut place = ordered.len() - 1;
        while place > 0 && ordered[place - 1].0 > at {
            ordered[place] = ordered[place - 1];
            place -= 1;
        }
        ordered[place] = (at, payload);
    }

    /// The same when the list has come to its end: room at its beginning is used again, if there is some.
    #[inline(never)]
    fn push_to_full(&mut self, at: Instant, payload: P) {
        if self.taken < FEW {
            return self.crowd.push(at, payload);
        }
        self.ordered.drain(..self.taken);
        self.taken = 0;
        self.push(at, payload);
    }

    /// Takes the next event.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<P> {
        let payload = match self.ordered.get(self.taken) {
            Some((at, payload)) if *at == self.first => {
                let payload = *payload;
                self.taken += 1;
                if self.taken == self.ordered.len() {
                    self.ordered.clear();
                    self.taken = 0;
                }
                payload
            }
            _ => self.crowd.take()?,
        };
        let ordered = self.ordered.get(self.taken).map_or(Instant::NEVER, |(at, _)| *at);
        self.first = ordered.min(self.crowd.first());
        Some(payload)
    }
}

impl<P: Copy> Crowd<P> {
    #[inline]
    fn first(&self) -> Instant {
        self.keys.peek().map_or(Instant::NEVER, |Reverse((at, _))| *at)
    }

    #[inline(never)]
    fn push(&mut self, at: Instant, payload: P) {
        let place = match self.free.pop() {
            Some(place) => {
                self.payloads[place as usize] = payload;
                place
            }
            None => {
                self.payloads.push(payload);
                self.payloads.len() as u32 - 1
            }
        };
        self.keys.push(Reverse((at, place)));
    }

    #[inline(never)]
    fn take(&mut self) -> Option<P> {
        let Reverse((_, place)) = self.keys.pop()?;
        self.free.push(place);
        Some(self.payloads[place as usize])
    }
}
