//! The run as a whole: its length, what is measured, and what is compared with what.

use super::judge::Judge;
use super::{expect, repeated, schedule};
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::resolve::PolicyChoice;
use crate::scenario::spanned::Spanned;
use crate::scenario::variant::Scenario;
use crate::scenario::written::{FORMAT, WrittenScenario};
use crate::time::Span;

/// The longest run. Times are exact far beyond it; a longer one is a mistaken unit.
const LONGEST: Span = Span::from_seconds(200 * 86_400);

/// The most replications.
const MOST_REPLICATIONS: u32 = 100_000;

/// The most steps of a time series.
const MOST_STEPS: i64 = 1_000_000;

/// Judges what all variants have in common.
pub fn comparison(judge: &mut Judge, scenario: &Scenario) {
    let base = &scenario.base;
    if *base.format != FORMAT {
        let message = format!("this is a scenario of format {}", base.format);
        judge.value(base.format.place(), message, format!("this program reads format {FORMAT}"));
    }
    replications(judge, &base.replications);
    horizon(judge, base);
    let confidence = base.compare.confidence.percent();
    if !(50.0..100.0).contains(&confidence) {
        let message = format!("a confidence of {} % says nothing", confidence);
        judge.value(base.compare.confidence.place(), message, "write for example \"95%\"");
    }
    let variants = scenario.variants();
    let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
    for name in repeated(names.iter().cloned()) {
        let mut named = variants.iter().filter(|variant| variant.name == name);
        let mut place = || {
            let policy =
                named.next().and_then(|variant| scenario.policies.get_key_value(variant.policy_name));
            policy.map_or(0..0, |(policy, _)| policy.place())
        };
        let (first, second) = (place(), place());
        judge.contradiction(
            second,
            format!("two variants are called `{name}`"),
            (first, "a variant of this policy has that name, too"),
            "rename a policy or a variant",
        );
    }
    baseline(judge, base, &names);
    if scenario.policies.values().all(|choice| *choice == PolicyChoice::Clairvoyant) {
        let message = "no policy is compared";
        let place = scenario.policies.keys().next().map_or(0..0, Spanned::place);
        judge.add(
            Finding::error(Kind::MissingKey, place, message)
                .help("add for example `policies.postfix = \"postfix\"`"),
        );
    }
}

fn baseline(judge: &mut Judge, written: &WrittenScenario, names: &[String]) {
    if let Some(baseline) = &written.compare.baseline {
        expect::known_variant(judge, baseline, names);
    }
}

/// Judges what one variant may have changed.
pub fn run(judge: &mut Judge, written: &WrittenScenario) {
    let measure = &written.measure;
    for window in measure.cohort.iter().chain(&measure.aftermath) {
        schedule::window(judge, window, written.end());
        if window.until.span() > written.horizon.span() && window.from.span() < written.horizon.span() {
            judge.contradiction(
                window.until.place(),
                "this ends after the run",
                (written.horizon.place(), "the horizon"),
                "write an earlier end, or a later `horizon`",
            );
        }
    }
    if let Some(step) = &measure.series_step {
        judge.lasting(step, "the step of the series");
        let steps = written.horizon.span().as_micros() / step.span().as_micros().max(1);
        if step.span() > Span::ZERO && steps > MOST_STEPS {
            judge.value(step.place(), format!("these would be {steps} steps"), "write a longer step");
        }
    }
}

fn replications(judge: &mut Judge, replications: &Spanned<u32>) {
    if **replications < 2 {
        judge.value(
            replications.place(),
            "one replication says nothing about how sure the result is",
            "write at least 2; 30 is usual",
        );
    } else if **replications > MOST_REPLICATIONS {
        let help = format!("write at most {MOST_REPLICATIONS}");
        judge.value(replications.place(), "these are too many replications", help);
    }
}

fn horizon(judge: &mut Judge, written: &WrittenScenario) {
    let horizon = &written.horizon;
    if horizon.span() == Span::ZERO {
        judge.value(horizon.place(), "the horizon cannot be zero", "write how long the run is, as in \"3d\"");
    } else if horizon.span() > LONGEST {
        let message =
            format!("the horizon is {horizon}, and more than 200 days is more than any queue keeps mail");
        judge.value(horizon.place(), message, "write at most \"200d\"");
    }
}
