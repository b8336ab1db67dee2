//! Axes for plotters: durations, nines, counts and percentages, linear and logarithmic.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::scale::Scale;
use super::text::Font;
use super::ticks;

/// The font of tick labels.
pub(super) const TICK_FONT: Font = Font::regular(11.0);

/// Which way an axis runs and how long it is, in logical pixels: decides which ticks have room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Room {
    Across(f64),
    Up(f64),
}

/// An axis with its ticks; values are plain numbers, seconds where they are durations.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    ticks: Vec<Tick>,
}

/// A labelled place on an axis; the width of its label is in logical pixels.
#[derive(Clone, Debug)]
struct Tick {
    value: f64,
    label: String,
    width: f64,
}

impl Axis {
    /// Linear durations from `low` to `high` seconds.
    pub fn durations(low: f64, high: f64, room: Room) -> Self {
        let (low, high) = widened(low, high, 1.0);
        Self::linear(low, high, room, ticks::duration_steps(high - low), ticks::duration)
    }

    /// Logarithmic durations that reach from the tick below `low` to the tick above `high` seconds;
    /// what is not positive lies on the edge.
    pub fn log_durations(low: f64, high: f64, room: Room) -> Self {
        let marks = || ticks::LOG_DURATIONS.iter().flat_map(|level| level.iter().copied());
        let low = if low > 0.0 { low } else { 0.001 };
        let high = high.max(low);
        let below = marks().filter(|&mark| mark <= low).fold(0.001, f64::max);
        let above = marks().filter(|&mark| mark >= high && mark > below).fold(f64::INFINITY, f64::min);
        let above = if above.is_finite() { above } else { high * 1.2 };
        Self::fitted_log_durations(below, above, room)
    }

    /// Logarithmic durations from exactly `low` to exactly `high` seconds, both positive.
    pub fn fitted_log_durations(low: f64, high: f64, room: Room) -> Self {
        let levels: Vec<Vec<f64>> = ticks::LOG_DURATIONS.iter().map(|level| level.to_vec()).collect();
        let axis = Self::bare(Scale::Log, low, high).with_levels(&levels, room, ticks::duration);
        if axis.ticks.len() >= 3 {
            return axis;
        }
        let steps = ticks::duration_steps(high - low);
        Self { scale: Scale::Log, ..Self::linear(low, high, room, steps, ticks::duration) }
            .without_collisions(room)
    }

    /// Durations from zero to `high` seconds: linear up to `linear` seconds, which take the room of a
    /// decade, and logarithmic beyond.
    pub fn durations_from_zero(high: f64, linear: f64, room: Room) -> Self {
        let (linear, high) = (linear.max(1e-3), high.max(linear.max(1e-3) * 1.001));
        let mut levels = vec![vec![0.0]];
        for level in ticks::LOG_DURATIONS {
            levels.push(level.iter().copied().filter(|&mark| mark >= linear * 0.999).collect());
        }
        Self::bare(Scale::SymLog(linear), 0.0, high).with_levels(&levels, room, ticks::duration)
    }

    /// Fractions delivered, on the scale of nines, 0 at the top.
    pub fn nines(nines: u32, room: Room) -> Self {
        let resolved = 1.0 - 10f64.powi(-(nines as i32)) + 1e-12;
        let levels: Vec<Vec<f64>> = ticks::NINES
            .iter()
            .map(|level| level.iter().copied().filter(|&f| f == 1.0 || f <= resolved).collect())
            .collect();
        Self::bare(Scale::Nines(nines), 1.0, 0.0).with_levels(&levels, room, ticks::percent)
    }

    /// Numbers from `low` to `high`.
    pub fn numbers(low: f64, high: f64, room: Room) -> Self {
        let (low, high) = widened(low, high, 1.0);
        Self::linear(low, high, room, ticks::decimal_steps(high - low), ticks::number)
    }

    /// Whole numbers from `low` to `high`.
    pub fn whole_numbers(low: f64, high: f64, room: Room) -> Self {
        let (low, high) = widened(low, high, 1.0);
        let steps = ticks::decimal_steps(high - low).filter(|&step| step >= 1.0);
        Self::linear(low, high, room, steps, ticks::number)
    }

    /// Positive numbers from `low` to `high`, logarithmic.
    pub fn log_numbers(low: f64, high: f64, room: Room) -> Self {
        let axis =
            Self::bare(Scale::Log, low, high).with_levels(&ticks::log_levels(low, high), room, ticks::number);
        if axis.ticks.len() >= 3 {
            return axis;
        }
        let steps = ticks::decimal_steps(high - low);
        Self { scale: Scale::Log, ..Self::linear(low, high, room, steps, ticks::number) }
            .without_collisions(room)
    }

