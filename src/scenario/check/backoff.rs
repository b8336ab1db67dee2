//! Backoffs: each of them, and the jitter on top.

use std::ops::Range;

use super::judge::Judge;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{self, AgeSteps, Backoff, CountPower, ErrorRule, Exponential, Jitter};
use crate::sender::backoff::{ErrorClass, EximRule};
use crate::time::Span;

/// Judges a backoff with its jitter.
pub fn backoff(judge: &mut Judge, written: &Spanned<Backoff>) {
    match &**written {
        Backoff::Immediate => {}
        Backoff::Fixed(part) => judge.duration(&part.every),
        Backoff::Linear(part) => {
            judge.duration(&part.step);
            if let Some(max) = &part.max {
                judge.duration(max);
                judge.ordered(&part.step, max, "delay");
            }
        }
        Backoff::Exponential(part) => exponential(judge, part),
        Backoff::Polynomial(part) => {
            judge.duration(&part.unit);
            judge.within(&part.power, 0.1..=10.0, "the power");
        }
        Backoff::Milestones(part) => {
            judge.lasting(&part.unit, "the age at the first retry");
            judge.within(&part.power, 0.1..=10.0, "the power");
        }
        Backoff::AgeDoubling(part) => {
            judge.duration(&part.min);
            if let Some(max) = &part.max {
                judge.duration(max);
                judge.ordered(&part.min, max, "delay");
            }
        }
        Backoff::AgeSteps(part) => age_steps(judge, part),
        Backoff::List(part) => {
            if part.delays.is_empty() {
                judge.value(part.delays.place(), "there are no delays", "list at least one");
            }
            part.delays.iter().for_each(|delay| judge.duration(delay));
            judge.at_least(&part.repeat, 1, "the number of delays that repeat");
            if *part.repeat as usize > part.delays.len() && !part.delays.is_empty() {
                judge.contradiction(
                    part.repeat.place(),
                    "more delays repeat than there are",
                    (part.delays.place(), "the list"),
                    "write a smaller `repeat`; without it the last delay repeats",
                );
            }
        }
        Backoff::EximRule(part) => {
            judge.lasting(&part.max_interval, "the greatest interval");
            exim_rules(judge, part, written.place());
        }
        Backoff::CountPower(part) => count_power(judge, part),
        Backoff::SmoothExponential(part) => {
            judge.lasting(&part.base, "the base");
            if let Some(max) = &part.max {
                judge.duration(max);
                judge.ordered(&part.base, max, "delay");
            }
        }
        Backoff::FinagleEqual(part) | Backoff::FinagleExponential(part) => {
            judge.lasting(&part.start, "the first delay");
            judge.duration(&part.max);
            judge.ordered(&part.start, &part.max, "delay");
        }
    }
    if let Some(jitter) = written.jitter() {
        self::jitter(judge, jitter, written);
    }
}

fn exim_rules(judge: &mut Judge, part: &written::EximRule, place: Range<usize>) {
    const RULE: &str = "write for example \"F,2h,15m; G,16h,1h,1.5; F,4d,6h\"";
    if part.rules().next().is_none() {
        judge.value(place, "an `exim-rule` without any rule retries nothing", "add `rule = \"F,4d,1h\"`");
    }
    for rule in part.rules() {
        match EximRule::parse(rule, part.max_interval.span()) {
            Ok(parsed) => {
                if let Some(at) = parsed.overtaken(rule) {
                    judge.unused(
                        inside(rule, at),
                        "this part has no turn of its own: its cutoff is earlier than one before it",
                        "write the parts in the order of their cutoffs",
                    );
                }
            }
            Err(error) => {
                let finding = Finding::error(Kind::Value, inside(rule, error.at), "this is no retry rule");
                judge.add(finding.label(format!("expected {}", error.expected)).help(RULE));
            }
        }
    }
    let mut all: Option<&Spanned<String>> = None;
    for ErrorRule { error: class, .. } in &part.classes {
        if let Err(error) = class.parse::<ErrorClass>() {
            let finding = Finding::error(Kind::Value, inside(class, error.at), "Exim knows no such error");
            let help = "write for example \"rcpt_421\", or \"*\" for all";
            judge.add(finding.label(format!("expected {}", error.expected)).help(help));
        }
        if let Some(all) = all {
            judge.contradiction(
                class.place(),
                "this class is never asked: the first that matches applies",
                (all.place(), "this one matches everything"),
                "put the class \"*\" last",
            );
        } else if **class == "*" {
            all = Some(class);
        }
    }
}

