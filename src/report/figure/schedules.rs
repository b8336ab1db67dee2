//! Schedules side by side: a row for each policy, a mark for each attempt of a message that always fails.

use plotters::element::{Circle, TriangleMarker};
use plotters::style::Color;

use crate::time::Span;

use super::Caption;
use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn, fine};
use super::frame::{self, BELOW_PLOT, Below, NAME_FONT, NOTE_FONT};
use super::geometry::{Point, Rect};
use super::palette::{AMBER, BLACK, FAINT, GREY, INK, Look};
use super::raster::{HELD_GREY, Outcome, draw_mark};
use super::style::{Across, Along, Pen, Type};

const ROW: f64 = 25.0;
const KEY_HEIGHT: f64 = 24.0;
const LONGEST_NAME: f64 = 190.0;
const LONGEST_NOTE: f64 = 130.0;
/// Marks closer than this, in logical pixels, look the same as one.
const INDISTINCT: f64 = 0.5;
const RADIUS: f64 = 3.2;
/// How far warnings stand above the row, so that they hide no attempt.
const ABOVE: f64 = 6.5;

/// What one policy does with a message that always fails; times after its arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// The name of the policy.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// When the message is tried.
    pub attempts: Vec<Span>,
    /// When it is held back without a connection.
    pub held_back: Vec<Span>,
    /// When its author is warned.
    pub warned: Vec<Span>,
    /// When it is given up, if it is.
    pub given_up: Option<Span>,
    /// A few words at the end of the row.
    pub note: String,
}

/// Schedules of several policies on one axis of time, which is logarithmic from the first retry on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedules {
    /// The policies, from the top.
    pub tracks: Vec<Track>,
}

/// The kinds of marks, in the order in which they are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    HeldBack,
    Attempt,
    Warned,
    GivenUp,
}

impl Mark {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Attempt, "attempt"),
        (Self::HeldBack, "held back without a connection"),
        (Self::Warned, "author warned"),
        (Self::GivenUp, "given up"),
    ];
}

impl Schedules {
    /// The figure as a PNG file; its height grows with the number of policies.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let rows = self.tracks.len().max(1) as f64;
        frame::page(caption, KEY_HEIGHT + rows * ROW + BELOW_PLOT, |root, body| {
            self.draw_key(root, body)?;
            let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
            let names = widest(&mut self.tracks.iter().map(|one| NAME_FONT.width(&one.name)));
            let notes = widest(&mut self.tracks.iter().map(|one| NOTE_FONT.width(&one.note)));
            let left = body.left + names.min(LONGEST_NAME) + 12.0;
            let right = body.right - notes.min(LONGEST_NOTE) - 14.0;
            let plot = Rect::new(left, body.top + KEY_HEIGHT, right - left, rows * ROW);
            let x = self.time_axis(Room::Across(plot.width()));
            let y = Axis::rows(self.tracks.len());
            frame::panel(root, plot, &x, &y, Below::Labels, &[]);
            frame::x_title(root, plot, "time since arrival")?;
            for (index, track) in self.tracks.iter().enumerate() {
                let middle = plot.top + (index as f64 + 0.5) * ROW;
                track.draw(root, plot, &x, middle)?;
            }
            Ok(())
        })
    }

    /// From the arrival to the last thing that happens.
    fn time_axis(&self, room: Room) -> Axis {
        let times = || self.tracks.iter().flat_map(Track::times).map(Span::as_seconds);
        let first = times().filter(|&time| time > 0.0).fold(f64::INFINITY, f64::min);
        let first = if first.is_finite() { first } else { 1.0 };
        Axis::durations_from_zero(times().fold(first * 2.0, f64::max) * 1.08, first, room)
    }

    /// What the marks mean, in one line above the rows.
    fn draw_key(&self, root: &Area<'_>, body: Rect) -> Drawn {
        let y = body.top + 4.0;
        let mut left = body.left;
        for (mark, words) in Mark::ALL {
            if self.tracks.iter().all(|track| track.marks(mark).is_empty()) {
                continue;
            }
            let lower = if mark == Mark::Warned { ABOVE } else { 0.0 };
            draw(root, mark, Point::new(left + 4.0, y + lower), Look::Reference)?;
            let style = Type::new(NOTE_FONT, INK, Across::Left, Along::Middle);
            frame::text(root, words, Point::new(left + 13.0, y), style)?;
            left += 13.0 + NOTE_FONT.width(words) + 22.0;
        }
        Ok(())
    }
}

