//! What a scenario expects of its results, as a table for people.

use super::human;
use super::section::{Cell, Section, Tone};
use crate::experiment::expectation::{Claim, Expectation, Found, Outcome, State};
use crate::metric::{self, Unit};

/// The table; none where nothing is expected.
pub fn section(outcomes: &[Outcome]) -> Option<Section> {
    if outcomes.is_empty() {
        return None;
    }
    let columns = ["expectation", "variant", "expected", "found", "result"];
    let row = |outcome: &Outcome| {
        let unit = metric::unit(&outcome.expectation.metric).unwrap_or(Unit::Ratio);
        let tone = match outcome.state {
            State::Met => Tone::Better,
            State::Violated => Tone::Worse,
            State::NotDecided => Tone::Plain,
        };
        vec![
            Cell::plain(&outcome.expectation.name),
            Cell::plain(&outcome.variant),
            Cell::plain(expected(&outcome.expectation, unit)),
            Cell::plain(found(outcome.found, unit)),
            Cell { text: outcome.state.to_string(), tone },
        ]
    };
    Some(Section {
        title: "Expectations",
        names: columns.len(),
        columns: columns.map(str::to_owned).into(),
        rows: outcomes.iter().map(row).collect(),
    })
}

/// How the table is to be read; none where there is none.
pub fn note(outcomes: &[Outcome], confidence: f64) -> Option<String> {
    let claims = outcomes.len();
    (claims > 0).then(|| {
        format!(
            "An expectation is met where its whole interval lies as expected, violated where none of it does, and else \
             not decided; the {} intervals hold for all {claims} claims together.",
            human::percent(confidence)
        )
    })
}

/// The violated ones in a sentence each; none where none is.
pub fn violations(outcomes: &[Outcome]) -> Vec<String> {
    let violated = outcomes.iter().filter(|outcome| outcome.state == State::Violated);
    let sentence = |outcome: &Outcome| {
        let expectation = &outcome.expectation;
        let unit = metric::unit(&expectation.metric).unwrap_or(Unit::Ratio);
        let (expected, found) = (expected(expectation, unit), found(outcome.found, unit));
        format!(
            "\"{}\": {expected} was expected of {}, but found: {found}",
            expectation.name, outcome.variant
        )
    };
    violated.map(sentence).collect()
}

fn expected(expectation: &Expectation, unit: Unit) -> String {
    let metric = &expectation.metric;
    let amount = |value: &f64| number(*value, unit);
    let by = |by: f64| if by == 0.0 { String::new() } else { format!(" by {}", human::percent(by)) };
    match &expectation.claim {
        Claim::Between { at_least: Some(least), at_most: Some(most) } => {
            format!("{metric} between {} and {}", amount(least), amount(most))
        }
        Claim::Between { at_least: Some(least), at_most: None } => {
            format!("{metric} at least {}", amount(least))
        }
        Claim::Between { at_least: None, at_most } => {
            format!("{metric} at most {}", at_most.as_ref().map(amount).unwrap_or_default())
        }
        Claim::Below { other, by: part } => format!("{metric} below {other}{}", by(*part)),
        Claim::Above { other, by: part } => format!("{metric} above {other}{}", by(*part)),
        Claim::SameAs { other, within } => {
            format!("{metric} within {} of {other}", human::percent(*within))
        }
    }
}

fn found(found: Found, unit: Unit) -> String {
    match found {
        Found::Value(value, interval) | Found::Difference(value, interval) => {
            let half_width = (interval.high - interval.low) / 2.0;
            match unit {
                Unit::Seconds => human::duration_within(value, half_width),
                Unit::Share => format!("{} %", human::within(value * 100.0, half_width * 100.0)),
                _ => human::within(value, half_width),
            }
        }
        Found::Change(change, interval) => {
            let [change, low, high] =
                [change, interval.low, interval.high].map(|part| human::number(part * 100.0));
            format!("{change} % (from {low} to {high} %)")
        }
        Found::WithoutInterval(value) => {
            format!("{}, too few replications for an interval", number(value, unit))
        }
        Found::Attained(0, _) => "never attained".to_owned(),
        Found::Attained(attained, all) => format!("attained in {attained} of {all}"),
        Found::PartOfNothing => "the other cannot be told from zero".to_owned(),
        Found::LeftOut => "not simulated".to_owned(),
    }
}

fn number(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => human::duration(value),
        Unit::Share => human::percent(value),
        _ => human::number(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::summary::Interval;

    fn outcome(metric: &str, claim: Claim, found: Found, state: State) -> Outcome {
        let expectation =
            Expectation { name: "soon".to_owned(), variant: None, metric: metric.to_owned(), claim };
        Outcome { expectation, variant: "exim".to_owned(), found, state }
    }

    #[test]
    fn claims_read_like_sentences() {
        let value = |low, high| Found::Value((low + high) / 2.0, Interval { low, high });
        let below = |by| Claim::Below { other: "postfix".to_owned(), by };
        let most = Claim::Between { at_least: None, at_most: Some(900.0) };
        let share = Claim::Between { at_least: Some(0.98), at_most: Some(1.0) };
        let same = Claim::SameAs { other: "postfix".to_owned(), within: 0.02 };
        let change = Found::Change(-0.25, Interval { low: -0.3, high: -0.2 });
        for (metric, claim, what, expected, found) in [
            ("restricted_mean_s", most, value(800.0, 820.0), "at most 15 min", "13.50 ± 0.17 min"),
            ("delivered_share", share, value(0.95, 0.97), "between 98 % and 100 %", "96.0 ± 1.0 %"),
            ("attempts", below(0.0), Found::Attained(3, 30), "below postfix", "attained in 3 of 30"),
            ("attempts", below(0.2), change, "below postfix by 20 %", "-25 % (from -30 to -20 %)"),
            (
                "attempts",
                same,
                Found::PartOfNothing,
                "within 2 % of postfix",
                "the other cannot be told from zero",
            ),
        ] {
            let section = section(&[outcome(metric, claim, what, State::Met)]).unwrap();
            let row: Vec<&str> = section.rows[0].iter().map(|cell| cell.text.as_str()).collect();
            assert_eq!(row, ["soon", "exim", &format!("{metric} {expected}"), found, "met"]);
        }
    }

    #[test]
    fn only_what_is_violated_is_complained_about() {
        let most = Claim::Between { at_least: None, at_most: Some(60.0) };
        let late = |state| outcome("latency_p95_s", most.clone(), Found::Attained(0, 30), state);
        assert_eq!(
            violations(&[late(State::Met), late(State::Violated), late(State::NotDecided)]),
            ["\"soon\": latency_p95_s at most 60 s was expected of exim, but found: never attained"]
        );
        assert_eq!((section(&[]), note(&[], 0.95)), (None, None));
    }
}
