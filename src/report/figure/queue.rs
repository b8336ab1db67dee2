//! Queue depth over time: all variants in one plot, named at their lines.

use plotters::element::Polygon;
use plotters::style::Color;

use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn};
use super::element::Line;
use super::frame::{self, BELOW_PLOT, Below};
use super::geometry::{Point, Rect};
use super::label::{Field, LINE_GAP};
use super::naming::{self, Named, Names};
use super::palette::Look;
use super::series::{self, Series, pens};
use super::style::Pen;
use super::{Caption, Window};

const HEIGHT: f64 = 360.0;
/// Means of less than a message say how many replications there are: logarithmic scales begin here.
const ONE: f64 = 1.0;

/// How much mail waits, over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// What waits with its unit, such as `messages queued`.
    pub quantity: String,
    /// The variants; samples are joined by straight lines.
    pub series: Vec<Series>,
    /// Shaded stretches of time.
    pub windows: Vec<Window>,
}

impl Queue {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let names: Vec<&str> = self.series.iter().map(|series| series.name.as_str()).collect();
        let height = HEIGHT.max(naming::key_height(&names));
        frame::page(caption, height + BELOW_PLOT, |root, body| {
            let y = series::count_axis(self.series.iter(), None, ONE, Room::Up(height));
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
}

/// Lines laid out in a plot.
struct Layout<'a> {
    plot: Rect,
    x: Axis,
    y: Axis,
    named: Vec<Named<'a>>,
    pens: Vec<Pen>,
    shaded: Vec<Rect>,
}

impl<'a> Layout<'a> {
    fn new(figure: &'a Queue, plot: Rect, y: &Axis) -> Self {
        let times = || figure.series.iter().flat_map(Series::finite).map(|(time, _)| time);
        let (start, end) = (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max));
        // From the start, though depths may be known only from the end of the first step on.
        let x = Axis::durations(start.min(0.0), end, Room::Across(plot.width()));
        let named: Vec<Named<'_>> = figure
            .series
            .iter()
            .map(|series| Named {
                name: &series.name,
                look: series.look,
                ink: series.look.ink(),
                line: points(series).into_iter().map(|point| frame::on_page(plot, &x, y, point)).collect(),
                gap: LINE_GAP,
            })
            .collect();
        let lines: Vec<Vec<Point>> = named.iter().map(|named| named.line.clone()).collect();
        let looks: Vec<Look> = named.iter().map(|named| named.look).collect();
        let shaded = figure.windows.iter().filter_map(|window| frame::shaded(plot, &x, window)).collect();
        Self { plot, y: y.clone(), pens: pens(&lines, &looks, 1.8), named, shaded, x }
    }

    /// Names beside the lines. High up is where queues differ and where they matter.
    fn names(&self) -> Option<Names> {
        let mut field = Field::new(self.plot.grown(-2.0));
        for (owner, named) in self.named.iter().enumerate() {
            field.add_line(owner, &named.line);
        }
        let height = self.plot.height();
        Names::find(&field, &self.named, &self.shaded, |point| 0.6 * (point.y - self.plot.top) / height)
    }

    fn draw(&self, root: &Area<'_>, figure: &Queue) -> Drawn {
        let chart = frame::panel(root, self.plot, &self.x, &self.y, Below::Labels, &figure.windows);
        frame::x_title(root, self.plot, "time since start")?;
        frame::y_title(root, self.plot, &series::count_title(&figure.quantity, &self.y))?;
        for series in &figure.series {
            let band = series.ribbon();
            if !band.is_empty() {
                chart.plotting_area().draw(&Polygon::new(band, series.look.colour().mix(0.18)))?;
            }
        }
        for (series, pen) in figure.series.iter().zip(&self.pens) {
            chart.plotting_area().draw(&Line::new(points(series), pen.clone()))?;
        }
        Ok(())
    }
}

fn points(series: &Series) -> Vec<(f64, f64)> {
    series.finite().map(|(time, sample)| (time, sample.mean)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption, series};

    #[test]
    fn degenerate_data_are_drawn() {
        assert_png(&Queue::default().render(&caption()));
        for values in [&[][..], &[0.0], &[7.0, 7.0], &[1e12, 0.0, f64::NAN, 1.0]] {
            let queue = Queue { series: vec![series(0, values), series(9, values)], ..Queue::default() };
            assert_png(&queue.render(&caption()));
        }
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let queue =
            Queue { series: (0..5).map(|n| series(n, &[0.0, n as f64, 0.0])).collect(), ..Queue::default() };
        assert_eq!(queue.render(&caption()), queue.render(&caption()));
    }
}
