//! The event set and the clock. Knows no mail: it is generic over what an event carries.
//!
//! Events come out in the order of their content: by instant, and at one instant by [`Rank`]. The
//! order of insertion never matters, so any event set and any number of threads give the same
//! trajectory.

mod event_set;
mod heap;
mod near;
mod pile;
mod ring;
mod run;
mod tiers;

use crate::time::Instant;

pub use event_set::EventSet;
pub use heap::Heap;
pub use tiers::Tiers;

/// Where an event set keeps what is pending: events by their instants. Those of one instant come out in
/// any order; [`EventSet`] puts them in order.
pub trait Store<P>: Default {
    /// Number of events.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instant of the first event; [`Instant::NEVER`] where there is none. What waits for that instant never
    /// comes, so nobody needs to tell the two apart, and this is asked more often than anything else.
    fn first(&self) -> Instant;

    /// Adds an event. It does not come before the one that was taken last.
    fn push(&mut self, at: Instant, payload: P);

    /// Takes the first event.
    fn pop(&mut self) -> Option<(Instant, P)>;

    /// Now and then the next few events, for whoever wants to have a look at what they will need. They may change
    /// their order or be joined by others before they are taken, so nothing may depend on it.
    fn soon(&self) -> impl Iterator<Item = P> {
        std::iter::empty()
    }

    /// Takes out all events that are not to be kept, wherever they are. `keep` sees each once, in any order.
    fn retain(&mut self, keep: impl FnMut(Instant, &P) -> bool);
}

/// Which [`Store`] a simulation uses, whatever its events are. The results are the same for all.
pub trait Engine {
    /// The store for events `P`.
    type Store<P: Copy + std::fmt::Debug>: Store<P> + std::fmt::Debug;
}

/// The engine that is used: [`Tiers`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Tiered;

/// The engine that the other is compared with: [`Heap`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Reference;

impl Engine for Tiered {
    type Store<P: Copy + std::fmt::Debug> = Tiers<P>;
}

impl Engine for Reference {
    type Store<P: Copy + std::fmt::Debug> = Heap<P>;
}

/// The place of an event among those of the same instant, smallest first.
///
/// `kind` says which kind of thing goes first; `tie` is a keyed hash, so that no entity wins every
/// tie because its number is low; `entity` and `index` settle what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Order of kinds at one instant.
    pub kind: u8,
    /// A keyed hash of the entity.
    pub tie: u64,
    /// The entity itself.
    pub entity: u64,
    /// Which of the entity's events.
    pub index: u64,
}

/// What an event set can hold: a small value that knows its place among simultaneous ones.
pub trait Ranked: Copy {
    /// Whatever the hash of ties depends on, the same for all events of a run.
    type Key: Copy;

    /// The place of this event among those of the same instant. Two different events that may be
    /// pending at one instant must differ in rank.
    fn rank(&self, key: Self::Key) -> Rank;
}

#[cfg(test)]
mod tests;
