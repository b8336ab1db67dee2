//! Paired differences from the baseline with their intervals, one line per variant.
//!
//! Nothing can be less than 100 % lower than something positive, while it can be many times higher. So the
//! scale of every block is linear as long as nothing in the figure differs by more than
//! [`MOST_LINEAR`] per cent, and logarithmic beyond [`LINEAR_PART`] otherwise.

use plotters::style::RGBColor;

use super::Caption;
use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn};
use super::frame::{self, BELOW_PLOT, Below, NAME_FONT, NOTE_FONT};
use super::geometry::{Point, Rect};
use super::palette::{AXIS, GREY, INK, Look};
use super::style::{Across, Along, Pen, Type};
use super::text::Font;
use super::ticks::{self, Signed};

/// Height of a line whose name is in one line.
const ROW: f64 = 23.0;
/// From the top of a block to its first row: the metric and what it is.
const HEAD: f64 = 42.0;
/// From the last row of a block to the next block: the axis.
const FOOT: f64 = 40.0;
const LONGEST_NAME: f64 = 190.0;
/// Lines that a name may take.
const NAME_LINES: usize = 4;
/// Room between the columns of words.
const SPACE: f64 = 14.0;
const VALUE_FONT: Font = Font::regular(11.0);
const METRIC_FONT: Font = Font::bold(13.0);
/// Differences too small to matter.
const EQUAL: RGBColor = RGBColor(206, 231, 220);
/// Up to this many per cent, scales are linear: a decrease by as much as there is keeps a third of the width.
const MOST_LINEAR: f64 = 200.0;
/// Where a scale is compressed it is so beyond this many per cent, either way.
const LINEAR_PART: f64 = 10.0;
/// Nothing differs by less, in per cent.
const LEAST: f64 = -100.0;

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
    /// The name of the metric as tables have it, such as `restricted mean`.
    pub metric: String,
    /// What it is, in one phrase.
    pub about: String,
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

/// How wide the columns of words are, and how high a line: the same in all blocks.
#[derive(Clone, Copy, Debug)]
struct Columns {
    names: f64,
    values: f64,
    verdicts: f64,
    row: f64,
}

impl Forest {
    /// The figure as a PNG file; its height grows with the number of lines.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let columns = self.columns();
        let heights = self.comparisons.iter().map(|comparison| HEAD + comparison.height(&columns) + FOOT);
        let total = heights.sum::<f64>() - FOOT + BELOW_PLOT + 4.0;
        frame::page(caption, total.max(BELOW_PLOT), |root, body| {
            let left = body.left + columns.names + SPACE;
            let width = body.right - columns.values - columns.verdicts - 2.0 * SPACE - left;
            let mut top = body.top;
            let mut last = None;
            for comparison in &self.comparisons {
                let style = Type::new(METRIC_FONT, INK, Across::Left, Along::Middle);
                let metric = METRIC_FONT.fit(&comparison.metric, body.width());
                frame::text(root, &metric, Point::new(body.left, top + 7.0), style)?;
                let style = Type::new(VALUE_FONT, GREY, Across::Left, Along::Middle);
                let about = VALUE_FONT.fit(&comparison.about, body.width());
                frame::text(root, &about, Point::new(body.left, top + 24.0), style)?;
                let plot = Rect::new(left, top + HEAD, width, comparison.height(&columns));
                comparison.draw(root, plot, &columns, self.is_compressed())?;
                last = Some(plot);
                top = plot.bottom + FOOT;
            }
            match last {
                Some(plot) => self.name_axis(root, body, plot),
                None => Ok(()),
            }
        })
    }

    fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.comparisons.iter().flat_map(|comparison| &comparison.differences)
    }

    /// Numbers and verdicts have all the room they need, names so much that the plot keeps its own.
    fn columns(&self) -> Columns {
        let widest = |widths: &mut dyn Iterator<Item = f64>| widths.fold(0.0, f64::max);
        let lines = self.differences().map(|line| line.name_lines().len()).max().unwrap_or(1);
        let names = self.differences().flat_map(|line| line.name_lines()).map(|name| NAME_FONT.width(&name));
        Columns {
            names: widest(&mut names.chain([60.0])),
            values: widest(&mut self.differences().map(|line| VALUE_FONT.width(&line.numbers()))),
            verdicts: widest(&mut self.differences().map(|line| line.verdict_font().0.width(line.word()))),
            row: ROW.max(lines as f64 * NAME_FONT.leading() + 7.0),
        }
    }

    /// Whether a linear scale would crush what matters, in any of the blocks.
    fn is_compressed(&self) -> bool {
        let sizes = self.differences().flat_map(|line| line.values()).map(f64::abs);
        sizes.fold(0.0, f64::max) > MOST_LINEAR
    }

    /// The title below the last axis, in the middle of the plot as far as it has room there.
    fn name_axis(&self, root: &Area<'_>, body: Rect, plot: Rect) -> Drawn {
        let scale = match self.is_compressed() {
            true => format!(" (log scale beyond ±{LINEAR_PART}\u{202f}%)"),
            false => String::new(),
        };
        let room = body.width() - NOTE_FONT.width(&scale);
        let title = NOTE_FONT.fit(&format!("difference from {}", self.baseline), room) + &scale;
        let half = NOTE_FONT.width(&title) / 2.0;
        let centre = plot.centre().x.min(body.right - half).max(body.left + half);
        frame::x_title(root, Rect { left: centre, right: centre, ..plot }, &title)
    }
}

