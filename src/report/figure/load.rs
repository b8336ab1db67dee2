//! Load at the recipient over time: one panel per variant, all on the same scale.

use plotters::element::Polygon;
use plotters::style::Color;

use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn};
use super::element::Line;
use super::frame::{self, BELOW_PLOT, Below, NAME_FONT};
use super::geometry::{Point, Rect, densify};
use super::label::{self, Field, Request};
use super::palette::{AXIS, INK};
use super::scale::Scale;
use super::series::{self, Series};
use super::style::{Across, Along, Pen, Type};
use super::text::Font;
use super::{Caption, Window, ticks};

/// Room for the name at the right of a panel.
const NAME_WIDTH: f64 = 132.0;
/// Between panels: more than the height of a tick label, of which each panel may have one on its edges.
const GAP: f64 = 15.0;
const CAPACITY_FONT: Font = Font::regular(11.0);

/// A line across all panels: as much as the recipient can serve.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// Its height, in the unit of the samples.
    pub value: f64,
    /// What to call it, such as `capacity`; the value is written after it.
    pub name: String,
}

/// Connections, or any other count, at the recipient over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// What is counted with its unit, such as `connections per minute`.
    pub quantity: String,
    /// What a single count in a step amounts to: logarithmic scales begin no lower than the power of ten
    /// below it. Less is the mean of a few lone counts, and says how many replications there are.
    pub one: f64,
    /// One panel each, from the top; the scale is shared.
    pub panels: Vec<LoadPanel>,
    /// The dashed line.
    pub capacity: Option<Capacity>,
}

/// Load under one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadPanel {
    /// The counts.
    pub series: Series,
    /// Shaded stretches of time.
    pub windows: Vec<Window>,
}

impl Load {
    /// The figure as a PNG file; its height grows with the number of panels.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let count = self.panels.len().max(1);
        let height = panel_height(count);
        let total = count as f64 * (height + GAP) - GAP;
        frame::page(caption, total + BELOW_PLOT, |root, body| {
            let capacity = self.capacity.as_ref().map(|capacity| capacity.value).filter(|v| v.is_finite());
            let series = || self.panels.iter().map(|panel| &panel.series);
            let y = series::count_axis(series(), capacity, self.one, Room::Up(height));
            let left = body.left + frame::beside_plot(&y);
            let width = body.right - NAME_WIDTH - left;
            let (start, end) = series::time_range(series());
            let x = Axis::durations(start, end, Room::Across(width));
            let plots: Vec<Rect> = (0..count)
                .map(|index| Rect::new(left, body.top + index as f64 * (height + GAP), width, height))
                .collect();
            for (index, &plot) in plots.iter().enumerate() {
                let below = if index + 1 == count { Below::Labels } else { Below::Nothing };
                self.draw_panel(root, plot, &x, &y, below, self.panels.get(index))?;
            }
            self.draw_capacity_name(root, &plots, &x, &y)?;
            frame::x_title(root, plots[count - 1], "time since start")?;
            let all = Rect { bottom: plots[count - 1].bottom, ..plots[0] };
            frame::y_title(root, all, &series::count_title(&self.quantity, &y))
        })
    }

    fn draw_panel(
        &self,
        root: &Area<'_>,
        plot: Rect,
        x: &Axis,
        y: &Axis,
        below: Below,
        panel: Option<&LoadPanel>,
    ) -> Drawn {
        let windows = panel.map(|panel| &panel.windows[..]).unwrap_or_default();
        let chart = frame::panel(root, plot, x, y, below, windows);
        let area = chart.plotting_area();
        let Some(LoadPanel { series, .. }) = panel else { return Ok(()) };
        let colour = series.look.colour();
        let steps = series.steps();
        // Areas mean something only where they stand on zero.
        let ends = steps.first().zip(steps.last()).filter(|_| y.scale() == Scale::Linear);
        if let Some((first, last)) = ends {
            let mut filled = vec![(first.0, 0.0)];
            filled.extend(&steps);
            filled.push((last.0, 0.0));
            area.draw(&Polygon::new(filled, colour.mix(0.16)))?;
        }
        let band = series.band();
        if !band.is_empty() {
            area.draw(&Polygon::new(band, colour.mix(0.35)))?;
        }
        area.draw(&Line::new(steps, Pen::solid(colour, 1.2)))?;
        if let Some(capacity) = self.capacity.as_ref().filter(|capacity| in_range(capacity, y)) {
            let ends = vec![(x.low(), capacity.value), (x.high(), capacity.value)];
            area.draw(&Line::new(ends, Pen::dashed(AXIS, 1.0, &[5.0, 3.5])))?;
        }
        draw_name(root, plot, series)
    }

    /// The name of the dashed line, once, in the first panel that has room for it.
    fn draw_capacity_name(&self, root: &Area<'_>, plots: &[Rect], x: &Axis, y: &Axis) -> Drawn {
        let Some(capacity) = &self.capacity else { return Ok(()) };
        let value = ticks::number((capacity.value * 100.0).round() / 100.0);
        let mut name = format!("{} {value}", capacity.name);
        let is_shown = in_range(capacity, y);
        if !is_shown {
            name = format!("{name} lies beyond this scale");
        }
        let name = CAPACITY_FONT.fit(&name, plots[0].width() - 20.0);
        for (plot, LoadPanel { series, .. }) in plots.iter().zip(&self.panels).filter(|_| is_shown) {
            let line: Vec<Point> =
                series.steps().into_iter().map(|point| frame::on_page(*plot, x, y, point)).collect();
            let mut field = Field::new(plot.grown(-1.0));
            field.add_line(0, &line);
            let height = frame::on_page(*plot, x, y, (x.low(), capacity.value)).y;
            let level = [Point::new(plot.right, height), Point::new(plot.left, height)];
            field.add_line(1, &level);
            // The right end first: most runs are quiet there.
            let anchors = densify(&level, 12.0).into_iter().enumerate().map(|(i, p)| (p, 0.02 * i as f64));
            let request = Request {
                owner: 1,
                width: CAPACITY_FONT.width(&name),
                height: CAPACITY_FONT.height(),
                gap: label::LINE_GAP,
                anchors: anchors.collect(),
            };
            if let Some(placed) = label::place(&field, &[request])[0].filter(|placed| placed.leader.is_none())
            {
                let style = Type::new(CAPACITY_FONT, INK, Across::Left, Along::Bottom).with_halo(1.5);
                return frame::text(root, &name, Point::new(placed.rect.left, placed.rect.bottom), style);
            }
        }
        // The line is in no panel, or none has room: the corner at the lower right lies below the names.
        let style = Type::new(CAPACITY_FONT, INK, Across::Right, Along::Top);
        let corner = Point::new(plots[0].right + NAME_WIDTH, plots[plots.len() - 1].bottom + 30.0);
        frame::text(root, &name, corner, style)
    }
}

