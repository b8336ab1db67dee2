//! Numbers over time, and the scale they are drawn on.

use crate::time::Instant;

use super::axis::{Axis, Room};
use super::geometry::Point;
use super::palette::Look;
use super::scale::Scale;
use super::style::Pen;
use super::ticks;

/// Beyond this ratio of the largest to another value a linear scale hides the latter.
const LOG_RATIO: f64 = 30.0;

/// Lines nearer to each other than this all the way, in logical pixels, look like one.
const INDISTINCT: f64 = 0.5;

/// A number at an instant, over replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When; for counts the start of the interval that is counted.
    pub at: Instant,
    /// The mean over replications; samples that are not finite are left out.
    pub mean: f64,
    /// Where most replications lie (such as the 10 % and 90 % quantiles), if known.
    pub band: Option<(f64, f64)>,
}

/// What one variant did over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The name of the variant.
    pub name: String,
    /// How it is told apart.
    pub look: Look,
    /// The samples in order of time; may be empty.
    pub samples: Vec<Sample>,
}

impl Series {
    /// The samples that can be drawn, with time in seconds.
    pub(super) fn finite(&self) -> impl Iterator<Item = (f64, Sample)> + '_ {
        self.samples.iter().filter(|sample| sample.mean.is_finite()).map(|&s| (s.at.as_seconds(), s))
    }

    /// The mean as steps: every value lasts until the next sample, the last as long as the one before.
    pub(super) fn steps(&self) -> Vec<(f64, f64)> {
        self.stepped(|sample| sample.mean)
    }

    /// The outline of the band as steps, forwards along the top and back along the bottom; empty
    /// where no sample has a band.
    pub(super) fn band(&self) -> Vec<(f64, f64)> {
        self.outline(|pick| self.stepped(pick))
    }

    /// The outline of the band with samples joined by straight lines.
    pub(super) fn ribbon(&self) -> Vec<(f64, f64)> {
        self.outline(|pick| self.finite().map(|(time, sample)| (time, pick(&sample))).collect())
    }

    fn outline(&self, edge: impl Fn(fn(&Sample) -> f64) -> Vec<(f64, f64)>) -> Vec<(f64, f64)> {
        if self.samples.iter().all(|sample| sample.band.is_none()) {
            return Vec::new();
        }
        let mut outline = edge(|sample| sample.edge(|band| band.1));
        outline.extend(edge(|sample| sample.edge(|band| band.0)).into_iter().rev());
        outline
    }

    fn stepped(&self, value: impl Fn(&Sample) -> f64) -> Vec<(f64, f64)> {
        let times: Vec<f64> = self.finite().map(|(time, _)| time).collect();
        let ends = times.iter().copied().skip(1).chain(last_end(&times));
        self.finite()
            .zip(ends)
            .flat_map(|((time, sample), end)| [(time, value(&sample)), (end, value(&sample))])
            .collect()
    }
}

impl Sample {
    /// One edge of the band, the mean where there is no band.
    fn edge(&self, pick: fn((f64, f64)) -> f64) -> f64 {
        self.band.map(pick).filter(|value| value.is_finite()).unwrap_or(self.mean)
    }
}

/// When the last interval ends, if it is as long as the one before.
fn last_end(times: &[f64]) -> Option<f64> {
    match times {
        [] => None,
        [only] => Some(only + 1.0),
        [.., before, last] => Some(2.0 * last - before),
    }
}

/// The times that all series together cover, in seconds.
pub(super) fn time_range<'a>(series: impl Iterator<Item = &'a Series> + Clone) -> (f64, f64) {
    let times = || series.clone().flat_map(Series::steps).map(|(time, _)| time);
    (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max))
}

/// One scale for all these counts: linear from zero, or logarithmic where the largest is more than thirty
/// times the middle one or `extra`. A logarithmic scale begins at a power of ten, that below `one` or a larger one; what
/// is less, zero among it, lies on its edge. `extra` has a place too if it is near enough.
pub(super) fn count_axis<'a>(
    series: impl Iterator<Item = &'a Series> + Clone,
    extra: Option<f64>,
    one: f64,
    room: Room,
) -> Axis {
    let least = if one > 0.0 { power_of_ten(one) } else { 0.0 };
    let means = series.clone().flat_map(|series| series.finite().map(|(_, sample)| sample.mean));
    let mut positive: Vec<f64> = means.filter(|&mean| mean > 0.0 && mean >= least).collect();
    positive.sort_by(f64::total_cmp);
    let quantile = |share: f64| positive.get((share * positive.len() as f64) as usize).copied();
    let bands = series.flat_map(Series::band).map(|(_, value)| value);
    let largest = positive.iter().copied().chain(bands.filter(|v| v.is_finite())).fold(0.0, f64::max);
    let hides = |value: f64| largest > LOG_RATIO * value;
    let logarithmic = quantile(0.5).into_iter().chain(extra.filter(|&extra| extra > 0.0)).any(hides);
    let reach = if logarithmic { 10.0 } else { 4.0 };
    let top = extra.filter(|&extra| extra <= reach * largest || largest == 0.0).unwrap_or(0.0).max(largest);
    match quantile(0.1) {
        Some(small) if logarithmic => {
            // With some room below nearly all: what lies on the edge is rare.
            let low = power_of_ten((small / 3.0).max(largest * 1e-5)).max(least);
            Axis::log_counts(low, top * 1.25, room)
        }
        _ => Axis::numbers(0.0, if top > 0.0 { top * 1.08 } else { 1.0 }, room),
    }
}

