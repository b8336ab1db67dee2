//! What policies do beyond their schedules.

use super::driver::{Driver, Script};
use super::policies::{EXIM_RULE, exim, postfix, rule, runs, s, simple};
use crate::id::{HostId, MessageId, RouteId};
use crate::message::Message;
use crate::random::Key;
use crate::sender::backoff::{Exponential, Fixed, Growth};
use crate::sender::memory::Suppressed;
use crate::sender::runner::{OnePause, Phase, Runner};
use crate::sender::{BounceReason, Ended, Held, Lifetime, Memory, Phases, Policy, Reuse, Step};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

fn at(seconds: i64) -> Instant {
    Instant::ZERO + s(seconds)
}

fn driver(policy: Policy, script: Script) -> Driver {
    Driver::new(policy, script, Key::new(3, 0), Phases::Aligned)
}

fn hourly() -> Policy {
    simple(Growth::Fixed(Fixed { every: s(3600) }))
}

/// Runs a policy for a day, if anybody listens to where mail waits and if nobody does.
fn heard_and_not(policy: &dyn Fn() -> Policy) -> [Driver; 2] {
    [true, false].map(|heard| {
        let mut driver = driver(policy(), slow(Stage::Greeting));
        if !heard {
            driver.senders.omit_waits();
        }
        (1..=30).for_each(|id| driver.inject(at(10 * i64::from(id)), id));
        driver.go(at(86_400));
        driver
    })
}

#[test]
fn waits_that_nobody_hears_of_change_nothing() {
    let one_pause = || Policy { runner: Runner::OnePause(OnePause::default()), ..hourly() };
    let policies: [&dyn Fn() -> Policy; 3] = [
        &|| postfix(300, 4000, 300, 432_000, Phase::At(s(0))),
        &|| exim(EXIM_RULE, runs(1800, Phase::At(s(60)))),
        &one_pause,
    ];
    for policy in policies {
        let [heard, not] = heard_and_not(policy);
        assert_eq!(heard.log, not.log);
        // Each message was refused, so each waits.
        assert!(heard.waits >= 30 && not.waits == 0, "{} and {}", heard.waits, not.waits);
    }
}

fn slow(stage: Stage) -> Script {
    Script { failure_takes: (s(1), s(1)), transaction: s(1), ..Script::always(stage) }
}

/// With a window of 5 and feedback 1 the first failure takes two from the window (the loop in
/// `qmgr_queue_throttle` runs twice), so 1/5 + 1/3 + 1/2 make a cohort at the third failure.
#[test]
fn three_failures_kill_a_postfix_site_and_two_are_in_flight() {
    let mut driver = driver(postfix(300, 4000, 300, 432_000, Phase::At(s(0))), slow(Stage::Greeting));
    (1..=30).for_each(|id| driver.inject(at(10), id));
    driver.go(at(200));
    assert_eq!(driver.log.attempts.len(), 5);
    assert_eq!(driver.log.held.len(), 25);
    assert!(driver.log.held.iter().all(|(when, _, held)| *when == at(11) && *held == Held::Defer));
    assert_eq!(driver.log.left, 30);
}

#[test]
fn a_postfix_window_opens_with_success() {
    let script = Script { accepts_from: Some(at(0)), ..slow(Stage::Greeting) };
    let mut driver = driver(postfix(300, 4000, 300, 432_000, Phase::At(s(0))), script);
    (1..=300).for_each(|id| driver.inject(at(10), id));
    driver.go(at(200));
    assert_eq!((driver.log.delivered.len(), driver.log.most_open), (300, 20));
    // Connections are kept once the destination is served back to back.
    assert!(driver.log.connections.len() < 30, "{}", driver.log.connections.len());
}

/// Deliveries that end together are booked before their places are taken again, so that the window opens to
/// 8 and 11 (recorded: to 8, and to 12 after two rounds of 8), and not to 10 and 20. The first five
/// connections carry one message.
#[test]
fn postfix_books_deliveries_that_end_together() {
    let script = Script { accepts_from: Some(at(0)), ..slow(Stage::Greeting) };
    let policy = postfix(300, 4000, 300, 432_000, Phase::At(s(0)));
    let mut driver = Driver::new(policy, script, Key::new(3, 0), Phases::Drawn);
    (1..=300).for_each(|id| driver.inject(at(10), id));
    let half = Span::from_micros(500_000);
    for (seconds, connections, tried) in [(10, 5, 5), (11, 5 + 8, 5 + 8), (12, 5 + 11, 5 + 8 + 11)] {
        driver.go(at(seconds) + half);
        assert_eq!((driver.log.connections.len(), driver.log.attempts.len()), (connections, tried));
    }
}

