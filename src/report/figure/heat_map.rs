//! A number over two parameters: a panel of coloured cells per variant, all with the same colours.

use plotters::style::RGBColor;

use crate::quantity::short;
use crate::time::Span;

use super::Caption;
use super::axis::{Axis, Room, TICK_FONT};
use super::canvas::{Area, Drawn};
use super::frame::{self, Below, NAME_FONT, NOTE_FONT};
use super::geometry::{Point, Rect};
use super::palette::{BLACK, FAINT, INK, Look, PAPER};
use super::response::Measured;
use super::style::{Across, Along, Pen, Type};
use super::text::Font;
use super::ticks;

/// Numbers in cells.
const CELL_FONT: Font = Font::regular(10.5);
/// Sides of cells, at most and at least.
const WIDEST: f64 = 84.0;
const NARROWEST: f64 = 22.0;
const CELL_HEIGHT: f64 = 26.0;
/// Labels of rows are cut to this width.
const LONGEST_LABEL: f64 = 120.0;
/// Between panels.
const GAP: f64 = 26.0;
/// Room for the name above a panel.
const HEAD: f64 = 20.0;
/// Room for the labels below a panel, and for the title of the axis below the last.
const FOOT: f64 = 18.0;
const BAR_WIDTH: f64 = 16.0;
/// Lengths of the colour bar, at most and at least.
const BAR_LENGTH: f64 = 320.0;
const SHORTEST_BAR: f64 = 90.0;
/// A logarithmic scale of colours where the largest value is this many times the smallest.
const LOG_RATIO: f64 = 12.0;
/// From this share of the scale on, words on a colour are dark.
const BRIGHT: f64 = 0.55;

/// Matplotlib's viridis (Smith and van der Walt, 2015) at nine even places: evenly perceived, and readable in grey.
const VIRIDIS: [RGBColor; 9] = [
    RGBColor(68, 1, 84),
    RGBColor(71, 45, 123),
    RGBColor(59, 82, 139),
    RGBColor(44, 114, 142),
    RGBColor(33, 145, 140),
    RGBColor(40, 174, 128),
    RGBColor(94, 201, 98),
    RGBColor(173, 220, 48),
    RGBColor(253, 231, 37),
];

/// The cells of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatPanel {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// Rows of values from the top, none where there is no number.
    pub cells: Vec<Vec<Option<f64>>>,
}

/// A number over two parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// The name of the parameter from left to right.
    pub across: String,
    /// Its values.
    pub columns: Vec<String>,
    /// The name of the parameter from top to bottom.
    pub down: String,
    /// Its values.
    pub rows: Vec<String>,
    /// The name of the number.
    pub quantity: String,
    /// What it is.
    pub measured: Measured,
    /// The panels.
    pub panels: Vec<HeatPanel>,
}

/// Where panels lie.
struct Layout {
    /// Panels beside each other.
    abreast: usize,
    cell: f64,
    label: f64,
}

