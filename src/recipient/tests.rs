//! The whole recipient, driven by a caller that connects at given instants.

use std::sync::Arc;

use super::gates::{
    Attempt, Blueprint, ClientLimit, ConnectionLimit, Counts, Greylist, Maintenance, MessagesPerConnection,
    RateLimit, Refusal, Reject, Reopen, Scope, Sessions, Shape, Slowdown, Told, Unreliable,
};
use super::testing::{Driver, Fate, at, settings, with};
use super::*;
use crate::law::Law;
use crate::random::{Key, Purpose};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

mod any;

const CLOSED: Failure = Failure::new(Stage::Refused, None);
const GREETING: Failure = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));

fn seconds(seconds: f64) -> Span {
    Span::from_seconds_f64(seconds)
}

/// Transactions of one second.
fn server(slots: Option<u32>) -> Settings {
    Settings { transaction: Law::Constant(Span::SECOND), ..settings(slots) }
}

fn limit(limit: u32, uses: Uses, takes: f64) -> GateSettings {
    GateSettings::ConnectionLimit(ConnectionLimit { limit, cost: Cost { uses, takes: seconds(takes) } })
}

fn backlog(length: u32, abandoned_takes: f64) -> GateSettings {
    GateSettings::Backlog(Backlog { length, abandoned_takes: seconds(abandoned_takes) })
}

fn window(from: f64, until: f64) -> Maintenance {
    Maintenance {
        when: When::Fixed(vec![Window { start: at(from), end: at(until) }]),
        answer: GREETING,
        sessions: Sessions::Finish,
        capacity: 0.0,
        reopen: Reopen::AtOnce,
        cost: Cost::NONE,
    }
}

/// Connects at these instants and gives when each message was over, and how.
fn fates(settings: Settings, instants: &[f64]) -> Vec<(Instant, Fate)> {
    let mut driver = Driver::new(settings);
    driver.connect_all(instants);
    driver.run();
    driver.by_message()
}

#[test]
fn an_attempt_takes_a_round_trip_the_set_up_and_the_transaction() {
    let settings = Settings {
        round_trip: seconds(0.05),
        setup: Law::Constant(seconds(0.4)),
        idle_hold: seconds(2.0),
        ..server(Some(1))
    };
    let fates = fates(settings, &[0.0, 1.0, 3.4, 3.45]);
    assert_eq!(fates[0], (at(1.45), Fate::Accepted));
    assert_eq!(fates[1], (at(1.05), Fate::Failed(CLOSED)), "the slot is taken");
    assert_eq!(fates[2], (at(3.45), Fate::Failed(CLOSED)), "the slot idles");
    assert_eq!(fates[3], (at(4.9), Fate::Accepted));
}

#[test]
fn both_ends_of_a_window() {
    for answer in [GREETING, CLOSED, Failure::new(Stage::Rcpt, Some(Code::TRY_AGAIN))] {
        let settings =
            with(settings(None), GateSettings::Maintenance(Maintenance { answer, ..window(2.0, 6.0) }));
        let fates: Vec<Fate> =
            fates(settings, &[1.999_999, 2.0, 5.999_999, 6.0]).into_iter().map(|(_, fate)| fate).collect();
        let failed = Fate::Failed(answer);
        assert_eq!(fates, [Fate::Accepted, failed, failed, Fate::Accepted]);
    }
}

/// Each of two windows at one stage answers for itself, whichever comes first in the settings.
#[test]
fn the_gate_that_refuses_gives_the_answer() {
    let rcpt = |code| Failure::new(Stage::Rcpt, Some(code));
    let (short, long) = (rcpt(Code::TRY_AGAIN), rcpt(Code::new(450)));
    let closed =
        |answer, from, until| GateSettings::Maintenance(Maintenance { answer, ..window(from, until) });
    let server = with(settings(None), closed(short, 2.0, 6.0));
    let server = with(server, closed(long, 4.0, 8.0));
    let fates = fates(server, &[3.0, 5.0, 7.0, 8.0]);
    let kinds: Vec<Fate> = fates.into_iter().map(|(_, fate)| fate).collect();
    assert_eq!(kinds, [Fate::Failed(short), Fate::Failed(short), Fate::Failed(long), Fate::Accepted]);
}

