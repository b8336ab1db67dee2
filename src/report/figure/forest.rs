//! Paired differences from the baseline with their intervals, one line per variant.

use plotters::style::RGBColor;

use super::Caption;
use super::axis::{Axis, Room, Scale};
use super::canvas::{Across, Along, Area, Drawn, Pen, Type};
use super::frame::{self, BELOW_PLOT, Below, NAME_FONT, NOTE_FONT};
use super::geometry::{Point, Rect};
use super::palette::{AXIS, GREY, INK, Look};
use super::text::Font;
use super::ticks::{self, Signed};

const ROW: f64 = 23.0;
/// From the top of a block to its first row: the name of the metric.
const HEAD: f64 = 26.0;
/// From the last row of a block to the next block: the axis.
const FOOT: f64 = 46.0;
const LONGEST_NAME: f64 = 190.0;
const VALUE_WIDTH: f64 = 150.0;
const VERDICT_WIDTH: f64 = 122.0;
const VALUE_FONT: Font = Font::regular(11.0);
const METRIC_FONT: Font = Font::bold(13.0);
/// Differences too small to matter.
const EQUAL: RGBColor = RGBColor(226, 240, 234);
/// From this ratio of the largest to the middle difference on the scale is compressed.
const LOG_RATIO: f64 = 15.0;

/// What can be said about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The interval leaves out zero and the difference matters.
    Different,
    /// The whole interval lies within the band of practical equality.
    PracticallyEqual,
    /// The data do not say.
    NotDistinguishable,
}

/// The difference of one variant from the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// Variant minus baseline, in per cent of the baseline.
    pub percent: f64,
    /// The simultaneous interval in per cent; none where there are too few replications.
    pub interval: Option<(f64, f64)>,
    /// What follows.
    pub verdict: Verdict,
}

/// The differences of all variants in one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The metric, such as `restricted mean latency`; lower is taken to be what is hoped for.
    pub metric: String,
    /// Differences up to this many per cent, either way, do not matter: the shaded band.
    pub practically_equal: f64,
    /// One line each, from the top.
    pub differences: Vec<Difference>,
}

/// Paired differences in one or more metrics, one block each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// The name of what all others are compared with.
    pub baseline: String,
    /// The blocks, from the top.
    pub comparisons: Vec<Comparison>,
}

impl Forest {
    /// The figure as a PNG file; its height grows with the number of lines.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let heights = self.comparisons.iter().map(|comparison| HEAD + comparison.height() + FOOT);
        let total = heights.sum::<f64>() - FOOT + BELOW_PLOT + 4.0;
        frame::page(caption, total.max(BELOW_PLOT), |root, body| {
            let names = self.comparisons.iter().flat_map(|comparison| &comparison.differences);
            let widest = names.map(|line| NAME_FONT.width(&line.name)).fold(60.0, f64::max).min(LONGEST_NAME);
            let left = body.left + widest + 14.0;
            let width = body.right - VALUE_WIDTH - VERDICT_WIDTH - left;
            let mut top = body.top;
            let mut last = None;
            for comparison in &self.comparisons {
                let style = Type::new(METRIC_FONT, INK, Across::Left, Along::Middle);
                let metric = METRIC_FONT.fit(&comparison.metric, body.width() - 170.0);
                frame::text(root, &metric, Point::new(body.left, top + HEAD / 2.0 - 4.0), style)?;
                let plot = Rect::new(left, top + HEAD, width, comparison.height());
                comparison.draw(root, plot)?;
                last = Some(plot);
                top = plot.bottom + FOOT;
            }
            match last {
                Some(plot) => self.name_axis(root, plot),
                None => Ok(()),
            }
        })
    }

    /// The title below the last axis: long names of baselines may use the whole width.
    fn name_axis(&self, root: &Area<'_>, plot: Rect) -> Drawn {
        let room = 2.0 * (plot.centre().x - frame::MARGIN);
        let title = NOTE_FONT.fit(&format!("difference from {}", self.baseline), room);
        frame::x_title(root, plot, &title)
    }
}

