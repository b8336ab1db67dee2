//! How a row of the table came out.

use super::estimate::Estimate;
use super::parameters::Parameters;
use super::quantity::{Claim, Quantity, Statistic};
use super::run::Effort;
use super::table::Row;
use crate::stats::student::critical_value;

/// How often a row rejects a correct simulator, where no mistake is made about the law of its statistic.
pub const ERROR_PROBABILITY: f64 = 1e-4;

/// A relative difference that is one of rounding only.
const ROUNDING: f64 = 1e-9;

/// A row of the table and what the simulator says to it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The model.
    pub model: String,
    /// Its parameters.
    pub parameters: Parameters,
    /// The row.
    pub row: Row,
    /// The value that was to be found. For a quantile it is the share beyond it.
    pub exact: f64,
    /// What the simulation gave; none if there is nothing to say, or it is without chance.
    pub found: Found,
    /// What follows.
    pub verdict: Verdict,
    /// Whether the row differed at first and was run again, with new random numbers and thrice as many.
    pub again: bool,
}

/// What the simulation gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A number that no chance is in.
    Number(f64),
    /// A number with an error.
    Estimate(Estimate),
}

impl Found {
    /// The number, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Nothing => None,
            Self::Number(value) => Some(*value),
            Self::Estimate(estimate) => Some(estimate.value),
        }
    }

    /// The estimate, if there is chance in it.
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Estimate(estimate) => Some(estimate),
            Self::Nothing | Self::Number(_) => None,
        }
    }
}

/// What follows for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same number, but for rounding.
    Equal,
    /// Agrees within its error, which is small enough to mean something.
    Agrees,
    /// On the side of the bound where it must be.
    Holds,
    /// Too far away to be chance.
    Differs,
    /// The error is too large for the row to mean anything.
    TooWide,
    /// It could not be run, for this reason.
    NotRun(String),
}

impl Verdict {
    /// The verdict in a word or two.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Agrees => "agrees",
            Self::Holds => "bound holds",
            Self::Differs => "differs",
            Self::TooWide => "not tested",
            Self::NotRun(_) => "not run",
        }
    }

    /// Whether the row was tested and came out well.
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Equal | Self::Agrees | Self::Holds)
    }
}

/// The verdict on a number without chance.
pub(super) fn judge_number(quantity: &Quantity, value: f64) -> Verdict {
    let equal = (value - quantity.exact).abs() <= ROUNDING * quantity.exact.abs().max(1e-3);
    match quantity.claim {
        _ if equal => Verdict::Equal,
        Claim::AtLeast if value > quantity.exact => Verdict::Holds,
        Claim::AtMost if value < quantity.exact => Verdict::Holds,
        _ => Verdict::Differs,
    }
}

/// The verdict on an estimate.
pub(super) fn judge_estimate(quantity: &Quantity, estimate: &Estimate, effort: &Effort) -> Verdict {
    let Some(z) = estimate.z(quantity.exact) else {
        // Nothing ever varied: what is rarer than the absolute precision may not have been seen.
        let close = (estimate.value - quantity.exact).abs() <= effort.absolute;
        let judged = judge_number(quantity, estimate.value);
        return if judged == Verdict::Differs && close { Verdict::Agrees } else { judged };
    };
    // Where next to nothing varies, the error may be less than that of rounding.
    if judge_number(quantity, estimate.value) == Verdict::Equal {
        return Verdict::Equal;
    }
    let critical =
        critical_value(1.0 - ERROR_PROBABILITY, estimate.replications - 1).unwrap_or(f64::INFINITY);
    let far = match quantity.claim {
        Claim::Equal => z.abs() > critical,
        Claim::AtLeast => z < -critical,
        Claim::AtMost => z > critical,
    };
    match quantity.claim {
        _ if far => Verdict::Differs,
        _ if estimate.error > allowed(quantity, effort) => Verdict::TooWide,
        Claim::Equal => Verdict::Agrees,
        Claim::AtLeast | Claim::AtMost => Verdict::Holds,
    }
}

