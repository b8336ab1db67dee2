//! How a number answers to a parameter: one line per variant with its interval as a ribbon.

use plotters::element::Polygon;
use plotters::style::Color;

use super::Caption;
use super::axis::{Axis, Room, TICK_FONT};
use super::canvas::{Area, Drawn, fine};
use super::element::Line;
use super::frame::{self, BELOW_PLOT, Below};
use super::geometry::{Point, Rect};
use super::label::{Field, LINE_GAP};
use super::naming::{self, Named, Names};
use super::palette::{AXIS, INK, Look};
use super::series::pens;
use super::style::{Across, Along, Pen, Type};
use super::ticks;

const HEIGHT: f64 = 400.0;
/// A logarithmic scale where the largest value is this many times the smallest.
const LOG_RATIO: f64 = 12.0;
/// Free room at the ends of an axis of words, as a part of the distance between two.
const AIR: f64 = 0.4;

/// What the numbers of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// Seconds.
    Time,
    /// Anything else.
    Number,
}

/// What was varied.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// Numbers, in ascending order.
    Measured {
        /// What they are.
        measured: Measured,
        /// Whether even ratios look even.
        log: bool,
        /// The values.
        values: Vec<f64>,
    },
    /// Words, in their order.
    Words(Vec<String>),
}

/// A value with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    /// Which value of the parameter, from 0.
    pub place: usize,
    /// The mean; what is not finite is left out.
    pub mean: f64,
    /// Its interval; none where there are too few replications.
    pub interval: Option<(f64, f64)>,
}

/// The answers of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Responding {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// What there is, in the order of the parameter.
    pub points: Vec<Response>,
}

/// A number against a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Responses {
    /// The name of the parameter.
    pub parameter: String,
    /// Its values.
    pub values: Parameter,
    /// The name of the number, with its unit where it has one.
    pub quantity: String,
    /// What the number is.
    pub measured: Measured,
    /// The lines.
    pub curves: Vec<Responding>,
}

impl Responses {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let names: Vec<&str> = self.curves.iter().map(|curve| curve.name.as_str()).collect();
        let height = HEIGHT.max(naming::key_height(&names));
        frame::page(caption, height + BELOW_PLOT, |root, body| {
            let y = self.quantity_axis(Room::Up(height));
            let left = body.left + frame::beside_plot(&y);
            let plot = Rect::new(left, body.top, body.right - 16.0 - left, height);
            let wide = Layout::new(self, plot, &y);
            if let Some(names) = wide.names(self) {
                wide.draw(root, self)?;
                return names.draw(root, &wide.named, &wide.pens);
            }
            let narrow =
                Layout::new(self, Rect { right: plot.right - naming::key_width(&names), ..plot }, &y);
            narrow.draw(root, self)?;
            Names::beside(narrow.plot, &narrow.named).draw(root, &narrow.named, &narrow.pens)
        })
    }

    fn quantity_axis(&self, room: Room) -> Axis {
        let points = || self.curves.iter().flat_map(Responding::finite);
        let means = || points().map(|point| point.mean);
        let ends =
            points().filter_map(|point| point.interval).map(|(_, high)| high).filter(|high| high.is_finite());
        let high = means().chain(ends).fold(0.0, f64::max);
        let low = means().fold(f64::INFINITY, f64::min);
        let high = if high > 0.0 { high } else { 1.0 };
        let is_log = low > 0.0 && high > LOG_RATIO * low;
        match (self.measured, is_log) {
            (Measured::Time, true) => Axis::log_durations(low / 1.1, high, room),
            (Measured::Time, false) => Axis::durations(0.0, high * 1.06, room),
            (Measured::Number, true) => Axis::log_numbers(low / 1.2, high * 1.2, room),
            (Measured::Number, false) => Axis::numbers(0.0, high * 1.06, room),
        }
    }

    fn parameter_axis(&self, room: Room) -> Axis {
        let Parameter::Measured { measured, log, values } = &self.values else {
            return Axis::span(-AIR, self.values.count().max(1) as f64 - 1.0 + AIR);
        };
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = values.iter().copied().filter(|&value| value > 0.0).fold(f64::INFINITY, f64::min);
        match (measured, log) {
            (Measured::Time, true) if low > 0.0 => Axis::fitted_log_durations(low * 0.95, high * 1.05, room),
            (Measured::Number, true) if low > 0.0 => Axis::log_numbers(low * 0.95, high * 1.05, room),
            // Ratios with a zero among them: linear up to the smallest.
            (Measured::Time, true) if least < high => Axis::durations_from_zero(high, least, room),
            (Measured::Number, true) if least < high => Axis::symlog(low, high, least, room, ticks::number),
            (Measured::Time, _) => Axis::durations(low, high, room),
            (Measured::Number, _) => Axis::numbers(low, high, room),
        }
    }
}

impl Parameter {
    fn count(&self) -> usize {
        match self {
            Self::Measured { values, .. } => values.len(),
            Self::Words(words) => words.len(),
        }
    }

    /// The number that stands for a value on the axis.
    fn at(&self, place: usize) -> f64 {
        match self {
            Self::Measured { values, .. } => values.get(place).copied().unwrap_or_default(),
            Self::Words(_) => place as f64,
        }
    }
}

impl Responding {
    fn finite(&self) -> impl Iterator<Item = &Response> {
        self.points.iter().filter(|point| point.mean.is_finite())
    }
}