impl Comparison {
    fn height(&self, columns: &Columns) -> f64 {
        self.differences.len().max(1) as f64 * columns.row
    }

    fn draw(&self, root: &Area<'_>, plot: Rect, columns: &Columns, compressed: bool) -> Drawn {
        let x = self.axis(Room::Across(plot.width()), compressed);
        let y = Axis::rows(self.differences.len());
        let place = |percent: f64| plot.left + x.share(percent) * plot.width();
        let band = self.practically_equal.abs();
        if band.is_finite() {
            frame::fill(root, Rect { left: place(-band), right: place(band), ..plot }, EQUAL)?;
        }
        frame::panel(root, plot, &x, &y, Below::Labels, &[]);
        let zero = [Point::new(place(0.0), plot.top), Point::new(place(0.0), plot.bottom)];
        frame::line(root, &zero, Pen::solid(AXIS, 1.0))?;
        for (index, line) in self.differences.iter().enumerate() {
            let middle = plot.top + (index as f64 + 0.5) * columns.row;
            line.draw_words(root, plot, middle, columns)?;
            if line.percent.is_finite() {
                line.draw_bar(root, middle, place)?;
            }
        }
        Ok(())
    }

    /// A scale for all differences, zero and the band.
    fn axis(&self, room: Room, compressed: bool) -> Axis {
        let band = if self.practically_equal.is_finite() { self.practically_equal.abs() } else { 0.0 };
        let values = self.differences.iter().flat_map(Difference::values).chain([1.5 * band, -1.5 * band]);
        let (low, high) = values.fold((0.0, 0.0), |(low, high): (f64, f64), v| (low.min(v), high.max(v)));
        let low = low.max(LEAST);
        if compressed {
            return Axis::symlog(low * 1.3, high * 1.3, LINEAR_PART, room, ticks::signed_percent);
        }
        let spare = ((high - low) * 0.05).max(0.1);
        Axis::percentages(low - spare, high + spare, room)
    }
}

impl Difference {
    /// Whether the interval reaches below what a difference can be, so that its bar is not all of it.
    pub fn is_clipped(&self) -> bool {
        self.known_interval().is_some_and(|(low, _)| low < LEAST)
    }

    fn known_interval(&self) -> Option<(f64, f64)> {
        self.interval.filter(|(low, high)| low.is_finite() && high.is_finite())
    }

    /// The estimate and the ends of the interval, as far as they are known.
    fn values(&self) -> impl Iterator<Item = f64> + use<> {
        let ends = self.known_interval().map(|(low, high)| [low, high]);
        std::iter::once(self.percent).chain(ends.into_iter().flatten()).filter(|value| value.is_finite())
    }

