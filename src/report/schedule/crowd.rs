//! Schedules of several messages of one host: who is tried when, and who is held back.

use std::collections::BTreeMap;

use super::super::grid::{Grid, Layout};
use super::{Followed, counted, glance};
use crate::sender::Held;
use crate::sender::schedule::End;
use crate::time::{Instant, Span};

/// Longest list of messages in a cell, in characters.
const LONGEST: usize = 28;
/// What happens so soon after another thing stands in the same line.
const TOGETHER: Span = Span::SECOND;

/// What happens at one instant: the messages concerned, by number from 1.
#[derive(Clone, Debug, Default)]
struct Moment {
    tried: Vec<usize>,
    waiting: Vec<usize>,
    deferred: Vec<usize>,
    warned: usize,
    given_up: Vec<usize>,
}

impl Moment {
    /// Adds what happens a little later.
    fn join(&mut self, later: Self) {
        let join = |messages: &mut Vec<usize>, more: Vec<usize>| {
            messages.extend(more);
            messages.sort_unstable();
            messages.dedup();
        };
        join(&mut self.tried, later.tried);
        join(&mut self.waiting, later.waiting);
        join(&mut self.deferred, later.deferred);
        join(&mut self.given_up, later.given_up);
        self.warned += later.warned;
    }
}

/// A line for each instant at which something happens to one of the messages, with what follows within a
/// second.
pub(super) fn table(followed: &Followed, layout: Layout) -> String {
    let columns =
        [followed.policy.as_str(), "gap", "tried", "not yet time", "suspended", "warned", "given up"];
    let mut before: Option<Instant> = None;
    let mut rows: Vec<[String; 7]> = Vec::new();
    for (&at, moment) in &moments(followed) {
        let gap = before.map(|before| glance(at - before)).unwrap_or_default();
        rows.push([
            glance(at - Instant::ZERO),
            gap,
            listed(&moment.tried),
            listed(&moment.waiting),
            listed(&moment.deferred),
            if moment.warned == 0 { String::new() } else { moment.warned.to_string() },
            listed(&moment.given_up),
        ]);
        before = Some(at);
    }
    let is_shown = |place: usize| rows.iter().any(|row| !row[place].is_empty());
    let shown: Vec<usize> = (0..columns.len()).filter(|&place| is_shown(place)).collect();
    let grid = Grid {
        columns: shown.iter().map(|&place| columns[place].to_owned()).collect(),
        rows: rows.iter().map(|row| shown.iter().map(|&place| row[place].clone()).collect()).collect(),
        names: 0,
    };
    grid.text(layout) + "\n"
}

/// What became of all messages, in one line.
pub(super) fn ending(followed: &Followed) -> String {
    let messages = &followed.messages;
    let connections: usize = messages.iter().map(|one| one.attempts.len()).sum();
    let mut said = vec![counted(messages.len(), "message"), counted(connections, "connection")];
    for (held, words) in [(Held::Wait, "not yet time"), (Held::Defer, "suspended")] {
        let times = messages.iter().flat_map(|one| &one.held_back).filter(|one| one.held == held).count();
        if times > 0 {
            said.push(format!("held back {} ({words})", counted(times, "time")));
        }
    }
    let untried = messages.iter().filter(|one| one.attempts.is_empty()).count();
    if untried > 0 {
        said.push(format!("{untried} never tried"));
    }
    let warned = messages.iter().filter(|one| !one.warned.is_empty()).count();
    if warned > 0 {
        said.push(format!("{} warned", counted(warned, "author")));
    }
    said.push(ends(followed));
    said.join(", ")
}

/// When how many messages were given up.
fn ends(followed: &Followed) -> String {
    let ends = followed.messages.iter().filter_map(|one| match one.end {
        End::Bounced { at, .. } => Some(at),
        End::StillQueued => None,
    });
    let mut ends: Vec<Instant> = ends.collect();
    ends.sort_unstable();
    let left = followed.messages.len() - ends.len();
    let mut said = match ends.as_slice() {
        [] => return "all still queued; not followed any further".to_owned(),
        [first, .., last] if first != last => {
            let [first, last] = [first, last].map(|at| glance(*at - Instant::ZERO));
            format!("{} given up after {first} to {last}", ends.len())
        }
        [first, ..] => format!("{} given up after {}", ends.len(), glance(*first - Instant::ZERO)),
    };
    if left > 0 {
        said.push_str(&format!(", {left} still queued; not followed any further"));
    }
    said
}

