//! The events of the open bucket that were added since it was opened: a list in order, and a heap for those for
//! which there is no room.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::Instant;

/// So many events are simply kept in order: none of the other tiers would be faster.
pub(super) const FEW: usize = 24;

/// Most events that are kept in order.
const MOST: usize = 2 * FEW;

/// Events in order while they are few, which costs less than a heap. Those for which there is no room go into a heap.
#[derive(Debug)]
pub(super) struct Near<P> {
    first: Instant,
    /// The next one last. Most that are added come soon: an answer, before the transactions that are under way end.
    ordered: Vec<(Instant, P)>,
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
        Self { first: Instant::NEVER, ordered: Vec::with_capacity(MOST), crowd }
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

    /// How many of those there was no room for are due later than at `at`.
    pub(super) fn crowded_after(&self, at: Instant) -> usize {
        self.crowd.keys.iter().filter(|Reverse((due, _))| *due > at).count()
    }

    /// Adds an event.
    #[inline(always)]
    pub(super) fn push(&mut self, at: Instant, payload: P) {
        self.first = self.first.min(at);
        if self.ordered.len() == MOST {
            return self.crowd.push(at, payload);
        }
        self.ordered.push((at, payload));
        // Those that come sooner move up by one, one after the other: they are few.
        let mut sooner = self.ordered.iter_mut().rev();
        let Some(mut place) = sooner.next() else { return };
        for event in sooner.take_while(|event| event.0 < at) {
            *place = *event;
            place = event;
        }
        *place = (at, payload);
    }

    /// Takes the next event.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<P> {
        let payload = match self.ordered.pop_if(|(at, _)| *at == self.first) {
            Some((_, payload)) => payload,
            None => self.crowd.take()?,
        };
        let ordered = self.ordered.last().map_or(Instant::NEVER, |(at, _)| *at);
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
