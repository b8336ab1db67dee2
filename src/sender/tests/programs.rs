//! What sendmail, OpenSMTPD, nullmailer, qmail and KumoMTA remember, beyond their schedules.

use super::driver::{Driver, Script};
use super::policies::{s, simple};
use crate::random::Key;
use crate::sender::backoff::{Exponential, Fixed, Growth, Milestones};
use crate::sender::memory::{ConnectTimeouts, ConsecutiveFailures, HostStatus, Memory, RoutePenalty, Shared};
use crate::sender::runner::{OnePause, Order, Phase, QueueRun, Runner};
use crate::sender::{Held, Phases, Policy, Reuse};
use crate::smtp::Stage;
use crate::time::{Instant, Span};

fn at(seconds: i64) -> Instant {
    Instant::ZERO + s(seconds)
}

fn driver(policy: Policy, script: Script) -> Driver {
    Driver::new(policy, script, Key::new(3, 0), Phases::Aligned)
}

fn failing(stage: Stage, after: Span) -> Script {
    Script { failure_takes: (after, after), ..Script::always(stage) }
}

/// When messages were tried, in whole seconds.
fn tried(driver: &Driver) -> Vec<(i64, u32)> {
    driver.log.attempts.iter().map(|(when, id, _)| (when.as_micros() / 1_000_000, *id)).collect()
}

fn sendmail(shared: Shared) -> Policy {
    let mut policy = simple(Growth::Fixed(Fixed { every: s(0) }));
    policy.memory = Memory::HostStatus(HostStatus { shared, ..HostStatus::default() });
    policy.runner = Runner::QueueRun(QueueRun {
        every: s(600),
        workers: 10,
        order: Order::FewestTries,
        look: Span::ZERO,
        phase: Phase::At(s(0)),
    });
    policy.connections.reuse = Reuse::Run;
    policy.connections.messages_per_connection = 1000;
    policy
}

#[test]
fn a_run_of_sendmail_asks_a_failing_host_once_and_new_mail_asks_for_itself() {
    let mut driver = driver(sendmail(Shared::Run), failing(Stage::Greeting, s(1)));
    (1..=4).for_each(|id| driver.inject(at(10 * i64::from(id)), id));
    driver.go(at(1300));
    let times: Vec<i64> = tried(&driver).iter().map(|(when, _)| *when).collect();
    assert_eq!(times, [10, 20, 30, 40, 600, 1200]);
    assert_eq!(driver.log.held.iter().filter(|(when, _, _)| *when == at(601)).count(), 3);
    assert!(driver.log.held.iter().all(|(_, _, held)| *held == Held::Defer));
}

#[test]
fn a_host_status_directory_tells_everybody_for_half_an_hour() {
    let mut driver = driver(sendmail(Shared::Host), failing(Stage::Greeting, s(1)));
    (1..=4).for_each(|id| driver.inject(at(10 * i64::from(id)), id));
    driver.go(at(3700));
    let times: Vec<i64> = tried(&driver).iter().map(|(when, _)| *when).collect();
    // Known at 11 s until 1811 s, so that the run at 2400 s asks again.
    assert_eq!(times, [10, 2400]);
}

#[test]
fn a_refused_message_says_nothing_about_the_host() {
    let mut driver = driver(sendmail(Shared::Run), failing(Stage::Rcpt, s(1)));
    (1..=3).for_each(|id| driver.inject(at(10 * i64::from(id)), id));
    driver.go(at(700));
    assert_eq!(driver.log.attempts.len(), 6);
    assert_eq!(driver.log.held, []);
}

#[test]
fn a_run_keeps_its_connection_and_new_mail_does_not_lend_its_own() {
    let script = Script { accepts_from: Some(at(500)), ..failing(Stage::Greeting, s(1)) };
    let mut driver = driver(sendmail(Shared::Run), script);
    (1..=5).for_each(|id| driver.inject(at(10 * i64::from(id)), id));
    driver.inject(at(550), 9);
    driver.go(at(700));
    assert_eq!(driver.log.delivered.len(), 6);
    let opened: Vec<i64> = driver.log.connections[5..].iter().map(|t| t.as_micros() / 1_000_000).collect();
    assert_eq!(opened, [550, 600]);
}

fn nullmailer() -> Policy {
    let max = Some(s(86_400));
    let growth = Exponential { initial: s(60), factor: 2.0, whole_factor: false, max };
    let mut policy = simple(Growth::Exponential(growth));
    policy.runner = Runner::OnePause(OnePause::default());
    policy
}

/// Twice at once, and then again after the first pause; what comes during a pass is heard of once.
#[test]
fn new_mail_may_be_heard_of_twice() {
    let mut policy = nullmailer();
    policy.runner = Runner::OnePause(OnePause { heard_twice: 1.0 });
    let mut driver = Driver::new(policy, failing(Stage::Greeting, s(2)), Key::new(3, 0), Phases::Drawn);
    driver.inject(at(0), 1);
    driver.inject(at(10), 2);
    driver.inject(at(11), 3);
    driver.go(at(60));
    let times: Vec<i64> = tried(&driver).iter().map(|(when, _)| *when).collect();
    assert_eq!(times, [0, 2, 10, 12, 14, 16, 18]);
}

