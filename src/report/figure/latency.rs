//! How soon mail is delivered: the share delivered within a time, on the scale of nines.
//!
//! The curves are steps, as the data are: waves of synchronised retries show as cliffs.

use plotters::element::Circle;
use plotters::style::Color;

use crate::time::Span;

use super::Caption;
use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn, fine};
use super::element::Line;
use super::frame::{self, BELOW_PLOT, Below, Chart};
use super::geometry::{Point, Rect};
use super::label::{Field, LINE_GAP};
use super::naming::{self, Named, Names};
use super::palette::{AXIS, FAINT, INK, Look, PAPER};
use super::scale::Scale;
use super::series::pens;
use super::style::{Across, Along, Pen, Type};
use super::text::Font;
use super::ticks;

/// More nines than this are noise in any sample that is drawn here.
const MOST_NINES: f64 = 5.0;
const HEIGHT: f64 = 440.0;
/// The axis of time begins where the first curve reaches this share: what happens before is nearly nothing.
const BEGUN: f64 = 0.01;
/// Radius of the ring at the end of a curve that never reaches 100 %.
const RING: f64 = 3.2;
const PLATEAU_FONT: Font = Font::bold(11.0);

/// The distribution of delivery latency of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart; the clairvoyant is [`Look::Reference`].
    pub look: Look,
    /// Latencies with the fraction (0 to 1) of all messages, delivered or not, that were delivered
    /// within them. Where the last fraction is below 1 the rest was never delivered.
    pub points: Vec<(Span, f64)>,
}

/// Delivery latency of several variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// The curves; any number, references among them.
    pub curves: Vec<Curve>,
}

impl Latency {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let curves: Vec<Vec<(f64, f64)>> = self.curves.iter().map(Curve::cumulative).collect();
        let names: Vec<&str> = self.curves.iter().map(|curve| curve.name.as_str()).collect();
        let height = HEIGHT.max(naming::key_height(&names));
        frame::page(caption, height + BELOW_PLOT, |root, body| {
            let y = Axis::nines(nines(&curves), Room::Up(height));
            let left = body.left + frame::beside_plot(&y);
            let right = if curves.iter().any(|curve| is_plateau(curve)) { 54.0 } else { 16.0 };
            let plot = Rect::new(left, body.top, body.right - right - left, height);
            let narrow = Rect { right: plot.right - naming::key_width(&names), ..plot };
            let wide = Layout::new(self, &curves, plot, &y);
            if let Some(names) = wide.names() {
                wide.draw(root, &curves)?;
                return names.draw(root, &wide.named, &wide.pens);
            }
            let layout = Layout::new(self, &curves, narrow, &y);
            layout.draw(root, &curves)?;
            let beside_values = Rect { right: narrow.right + right - 16.0, ..narrow };
            Names::beside(beside_values, &layout.named).draw(root, &layout.named, &layout.pens)
        })
    }
}

