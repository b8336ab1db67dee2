//! What something costs, by how much there is of it: lines over two logarithmic axes.

use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn};
use super::element::Line;
use super::frame::{self, BELOW_PLOT, Below};
use super::geometry::{Point, Rect};
use super::label::{Field, LINE_GAP};
use super::naming::{self, Named, Names};
use super::palette::Look;
use super::series::pens;
use super::style::Pen;
use super::{Caption, ticks};

const HEIGHT: f64 = 330.0;

/// A cost by a size, for several things.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scaling {
    /// What the size is, such as `messages queued`.
    pub size: String,
    /// What it costs and in what unit, such as `ns per event`.
    pub cost: String,
    /// The lines.
    pub lines: Vec<Costs>,
}

/// What one thing costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// Its name.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// Sizes and costs, by size. What is not positive or not finite is left out.
    pub points: Vec<(f64, f64)>,
}

impl Costs {
    fn shown(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let can_be_shown = |value: f64| value.is_finite() && value > 0.0;
        self.points.iter().copied().filter(move |(size, cost)| can_be_shown(*size) && can_be_shown(*cost))
    }
}

impl Scaling {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let names: Vec<&str> = self.lines.iter().map(|line| line.name.as_str()).collect();
        let height = HEIGHT.max(naming::key_height(&names));
        frame::page(caption, height + BELOW_PLOT, |root, body| {
            let (low, high) = self.decades(|(_, cost)| cost);
            let y = Axis::log_counts(low, high, Room::Up(height));
            let left = body.left + frame::beside_plot(&y);
            let right = body.right - naming::key_width(&names);
            let plot = Rect::new(left, body.top, right - left, height);
            let (low, high) = self.decades(|(size, _)| size);
            let x = Axis::log_counts(low, high, Room::Across(plot.width()));
            self.draw(root, plot, &x, &y)
        })
    }

    fn draw(&self, root: &Area<'_>, plot: Rect, x: &Axis, y: &Axis) -> Drawn {
        let named: Vec<Named<'_>> = self
            .lines
            .iter()
            .map(|line| Named {
                name: &line.name,
                look: line.look,
                ink: line.look.ink(),
                line: line.shown().map(|point| frame::on_page(plot, x, y, point)).collect(),
                gap: LINE_GAP,
            })
            .collect();
        let lines: Vec<Vec<Point>> = named.iter().map(|named| named.line.clone()).collect();
        let looks: Vec<Look> = named.iter().map(|named| named.look).collect();
        let pens: Vec<Pen> = pens(&lines, &looks, 1.8);
        let chart = frame::panel(root, plot, x, y, Below::Labels, &[]);
        frame::x_title(root, plot, &format!("{}{}", self.size, x.note()))?;
        frame::y_title(root, plot, &format!("{}{}", self.cost, y.note()))?;
        for (line, pen) in self.lines.iter().zip(&pens) {
            chart.plotting_area().draw(&Line::new(line.shown().collect(), pen.clone()))?;
        }
        for named in &named {
            named.line.iter().try_for_each(|&point| frame::mark(root, point, named.look))?;
        }
        let mut field = Field::new(plot.grown(-2.0));
        for (owner, named) in named.iter().enumerate() {
            field.add_line(owner, &named.line);
        }
        // At the right, where sizes are large and lines are apart.
        let penalty = |point: Point| 0.6 * (plot.right - point.x) / plot.width();
        let names = Names::find(&field, &named, &[], penalty).unwrap_or_else(|| Names::beside(plot, &named));
        names.draw(root, &named, &pens)
    }

    /// From the power of ten below the least to that above the greatest of a coordinate.
    fn decades(&self, of: impl Fn((f64, f64)) -> f64) -> (f64, f64) {
        let values = || self.lines.iter().flat_map(Costs::shown).map(&of);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
        let power = |value: f64| value.log10().clamp(-9.0, 12.0);
        if low > high {
            return (1.0, 10.0);
        }
        let first = power(low).floor() as i32;
        let last = (power(high).ceil() as i32).max(first + 1);
        (ticks::ten_to(first), ticks::ten_to(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn line(number: usize, points: &[(f64, f64)]) -> Costs {
        Costs { name: format!("line {number}"), look: Look::Variant(number), points: points.to_vec() }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        assert_png(&Scaling::default().render(&caption()));
        let strange = [(0.0, 1.0), (f64::NAN, 2.0), (1e3, -1.0), (1e300, 1e-300), (1.0, f64::INFINITY)];
        for points in [&[][..], &[(1.0, 1.0)], &[(1e3, 80.0), (1e7, 120.0)], &strange] {
            let lines = vec![line(0, points), line(9, points)];
            assert_png(&Scaling { lines, ..Scaling::default() }.render(&caption()));
        }
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let lines = (0..4).map(|n| line(n, &[(1e3, 10.0 + n as f64), (1e6, 90.0)])).collect();
        let scaling = Scaling { lines, ..Scaling::default() };
        assert_eq!(scaling.render(&caption()), scaling.render(&caption()));
    }
}
