//! How programs write times.

use crate::time::Span;

/// Nothing in mail lasts longer, and nothing below overflows.
const MOST_SECONDS: u64 = 10 * 366 * 86_400;

/// Seconds of the units `s`, `m`, `h`, `d` and `w`.
pub fn unit(letter: char) -> Option<u64> {
    Some(match letter {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    })
}

/// A time such as `1h30m`: numbers with units in any order; a number at the end without one has the
/// unit `bare`, if there is one.
///
/// Of at most ten years. `None` if it is none.
pub fn concatenated(text: &str, bare: Option<char>) -> Option<Span> {
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit.into())?);
        } else {
            total = total.checked_add(number.take()?.checked_mul(unit(letter)?)?)?;
        }
    }
    if let Some(number) = number {
        total = total.checked_add(number.checked_mul(unit(bare?)?)?)?;
    }
    (!text.is_empty()).then(|| seconds(total)).flatten()
}

/// A time in words, such as `1 hour 30 mins` or `1h 30m`: numbers and units, with or without
/// spaces. A number alone has the unit `bare`, in milliseconds.
///
/// Of at most ten years and whole milliseconds. `None` if it is none.
pub fn in_words(text: &str, bare: Option<u64>) -> Option<Span> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len());
        let millis = match &rest[..letters] {
            "" => bare?,
            word => word_millis(&word.to_lowercase())?,
        };
        rest = rest[letters..].trim_start();
        total = total.checked_add(number.checked_mul(millis)?)?;
    }
    milliseconds(total)
}

/// So many milliseconds; `None` if that is more than ten years.
pub fn milliseconds(millis: u64) -> Option<Span> {
    let millis = (millis <= MOST_SECONDS * 1_000).then_some(millis)?;
    i64::try_from(millis).ok().map(|millis| Span::from_micros(millis * 1_000))
}

/// So many seconds; `None` if that is more than ten years.
pub fn seconds(seconds: u64) -> Option<Span> {
    (seconds <= MOST_SECONDS).then(|| i64::try_from(seconds).ok().map(Span::from_seconds)).flatten()
}

fn word_millis(word: &str) -> Option<u64> {
    Some(match word {
        "ms" | "msec" | "msecs" | "milli" | "millis" | "millisecond" | "milliseconds" => 1,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        "w" | "week" | "weeks" => 604_800_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_units() {
        let read = |text| concatenated(text, Some('m')).map(|span| span.as_micros() / 1_000_000);
        assert_eq!(read("1h30m"), Some(5_400));
        assert_eq!(read("4d12h"), Some(388_800));
        assert_eq!(read("30"), Some(1_800));
        assert_eq!(read("1h30"), Some(5_400));
        for wrong in ["", "h", "1x", "1.5h", "-1h", "99999999999999999999h", "9999999w"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(concatenated("30", None), None);
    }

    #[test]
    fn words() {
        let read = |text| in_words(text, Some(1)).map(|span| span.as_micros() / 1_000);
        assert_eq!(read("20 minutes"), Some(1_200_000));
        assert_eq!(read("1h 30 mins"), Some(5_400_000));
        assert_eq!(read("5000"), Some(5_000));
        for wrong in ["", "minutes", "1 fortnight", "1.5h", "-3s", "18446744073709551615h"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
