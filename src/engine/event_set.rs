//! The pending events, smallest first: by instant from a [`Store`], ties sorted when they are reached.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{Rank, Ranked, Store, Tiers};
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
#[derive(Debug)]
pub struct EventSet<P: Ranked, S: Store<P> = Tiers<P>> {
    key: P::Key,
    now: Instant,
    later: S,
    /// Several events of the present instant, when that was reached: the next one last.
    due: Vec<(Rank, P)>,
    /// Events that were added for the present instant since.
    added: BinaryHeap<Added<P>>,
    /// Whether any of these are left: a look at one word instead of two lists at every event.
    is_present: bool,
}

impl<P: Ranked> EventSet<P> {
    /// An empty set whose ties are broken under `key`; its clock stands before every event.
    pub fn new(key: P::Key) -> Self {
        Self::on_store(key)
    }
}

impl<P: Ranked, S: Store<P>> EventSet<P, S> {
    /// An empty set on the store that the type says.
    pub fn on_store(key: P::Key) -> Self {
        let now = Instant::from_micros(i64::MIN);
        Self { key, now, later: S::default(), due: Vec::new(), added: BinaryHeap::new(), is_present: false }
    }

    /// The instant of the event that was taken last.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Number of pending events.
    pub fn len(&self) -> usize {
        self.later.len() + self.due.len() + self.added.len()
    }

    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event. `at` must not lie before [`Self::now`].
    #[inline(always)]
    pub fn push(&mut self, at: Instant, payload: P) {
        debug_assert!(at >= self.now, "an event in the past");
        if at == self.now {
            self.push_present(payload);
        } else {
            self.later.push(at, payload);
        }
    }

    /// When the next event is due; [`Instant::NEVER`] where nothing is pending.
    #[inline]
    pub fn next_instant(&self) -> Instant {
        if self.is_present { self.now } else { self.later.first() }
    }

    /// Takes the next event and moves the clock to it.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<(Instant, P)> {
        if !self.is_present {
            let (at, payload) = self.later.pop()?;
            self.now = at;
            if self.later.first() != at {
                return Some((at, payload));
            }
            self.gather(payload);
        }
        self.next_present()
    }

    /// Now and then the next few events: see [`Store::soon`].
    #[inline(always)]
    pub fn soon(&self) -> impl Iterator<Item = P> {
        self.later.soon()
    }

    /// Takes out every pending event that `wanted` picks, in no particular order.
    pub fn extract(&mut self, mut wanted: impl FnMut(&P) -> bool) -> Vec<(Instant, P)> {
        let mut taken = Vec::new();
        let mut keep = |at, payload: &P| {
            let take = wanted(payload);
            if take {
                taken.push((at, *payload));
            }
            !take
        };
        self.due.retain(|(_, payload)| keep(self.now, payload));
        self.added.retain(|added| keep(self.now, &added.payload));
        self.later.retain(keep);
        self.is_present = !(self.due.is_empty() && self.added.is_empty());
        taken
    }

    #[inline(never)]
    fn push_present(&mut self, payload: P) {
        self.added.push(Added { rank: payload.rank(self.key), payload });
        self.is_present = true;
    }

    /// Brings all events of the present instant together and sorts them.
    #[cold]
    fn gather(&mut self, first: P) {
        self.due.push((first.rank(self.key), first));
        while self.later.first() == self.now
            && let Some((_, payload)) = self.later.pop()
        {
            self.due.push((payload.rank(self.key), payload));
        }
        self.due.sort_unstable_by(|(a, _), (b, _)| b.cmp(a));
        self.is_present = true;
    }

    /// The next event of the present instant.
    #[inline(never)]
    fn next_present(&mut self) -> Option<(Instant, P)> {
        let due = self.due.last().map(|(rank, _)| rank);
        let added = self.added.peek().map(|added| &added.rank);
        let payload = match (due, added) {
            (Some(due), Some(added)) if due > added => self.added.pop()?.payload,
            (None, _) => self.added.pop()?.payload,
            (Some(_), _) => self.due.pop()?.1,
        };
        self.is_present = !(self.due.is_empty() && self.added.is_empty());
        Some((self.now, payload))
    }
}

/// Smaller ranks are greater, because the heap of the standard library yields the greatest.
#[derive(Clone, Copy, Debug)]
struct Added<P> {
    rank: Rank,
    payload: P,
}

impl<P> Ord for Added<P> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank.cmp(&self.rank)
    }
}

impl<P> PartialOrd for Added<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> PartialEq for Added<P> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl<P> Eq for Added<P> {}

#[cfg(test)]
mod tests {
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
