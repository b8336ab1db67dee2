//! Simulated time: integer microseconds, as an [`Instant`] and a [`Span`].
//!
//! Two types, so that adding two instants does not compile and a bare number never means time.
//! Integers, so that equal times are equal on every machine and nothing drifts over five days.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A point on the simulated clock, in microseconds after the start of the scenario.
///
/// Mail that is already queued at the start arrived at a negative instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A length of simulated time in microseconds; negative only as a difference of instants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(i64);

impl Instant {
    /// The start of the scenario.
    pub const ZERO: Self = Self(0);
    /// Later than anything that happens.
    pub const NEVER: Self = Self(i64::MAX);

    /// The instant so many microseconds after the start.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds after the start.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds after the start, for reports and formulas.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The last whole multiple of `step` after `phase` that is not later than `self`: what a
    /// program sees that reads its clock with that resolution.
    #[inline]
    pub fn floor_to(self, step: Span, phase: Span) -> Self {
        debug_assert!(step > Span::ZERO);
        Self((self.0 - phase.0).div_euclid(step.0) * step.0 + phase.0)
    }

    /// [`Self::floor_to`] whole seconds, for instants later than a hundred thousand years ago: they are divided as numbers
    /// without a sign, which takes half as long.
    #[inline]
    pub fn floor_to_second(self, phase: Span) -> Self {
        const LONG_AGO: i64 = (1 << 62) / MICROS_PER_SECOND * MICROS_PER_SECOND;
        debug_assert!(self.0 >= phase.0 - LONG_AGO);
        let since_then = (self.0 - phase.0).wrapping_add(LONG_AGO) as u64;
        let into_second = (since_then % MICROS_PER_SECOND as u64) as i64;
        Self(self.0 - into_second)
    }

    /// The first whole multiple of `step` after `phase` that is not earlier than `self`.
    pub fn ceil_to(self, step: Span, phase: Span) -> Self {
        let floor = self.floor_to(step, phase);
        if floor == self { self } else { floor + step }
    }

    /// `self + span`, or [`Instant::NEVER`] where that cannot be represented.
    pub const fn saturating_add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The shortest span there is.
    pub const MICROSECOND: Self = Self(1);
    /// One second.
    pub const SECOND: Self = Self(MICROS_PER_SECOND);
    /// Longer than anything that happens.
    pub const FOREVER: Self = Self(i64::MAX);

    /// A span of so many microseconds.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// A span of so many whole seconds.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * MICROS_PER_SECOND)
    }

    /// The span nearest to so many seconds; saturates, and takes not-a-number as zero.
    pub fn from_seconds_f64(seconds: f64) -> Self {
        Self(nearest(seconds * MICROS_PER_SECOND as f64))
    }

    /// Microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds, for reports and formulas.
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// The span times a factor, to the nearest microsecond, saturating.
    pub fn scale(self, factor: f64) -> Self {
        Self(nearest(self.0 as f64 * factor))
    }

    /// The sum, or [`Span::FOREVER`] where it cannot be represented.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Add<Span> for Instant {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        self.0 += span.0;
    }
}

impl Sub<Span> for Instant {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0 - span.0)
    }
}

impl Sub for Instant {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl SubAssign for Span {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}

impl Neg for Span {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Mul<i64> for Span {
    type Output = Self;
    fn mul(self, count: i64) -> Self {
        Self(self.0 * count)
    }
}

impl Div<i64> for Span {
    type Output = Self;
    fn div(self, parts: i64) -> Self {
        Self(self.0 / parts)
    }
}

/// The whole number nearest to `number`, halves away from zero; saturates, and takes not-a-number as
/// zero. The same as `f64::round` and a cast, but that is a call where SSE4.1 cannot be assumed.
///
/// With one half itself the sum would round 0.49999999999999994 up to 1; with the number before it every
/// sum rounds as it should (LLVM expands `round` in this way, X86ISelLowering.cpp).
#[inline]
fn nearest(number: f64) -> i64 {
    const BELOW_HALF: f64 = 0.499_999_999_999_999_94;
    (number + BELOW_HALF.copysign(number)) as i64
}

impl fmt::Display for Span {
    /// Writes the span the way scenario files do: `1h30m`, `250ms`, `0s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, i64); 6] = [
            ("d", 86_400 * MICROS_PER_SECOND),
            ("h", 3_600 * MICROS_PER_SECOND),
            ("m", 60 * MICROS_PER_SECOND),
            ("s", MICROS_PER_SECOND),
            ("ms", 1_000),
            ("us", 1),
        ];
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0.unsigned_abs();
        let mut text = String::new();
        if self.0 < 0 {
            text.push('-');
        }
        for (unit, micros) in UNITS {
            let count = rest / micros as u64;
            if count > 0 {
                text.push_str(&format!("{count}{unit}"));
                rest %= micros as u64;
            }
        }
        f.pad(&text)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&(*self - Self::ZERO), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_scenario_files() {
        assert_eq!(Span::from_seconds(5_400).to_string(), "1h30m");
        assert_eq!(Span::from_micros(250_000).to_string(), "250ms");
        assert_eq!(Span::ZERO.to_string(), "0s");
        assert_eq!((-Span::SECOND).to_string(), "-1s");
    }

    #[test]
    fn the_nearest_is_that_of_the_standard_library() {
        let mut numbers = vec![0.0, 0.5, 1.5, 2.5, 0.499_999_999_999_999_94, 1e300, f64::INFINITY, f64::NAN];
        for power in 0..64 {
            let whole = 2f64.powi(power);
            let near = [whole - 1.0, whole - 0.5, whole, whole + 0.5, whole + 1.0, whole / 3.0];
            numbers.extend(near.into_iter().flat_map(|x| [x.next_down(), x, x.next_up()]));
        }
        for number in numbers.into_iter().flat_map(|x| [x, -x]) {
            assert_eq!(nearest(number), number.round() as i64, "{number:e}");
        }
    }

    #[test]
    fn whole_seconds_are_a_grid_like_any_other() {
        let near = [-1_000_001, -1_000_000, -999_999, -1, 0, 1, 999_999, 1_000_000, 1_000_001];
        let far = [0, 1 << 40, -(1 << 40), 1 << 61, -(1 << 61), i64::MAX - 2_000_000];
        for micros in far.into_iter().flat_map(|far| near.map(|near| far + near)) {
            for phase in [0, 1, 300_000, 999_999, -5].map(Span::from_micros) {
                let at = Instant::from_micros(micros);
                assert_eq!(at.floor_to_second(phase), at.floor_to(Span::SECOND, phase), "{micros} {phase}");
            }
        }
    }

    #[test]
    fn rounding_to_a_grid_keeps_points_on_the_grid() {
        let (step, phase) = (Span::from_seconds(300), Span::from_seconds(7));
        let on_grid = Instant::ZERO + Span::from_seconds(607);
        assert_eq!(on_grid.ceil_to(step, phase), on_grid);
        assert_eq!(on_grid.floor_to(step, phase), on_grid);
        assert_eq!((on_grid + Span::MICROSECOND).ceil_to(step, phase), on_grid + step);
        assert_eq!(
            Instant::from_micros(-1).floor_to(Span::SECOND, Span::ZERO),
            Instant::from_micros(-1_000_000)
        );
    }
}
