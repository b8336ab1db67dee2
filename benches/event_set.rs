//! The event set alone under the HOLD model (Jones, CACM 29(4), 1986): take the next event, put one
//! back a random time later, so that the number of pending events stays the same.
//!
//! An event here is one HOLD operation: a pop and a push. Increments follow the mix of a retry
//! simulation: half are sessions of about a second, half are delays between 5 minutes and 4 hours.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

use tempfail::engine::{EventSet, Rank, Ranked};
use tempfail::random::{Key, Purpose};
use tempfail::time::{Instant, Span};

#[derive(Clone, Copy, Debug)]
struct Token(u32);

impl Ranked for Token {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let entity = u64::from(self.0);
        Rank { kind: 0, tie: key.tie(entity, 0), entity, index: 0 }
    }
}

/// Time from one event of a token to the next, the same for every event set.
fn increments() -> Vec<Span> {
    let key = Key::new(1, 0);
    (0..1 << 16)
        .map(|i| {
            let mut draw = key.draw(Purpose::Jitter, i, 0);
            if draw.unit() < 0.5 {
                Span::SECOND.scale(draw.exponential())
            } else {
                Span::from_seconds(300) + draw.span_up_to(Span::from_seconds(4 * 3_600 - 300))
            }
        })
        .collect()
}

fn filled(pending: u32, increments: &[Span]) -> EventSet<Token> {
    let mut events = EventSet::new(Key::new(1, 0));
    for token in 0..pending {
        events.push(Instant::ZERO + increments[token as usize % increments.len()], Token(token));
    }
    events
}

/// `operations` HOLD operations; the last instant stands for the whole sequence.
fn hold(events: &mut EventSet<Token>, increments: &[Span], operations: usize) -> Instant {
    let mut last = events.now();
    for operation in 0..operations {
        let (now, token) = events.pop().expect("every pop is followed by a push");
        assert!(now >= last, "events out of order");
        last = now;
        events.push(now + increments[(operation * 7 + token.0 as usize) % increments.len()], token);
    }
    last
}

fn event_set(criterion: &mut Criterion) {
    const OPERATIONS: usize = 10_000;
    let increments = increments();
    let mut group = criterion.benchmark_group("event_set/hold");
    group.throughput(Throughput::Elements(OPERATIONS as u64));
    for pending in [1_000u32, 100_000, 1_000_000] {
        let mut events = filled(pending, &increments);
        group.bench_with_input(BenchmarkId::from_parameter(pending), &pending, |bencher, pending| {
            bencher.iter(|| {
                black_box(hold(&mut events, &increments, OPERATIONS));
                assert_eq!(events.len(), *pending as usize);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, event_set);
criterion_main!(benches);