#[test]
fn a_server_that_drops_packets_says_nothing() {
    let answer = Failure::new(Stage::Timeout, None);
    let settings =
        with(settings(None), GateSettings::Maintenance(Maintenance { answer, ..window(2.0, 6.0) }));
    assert_eq!(fates(settings, &[3.0])[0], (at(33.0), Fate::TimedOut));
}

#[test]
fn a_cut_frees_everything_and_finish_nothing() {
    let server = |sessions| {
        let server = with(server(Some(4)), backlog(8, 1.0));
        with(server, GateSettings::Maintenance(Maintenance { sessions, ..window(0.5, 5.0) }))
    };
    let instants = [0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.6, 5.0];
    let cut = fates(server(Sessions::Cut), &instants);
    assert!(cut[..6].iter().all(|fate| *fate == (at(0.5), Fate::Cut)), "{cut:?}");
    assert_eq!(cut[6], (at(0.6), Fate::Failed(GREETING)));
    assert_eq!(cut[7], (at(6.0), Fate::Accepted));
    let finished = fates(server(Sessions::Finish), &instants);
    assert!(finished[..4].iter().all(|fate| *fate == (at(1.0), Fate::Accepted)), "{finished:?}");
    assert!(finished[4..7].iter().all(|fate| *fate == (at(1.0), Fate::Failed(GREETING))), "{finished:?}");
}

#[test]
fn a_partial_cut_takes_the_youngest() {
    let maintenance = Maintenance { sessions: Sessions::Cut, capacity: 0.5, ..window(0.5, 5.0) };
    let server = with(server(Some(4)), GateSettings::Maintenance(maintenance));
    let fates = fates(server, &[0.0, 0.1, 0.2, 0.3, 0.6, 1.05]);
    let kinds: Vec<Fate> = fates.into_iter().map(|(_, fate)| fate).collect();
    let refused = Fate::Failed(GREETING);
    assert_eq!(kinds, [Fate::Accepted, Fate::Accepted, Fate::Cut, Fate::Cut, refused, Fate::Accepted]);
}

#[test]
fn capacity_comes_back_in_stages() {
    let reopen = Reopen::Staged { over: seconds(4.0), steps: 2 };
    let maintenance = GateSettings::Maintenance(Maintenance { reopen, ..window(0.0, 2.0) });
    let mut driver = Driver::new(with(server(Some(4)), maintenance));
    for (message, now) in (0..).zip([2.0, 2.0, 2.0, 4.0, 4.0, 4.0, 4.0, 4.0]) {
        driver.connect(at(now), message, message);
    }
    driver.run_until(at(1.0));
    assert_eq!(driver.recipient.capacity(), Some(0));
    driver.run_until(at(3.0));
    assert_eq!(driver.recipient.capacity(), Some(2));
    driver.run();
    assert_eq!(driver.recipient.capacity(), Some(4));
    let accepted = driver.by_message().iter().filter(|(_, fate)| *fate == Fate::Accepted).count();
    assert_eq!(accepted, 2 + 4);
    assert_eq!(driver.recipient.windows(), [Window { start: at(0.0), end: at(2.0) }]);
}

#[test]
fn the_acceptor_refuses_one_after_the_other() {
    let settings = Settings { round_trip: seconds(0.05), ..server(None) };
    let settings = with(settings, limit(1, Uses::Acceptor, 0.3));
    let times: Vec<Instant> =
        fates(settings, &[0.0, 0.1, 0.1, 0.15, 2.0]).into_iter().map(|fate| fate.0).collect();
    assert_eq!(times, [1.05, 0.4, 0.7, 1.0, 3.05].map(at));
}