    /// Counts from `low`, a power of ten, to `high`, logarithmic: labelled at powers of ten alone where there
    /// are enough of them, all or every second or third. What is less lies on the edge.
    pub fn log_counts(low: f64, high: f64, room: Room) -> Self {
        let (first, last) = (low.log10().round() as i32, high.log10().floor() as i32);
        for every in 1..=(last - first) / 2 {
            let powers = (first..=last).step_by(every.unsigned_abs() as usize).map(ticks::ten_to);
            let ticks = powers.map(|value| Tick::new(value, ticks::number)).collect();
            let axis = Self { ticks, ..Self::bare(Scale::Log, low, high) };
            if axis.roomy(room, 0.0) {
                return axis;
            }
        }
        Self::log_numbers(low, high, room)
    }

    /// Numbers from `low` to `high`, zero among them, linear up to the size `linear`, logarithmic
    /// beyond.
    pub fn symlog(low: f64, high: f64, linear: f64, room: Room, label: fn(f64) -> String) -> Self {
        let (low, high) = widened(low, high, linear);
        let largest = low.abs().max(high.abs()).max(linear * 1.001);
        let mut levels = vec![vec![0.0]];
        for level in ticks::log_levels(linear, largest) {
            let sizes = level.into_iter().filter(|&size| size >= linear * 0.999);
            levels.push(sizes.flat_map(|size| [size, -size]).collect());
        }
        levels.push(vec![linear / 2.0, -linear / 2.0]);
        Self::bare(Scale::SymLog(linear), low, high).with_levels(&levels, room, label)
    }

    /// Signed percentages from `low` to `high` per cent.
    pub fn percentages(low: f64, high: f64, room: Room) -> Self {
        let (low, high) = widened(low, high, 1.0);
        Self::linear(low, high, room, ticks::decimal_steps(high - low), ticks::signed_percent)
    }

    /// Unlabelled room for so many rows.
    pub fn rows(count: usize) -> Self {
        Self::bare(Scale::Linear, 0.0, count.max(1) as f64)
    }

    /// Unlabelled room from `low` to `high`, for labels of another making.
    pub fn span(low: f64, high: f64) -> Self {
        Self::bare(Scale::Linear, low, high)
    }

