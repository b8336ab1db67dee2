//! Windows of time.

use super::judge::Judge;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{Periodic, When, Window};
use crate::time::Instant;

/// The most windows of one run, or stages of reopening: beyond it a run takes longer than anybody waits, and a unit
/// was mistaken.
pub const MOST_WINDOWS: f64 = 1e7;

/// Judges when something holds.
pub fn when(judge: &mut Judge, when: &Spanned<When>, end: Instant) {
    match &**when {
        When::Once(window) => closed(judge, window, end),
        When::Windows(windows) => {
            if windows.is_empty() {
                judge.value(windows.place(), "there are no windows", "list at least one");
            }
            windows.iter().for_each(|window| closed(judge, window, end));
            windows.windows(2).for_each(|pair| in_order(judge, &pair[0], &pair[1]));
        }
        When::Periodic(periodic) => self::periodic(judge, periodic, end),
        When::Random(random) => {
            judge.lasting(&random.up, "the mean time up");
            judge.lasting(&random.down, "the mean time down");
        }
    }
    let number = number(when, end);
    if number > MOST_WINDOWS {
        judge.add(
            Finding::error(Kind::Size, when.place(), format!("these would be about {number:.0} windows"))
                .help(
                    "look at the units: `m` is minutes, `ms` milliseconds; 10 000 000 windows is the limit",
                ),
        );
    }
}

/// About how many windows begin before the end of the run. Times of zero are wrong by themselves.
pub fn number(when: &When, end: Instant) -> f64 {
    let horizon = (end - Instant::ZERO).as_seconds();
    match when {
        When::Once(_) => 1.0,
        When::Windows(windows) => windows.len() as f64,
        When::Periodic(periodic) => {
            let (first, every) = (periodic.first.span().as_seconds(), periodic.every.span().as_seconds());
            if every > 0.0 { ((horizon - first) / every).ceil().max(0.0) } else { 0.0 }
        }
        When::Random(random) => {
            let round = random.up.span().as_seconds() + random.down.span().as_seconds();
            if round > 0.0 { horizon / round } else { 0.0 }
        }
    }
}

/// Judges one window.
pub fn window(judge: &mut Judge, window: &Window, end: Instant) {
    judge.duration(&window.from);
    judge.duration(&window.until);
    if window.until.span() <= window.from.span() {
        let how = if window.until.span() < window.from.span() { "ends before it begins" } else { "is empty" };
        judge.contradiction(
            window.until.place(),
            format!("the window {how}"),
            (window.from.place(), "it begins here"),
            "`from` and `until` both count from the start of the run",
        );
    }
    if Instant::ZERO.saturating_add(window.from.span()) >= end {
        beyond(judge, &window.from, end);
    }
}

/// Judges a window of a gate, whose end one wants to see.
fn closed(judge: &mut Judge, window: &Window, end: Instant) {
    self::window(judge, window, end);
    let [from, until] = [&window.from, &window.until].map(|at| Instant::ZERO.saturating_add(at.span()));
    if from < end && until > end {
        let message =
            format!("this window ends after the horizon, {end}, so that what follows it is not seen");
        judge.unused(window.until.place(), message, "write an earlier time, or a later `horizon`");
    }
}

fn in_order(judge: &mut Judge, first: &Spanned<Window>, second: &Spanned<Window>) {
    if second.from.span() < first.until.span() {
        let (message, help) = if second.from.span() < first.from.span() {
            ("the windows are not in order", "list windows by their beginning")
        } else {
            ("the windows overlap", "make one of the two")
        };
        judge.contradiction(second.place(), message, (first.place(), "the window before it"), help);
    }
}

fn periodic(judge: &mut Judge, periodic: &Periodic, end: Instant) {
    judge.duration(&periodic.first);
    judge.lasting(&periodic.every, "the period");
    judge.lasting(&periodic.lasts, "the length of a window");
    if periodic.lasts.span() >= periodic.every.span() {
        judge.contradiction(
            periodic.lasts.place(),
            "a window is still open when the next one begins",
            (periodic.every.place(), "the period"),
            "write a length below the period",
        );
    }
    if Instant::ZERO.saturating_add(periodic.first.span()) >= end {
        beyond(judge, &periodic.first, end);
    }
}

fn beyond(judge: &mut Judge, from: &Spanned<crate::quantity::Duration>, end: Instant) {
    judge.value(
        from.place(),
        format!("this window lies beyond the horizon, {end}"),
        "write an earlier time, or a later `horizon`",
    );
}
