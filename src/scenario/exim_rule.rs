//! Exim's retry rules, the right-hand side: `F,2h,15m; G,16h,1h,1.5; F,4d,6h`.
//!
//! Source of the grammar: Exim, src/readconf.c (`readconf_retries`, `retry_arg`,
//! `readconf_readtime`).

use std::fmt;
use std::str::FromStr;

use crate::time::Span;

/// A retry rule: its stages in order of their cutoffs; at least one.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryRule {
    /// The stages.
    pub stages: Vec<RetryStage>,
}

/// What holds until a time after the first failure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryStage {
    /// How the interval develops.
    pub kind: RetryKind,
    /// The stage ends so long after the first failure.
    pub cutoff: Span,
    /// The interval, or the first one of a growing series.
    pub interval: Span,
}

/// How the interval between tries develops in a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryKind {
    /// `F`: fixed.
    Fixed,
    /// `G`: each the previous one times a factor, at least 1.
    Geometric(f64),
    /// `H`: like `G`, then drawn from the upper half.
    Randomized(f64),
}

/// A text that is no retry rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryRuleError {
    item: String,
    expected: &'static str,
}

impl FromStr for RetryRule {
    type Err = RetryRuleError;

    fn from_str(text: &str) -> Result<Self, RetryRuleError> {
        let items = text.split(';').map(str::trim).filter(|item| !item.is_empty());
        let stages = items.map(stage).collect::<Result<Vec<_>, _>>()?;
        if stages.is_empty() {
            return Err(error(text, "at least one stage, such as F,2h,15m"));
        }
        match stages.windows(2).find(|pair| pair[1].cutoff <= pair[0].cutoff) {
            Some(_) => Err(error(text, "cutoffs that grow from stage to stage")),
            None => Ok(Self { stages }),
        }
    }
}

impl fmt::Display for RetryRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not part of a retry rule: expected {}", self.item, self.expected)
    }
}

impl std::error::Error for RetryRuleError {}

fn stage(item: &str) -> Result<RetryStage, RetryRuleError> {
    let arguments: Vec<&str> = item.split(',').map(str::trim).collect();
    let (kind, cutoff, interval) = match arguments.as_slice() {
        ["F", cutoff, interval] => (RetryKind::Fixed, cutoff, interval),
        ["G", cutoff, interval, number] => (RetryKind::Geometric(factor(number)?), cutoff, interval),
        ["H", cutoff, interval, number] => (RetryKind::Randomized(factor(number)?), cutoff, interval),
        _ => return Err(error(item, "F,<cutoff>,<interval> or G|H,<cutoff>,<interval>,<factor>")),
    };
    let interval = time(interval)?;
    if interval == Span::ZERO {
        return Err(error(item, "an interval above zero"));
    }
    Ok(RetryStage { kind, cutoff: time(cutoff)?, interval })
}

fn factor(text: &str) -> Result<f64, RetryRuleError> {
    let number = text.parse().ok().filter(|number| (1.0..=1_000.0).contains(number));
    number.ok_or_else(|| error(text, "a factor of at least 1"))
}

/// A time of Exim: numbers with the units w d h m s one after the other.
fn time(text: &str) -> Result<Span, RetryRuleError> {
    let wrong = || error(text, "a time such as 15m or 1h30m");
    let mut seconds: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let number: i64 = rest[..unit].parse().map_err(|_| wrong())?;
        let length = match rest.as_bytes()[unit] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return Err(wrong()),
        };
        seconds = number.checked_mul(length).and_then(|part| seconds.checked_add(part)).ok_or_else(wrong)?;
        rest = &rest[unit + 1..];
    }
    // A hundred years, so that microseconds fit.
    let meant = !text.is_empty() && seconds <= 3_153_600_000;
    if meant { Ok(Span::from_seconds(seconds)) } else { Err(wrong()) }
}

fn error(item: &str, expected: &'static str) -> RetryRuleError {
    RetryRuleError { item: item.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rule() {
        let rule: RetryRule = "F,2h,15m; G,16h,1h,1.5; F,4d,6h".parse().expect("a rule");
        let hours = |hours: i64| Span::from_seconds(hours * 3_600);
        let expected = [
            (RetryKind::Fixed, hours(2), Span::from_seconds(900)),
            (RetryKind::Geometric(1.5), hours(16), hours(1)),
            (RetryKind::Fixed, hours(96), hours(6)),
        ];
        let stages: Vec<_> =
            rule.stages.iter().map(|stage| (stage.kind, stage.cutoff, stage.interval)).collect();
        assert_eq!(stages, expected);
        assert_eq!(
            "H,1h30m,1m,2;".parse::<RetryRule>().expect("a rule").stages[0].cutoff,
            Span::from_seconds(5_400)
        );
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for text in
            ["", ";", "F,2h", "F,2h,15", "X,1h,1m", "G,1h,1m,0.5", "G,1h,1m", "F,2h,0s", "F,2x,1m", "F,,1m"]
        {
            assert!(text.parse::<RetryRule>().is_err(), "{text}");
        }
        for text in ["F,99999999999999999w,1m", "F,1ü,1m", "G,1h,1m,NaN", "F,2h,1m; F,1h,1m"] {
            assert!(text.parse::<RetryRule>().is_err(), "{text}");
        }
    }
}
