//! The event set alone under the HOLD model (Jones, CACM 29(4), 1986): take the next event, put one
//! back a random time later, so that the number of pending events stays the same.
//!
//! An event here is one HOLD operation: a pop and a push. Increments follow the mix of a retry
//! simulation, half sessions of about a second, half delays between 5 minutes and 4 hours; or are
//! exponential. Beside our event set runs `std::collections::BinaryHeap` in the same process, with the
//! smallest entries that carry the same content (instant and number, without an order of ties).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use tempfail::engine::{EventSet, Rank, Ranked};
use tempfail::random::{Key, Purpose};
use tempfail::time::{Instant, Span};

mod cpu_time;
mod measurement;
use measurement::CpuTime;

/// As large as a waiting message, and two words as that is.
#[derive(Clone, Copy, Debug)]
struct Token {
    number: u64,
    _rest: u64,
}

impl Ranked for Token {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        Rank { kind: 0, tie: key.tie(self.number, 0), entity: self.number, index: 0 }
    }
}

/// What HOLD needs of an event set.
trait Hold {
    fn add(&mut self, at: Instant, number: u64);
    fn take(&mut self) -> (Instant, u64);
    fn pending(&self) -> usize;
}

impl Hold for EventSet<Token> {
    fn add(&mut self, at: Instant, number: u64) {
        self.push(at, Token { number, _rest: 0 });
    }

    fn take(&mut self) -> (Instant, u64) {
        let (at, token) = self.pop().expect("every pop is followed by a push");
        (at, token.number)
    }

    fn pending(&self) -> usize {
        self.len()
    }
}

impl Hold for BinaryHeap<Reverse<(i64, Token)>> {
    fn add(&mut self, at: Instant, number: u64) {
        self.push(Reverse((at.as_micros(), Token { number, _rest: 0 })));
    }

    fn take(&mut self) -> (Instant, u64) {
        let Reverse((at, token)) = self.pop().expect("every pop is followed by a push");
        (Instant::from_micros(at), token.number)
    }

    fn pending(&self) -> usize {
        self.len()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Token {}

impl PartialOrd for Token {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Token {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

/// Times from one event of a token to the next, the same for every event set.
type Increments = Vec<Span>;

fn retry_mix() -> Increments {
    increments(|draw| {
        if draw.unit() < 0.5 {
            Span::SECOND.scale(draw.exponential())
        } else {
            Span::from_seconds(300) + draw.span_up_to(Span::from_seconds(4 * 3_600 - 300))
        }
    })
}

fn exponential() -> Increments {
    increments(|draw| Span::from_seconds(3_600).scale(draw.exponential()))
}

fn increments(mut law: impl FnMut(&mut tempfail::random::Draw) -> Span) -> Increments {
    let key = Key::new(1, 0);
    (0..1 << 16).map(|i| law(&mut key.draw(Purpose::Jitter, i, 0))).collect()
}

/// Fills an event set and lets it run through its transient.
fn filled<H: Hold>(mut events: H, pending: u32, increments: &[Span]) -> (H, u64) {
    for token in 0..pending {
        let micros = Span::from_micros(i64::from(token % 65_521));
        events.add(Instant::ZERO + increments[token as usize % increments.len()] + micros, u64::from(token));
    }
    let warm_up = u64::from(pending) * 2;
    let sum = hold(&mut events, increments, 0, warm_up);
    (events, sum)
}

/// `operations` HOLD operations from number `first` on; a sum over the order of events.
fn hold(events: &mut impl Hold, increments: &[Span], first: u64, operations: u64) -> u64 {
    let mut sum = 0u64;
    for operation in first..first + operations {
        let (now, token) = events.take();
        sum = sum.rotate_left(5) ^ now.as_micros() as u64;
        let place = (operation as usize * 7) % increments.len();
        // Without these microseconds, ten million events would have few instants to share.
        let micros = Span::from_micros((operation % 65_521) as i64);
        events.add(now + increments[place] + micros, token);
    }
    sum
}

/// Operations that are measured together.
const OPERATIONS: u64 = 100_000;

/// Measures one event set, and returns the sum over its transient; none where a filter leaves it out, which is not filled then.
fn measure<H: Hold>(
    group: &mut BenchmarkGroup<CpuTime>,
    which: &str,
    pending: u32,
    increments: &[Span],
    empty: impl Fn() -> H,
) -> Option<u64> {
    let (mut filled_set, mut first) = (None, u64::from(pending) * 2);
    group.bench_with_input(BenchmarkId::new(which, pending), &pending, |bencher, _| {
        let (events, _) = filled_set.get_or_insert_with(|| filled(empty(), pending, increments));
        bencher.iter(|| {
            black_box(hold(events, increments, first, OPERATIONS));
            first += OPERATIONS;
        });
    });
    let (events, sum) = filled_set?;
    assert_eq!(events.pending(), pending as usize);
    Some(sum)
}

fn event_set(criterion: &mut Criterion<CpuTime>) {
    // In test mode only whether results are right.
    let is_test = std::env::args().any(|argument| argument == "--test");
    let sizes: &[u32] =
        if is_test { &[1_000, 100_000] } else { &[1_000, 10_000, 100_000, 1_000_000, 10_000_000] };
    for (name, increments) in [("retry-mix", retry_mix()), ("exponential", exponential())] {
        let mut group = criterion.benchmark_group(format!("hold/{name}"));
        group.throughput(Throughput::Elements(OPERATIONS));
        for &pending in sizes {
            let ours = measure(&mut group, "tiers", pending, &increments, || EventSet::new(Key::new(1, 0)));
            let theirs = measure(&mut group, "std-binary-heap", pending, &increments, BinaryHeap::new);
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                assert_eq!(ours, theirs, "the order of events differs");
            }
        }
        group.finish();
    }
}

fn settings() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! {
    name = benches;
    config = settings();
    targets = event_set
}
criterion_main!(benches);