    /// The place of a value, from 0 at the low end of the axis to 1 at its high end.
    pub fn share(&self, value: f64) -> f64 {
        let (low, high) = (self.scale.place(self.low), self.scale.place(self.high));
        let value = value.max(self.low.min(self.high)).min(self.low.max(self.high));
        let share = (self.scale.place(value) - low) / (high - low);
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Value at the low end.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Value at the high end.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// How values become places.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// What the title of the axis says of its scale, with a space before it; nothing where it is linear.
    pub fn note(&self) -> String {
        match self.scale {
            Scale::Linear | Scale::Nines(_) => String::new(),
            Scale::Log => " (log scale)".to_owned(),
            Scale::SymLog(linear) => format!(" (log scale beyond {})", ticks::number(linear)),
        }
    }

    /// Whether nothing is written at the axis.
    pub fn is_bare(&self) -> bool {
        self.ticks.is_empty()
    }

    /// Width of the widest tick label, in logical pixels.
    pub fn label_width(&self) -> f64 {
        self.ticks.iter().map(|tick| tick.width).fold(0.0, f64::max)
    }

    fn bare(scale: Scale, low: f64, high: f64) -> Self {
        Self { scale, low, high, ticks: Vec::new() }
    }

    /// An axis whose ticks are the multiples of the finest step that leaves room for the labels.
    fn linear(
        low: f64,
        high: f64,
        room: Room,
        steps: impl Iterator<Item = f64>,
        label: fn(f64) -> String,
    ) -> Self {
        let bare = Self::bare(Scale::Linear, low, high);
        // Where there is room a linear axis needs few ticks.
        let generous = if matches!(room, Room::Up(length) if length > 150.0) { 20.0 } else { 0.0 };
        for step in steps {
            let ticks: Vec<_> =
                ticks::multiples(low, high, step).into_iter().map(|value| Tick::new(value, label)).collect();
            let axis = Self { ticks, ..bare.clone() };
            if !axis.ticks.is_empty() && axis.roomy(room, generous) {
                return axis;
            }
        }
        bare
    }

    /// Adds the ticks that have room, the first levels first.
    fn with_levels(mut self, levels: &[Vec<f64>], room: Room, label: fn(f64) -> String) -> Self {
        let (first, last) = (self.low.min(self.high), self.low.max(self.high));
        for &value in levels.iter().flatten().filter(|&&value| value >= first && value <= last) {
            let tick = Tick::new(value, label);
            if self.ticks.iter().all(|other| self.apart(&tick, other, room, 0.0)) {
                self.ticks.push(tick);
            }
        }
        self.ticks.sort_by(|a, b| a.value.total_cmp(&b.value));
        self
    }

    fn without_collisions(mut self, room: Room) -> Self {
        for tick in std::mem::take(&mut self.ticks) {
            if self.ticks.iter().all(|other| self.apart(&tick, other, room, 0.0)) {
                self.ticks.push(tick);
            }
        }
        self
    }

    fn roomy(&self, room: Room, spare: f64) -> bool {
        self.ticks.windows(2).all(|pair| self.apart(&pair[0], &pair[1], room, spare))
    }

    /// Whether two tick labels keep a comfortable distance and `spare` logical pixels more.
    fn apart(&self, one: &Tick, other: &Tick, room: Room, spare: f64) -> bool {
        let distance = (self.share(one.value) - self.share(other.value)).abs();
        match room {
            Room::Across(length) => distance * length >= (one.width + other.width) / 2.0 + 14.0 + spare,
            Room::Up(length) => distance * length >= TICK_FONT.leading() + spare,
        }
    }
}

impl Tick {
    fn new(value: f64, label: fn(f64) -> String) -> Self {
        let label = label(value);
        Self { value, width: TICK_FONT.width(&label), label }
    }
}

/// The range itself, or one around it where it is empty or not a range.
fn widened(low: f64, high: f64, by: f64) -> (f64, f64) {
    match (low.is_finite(), high.is_finite()) {
        (true, true) if high > low => (low, high),
        (true, _) => (low, low + by.max(low.abs() * 0.1)),
        _ => (0.0, by),
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (self.share(*value) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Plotters asks twice, for the labelled lines and for finer ones; there are no finer ones.
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.ticks.iter().map(|tick| tick.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.ticks.iter().find(|tick| tick.value == *value).map(|tick| tick.label.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Room = Room::Across(680.0);
    const TALL: Room = Room::Up(400.0);

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn log_durations_are_ones_people_count_in() {
        let axis = Axis::log_durations(12.0, 80_000.0, WIDE);
        assert_eq!(
            labels(&axis),
            ["10s", "30s", "1m", "2m", "5m", "10m", "30m", "1h", "2h", "4h", "8h", "12h", "1d"]
        );
        assert_eq!((axis.low(), axis.high()), (10.0, 86_400.0));
    }

    #[test]
    fn every_axis_has_ticks_that_keep_their_distance() {
        for (low, high) in [(0.0, 0.0), (0.0, 1e-9), (3.2, 3.3), (0.0, 7.0), (1.0, 1e9), (5.0, 5.0)] {
            for room in [WIDE, TALL, Room::Up(60.0), Room::Across(150.0)] {
                let axes = [
                    Axis::durations(low, high, room),
                    Axis::log_durations(low, high, room),
                    Axis::numbers(low, high, room),
                    Axis::symlog(0.0, high, 1.0, room, ticks::number),
                    Axis::durations_from_zero(high, low, room),
                    Axis::percentages(-high, high, room),
                ];
                for axis in axes {
                    assert!(axis.roomy(room, 0.0), "{axis:?}");
                    assert!(!axis.ticks.is_empty(), "{low} {high} {axis:?}");
                }
            }
        }
    }

    #[test]
    fn linear_durations_step_in_hours() {
        assert_eq!(labels(&Axis::durations(0.0, 6.0 * 3600.0, Room::Across(400.0)))[1], "1h");
        assert_eq!(labels(&Axis::durations(0.0, 0.0, WIDE))[0], "0");
    }

    #[test]
    fn nines_grow_downwards_and_end_in_all() {
        let axis = Axis::nines(3, TALL);
        assert_eq!(axis.share(0.0), 1.0);
        assert_eq!(axis.share(1.0), 0.0);
        assert!(axis.share(0.99999) > 0.0 && axis.share(0.99999) < axis.share(0.999));
        let step = |f: f64, g: f64| axis.share(f) - axis.share(g);
        assert!((step(0.9, 0.99) - step(0.99, 0.999)).abs() < 1e-9);
        assert!(labels(&axis).iter().any(|label| label.starts_with("99.9")));
        assert!((axis.share(0.9) - 0.5).abs() < 1e-9 && (axis.share(0.45) - 0.75).abs() < 1e-9);
    }

    #[test]
    fn the_compressed_scale_has_a_place_for_zero() {
        let axis = Axis::symlog(0.0, 1000.0, 1.0, WIDE, ticks::number);
        assert_eq!(axis.share(0.0), 0.0);
        assert!((axis.share(1.0) - 0.25).abs() < 1e-9);
        assert!(labels(&axis).contains(&"0") && labels(&axis).contains(&"100"));
        let both = Axis::symlog(-100.0, 100.0, 1.0, WIDE, ticks::signed_percent);
        assert!((both.share(0.0) - 0.5).abs() < 1e-9);
    }
}
