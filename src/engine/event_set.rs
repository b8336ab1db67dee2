//! The pending events, smallest first: a binary heap by instant, ties sorted when they are reached.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Ranked;
use crate::time::Instant;

/// A set of pending events, and the clock they advance.
///
/// ```
/// use tempfail::engine::{EventSet, Rank, Ranked};
/// use tempfail::time::Instant;
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// struct Ring(u64);
/// impl Ranked for Ring {
///     type Key = ();
///     fn rank(&self, (): ()) -> Rank {
///         Rank { kind: 0, tie: 0, entity: self.0, index: 0 }
///     }
/// }
///
/// let mut events = EventSet::new(());
/// events.push(Instant::from_micros(20), Ring(2));
/// events.push(Instant::from_micros(10), Ring(9));
/// events.push(Instant::from_micros(20), Ring(1));
/// assert_eq!(events.pop(), Some((Instant::from_micros(10), Ring(9))));
/// assert_eq!(events.pop(), Some((Instant::from_micros(20), Ring(1))));
/// assert_eq!(events.now(), Instant::from_micros(20));
/// ```
#[derive(Clone, Debug)]
pub struct EventSet<P: Ranked> {
    key: P::Key,
    now: Instant,
    later: BinaryHeap<Entry<P>>,
    /// The events of the present instant, the next one last.
    due: Vec<P>,
}

impl<P: Ranked> EventSet<P> {
    /// An empty set whose ties are broken under `key`; its clock stands before every event.
    pub fn new(key: P::Key) -> Self {
        Self { key, now: Instant::from_micros(i64::MIN), later: BinaryHeap::new(), due: Vec::new() }
    }

    /// The instant of the event that was taken last.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Number of pending events.
    pub fn len(&self) -> usize {
        self.later.len() + self.due.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.due.is_empty() && self.later.is_empty()
    }

    /// Adds an event. `at` must not lie before [`Self::now`].
    pub fn push(&mut self, at: Instant, payload: P) {
        debug_assert!(at >= self.now, "an event in the past");
        if at == self.now {
            let rank = payload.rank(self.key);
            let place = self.due.partition_point(|other| other.rank(self.key) > rank);
            self.due.insert(place, payload);
        } else {
            self.later.push(Entry { at, payload });
        }
    }

    /// When the next event is due.
    pub fn next_instant(&self) -> Option<Instant> {
        if self.due.is_empty() { self.later.peek().map(|entry| entry.at) } else { Some(self.now) }
    }

    /// Takes the next event and moves the clock to it.
    pub fn pop(&mut self) -> Option<(Instant, P)> {
        if self.due.is_empty() {
            let first = self.later.pop()?;
            self.now = first.at;
            if self.later.peek().is_none_or(|next| next.at != first.at) {
                return Some((first.at, first.payload));
            }
            self.gather(first);
        }
        self.due.pop().map(|payload| (self.now, payload))
    }

    /// Takes out every pending event that `wanted` picks, in no particular order.
    pub fn extract(&mut self, mut wanted: impl FnMut(&P) -> bool) -> Vec<(Instant, P)> {
        let mut taken = Vec::new();
        let now = self.now;
        self.due.retain(|payload| {
            let take = wanted(payload);
            if take {
                taken.push((now, *payload));
            }
            !take
        });
        self.later.retain(|entry| {
            let take = wanted(&entry.payload);
            if take {
                taken.push((entry.at, entry.payload));
            }
            !take
        });
        taken
    }

    /// Brings all events of one instant together and sorts them.
    fn gather(&mut self, first: Entry<P>) {
        self.due.push(first.payload);
        while let Some(next) = self.later.peek()
            && next.at == first.at
        {
            self.due.push(next.payload);
            self.later.pop();
        }
        let key = self.key;
        self.due.sort_unstable_by_key(|payload| std::cmp::Reverse(payload.rank(key)));
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

#[cfg(test)]
mod tests {
    use super::super::Rank;
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Item {
        kind: u8,
        entity: u64,
    }

    impl Ranked for Item {
        type Key = crate::random::Key;
        fn rank(&self, key: Self::Key) -> Rank {
            Rank { kind: self.kind, tie: key.tie(self.entity, 0), entity: self.entity, index: 0 }
        }
    }

    fn drain(mut events: EventSet<Item>) -> Vec<(Instant, Item)> {
        std::iter::from_fn(|| events.pop()).collect()
    }

    #[test]
    fn the_order_of_insertion_does_not_matter() {
        let key = crate::random::Key::new(1, 0);
        let items: Vec<_> = (0..500u64)
            .map(|i| (Instant::from_micros((i as i64 * 7919) % 40), Item { kind: (i % 3) as u8, entity: i }))
            .collect();
        let mut forwards = EventSet::new(key);
        let mut backwards = EventSet::new(key);
        items.iter().for_each(|(at, item)| forwards.push(*at, *item));
        items.iter().rev().for_each(|(at, item)| backwards.push(*at, *item));
        let order = drain(forwards);
        assert_eq!(order, drain(backwards));
        assert!(order.windows(2).all(|pair| (pair[0].0, pair[0].1.kind) <= (pair[1].0, pair[1].1.kind)));
    }

    #[test]
    fn an_event_for_the_present_instant_takes_its_place_among_those_left() {
        let mut events = EventSet::new(crate::random::Key::new(1, 0));
        let at = Instant::from_micros(5);
        for (kind, entity) in [(1, 1), (3, 3)] {
            events.push(at, Item { kind, entity });
        }
        assert_eq!(events.pop().map(|(_, item)| item.entity), Some(1));
        events.push(at, Item { kind: 2, entity: 2 });
        assert_eq!(events.pop().map(|(_, item)| item.entity), Some(2));
        assert_eq!(events.pop().map(|(_, item)| item.entity), Some(3));
        assert!(events.is_empty());
    }

    #[test]
    fn extraction_takes_what_is_wanted_and_nothing_else() {
        let mut events = EventSet::new(crate::random::Key::new(1, 0));
        for i in 0..10 {
            events.push(Instant::from_micros(i), Item { kind: 0, entity: i as u64 });
        }
        events.pop();
        assert_eq!(events.extract(|item| item.entity % 2 == 0).len(), 4);
        assert_eq!(events.len(), 5);
    }
}