/// The largest power of ten that is not above a positive number.
fn power_of_ten(value: f64) -> f64 {
    ticks::ten_to(value.log10().floor() as i32)
}

/// The title of such an axis: says if it is logarithmic, and where zero went.
pub(super) fn count_title(quantity: &str, axis: &Axis) -> String {
    match axis.scale() {
        Scale::Log => {
            format!("{quantity} (log scale; less than {} on the lower edge)", ticks::number(axis.low()))
        }
        _ => quantity.to_owned(),
    }
}

/// Whether two lines cannot be told apart.
fn coincide(one: &[Point], other: &[Point]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.distance(*b) < INDISTINCT)
}

/// Pens for lines. Lines that coincide take turns, so that none hides another.
pub(super) fn pens(lines: &[Vec<Point>], looks: &[Look], width: f64) -> Vec<Pen> {
    const TURN: f64 = 9.0;
    let mut pens = Vec::with_capacity(lines.len());
    for (index, (line, look)) in lines.iter().zip(looks).enumerate() {
        let same = |other: &&Vec<Point>| line.len() > 1 && coincide(other, line);
        let (total, before) = (lines.iter().filter(same).count(), lines[..index].iter().filter(same).count());
        let mut pen = Pen::dashed(look.colour(), width, look.dash());
        if total > 1 {
            pen.dash = vec![TURN, TURN * (total - 1) as f64];
            pen.phase = TURN * (total - before) as f64;
        }
        pens.push(pen);
    }
    pens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        let samples = values
            .iter()
            .enumerate()
            .map(|(index, &mean)| Sample {
                at: Instant::from_micros(index as i64 * 60_000_000),
                mean,
                band: None,
            })
            .collect();
        Series { name: "a".to_owned(), look: Look::Variant(0), samples }
    }

    #[test]
    fn steps_last_until_the_next_sample() {
        let steps = series(&[1.0, f64::NAN, 3.0]).steps();
        assert_eq!(steps, [(0.0, 1.0), (120.0, 1.0), (120.0, 3.0), (240.0, 3.0)]);
        assert!(series(&[]).steps().is_empty());
        assert!(series(&[1.0]).band().is_empty());
    }

    #[test]
    fn peaks_far_above_the_middle_make_the_scale_logarithmic() {
        let room = Room::Up(100.0);
        let scale = |values: &[f64]| count_axis([series(values)].iter(), None, 0.0, room).scale();
        assert_eq!(scale(&[1.0, 2.0, 3.0, 50.0]), Scale::Linear);
        assert_eq!(scale(&[0.0, 10.0, 20.0, 30.0, 5000.0]), Scale::Log);
        assert_eq!(scale(&[]), Scale::Linear);
    }

    #[test]
    fn logarithmic_counts_begin_where_they_are_told_and_say_so() {
        let values = [0.0, 0.01, 0.02, 10.0, 20.0, 30.0, 9000.0];
        let axis = count_axis([series(&values)].iter(), None, 1.0, Room::Up(300.0));
        assert_eq!((axis.low(), axis.share(0.02)), (1.0, 0.0));
        assert_eq!(count_title("messages", &axis), "messages (log scale; less than 1 on the lower edge)");
        let noise = [0.01, 0.02, 1.5, 1.5, 1.5, 1.5, 9000.0];
        assert_eq!(count_axis([series(&noise)].iter(), None, 1.0, Room::Up(300.0)).low(), 1.0);
    }

    #[test]
    fn a_far_away_capacity_does_not_flatten_a_linear_scale() {
        let axis = |extra| count_axis([series(&[10.0, 12.0])].iter(), Some(extra), 0.0, Room::Up(100.0));
        assert!(axis(30.0).high() > 30.0);
        assert!(axis(3000.0).high() < 20.0);
        assert_eq!((axis(0.1).scale(), axis(1.0).scale()), (Scale::Log, Scale::Linear));
    }

    #[test]
    fn coincident_lines_take_turns() {
        let line = vec![Point::new(0.0, 0.0), Point::new(9.0, 0.0)];
        let other = vec![Point::new(0.0, 5.0), Point::new(9.0, 0.0)];
        let looks = [Look::Variant(0), Look::Variant(1), Look::Variant(2)];
        let near = vec![Point::new(0.0, 0.1), Point::new(9.0, 0.0)];
        let pens = pens(&[line, other, near], &looks, 2.0);
        assert_eq!(pens[0].dash, pens[2].dash);
        assert_ne!(pens[0].phase, pens[2].phase);
        assert!(pens[1].dash.is_empty());
    }
}
