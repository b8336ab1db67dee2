//! Every attempt of a sample of messages: one row per message, one mark per attempt.
//!
//! Storms, waves and jitter are told apart at a glance.

use plotters::element::Circle;
use plotters::style::{Color, RGBColor};

use crate::time::Instant;

use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn, fine};
use super::frame::{self, BELOW_PLOT, Below, NAME_FONT, NOTE_FONT};
use super::geometry::{Point, Rect};
use super::palette::{BLACK, BLUE, GREY, INK, Look, SHADE, VERMILION};
use super::style::{Across, Along, Pen, Type};
use super::{Caption, Window, ticks};

/// Marks closer than this, in logical pixels, look the same as one.
const INDISTINCT: f64 = 0.5;
const KEY_HEIGHT: f64 = 26.0;
/// Room above a panel for a name of one line.
const NAME_HEIGHT: f64 = 24.0;
/// Longer names take several lines: beside them is written how many attempts are not shown.
const LONGEST_NAME: f64 = 190.0;
const NAME_LINES: usize = 4;
const GUTTER: f64 = 26.0;
/// The axis of time ends when this share of all messages, in all panels together, have had their last
/// attempt, if that makes it shorter by a quarter at least: a few late ones would take the room of all
/// others.
const SHOWN: f64 = 0.98;
const LEAST_GAIN: f64 = 0.75;
/// The colour of what was held back.
pub(super) const HELD_GREY: RGBColor = RGBColor(195, 195, 195);

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Due, but held back by the sender without a connection.
    HeldBack,
    /// Answered with a negative completion, transient or for good, or not at all.
    Failed,
    /// Accepted.
    Delivered,
    /// Given up.
    Bounced,
}

/// What happened to one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it arrived; rows are sorted by this.
    pub arrival: Instant,
    /// Its attempts.
    pub attempts: Vec<(Instant, Outcome)>,
}

/// The sampled messages of one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterPanel {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// The messages in any order.
    pub rows: Vec<Row>,
    /// Shaded stretches of time.
    pub windows: Vec<Window>,
}

/// Attempts of sampled messages under several variants, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raster {
    /// The panels, row by row; they share the axis of time.
    pub panels: Vec<RasterPanel>,
    /// What shading means, for the key; such as `maintenance`.
    pub window_name: String,
}

const OUTCOMES: [(Outcome, &str, RGBColor); 4] = [
    (Outcome::HeldBack, "held back by the sender", HELD_GREY),
    (Outcome::Failed, "failed", VERMILION),
    (Outcome::Delivered, "delivered", BLUE),
    (Outcome::Bounced, "bounced", BLACK),
];

