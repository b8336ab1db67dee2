//! Latency against load: what a policy buys and what the recipient pays for it.

mod axes;

use crate::time::Span;

use self::axes::{load_axis, mean_axis};
use super::Caption;
use super::axis::{Axis, Room};
use super::canvas::{Area, Drawn};
use super::frame::{self, BELOW_PLOT, Below, MARK_RADIUS, NOTE_FONT};
use super::geometry::{Point, Rect, densify};
use super::label::{self, Field, Request};
use super::naming::{self, Named, Names};
use super::palette::{FAINT, GREY, Look, PALE_INK};
use super::style::{Across, Along, Pen, Type};
use super::ticks;

const HEIGHT: f64 = 420.0;
/// Owners of what is no point, in the field of labels.
const FRONT: usize = 63;
const BOUND: usize = 62;
const CURVE: usize = 61;

/// What one variant costs and gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// Retry connections per message of the cohort, at least 0.
    pub retry_connections: f64,
    /// Its 95 % interval, if known.
    pub retry_connections_interval: Option<(f64, f64)>,
    /// The restricted mean of the delivery latency.
    pub restricted_mean: Span,
    /// Its 95 % interval, if known.
    pub restricted_mean_interval: Option<(Span, Span)>,
}

/// What a level is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The mean of the clairvoyant: that no policy can have a smaller one is proven for the scenario.
    Bound,
    /// The mean of the clairvoyant: something to compare with.
    Reference,
    /// A mean that no policy can reach below, as a window and slots allow it.
    Limit,
}

/// A restricted mean to compare with, drawn as a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What may be said of it.
    pub word: Word,
    /// The restricted mean.
    pub restricted_mean: Span,
}

/// A line that is known without simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// What lies on it.
    pub name: String,
    /// Retry connections per message and restricted means, from left to right; those outside of the plot are left out.
    pub points: Vec<(f64, Span)>,
}

/// Restricted mean latency against retry connections per message; lower left is better.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tradeoff {
    /// The variants; those that are not finite are left out.
    pub estimates: Vec<Estimate>,
    /// The level to compare with.
    pub bound: Option<Bound>,
    /// What is known of a family of policies.
    pub curve: Option<Known>,
}

/// An estimate in plain numbers: x with its interval, y in seconds with its interval.
struct Mark<'a> {
    name: &'a str,
    look: Look,
    x: (f64, f64, f64),
    y: (f64, f64, f64),
    dominated: bool,
}

impl Tradeoff {
    /// The figure as a PNG file.
    pub fn render(&self, caption: &Caption) -> Vec<u8> {
        let marks = self.marks();
        let words: Vec<&str> = marks.iter().map(|mark| mark.name).collect();
        let height = HEIGHT.max(naming::key_height(&words));
        frame::page(caption, height + BELOW_PLOT, |root, body| {
            let level = self.bound.map(|bound| bound.restricted_mean.as_seconds());
            let y = mean_axis(&marks, level, Room::Up(height));
            let left = body.left + frame::beside_plot(&y);
            let plot = Rect::new(left, body.top, body.right - 16.0 - left, height);
            let pens: Vec<Pen> = marks.iter().map(|mark| Pen::solid(mark.look.colour(), 2.0)).collect();
            let wide = Layout::new(self, &marks, plot, &y);
            if let Some(names) = wide.names() {
                wide.draw(root)?;
                names.draw(root, &wide.named(), &pens)?;
                return wide.name_lines(root, &names);
            }
            let narrow =
                Layout::new(self, &marks, Rect { right: plot.right - naming::key_width(&words), ..plot }, &y);
            narrow.draw(root)?;
            let names = Names::beside(narrow.plot, &narrow.named());
            names.draw(root, &narrow.named(), &pens)?;
            narrow.name_lines(root, &names)
        })
    }

    fn marks(&self) -> Vec<Mark<'_>> {
        let finite: Vec<&Estimate> =
            self.estimates.iter().filter(|estimate| estimate.retry_connections.is_finite()).collect();
        let better = |a: &Estimate, b: &Estimate| {
            let (a, b) = ((a.retry_connections, a.restricted_mean), (b.retry_connections, b.restricted_mean));
            a.0 <= b.0 && a.1 <= b.1 && a != b
        };
        finite
            .iter()
            .map(|estimate| Mark {
                name: &estimate.name,
                look: estimate.look,
                x: with_ends(estimate.retry_connections.max(0.0), estimate.retry_connections_interval),
                y: with_ends(
                    estimate.restricted_mean.as_seconds(),
                    estimate
                        .restricted_mean_interval
                        .map(|(low, high)| (low.as_seconds(), high.as_seconds())),
                ),
                dominated: finite.iter().any(|other| better(other, estimate)),
            })
            .collect()
    }
}

/// Points laid out in a plot.
struct Layout<'a> {
    marks: &'a [Mark<'a>],
    bound: Option<Bound>,
    curve: Option<&'a Known>,
    plot: Rect,
    x: Axis,
    y: Axis,
}

