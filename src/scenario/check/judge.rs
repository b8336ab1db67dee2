//! The bench: where findings are collected, and judgements that many parts need.

use std::ops::Range;

use crate::quantity::{Duration, Rate};
use crate::scenario::finding::{Finding, Findings, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::suggest;
use crate::time::Span;

/// Nothing in mail lasts longer: beyond ten years a unit was mistaken.
const LONGEST: Span = Span::from_seconds(10 * 365 * 86_400);

/// Collects findings.
#[derive(Default)]
pub struct Judge {
    /// Everything found so far.
    pub findings: Findings,
}

impl Judge {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// A value that cannot be meant.
    pub fn value(&mut self, place: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Finding::error(Kind::Value, place, message).help(help));
    }

    /// A contradiction of two places.
    pub fn contradiction(
        &mut self,
        place: Range<usize>,
        message: impl Into<String>,
        other: (Range<usize>, &str),
        help: impl Into<String>,
    ) {
        self.add(Finding::error(Kind::Contradiction, place, message).related(other.0, other.1).help(help));
    }

    /// Something without an effect.
    pub fn unused(&mut self, place: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Finding::error(Kind::Unused, place, message).help(help).as_warning());
    }

    /// A name that does not exist.
    pub fn unknown<'a>(
        &mut self,
        place: Range<usize>,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let finding = Finding::error(Kind::UnknownName, place, format!("there is no {what} `{name}`"));
        self.add(match suggest::help(name, known) {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    /// Refuses durations of more than ten years.
    pub fn duration(&mut self, duration: &Spanned<Duration>) {
        if duration.span() > LONGEST {
            let message = format!("{} is longer than ten years", **duration);
            self.value(duration.place(), message, "look at the unit: `m` is minutes, `ms` milliseconds");
        }
    }

    /// Refuses zero, too.
    pub fn lasting(&mut self, duration: &Spanned<Duration>, what: &str) {
        self.duration(duration);
        if duration.span() == Span::ZERO {
            let message = format!("{what} cannot be zero");
            self.value(duration.place(), message, "write a duration such as \"1s\"");
        }
    }

    /// Refuses counts below `least`.
    pub fn at_least(&mut self, count: &Spanned<u32>, least: u32, what: &str) {
        if **count < least {
            self.value(count.place(), format!("{what} cannot be {count}"), format!("write at least {least}"));
        }
    }

    /// Refuses numbers outside a range, and those that are none.
    pub fn within(&mut self, number: &Spanned<f64>, range: std::ops::RangeInclusive<f64>, what: &str) {
        if !range.contains(&**number) {
            let message = format!("{what} cannot be {number}");
            let help = format!("write a number from {} to {}", range.start(), range.end());
            self.value(number.place(), message, help);
        }
    }

    /// Refuses rates of zero, and such that are beyond anything.
    pub fn rate(&mut self, rate: &Rate, place: Range<usize>) {
        let per_second = rate.per_second();
        if per_second <= 0.0 {
            self.value(place, "this rate is zero", "write a rate such as \"400/min\", or leave the part out");
        } else if per_second > 1e6 {
            let help = "look at the unit: the part after the slash is a time";
            self.value(place, "this is more than a million a second", help);
        }
    }

    /// Refuses a least value above the greatest.
    pub fn ordered(&mut self, least: &Spanned<Duration>, greatest: &Spanned<Duration>, what: &str) {
        if least.span() > greatest.span() {
            let message = format!("the least {what}, {least}, is above the greatest, {greatest}");
            self.contradiction(least.place(), message, (greatest.place(), "the greatest"), "exchange them");
        }
    }
}
