//! The event set and the clock. Knows no mail: it is generic over what an event carries.
//!
//! Events come out in the order of their content: by instant, and at one instant by [`Rank`]. The
//! order of insertion never matters, so any event set and any number of threads give the same
//! trajectory.

mod event_set;

pub use event_set::EventSet;

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