#[test]
fn whoever_waits_for_the_acceptor_keeps_its_turn() {
    let settings = with(server(None), limit(1, Uses::Acceptor, 0.6));
    let mut driver = Driver::new(settings);
    driver.patience.1 = seconds(0.7);
    driver.connect_all(&[0.0, 0.5, 0.55, 1.05, 1.15, 1.2, 2.25]);
    driver.run();
    let fates = driver.by_message();
    assert_eq!(fates[1], (at(1.1), Fate::Failed(GREETING)));
    assert_eq!(fates[2], (at(2.1), Fate::Accepted), "taken at 1.1, when acceptor and slot are free");
    assert_eq!(fates[3], (at(1.7), Fate::Failed(GREETING)), "taken at 1.1 too");
    assert_eq!(fates[4], (at(2.3), Fate::Failed(GREETING)), "taken at 1.7");
    assert_eq!(fates[5], (at(1.9), Fate::TimedOut));
    assert_eq!(fates[6], (at(3.3), Fate::Accepted), "taken at 2.3: the dead one before it costs nothing");
}

#[test]
fn a_refusal_can_use_a_slot() {
    let refusing = |slots| with(server(Some(slots)), limit(1, Uses::Slot, 0.6));
    let mut driver = Driver::new(refusing(2));
    driver.connect_all(&[0.0, 0.1, 0.2, 1.0]);
    driver.run();
    let fates = driver.by_message();
    assert_eq!(fates[1], (at(0.7), Fate::Failed(GREETING)));
    assert_eq!(fates[2], (at(0.8), Fate::Failed(GREETING)), "no slot is left and none is used");
    assert_eq!(fates[3], (at(2.0), Fate::Accepted));
    assert_eq!(driver.in_use.iter().map(|(_, in_use)| *in_use).max(), Some(2));
}

#[test]
fn a_backlog_waits_in_silence_and_in_order() {
    let fates = fates(with(server(Some(1)), backlog(8, 1.0)), &[0.0, 0.1, 0.2, 0.3]);
    assert_eq!(fates, [1.0, 2.0, 3.0, 4.0].map(|second| (at(second), Fate::Accepted)));
}

#[test]
fn an_abandoned_connection_costs_a_slot_later() {
    let mut driver = Driver::new(with(server(Some(1)), backlog(8, 0.25)));
    driver.patience.1 = seconds(0.5);
    driver.connect_all(&[0.0, 0.1, 0.7]);
    driver.run();
    let fates = driver.by_message();
    assert_eq!(fates[1], (at(0.6), Fate::TimedOut));
    assert_eq!(fates[2], (at(1.2), Fate::TimedOut), "the dead connection before it held the slot till 1.25");
    assert_eq!(driver.in_use.last(), Some(&(at(1.5), 0)), "and then it was dead itself");
}

#[test]
fn a_full_backlog_ignores_the_syn_until_it_is_repeated() {
    let fates = fates(with(server(Some(1)), backlog(1, 0.0)), &[0.0, 0.1, 0.2]);
    assert_eq!(fates[1], (at(2.0), Fate::Accepted));
    assert_eq!(fates[2], (at(3.0), Fate::Accepted), "in the backlog at 1.2");

    let mut slow = Driver::new(with(
        Settings { transaction: Law::Constant(seconds(100.0)), ..settings(Some(1)) },
        backlog(1, 0.0),
    ));
    slow.connect_all(&[0.0, 0.0, 0.0]);
    slow.run_until(at(31.0));
    assert_eq!(slow.fates, [(2, at(30.0), Fate::TimedOut)], "patience for the connect runs");
    slow.run();

    let mut late = Driver::new(with(
        Settings { transaction: Law::Constant(seconds(10.0)), ..settings(Some(1)) },
        backlog(1, 0.0),
    ));
    late.connect_all(&[0.0, 0.0, 0.0]);
    late.run();
    assert_eq!(late.greeted, [(0, at(0.0)), (1, at(10.0)), (2, at(20.0))], "in the backlog at 15");
}