    /// The mark on its interval. A t interval may reach below what is possible: there the bar ends
    /// without a cap.
    fn draw_bar(&self, root: &Area<'_>, middle: f64, place: impl Fn(f64) -> f64) -> Drawn {
        let colour = self.look.colour();
        if let Some((low, high)) = self.known_interval() {
            let ends = [low.max(LEAST), high.max(LEAST)].map(|end| Point::new(place(end), middle));
            frame::line(root, &ends, Pen::solid(colour, 2.0))?;
            for (_, end) in [low, high].iter().zip(ends).filter(|(value, _)| **value >= LEAST) {
                let cap = [Point::new(end.x, middle - 4.0), Point::new(end.x, middle + 4.0)];
                frame::line(root, &cap, Pen::solid(colour, 1.5))?;
            }
        }
        frame::mark(root, Point::new(place(self.percent), middle), self.look)
    }

    fn name_lines(&self) -> Vec<String> {
        NAME_FONT.balanced(&self.name, LONGEST_NAME, NAME_LINES)
    }

    /// The name at the left, numbers and verdict at the right.
    fn draw_words(&self, root: &Area<'_>, plot: Rect, middle: f64, columns: &Columns) -> Drawn {
        let lines = self.name_lines();
        let first = middle - lines.len().saturating_sub(1) as f64 * NAME_FONT.leading() / 2.0;
        for (index, line) in lines.iter().enumerate() {
            let style = Type::new(NAME_FONT, self.look.ink(), Across::Right, Along::Middle);
            let at = Point::new(plot.left - 12.0, first + index as f64 * NAME_FONT.leading());
            frame::text(root, line, at, style)?;
        }
        let style = Type::new(VALUE_FONT, INK, Across::Left, Along::Middle);
        let value = Point::new(plot.right + SPACE, middle);
        frame::text(root, &self.numbers(), value, style)?;
        let (font, colour) = self.verdict_font();
        let style = Type::new(font, colour, Across::Left, Along::Middle);
        frame::text(root, self.word(), Point::new(value.x + columns.values + SPACE, middle), style)
    }

    fn verdict_font(&self) -> (Font, RGBColor) {
        match self.verdict {
            Verdict::Different => (NAME_FONT, INK),
            Verdict::PracticallyEqual | Verdict::NotDistinguishable => (NOTE_FONT, GREY),
        }
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
    use crate::report::figure::scale::Scale;
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
        let comparison = Comparison {
            metric: "restricted mean latency".repeat(9),
            about: "mean over all messages ".repeat(9),
            practically_equal,
            differences,
        };
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
    fn differences_that_no_decrease_can_match_compress_all_scales() {
        let block = |values: &[f64]| {
            let differences = values.iter().map(|&value| difference(0, value, 1.0)).collect();
            forest(differences, 2.0).comparisons.remove(0)
        };
        let scales = |blocks: Vec<Comparison>| {
            let figure = Forest { comparisons: blocks, ..Forest::default() };
            let axis = |one: &Comparison| one.axis(Room::Across(300.0), figure.is_compressed());
            figure.comparisons.iter().map(|one| axis(one).scale()).collect::<Vec<_>>()
        };
        assert_eq!(scales(vec![block(&[-95.0, 8.0, 190.0])]), [Scale::Linear]);
        let mixed = vec![block(&[-32.0, 86.0]), block(&[-96.0, 2045.0])];
        assert_eq!(scales(mixed), [Scale::SymLog(10.0); 2]);
    }

    #[test]
    fn axes_do_not_reach_for_the_impossible() {
        let figure = forest(vec![difference(0, -99.5, 30.0)], 2.0);
        let low = figure.comparisons[0].axis(Room::Across(300.0), false).low();
        assert!((-110.0..-100.0).contains(&low), "{low}");
        assert_png(&figure.render(&caption()));
    }

    #[test]
    fn no_number_is_wider_than_its_column() {
        let figure = forest(vec![difference(0, 2044.7, 7.6), difference(1, 123_456.78, 0.01)], 2.0);
        let columns = figure.columns();
        let fits = |line: &Difference| VALUE_FONT.width(&line.numbers()) <= columns.values;
        assert!(figure.differences().all(fits));
        assert!(figure.differences().all(|line| !line.name_lines().concat().contains('…')));
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