/// Mail that comes while another delivery is under way goes down a connection that is idle; two seconds
/// after it was used last that is closed.
#[test]
fn postfix_keeps_connections_for_two_seconds() {
    let script = Script { accepts_from: Some(at(0)), ..slow(Stage::Greeting) };
    let mut driver = driver(postfix(300, 4000, 300, 432_000, Phase::At(s(0))), script);
    (1..=7).for_each(|id| driver.inject(at(10), id));
    // Five cold connections; the other two messages follow within the second, so theirs are kept.
    driver.go(at(12) + Span::MICROSECOND);
    assert_eq!((driver.log.delivered.len(), driver.log.connections.len(), driver.open()), (7, 7, 2));
    // The destination is forgotten without mail, and its connections with it.
    driver.inject(at(13), 8);
    driver.go(at(14) - Span::MICROSECOND);
    assert_eq!((driver.log.connections.len(), driver.open()), (8, 3));
    driver.go(at(20));
    assert_eq!((driver.log.delivered.len(), driver.open()), (8, 0));
}

/// One at a time, and the next a rest after the one before has ended.
#[test]
fn a_destination_may_rest_after_each_delivery() {
    let mut policy = postfix(300, 4000, 300, 432_000, Phase::At(s(0)));
    policy.connections.rest = Some(s(5));
    let script = Script { accepts_from: Some(at(0)), ..slow(Stage::Greeting) };
    let mut driver = driver(policy, script);
    (1..=3).for_each(|id| driver.inject(at(10), id));
    driver.go(at(60));
    let tried: Vec<_> = driver.log.attempts.iter().map(|(when, ..)| *when).collect();
    assert_eq!(tried, [at(10), at(16), at(22)]);
}

/// What is in line when a delivery fails is put off; what comes later waits for the end of the rest.
#[test]
fn a_destination_that_rests_is_not_dead_for_long() {
    let mut policy = postfix(300, 4000, 300, 432_000, Phase::At(s(0)));
    let Memory::DeadSite(site) = &mut policy.memory else { unreachable!() };
    (site.window, site.limit) = (1, 1);
    policy.connections.rest = Some(s(5));
    let mut driver = driver(policy, slow(Stage::Greeting));
    (1..=3).for_each(|id| driver.inject(at(10), id));
    driver.inject(at(12), 4);
    driver.go(at(60));
    let tried: Vec<_> = driver.log.attempts.iter().map(|&(when, id, _)| (when, id)).collect();
    assert_eq!(tried, [(at(10), 1), (at(16), 4)]);
}

/// A second for each message that is put off.
#[test]
fn mail_for_a_dead_site_may_be_put_off_one_message_after_another() {
    let mut policy = postfix(2, 30, 2, 432_000, Phase::At(s(0)));
    let Memory::DeadSite(site) = &mut policy.memory else { unreachable!() };
    (site.window, site.limit) = (1, 1);
    policy.connections.rest_suspended = Some(s(20));
    let mut driver = driver(policy, slow(Stage::Greeting));
    (1..=3).for_each(|id| driver.inject(at(10), id));
    driver.go(at(100));
    let held: Vec<_> = driver.log.held.iter().map(|&(when, id, _)| (when, id)).collect();
    assert_eq!(held[..2], [(at(11), 2), (at(31), 3)]);
}

#[test]
fn a_full_active_queue_takes_new_mail_first() {
    let mut policy = postfix(300, 4000, 300, 432_000, Phase::At(s(0)));
    policy.memory = Memory::None;
    policy.connections.per_destination = Some(1);
    policy.connections.reuse = Reuse::None;
    let Runner::Scan(scan) = &mut policy.runner else { unreachable!() };
    scan.active = Some(2);
    let quarter = Span::from_micros(200_000);
    let script = Script { failure_takes: (quarter, quarter), ..Script::always(Stage::Rcpt) };
    let mut driver = driver(policy, script);
    (1..=4).for_each(|id| driver.inject(at(0), id));
    driver.inject(at(300) + quarter / 2, 9);
    driver.go(at(400));
    let order: Vec<u32> = driver.log.attempts.iter().map(|(_, id, _)| *id).collect();
    // The second scan finds the four in an order of its own, and lets two in before the new one.
    assert_eq!(order[..4], [1, 2, 3, 4]);
    assert_eq!(order.iter().position(|id| *id == 9), Some(6));
}