#[test]
fn new_mail_has_the_whole_queue_tried_and_the_pause_begin_anew() {
    let mut driver = driver(nullmailer(), failing(Stage::Greeting, s(1)));
    driver.inject(at(0), 1);
    driver.inject(at(300), 2);
    driver.go(at(500));
    let times: Vec<i64> = tried(&driver).iter().map(|(when, _)| *when).collect();
    // Goes end at 1, 62, 183; then at 302, 364.
    assert_eq!(times, [0, 61, 182, 300, 301, 362, 363, 484, 485]);
    assert_eq!(driver.log.most_open, 1);
}

#[test]
fn mail_that_comes_during_a_go_has_another_one_follow_it() {
    let mut driver = driver(nullmailer(), failing(Stage::Greeting, s(10)));
    driver.inject(at(0), 1);
    driver.inject(at(5), 2);
    driver.go(at(60));
    let times: Vec<i64> = tried(&driver).iter().map(|(when, _)| *when).collect();
    assert_eq!(times, [0, 10, 20]);
}

fn opensmtpd() -> Policy {
    let mut policy = simple(Growth::Milestones(Milestones { unit: s(400), power: 2.0 }));
    policy.memory = Memory::RoutePenalty(RoutePenalty::default());
    policy.connections.per_destination = Some(5);
    policy
}

#[test]
fn a_new_route_has_one_connection_and_is_switched_off_when_that_fails() {
    let mut driver = driver(opensmtpd(), failing(Stage::Greeting, s(1)));
    (1..=6).for_each(|id| driver.inject(at(0), id));
    driver.inject(at(15), 7);
    driver.inject(at(17), 8);
    driver.go(at(100));
    assert_eq!(tried(&driver).iter().map(|(when, _)| *when).collect::<Vec<_>>(), [0, 17]);
    // Five with the route at 1 s, and what comes while it is off, until 16 s.
    assert_eq!(driver.log.held.len(), 6);
    assert_eq!(driver.log.most_open, 1);
}

#[test]
fn a_route_that_works_opens_up() {
    let script = Script { accepts_from: Some(at(0)), transaction: s(1), ..Script::always(Stage::Greeting) };
    let mut driver = driver(opensmtpd(), script);
    (1..=20).for_each(|id| driver.inject(at(0), id));
    driver.go(at(100));
    assert_eq!((driver.log.delivered.len(), driver.log.most_open), (20, 5));
}

fn qmail() -> Policy {
    let mut policy = simple(Growth::Fixed(Fixed { every: s(400) }));
    policy.memory = Memory::ConnectTimeouts(ConnectTimeouts::default());
    policy.connections.connect_timeout = s(60);
    policy.connections.greeting_timeout = s(1200);
    policy
}

#[test]
fn connects_that_time_out_twice_have_a_host_left_alone() {
    let mut silent = driver(qmail(), failing(Stage::Timeout, s(60)));
    silent.inject(at(0), 1);
    silent.go(at(8000));
    let times: Vec<i64> = tried(&silent).iter().map(|(when, _)| *when).collect();
    // The second times out at 520 s; 3840 s to 5824 s later it is tried again.
    assert_eq!(times[..2], [0, 460]);
    assert!((520 + 3840..520 + 5824 + 400).contains(&times[2]), "{times:?}");
    assert!(silent.log.held.iter().all(|(_, _, held)| *held == Held::Defer));
    for (stage, after) in [(Stage::Greeting, 1), (Stage::Refused, 0), (Stage::Timeout, 1200)] {
        let mut driver = driver(qmail(), failing(stage, s(after)));
        driver.inject(at(0), 1);
        driver.go(at(8000));
        assert_eq!(driver.log.held, [], "{stage:?} after {after} s");
    }
}

#[test]
fn timeouts_that_come_together_count_once() {
    let mut driver = driver(qmail(), failing(Stage::Timeout, s(60)));
    (1..=20).for_each(|id| driver.inject(at(0), id));
    driver.go(at(500));
    assert_eq!(driver.log.attempts.len(), 40);
    assert_eq!(driver.log.held, []);
}

#[test]
fn failures_in_a_row_put_off_all_mail_in_line() {
    let mut policy = simple(Growth::Fixed(Fixed { every: s(1200) }));
    policy.memory =
        Memory::ConsecutiveFailures(ConsecutiveFailures { failures: 2, ..ConsecutiveFailures::default() });
    policy.connections.per_destination = Some(1);
    let mut driver = driver(policy, failing(Stage::Greeting, s(1)));
    (1..=10).for_each(|id| driver.inject(at(0), id));
    driver.inject(at(100), 11);
    driver.go(at(1000));
    // The fourth failure comes after three others: six go with it. Then each one does so.
    assert_eq!(tried(&driver).iter().map(|(when, _)| *when).collect::<Vec<_>>(), [0, 1, 2, 3, 100]);
    assert_eq!(driver.log.held.len(), 6);
    let asleep = driver.take_sleepers();
    assert!(asleep.iter().all(|(_, message)| message.failures() == 1), "what is put off counts");
}
