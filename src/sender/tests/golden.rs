//! Schedules of real MTAs for a message that always gets 421, from `tests/fixtures/mta/schedules.csv`.

use std::sync::Arc;

use super::policies::{EXIM_RULE, exim, postfix, runs, s, simple};
use crate::random::Key;
use crate::sender::backoff::{AgeStep, AgeSteps, Exponential, Fixed, Growth, List, Polynomial};
use crate::sender::runner::{Phase, Runner};
use crate::sender::schedule::{End, Limits, Schedule, schedule};
use crate::sender::{BounceReason, GiveUp, Lifetime, Policy};
use crate::smtp::{Code, Failure, Stage};
use crate::time::Instant;

const SCHEDULES: &str = include_str!("../../../tests/fixtures/mta/schedules.csv");

fn golden(policy: &str) -> Vec<f64> {
    let rows = SCHEDULES.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[0] == policy).map(|row| row[2].parse().unwrap()).collect()
}

fn follow(policy: Policy) -> Schedule {
    let busy = Failure { stage: Stage::Greeting, code: Some(Code::SERVICE_NOT_AVAILABLE) };
    schedule(&Arc::new(policy), busy, Key::new(1, 0), Limits::default())
}

/// The recorded part of the schedule agrees to the second, as do the number of attempts and the end.
fn agrees(name: &str, policy: Policy, attempts: usize, end: f64, why: BounceReason) {
    let followed = follow(policy);
    let golden = golden(name);
    assert!(golden.len() >= 7, "{name}");
    for (place, wanted) in golden.iter().enumerate() {
        let got = followed.attempts.get(place).copied().unwrap_or(Instant::NEVER).as_seconds();
        assert!((got - wanted).abs() <= 1.0, "{name}: attempt {} at {got}, not {wanted}", place + 1);
    }
    assert_eq!(followed.attempts.len(), attempts, "{name}");
    match followed.end {
        End::Bounced { at, why: got } => {
            assert_eq!(got, why, "{name}");
            assert!((at.as_seconds() - end).abs() <= 1.0, "{name}: bounced at {at}");
        }
        End::StillQueued => panic!("{name}: still queued"),
    }
}

fn lasting(mut policy: Policy, seconds: i64, when: GiveUp) -> Policy {
    policy.lifetime = Lifetime { age: Some(s(seconds)), when, ..Lifetime::default() };
    policy
}

fn tried(mut policy: Policy, attempts: u32) -> Policy {
    policy.lifetime = Lifetime { attempts: Some(attempts), ..Lifetime::default() };
    policy
}

fn exponential(initial: i64, factor: f64) -> Policy {
    simple(Growth::Exponential(Exponential { initial: s(initial), factor, max: None }))
}

fn list(minutes: &[i64]) -> Policy {
    simple(Growth::List(List { delays: minutes.iter().map(|minutes| s(60 * minutes)).collect() }))
}

#[test]
fn postfix_and_exim() {
    let aligned = Phase::At(s(0));
    let too_old = BounceReason::TooOld;
    agrees("postfix", postfix(300, 4000, 300, 432_000, aligned), 108, 433_200.0, too_old);
    // For a message alone the host's record and the message's age come to the same.
    let expired = BounceReason::HostExpired;
    agrees("exim-default-q30m", exim(EXIM_RULE, runs(1800, aligned)), 25, 347_400.0, expired);
    agrees("exim-default-continuous", exim(EXIM_RULE, Runner::Timer), 29, 345_601.0, expired);
}

#[test]
fn by_age() {
    let mut qmail = simple(Growth::Polynomial(Polynomial { unit: s(400), power: 2.0 }));
    qmail.clock = s(1);
    agrees("qmail", lasting(qmail, 604_800, GiveUp::AfterAttempt), 40, 608_400.0, BounceReason::TooOld);
    let step = |minutes: i64| AgeStep { younger_than: s(60 * minutes), every: s(60 * minutes) };
    let steps = AgeSteps { steps: vec![step(1), step(5), step(10)], then: s(1200) };
    let chasquid = lasting(simple(Growth::AgeSteps(steps)), 72_000, GiveUp::BeforeAttempt);
    agrees("chasquid", chasquid, 63, 72_960.0, BounceReason::TooOld);
}

#[test]
fn by_count() {
    let (too_often, too_old) = (BounceReason::TooManyAttempts, BounceReason::TooOld);
    agrees("haraka", tried(exponential(64, 2.0), 13), 13, 262_080.0, too_often);
    agrees("postal", tried(exponential(300, 1.3), 18), 18, 85_504.0, too_often);
    let kumomta = lasting(exponential(1200, 2.0), 604_800, GiveUp::NextTry);
    agrees("kumomta", kumomta, 9, 306_000.0, too_old);
    let stalwart = lasting(list(&[2, 5, 10, 15, 30, 60, 120, 1440, 4320]), 259_200, GiveUp::BeforeAttempt);
    agrees("stalwart", stalwart, 9, 360_120.0, too_old);
    let mailgun = lasting(list(&[10, 15, 30, 60, 120, 240]), 28_800, GiveUp::NextTry);
    agrees("mailgun", mailgun, 7, 28_500.0, too_old);
    let half_hour = simple(Growth::Fixed(Fixed { every: s(1800) }));
    let rfc5321 = lasting(half_hour, 432_000, GiveUp::BeforeAttempt);
    agrees("rfc5321-floor", rfc5321, 240, 432_000.0, too_old);
}