/// A client whose SYN nobody answered gives up, and the next one has its line: what the kernel of the first repeats at 2.1 s is
/// not meant for the second, which repeats its own SYN at 2.8 s. The same message may come back, too.
#[test]
fn a_repeated_syn_is_meant_for_its_own_connection() {
    for again in [0, 3] {
        let mut driver = Driver::new(with(server(Some(1)), backlog(0, 0.0)));
        driver.patience.0 = seconds(0.5);
        driver.connect(at(1.0), 1, 1);
        driver.connect(at(1.1), 2, 0);
        driver.run_until(at(1.7));
        driver.patience.0 = seconds(30.0);
        driver.connect(at(1.8), 2, again);
        driver.run();
        assert_eq!(driver.greeted, [(1, at(1.0)), (again, at(2.8))]);
    }
}

#[test]
fn one_client_cannot_take_every_slot() {
    let gate = GateSettings::ClientLimit(ClientLimit { limit: 1, cost: Cost::NONE });
    let mut driver = Driver::new(with(server(Some(5)), gate));
    driver.connect(at(0.0), 1, 0);
    driver.connect(at(0.5), 1, 1);
    driver.connect(at(0.5), 2, 2);
    driver.connect(at(1.0), 1, 3);
    driver.run();
    let kinds: Vec<Fate> = driver.by_message().into_iter().map(|(_, fate)| fate).collect();
    assert_eq!(kinds, [Fate::Accepted, Fate::Failed(GREETING), Fate::Accepted, Fate::Accepted]);
}

#[test]
fn a_421_after_so_many_messages_closes_the_connection() {
    let gate = GateSettings::MessagesPerConnection(MessagesPerConnection { limit: 2 });
    let settings = Settings { idle_hold: seconds(9.0), ..with(server(Some(1)), gate) };
    let mut driver = Driver::new(settings);
    driver.messages = 5;
    driver.connect(at(0.0), 0, 0);
    driver.run();
    let refused = Failure::new(Stage::Mail, Some(Code::SERVICE_NOT_AVAILABLE));
    let expected = [(at(1.0), Fate::Accepted), (at(2.0), Fate::Accepted), (at(2.0), Fate::Failed(refused))];
    assert_eq!(driver.by_message(), expected);
    assert_eq!(driver.in_use.last(), Some(&(at(2.0), 0)), "who closes does not wait");
}

#[test]
fn the_first_refusal_in_the_order_of_the_settings_wins() {
    let reply = |code| {
        let rate = "1/h".parse().expect("a rate");
        let (shape, counts, scope) = (Shape::TokenBucket { burst: 1.0 }, Counts::Accepted, Scope::All);
        let code = Code::new(code);
        GateSettings::RateLimit(RateLimit {
            stage: Stage::Rcpt,
            code,
            rate,
            shape,
            counts,
            scope,
            cost: Cost::NONE,
        })
    };
    let fates = fates(with(with(settings(None), reply(450)), reply(452)), &[0.0, 1.0]);
    assert_eq!(fates[0].1, Fate::Accepted);
    assert_eq!(fates[1].1, Fate::Failed(Failure::new(Stage::Rcpt, Some(Code::new(450)))));
}

#[test]
fn a_rejected_message_is_rejected_after_a_round_trip() {
    let gate = Reject { share: 1.0, stage: Stage::Rcpt, code: Code::MAILBOX_UNAVAILABLE };
    let settings = Settings { round_trip: seconds(0.05), ..server(None) };
    let fates = fates(with(settings, GateSettings::Reject(gate)), &[0.0]);
    let failure = Failure::new(Stage::Rcpt, Some(Code::MAILBOX_UNAVAILABLE));
    assert_eq!(fates, [(at(0.1), Fate::Failed(failure))]);
}

#[test]
fn a_slow_server_takes_longer() {
    let gate = Slowdown::ByConnections { from: 1, to: 2, factor: 3.0 };
    let fates = fates(with(server(None), GateSettings::Slowdown(gate)), &[0.0, 0.5]);
    assert_eq!(fates, [(at(1.0), Fate::Accepted), (at(3.5), Fate::Accepted)]);
}