impl HeatMap {
    /// The figure as a PNG file; its height grows with the number of panels.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let bar = self.colour_axis(SHORTEST_BAR);
        let beside = BAR_WIDTH + bar.label_width() + 50.0;
        let layout = self.layout(frame::WIDTH - 2.0 * frame::MARGIN - 22.0 - beside);
        let lines = self.panels.len().max(1).div_ceil(layout.abreast);
        let panel_height = HEAD + self.rows.len().max(1) as f64 * CELL_HEIGHT + FOOT;
        let height = (lines as f64 * (panel_height + GAP) - GAP + 26.0).max(SHORTEST_BAR + 2.0 * HEAD);
        frame::page(caption, height, |root, body| {
            let left = body.left + 22.0;
            let panel_width = layout.label + layout.cell * self.columns.len().max(1) as f64;
            for (number, panel) in self.panels.iter().enumerate() {
                let (line, place) = (number / layout.abreast, number % layout.abreast);
                let corner = Point::new(
                    left + place as f64 * (panel_width + GAP),
                    body.top + line as f64 * (panel_height + GAP),
                );
                self.draw_panel(root, corner, &layout, panel)?;
            }
            let all =
                Rect { left, right: left + panel_width, top: body.top + HEAD, bottom: body.bottom - 26.0 };
            let style = Type::new(NOTE_FONT, INK, Across::Left, Along::Bottom);
            let title = NOTE_FONT.fit(&self.across, body.right - beside - left - layout.label);
            frame::text(root, &title, Point::new(left + layout.label, body.bottom), style)?;
            frame::y_title(root, all, &self.down)?;
            let length = (height - 2.0 * HEAD).clamp(SHORTEST_BAR, BAR_LENGTH);
            self.draw_bar(root, Rect::new(body.right - BAR_WIDTH, body.top + HEAD, BAR_WIDTH, length))
        })
    }

    fn layout(&self, width: f64) -> Layout {
        let widest = self.rows.iter().map(|row| TICK_FONT.width(row)).fold(0.0, f64::max);
        let label = widest.min(LONGEST_LABEL) + 8.0;
        let columns = self.columns.len().max(1) as f64;
        let texts = self.values().map(|value| CELL_FONT.width(&self.shown(value)) + 10.0);
        let wanted = texts.chain(self.columns.iter().map(|column| TICK_FONT.width(column) + 8.0));
        let wanted = wanted.fold(NARROWEST, f64::max).min(WIDEST);
        let fits = |abreast: usize| {
            let room = (width - GAP * (abreast as f64 - 1.0)) / abreast as f64;
            room - label >= wanted * columns
        };
        let abreast = (1..=self.panels.len().clamp(1, 4)).rev().find(|&abreast| fits(abreast)).unwrap_or(1);
        let room = (width - GAP * (abreast as f64 - 1.0)) / abreast as f64 - label;
        Layout { abreast, label, cell: (room / columns).min(WIDEST) }
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        let cells = self.panels.iter().flat_map(|panel| panel.cells.iter().flatten());
        cells.filter_map(|cell| *cell).filter(|value| value.is_finite())
    }

    fn colour_axis(&self, length: f64) -> Axis {
        let low = self.values().fold(f64::INFINITY, f64::min);
        let high = self.values().fold(f64::NEG_INFINITY, f64::max);
        let is_log = low > 0.0 && high > LOG_RATIO * low;
        let room = Room::Up(length);
        match (self.measured, is_log) {
            (Measured::Time, true) => Axis::fitted_log_durations(low, high, room),
            (Measured::Time, false) => Axis::durations(low, high, room),
            (Measured::Number, true) => Axis::log_numbers(low, high, room),
            (Measured::Number, false) => Axis::numbers(low, high, room),
        }
    }

    fn draw_panel(&self, root: &Area<'_>, corner: Point, layout: &Layout, panel: &HeatPanel) -> Drawn {
        let plot = Rect::new(
            corner.x + layout.label,
            corner.y + HEAD,
            layout.cell * self.columns.len() as f64,
            CELL_HEIGHT * self.rows.len() as f64,
        );
        let name = NAME_FONT.fit(&panel.name, layout.label + plot.width());
        let style = Type::new(NAME_FONT, panel.look.ink(), Across::Left, Along::Top);
        frame::text(root, &name, Point::new(plot.left, corner.y), style)?;
        let scale = self.colour_axis(SHORTEST_BAR);
        let cell = |row: usize, column: usize| {
            Rect::new(
                plot.left + column as f64 * layout.cell,
                plot.top + row as f64 * CELL_HEIGHT,
                layout.cell,
                CELL_HEIGHT,
            )
        };
        for (row, values) in panel.cells.iter().enumerate() {
            for (column, value) in values.iter().enumerate() {
                self.draw_cell(root, cell(row, column), &scale, value.filter(|value| value.is_finite()))?;
            }
        }
        if let Some((row, column)) = least(&panel.cells) {
            ring(root, cell(row, column))?;
        }
        self.draw_labels(root, plot, layout)
    }

    fn draw_cell(&self, root: &Area<'_>, cell: Rect, scale: &Axis, value: Option<f64>) -> Drawn {
        let Some(value) = value else {
            let style = Type::new(CELL_FONT, FAINT, Across::Centre, Along::Middle);
            return frame::text(root, "–", cell.centre(), style);
        };
        let share = scale.share(value);
        frame::fill(root, cell, viridis(share))?;
        let text = self.shown(value);
        if CELL_FONT.width(&text) + 4.0 > cell.width() {
            return Ok(());
        }
        let ink = if share >= BRIGHT { BLACK } else { PAPER };
        frame::text(root, &text, cell.centre(), Type::new(CELL_FONT, ink, Across::Centre, Along::Middle))
    }

    fn draw_labels(&self, root: &Area<'_>, plot: Rect, layout: &Layout) -> Drawn {
        for (row, label) in self.rows.iter().enumerate() {
            let at = Point::new(plot.left - 6.0, plot.top + (row as f64 + 0.5) * CELL_HEIGHT);
            let style = Type::new(TICK_FONT, INK, Across::Right, Along::Middle);
            frame::text(root, &TICK_FONT.fit(label, layout.label - 8.0), at, style)?;
        }
        // Where columns are narrow, only every second or third label has room.
        let widest = self.columns.iter().map(|label| TICK_FONT.width(label)).fold(1.0, f64::max).min(WIDEST);
        let every = ((widest + 6.0) / layout.cell).ceil().max(1.0) as usize;
        for (column, label) in self.columns.iter().enumerate().step_by(every) {
            let at = Point::new(plot.left + (column as f64 + 0.5) * layout.cell, plot.bottom + 6.0);
            let style = Type::new(TICK_FONT, INK, Across::Centre, Along::Top);
            frame::text(root, &TICK_FONT.fit(label, every as f64 * layout.cell - 4.0), at, style)?;
        }
        Ok(())
    }

    fn draw_bar(&self, root: &Area<'_>, bar: Rect) -> Drawn {
        if self.values().next().is_none() {
            return Ok(());
        }
        let axis = self.colour_axis(bar.height());
        frame::panel(root, bar, &Axis::rows(1), &axis, Below::Nothing, &[]);
        const STRIPES: usize = 160;
        let height = bar.height() / STRIPES as f64;
        for stripe in 0..STRIPES {
            let bottom = bar.bottom - stripe as f64 * height;
            let rect = Rect { top: bottom - height, bottom, ..bar };
            frame::fill(root, rect, viridis((stripe as f64 + 0.5) / STRIPES as f64))?;
        }
        let style = Type::new(TICK_FONT, INK, Across::Right, Along::Bottom);
        let title = format!("{}{}", self.quantity, axis.note());
        let at = Point::new(bar.right, bar.top - 7.0);
        frame::text(root, &title, at, style)
    }

    fn shown(&self, value: f64) -> String {
        match self.measured {
            Measured::Time => short(Span::from_seconds_f64(value)),
            Measured::Number => {
                let digits = 3 - (value.abs().max(1e-9).log10().floor() as i32 + 1).clamp(0, 3);
                ticks::fixed(value, digits.unsigned_abs() as usize, ticks::Signed::Negative)
            }
        }
    }
}

