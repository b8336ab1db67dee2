//! Pending events in tiers: a time per event that does not grow with their number.
//!
//! A heap of a million entries is a chain of cache misses for every event. Here an event that is far
//! off is appended to the pile of its stretch of time, next to others and in no order; a pile is
//! sorted when its time comes, and is small by then. Every event is written and read at most three
//! times, whatever the number of events:
//!
//! | tier | holds | as |
//! |---|---|---|
//! | run | what lay in the bucket of the present when that was reached | sorted keys |
//! | near | what was added to that bucket since; all that is pending while it is little | a list in order, and a heap when that is full |
//! | buckets | the rest of the present lap | 256 piles, a bucket of 2^`width` microseconds each |
//! | laps | the next 4095 laps | 4096 piles in a ring, a lap of 256 buckets each |
//! | beyond | what comes after them | a list |
//!
//! The bucket and lap of an instant are its upper bits, so it is placed with shifts and
//! comparisons. When the clock enters a lap, the lap's pile is dealt out to the buckets. The list is searched once in 4096
//! laps, when the clock enters an era, for what can be put into the ring by then: nothing in it is due before the next era. Buckets,
//! laps and eras in which nothing happens are skipped by a look at a bitmap.
//!
//! An event that is added to one of thousands of piles finds the end of that pile in no cache. So nearly all are added
//! to the few laps of the next hour or hours, and dealt out to the buckets of one lap together: writing them
//! twice to where others have just been written is quicker than once to anywhere.
//!
//! A bucket is opened only when its first event is taken, never for a look at when that is, since
//! earlier events may still be added. The smallest offset of every pile is kept for such looks.
//!
//! **Width.** A bucket is 17 seconds wide at first, a lap over an hour and all laps 200 days. A bucket should hold a few
//! dozen events: to open one takes as long as to sort a handful, and to sort a thousand takes several times as long for
//! each as to sort a few. So where very many events are added to the open bucket itself, and the heap for them grows, or where
//! many lie in a bucket when that is opened, all is dealt out again to narrower ones. If
//! buckets hold next to nothing, they are made wider again; and if narrow ones are over so soon that most events lie beyond, where
//! they are searched over and over. That is done at most once per as many additions as there are events, or when as many
//! were searched, so it costs each of them a constant. A million
//! events of one instant lie in one bucket whatever its width, so those of the present do not count, nor does a bucket of few
//! instants; they are sorted once, by their place in the sorted keys, and then taken one by one.
//!
//! None of this is visible from outside: events of different instants come out in order, and
//! [`EventSet`](super::EventSet) puts those of one instant in order.

use super::Store;
use super::near::{FEW, Near};
use super::pile::Chunks;
use super::ring::Ring;
use super::run::Run;
use crate::time::{Instant, Span};

/// Buckets in a lap, as a power of two. They are few, so that the ends of their piles lie in a first-level cache while a
/// lap is dealt out to them.
const LAP: u32 = 8;
/// Laps in an era, as a power of two. Events are added to those of the next hour or hours, which are few again.
const ERA: u32 = 12;
/// The two rings and how many places each has.
const BUCKETS: usize = 0;
const LAPS: usize = 1;
const PLACES: [usize; 2] = [1 << LAP, 1 << ERA];
/// Buckets of 2^24 microseconds at most. An offset in a lap must fit into 32 bits.
pub(super) const WIDEST: u32 = 24;
const _: () = assert!(WIDEST + LAP <= 32);
/// Buckets of 64 microseconds at least.
const NARROWEST: u32 = 6;
/// Buckets become wider or narrower by this power of two.
const WIDTH_STEP: u32 = 3;
/// More than this in the heap that are not due at once, and buckets become narrower.
const CROWDED: usize = 32;
/// More instants than this in a bucket, and buckets become narrower.
const LONG: usize = 64;
/// They do so until about this many lie in one.
const ENOUGH: usize = 32;
/// That many lie in one makes buckets no narrower than this: all laps should be hours long, and of those to which
/// events are added there should not be more than a cache has room for.
const NARROW: u32 = 15;
/// So many buckets are opened before their width is judged.
const JUDGED: usize = 1 << 10;
/// Fewer than this in a bucket on average, and buckets become wider.
const NEXT_TO_NOTHING: usize = 3;
/// So many events beyond the laps were searched for each that was added, and buckets become wider.
const OFTEN: usize = 8;

