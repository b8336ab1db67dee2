//! How wide buckets are, which nobody can see from outside.

use super::{ENOUGH, LONG, NARROW, NARROWEST, Tiers, WIDEST, WIDTH_STEP};
use crate::engine::Store;
use crate::time::Instant;

const SECOND: i64 = 1_000_000;

fn push(tiers: &mut Tiers<u32>, instants: impl Iterator<Item = i64>) {
    instants.for_each(|at| tiers.push(Instant::from_micros(at), 0));
}

/// Takes one and puts one back after `delay`, so often.
fn hold(tiers: &mut Tiers<u32>, operations: i64, delay: impl Fn(i64) -> i64) {
    for i in 0..operations {
        let (now, _) = tiers.pop().expect("something is put back each time");
        push(tiers, std::iter::once(now.as_micros() + delay(i)));
    }
}

/// A number below `end` that looks random, the same in every run.
fn scramble(i: i64, end: i64) -> i64 {
    ((i as u64).wrapping_mul(0x2545_f491_4f6c_dd1d) >> 24) as i64 % end
}

#[test]
fn a_crowd_of_the_present_instant_leaves_buckets_wide() {
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..5_000).map(|i| if i % 2 == 0 { 1 } else { i * SECOND }));
    assert_eq!(tiers.width, WIDEST);
    // So does one that lies in a bucket when that is opened.
    push(&mut tiers, (0..5_000).map(|_| 3_600 * SECOND));
    hold(&mut tiers, 12_000, |i| 7_200 * SECOND + scramble(i, 50_000 * SECOND));
    assert_eq!(tiers.width, WIDEST);
}

/// They leave the open bucket, and are sorted once when theirs is opened.
#[test]
fn a_crowd_of_one_later_instant_makes_buckets_narrower() {
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..5_000).map(|i| if i == 0 { 1 } else { 5 * SECOND }));
    assert!(tiers.bucket(Instant::from_micros(5 * SECOND)) > tiers.open);
}

#[test]
fn a_crowd_of_many_instants_makes_buckets_narrower() {
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..5_000).map(|i| scramble(i, 10 * SECOND)));
    assert_eq!(tiers.width, NARROW);
    // Where nearly all is added to the open bucket, even more so.
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..5_000).map(|i| scramble(i, 1_000)));
    hold(&mut tiers, 40_000, |i| scramble(i, 1_000));
    assert_eq!(tiers.width, NARROWEST);
}

#[test]
fn long_buckets_become_narrower() {
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..20_000).map(|i| 20 * SECOND + scramble(i, 2_000 * SECOND)));
    hold(&mut tiers, 60_000, |i| 20 * SECOND + scramble(i, 2_000 * SECOND));
    let in_one = 20_000.0 * f64::from(1 << tiers.width) / (1_000.0 * SECOND as f64);
    assert!(in_one > 1.0 && in_one < (LONG + ENOUGH) as f64, "{in_one} in a bucket");
}

#[test]
fn buckets_that_hold_next_to_nothing_become_wider() {
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..5_000).map(|i| scramble(i, 10 * SECOND)));
    assert_eq!(tiers.width, NARROW);
    hold(&mut tiers, 60_000, |i| scramble(i, 200_000 * SECOND));
    assert!(tiers.width > NARROW, "{}", tiers.width);
}

/// A crowd has made buckets so narrow that all laps are over in a minute.
#[test]
fn eras_that_are_over_soon_make_buckets_wider() {
    let far = |i| 3_600 * SECOND + scramble(i, 14_400 * SECOND);
    let mut tiers = Tiers::default();
    push(&mut tiers, (0..10_000).map(|i| scramble(i, 1_000)).chain((0..100_000).map(far)));
    hold(&mut tiers, 150_000, |i| scramble(i, 1_000));
    assert_eq!(tiers.width, NARROWEST);
    hold(&mut tiers, 30_000, far);
    assert!(tiers.width > NARROWEST + WIDTH_STEP, "{}", tiers.width);
}