fn moments(followed: &Followed) -> BTreeMap<Instant, Moment> {
    let mut rows: BTreeMap<Instant, Moment> = BTreeMap::new();
    let mut first = None;
    for (at, moment) in instants(followed) {
        let row = *first.insert(first.filter(|first| at - *first < TOGETHER).unwrap_or(at));
        rows.entry(row).or_default().join(moment);
    }
    rows
}

fn instants(followed: &Followed) -> BTreeMap<Instant, Moment> {
    let mut moments: BTreeMap<Instant, Moment> = BTreeMap::new();
    for (place, schedule) in followed.messages.iter().enumerate() {
        let message = place + 1;
        for &at in &schedule.attempts {
            moments.entry(at).or_default().tried.push(message);
        }
        for one in &schedule.held_back {
            let moment = moments.entry(one.at).or_default();
            match one.held {
                Held::Wait => moment.waiting.push(message),
                Held::Defer => moment.deferred.push(message),
            }
        }
        for &at in &schedule.warned {
            moments.entry(at).or_default().warned += 1;
        }
        if let End::Bounced { at, .. } = schedule.end {
            moments.entry(at).or_default().given_up.push(message);
        }
    }
    moments
}

/// How many, and which as far as there is room: `5: 1-3, 7, 9`.
fn listed(messages: &[usize]) -> String {
    if messages.is_empty() {
        return String::new();
    }
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &message in messages {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 >= message => *last = message,
            _ => runs.push((message, message)),
        }
    }
    let mut text = format!("{}:", messages.len());
    for (place, (first, last)) in runs.into_iter().enumerate() {
        let run = if first == last { first.to_string() } else { format!("{first}-{last}") };
        if text.len() + run.len() > LONGEST {
            return text + ", ...";
        }
        text.push_str(if place == 0 { " " } else { ", " });
        text.push_str(&run);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tables::Style;
    use crate::sender::schedule::HeldBack;
    use crate::sender::{BounceReason, Schedule};

    #[test]
    fn lists_of_messages_are_short() {
        assert_eq!(listed(&[]), "");
        assert_eq!(listed(&[7]), "1: 7");
        assert_eq!(listed(&[1, 2, 3, 7, 9, 10]), "6: 1-3, 7, 9-10");
        let odd: Vec<usize> = (0..100).map(|n| 2 * n + 1).collect();
        assert_eq!(listed(&odd), "100: 1, 3, 5, 7, 9, 11, 13, 15, ...");
    }

    #[test]
    fn a_line_says_who_is_tried_and_who_is_not() {
        let at = |seconds| Instant::ZERO + Span::from_seconds(seconds);
        let tried = |attempts: &[i64]| Schedule {
            attempts: attempts.iter().map(|&seconds| at(seconds)).collect(),
            end: End::Bounced { at: at(300), why: BounceReason::TooOld },
            held_back: vec![],
            warned: vec![],
        };
        let held = Schedule { held_back: vec![HeldBack { at: at(300), held: Held::Defer }], ..tried(&[]) };
        let followed =
            Followed { policy: "mine".to_owned(), messages: vec![tried(&[0, 300]), tried(&[0]), held] };
        let text = table(&followed, Layout::Terminal(Style { colours: false, width: None }));
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words[1], ["mine", "gap", "tried", "suspended", "given", "up"], "{text}");
        assert_eq!(words[3], ["0s", "2:", "1-2"], "{text}");
        assert_eq!(words[4], ["5m", "5m", "1:", "1", "1:", "3", "3:", "1-3"], "{text}");
        assert_eq!(
            ending(&followed),
            "3 messages, 3 connections, held back 1 time (suspended), 1 never tried, 3 given up after 5m"
        );
    }
}