/// Pending events in tiers, as the module says.
#[derive(Debug)]
pub struct Tiers<P: Copy> {
    /// Buckets are 2^`width` microseconds wide.
    width: u32,
    /// The number of the open bucket: the instants in it, shifted by `width`.
    open: i64,
    run: Run<P>,
    near: Near<P>,
    /// The buckets of the present lap that come after the open one, and the laps after the present one.
    rings: [Ring; 2],
    beyond: Beyond<P>,
    chunks: Chunks<P>,
    len: usize,
    /// The first of all; [`Instant::NEVER`] when there is none.
    first: Instant,
    /// The first of those that are not in run or near; [`Instant::NEVER`] when there is none.
    later: Instant,
    /// Events added, buckets opened and events beyond searched since the width was changed or judged last.
    added: usize,
    opened: usize,
    searched: usize,
}

/// Events in no order.
#[derive(Debug)]
struct Beyond<P> {
    events: Vec<(Instant, P)>,
    /// The first of their instants; [`Instant::NEVER`] when there is none.
    first: Instant,
}

impl<P: Copy> Store<P> for Tiers<P> {
    fn len(&self) -> usize {
        self.len
    }

    #[inline]
    fn first(&self) -> Instant {
        self.first
    }

    #[inline(always)]
    fn push(&mut self, at: Instant, payload: P) {
        self.insert(at, payload);
        self.added += 1;
        if self.near.crowded() > CROWDED {
            self.disperse();
        }
    }

    #[inline(always)]
    fn pop(&mut self) -> Option<(Instant, P)> {
        if self.len == 0 {
            return None;
        }
        let at = self.first;
        if self.bucket(at) > self.open {
            self.open(at);
        }
        let payload = if self.run.has(at) { self.run.take() } else { self.near.take()? };
        self.len -= 1;
        self.first = self.run.first().min(self.near.first()).min(self.later);
        Some((at, payload))
    }

    #[inline(always)]
    fn soon(&self) -> impl Iterator<Item = P> {
        self.run.soon()
    }

    fn retain(&mut self, mut keep: impl FnMut(Instant, &P) -> bool) {
        let (width, open) = (self.width, self.open);
        self.deal(width, open, |at, payload| keep(at, payload));
    }
}

impl<P: Copy> Default for Tiers<P> {
    fn default() -> Self {
        Self::new(WIDEST, 0, Chunks::new())
    }
}

impl<P: Copy> Tiers<P> {
    fn new(width: u32, open: i64, chunks: Chunks<P>) -> Self {
        Self {
            width,
            open,
            run: Run::new(),
            near: Near::new(),
            rings: PLACES.map(Ring::new),
            beyond: Beyond { events: Vec::new(), first: Instant::NEVER },
            chunks,
            len: 0,
            first: Instant::NEVER,
            later: Instant::NEVER,
            added: 0,
            opened: 0,
            searched: 0,
        }
    }

    fn bucket(&self, at: Instant) -> i64 {
        at.as_micros() >> self.width
    }

    /// Adds an event to the tier where it belongs.
    #[inline(always)]
    fn insert(&mut self, at: Instant, payload: P) {
        let bucket = self.bucket(at);
        if bucket <= self.open || self.len < FEW {
            self.near.push(at, payload);
        } else {
            self.put(bucket, at, payload);
            self.later = self.later.min(at);
        }
        self.first = self.first.min(at);
        self.len += 1;
    }