/// The cell with the smallest value, the first of several; none where all are alike.
fn least(cells: &[Vec<Option<f64>>]) -> Option<(usize, usize)> {
    let all = cells.iter().enumerate().flat_map(|(row, values)| {
        values.iter().enumerate().filter_map(move |(column, value)| {
            value.filter(|value| value.is_finite()).map(|value| ((row, column), value))
        })
    });
    let least = all.clone().min_by(|one, other| one.1.total_cmp(&other.1))?;
    all.into_iter().any(|(_, value)| value > least.1).then_some(least.0)
}

/// A white line inside a cell, with a dark one around it.
fn ring(root: &Area<'_>, cell: Rect) -> Drawn {
    for (inset, colour, width) in [(1.75, BLACK, 3.5), (1.75, PAPER, 2.0)] {
        let inner = cell.grown(-inset);
        let corners = [
            Point::new(inner.left, inner.top),
            Point::new(inner.right, inner.top),
            Point::new(inner.right, inner.bottom),
            Point::new(inner.left, inner.bottom),
            Point::new(inner.left, inner.top),
        ];
        frame::line(root, &corners, Pen::solid(colour, width))?;
    }
    Ok(())
}

/// The colour at a share of the scale.
fn viridis(share: f64) -> RGBColor {
    let place = share.clamp(0.0, 1.0) * (VIRIDIS.len() - 1) as f64;
    let low = (place.floor() as usize).min(VIRIDIS.len() - 2);
    let part = place - low as f64;
    let (from, to) = (VIRIDIS[low], VIRIDIS[low + 1]);
    let between =
        |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * part).round() as u8;
    RGBColor(between(from.0, to.0), between(from.1, to.1), between(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn map(columns: usize, rows: usize, panels: usize, value: impl Fn(usize) -> Option<f64>) -> HeatMap {
        let cells = |panel: usize| {
            (0..rows)
                .map(|row| (0..columns).map(|column| value(panel + row * columns + column)).collect())
                .collect()
        };
        HeatMap {
            across: "policies.exponential.backoff.exponential.initial".to_owned(),
            columns: (0..columns).map(|column| format!("{column}m")).collect(),
            down: "recipients.mx.slots".to_owned(),
            rows: (0..rows).map(|row| format!("a row with a long label {row}")).collect(),
            quantity: "restricted mean".to_owned(),
            measured: if columns.is_multiple_of(2) { Measured::Time } else { Measured::Number },
            panels: (0..panels)
                .map(|panel| HeatPanel {
                    name: format!("variant {panel} with a name too long for its place"),
                    look: Look::Variant(panel),
                    cells: cells(panel),
                })
                .collect(),
        }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        for figure in [
            map(0, 0, 0, |_| None),
            map(1, 1, 1, |_| Some(0.0)),
            map(2, 3, 5, |number| (number != 3).then_some(number as f64 * 1e5)),
            map(3, 2, 2, |_| None),
            map(8, 6, 1, |number| Some(f64::from(number as u32).exp())),
            map(41, 2, 3, |_| Some(f64::NAN)),
            map(41, 30, 1, |number| Some(number as f64 - 7.0)),
        ] {
            assert_png(&figure.render(&caption()));
            assert_eq!(figure.render(&caption()), figure.render(&caption()));
        }
    }

    #[test]
    fn the_best_cell_is_the_first_of_the_smallest() {
        assert_eq!(least(&[vec![Some(3.0), Some(1.0)], vec![None, Some(1.0)]]), Some((0, 1)));
        assert_eq!(least(&[vec![Some(1.0), Some(1.0)]]), None);
        assert_eq!(least(&[]), None);
    }

    #[test]
    fn colours_meet_their_places() {
        assert_eq!([0.0, 0.5, 1.0].map(viridis), [VIRIDIS[0], VIRIDIS[4], VIRIDIS[8]]);
        assert_eq!(viridis(f64::INFINITY), VIRIDIS[8]);
    }
}
