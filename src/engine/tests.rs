//! Both stores yield the same events in the same order, whatever is asked of them.

use std::ops::Range;

use proptest::prelude::*;

use super::{EventSet, Heap, Rank, Ranked, Store, Tiers};
use crate::time::{Instant, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item(u32);

impl Ranked for Item {
    type Key = ();
    fn rank(&self, (): ()) -> Rank {
        let tie = u64::from(self.0).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Rank { kind: (self.0 % 3) as u8, tie, entity: u64::from(self.0), index: 0 }
    }
}

/// Two event sets that are asked the same.
struct Both {
    tiers: EventSet<Item>,
    heap: EventSet<Item, Heap<Item>>,
    items: u32,
}

impl Both {
    fn new() -> Self {
        Self { tiers: EventSet::new(()), heap: EventSet::on_store(()), items: 0 }
    }

    fn now(&self) -> Instant {
        self.heap.now().max(Instant::ZERO)
    }

    fn push(&mut self, at: Instant) {
        self.tiers.push(at, Item(self.items));
        self.heap.push(at, Item(self.items));
        self.items += 1;
    }

    fn push_after(&mut self, micros: i64) {
        self.push(self.now() + Span::from_micros(micros));
    }

    /// Takes one event from each; false when there is none.
    fn pop(&mut self) -> bool {
        let next = self.tiers.next_instant();
        assert_eq!(next, self.heap.next_instant());
        let (ours, theirs) = (self.tiers.pop(), self.heap.pop());
        assert_eq!(ours, theirs);
        assert_eq!(ours.map_or(Instant::NEVER, |(at, _)| at), next);
        assert_eq!((self.tiers.len(), self.tiers.now()), (self.heap.len(), self.heap.now()));
        ours.is_some()
    }

    fn extract(&mut self, wanted: impl Fn(&Item) -> bool + Copy) {
        let (mut ours, mut theirs) = (self.tiers.extract(wanted), self.heap.extract(wanted));
        ours.sort_by_key(|(at, item)| (*at, item.0));
        theirs.sort_by_key(|(at, item)| (*at, item.0));
        assert_eq!(ours, theirs);
    }

    fn drain(&mut self) {
        while self.pop() {}
        assert!(self.tiers.is_empty() && self.tiers.next_instant() == Instant::NEVER);
    }
}

#[derive(Clone, Debug)]
enum Ask {
    Push(i64),
    PushMany(u16, Range<i64>),
    Pop(u16),
    Extract(u32),
}

/// Delays of every order of magnitude; often the very same.
fn delay() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0i64),
        Just(1),
        Just(1 << 20),
        Just(3_600_000_000),
        (0u32..50).prop_flat_map(|bits| 0i64..1 << bits),
        (1i64..100).prop_map(|days| days * 86_400_000_000),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        8 => delay().prop_map(Ask::Push),
        2 => (1u16..400, delay(), 1i64..5_000).prop_map(|(n, from, wide)| Ask::PushMany(n, from..from + wide)),
        1 => (1u16..400, delay(), delay()).prop_map(|(n, from, wide)| Ask::PushMany(n, from..from + wide + 1)),
        8 => (1u16..300).prop_map(Ask::Pop),
        1 => (2u32..7).prop_map(Ask::Extract),
    ]
}

proptest! {
    #[test]
    fn both_stores_agree_on_anything(asks in prop::collection::vec(ask(), 1..120)) {
        let mut both = Both::new();
        for ask in asks {
            match ask {
                Ask::Push(delay) => both.push_after(delay),
                Ask::PushMany(n, delays) => {
                    let step = (delays.end - delays.start) / i64::from(n);
                    (0..i64::from(n)).for_each(|i| both.push_after(delays.start + i * 7 % i64::from(n) * step));
                }
                Ask::Pop(n) => (0..n).for_each(|_| { both.pop(); }),
                Ask::Extract(n) => both.extract(|item| item.0 % n == 0),
            }
        }
        both.drain();
    }
}

/// A number that looks random, the same in every run.
fn scramble(i: i64) -> i64 {
    (i as u64).wrapping_mul(0x2545_f491_4f6c_dd1d) as i64 >> 16 & 0xffff_ffff
}