#[test]
fn suppressed_mail_ages_counts_or_stays_as_it_was() {
    // After 100 s as after the first failure, after 200 s as after a second one, or with the site itself.
    let cases = [(Suppressed::Ages, 1, 201), (Suppressed::Counts, 2, 301), (Suppressed::Unchanged, 1, 301)];
    for (suppressed, failures, wakes) in cases {
        let mut policy = simple(Growth::Exponential(Exponential {
            initial: s(100),
            factor: 2.0,
            whole_factor: false,
            max: None,
        }));
        let site = crate::sender::memory::DeadSite { window: 1, suppressed, ..Default::default() };
        policy.memory = Memory::DeadSite(site);
        let mut driver = driver(policy, slow(Stage::Greeting));
        driver.inject(at(0), 1);
        driver.go(at(150));
        // Dead from 1 s until 301 s; the message wakes at 101 s and is held back.
        assert_eq!(driver.log.held, [(at(101), 1, Held::Defer)]);
        let asleep: Vec<_> = driver.sleepers().map(|(until, message)| (message.failures(), until)).collect();
        assert_eq!(asleep, [(failures, at(wakes))], "{suppressed:?}");
    }
}

#[test]
fn exim_mail_waits_for_its_host_and_young_mail_dies_with_it() {
    let mut driver = driver(exim(EXIM_RULE, runs(1800, Phase::At(s(60)))), slow(Stage::Greeting));
    driver.inject(at(0), 1);
    driver.inject(at(300), 2);
    driver.inject(at(340_000), 3);
    driver.go(at(400_000));
    assert_eq!(driver.log.held[0], (at(300), 2, Held::Wait));
    assert_eq!(driver.log.bounced.len(), 3);
    assert!(
        driver
            .log
            .bounced
            .iter()
            .any(|(when, id, why)| { *id == 3 && *why == BounceReason::HostExpired && *when < at(350_000) })
    );
    // Each run with the host due makes one connection, whoever carries it.
    assert!(driver.log.attempts.windows(2).all(|pair| pair[1].0 - pair[0].0 >= s(900)));
}

#[test]
fn runs_that_find_nothing_are_not_asked_for() {
    let mut driver = driver(exim(EXIM_RULE, runs(60, Phase::At(s(0)))), slow(Stage::Greeting));
    (1..=100).for_each(|id| driver.inject(at(0), id));
    driver.go(at(880));
    let mut asked = 0;
    driver.senders.run(at(890), HostId(0));
    while let Some(step) = driver.senders.next() {
        asked += u32::from(matches!(step, Step::Connect { .. }));
    }
    assert_eq!(asked, 0);
    assert_eq!(driver.log.left, 100);
}

#[test]
fn warnings_are_sent_once_even_for_mail_that_is_not_looked_at() {
    let mut policy = exim(EXIM_RULE, runs(1800, Phase::At(s(0))));
    policy.lifetime.warn_after = Some(s(86_400));
    let mut driver = driver(policy, slow(Stage::Greeting));
    (1..=10).for_each(|id| driver.inject(at(i64::from(id)), id));
    driver.go(at(200_000));
    let mut warned: Vec<u32> = driver.log.warned.iter().map(|(_, id)| *id).collect();
    warned.sort_unstable();
    assert_eq!(warned, (1..=10).collect::<Vec<_>>());
    assert!(driver.log.warned.iter().all(|(when, _)| (at(86_400)..at(90_000)).contains(when)));
}

#[test]
fn limits_and_pace_hold() {
    let mut policy = hourly();
    policy.connections.per_destination = Some(3);
    policy.connections.total = Some(2);
    let mut limited = driver(policy, slow(Stage::Greeting));
    (1..=10).for_each(|id| limited.inject(at(0), id));
    limited.go(at(100));
    assert_eq!((limited.log.most_open, limited.log.attempts.len()), (2, 10));
    let mut policy = hourly();
    policy.connections.pace = s(7);
    let mut paced = driver(policy, slow(Stage::Greeting));
    (1..=5).for_each(|id| paced.inject(at(0), id));
    paced.go(at(100));
    let opened: Vec<i64> = paced.log.connections.iter().map(|t| t.as_micros() / 1_000_000).collect();
    assert_eq!(opened, [0, 7, 14, 21, 28]);
}

#[test]
fn mail_queued_at_the_start_goes_on_with_its_own_schedule() {
    let policy = simple(Growth::Exponential(Exponential {
        initial: s(100),
        factor: 2.0,
        whole_factor: false,
        max: None,
    }));
    let mut driver = driver(policy, Script::always(Stage::Greeting));
    let message = Message::new(MessageId(1), Instant::ZERO - s(400));
    driver.senders.resume(Instant::ZERO, RouteId(0), message);
    // Tried at -400, -300, -100 and due at 300.
    let Some(Step::Sleep { until, message }) = driver.senders.next() else { panic!("no sleep") };
    assert_eq!((until, message.failures(), message.was_deferred()), (at(300), 3, true));
}