impl<'a> Layout<'a> {
    fn new(figure: &'a Tradeoff, marks: &'a [Mark<'a>], plot: Rect, y: &Axis) -> Self {
        let x = load_axis(marks, Room::Across(plot.width()));
        Self { marks, bound: figure.bound, curve: figure.curve.as_ref(), plot, x, y: y.clone() }
    }

    fn place(&self, x: f64, y: f64) -> Point {
        frame::on_page(self.plot, &self.x, &self.y, (x, y))
    }

    fn named(&self) -> Vec<Named<'a>> {
        self.marks
            .iter()
            .map(|mark| Named {
                name: mark.name,
                look: mark.look,
                ink: if mark.dominated { PALE_INK } else { mark.look.ink() },
                line: vec![self.place(mark.x.0, mark.y.0)],
                gap: MARK_RADIUS + label::LINE_GAP,
            })
            .collect()
    }

    /// What names may not cover.
    fn field(&self) -> Field {
        let mut field = Field::new(self.plot.grown(-2.0));
        for (owner, mark) in self.marks.iter().enumerate() {
            field.add_box(owner, &Rect::around(self.place(mark.x.0, mark.y.0), MARK_RADIUS, MARK_RADIUS));
            for cross in self.crosses(mark) {
                field.add_line(owner, &cross);
            }
        }
        field.add_line(FRONT, &self.front());
        if let Some(level) = self.level() {
            field.add_line(BOUND, &level);
        }
        field.add_line(CURVE, &self.curve());
        field
    }

    fn names(&self) -> Option<Names> {
        Names::find(&self.field(), &self.named(), &[], |_| 0.0)
    }

    fn draw(&self, root: &Area<'_>) -> Drawn {
        frame::panel(root, self.plot, &self.x, &self.y, Below::Labels, &[]);
        frame::x_title(root, self.plot, &format!("retry connections per message{}", self.x.note()))?;
        frame::y_title(root, self.plot, &format!("restricted mean{}", self.y.note()))?;
        if let Some(level) = self.level() {
            frame::line(root, &level, Pen::dashed(Look::Reference.colour(), 1.25, Look::Reference.dash()))?;
        }
        frame::line(root, &self.curve(), Pen::dashed(GREY, 1.25, Look::Reference.dash()))?;
        frame::line(root, &self.front(), Pen::solid(FAINT, 1.25))?;
        for mark in self.marks {
            let colour = mark.look.colour();
            for cross in self.crosses(mark) {
                frame::line(root, &cross, Pen::solid(colour, 1.5))?;
            }
        }
        for mark in self.marks {
            frame::mark(root, self.place(mark.x.0, mark.y.0), mark.look)?;
        }
        Ok(())
    }

    /// The two bars of the intervals of a mark.
    fn crosses(&self, mark: &Mark<'_>) -> [[Point; 2]; 2] {
        [
            [self.place(mark.x.1, mark.y.0), self.place(mark.x.2, mark.y.0)],
            [self.place(mark.x.0, mark.y.1), self.place(mark.x.0, mark.y.2)],
        ]
    }

    /// The stairs over the variants that no other is better than.
    fn front(&self) -> Vec<Point> {
        let mut best: Vec<(f64, f64)> =
            self.marks.iter().filter(|mark| !mark.dominated).map(|mark| (mark.x.0, mark.y.0)).collect();
        best.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut stairs: Vec<Point> = Vec::new();
        for (x, y) in best {
            let corner = self.place(x, y);
            if let Some(last) = stairs.last() {
                stairs.push(Point::new(corner.x, last.y));
            }
            stairs.push(corner);
        }
        stairs
    }

    fn level(&self) -> Option<[Point; 2]> {
        let seconds = self.bound?.restricted_mean.as_seconds();
        Some([self.place(self.x.high(), seconds), self.place(self.x.low(), seconds)])
    }

    /// The part of the known line that lies in the plot.
    fn curve(&self) -> Vec<Point> {
        let inside = |x: f64, y: f64| {
            (self.x.low()..=self.x.high()).contains(&x) && (self.y.low()..=self.y.high()).contains(&y)
        };
        let points = self.curve.iter().flat_map(|curve| &curve.points);
        let seconds = points.map(|(x, mean)| (*x, mean.as_seconds()));
        seconds.filter(|(x, y)| inside(*x, *y)).map(|(x, y)| self.place(x, y)).collect()
    }