/// The largest standard error with which a row means something.
pub(super) fn allowed(quantity: &Quantity, effort: &Effort) -> f64 {
    let relative = match quantity.statistic {
        Statistic::Mean => effort.mean,
        Statistic::Tail | Statistic::Variance => effort.tail,
    };
    (relative * quantity.exact.abs()).max(effort.absolute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, value: f64, error: f64) -> Verdict {
        let row = Row { line: 2, quantity: name.to_owned(), value: 1.0, source: String::new() };
        let quantity = Quantity::of(&row).unwrap();
        judge_estimate(&quantity, &Estimate { value, error, replications: 20 }, &Effort::WHOLE)
    }

    #[test]
    fn a_row_agrees_differs_or_says_nothing() {
        // With 19 degrees of freedom 4.897 errors are exceeded with probability 1e-4.
        assert_eq!(judged("mean_wait", 1.0048, 0.001), Verdict::Agrees);
        assert_eq!(judged("mean_wait", 1.005, 0.001), Verdict::Differs);
        assert_eq!(judged("mean_wait", 1.005, 0.0031), Verdict::TooWide);
        assert_eq!(judged("var_wait", 1.005, 0.0049), Verdict::Agrees);
        assert_eq!(judged("mean_wait", 1.0, 0.0), Verdict::Equal);
        assert_eq!(judged("mean_wait", 1.1, 0.0), Verdict::Differs);
        // What happens to one message of a thousand million is not seen, and need not be.
        let rare = Row { line: 2, quantity: "p_expired".to_owned(), value: 1e-9, source: String::new() };
        let rare = Quantity::of(&rare).unwrap();
        let never = |value| Estimate { value, error: 0.0, replications: 20 };
        assert_eq!(judge_estimate(&rare, &never(0.0), &Effort::WHOLE), Verdict::Agrees);
        assert_eq!(judge_estimate(&rare, &never(2e-4), &Effort::WHOLE), Verdict::Differs);
        // Slots that are all busy but for moments: rounding is no difference, however small the error.
        assert_eq!(judged("mean_busy", 1.0 + 1e-12, 1e-15), Verdict::Equal);
        assert_eq!(judged("mean_busy", 1.0 + 1e-8, 1e-15), Verdict::Differs);
    }

    #[test]
    fn a_bound_may_be_exceeded_and_not_missed() {
        assert_eq!(judged("fluid_total_delay", 2.0, 0.001), Verdict::Holds);
        assert_eq!(judged("fluid_total_delay", 0.9, 0.001), Verdict::Differs);
        assert_eq!(judged("fluid_total_delay", 2.0, 0.1), Verdict::TooWide);
    }

    /// If half of all messages do not wait, the share that waits is one half or less.
    #[test]
    fn a_quantile_of_zero_is_a_bound_from_above() {
        let row =
            Row { line: 2, quantity: "wait_quantile_p0.5".to_owned(), value: 0.0, source: String::new() };
        let quantity = Quantity::of(&row).unwrap();
        let judged = |value, error| {
            judge_estimate(&quantity, &Estimate { value, error, replications: 20 }, &Effort::WHOLE)
        };
        assert_eq!(judged(0.3, 0.001), Verdict::Holds);
        assert_eq!(judged(0.51, 0.001), Verdict::Differs);
        assert_eq!(judged(0.3, 0.01), Verdict::TooWide);
        assert_eq!((judged(0.3, 0.0), judged(0.6, 0.0)), (Verdict::Holds, Verdict::Differs));
    }

    #[test]
    fn a_number_without_chance_is_equal_or_not() {
        let row = Row { line: 2, quantity: "mean_delay".to_owned(), value: 1950.0, source: String::new() };
        let quantity = Quantity::of(&row).unwrap();
        assert_eq!(judge_number(&quantity, 1_950.000_001), Verdict::Equal);
        assert_eq!(judge_number(&quantity, 1950.01), Verdict::Differs);
    }
}