/// A host that is to be called for a message that sleeps long is called before for one that sleeps less: the scans of every five
/// minutes take it.
#[test]
fn a_scan_takes_what_is_due_before_what_slept_before() {
    let policy = postfix(300, 4000, 300, 432_000, Phase::At(s(0)));
    let mut driver = driver(Policy { memory: Memory::None, ..policy }, slow(Stage::Greeting));
    let old = Message::new(MessageId(1), Instant::ZERO - s(100_000));
    driver.senders.resume(Instant::ZERO, RouteId(0), old);
    driver.inject(at(10), 2);
    driver.go(at(1000));
    let tries: Vec<_> = driver.log.attempts.iter().map(|(when, id, _)| (*when, *id)).collect();
    // Failed at 11 s, due at 311 s and a second early at 310 s, so that the scan at 600 s is the first to take it.
    assert_eq!(tries, [(at(10), 2), (at(600), 2)]);
}

/// What is known before of a refusal is what follows when it is heard; where there is more to do, nothing is said or done.
#[test]
fn a_refusal_can_be_foreseen_if_the_message_just_waits() {
    let lifetime = Lifetime { age: Some(s(5000)), warn_after: Some(s(1000)), ..Lifetime::default() };
    let refused = |code| Failure::new(Stage::Greeting, Some(Code::new(code)));
    let (transient, permanent) = (refused(421), refused(554));
    let in_use = |driver: &Driver| {
        let host = &driver.senders.hosts[0];
        (host.active, host.connections, driver.senders.routes[0].connections)
    };
    let cases = [
        (999, transient, true),
        (1000, transient, false),
        (4999, transient, false),
        (5000, transient, false),
        (999, permanent, false),
    ];
    for (age, failure, is_foreseen) in cases {
        let policy = Policy { lifetime: lifetime.clone(), ..hourly() };
        let mut driver = driver(policy, slow(Stage::Greeting));
        let message = Message::new(MessageId(1), Instant::ZERO);
        assert!(driver.senders.starts_freely(RouteId(0)));
        assert_eq!(in_use(&driver), (1, 1, 1));
        let foreseen = driver.senders.foresee(at(age), RouteId(0), message, failure);
        assert!(!driver.senders.has_decided());
        assert_eq!(foreseen.is_some(), is_foreseen, "{age} {failure:?}");
        assert_eq!(in_use(&driver), if is_foreseen { (0, 0, 0) } else { (1, 1, 1) });
        if let Some((until, waiting)) = foreseen {
            assert!(driver.senders.starts_freely(RouteId(0)));
            driver.senders.ended(at(age), RouteId(0), message, at(age), Ended::Failed(failure));
            assert_eq!(driver.senders.next(), Some(Step::Sleep { until, message: waiting }));
        }
    }
    let mut others = driver(postfix(300, 4000, 300, 432_000, Phase::At(s(0))), slow(Stage::Greeting));
    assert!(!others.senders.starts_freely(RouteId(0)));
}

#[test]
fn a_flush_tries_all_or_one_per_pace() {
    for (pace, seconds) in [(None, [50, 50, 50]), (Some(s(5)), [50, 55, 60])] {
        let mut driver = driver(hourly(), slow(Stage::Greeting));
        (1..=3).for_each(|id| driver.inject(at(i64::from(id)), id));
        driver.go(at(50));
        driver.now = at(50);
        driver.log.attempts.clear();
        let asleep = driver.take_sleepers();
        driver.senders.flush(at(50), HostId(0), asleep.into_iter(), pace, false);
        driver.go(at(100));
        let tried: Vec<_> = driver.log.attempts.iter().map(|(when, id, _)| (*when, *id)).collect();
        assert_eq!(tried, [(at(seconds[0]), 1), (at(seconds[1]), 2), (at(seconds[2]), 3)]);
    }
}

#[test]
fn a_flush_with_queue_runs_is_one_forced_run() {
    let mut driver = driver(exim(EXIM_RULE, runs(1800, Phase::At(s(0)))), slow(Stage::Greeting));
    (1..=20).for_each(|id| driver.inject(at(1), id));
    driver.go(at(50));
    driver.now = at(50);
    let before = driver.log.attempts.len();
    driver.senders.flush(at(50), HostId(0), std::iter::empty(), None, true);
    driver.go(at(60));
    // The first failure holds back the rest again.
    assert_eq!(driver.log.attempts.len() - before, 1);
    assert_eq!(driver.log.left, 20);
}

#[test]
fn a_rule_knows_its_cutoff() {
    assert_eq!(rule(EXIM_RULE).cutoff(), s(345_600));
    assert_eq!(exim(EXIM_RULE, Runner::Timer).ultimate_age(), Some(s(345_600)));
    assert_eq!(hourly().ultimate_age(), None);
    assert_eq!(hourly().greatest_age(), Some(s(432_000)));
}
