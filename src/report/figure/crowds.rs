//! How numbers grow with the size of a crowd: a panel for each number, a line for each of those compared.

use plotters::element::Polygon;
use plotters::style::Color;

use super::Caption;
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

const HEIGHT: f64 = 300.0;
const GAP: f64 = 18.0;
/// A logarithmic scale where the largest value is this many times the smallest.
const LOG_RATIO: f64 = 12.0;

/// A mean with its interval, and where most single runs lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CrowdPoint {
    /// The size of the crowd.
    pub size: f64,
    /// The mean; what is not finite is left out.
    pub mean: f64,
    /// The interval of the mean.
    pub interval: (f64, f64),
    /// Between which most single runs lie.
    pub most: (f64, f64),
}

/// One of those that are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CrowdCurve {
    /// Its name.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// The values by ascending size.
    pub points: Vec<CrowdPoint>,
}

/// One number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrowdPanel {
    /// Its name, with its unit.
    pub quantity: String,
    /// Those that are compared.
    pub curves: Vec<CrowdCurve>,
}

/// Numbers against the size of a crowd.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crowds {
    /// What the crowd consists of.
    pub sizes: String,
    /// One panel each, from the top.
    pub panels: Vec<CrowdPanel>,
}

impl Crowds {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let key_height = self.panels.iter().map(|panel| naming::key_height(&panel.names()));
        let height = key_height.fold(HEIGHT, f64::max);
        let total = self.panels.len().max(1) as f64 * (height + GAP) - GAP;
        frame::page(caption, total + BELOW_PLOT, |root, body| {
            let first = Rect { bottom: body.top + height, right: body.right - 16.0, ..body };
            let wide = self.layouts(first, 0.0);
            let names: Option<Vec<Names>> = wide.iter().map(Layout::names).collect();
            if let Some(names) = names {
                return self.draw(root, &wide, &names);
            }
            let widths = self.panels.iter().map(|panel| naming::key_width(&panel.names()));
            let narrow = self.layouts(first, widths.fold(0.0, f64::max));
            let keys: Vec<Names> =
                narrow.iter().map(|layout| Names::beside(layout.plot, &layout.named)).collect();
            self.draw(root, &narrow, &keys)
        })
    }

    /// The panels, one below the other, the first within these bounds, with so much room for keys.
    fn layouts(&self, first: Rect, key: f64) -> Vec<Layout<'_>> {
        let axes: Vec<Axis> = self.panels.iter().map(|panel| panel.axis(Room::Up(first.height()))).collect();
        let left = first.left + axes.iter().map(frame::beside_plot).fold(0.0, f64::max);
        let plot = Rect { left, right: first.right - key, ..first };
        let sizes = self.panels.iter().flat_map(CrowdPanel::points).map(|(_, point)| point.size);
        let x = Axis::whole_numbers(0.0, sizes.fold(1.0, f64::max), Room::Across(plot.width()));
        let panels = self.panels.iter().zip(axes).enumerate();
        let below = |index: usize| index as f64 * (first.height() + GAP);
        panels
            .map(|(index, (panel, y))| {
                let [top, bottom] = [plot.top, plot.bottom].map(|edge| edge + below(index));
                Layout::new(panel, Rect { top, bottom, ..plot }, x.clone(), y)
            })
            .collect()
    }

    fn draw(&self, root: &Area<'_>, layouts: &[Layout<'_>], names: &[Names]) -> Drawn {
        for (index, (layout, names)) in layouts.iter().zip(names).enumerate() {
            let below = if index + 1 == layouts.len() { Below::Labels } else { Below::Nothing };
            layout.draw(root, below)?;
            names.draw(root, &layout.named, &layout.pens)?;
        }
        layouts.last().map_or(Ok(()), |last| frame::x_title(root, last.plot, &self.sizes))
    }
}

impl CrowdPanel {
    fn names(&self) -> Vec<&str> {
        self.curves.iter().map(|curve| curve.name.as_str()).collect()
    }

    fn points(&self) -> impl Iterator<Item = (&CrowdCurve, &CrowdPoint)> {
        self.curves.iter().flat_map(|curve| curve.finite().map(move |point| (curve, point)))
    }

    fn axis(&self, room: Room) -> Axis {
        let high = self.points().map(|(_, point)| point.most.1.max(point.mean));
        let high = high.filter(|high| high.is_finite()).fold(0.0, f64::max);
        let low = self.points().map(|(_, point)| point.most.0.min(point.mean)).fold(f64::INFINITY, f64::min);
        match low > 0.0 && high > LOG_RATIO * low {
            true => Axis::log_numbers(low / 1.2, high * 1.2, room),
            false => Axis::numbers(0.0, if high > 0.0 { high * 1.06 } else { 1.0 }, room),
        }
    }
}

