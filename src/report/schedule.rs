//! Schedules: when mail is tried that always fails, for several policies side by side.

mod crowd;
mod picture;

use super::error::ReportError;
use super::grid::{self, Grid, Layout};
use super::listing::{self, Field};
use crate::sender::schedule::{End, HeldBack};
use crate::sender::{Held, Schedule};
use crate::time::{Instant, Span};

pub use picture::picture;

/// The columns of the long form, in their order.
///
/// `t_s` is the time since the first arrival and `gap_s` that since the last attempt of the message, in
/// seconds; `attempt` counts from 1; `what` is `attempt`, `held-back`, `warned`, `bounced` or
/// `still-queued`; `why` is the reason of a bounce or of being held back; `message` counts from 1.
pub const COLUMNS: [&str; 7] = ["policy", "attempt", "t_s", "gap_s", "what", "why", "message"];

/// Schedules and whose they are.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Name of the policy.
    pub policy: String,
    /// What it does with the messages of one host, the first of which arrives at zero; at least one.
    pub messages: Vec<Schedule>,
}

/// What is followed as a table: a line for each attempt of one message and two columns for each policy,
/// or a table of instants for each policy; and below how each schedule ends.
pub fn table(followed: &[Followed], layout: Layout) -> String {
    let mut text = match followed.iter().all(|one| one.messages.len() == 1) {
        true => side_by_side(followed).text(layout) + "\n",
        false => followed.iter().map(|one| crowd::table(one, layout)).collect(),
    };
    let endings: Vec<String> =
        followed.iter().map(|one| format!("{}: {}", one.policy, ending(one))).collect();
    text.push_str(&grid::notes(&endings, layout));
    text
}

/// The attempts of one message under each policy.
fn side_by_side(followed: &[Followed]) -> Grid {
    let schedules: Vec<&Schedule> = followed.iter().flat_map(|one| &one.messages).collect();
    let names = followed.iter().flat_map(|one| [one.policy.as_str(), "gap"]);
    let lines = schedules.iter().map(|one| one.attempts.len()).max().unwrap_or_default();
    let rows = (0..lines).map(|index| {
        let cells = schedules.iter().flat_map(|one| {
            let at = one.attempts.get(index).map(|at| glance(*at - Instant::ZERO));
            let gap = gap(one, index).map(glance);
            [at.unwrap_or_default(), gap.unwrap_or_default()]
        });
        std::iter::once((index + 1).to_string()).chain(cells).collect()
    });
    let columns = std::iter::once("attempt").chain(names).map(str::to_owned).collect();
    Grid { columns, rows: rows.collect(), names: 0 }
}

/// The long form as CSV, with the columns [`COLUMNS`].
///
/// # Errors
/// None that a schedule can cause.
pub fn to_csv(followed: &[Followed]) -> Result<Vec<u8>, ReportError> {
    listing::to_csv(&COLUMNS, &rows(followed))
}

/// The long form as a JSON array of objects whose keys are [`COLUMNS`].
///
/// # Errors
/// None that a schedule can cause.
pub fn to_json(followed: &[Followed]) -> Result<String, serde_json::Error> {
    listing::to_json(&COLUMNS, &rows(followed))
}

/// How it ends, in one line.
fn ending(followed: &Followed) -> String {
    match followed.messages.as_slice() {
        [schedule] => ending_of_one(schedule),
        _ => crowd::ending(followed),
    }
}

fn ending_of_one(schedule: &Schedule) -> String {
    let mut said = vec![counted(schedule.attempts.len(), "attempt")];
    match schedule.held_back.len() {
        0 => {}
        1 => said.push("held back once".to_owned()),
        times => said.push(format!("held back {times} times")),
    }
    if !schedule.warned.is_empty() {
        let at: Vec<String> = schedule.warned.iter().map(|at| glance(*at - Instant::ZERO)).collect();
        said.push(format!("author warned after {}", at.join(", ")));
    }
    said.push(match schedule.end {
        End::Bounced { at, why } => format!("given up after {} ({why})", glance(at - Instant::ZERO)),
        End::StillQueued => "still queued; not followed any further".to_owned(),
    });
    said.join(", ")
}

/// A number of things, as `1 attempt` or `2 attempts`.
fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// The rows of the long form, policy after policy and message after message, each in the order of time.
fn rows(followed: &[Followed]) -> Vec<Vec<Field>> {
    let messages = |one: &'_ Followed| -> Vec<Vec<Field>> {
        let numbered = one.messages.iter().enumerate();
        numbered.flat_map(|(place, schedule)| rows_of(&one.policy, place + 1, schedule)).collect()
    };
    followed.iter().flat_map(messages).collect()
}