    /// Puts an event into its bucket, lap or beyond.
    #[inline(never)]
    fn put(&mut self, bucket: i64, at: Instant, payload: P) {
        let laps_ahead = lap(bucket) - lap(self.open);
        if laps_ahead >= 1 << ERA {
            return self.beyond.push(at, payload);
        }
        // No branch, since whether it is in the present lap cannot be foreseen.
        let ring = if laps_ahead == 0 { BUCKETS } else { LAPS };
        let width = self.width + LAP * ring as u32;
        let stretch = at.as_micros() >> width;
        let offset = (at.as_micros() - (stretch << width)) as u32;
        self.rings[ring].push(place(stretch, ring), offset, payload, &mut self.chunks);
    }

    /// Moves on to the bucket of `at`, which comes after the open one: what lies in it becomes the run.
    #[inline(never)]
    fn open(&mut self, at: Instant) {
        if self.opened > JUDGED.max(self.len) || self.searches_often() {
            self.judge_width();
        } else if self.run.len() > LONG && self.width > NARROW && self.added > self.len {
            self.shorten();
        }
        let bucket = self.bucket(at);
        let before = std::mem::replace(&mut self.open, bucket);
        if era(bucket) != era(before) {
            self.enter_era();
        }
        if lap(bucket) != lap(before) {
            self.enter_lap();
        }
        let start = Instant::from_micros(bucket << self.width);
        self.run.fill(start, self.rings[BUCKETS].take(place(bucket, BUCKETS)), &mut self.chunks);
        self.later = self.first_later();
        self.opened += 1;
    }

    #[cold]
    fn enter_era(&mut self) {
        let (within, width) = (lap(self.open) + (1 << ERA), self.width);
        self.searched += self.beyond.events.len();
        let events = self.beyond.take_if(|at| lap(at.as_micros() >> width) < within);
        events.into_iter().for_each(|(at, payload)| self.put(self.bucket(at), at, payload));
    }

    /// Deals the events of the present lap out to its buckets.
    fn enter_lap(&mut self) {
        let (width, [buckets, laps]) = (self.width, &mut self.rings);
        laps.take(place(lap(self.open), LAPS)).drain(&mut self.chunks, |chunks, offset, payload| {
            buckets.push((offset >> width) as usize, offset & ((1 << width) - 1), payload, chunks);
        });
    }

    /// The first event that lies in a bucket, in a lap or beyond.
    fn first_later(&self) -> Instant {
        if let Some((_, bucket, offset)) = self.first_in(BUCKETS) {
            return bucket + offset;
        }
        let in_laps = self.first_in(LAPS).map_or(Instant::NEVER, |(_, lap, offset)| lap + offset);
        in_laps.min(self.beyond.first)
    }

    /// The first place of a ring that holds something, when the stretch of that begins, and how long after that the first event
    /// comes.
    #[inline]
    fn first_in(&self, ring: usize) -> Option<(usize, Instant, Span)> {
        let present = self.open >> (LAP * ring as u32);
        let (found, offset) = self.rings[ring].first(place(present, ring))?;
        let stretch = present + place(found as i64 - present, ring) as i64;
        let start = Instant::from_micros(stretch << (self.width + LAP * ring as u32));
        Some((found, start, Span::from_micros(i64::from(offset))))
    }

    /// Whether eras are so short that more events beyond were searched than there are, and many for each that was added.
    #[inline]
    fn searches_often(&self) -> bool {
        self.searched > self.len.max(OFTEN * self.added)
    }

    /// Makes buckets wider if they held next to nothing, or if all laps are over too soon.
    fn judge_width(&mut self) {
        let is_narrow = self.added < NEXT_TO_NOTHING * self.opened || self.searches_often();
        if is_narrow && self.width < WIDEST {
            self.change_width(self.width + WIDTH_STEP.min(WIDEST - self.width));
        }
        self.judge_anew();
    }

