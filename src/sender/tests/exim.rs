//! Exim's records of hosts, messages and addresses, with sequences worked out by hand.

use std::sync::Arc;

use super::driver::{Driver, Script};
use super::policies::{exim, s};
use crate::random::Key;
use crate::sender::backoff::{EximRules, Growth};
use crate::sender::memory::HostRecord;
use crate::sender::runner::Runner;
use crate::sender::schedule::{End, Limits, schedule};
use crate::sender::{BounceReason, Memory, Phases, Policy};
use crate::smtp::{Code, Failure, Stage};
use crate::time::Instant;

fn at(seconds: i64) -> Instant {
    Instant::ZERO + s(seconds)
}

fn driver(policy: Policy, script: Script) -> Driver {
    Driver::new(policy, script, Key::new(3, 0), Phases::Aligned)
}

fn attempts(driver: &Driver) -> Vec<i64> {
    driver.log.attempts.iter().map(|(when, ..)| when.as_micros() / 1_000_000).collect()
}

/// The host is refused until 95 s, then answers at this stage.
fn refused_then(stage: Stage) -> Vec<i64> {
    let script = Script { refused_until: at(95), ..Script::always(stage) };
    let mut driver = driver(exim("F,100s,10s; F,1000s,60s", Runner::Timer), script);
    driver.inject(at(0), 1);
    driver.go(at(300));
    attempts(&driver).split_off(10)
}

#[test]
fn a_message_record_begins_with_its_first_failure_and_an_address_is_as_old_as_its_mail() {
    let by_ten: Vec<i64> = (100..=210).step_by(10).collect();
    assert_eq!(refused_then(Stage::Mail), [by_ten, vec![270]].concat());
    assert_eq!(refused_then(Stage::Data), refused_then(Stage::Mail));
    assert_eq!(refused_then(Stage::Rcpt), [100, 110, 170, 230, 290]);
}

fn by_class(classes: &[(&str, &str)]) -> Policy {
    let rules = classes.iter().map(|(class, rule)| (class.parse().unwrap(), rule.parse().unwrap()));
    let mut policy = exim("F,1h,5m", Runner::Timer);
    policy.backoff.growth = Growth::EximRules(EximRules::new(rules.collect()));
    policy
}

#[test]
fn the_class_of_the_error_chooses_the_rule() {
    let policy = Arc::new(by_class(&[("rcpt_421", "F,1h,20m"), ("refused", "F,1h,10m")]));
    let follow = |stage, code| {
        let followed = schedule(&policy, Failure::new(stage, code), Key::new(1, 0), Limits::default());
        let attempts: Vec<_> = followed.attempts.iter().map(|at| at.as_micros() / 1_000_000).collect();
        (attempts, followed.end)
    };
    let busy = Some(Code::SERVICE_NOT_AVAILABLE);
    let (too_old, expired) = (BounceReason::TooOld, BounceReason::HostExpired);
    // The last attempt is that of a message older than its rule goes.
    let end = End::Bounced { at: at(3601), why: too_old };
    assert_eq!(follow(Stage::Rcpt, busy), (vec![0, 1200, 2400, 3600, 3601], end));
    let (attempts, end) = follow(Stage::Refused, None);
    assert_eq!(attempts, [0, 600, 1200, 1800, 2400, 3000, 3600, 3601]);
    assert_eq!(end, End::Bounced { at: at(3601), why: expired });
    // No rule: not tried again.
    for (stage, code) in [(Stage::Rcpt, Some(Code::TRY_AGAIN)), (Stage::Greeting, busy)] {
        assert_eq!(follow(stage, code), (vec![0], End::Bounced { at: at(0), why: too_old }));
    }
}

fn one_hundred_seconds(record: HostRecord) -> Policy {
    Policy { memory: Memory::HostRecord(record), ..exim("F,100s,10s", Runner::Timer) }
}

#[test]
fn mail_for_an_expired_host_is_given_up_or_tried_first() {
    for (delay_after_cutoff, tried) in [(true, false), (false, true)] {
        let policy = one_hundred_seconds(HostRecord { delay_after_cutoff, ..HostRecord::default() });
        let mut driver = driver(policy, Script::always(Stage::Greeting));
        driver.inject(at(0), 1);
        driver.inject(at(105), 2);
        driver.go(at(200));
        let expired = BounceReason::HostExpired;
        assert_eq!(driver.log.bounced, [(at(101), 1, expired), (at(105), 2, expired)]);
        assert_eq!(driver.log.attempts.iter().any(|(_, id, _)| *id == 2), tried);
    }
}

#[test]
fn an_old_record_is_ignored() {
    let policy = one_hundred_seconds(HostRecord { forget_after: Some(s(5)), ..HostRecord::default() });
    let mut driver = driver(policy, Script::always(Stage::Greeting));
    driver.inject(at(0), 1);
    driver.inject(at(5), 2);
    driver.inject(at(6), 3);
    driver.go(at(7));
    let tried: Vec<_> = driver.log.attempts.iter().map(|(when, id, _)| (*when, *id)).collect();
    assert_eq!(tried, [(at(0), 1), (at(6), 3)]);
}