impl Curve {
    /// Seconds and fractions in order, never falling, with what cannot be drawn left out.
    fn cumulative(&self) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = self
            .points
            .iter()
            .filter(|(_, fraction)| fraction.is_finite())
            .map(|&(latency, fraction)| (latency.as_seconds(), fraction.clamp(0.0, 1.0)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut most: f64 = 0.0;
        for (_, fraction) in &mut points {
            most = most.max(*fraction);
            *fraction = most;
        }
        points
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
    fn new(figure: &'a Latency, curves: &[Vec<(f64, f64)>], plot: Rect, y: &Axis) -> Self {
        let x = time_axis(curves, Room::Across(plot.width()));
        let named: Vec<Named<'_>> = figure
            .curves
            .iter()
            .zip(curves)
            .map(|(curve, points)| Named {
                name: &curve.name,
                look: curve.look,
                ink: curve.look.ink(),
                line: steps(points, &x).into_iter().map(|p| frame::on_page(plot, &x, y, p)).collect(),
                gap: LINE_GAP,
            })
            .collect();
        let lines: Vec<Vec<Point>> = named.iter().map(|named| named.line.clone()).collect();
        let looks: Vec<Look> = named.iter().map(|named| named.look).collect();
        Self { plot, x, y: y.clone(), pens: pens(&lines, &looks, 1.8), named }
    }

    /// Names beside the curves. Their lower ends are the better places: there they differ.
    fn names(&self) -> Option<Names> {
        let mut field = Field::new(self.plot.grown(-2.0));
        for (owner, named) in self.named.iter().enumerate() {
            field.add_line(owner, &named.line);
            if let Some(&end) = named.line.last() {
                field.add_box(owner, &Rect::around(end, RING, RING));
            }
        }
        let height = self.plot.height();
        Names::find(&field, &self.named, &[], |point| 1.2 * (self.plot.bottom - point.y) / height)
    }

    fn draw(&self, root: &Area<'_>, curves: &[Vec<(f64, f64)>]) -> Drawn {
        let chart = frame::panel(root, self.plot, &self.x, &self.y, Below::Labels, &[]);
        frame::x_title(root, self.plot, &format!("time from arrival to delivery{}", self.x.note()))?;
        frame::y_title(root, self.plot, "delivered")?;
        self.draw_break(root)?;
        // References lie behind.
        let order = |reference: bool| {
            (0..curves.len()).filter(move |&i| (self.named[i].look == Look::Reference) == reference)
        };
        for index in order(true).chain(order(false)) {
            let points = steps(&curves[index], &self.x);
            chart.plotting_area().draw(&Line::new(points, self.pens[index].clone()))?;
        }
        self.draw_ends(root, &chart, curves)
    }

    /// Two strokes across the axis where it leaps from the last nine to 100 %.
    fn draw_break(&self, root: &Area<'_>) -> Drawn {
        let Scale::Nines(nines) = self.y.scale() else { return Ok(()) };
        let last = 1.0 - 10f64.powi(-(nines as i32));
        let y = self.plot.bottom - self.y.share(last) * self.plot.height() / 2.0;
        let x = self.plot.left;
        frame::fill(root, Rect::around(Point::new(x, y), 2.0, 2.0), PAPER)?;
        for y in [y - 2.5, y + 2.5] {
            frame::line(
                root,
                &[Point::new(x - 4.0, y + 2.0), Point::new(x + 4.0, y - 2.0)],
                Pen::solid(AXIS, 1.0),
            )?;
        }
        Ok(())
    }

    /// A ring and the share at the end of a curve that never reaches all messages; the others end on the
    /// lower edge, where marks would hide each other.
    fn draw_ends(&self, root: &Area<'_>, chart: &Chart<'_, '_>, curves: &[Vec<(f64, f64)>]) -> Drawn {
        let mut plateaus = Vec::new();
        for (curve, named) in curves.iter().zip(&self.named) {
            let Some(&(_, fraction)) = curve.last() else { continue };
            let colour = named.look.colour();
            let area = chart.plotting_area();
            if fraction < 1.0 {
                let end = (self.x.high(), fraction);
                area.draw(&Circle::new(end, fine(RING), PAPER.filled()))?;
                area.draw(&Circle::new(end, fine(RING), frame::hairline(colour, 1.4)))?;
                plateaus.push((frame::on_page(self.plot, &self.x, &self.y, end), fraction, named.ink));
            }
        }
        // Coincident curves share one value.
        plateaus.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
        plateaus.dedup_by(|b, a| {
            let same = (a.0.y - b.0.y).abs() < 1.0 && plateau(a.1) == plateau(b.1);
            if same {
                a.2 = INK;
            }
            same
        });
        let heights: Vec<f64> = plateaus.iter().map(|(end, ..)| end.y).collect();
        let places = spread(&heights, PLATEAU_FONT.size + 3.0, self.plot.bottom + 6.0);
        for ((end, fraction, ink), y) in plateaus.into_iter().zip(places) {
            let style = Type::new(PLATEAU_FONT, ink, Across::Left, Along::Middle);
            if (y - end.y).abs() > 1.0 {
                let bend = [Point::new(end.x + 3.5, end.y), Point::new(end.x + 9.0, y)];
                frame::line(root, &bend, Pen::solid(FAINT, 0.75))?;
            }
            frame::text(root, &plateau(fraction), Point::new(end.x + 10.0, y), style)?;
        }
        Ok(())
    }
}

/// How many nines the data tell apart.
fn nines(curves: &[Vec<(f64, f64)>]) -> u32 {
    let rest = curves.iter().flatten().map(|&(_, fraction)| 1.0 - fraction).filter(|&rest| rest > 0.0);
    let smallest = rest.fold(1.0, f64::min);
    (-smallest.log10() - 1e-9).ceil().clamp(1.0, MOST_NINES) as u32
}

/// From where the first curve begins in earnest to the longest latency; the horizon of curves that end
/// before is the edge of the axis.
fn time_axis(curves: &[Vec<(f64, f64)>], room: Room) -> Axis {
    let longest = curves.iter().flatten().map(|&(seconds, _)| seconds).fold(0.0, f64::max);
    if longest == 0.0 {
        return Axis::log_durations(1.0, 60.0, room);
    }
    let begun = |curve: &Vec<(f64, f64)>| {
        let found = curve.iter().find(|(seconds, fraction)| *seconds > 0.0 && *fraction >= BEGUN);
        found.map(|&(seconds, _)| seconds)
    };
    // Between one and five decades: what is shorter begins at the edge instead of squeezing hours
    // into a corner.
    let first = curves.iter().filter_map(begun).fold(longest / 10.0, f64::min).max(longest * 1e-5);
    Axis::log_durations(first * 0.9, longest, room)
}

fn is_plateau(curve: &[(f64, f64)]) -> bool {
    curve.last().is_some_and(|&(_, fraction)| fraction < 1.0)
}

/// The corners of the curve: level until a latency, then down; level to the edge where it ends
/// before all is delivered.
fn steps(points: &[(f64, f64)], x: &Axis) -> Vec<(f64, f64)> {
    let Some(&(_, last)) = points.last() else { return Vec::new() };
    let mut corners = vec![(x.low(), 0.0)];
    let mut level = 0.0;
    for &(seconds, fraction) in points {
        let seconds = seconds.max(x.low());
        corners.extend([(seconds, level), (seconds, fraction)]);
        level = fraction;
    }
    if last < 1.0 {
        corners.push((x.high(), last));
    }
    corners.dedup();
    corners
}

/// The share as text, never rounded up: 99.96 % is not 100 %.
fn plateau(fraction: f64) -> String {
    let decimals = 10f64.powf((-(1.0 - fraction).log10()).floor().clamp(0.0, 4.0) + 1.0) * 100.0;
    ticks::percent((fraction * decimals + 1e-9).floor() / decimals)
}

/// Sorted places moved downwards until they are `apart`, then up again where they left the bottom.
fn spread(places: &[f64], apart: f64, bottom: f64) -> Vec<f64> {
    let mut moved = places.to_vec();
    for index in 1..moved.len() {
        moved[index] = moved[index].max(moved[index - 1] + apart);
    }
    let mut limit = bottom;
    for place in moved.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - apart;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn curve(number: usize, points: &[(f64, f64)]) -> Curve {
        Curve {
            name: format!("variant number {number} with a rather long name, full jitter and a cap"),
            look: Look::Variant(number),
            points: points.iter().map(|&(s, f)| (Span::from_seconds_f64(s), f)).collect(),
        }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        let all_at_once = curve(0, &[(0.0, 1.0)]);
        let never = curve(1, &[(0.0, 0.0)]);
        let one = curve(2, &[(5.0, 0.3)]);
        let odd = curve(3, &[(1e9, 2.0), (-4.0, -1.0), (1e-6, f64::NAN)]);
        let empty = curve(4, &[]);
        for curves in [
            vec![],
            vec![all_at_once.clone()],
            vec![never.clone()],
            vec![all_at_once, never, one, odd, empty],
        ] {
            assert_png(&Latency { curves }.render(&caption()));
        }
    }

    #[test]
    fn twelve_coincident_curves_get_their_names() {
        let curves = (0..12).map(|number| curve(number, &[(1.0, 0.5), (60.0, 0.9), (3600.0, 1.0)])).collect();
        let figure = Latency { curves };
        assert_eq!(figure.render(&caption()), figure.render(&caption()));
    }

    #[test]
    fn curves_are_steps_that_end_flat_where_mail_is_lost() {
        let x = Axis::log_durations(1.0, 60.0, Room::Across(500.0));
        assert_eq!(
            steps(&[(0.0, 0.2), (10.0, 0.6)], &x),
            [(1.0, 0.0), (1.0, 0.2), (10.0, 0.2), (10.0, 0.6), (60.0, 0.6)]
        );
        assert_eq!(steps(&[(10.0, 1.0)], &x).last(), Some(&(10.0, 1.0)));
        assert!(steps(&[], &x).is_empty());
    }

    #[test]
    fn stragglers_do_not_stretch_the_axis_of_time_to_the_left() {
        let axis =
            |first: f64| time_axis(&[vec![(2.0, first), (600.0, 0.5), (36_000.0, 1.0)]], Room::Across(600.0));
        assert!(axis(0.2).low() < 2.0);
        assert!((300.0..600.0).contains(&axis(0.001).low()));
    }

    #[test]
    fn plateaus_are_rounded_down() {
        assert_eq!(
            [0.0, 0.61, 0.9996, 0.99999].map(plateau).map(|t| t.replace('\u{202f}', "")),
            ["0%", "61%", "99.96%", "99.999%"]
        );
        assert_eq!(spread(&[10.0, 11.0, 40.0], 5.0, 41.0), [10.0, 15.0, 40.0]);
        assert_eq!(spread(&[38.0, 39.0], 5.0, 41.0), [36.0, 41.0]);
    }
}
