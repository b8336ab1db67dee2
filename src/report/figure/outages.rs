//! What outages cost a message: the mean extra wait once the server is back, against their length.

use crate::time::Span;

use super::Caption;
use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn, fine};
use super::element::Line;
use super::frame::{self, BELOW_PLOT, Below};
use super::geometry::{Point, Rect};
use super::label::{Field, LINE_GAP};
use super::naming::{self, Named, Names};
use super::palette::Look;
use super::raster::{Outcome, draw_mark};
use super::series::pens;
use super::style::Pen;

const HEIGHT: f64 = 420.0;
/// Size of the cross at the end of a curve.
const CROSS: f64 = 4.2;
/// What is shorter than this is drawn as this long: nobody tells waits of seconds apart.
const SHORTEST: f64 = 10.0;

/// What outages do to the mail of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovering {
    /// The name of the policy.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// Lengths of outages, in order, and the mean extra wait, as far as nothing is given up.
    pub points: Vec<(Span, Span)>,
    /// Whether the curve ends because messages are given up in longer outages.
    pub gives_up: bool,
}

/// Mean extra waits of several policies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outages {
    /// The curves.
    pub curves: Vec<Recovering>,
    /// The lengths that were asked for: drawn as vertical lines.
    pub asked: Vec<Span>,
}

impl Outages {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let names: Vec<&str> = self.curves.iter().map(|curve| curve.name.as_str()).collect();
        let height = HEIGHT.max(naming::key_height(&names));
        frame::page(caption, height + BELOW_PLOT, |root, body| {
            let y = self.wait_axis(Room::Up(height));
            let left = body.left + frame::beside_plot(&y);
            let plot = Rect::new(left, body.top, body.right - 16.0 - left, height);
            let wide = Layout::new(self, plot, &y);
            if let Some(names) = wide.names() {
                wide.draw(root, self)?;
                return names.draw(root, &wide.named, &wide.pens);
            }
            let narrow =
                Layout::new(self, Rect { right: plot.right - naming::key_width(&names), ..plot }, &y);
            narrow.draw(root, self)?;
            Names::beside(narrow.plot, &narrow.named).draw(root, &narrow.named, &narrow.pens)
        })
    }

    fn wait_axis(&self, room: Room) -> Axis {
        let waits = || self.curves.iter().flat_map(|curve| &curve.points).map(|(_, wait)| wait.as_seconds());
        let longest = waits().fold(60.0, f64::max);
        let shortest = waits().fold(longest / 10.0, f64::min).max(SHORTEST);
        Axis::log_durations(shortest, longest, room)
    }

    fn length_axis(&self, room: Room) -> Axis {
        let drawn = self.curves.iter().flat_map(|curve| &curve.points).map(|(length, _)| *length);
        let lengths: Vec<f64> = drawn.chain(self.asked.iter().copied()).map(Span::as_seconds).collect();
        let high = lengths.iter().copied().fold(1.0, f64::max);
        let low = lengths.iter().copied().fold(high / 10.0, f64::min).max(1e-3);
        Axis::fitted_log_durations(low * 0.95, high * 1.05, room)
    }
}

/// Curves laid out in a plot.
struct Layout<'a> {
    plot: Rect,
    x: Axis,
    y: Axis,
    named: Vec<Named<'a>>,
    pens: Vec<Pen>,
}

impl<'a> Layout<'a> {
    fn new(figure: &'a Outages, plot: Rect, y: &Axis) -> Self {
        let x = figure.length_axis(Room::Across(plot.width()));
        let line = |curve: &Recovering| -> Vec<Point> {
            let points = curve.points.iter();
            points
                .map(|(length, wait)| frame::on_page(plot, &x, y, (length.as_seconds(), wait.as_seconds())))
                .collect()
        };
        let named: Vec<Named<'_>> = figure
            .curves
            .iter()
            .map(|curve| Named {
                name: &curve.name,
                look: curve.look,
                ink: curve.look.ink(),
                line: line(curve),
                gap: LINE_GAP,
            })
            .collect();
        let lines: Vec<Vec<Point>> = named.iter().map(|named| named.line.clone()).collect();
        let looks: Vec<Look> = named.iter().map(|named| named.look).collect();
        Self { plot, x, y: y.clone(), pens: pens(&lines, &looks, 1.8), named }
    }

    /// Names beside the curves, rather at their right ends, where long outages tell them apart.
    fn names(&self) -> Option<Names> {
        let mut field = Field::new(self.plot.grown(-2.0));
        for (owner, named) in self.named.iter().enumerate() {
            field.add_line(owner, &named.line);
            if let Some(&end) = named.line.last() {
                field.add_box(owner, &Rect::around(end, CROSS, CROSS));
            }
        }
        let width = self.plot.width();
        Names::find(&field, &self.named, &[], |point| 1.2 * (self.plot.right - point.x) / width)
    }

    fn draw(&self, root: &Area<'_>, figure: &Outages) -> Drawn {
        frame::panel(root, self.plot, &self.x, &self.y, Below::Labels, &[]);
        frame::x_title(root, self.plot, &format!("length of the outage{}", self.x.note()))?;
        let title = format!("mean extra wait once the server is back{}", self.y.note());
        frame::y_title(root, self.plot, &title)?;
        for (curve, (named, pen)) in figure.curves.iter().zip(self.named.iter().zip(&self.pens)) {
            let places = named.line.iter().map(|point| (fine(point.x), fine(point.y)));
            root.draw(&Line::new(places.collect(), pen.clone()))?;
            if let Some(end) = named.line.last().filter(|_| curve.gives_up) {
                draw_mark(root, (fine(end.x), fine(end.y)), Outcome::Bounced, CROSS)?;
            }
            let asked = curve.points.iter().filter(|(length, _)| figure.asked.contains(length));
            for (length, wait) in asked {
                let value = (length.as_seconds(), wait.as_seconds());
                frame::mark(root, frame::on_page(self.plot, &self.x, &self.y, value), curve.look)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn curve(number: usize, points: &[(i64, i64)]) -> Recovering {
        let spans = points.iter().map(|&(x, y)| (Span::from_seconds(x), Span::from_seconds(y)));
        Recovering {
            name: format!("policy {number} with a name that is rather long for a plot"),
            look: Look::Variant(number),
            points: spans.collect(),
            gives_up: number.is_multiple_of(2),
        }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        let asked = vec![Span::from_seconds(3600)];
        for curves in [
            vec![],
            vec![curve(0, &[])],
            vec![curve(0, &[(3600, 0)])],
            vec![curve(1, &[(60, 60), (3600, 90)]), curve(2, &[(60, 60), (3600, 400_000)])],
            (0..40).map(|number| curve(number, &[(60, 60), (3600, 90)])).collect(),
        ] {
            let figure = Outages { curves, asked: asked.clone() };
            assert_png(&figure.render(&caption()));
            assert_eq!(figure.render(&caption()), figure.render(&caption()));
        }
    }
}