/// Takes one and puts one back, so that `pending` stay; delays are made of the number of the operation.
fn hold(pending: i64, operations: i64, delay: impl Fn(i64) -> i64) -> Both {
    let mut both = Both::new();
    (0..pending).for_each(|i| both.push_after(delay(i)));
    for i in pending..pending + operations {
        both.pop();
        both.push_after(delay(i));
    }
    both
}

#[test]
fn a_hundred_thousand_events_at_one_instant() {
    let mut both = Both::new();
    both.push_after(5);
    (0..100_000).for_each(|_| both.push_after(7_200_000_000));
    (0..50).for_each(|_| {
        both.pop();
    });
    // More for the present instant while it is being worked off, and for others.
    for i in 0..1_000 {
        both.pop();
        both.push_after(0);
        both.push_after(scramble(i));
    }
    both.drain();
}

#[test]
fn sessions_and_retries_mixed() {
    let delay = |i| if i % 2 == 0 { scramble(i) % 1_000_000 } else { scramble(i) * 4 };
    hold(10_000, 50_000, delay).drain();
}

#[test]
fn everything_within_a_millisecond_makes_buckets_narrow() {
    let mut both = hold(5_000, 40_000, |i| scramble(i) % 1_000);
    // And long pauses make them wide again.
    (0..30_000).for_each(|i| both.push_after(i * 50_000_000));
    both.drain();
}

#[test]
fn thousands_in_each_bucket_make_them_narrower() {
    // None of them comes to the open bucket, whose crowd would do the same.
    hold(20_000, 60_000, |i| 5_000_000 + scramble(i) % 20_000_000).drain();
}

#[test]
fn far_beyond_the_rings() {
    let year = 365 * 86_400_000_000;
    hold(300, 3_000, |i| scramble(i) % 3 * year + scramble(i + 7) % 1_000_000).drain();
}

/// A lap is 2^32 microseconds at first, an era 4096 laps; either is an eighth or less where more is pending.
#[test]
fn laps_and_eras_end_between_events() {
    for narrower in [0, 3, 6, 9] {
        laps_and_eras_of(1 << (32 - narrower), 1 << (44 - narrower));
    }
}

fn laps_and_eras_of(lap: i64, era: i64) {
    let near = |i| scramble(i) % 3_000_000 - 1_500_000;
    hold(500, 20_000, |i| (scramble(i) % 4 * lap + near(i + 7)).max(0)).drain();
    hold(500, 20_000, |i| (scramble(i) % 3 * (lap - 5) + scramble(i + 1) % 40 / 39 * era + near(i)).max(0))
        .drain();
    let mut both = Both::new();
    for i in 0..2_000 {
        both.push_after(era - 3 * lap);
        both.push_after(scramble(i) % 5 * lap + near(i).max(0));
        both.pop();
    }
    both.drain();
}

#[test]
fn next_to_nothing_pending() {
    for pending in [1, 2, 23, 24, 25, 47, 48, 49, 60] {
        hold(pending, 3_000, |i| scramble(i) * 10).drain();
    }
}

/// A look at a far event must not make nearer ones that come later slow or wrong.
#[test]
fn a_look_far_ahead_opens_nothing() {
    let mut both = Both::new();
    (0..100).for_each(|i| both.push(Instant::from_micros(i * 10_000_000_000)));
    for i in 0..20_000 {
        both.push_after(scramble(i) % 100_000_000);
        assert_eq!(both.tiers.next_instant(), both.heap.next_instant());
        if i % 3 > 0 {
            both.pop();
        }
    }
    both.drain();
}

#[test]
fn memory_is_used_again() {
    let mut tiers = Tiers::default();
    for i in 0..100_000i64 {
        tiers.push(Instant::from_micros(scramble(i)), i);
    }
    tiers.retain(|_, payload| payload % 2 == 0);
    assert_eq!(tiers.len(), 50_000);
    let mut before = Instant::ZERO;
    while let Some((at, payload)) = tiers.pop() {
        assert!(at >= before && payload % 2 == 0);
        before = at;
    }
}
