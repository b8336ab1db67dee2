//! Properties that hold for whatever settings and whatever clients.

use proptest::prelude::*;

use super::*;

fn any_window() -> impl Strategy<Value = GateSettings> {
    let answer = prop_oneof![
        Just(GREETING),
        Just(CLOSED),
        Just(Failure::new(Stage::Timeout, None)),
        Just(Failure::new(Stage::Data, Some(Code::SERVICE_NOT_AVAILABLE))),
    ];
    let sessions = prop_oneof![Just(Sessions::Cut), Just(Sessions::Finish)];
    let reopen =
        prop_oneof![Just(Reopen::AtOnce), Just(Reopen::Staged { over: Span::from_seconds(6), steps: 3 })];
    let bounds = (0..30i32, 1..20i32);
    (answer, sessions, reopen, bounds, 0..4u8).prop_map(
        |(answer, sessions, reopen, (start, length), quarter)| {
            let window = window(f64::from(start), f64::from(start + length));
            let capacity = f64::from(quarter) / 4.0;
            GateSettings::Maintenance(Maintenance { answer, sessions, reopen, capacity, ..window })
        },
    )
}

fn any_gate() -> impl Strategy<Value = GateSettings> {
    let uses = || prop_oneof![Just(Uses::Acceptor), Just(Uses::Slot)];
    let noise = |stage, cost| Unreliable { stage, probability: 0.3, code: Code::SERVICE_NOT_AVAILABLE, cost };
    let stage = prop_oneof![Just(Stage::Timeout), Just(Stage::Greeting), Just(Stage::Mail)];
    let greylist = Greylist {
        delay: Span::SECOND,
        forget: Span::FOREVER,
        known: 0.5,
        stage: Stage::Rcpt,
        code: Code::new(451),
    };
    prop_oneof![
        (1..6u32, uses(), 0..3u8).prop_map(|(most, uses, takes)| limit(most, uses, f64::from(takes) * 0.3)),
        (0..5u32, 0..3u8).prop_map(|(length, takes)| backlog(length, f64::from(takes) * 0.5)),
        (stage, uses()).prop_map(move |(stage, uses)| {
            GateSettings::Unreliable(noise(stage, Cost { uses, takes: Span::from_micros(200_000) }))
        }),
        Just(GateSettings::Greylist(greylist)),
        any_window(),
        any_window(),
    ]
}

proptest! {
    /// The driver checks that no more slots are in use than there are, that every connection comes to
    /// an end, and that no slot is lost.
    #[test]
    fn every_message_has_one_fate(
        slots in proptest::option::of(1..6u32),
        gates in proptest::collection::vec(any_gate(), 0..5),
        connects in proptest::collection::vec((0..400i32, 0..4u32), 1..120),
        hold in 0..3u8,
        patience in 1..8u8,
        messages in 1..3u32,
    ) {
        let idle_hold = seconds(f64::from(hold) * 0.4);
        let setup = Law::Exponential(seconds(0.5));
        let settings = gates.into_iter().fold(Settings { idle_hold, setup, ..server(slots) }, with);
        let mut driver = Driver::new(settings);
        driver.messages = messages;
        driver.patience = (seconds(f64::from(patience)), seconds(f64::from(patience) * 2.0));
        let count = connects.len();
        for (index, (tenths, client)) in (0..).zip(connects) {
            driver.connect(at(f64::from(tenths) / 10.0), client, index * messages);
        }
        driver.run();
        let firsts = driver.fates.iter().filter(|(message, ..)| message % messages == 0).count();
        prop_assert_eq!(firsts, count);
        let mut names: Vec<u32> = driver.fates.iter().map(|(message, ..)| *message).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), driver.fates.len());
    }
}
