//! Schedules: when a message is tried that always fails, for several policies side by side.

use comfy_table::CellAlignment;

use super::error::ReportError;
use super::listing::{self, Field};
use super::tables::{self, Style};
use crate::sender::Schedule;
use crate::sender::schedule::End;
use crate::time::{Instant, Span};

/// The columns of the long form, in their order.
///
/// `t_s` is the time since arrival and `gap_s` that since the last attempt, in seconds; `attempt` counts
/// from 1; `what` is `attempt`, `held-back`, `warned`, `bounced` or `still-queued`; `why` is the
/// reason of a bounce.
pub const COLUMNS: [&str; 6] = ["policy", "attempt", "t_s", "gap_s", "what", "why"];

/// A schedule and whose it is.
#[derive(Clone, Debug)]
pub struct Followed {
    /// Name of the policy.
    pub policy: String,
    /// What it does with one message that arrives at zero.
    pub schedule: Schedule,
}

/// All attempts, a line each and two columns for each policy, and below how each schedule ends.
pub fn table(followed: &[Followed], style: Style) -> String {
    let mut table = tables::empty(style);
    let names = followed.iter().flat_map(|one| [one.policy.as_str(), "gap"]);
    table.set_header(std::iter::once("attempt").chain(names));
    let lines = followed.iter().map(|one| one.schedule.attempts.len()).max().unwrap_or_default();
    for index in 0..lines {
        let cells = followed.iter().flat_map(|one| {
            let at = one.schedule.attempts.get(index).map(|at| glance(*at - Instant::ZERO));
            let gap = gap(&one.schedule, index).map(glance);
            [at.unwrap_or_default(), gap.unwrap_or_default()]
        });
        table.add_row(std::iter::once((index + 1).to_string()).chain(cells));
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = table.trim_fmt() + "\n\n";
    for one in followed {
        text += &tables::wrap(&format!("{}: {}", one.policy, ending(&one.schedule)), style);
        text.push('\n');
    }
    text
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

/// How a schedule ends, in one line.
fn ending(schedule: &Schedule) -> String {
    let mut said = vec![match schedule.attempts.len() {
        1 => "1 attempt".to_owned(),
        attempts => format!("{attempts} attempts"),
    }];
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

/// The rows of the long form, policy after policy, each in the order of time.
fn rows(followed: &[Followed]) -> Vec<Vec<Field>> {
    followed.iter().flat_map(rows_of).collect()
}

fn rows_of(followed: &Followed) -> Vec<Vec<Field>> {
    let schedule = &followed.schedule;
    let row = |attempt: Option<usize>, at: Option<Instant>, gap: Option<Span>, what: &str, why: &str| {
        vec![
            Field::Text(followed.policy.clone()),
            attempt.map_or(Field::Empty, Field::Count),
            at.map_or(Field::Empty, |at| Field::Seconds(at - Instant::ZERO)),
            gap.map_or(Field::Empty, Field::Seconds),
            Field::Text(what.to_owned()),
            if why.is_empty() { Field::Empty } else { Field::Text(why.to_owned()) },
        ]
    };
    let mut timed: Vec<(Instant, Vec<Field>)> = Vec::new();
    for (index, &at) in schedule.attempts.iter().enumerate() {
        timed.push((at, row(Some(index + 1), Some(at), gap(schedule, index), "attempt", "")));
    }
    timed.extend(
        schedule.held_back.iter().map(|one| (one.at, row(None, Some(one.at), None, "held-back", ""))),
    );
    timed.extend(schedule.warned.iter().map(|&at| (at, row(None, Some(at), None, "warned", ""))));
    // Stable: what happens at the same instant stays in the order above.
    timed.sort_by_key(|(at, _)| *at);
    let last = match schedule.end {
        End::Bounced { at, why } => row(None, Some(at), None, "bounced", why.name()),
        End::StillQueued => row(None, None, None, "still-queued", ""),
    };
    timed.into_iter().map(|(_, row)| row).chain([last]).collect()
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
    use crate::sender::schedule::HeldBack;
    use crate::sender::{BounceReason, Held};

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
            Followed { policy: "short".to_owned(), schedule: short },
            Followed { policy: "long".to_owned(), schedule: long },
        ]
    }

    #[test]
    fn policies_stand_side_by_side() {
        let text = table(&followed(), Style { colours: false, width: None });
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
        let expected = "policy,attempt,t_s,gap_s,what,why\n\
             short,1,0,,attempt,\n\
             short,2,300,300,attempt,\n\
             short,,600,,held-back,\n\
             short,,3600,,warned,\n\
             short,3,4500,4200,attempt,\n\
             short,,4500,,bounced,too old\n";
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
