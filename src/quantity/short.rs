//! Spans for tables and axes: `30s`, `5m`, `1.5h`, never longer than a glance.

use crate::time::Span;

/// From small to large, with microseconds.
const UNITS: [(&str, i64); 6] = [
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("m", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

/// A span in one unit with at most three significant digits.
///
/// In the largest unit that says it exactly, with up to four digits where it is a whole number: a maximum
/// of `4000s` is recognised, `1.11h` is not. Else rounded, in the largest unit of which there is
/// at least one. For reading only: [`Duration`](super::Duration) prints what can be read back.
///
/// ```
/// use tempfail::quantity::short;
/// use tempfail::time::Span;
///
/// assert_eq!(short(Span::from_seconds(5_400)), "1.5h");
/// assert_eq!(short(Span::from_seconds(100)), "100s");
/// assert_eq!(short(Span::from_micros(71_842_133)), "1.2m");
/// ```
pub fn short(span: Span) -> String {
    let sign = if span < Span::ZERO { "-" } else { "" };
    let micros = span.as_micros().unsigned_abs();
    if micros == 0 {
        return "0s".to_owned();
    }
    let exact = UNITS.iter().rev().find_map(|&(name, unit)| Some((exactly(micros, unit as u64)?, name)));
    let (number, name) = exact.unwrap_or_else(|| rounded(micros));
    format!("{sign}{number}{name}")
}

/// The number of units, if it is at least one and needs no more than three digits, or four of a
/// whole number.
fn exactly(micros: u64, unit: u64) -> Option<String> {
    let (whole, rest) = (micros / unit, micros % unit);
    let decimals: u32 = match whole {
        _ if rest == 0 && (1..10_000).contains(&whole) => 0,
        1..10 => 2,
        10..100 => 1,
        _ => return None,
    };
    let scale = 10_u64.pow(decimals);
    (rest * scale).is_multiple_of(unit).then(|| {
        let text = format!("{whole}.{:0width$}", rest * scale / unit, width = decimals as usize);
        trimmed(&text).to_owned()
    })
}

/// The number rounded to three digits, in the largest unit of which there is one after rounding.
fn rounded(micros: u64) -> (String, &'static str) {
    let place = UNITS.iter().rposition(|&(_, unit)| micros >= unit as u64).unwrap_or(0);
    let (name, unit) = UNITS[place];
    let digits = three_digits(micros as f64 / unit as f64);
    match UNITS.get(place + 1) {
        // 59.96 s must not become 60 s.
        Some(&(next, larger)) if digits * unit as f64 >= larger as f64 => ("1".to_owned(), next),
        _ => (trimmed(&format!("{digits:.2}")).to_owned(), name),
    }
}

/// A number of at least one to three significant digits.
fn three_digits(number: f64) -> f64 {
    let step = 10_f64.powi(2 - number.log10().floor() as i32);
    (number * step).round() / step
}

fn trimmed(decimal: &str) -> &str {
    decimal.trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of_seconds(seconds: f64) -> String {
        short(Span::from_seconds_f64(seconds))
    }

    #[test]
    fn round_spans_read_as_they_are_said() {
        for text in ["30s", "5m", "4h", "1d", "1.5h", "250ms", "30us", "90.5ms", "1.25h", "4000s", "100s"] {
            let duration: super::super::Duration = text.parse().unwrap();
            assert_eq!(short(duration.span()), text);
        }
        assert_eq!(short(Span::from_seconds(90)), "1.5m");
        assert_eq!(short(Span::from_seconds(7 * 86_400)), "7d");
        assert_eq!(short(Span::ZERO), "0s");
        assert_eq!(short(-Span::from_seconds(300)), "-5m");
    }

    #[test]
    fn others_are_rounded_to_three_digits() {
        for (seconds, text) in [
            (0.050_123, "50.1ms"),
            (0.999_96, "1s"),
            (2.344_9, "2.34s"),
            (59.7, "59.7s"),
            (59.96, "1m"),
            (71.842, "1.2m"),
            (3_599.9, "1h"),
            (14_523.7, "4.03h"),
            (86_399.9, "1d"),
            (1e9 + 1.0, "11600d"),
        ] {
            assert_eq!(of_seconds(seconds), text, "{seconds}");
        }
    }

    proptest! {
        /// Up to half of the longest span: the longest, rounded up, could not be read back.
        #[test]
        fn short_and_nearly_right(micros in 1..=i64::MAX / 2, shift in 0u32..63) {
            let span = Span::from_micros((micros >> shift).max(1));
            let text = short(span);
            prop_assert!(text.len() <= 11, "{}", text);
            let read = text.parse::<super::super::Duration>().unwrap().span().as_seconds();
            prop_assert!((read / span.as_seconds() - 1.0).abs() <= 0.0051, "{}", text);
        }
    }
}