/// Lines laid out in a plot.
struct Layout<'a> {
    plot: Rect,
    x: Axis,
    y: Axis,
    named: Vec<Named<'a>>,
    pens: Vec<Pen>,
}

impl<'a> Layout<'a> {
    fn new(figure: &'a Responses, plot: Rect, y: &Axis) -> Self {
        let x = figure.parameter_axis(Room::Across(plot.width()));
        let line = |curve: &Responding| -> Vec<Point> {
            let place = |point: &Response| (figure.values.at(point.place), point.mean);
            curve.finite().map(|point| frame::on_page(plot, &x, y, place(point))).collect()
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

    /// The outline of the intervals on the page, forwards along the top and back along the bottom.
    fn ribbon(&self, figure: &Responses, curve: &Responding) -> Vec<Point> {
        let edge = |pick: fn((f64, f64)) -> f64| -> Vec<Point> {
            let at = |point: &Response| {
                let value = point.interval.map(pick).filter(|value| value.is_finite()).unwrap_or(point.mean);
                frame::on_page(self.plot, &self.x, &self.y, (figure.values.at(point.place), value))
            };
            curve.finite().map(at).collect()
        };
        let mut outline = edge(|interval| interval.1);
        outline.extend(edge(|interval| interval.0).into_iter().rev());
        outline
    }

    fn names(&self, figure: &Responses) -> Option<Names> {
        let mut field = Field::new(self.plot.grown(-2.0));
        for (owner, (named, curve)) in self.named.iter().zip(&figure.curves).enumerate() {
            field.add_line(owner, &named.line);
            field.add_line(owner, &self.ribbon(figure, curve));
            for &point in &named.line {
                field.add_box(owner, &Rect::around(point, frame::MARK_RADIUS, frame::MARK_RADIUS));
            }
        }
        Names::find(&field, &self.named, &[], |_| 0.0)
    }

    fn draw(&self, root: &Area<'_>, figure: &Responses) -> Drawn {
        frame::panel(root, self.plot, &self.x, &self.y, Below::Labels, &[]);
        if let Parameter::Words(words) = &figure.values {
            self.draw_words(root, words)?;
        }
        frame::x_title(root, self.plot, &format!("{}{}", figure.parameter, self.x.note()))?;
        frame::y_title(root, self.plot, &format!("{}{}", figure.quantity, self.y.note()))?;
        for curve in &figure.curves {
            let outline = self.ribbon(figure, curve).into_iter().map(|point| (fine(point.x), fine(point.y)));
            root.draw(&Polygon::new(outline.collect::<Vec<_>>(), curve.look.colour().mix(0.2)))?;
        }
        for (named, pen) in self.named.iter().zip(&self.pens) {
            let places = named.line.iter().map(|point| (fine(point.x), fine(point.y)));
            root.draw(&Line::new(places.collect(), pen.clone()))?;
            named.line.iter().try_for_each(|&point| frame::mark(root, point, named.look))?;
        }
        Ok(())
    }

    /// Words below the axis, each as far as it has room.
    fn draw_words(&self, root: &Area<'_>, words: &[String]) -> Drawn {
        let room = self.plot.width() / (words.len().max(1) as f64 - 1.0 + 2.0 * AIR);
        for (place, word) in words.iter().enumerate() {
            let at = frame::on_page(self.plot, &self.x, &self.y, (place as f64, self.y.low()));
            let tick = [at, Point::new(at.x, at.y + 3.5)];
            frame::line(root, &tick, Pen::solid(AXIS, 1.0))?;
            let style = Type::new(TICK_FONT, INK, Across::Centre, Along::Top);
            frame::text(root, &TICK_FONT.fit(word, room - 6.0), Point::new(at.x, at.y + 8.0), style)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn curve(number: usize, means: &[f64]) -> Responding {
        let point = |(place, &mean): (usize, &f64)| Response {
            place,
            mean,
            interval: (!place.is_multiple_of(3)).then_some((mean * 0.8, mean * 1.3)),
        };
        Responding {
            name: format!("variant {number} with a name that is rather long for a plot"),
            look: Look::Variant(number),
            points: means.iter().enumerate().map(point).collect(),
        }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        let measured =
            |measured, log, values: &[f64]| Parameter::Measured { measured, log, values: values.to_vec() };
        let words = Parameter::Words(
            ["none", "full jitter with a very long name indeed", ""].map(str::to_owned).into(),
        );
        let parameters = [
            measured(Measured::Time, true, &[1.0, 30.0, 600.0]),
            measured(Measured::Time, true, &[0.0, 30.0, 600.0]),
            measured(Measured::Number, true, &[0.0, 0.1, 1.0]),
            measured(Measured::Number, false, &[-3.0, 5.0, 9.0]),
            measured(Measured::Number, true, &[0.0]),
            measured(Measured::Time, false, &[]),
            words,
            Parameter::Words(Vec::new()),
        ];
        let huge = [1e12, f64::NAN, 1e-9];
        for (place, values) in parameters.into_iter().enumerate() {
            let measured = if place.is_multiple_of(2) { Measured::Time } else { Measured::Number };
            let means: &[f64] = if place < 2 { &huge } else { &[5.0, 4.0, 0.0] };
            let curves = (0..place * 2).map(|number| curve(number, means)).collect();
            let figure = Responses {
                parameter: "recipients.mx.slots".to_owned(),
                values,
                quantity: "restricted mean".to_owned(),
                measured,
                curves,
            };
            assert_png(&figure.render(&caption()));
            assert_eq!(figure.render(&caption()), figure.render(&caption()));
        }
    }
}