    /// The words at the level to compare with and at the known line, where they cover nothing.
    fn name_lines(&self, root: &Area<'_>, names: &Names) -> Drawn {
        let mut field = self.field();
        for taken in names.boxes().iter().filter(|taken| taken.overlaps(&self.plot)) {
            field.add_box(FRONT, taken);
        }
        if let (Some(bound), Some(level)) = (self.bound, self.level()) {
            let word = match bound.word {
                Word::Bound => "bound (clairvoyant)",
                Word::Reference => "reference (clairvoyant)",
                Word::Limit => "bound",
            };
            let value = ticks::rough_duration(bound.restricted_mean.as_seconds());
            if let Some(taken) = self.name_line(root, &field, BOUND, &level, &format!("{word}: {value}"))? {
                field.add_box(FRONT, &taken);
            }
        }
        if let (Some(curve), [_, _, ..]) = (self.curve, self.curve().as_slice()) {
            self.name_line(root, &field, CURVE, &self.curve(), &curve.name)?;
        }
        Ok(())
    }

    /// The place of the words, where there is one.
    fn name_line(
        &self,
        root: &Area<'_>,
        field: &Field,
        owner: usize,
        line: &[Point],
        words: &str,
    ) -> Drawn<Option<Rect>> {
        let words = NOTE_FONT.fit(words, self.plot.width() - 8.0);
        let anchors = densify(line, 10.0).into_iter().enumerate().map(|(i, point)| (point, 0.02 * i as f64));
        let request = Request {
            owner,
            width: NOTE_FONT.width(&words),
            height: NOTE_FONT.height(),
            gap: label::LINE_GAP,
            anchors: anchors.collect(),
        };
        let Some(placed) = label::place(field, &[request])[0] else { return Ok(None) };
        frame::leader(root, &placed, GREY)?;
        let style = Type::new(NOTE_FONT, GREY, Across::Left, Along::Bottom).with_halo(1.5);
        frame::text(root, &words, Point::new(placed.rect.left, placed.rect.bottom), style)?;
        Ok(Some(placed.rect))
    }
}

/// A value with the ends of its interval; the value itself where there is none.
fn with_ends(value: f64, interval: Option<(f64, f64)>) -> (f64, f64, f64) {
    let (low, high) = interval.unwrap_or((value, value));
    let or_value = |end: f64| if end.is_finite() { end } else { value };
    (value, or_value(low), or_value(high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figure::scale::Scale;
    use crate::report::figure::tests::{assert_png, caption};

    fn estimate(number: usize, x: f64, seconds: f64) -> Estimate {
        Estimate {
            name: format!("variant {number} with a long name, full jitter"),
            look: Look::Variant(number),
            retry_connections: x,
            retry_connections_interval: Some((x * 0.9, x * 1.1)),
            restricted_mean: Span::from_seconds_f64(seconds),
            restricted_mean_interval: Some((Span::from_seconds_f64(seconds * 0.9), Span::FOREVER)),
        }
    }

    fn bound(seconds: i64) -> Option<Bound> {
        Some(Bound { word: Word::Bound, restricted_mean: Span::from_seconds(seconds) })
    }

    fn known() -> Option<Known> {
        let points = (1..50).map(|x| (0.1 * f64::from(x), Span::from_seconds(60 / i64::from(x)))).collect();
        Some(Known { name: "what is known".to_owned(), points })
    }

    #[test]
    fn degenerate_data_are_drawn() {
        assert_png(&Tradeoff::default().render(&caption()));
        let sets = [
            vec![estimate(0, 0.0, 0.0)],
            (0..12).map(|number| estimate(number, 2.0, 60.0)).collect(),
            vec![estimate(0, 0.0, 1.0), estimate(1, 1e6, 1e6), estimate(2, f64::NAN, 1.0)],
            (0..40).map(|number| estimate(number, 1.0, 1.0)).collect(),
        ];
        for (estimates, bound) in sets.into_iter().zip([bound(0), None, bound(3600), bound(0)]) {
            assert_png(&Tradeoff { estimates, bound, curve: known() }.render(&caption()));
        }
    }

    #[test]
    fn scales_follow_the_ratio_and_keep_a_place_for_zero() {
        let scale = |loads: &[f64]| {
            let estimates = loads.iter().map(|&x| estimate(0, x, 1.0)).collect();
            let figure = Tradeoff { estimates, ..Tradeoff::default() };
            load_axis(&figure.marks(), Room::Across(600.0)).scale()
        };
        assert_eq!(scale(&[1.0, 3.0]), Scale::Linear);
        assert_eq!(scale(&[1.0, 300.0]), Scale::Log);
        assert_eq!(scale(&[0.0, 2.0, 300.0]), Scale::SymLog(1.0));
        assert_eq!(scale(&[0.0, 2.0]), Scale::Linear);
    }

    #[test]
    fn the_front_is_what_nothing_is_better_than() {
        let estimates =
            vec![estimate(0, 1.0, 9.0), estimate(1, 2.0, 5.0), estimate(2, 2.0, 6.0), estimate(3, 1.0, 9.0)];
        let figure = Tradeoff { estimates, ..Tradeoff::default() };
        let dominated: Vec<bool> = figure.marks().iter().map(|mark| mark.dominated).collect();
        assert_eq!(dominated, [false, false, true, false]);
        assert_eq!(figure.render(&caption()), figure.render(&caption()));
    }
}
