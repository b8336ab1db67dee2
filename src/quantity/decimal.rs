//! Decimal numbers as users write them: digits, at most one point, a digit on both sides of it.

use super::error::Problem;

/// More decimals than any exact multiple of a microsecond has in any unit up to a week.
const MOST_DECIMALS: usize = 13;

/// Whether a text is such a number; no sign, no exponent.
pub fn is_decimal(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, decimals)) => is_digits(whole) && is_digits(decimals),
        None => is_digits(text),
    }
}

/// What is wrong with a text that is none: no number at all, or one written otherwise, as `1e3`, `+5`, `.5` or
/// `NaN`.
pub fn problem(text: &str) -> Problem {
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    if has_digits || text.parse::<f64>().is_ok() { Problem::NotANumber } else { Problem::MissingNumber }
}

/// A decimal number times a unit, exactly: `1.5` times 3 600 000 000 is 5 400 000 000.
///
/// Not a number, too large, or too fine: no whole number.
pub fn times(number: &str, unit: i64) -> Result<i64, Problem> {
    if !is_decimal(number) {
        return Err(Problem::NotANumber);
    }
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let whole: i64 = whole.parse().map_err(|_| Problem::TooLarge)?;
    let decimals = decimals.trim_end_matches('0');
    let part = match decimals.len() {
        0 => 0,
        1..=MOST_DECIMALS => part_of(decimals, unit)?,
        _ => return Err(Problem::TooFine),
    };
    whole.checked_mul(unit).and_then(|whole| whole.checked_add(part)).ok_or(Problem::TooLarge)
}

/// 0.`decimals` times the unit; thirteen digits times a week still fit into 128 bits.
fn part_of(decimals: &str, unit: i64) -> Result<i64, Problem> {
    let numerator = decimals.bytes().fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let numerator = numerator * i128::from(unit);
    let denominator = 10_i128.pow(decimals.len() as u32);
    if numerator % denominator != 0 {
        return Err(Problem::TooFine);
    }
    i64::try_from(numerator / denominator).map_err(|_| Problem::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_or_refused() {
        assert_eq!(times("1.5", 3_600), Ok(5_400));
        assert_eq!(times("007", 1), Ok(7));
        assert_eq!(times("0.1000000000000000000000", 10), Ok(1));
        assert_eq!(times("0.25", 2), Err(Problem::TooFine));
        assert_eq!(times("0.00000000000001", 604_800_000_000), Err(Problem::TooFine));
        assert_eq!(times("9223372036854775807", 1), Ok(i64::MAX));
        assert_eq!(times("9223372036854775808", 1), Err(Problem::TooLarge));
        assert_eq!(times("9223372036854775807.5", 2), Err(Problem::TooLarge));
    }

    #[test]
    fn words_are_told_from_numbers() {
        for text in ["1e3", "+1", ".5", "5.", "NaN", "inf"] {
            assert_eq!(problem(text), Problem::NotANumber, "{text}");
        }
        for text in ["", "half", ".", "-"] {
            assert_eq!(problem(text), Problem::MissingNumber, "{text}");
        }
    }

    #[test]
    fn only_digits_and_one_point() {
        for text in ["", ".", "1.", ".5", "1.2.3", "1e3", "-1", "+1", "1_000", "٣"] {
            assert_eq!(times(text, 1), Err(Problem::NotANumber), "{text}");
        }
    }
}