/// The place of a part of a string, if it is written between single quotation marks as usual, or
/// without any, as in a configuration.
fn inside(text: &Spanned<String>, part: Range<usize>) -> Range<usize> {
    let Range { start, end } = text.place();
    let shifted = |by: usize| start + by + part.start..start + by + part.end;
    match (end - start).checked_sub(text.len()) {
        Some(0) => shifted(0),
        Some(2) => shifted(1),
        _ => start..end,
    }
}

fn exponential(judge: &mut Judge, part: &Exponential) {
    judge.duration(&part.initial);
    judge.within(&part.factor, 1.0..=1_000.0, "the factor");
    if let Some(max) = &part.max {
        judge.duration(max);
        judge.ordered(&part.initial, max, "delay");
    }
}

fn count_power(judge: &mut Judge, part: &CountPower) {
    [&part.unit, &part.plus, &part.spread].into_iter().chain(&part.max).for_each(|span| judge.duration(span));
    judge.within(&part.power, 0.1..=10.0, "the power");
    if let Some(parts) = &part.parts {
        judge.at_least(parts, 1, "the number of parts");
        if part.spread.span() == Span::ZERO {
            judge.unused(parts.place(), "chance adds nothing that had parts", "add a `spread`");
        }
    }
}

fn age_steps(judge: &mut Judge, part: &AgeSteps) {
    judge.duration(&part.then);
    for step in part.steps.iter() {
        judge.lasting(&step.younger_than, "the age of a step");
        judge.duration(&step.every);
    }
    for pair in part.steps.windows(2) {
        if pair[1].younger_than.span() <= pair[0].younger_than.span() {
            judge.contradiction(
                pair[1].younger_than.place(),
                "the steps are not in order of age",
                (pair[0].younger_than.place(), "the step before it"),
                "list steps from young to old",
            );
        }
    }
}

fn jitter(judge: &mut Judge, jitter: &Spanned<Jitter>, backoff: &Spanned<Backoff>) {
    match &**jitter {
        Jitter::Additive(by) | Jitter::Uniform(by) => judge.duration(by),
        Jitter::FullSteps(step) => judge.lasting(step, "the step of a jitter"),
        Jitter::Decorrelated | Jitter::DecorrelatedBelowCap | Jitter::DecorrelatedRising => {
            let capped = matches!(&**backoff, Backoff::Exponential(part) if part.max.is_some());
            if !capped {
                let message = "decorrelated jitter grows from an initial delay up to a cap";
                let help = "use it with `exponential = { initial = ..., max = ... }`";
                judge.add(Finding::error(Kind::Contradiction, jitter.place(), message).help(help));
            } else if let Backoff::Exponential(part) = &**backoff
                && part.factor.place() != (0..0)
            {
                let message = "decorrelated jitter grows by itself: the factor has no effect";
                judge.unused(part.factor.place(), message, "leave `factor` out");
            }
        }
        Jitter::Compounding(_) => {
            if !matches!(&**backoff, Backoff::Exponential(_)) {
                let message = "compounding jitter multiplies the previous delay by a factor";
                let help = "use it with `exponential = { initial = ..., factor = ... }`";
                judge.add(Finding::error(Kind::Contradiction, jitter.place(), message).help(help));
            } else if let Backoff::Exponential(part) = &**backoff
                && part.whole_factor
            {
                let message = "compounding jitter knows no powers that could be rounded";
                judge.unused(jitter.place(), message, "leave `whole_factor` out");
            }
        }
        _ => {}
    }
}
