//! Where axes have their ticks and what is written there.

use crate::time::Span;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

/// Steps between ticks of a linear axis of durations, in seconds: what a person would count in.
const DURATION_STEPS: [f64; 34] = [
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    3.0 * HOUR,
    4.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    5.0 * DAY,
    10.0 * DAY,
    50.0 * DAY,
    100.0 * DAY,
    1000.0 * DAY,
];

/// Ticks of a logarithmic axis of durations, in seconds, the most welcome first.
pub(super) const LOG_DURATIONS: [&[f64]; 4] = [
    &[0.001, 0.1, 1.0, MINUTE, HOUR, DAY, 10.0 * DAY, 100.0 * DAY],
    &[0.01, 10.0, 10.0 * MINUTE, 4.0 * HOUR, 1000.0 * DAY],
    &[30.0, 30.0 * MINUTE, 12.0 * HOUR, 2.0, 2.0 * MINUTE, 2.0 * HOUR, 3.0 * DAY, 30.0 * DAY, 0.03, 0.3],
    &[
        5.0,
        5.0 * MINUTE,
        8.0 * HOUR,
        20.0,
        20.0 * MINUTE,
        2.0 * DAY,
        5.0 * DAY,
        20.0 * DAY,
        0.02,
        0.05,
        0.2,
        0.5,
    ],
];

/// Ticks of the scale of nines, as fractions delivered, the most welcome first.
pub(super) const NINES: [&[f64]; 4] =
    [&[0.0, 1.0, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999], &[0.5], &[0.25, 0.75], &[0.95]];

/// Which numbers carry a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    Always,
    Negative,
}

/// A duration the way scenario files write it: `30s`, `5m`, `4h`, `1d`; zero without a unit.
pub(super) fn duration(seconds: f64) -> String {
    if seconds == 0.0 { "0".to_owned() } else { Span::from_seconds_f64(seconds).to_string() }
}

/// A duration for a sentence or a value label, with two or three digits of precision.
pub(super) fn rough_duration(seconds: f64) -> String {
    let unit = match seconds.abs() {
        size if size >= 10.0 * DAY => HOUR,
        size if size >= 2.0 * HOUR => MINUTE,
        size if size >= 10.0 => 1.0,
        size if size >= 0.1 => 0.01,
        _ => 0.001,
    };
    duration((seconds / unit).round() * unit)
}

/// A number with as many decimals as it needs and thin spaces between groups of three digits.
pub(super) fn number(value: f64) -> String {
    let decimals = (0..=6).find(|&d| (value * 10f64.powi(d) - (value * 10f64.powi(d)).round()).abs() < 1e-6);
    let plain = format!("{:.*}", decimals.unwrap_or(6) as usize, value.abs());
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let mut text = if value < 0.0 { "−".to_owned() } else { String::new() };
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if place > 0 && left.is_multiple_of(3) && whole.len() > 4 {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A number with so many decimals, a real minus sign, and a plus where `signed`.
pub(super) fn fixed(value: f64, decimals: usize, signed: Signed) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let zero = digits.chars().all(|character| matches!(character, '0' | '.'));
    match signed {
        _ if zero => digits,
        _ if value < 0.0 => format!("−{digits}"),
        Signed::Always => format!("+{digits}"),
        Signed::Negative => digits,
    }
}

/// A fraction as a percentage without superfluous digits: `0 %`, `99.9 %`.
pub(super) fn percent(fraction: f64) -> String {
    format!("{}\u{202f}%", number((fraction * 1e10).round() / 1e8))
}

/// A signed percentage for a difference given in per cent: `−20 %`, `0`, `+300 %`.
pub(super) fn signed_percent(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if value > 0.0 => format!("+{}\u{202f}%", number(value)),
        value => format!("{}\u{202f}%", number(value)),
    }
}

/// The steps of a linear axis of durations, the finest first, from about a thousandth of the range.
pub(super) fn duration_steps(range: f64) -> impl Iterator<Item = f64> {
    DURATION_STEPS.into_iter().filter(move |step| range / step <= 500.0).chain([range.max(1e-3)])
}

/// The steps 1, 2, 5 times a power of ten of a linear axis, the finest first.
pub(super) fn decimal_steps(range: f64) -> impl Iterator<Item = f64> {
    let first = (range.max(f64::MIN_POSITIVE).log10().floor() as i32).clamp(-290, 290) - 2;
    (first..first + 5).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| ten_to(power) * digit))
}

/// The multiples of `step` between `low` and `high`.
pub(super) fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let tolerance = 1e-9;
    let first = (low / step - tolerance).ceil();
    let last = (high / step + tolerance).floor();
    if !(last - first).is_finite() || last - first > 10_000.0 {
        return Vec::new();
    }
    (0..=(last - first).max(-1.0) as i64)
        .take(if last < first { 0 } else { usize::MAX })
        .map(|count| clean((first + count as f64) * step, step))
        .collect()
}

/// Powers of ten, then their threes, then their doubles and fives, between two positive numbers.
pub(super) fn log_levels(low: f64, high: f64) -> Vec<Vec<f64>> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    [&[1.0][..], &[3.0], &[2.0, 5.0]]
        .iter()
        .map(|digits| {
            powers.clone().flat_map(|power| digits.iter().map(move |digit| digit * ten_to(power))).collect()
        })
        .collect()
}

/// An exact power of ten where one exists: `10f64.powi(-2)` is not the number nearest to 0.01.
pub(super) fn ten_to(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(1.0)
}

/// The multiple of a step without the noise of binary fractions.
fn clean(value: f64, step: f64) -> f64 {
    let digits = ten_to(3 - step.log10().floor() as i32);
    let cleaned = (value * digits).round() / digits;
    // Also turns a negative zero into zero.
    if cleaned.is_finite() { cleaned + 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_scenario_files() {
        let texts = [0.0, 0.05, 30.0, 300.0, 5_400.0, 14_400.0, 86_400.0].map(duration);
        assert_eq!(texts, ["0", "50ms", "30s", "5m", "1h30m", "4h", "1d"]);
        assert_eq!(rough_duration(7_384.3), "2h3m");
        assert_eq!(rough_duration(0.12345), "120ms");
    }

    #[test]
    fn numbers_are_grouped_and_short() {
        assert_eq!([0.0, 0.5, 1000.0, 12.25].map(number), ["0", "0.5", "1000", "12.25"]);
        assert_eq!(number(-1_234_567.0), "−1\u{2009}234\u{2009}567");
        assert_eq!(
            [0.0, 0.5, 0.999, 0.99999].map(percent).map(|t| t.replace('\u{202f}', "")),
            ["0%", "50%", "99.9%", "99.999%"]
        );
        assert_eq!(signed_percent(300.0), "+300\u{202f}%");
    }

    #[test]
    fn multiples_are_exact_and_inside() {
        assert_eq!(multiples(-0.1, 0.31, 0.1), [-0.1, 0.0, 0.1, 0.2, 0.3]);
        assert!(multiples(0.4, 0.6, 1.0).is_empty());
        assert_eq!(multiples(5.0, 5.0, 5.0), [5.0]);
        assert!(multiples(0.0, 1e300, 1e-3).is_empty());
    }
}
