//! What memories of services do to a queue.

use super::driver::{Driver, Script};
use super::policies::{runs, s, simple};
use crate::random::Key;
use crate::sender::backoff::{Fixed, Growth};
use crate::sender::memory::{AimdRate, CircuitBreaker, RetryBudget, Suppressed, Trips};
use crate::sender::runner::Phase;
use crate::sender::{Memory, Phases, Policy, Runner};
use crate::smtp::Stage;
use crate::time::{Instant, Span};

fn at(seconds: i64) -> Instant {
    Instant::ZERO + s(seconds)
}

fn policy(memory: Memory) -> Policy {
    Policy { memory, ..simple(Growth::Fixed(Fixed { every: s(60) })) }
}

fn driver(policy: Policy, script: Script) -> Driver {
    Driver::new(policy, script, Key::new(3, 0), Phases::Aligned)
}

/// One a second, and never faster for what a success adds: mail stays in line, and nothing is held back.
#[test]
fn a_rate_lets_a_burst_go_one_by_one() {
    let steady = AimdRate { max: 1.0, ..AimdRate::default() };
    let script = Script { accepts_from: Some(at(0)), ..Script::always(Stage::Greeting) };
    for clock in [Span::ZERO, Span::SECOND] {
        for runner in [Runner::Timer, runs(60, Phase::At(s(0)))] {
            let policy = Policy { clock, runner, ..policy(Memory::AimdRate(steady.clone())) };
            let mut driver = driver(policy, script.clone());
            (1..=5).for_each(|id| driver.inject(at(10), id));
            driver.go(at(200));
            let times: Vec<Instant> = driver.log.connections.clone();
            assert_eq!(times, [10, 11, 12, 13, 14].map(at));
            assert!(driver.log.held.is_empty());
        }
    }
}

/// Three failures open it for 10 min; its first retry then is the probe, and the rest follow it.
#[test]
fn a_breaker_lets_one_probe_through_and_then_all() {
    let breaker = CircuitBreaker {
        trips: Trips::Consecutive(3),
        open_for: s(600),
        suppressed: Suppressed::Unchanged,
        ..CircuitBreaker::default()
    };
    let second = Script { failure_takes: (s(1), s(1)), transaction: s(1), ..Script::always(Stage::Greeting) };
    let script = Script { accepts_from: Some(at(500)), ..second };
    let mut driver = driver(policy(Memory::CircuitBreaker(breaker)), script);
    (1..=3).for_each(|id| driver.inject(at(0), id));
    (4..=9).for_each(|id| driver.inject(at(5), id));
    driver.go(at(2000));
    // Open from 1 s to 601 s. One probe then; the others are told to come back 600 s later.
    let times: Vec<Instant> = driver.log.attempts.iter().map(|(when, _, _)| *when).collect();
    assert_eq!(times[..4], [at(0), at(0), at(0), at(601)]);
    assert_eq!(times[4..], [at(1201); 8]);
    assert_eq!(driver.log.delivered.len(), 9);
}

/// Of ten messages that fail five spend the budget of gRPC; no retry after that, whatever is due.
#[test]
fn a_budget_stops_retries_but_no_first_tries() {
    let mut driver =
        driver(policy(Memory::RetryBudget(RetryBudget::default())), Script::always(Stage::Greeting));
    (1..=10).for_each(|id| driver.inject(at(0), id));
    driver.inject(at(100), 11);
    driver.go(at(1000));
    assert_eq!(driver.log.attempts.len(), 11);
    // At 60, 120 ... 960 s, and the late message at 160 ... 940 s.
    assert_eq!(driver.log.held.len(), 10 * 16 + 14);
    assert_eq!(driver.log.left, 11);
}

/// Runs look at mail that a breaker holds back only when it may be tried.
#[test]
fn queue_runs_leave_an_open_breaker_alone() {
    let breaker =
        CircuitBreaker { trips: Trips::Consecutive(1), open_for: s(600), ..CircuitBreaker::default() };
    let policy = Policy { runner: runs(60, Phase::At(s(0))), ..policy(Memory::CircuitBreaker(breaker)) };
    let mut driver = driver(policy, Script::always(Stage::Greeting));
    driver.inject(at(0), 1);
    driver.go(at(3000));
    let times: Vec<Instant> = driver.log.attempts.iter().map(|(when, _, _)| *when).collect();
    assert_eq!(times, [0, 600, 1200, 1800, 2400].map(at));
    assert!(driver.log.held.is_empty());
}
