//! Schedules as a picture.

use super::super::figure::{Caption, Look, Outcome, Raster, RasterPanel, Row, Schedules, Track};
use super::{Followed, counted};
use crate::sender::Schedule;
use crate::sender::schedule::End;
use crate::time::{Instant, Span};

/// The picture as PNG: a row for each policy, or a panel for each with a row for each message. `notes` say
/// under what circumstances.
pub fn picture(followed: &[Followed], notes: &[String], seed: u64) -> Vec<u8> {
    let sentences: Vec<String> = notes.iter().map(|note| sentence(note)).collect();
    let caption = |title: &str| Caption {
        title: title.to_owned(),
        subtitle: sentences.join(" "),
        notes: vec![("Seed".to_owned(), seed.to_string())],
    };
    let numbered = followed.iter().enumerate();
    if followed.iter().all(|one| one.messages.len() == 1) {
        let tracks =
            numbered.flat_map(|(place, one)| one.messages.iter().map(move |it| track(place, one, it)));
        let figure = Schedules { tracks: tracks.collect() };
        return figure.render(&caption("When a message is tried that always fails"));
    }
    let panels = numbered.map(|(place, one)| RasterPanel {
        name: one.policy.clone(),
        look: Look::Variant(place),
        rows: one.messages.iter().map(row).collect(),
        windows: Vec::new(),
    });
    let figure = Raster { panels: panels.collect(), ..Raster::default() };
    figure.render(&caption("Which messages are tried at a server that always fails"))
}

/// A note as a sentence.
fn sentence(note: &str) -> String {
    let mut letters = note.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn track(place: usize, followed: &Followed, schedule: &Schedule) -> Track {
    let since = |at: &Instant| *at - Instant::ZERO;
    Track {
        name: followed.policy.clone(),
        look: Look::Variant(place),
        attempts: schedule.attempts.iter().map(since).collect(),
        held_back: schedule.held_back.iter().map(|one| since(&one.at)).collect(),
        warned: schedule.warned.iter().map(since).collect(),
        given_up: given_up(schedule),
        note: counted(schedule.attempts.len(), "attempt"),
    }
}

fn row(schedule: &Schedule) -> Row {
    let tried = schedule.attempts.iter().map(|&at| (at, Outcome::Failed));
    let held = schedule.held_back.iter().map(|one| (one.at, Outcome::HeldBack));
    let end = given_up(schedule).map(|after| (Instant::ZERO + after, Outcome::Bounced));
    let attempts: Vec<(Instant, Outcome)> = tried.chain(held).chain(end).collect();
    let arrival = attempts.iter().map(|&(at, _)| at).min().unwrap_or(Instant::ZERO);
    Row { arrival, attempts }
}

fn given_up(schedule: &Schedule) -> Option<Span> {
    match schedule.end {
        End::Bounced { at, .. } => Some(at - Instant::ZERO),
        End::StillQueued => None,
    }
}