#[test]
fn a_transfer_that_was_cut_is_not_greylisted_again() {
    let (delay, forget) = (seconds(5.0), seconds(500.0));
    let gate = Greylist { delay, forget, known: 0.0, stage: Stage::Rcpt, code: Code::TRY_AGAIN };
    let cut = Maintenance { sessions: Sessions::Cut, ..window(10.5, 11.0) };
    let settings = with(server(None), GateSettings::Greylist(gate));
    let mut driver = Driver::new(with(settings, GateSettings::Maintenance(cut)));
    for second in [0.0, 10.0, 12.0, 14.0] {
        driver.connect(at(second), 0, 7);
    }
    driver.run();
    let kinds: Vec<Fate> = driver.by_message().into_iter().map(|(_, fate)| fate).collect();
    let put_off = Fate::Failed(Failure::new(Stage::Rcpt, Some(Code::TRY_AGAIN)));
    assert_eq!(kinds, [put_off, Fate::Cut, Fate::Accepted, put_off], "what was accepted is forgotten");
}

/// A gate of somebody else's: every second message is refused.
#[derive(Debug)]
struct EverySecond;

#[derive(Debug, Default)]
struct Counting {
    seen: u32,
}

impl Blueprint for EverySecond {
    fn build(&self, _key: Key) -> Box<dyn Gate + Send> {
        Box::new(Counting::default())
    }
}

impl Gate for Counting {
    fn stage(&self) -> Option<Stage> {
        Some(Stage::Data)
    }

    fn refuses(&mut self, _attempt: &Attempt) -> bool {
        !self.seen.is_multiple_of(2)
    }

    fn told(&mut self, _attempt: &Attempt, _told: Told) {
        self.seen += 1;
    }

    fn refusal(&self) -> Refusal {
        Refusal { failure: Failure::new(Stage::Data, Some(Code::TRY_AGAIN)), cost: Cost::NONE }
    }
}

#[test]
fn gates_can_come_from_outside() {
    let gate = GateSettings::Custom(Arc::new(EverySecond));
    let fates = fates(with(settings(None), gate), &[0.0, 1.0, 2.0]);
    let accepted: Vec<bool> = fates.into_iter().map(|(_, fate)| fate == Fate::Accepted).collect();
    assert_eq!(accepted, [true, false, true]);
}

/// Erlang's loss formula, offered load 5, 7 slots: blocking 0.1205186350734, for every law of the
/// session time. 20 batches of 5000 arrivals after one for warming up; Student's t with 19 degrees of
/// freedom, |t| < 6.1 (error probability 1e-5 for each law).
#[test]
fn full_slots_block_as_erlang_says() {
    let laws = [
        Law::Exponential(Span::SECOND),
        Law::Constant(Span::SECOND),
        Law::Gamma { mean: Span::SECOND, shape: 0.5 },
    ];
    for (stream, transaction) in (0..).zip(laws) {
        let mut driver = Driver::new(Settings { transaction, ..settings(Some(7)) });
        let mut draw = Key::new(421, stream).draw(Purpose::Arrival, 0, 0);
        let mut now = Instant::ZERO;
        for message in 0..105_000 {
            now += seconds(draw.exponential() / 5.0);
            driver.connect(now, 0, message);
        }
        driver.run();
        let fates = driver.by_message();
        let shares: Vec<f64> = fates[5_000..]
            .chunks(5_000)
            .map(|batch| batch.iter().filter(|(_, fate)| *fate != Fate::Accepted).count() as f64 / 5_000.0)
            .collect();
        let mean = shares.iter().sum::<f64>() / 20.0;
        let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / 19.0;
        let t = (mean - 0.1205186350734) / (variance / 20.0).sqrt();
        assert!(t.abs() < 6.1, "{mean}, t = {t}");
    }
}