fn rows_of(policy: &str, message: usize, schedule: &Schedule) -> Vec<Vec<Field>> {
    let row = |attempt: Option<usize>, at: Option<Instant>, gap: Option<Span>, what: &str, why: &str| {
        vec![
            Field::Text(policy.to_owned()),
            attempt.map_or(Field::Empty, Field::Count),
            at.map_or(Field::Empty, |at| Field::Seconds(at - Instant::ZERO)),
            gap.map_or(Field::Empty, Field::Seconds),
            Field::Text(what.to_owned()),
            if why.is_empty() { Field::Empty } else { Field::Text(why.to_owned()) },
            Field::Count(message),
        ]
    };
    let mut timed: Vec<(Instant, Vec<Field>)> = Vec::new();
    for (index, &at) in schedule.attempts.iter().enumerate() {
        timed.push((at, row(Some(index + 1), Some(at), gap(schedule, index), "attempt", "")));
    }
    for &HeldBack { at, held } in &schedule.held_back {
        timed.push((at, row(None, Some(at), None, "held-back", reason(held))));
    }
    timed.extend(schedule.warned.iter().map(|&at| (at, row(None, Some(at), None, "warned", ""))));
    // Stable: what happens at the same instant stays in the order above.
    timed.sort_by_key(|(at, _)| *at);
    let last = match schedule.end {
        End::Bounced { at, why } => row(None, Some(at), None, "bounced", why.name()),
        End::StillQueued => row(None, None, None, "still-queued", ""),
    };
    timed.into_iter().map(|(_, row)| row).chain([last]).collect()
}

/// Why a message was held back, as the long form says it.
fn reason(held: Held) -> &'static str {
    match held {
        Held::Wait => "not yet time",
        Held::Defer => "suspended",
    }
}

/// The time between an attempt and the one before it.
fn gap(schedule: &Schedule, index: usize) -> Option<Span> {
    let before = schedule.attempts.get(index.checked_sub(1)?)?;
    schedule.attempts.get(index).map(|at| *at - *before)
}

/// A span as scenario files write it; whole seconds from a minute on and milliseconds from a second on,
/// because nobody reads the microseconds of a drawn hour.
fn glance(span: Span) -> String {
    let step = match span.as_micros() {
        60_000_000.. => 1_000_000,
        1_000_000.. => 1_000,
        _ => 1,
    };
    Span::from_micros((span.as_micros() + step / 2) / step * step).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tables::Style;
    use crate::sender::BounceReason;

    fn at(seconds: i64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    fn followed() -> Vec<Followed> {
        let short = Schedule {
            attempts: vec![at(0), at(300), at(4500)],
            end: End::Bounced { at: at(4500), why: BounceReason::TooOld },
            held_back: vec![HeldBack { at: at(600), held: Held::Defer }],
            warned: vec![at(3600)],
        };
        let long = Schedule {
            attempts: vec![at(0), at(60), at(120), at(180)],
            end: End::StillQueued,
            held_back: vec![],
            warned: vec![],
        };
        vec![
            Followed { policy: "short".to_owned(), messages: vec![short] },
            Followed { policy: "long".to_owned(), messages: vec![long] },
        ]
    }

    #[test]
    fn policies_stand_side_by_side() {
        let text = table(&followed(), Layout::Terminal(Style { colours: false, width: None }));
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[1], ["attempt", "short", "gap", "long", "gap"]);
        assert_eq!(words[5], ["3", "1h15m", "1h10m", "2m", "1m"], "{text}");
        assert_eq!(words[6], ["4", "3m", "1m"], "{text}");
        assert!(text.ends_with(
            "short: 3 attempts, held back once, author warned after 1h, given up after 1h15m (too old)\n\
             long: 4 attempts, still queued; not followed any further\n"
        ));
    }

    #[test]
    fn the_long_form_is_in_the_order_of_time() {
        let csv = to_csv(&followed()[..1]).expect("nothing can fail");
        let expected = "policy,attempt,t_s,gap_s,what,why,message\n\
             short,1,0,,attempt,,1\n\
             short,2,300,300,attempt,,1\n\
             short,,600,,held-back,suspended,1\n\
             short,,3600,,warned,,1\n\
             short,3,4500,4200,attempt,,1\n\
             short,,4500,,bounced,too old,1\n";
        assert_eq!(String::from_utf8_lossy(&csv), expected);
        let json = to_json(&followed()[1..]).expect("nothing can fail");
        let read: Vec<serde_json::Value> = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!((read.len(), read[4]["what"].as_str()), (5, Some("still-queued")));
        assert_eq!((&read[1]["t_s"], &read[4]["t_s"]), (&60.0.into(), &serde_json::Value::Null));
    }

    #[test]
    fn drawn_times_are_rounded_for_people() {
        for (micros, text) in
            [(250_000, "250ms"), (1_234_567, "1s235ms"), (4_200_499_999, "1h10m"), (4_200_500_000, "1h10m1s")]
        {
            assert_eq!(glance(Span::from_micros(micros)), text);
        }
    }
}
