//! Schedules of real senders for a message that always gets 421, from `tests/fixtures/mta/schedules.json`, through
//! the policies that a user would name.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use tempfail::mta;
use tempfail::random::Key;
use tempfail::scenario::{Paint, PolicyChoice, Scenario, Sources, load, lower, preset};
use tempfail::sender::schedule::{End, Limits, Schedule, schedule};
use tempfail::smtp::{Code, Failure, Stage};
use tempfail::time::Instant;

use super::support::scenario;

const ROWS: &str = include_str!("../fixtures/mta/schedules.json");
const POLICIES: &str = include_str!("../fixtures/mta/schedules.toml");

/// What a sender does with a message that always gets 421.
#[derive(Deserialize)]
struct Row {
    name: String,
    /// How often it is tried.
    attempt_count: usize,
    /// When it is given up, in seconds after its arrival.
    give_up_s: f64,
    /// When it is tried, at most the first 60 times.
    attempts_s: Vec<f64>,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(ROWS).expect("the rows are JSON")
}

fn choices(scenario: &Scenario) -> BTreeMap<&str, &PolicyChoice> {
    scenario.policies.iter().map(|(name, choice)| (name.as_str(), choice)).collect()
}

fn follow(name: &str, choice: &PolicyChoice, seed: u64) -> Schedule {
    let PolicyChoice::Policy(written) = choice else { panic!("{name} has no schedule") };
    let policy = lower::policy(name, written).expect("it was checked");
    let busy = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));
    schedule(&Arc::new(policy), busy, Key::new(seed, 0), Limits::default())
}

/// What is different, if anything is; instants agree to the second, as most programs count them.
fn difference(row: &Row, found: &Schedule) -> Option<String> {
    let differs = |got: Instant, wanted: f64| (got.as_seconds() - wanted).abs() > 1.0;
    for (place, &wanted) in row.attempts_s.iter().enumerate() {
        let got = found.attempts.get(place).copied().unwrap_or(Instant::NEVER);
        if differs(got, wanted) {
            return Some(format!("attempt {} at {got}, not {wanted} s", place + 1));
        }
    }
    if found.attempts.len() != row.attempt_count {
        return Some(format!("{} attempts, not {}", found.attempts.len(), row.attempt_count));
    }
    match found.end {
        End::Bounced { at, .. } if !differs(at, row.give_up_s) => None,
        end => Some(format!("{end:?}, not given up at {} s", row.give_up_s)),
    }
}

#[test]
fn every_schedule_is_that_of_the_real_sender() {
    let scenario = scenario(POLICIES, &[]);
    let choices = choices(&scenario);
    let mut wrong = Vec::new();
    for row in rows() {
        match choices.get(row.name.as_str()) {
            None => wrong.push(format!("{}: no policy", row.name)),
            Some(choice) => {
                let difference = difference(&row, &follow(&row.name, choice, 1));
                wrong.extend(difference.map(|difference| format!("{}: {difference}", row.name)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let known: Vec<String> = rows().into_iter().map(|row| row.name).collect();
    for name in choices.keys() {
        assert!(known.iter().any(|row| row == name), "{name} is no row");
    }
}

/// With chance, each delay lies where the source says, whatever the seed.
#[test]
fn chance_stays_within_its_bounds() {
    // Of a delay d without chance: a share less and more, and seconds less and more.
    let bounds: [(&str, [f64; 2], [f64; 2]); 4] = [
        ("kumomta", [1.0, 1.0], [-30.0, 30.0]),
        ("mox", [1.0 - 5.0 / 450.0, 1.0 + 5.0 / 450.0], [0.0, 0.0]),
        ("celery", [0.0, 1.0], [0.0, 0.0]),
        ("chasquid", [1.0, 1.0], [0.0, 60.0]),
    ];
    let scenario = scenario(POLICIES, &[]);
    let plain = choices(&scenario);
    for (name, shares, seconds) in bounds {
        let row = if name == "celery" { "celery_autoretry" } else { name };
        let expected = gaps(&follow(row, plain[row], 1));
        let choice = preset(name).expect("it is built in");
        for seed in 1..=200 {
            let drawn = gaps(&follow(name, &choice, seed));
            // How chasquid's steps follow each other depends on the draws.
            let count = if name == "chasquid" { 2 } else { drawn.len().min(expected.len()) };
            for (got, plain) in drawn.iter().zip(&expected).take(count) {
                let [least, most] = [0, 1].map(|end| plain * shares[end] + seconds[end]);
                assert!((least - 1e-3..=most + 1e-3).contains(got), "{name}: {got} s instead of {plain} s");
            }
        }
    }
}

/// Of dma each delay is 1.5 to 2.5 times the one before, up to three hours.
#[test]
fn chance_compounds_in_dma() {
    let dma = preset("dma").expect("it is built in");
    let mut early = Vec::new();
    for seed in 1..=200 {
        let gaps = gaps(&follow("dma", &dma, seed));
        assert_eq!(gaps[0], 300.0);
        for (place, pair) in gaps.windows(2).enumerate() {
            let ratio = pair[1] / pair[0];
            // A clock of whole seconds rounds up.
            assert!(pair[1] <= 10_801.0 && ratio <= 2.51, "{pair:?}");
            assert!(ratio >= 1.49 || pair[1] >= 10_800.0, "{pair:?}");
            // 300 s times 2.5 three times is still below the cap.
            if place < 3 {
                early.push(ratio);
            }
        }
    }
    // Uniform from 1.5 to 2.5: 4.4 standard errors are exceeded once in 100000 times.
    let mean = early.iter().sum::<f64>() / early.len() as f64;
    let tolerance = 4.4 / (12.0 * early.len() as f64).sqrt();
    assert!((mean - 2.0).abs() < tolerance, "{mean}");
}

fn gaps(schedule: &Schedule) -> Vec<f64> {
    schedule.attempts.windows(2).map(|pair| (pair[1] - pair[0]).as_seconds()).collect()
}

#[test]
fn every_preset_means_something_and_ends() {
    let (head, _) = POLICIES.split_once("[policies]").expect("it has policies");
    // A message that is tried at once is tried too often for any scenario of eight days.
    let names = mta::presets().iter().map(|preset| preset.name).filter(|&name| name != "immediate");
    let all: Vec<String> = names.map(|name| format!("{name} = \"{name}\"\n")).collect();
    let mut sources = Sources::new();
    sources.add("all.toml", format!("{head}[policies]\n{}", all.concat()));
    let checked = load(&mut sources, "all.toml", &[]);
    let checked = checked.unwrap_or_else(|findings| panic!("{}", findings.render(&sources, Paint::Plain)));
    assert!(checked.warnings.is_empty(), "{}", checked.warnings.render(&sources, Paint::Plain));
    for (name, choice) in choices(&checked.scenario).into_iter().filter(|(name, _)| *name != "clairvoyant") {
        let found = follow(name, choice, 1);
        assert!(matches!(found.end, End::Bounced { .. }), "{name}: {:?}", found.end);
    }
}
