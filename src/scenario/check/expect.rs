//! What the results are expected to show: claims that can be judged, about what there is.

use super::judge::Judge;
use super::names;
use crate::metric::{self, Unit};
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::suggest;
use crate::scenario::variant::Scenario;
use crate::scenario::written::{Expectation, Threshold};

/// Judges the table `expect`.
pub fn expectations(judge: &mut Judge, scenario: &Scenario) {
    let variants: Vec<String> = scenario.variants().into_iter().map(|variant| variant.name).collect();
    for (name, expected) in &scenario.base.expect {
        names::name(judge, name, "the name of an expectation");
        for variant in expected.variant.iter().chain(expected.other()) {
            known_variant(judge, variant, &variants);
        }
        let unit = metric::unit(&expected.metric);
        if unit.is_none() {
            let known = metric::NAMES.iter().map(|(name, _)| *name);
            unknown_metric(judge, &expected.metric, known);
        }
        claims(judge, name, expected);
        thresholds(judge, expected, unit);
        comparison(judge, expected);
    }
}

/// Refuses a name that no variant has. Where policies are crossed with variants, the name of a policy is only half
/// of a name.
pub fn known_variant(judge: &mut Judge, name: &Spanned<String>, variants: &[String]) {
    if variants.contains(name) {
        return;
    }
    let start = format!("{} @ ", **name);
    if let Some(whole) = variants.iter().find(|variant| variant.starts_with(&start)) {
        let finding =
            Finding::error(Kind::UnknownName, name.place(), format!("there is no variant `{name}`"));
        judge.add(finding.help(format!("did you mean `{whole}`?")));
        return;
    }
    judge.unknown(name.place(), "variant", name, variants.iter().map(String::as_str));
}

/// The list of metrics is too long for a help; it is in the documents.
fn unknown_metric(judge: &mut Judge, name: &Spanned<String>, known: impl Iterator<Item = &'static str>) {
    let message = format!("there is no metric `{name}`");
    let help = match suggest::nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "docs/results.md lists them; the main ones are `restricted_mean_s` and \
                 `retry_connections_per_message`"
            .to_owned(),
    };
    judge.add(Finding::error(Kind::UnknownName, name.place(), message).help(help));
}

/// Exactly one kind of claim.
fn claims(judge: &mut Judge, name: &Spanned<String>, expected: &Expectation) {
    let against_numbers = [&expected.at_most, &expected.at_least];
    let against_variants = [&expected.below, &expected.above, &expected.same_as];
    let number = against_numbers.iter().find_map(|claim| claim.as_ref()).map(Spanned::place);
    let mut others = against_variants.iter().filter_map(|claim| claim.as_ref()).map(Spanned::place);
    match (number, others.next(), others.next()) {
        (None, None, _) => {
            let message = format!("`{name}` expects nothing of its metric");
            judge.add(
                Finding::error(Kind::MissingKey, name.place(), message)
                    .help("add `at_most`, `at_least`, `below`, `above` or `same_as`"),
            );
        }
        (Some(first), Some(second), _) | (None, Some(first), Some(second)) => {
            let help = "write two expectations: each can then be met or violated by itself";
            judge.contradiction(second, "this is a second claim", (first, "the first"), help);
        }
        (Some(_), None, _) | (None, Some(_), None) => {}
    }
}

fn thresholds(judge: &mut Judge, expected: &Expectation, unit: Option<Unit>) {
    let Some(unit) = unit else { return };
    let number = |threshold: &Spanned<Threshold>| threshold.in_unit(unit);
    for threshold in [&expected.at_most, &expected.at_least].into_iter().flatten() {
        match number(threshold) {
            None => judge.value(
                threshold.place(),
                format!("`{}` {}", *expected.metric, kind(unit)),
                format!("write for example {}", example(unit)),
            ),
            Some(number) if !number.is_finite() => {
                judge.value(
                    threshold.place(),
                    "this is no number",
                    format!("write for example {}", example(unit)),
                );
            }
            Some(number) if number < 0.0 => {
                judge.value(threshold.place(), "no metric is ever negative", "write zero or more");
            }
            Some(_) => {}
        }
    }
    let (Some(most), Some(least)) = (&expected.at_most, &expected.at_least) else { return };
    if number(least) > number(most) {
        let message = "nothing is at least this and at most less";
        judge.contradiction(least.place(), message, (most.place(), "the greatest"), "exchange them");
    }
}

fn comparison(judge: &mut Judge, expected: &Expectation) {
    let stray = [
        (&expected.by, expected.below.is_some() || expected.above.is_some(), "`below` or `above`"),
        (&expected.within, expected.same_as.is_some(), "`same_as`"),
    ];
    for (share, belongs, to) in stray {
        if let Some(share) = share.as_ref().filter(|_| !belongs) {
            judge.value(share.place(), format!("this belongs to {to}"), format!("add {to}, or leave it out"));
        }
    }
    let Some(other) = expected.other() else { return };
    if expected.variant.as_ref() == Some(other) {
        judge.value(other.place(), "a variant is always as it is itself", "name another variant");
    }
    if metric::is_pooled(&expected.metric) {
        let single = expected.metric.replacen("pooled_", "", 1);
        judge.value(
            expected.metric.place(),
            "a quantile over all replications together cannot be paired with another",
            format!("write `{single}`, which is the mean over the replications"),
        );
    }
}

fn kind(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "is a time",
        Unit::Share => "is a share of a whole",
        Unit::SquareSeconds | Unit::PerMessage | Unit::Count | Unit::Ratio => "is a plain number",
    }
}

fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => "\"15m\"",
        Unit::Share => "\"2%\"",
        Unit::SquareSeconds | Unit::PerMessage | Unit::Count | Unit::Ratio => "2.5",
    }
}