impl Comparison {
    fn height(&self) -> f64 {
        self.differences.len().max(1) as f64 * ROW
    }

    fn draw(&self, root: &Area<'_>, plot: Rect) -> Drawn {
        let x = self.axis(Room::Across(plot.width()));
        let y = Axis::rows(self.differences.len());
        let place = |percent: f64| plot.left + x.share(percent) * plot.width();
        let band = self.practically_equal.abs();
        if band.is_finite() {
            frame::fill(root, Rect { left: place(-band), right: place(band), ..plot }, EQUAL)?;
        }
        frame::panel(root, plot, &x, &y, Below::Labels, &[]);
        let zero = [Point::new(place(0.0), plot.top), Point::new(place(0.0), plot.bottom)];
        frame::line(root, &zero, Pen::solid(AXIS, 1.0))?;
        self.draw_note(root, plot, &x)?;
        for (index, line) in self.differences.iter().enumerate() {
            let middle = plot.top + (index as f64 + 0.5) * ROW;
            line.draw_words(root, plot, middle)?;
            if !line.percent.is_finite() {
                continue;
            }
            let colour = line.look.colour();
            if let Some((low, high)) = line.known_interval() {
                let ends = [Point::new(place(low), middle), Point::new(place(high), middle)];
                frame::line(root, &ends, Pen::solid(colour, 2.0))?;
                for end in ends {
                    let cap = [Point::new(end.x, middle - 4.0), Point::new(end.x, middle + 4.0)];
                    frame::line(root, &cap, Pen::solid(colour, 1.5))?;
                }
            }
            frame::mark(root, Point::new(place(line.percent), middle), line.look)?;
        }
        Ok(())
    }

    /// Says, above the plot, where the scale stops being linear.
    fn draw_note(&self, root: &Area<'_>, plot: Rect, x: &Axis) -> Drawn {
        let Scale::SymLog(linear) = x.scale() else { return Ok(()) };
        let style = Type::new(VALUE_FONT, GREY, Across::Right, Along::Bottom);
        let note = format!("logarithmic beyond ±{}\u{202f}%", ticks::number(linear));
        let right = plot.right + VALUE_WIDTH + VERDICT_WIDTH;
        frame::text(root, &note, Point::new(right, plot.top - 8.0), style)
    }

    /// A scale for all differences, zero and the band; compressed where one is far larger than most.
    fn axis(&self, room: Room) -> Axis {
        let band = if self.practically_equal.is_finite() { self.practically_equal.abs() } else { 0.0 };
        let estimates = self.differences.iter().map(|line| line.percent);
        let ends = self.differences.iter().filter_map(Difference::known_interval).flat_map(|(a, b)| [a, b]);
        let values: Vec<f64> =
            estimates.chain(ends).filter(|v| v.is_finite()).chain([0.0, 1.5 * band, -1.5 * band]).collect();
        let low = values.iter().copied().fold(0.0, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        let mut sizes: Vec<f64> = self
            .differences
            .iter()
            .map(|line| line.percent.abs())
            .filter(|v| v.is_finite() && *v > 0.0)
            .collect();
        sizes.sort_by(f64::total_cmp);
        let middle = sizes.get(sizes.len() / 2).copied().unwrap_or(0.0);
        let largest = high.max(-low);
        if largest > 100.0 && largest > LOG_RATIO * middle {
            let linear = ticks::ten_to(middle.max(band).max(1.0).log10().floor() as i32).min(100.0);
            return Axis::symlog(low * 1.3, high * 1.3, linear, room, ticks::signed_percent);
        }
        let spare = ((high - low) * 0.05).max(0.1);
        Axis::percentages(low - spare, high + spare, room)
    }
}

impl Difference {
    fn known_interval(&self) -> Option<(f64, f64)> {
        self.interval.filter(|(low, high)| low.is_finite() && high.is_finite())
    }