impl CrowdCurve {
    fn finite(&self) -> impl Iterator<Item = &CrowdPoint> {
        self.points.iter().filter(|point| point.mean.is_finite())
    }

    /// The outline of a ribbon, forwards along its top and back along its bottom.
    fn outline(&self, ends: fn(&CrowdPoint) -> (f64, f64)) -> Vec<(f64, f64)> {
        let edge = |pick: fn((f64, f64)) -> f64| {
            self.finite().map(move |point| {
                let value = pick(ends(point));
                (point.size, if value.is_finite() { value } else { point.mean })
            })
        };
        let bottom: Vec<(f64, f64)> = edge(|ends| ends.0).collect();
        edge(|ends| ends.1).chain(bottom.into_iter().rev()).collect()
    }
}

/// A panel laid out in its plot.
struct Layout<'a> {
    panel: &'a CrowdPanel,
    plot: Rect,
    x: Axis,
    y: Axis,
    named: Vec<Named<'a>>,
    pens: Vec<Pen>,
}

impl<'a> Layout<'a> {
    fn new(panel: &'a CrowdPanel, plot: Rect, x: Axis, y: Axis) -> Self {
        let named: Vec<Named<'_>> = panel
            .curves
            .iter()
            .map(|curve| Named {
                name: &curve.name,
                look: curve.look,
                ink: curve.look.ink(),
                line: curve
                    .finite()
                    .map(|point| frame::on_page(plot, &x, &y, (point.size, point.mean)))
                    .collect(),
                gap: LINE_GAP,
            })
            .collect();
        let lines: Vec<Vec<Point>> = named.iter().map(|named| named.line.clone()).collect();
        let looks: Vec<Look> = named.iter().map(|named| named.look).collect();
        Self { panel, plot, x, y, pens: pens(&lines, &looks, 1.6), named }
    }

    /// Names beside the lines, rather at their right ends, where large crowds tell them apart.
    fn names(&self) -> Option<Names> {
        let mut field = Field::new(self.plot.grown(-2.0));
        for (owner, named) in self.named.iter().enumerate() {
            field.add_line(owner, &named.line);
        }
        let width = self.plot.width();
        Names::find(&field, &self.named, &[], |point| 0.8 * (self.plot.right - point.x) / width)
    }

    fn draw(&self, root: &Area<'_>, below: Below) -> Drawn {
        let chart = frame::panel(root, self.plot, &self.x, &self.y, below, &[]);
        frame::y_title(root, self.plot, &format!("{}{}", self.panel.quantity, self.y.note()))?;
        for curve in &self.panel.curves {
            for (ends, shade) in RIBBONS {
                let outline = curve.outline(ends);
                if outline.len() > 2 {
                    chart.plotting_area().draw(&Polygon::new(outline, curve.look.colour().mix(shade)))?;
                }
            }
        }
        for (curve, pen) in self.panel.curves.iter().zip(&self.pens) {
            let line = curve.finite().map(|point| (point.size, point.mean)).collect();
            chart.plotting_area().draw(&Line::new(line, pen.clone()))?;
        }
        // A line of one point is none.
        let alone =
            self.named.iter().filter_map(|named| Some((named.look, *named.line.first()?, named.line.len())));
        alone.filter(|(_, _, points)| *points == 1).try_for_each(|(look, at, _)| frame::mark(root, at, look))
    }
}

/// The ends of a ribbon, and how dark it is.
type Ribbon = (fn(&CrowdPoint) -> (f64, f64), f64);

/// Most single runs, and on top of them the interval of the mean.
const RIBBONS: [Ribbon; 2] = [(|point| point.most, 0.18), (|point| point.interval, 0.45)];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn panel(curves: usize, means: &[f64]) -> CrowdPanel {
        let point = |(place, &mean): (usize, &f64)| CrowdPoint {
            size: place as f64 * 10.0,
            mean,
            interval: (mean * 0.9, mean * 1.1),
            most: (mean * 0.5, mean * 2.0),
        };
        let curve = |number| CrowdCurve {
            name: format!("strategy {number}"),
            look: Look::Variant(number),
            points: means.iter().enumerate().map(point).collect(),
        };
        CrowdPanel { quantity: "calls".to_owned(), curves: (0..curves).map(curve).collect() }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        assert_png(&Crowds::default().render(&caption()));
        for means in [&[][..], &[0.0], &[7.0], &[1e12, 0.0, f64::NAN, 1.0], &[1.0, 20.0, 400.0]] {
            for curves in [0, 1, 5, 40] {
                let panels = vec![panel(curves, means), panel(curves, &[1.0, 2.0, 3.0])];
                assert_png(&Crowds { sizes: "clients".to_owned(), panels }.render(&caption()));
            }
        }
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let figure = Crowds { sizes: String::new(), panels: vec![panel(5, &[1.0, 20.0, 400.0]); 2] };
        assert_eq!(figure.render(&caption()), figure.render(&caption()));
    }
}