impl Raster {
    /// The figure as a PNG file; its height grows with the number of panels.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let count = self.panels.len().max(1);
        let columns = if count == 1 { 1 } else { 2 };
        let lines = count.div_ceil(columns);
        let height = if count <= 2 { 360.0 } else { 210.0 };
        let most_lines = self.panels.iter().map(|panel| panel.name_lines().len()).max().unwrap_or(1);
        let head = NAME_HEIGHT + most_lines.saturating_sub(1) as f64 * NAME_FONT.leading();
        let pitch = head + height + BELOW_PLOT;
        // Only the last line of panels has a title below its axis.
        let total = KEY_HEIGHT + lines as f64 * (pitch - 16.0) + 16.0;
        frame::page(caption, total, |root, body| {
            self.draw_key(root, body)?;
            let most_rows = self.panels.iter().map(|panel| panel.rows.len()).max().unwrap_or(0);
            let y = Axis::whole_numbers(0.0, most_rows.max(1) as f64, Room::Up(height));
            let left = frame::beside_plot(&y);
            let beside = y.label_width() + GUTTER;
            let width = (body.width() - left - 10.0 - beside * (columns - 1) as f64) / columns as f64;
            let x = self.time_axis(Room::Across(width));
            for (index, panel) in self.panels.iter().enumerate() {
                let (line, column) = (index / columns, index % columns);
                let plot = Rect::new(
                    body.left + left + column as f64 * (width + beside),
                    body.top + KEY_HEIGHT + head + line as f64 * (pitch - 16.0),
                    width,
                    height,
                );
                self.draw_panel(root, plot, &x, &y, panel)?;
                if column == 0 {
                    frame::y_title(root, plot, "message, by arrival")?;
                }
                if index + columns >= count {
                    frame::x_title(root, plot, "time since start")?;
                }
            }
            Ok(())
        })
    }

    /// From the first arrival to the last attempt, or to where nearly all messages have had theirs.
    fn time_axis(&self, room: Room) -> Axis {
        let rows = || self.panels.iter().flat_map(|panel| &panel.rows);
        let times = |row: &Row| {
            let attempts = row.attempts.iter().map(|(at, _)| *at);
            std::iter::once(row.arrival).chain(attempts).map(Instant::as_seconds).collect::<Vec<f64>>()
        };
        let start = rows().flat_map(times).fold(f64::INFINITY, f64::min);
        let last_arrival = rows().map(|row| row.arrival.as_seconds()).fold(f64::NEG_INFINITY, f64::max);
        let mut ends: Vec<f64> =
            rows().map(|row| times(row).into_iter().fold(f64::NEG_INFINITY, f64::max)).collect();
        ends.sort_by(f64::total_cmp);
        let end = ends.last().copied().unwrap_or(last_arrival);
        let nearly_all = ends.get((SHOWN * ends.len() as f64) as usize).copied().unwrap_or(end);
        let short = nearly_all.max(last_arrival);
        let end = if short - start < LEAST_GAIN * (end - start) { short } else { end };
        Axis::durations(start, end + (end - start) * 0.01, room)
    }

    fn draw_panel(&self, root: &Area<'_>, plot: Rect, x: &Axis, y: &Axis, panel: &RasterPanel) -> Drawn {
        let chart = frame::panel(root, plot, x, y, Below::Labels, &panel.windows);
        for (above, line) in panel.name_lines().iter().rev().enumerate() {
            let style = Type::new(NAME_FONT, panel.look.ink(), Across::Left, Along::Bottom);
            let bottom = plot.top - 5.0 - above as f64 * NAME_FONT.leading();
            frame::text(root, line, Point::new(plot.left, bottom), style)?;
        }
        let style = Type::new(NOTE_FONT, GREY, Across::Right, Along::Bottom);
        frame::text(root, &panel.beyond(x), Point::new(plot.right, plot.top - 5.0), style)?;
        let radius = (0.45 * plot.height() / y.high()).clamp(0.9, 2.2);
        for (outcome, time, row) in panel.marks(plot, x, y) {
            draw_mark(root, chart.backend_coord(&(time, row)), outcome, radius)?;
        }
        Ok(())
    }

    /// What the marks mean, in one line above the panels.
    fn draw_key(&self, root: &Area<'_>, body: Rect) -> Drawn {
        let y = body.top + 4.0;
        let mut left = body.left;
        let style = Type::new(NOTE_FONT, INK, Across::Left, Along::Middle);
        for (outcome, words, _) in OUTCOMES.into_iter().filter(|(outcome, ..)| self.shows(*outcome)) {
            draw_mark(root, (fine(left + 4.0), fine(y)), outcome, 3.0)?;
            frame::text(root, words, Point::new(left + 13.0, y), style.clone())?;
            left += 13.0 + NOTE_FONT.width(words) + 22.0;
        }
        if self.panels.iter().any(|panel| !panel.windows.is_empty()) && !self.window_name.is_empty() {
            frame::fill(root, Rect::around(Point::new(left + 9.0, y), 9.0, 6.0), SHADE)?;
            let words = NOTE_FONT.fit(&self.window_name, (body.right - left - 24.0).max(0.0));
            frame::text(root, &words, Point::new(left + 24.0, y), style)?;
        }
        Ok(())
    }

    fn shows(&self, outcome: Outcome) -> bool {
        let rows = self.panels.iter().flat_map(|panel| &panel.rows);
        rows.flat_map(|row| &row.attempts).any(|(_, shown)| *shown == outcome)
    }
}

impl RasterPanel {
    fn name_lines(&self) -> Vec<String> {
        NAME_FONT.balanced(&self.name, LONGEST_NAME, NAME_LINES)
    }

    /// Says how many attempts there are after the end of the axis, and when the last one is; nothing where
    /// there are none.
    fn beyond(&self, x: &Axis) -> String {
        let times = self.rows.iter().flat_map(|row| &row.attempts).map(|(at, _)| at.as_seconds());
        let later: Vec<f64> = times.filter(|&at| at > x.high()).collect();
        match later.iter().copied().reduce(f64::max) {
            Some(last) => format!("{} later, up to {}", later.len(), ticks::rough_duration(last)),
            None => String::new(),
        }
    }