    /// The name at the left, numbers and verdict at the right.
    fn draw_words(&self, root: &Area<'_>, plot: Rect, middle: f64) -> Drawn {
        let name = NAME_FONT.fit(&self.name, LONGEST_NAME);
        let style = Type::new(NAME_FONT, self.look.ink(), Across::Right, Along::Middle);
        frame::text(root, &name, Point::new(plot.left - 12.0, middle), style)?;
        let style = Type::new(VALUE_FONT, INK, Across::Left, Along::Middle);
        let value = VALUE_FONT.fit(&self.numbers(), VALUE_WIDTH - 16.0);
        frame::text(root, &value, Point::new(plot.right + 14.0, middle), style)?;
        let (font, colour) = match self.verdict {
            Verdict::Different => (NAME_FONT, INK),
            Verdict::PracticallyEqual | Verdict::NotDistinguishable => (NOTE_FONT, GREY),
        };
        let style = Type::new(font, colour, Across::Left, Along::Middle);
        frame::text(root, self.word(), Point::new(plot.right + VALUE_WIDTH, middle), style)
    }

    fn numbers(&self) -> String {
        if !self.percent.is_finite() {
            return "no estimate".to_owned();
        }
        let interval = self.known_interval();
        let decimals = match interval.map(|(low, high)| high - low) {
            Some(width) if width >= 20.0 => 0,
            Some(width) if width < 0.2 => 2,
            _ => 1,
        };
        let estimate = ticks::fixed(self.percent, decimals, Signed::Always);
        let plain = |value: f64| ticks::fixed(value, decimals, Signed::Negative);
        match interval {
            Some((low, high)) => format!("{estimate}\u{202f}%  [{}, {}]", plain(low), plain(high)),
            None => format!("{estimate}\u{202f}%  (no interval)"),
        }
    }

    fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Different if self.percent < 0.0 => "lower",
            Verdict::Different => "higher",
            Verdict::PracticallyEqual => "practically equal",
            Verdict::NotDistinguishable => "not distinguishable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::tests::{assert_png, caption};

    fn difference(number: usize, percent: f64, half: f64) -> Difference {
        Difference {
            name: format!("variant {number} with a long name that does not fit"),
            look: Look::Variant(number),
            percent,
            interval: Some((percent - half, percent + half)),
            verdict: Verdict::Different,
        }
    }

    fn forest(differences: Vec<Difference>, practically_equal: f64) -> Forest {
        let comparison =
            Comparison { metric: "restricted mean latency".repeat(9), practically_equal, differences };
        Forest { baseline: "a baseline with quite a name".repeat(9), comparisons: vec![comparison] }
    }

    #[test]
    fn degenerate_data_are_drawn() {
        assert_png(&Forest::default().render(&caption()));
        let sets = [
            vec![],
            vec![difference(0, 0.0, 0.0)],
            vec![Difference { interval: None, ..difference(0, 0.0, 0.0) }],
            vec![difference(0, f64::NAN, 1.0), difference(1, 5.0, f64::INFINITY), difference(2, 1e9, 1e8)],
        ];
        for (differences, band) in sets.into_iter().zip([0.0, 2.0, f64::NAN, 2.0]) {
            assert_png(&forest(differences, band).render(&caption()));
        }
    }

    #[test]
    fn one_huge_difference_compresses_the_scale() {
        let scale = |values: &[f64]| {
            let differences = values.iter().map(|&value| difference(0, value, 1.0)).collect();
            forest(differences, 2.0).comparisons[0].axis(Room::Across(300.0)).scale()
        };
        assert_eq!(scale(&[-5.0, 8.0, 20.0]), Scale::Linear);
        assert_eq!(scale(&[-5.0, 20.0, 2500.0]), Scale::SymLog(10.0));
    }

    #[test]
    fn words_and_numbers_agree_in_sign() {
        let lower = difference(0, -12.345, 1.0);
        assert_eq!(lower.word(), "lower");
        assert_eq!(lower.numbers(), "−12.3\u{202f}%  [−13.3, −11.3]");
        assert_eq!(difference(0, -0.001, 1.0).numbers(), "0.0\u{202f}%  [−1.0, 1.0]");
        let figure = forest(vec![lower], 2.0);
        assert_eq!(figure.render(&caption()), figure.render(&caption()));
    }
}
