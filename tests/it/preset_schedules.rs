//! Presets that follow a program's schedule, against the rows of `tests/fixtures/mta/schedules.csv`.

use std::sync::Arc;

use tempfail::random::Key;
use tempfail::scenario::{PolicyChoice, lower, preset};
use tempfail::sender::schedule::{End, Limits, schedule};
use tempfail::smtp::{Code, Failure, Stage};

const SCHEDULES: &str = include_str!("../fixtures/mta/schedules.csv");

/// Presets with the number of attempts and the second at which the message is given up.
const ENDS: &[(&str, usize, f64)] = &[
    ("sendmail", 241, 432_000.0),
    ("sendmail-by-age", 37, 436_800.0),
    ("nullmailer", 18, 641_220.0),
];

#[test]
fn presets_follow_the_schedules_of_their_programs() {
    for &(name, attempts, end) in ENDS {
        let Some(PolicyChoice::Policy(policy)) = preset(name) else { panic!("{name} is a policy") };
        let policy = lower::policy(name, &policy).expect("presets can be run");
        let busy = Failure { stage: Stage::Greeting, code: Some(Code::SERVICE_NOT_AVAILABLE) };
        let followed = schedule(&Arc::new(policy), busy, Key::new(1, 0), Limits::default());
        let got: Vec<f64> = followed.attempts.iter().map(|at| at.as_seconds()).collect();
        let wanted = rows(name);
        assert!(wanted.len() > 6, "{name}");
        for (place, wanted) in wanted.iter().enumerate() {
            assert!((got[place] - wanted).abs() <= 1.0, "{name}: attempt {} at {}", place + 1, got[place]);
        }
        assert_eq!(got.len(), attempts, "{name}");
        let End::Bounced { at, .. } = followed.end else { panic!("{name} gives up") };
        assert!((at.as_seconds() - end).abs() <= 1.0, "{name}: given up at {at}");
    }
}

fn rows(policy: &str) -> Vec<f64> {
    let rows = SCHEDULES.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[0] == policy).map(|row| row[2].parse().expect("a number")).collect()
}