impl Track {
    fn marks(&self, mark: Mark) -> &[Span] {
        match mark {
            Mark::Attempt => &self.attempts,
            Mark::HeldBack => &self.held_back,
            Mark::Warned => &self.warned,
            Mark::GivenUp => self.given_up.as_slice(),
        }
    }

    fn times(&self) -> impl Iterator<Item = Span> {
        Mark::ALL.into_iter().flat_map(|(mark, _)| self.marks(mark)).copied()
    }

    fn draw(&self, root: &Area<'_>, plot: Rect, x: &Axis, middle: f64) -> Drawn {
        let place = |time: Span| Point::new(plot.left + x.share(time.as_seconds()) * plot.width(), middle);
        let name = NAME_FONT.fit(&self.name, LONGEST_NAME);
        let style = Type::new(NAME_FONT, self.look.ink(), Across::Right, Along::Middle);
        frame::text(root, &name, Point::new(plot.left - 12.0, middle), style)?;
        let note = NOTE_FONT.fit(&self.note, LONGEST_NOTE);
        let style = Type::new(NOTE_FONT, GREY, Across::Left, Along::Middle);
        frame::text(root, &note, Point::new(plot.right + 12.0, middle), style)?;
        // Mail that is not given up goes on beyond the edge.
        let end = self.given_up.map_or(Point::new(plot.right, middle), place);
        frame::line(root, &[Point::new(plot.left, middle), end], Pen::solid(FAINT, 0.75))?;
        for mark in [Mark::HeldBack, Mark::Attempt, Mark::Warned, Mark::GivenUp] {
            let mut last = f64::NEG_INFINITY;
            for at in self.marks(mark).iter().map(|&time| place(time)) {
                if at.x - last >= INDISTINCT {
                    draw(root, mark, at, self.look)?;
                    last = at.x;
                }
            }
        }
        Ok(())
    }
}

fn draw(root: &Area<'_>, mark: Mark, at: Point, look: Look) -> Drawn {
    let place = (fine(at.x), fine(at.y));
    match mark {
        Mark::Attempt => root.draw(&Circle::new(place, fine(RADIUS), look.colour().filled())),
        Mark::HeldBack => root.draw(&Circle::new(place, fine(RADIUS - 0.8), HELD_GREY.filled())),
        Mark::Warned => {
            let above = (place.0, fine(at.y - ABOVE));
            root.draw(&TriangleMarker::new(above, fine(4.2), AMBER.filled()))?;
            root.draw(&TriangleMarker::new(above, fine(1.4), BLACK.filled()))
        }
        Mark::GivenUp => draw_mark(root, place, Outcome::Bounced, 4.2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn track(number: usize, seconds: &[i64]) -> Track {
        let times: Vec<Span> = seconds.iter().map(|&seconds| Span::from_seconds(seconds)).collect();
        Track {
            name: format!("policy {number} with a name that is far too long for its place at the left"),
            look: Look::Variant(number),
            held_back: times.clone(),
            warned: times.last().copied().into_iter().collect(),
            given_up: times.last().copied().filter(|_| number.is_multiple_of(2)),
            attempts: times,
            note: "108 attempts and more than that".to_owned(),
        }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        for tracks in [
            vec![],
            vec![track(0, &[])],
            vec![track(0, &[0])],
            vec![track(1, &[0, 0, 0]), track(2, &[0, 1, 400_000_000])],
            (0..40).map(|number| track(number, &[0, 300, 600, 432_000])).collect(),
        ] {
            let figure = Schedules { tracks };
            assert_png(&figure.render(&caption()));
            assert_eq!(figure.render(&caption()), figure.render(&caption()));
        }
    }
}
