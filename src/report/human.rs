//! Numbers for people: few digits, and the unit that suits.

use crate::stats::summary::Interval;

/// Seconds in a unit of which there are neither thousands nor thousandths.
#[derive(Clone, Copy, Debug, PartialEq)]
struct TimeUnit {
    name: &'static str,
    seconds: f64,
}

impl TimeUnit {
    fn for_seconds(seconds: f64) -> Self {
        let (name, seconds) = match seconds.abs() {
            small if small > 0.0 && small < 1.0 => ("ms", 1e-3),
            small if small < 120.0 => ("s", 1.0),
            small if small < 7_200.0 => ("min", 60.0),
            small if small < 172_800.0 => ("h", 3_600.0),
            _ => ("d", 86_400.0),
        };
        Self { name, seconds }
    }
}

/// Seconds to three digits, as `850 ms`, `92.0 s`, `12.3 min`, `3.45 h` or `2.10 d`.
pub fn duration(seconds: f64) -> String {
    let unit = TimeUnit::for_seconds(seconds);
    format!("{} {}", number(seconds / unit.seconds), unit.name)
}

/// Seconds with a half width in the same unit, as `12.34 ± 0.56 min`.
pub fn duration_within(seconds: f64, half_width: f64) -> String {
    let unit = TimeUnit::for_seconds(seconds);
    format!("{} {}", within(seconds / unit.seconds, half_width / unit.seconds), unit.name)
}

/// An interval of seconds in the unit of its upper end, as `[11.8, 12.9] min`.
pub fn duration_interval(interval: Interval) -> String {
    let unit = TimeUnit::for_seconds(interval.high);
    let [low, high] = [interval.low, interval.high].map(|end| number(end / unit.seconds));
    format!("[{low}, {high}] {}", unit.name)
}

/// A number to three digits; whole numbers up to six digits as they are.
pub fn number(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e6 {
        return format!("{value:.0}");
    }
    format!("{value:.*}", decimals(value, 3))
}

/// A number with a half width to two digits, as `12.34 ± 0.56`.
pub fn within(value: f64, half_width: f64) -> String {
    if is_noise(half_width, value) {
        return format!("{} ± 0", number(settled(value)));
    }
    let decimals = decimals(half_width, 2);
    format!("{value:.decimals$} ± {half_width:.decimals$}")
}

/// What nine decimals cannot show.
const INVISIBLE: f64 = 5e-10;

/// Whether a half width is what rounding leaves where all replications agree.
fn is_noise(half_width: f64, value: f64) -> bool {
    half_width < INVISIBLE.max(value.abs() * 1e-13)
}

/// Zero in the place of what would look like it, perhaps with a sign.
fn settled(value: f64) -> f64 {
    if value.abs() < INVISIBLE { 0.0 } else { value }
}

/// A millionth of a per cent: a change that no reader cares about.
const IMMATERIAL: f64 = 1e-8;

/// The same in per cent and with a sign, as `+12.3 ± 0.6 %`. What is surely immaterial is nothing.
pub fn change_within(share: f64, half_width: f64) -> String {
    if share.abs() + half_width < IMMATERIAL {
        return "0 ± 0 %".to_owned();
    }
    let sign = if settled(share * 100.0) > 0.0 { "+" } else { "" };
    format!("{sign}{} %", within(share * 100.0, half_width * 100.0))
}

/// A share in per cent; nothing is rounded to 100 % or 0 % that is not.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if (percent - percent.round()).abs() < 1e-9 {
        return format!("{percent:.0} %");
    }
    let distance = percent.abs().min((100.0 - percent).abs());
    let places = decimals(distance, 1).clamp(1, 6);
    format!("{percent:.places$} %")
}

/// Decimals that show so many digits of a number after it is rounded to them, at most nine.
fn decimals(value: f64, digits: usize) -> usize {
    let rounded = format!("{value:.*e}", digits - 1);
    let exponent = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    let places = digits as i32 - 1 - exponent.unwrap_or_default();
    usize::try_from(places).unwrap_or(0).min(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_suitable_unit() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.05, "50 ms"),
            (0.0501, "50.1 ms"),
            (92.04, "92.0 s"),
            (740.0, "12.3 min"),
            (12_420.0, "3.45 h"),
            (181_440.0, "2.10 d"),
            (1e9, "11574 d"),
            (9.996, "10.0 s"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(duration_within(740.4, 33.6), "12.34 ± 0.56 min");
        assert_eq!(duration_interval(Interval { low: 708.0, high: 774.0 }), "[11.8, 12.9] min");
    }

    #[test]
    fn digits_follow_the_half_width() {
        assert_eq!(within(1234.5678, 98.7), "1235 ± 99");
        assert_eq!(within(1234.5678, 0.0234), "1234.568 ± 0.023");
        assert_eq!(within(2.5, 0.0), "2.50 ± 0");
        assert_eq!(within(3.0, 0.0), "3 ± 0");
        assert_eq!(change_within(-0.1234, 0.0056), "-12.34 ± 0.56 %");
        assert_eq!(change_within(0.5, 0.12), "+50 ± 12 %");
    }

    #[test]
    fn rounding_is_not_shown() {
        assert_eq!(within(0.93, 4.1e-17), "0.930 ± 0");
        assert_eq!(within(123_456.7, 2e-9), "123457 ± 0");
        assert_eq!(within(-1e-17, 3e-17), "0 ± 0");
        assert_eq!(change_within(1e-18, 0.0), "0 ± 0 %");
        assert_eq!(change_within(1e-11, 4e-11), "0 ± 0 %");
        assert_eq!(change_within(1e-7, 0.0), "+0.0000100 ± 0 %");
        assert_eq!(within(0.0, 2e-9), "0.000000000 ± 0.000000002");
    }

    #[test]
    fn nearly_all_is_not_all() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.98), "98 %");
        assert_eq!(percent(0.985), "98.5 %");
        assert_eq!(percent(0.99999), "99.999 %");
        assert_eq!(percent(0.000_02), "0.002 %");
    }
}