fn panel_height(panels: usize) -> f64 {
    match panels {
        1 => 240.0,
        2 => 150.0,
        3..=4 => 110.0,
        5..=8 => 82.0,
        _ => 68.0,
    }
}

fn in_range(capacity: &Capacity, y: &Axis) -> bool {
    capacity.value >= y.low() && capacity.value <= y.high()
}

fn draw_name(root: &Area<'_>, plot: Rect, series: &Series) -> Drawn {
    let most = ((plot.height() / NAME_FONT.leading()) as usize).clamp(1, 4);
    let lines = NAME_FONT.balanced(&series.name, NAME_WIDTH - 12.0, most);
    let mut y = plot.centre().y - (lines.len().saturating_sub(1)) as f64 * NAME_FONT.leading() / 2.0;
    for line in lines {
        let style = Type::new(NAME_FONT, series.look.ink(), Across::Left, Along::Middle);
        frame::text(root, &line, Point::new(plot.right + 12.0, y), style)?;
        y += NAME_FONT.leading();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption, series};
    use crate::time::Instant;

    fn panel(number: usize, values: &[f64]) -> LoadPanel {
        let windows = vec![Window { start: Instant::ZERO, end: Instant::NEVER }];
        LoadPanel { series: series(number, values), windows }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        let capacity = |value| Some(Capacity { value, name: "capacity".to_owned() });
        assert_png(&Load::default().render(&caption()));
        let huge = [1e12, 1e-9, f64::NAN, -3.0];
        let sets = [&[][..], &[0.0], &[5.0], &[0.0, 0.0, 0.0], &huge];
        let capacities = [None, capacity(0.0), capacity(80.0), capacity(f64::INFINITY), capacity(-1.0)];
        for (values, capacity) in sets.into_iter().zip(capacities) {
            let load = Load {
                quantity: "connections per minute".to_owned(),
                one: 0.2,
                panels: vec![panel(0, values), panel(1, &[])],
                capacity,
            };
            assert_png(&load.render(&caption()));
        }
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let panels = (0..12).map(|number| panel(number, &[1.0, 40.0, 2000.0, 3.0])).collect();
        let load = Load { panels, ..Load::default() };
        assert_eq!(load.render(&caption()), load.render(&caption()));
    }
}