    /// The width was judged: what happened until now does not count the next time.
    fn judge_anew(&mut self) {
        (self.added, self.opened, self.searched) = (0, 0, 0);
    }

    /// Makes buckets narrower because the last one was long.
    #[cold]
    fn shorten(&mut self) {
        let instants = self.run.instants();
        if instants > LONG {
            self.make_narrower(instants, NARROW);
        }
    }

    /// Makes buckets narrower because the open one is crowded, unless they were changed not long ago. The wide ones become
    /// narrower while a set is filled, before there is much to be dealt out again.
    #[cold]
    fn disperse(&mut self) {
        let (least, settled) =
            if self.width > NARROW { (NARROW, self.len / 2) } else { (NARROWEST, self.len) };
        if self.width == least || self.added <= settled {
            return;
        }
        // Those of the first instant would lie in the open bucket whatever its width.
        let later = self.near.crowded_after(self.first);
        if later > CROWDED {
            self.make_narrower(later, least);
        } else {
            self.judge_anew();
        }
    }

    /// Makes buckets narrower, of which one has so many events or instants: until few enough are left, but not below
    /// `least`.
    fn make_narrower(&mut self, mut held: usize, least: u32) {
        let mut width = self.width;
        while held > ENOUGH && width > least {
            width = least.max(width - WIDTH_STEP);
            held >>= WIDTH_STEP;
        }
        self.change_width(width);
    }

    #[cold]
    fn change_width(&mut self, width: u32) {
        let start = self.open << self.width;
        self.deal(width, start >> width, |_, _| true);
    }

    /// Takes all events out and puts back those to `keep`, with another width.
    fn deal(&mut self, width: u32, open: i64, mut keep: impl FnMut(Instant, &P) -> bool) {
        let chunks = std::mem::replace(&mut self.chunks, Chunks::new());
        let mut old = std::mem::replace(self, Self::new(width, open, chunks));
        let mut insert = |this: &mut Self, at, payload| {
            if keep(at, &payload) {
                this.insert(at, payload);
            }
        };
        while old.run.has(old.run.first()) {
            insert(self, old.run.first(), old.run.take());
        }
        while let (at, Some(payload)) = (old.near.first(), old.near.take()) {
            insert(self, at, payload);
        }
        for (at, payload) in std::mem::take(&mut old.beyond.events) {
            insert(self, at, payload);
        }
        // The chunks that are emptied are those that are filled.
        let mut chunks = std::mem::replace(&mut self.chunks, Chunks::new());
        for ring in [BUCKETS, LAPS] {
            while let Some((place, start, _)) = old.first_in(ring) {
                old.rings[ring].take(place).drain(&mut chunks, |chunks, offset, payload| {
                    std::mem::swap(&mut self.chunks, chunks);
                    insert(self, start + Span::from_micros(i64::from(offset)), payload);
                    std::mem::swap(&mut self.chunks, chunks);
                });
            }
        }
        self.chunks = chunks;
    }
}

impl<P: Copy> Beyond<P> {
    #[inline(never)]
    fn push(&mut self, at: Instant, payload: P) {
        self.first = self.first.min(at);
        self.events.push((at, payload));
    }

    /// Takes out what belongs into the ring, and looks for the first of the rest.
    fn take_if(&mut self, mut belongs: impl FnMut(Instant) -> bool) -> Vec<(Instant, P)> {
        let taken = self.events.extract_if(.., |(at, _)| belongs(*at)).collect();
        self.first = self.events.iter().map(|(at, _)| *at).min().unwrap_or(Instant::NEVER);
        taken
    }
}

fn lap(bucket: i64) -> i64 {
    bucket >> LAP
}

fn era(bucket: i64) -> i64 {
    bucket >> (LAP + ERA)
}

/// The place of a bucket or a lap in its ring.
#[inline]
fn place(number: i64, ring: usize) -> usize {
    number as usize & (PLACES[ring] - 1)
}

#[cfg(test)]
mod tests;
