//! The delays that a backoff comes to, for programs that take a list of them.

use crate::random::{Key, Purpose};
use crate::scenario::lower;
use crate::scenario::written::{Backoff, Policy};
use crate::sender::{self, RetryRecord};
use crate::time::{Instant, Span};

/// More delays than anyone writes down.
const MOST: usize = 10_000;

/// Where neither an age nor attempts end it: as long as a program would go on.
const LONGEST: Span = Span::from_seconds(7 * 86_400);

/// Seeds that are tried to see whether chance has a part: it rarely comes to the same so often.
const SEEDS: std::ops::Range<u64> = 1..9;

/// All delays of a message that always fails, until it is given up; `None` where they are drawn by
/// lot, depend on the error, are of no length, or too many.
pub fn all(policy: &Policy) -> Option<Vec<Span>> {
    if by_error(&policy.backoff) {
        return None;
    }
    let running = lower::policy("exported", policy).ok()?;
    let delays = drawn(&running, 0)?;
    SEEDS.into_iter().all(|seed| drawn(&running, seed).as_ref() == Some(&delays)).then_some(delays)
}

/// The delays without the repeats of the last one, of which there is at least one.
pub fn without_repeats(mut delays: Vec<Span>) -> Vec<Span> {
    while let [.., before, last] = delays.as_slice()
        && before == last
    {
        delays.pop();
    }
    delays
}

fn by_error(backoff: &Backoff) -> bool {
    matches!(backoff, Backoff::EximRule(part) if !part.classes.is_empty())
}

/// The delays with the draws of one seed.
fn drawn(running: &sender::Policy, seed: u64) -> Option<Vec<Span>> {
    let attempts = running.lifetime.attempts.map_or(usize::MAX, |attempts| attempts as usize);
    let age = running.greatest_age().unwrap_or(if attempts < usize::MAX { Span::FOREVER } else { LONGEST });
    let mut record = RetryRecord::first(Instant::ZERO);
    let mut now = Instant::ZERO;
    let mut delays = Vec::new();
    while delays.len() + 1 < attempts && now - Instant::ZERO < age {
        let mut draw = Key::new(seed, 0).draw(Purpose::Jitter, 0, u64::from(record.failures));
        let delay = running.backoff.delay(&record, now, &mut draw);
        if delay <= Span::ZERO || delays.len() == MOST {
            return None;
        }
        delays.push(delay);
        record = RetryRecord {
            failures: record.failures.saturating_add(1),
            last_try: now,
            previous_delay: delay,
            ..record
        };
        now += delay;
    }
    Some(delays)
}