    /// Outcome, seconds and height of the marks that can be told apart, the weightier ones last.
    fn marks(&self, plot: Rect, x: &Axis, y: &Axis) -> Vec<(Outcome, f64, f64)> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.arrival);
        let cell = |share: f64, length: f64| (share * length / INDISTINCT) as i64;
        let mut marks: Vec<(Outcome, i64, i64, Instant, usize)> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            for &(at, outcome) in row.attempts.iter().filter(|(at, _)| at.as_seconds() <= x.high()) {
                let column = cell(x.share(at.as_seconds()), plot.width());
                marks.push((outcome, column, cell(y.share(index as f64), plot.height()), at, index));
            }
        }
        marks.sort_unstable();
        marks.dedup_by_key(|&mut (outcome, column, line, ..)| (outcome, column, line));
        marks
            .into_iter()
            .map(|(outcome, _, _, at, index)| (outcome, at.as_seconds(), index as f64 + 0.5))
            .collect()
    }
}

/// The mark of an attempt, at a place in plotters' coordinates.
pub(super) fn draw_mark(root: &Area<'_>, (x, y): (i32, i32), outcome: Outcome, radius: f64) -> Drawn {
    let colour = OUTCOMES.iter().find(|(known, ..)| *known == outcome).map_or(BLACK, |(.., colour)| *colour);
    if outcome != Outcome::Bounced {
        return root.draw(&Circle::new((x, y), fine(radius), colour.filled()));
    }
    let arm = fine(radius.max(2.0) * 1.1);
    for ends in [[(x - arm, y - arm), (x + arm, y + arm)], [(x - arm, y + arm), (x + arm, y - arm)]] {
        root.draw(&super::element::Line::new(ends.to_vec(), Pen::solid(colour, 1.3)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn panel(number: usize, rows: usize, attempts: usize) -> RasterPanel {
        let at = |row: usize, attempt: usize| {
            Instant::from_micros((row * 9 + attempt * attempt * 60) as i64 * 1_000_000)
        };
        let outcomes = [Outcome::Failed, Outcome::HeldBack, Outcome::Bounced, Outcome::Delivered];
        let rows = (0..rows).map(|row| Row {
            arrival: at(row, 0),
            attempts: (0..attempts).map(|attempt| (at(row, attempt), outcomes[attempt % 4])).collect(),
        });
        RasterPanel {
            name: format!("variant {number} with a name that is far too long for half a page, of course"),
            look: Look::Variant(number),
            rows: rows.collect(),
            windows: vec![Window { start: Instant::ZERO, end: Instant::from_micros(1) }],
        }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        for panels in
            [vec![], vec![panel(0, 0, 0)], vec![panel(0, 1, 0)], vec![panel(0, 1, 1), panel(1, 3, 4)]]
        {
            let raster = Raster { panels, window_name: "maintenance ".repeat(30) };
            assert_png(&raster.render(&caption()));
        }
    }

    #[test]
    fn the_same_data_give_the_same_bytes_whatever_the_order_of_rows() {
        let mut raster = Raster { panels: (0..5).map(|n| panel(n, 20, 5)).collect(), ..Raster::default() };
        let first = raster.render(&caption());
        raster.panels[0].rows.reverse();
        assert_eq!(first, raster.render(&caption()));
    }

    #[test]
    fn a_few_late_attempts_are_counted_instead_of_shown() {
        let second = |seconds: usize| Instant::from_micros(seconds as i64 * 1_000_000);
        let mut slow = panel(0, 200, 1);
        slow.rows[7].attempts.push((second(100_000), Outcome::Delivered));
        let raster = Raster { panels: vec![slow, panel(1, 200, 1)], ..Raster::default() };
        let x = raster.time_axis(Room::Across(300.0));
        assert!((1791.0..1900.0).contains(&x.high()), "{}", x.high());
        assert_eq!(raster.panels[0].beyond(&x), "1 later, up to 1d3h47m");
        assert_eq!(raster.panels[1].beyond(&x), "");
        let many = Raster { panels: vec![panel(0, 9, 9)], ..Raster::default() };
        let last = many.panels[0].rows.iter().flat_map(|row| &row.attempts).map(|(at, _)| at.as_seconds());
        assert!(many.time_axis(Room::Across(300.0)).high() > last.fold(0.0, f64::max));
    }

    #[test]
    fn marks_on_the_same_spot_are_drawn_once() {
        let mut twice = panel(0, 1, 1);
        let attempt = twice.rows[0].attempts[0];
        twice.rows[0].attempts.push(attempt);
        let (x, y) = (Axis::durations(0.0, 9.0, Room::Across(99.0)), Axis::rows(1));
        assert_eq!(twice.marks(Rect::new(0.0, 0.0, 99.0, 99.0), &x, &y).len(), 1);
    }
}
