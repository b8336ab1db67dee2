//! The run as a whole: its length, what is measured, and what is compared with what.

use super::judge::Judge;
use super::{expect, repeated, schedule};
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::resolve::PolicyChoice;
use crate::scenario::spanned::Spanned;
use crate::scenario::variant::Scenario;
use crate::scenario::written::{FORMAT, Replications, SteadyState, Until, WrittenScenario};
use crate::time::{Instant, Span};

/// The longest run. Times are exact far beyond it; a longer one is a mistaken unit.
const LONGEST: Span = Span::from_seconds(200 * 86_400);

/// The most replications.
const MOST_REPLICATIONS: u32 = 100_000;

/// With fewer replications a pilot cannot tell growth from noise.
const LEAST_STEADY_PILOT: u32 = 5;

/// With fewer steps there are too few batches of five to delete any.
const LEAST_STEADY_STEPS: i64 = 100;

/// With fewer replications the spread that decides how many more are needed is a guess.
const LEAST_PILOT: u32 = 10;

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
    if let Some(steady) = &measure.steady_state {
        steady_state(judge, written, steady);
    }
    if let Some(step) = &measure.series_step {
        judge.lasting(step, "the step of the series");
        let steps = written.horizon.span().as_micros() / step.span().as_micros().max(1);
        if step.span() > Span::ZERO && steps > MOST_STEPS {
            judge.value(step.place(), format!("these would be {steps} steps"), "write a longer step");
        }
    }
}

/// A steady state needs a series long enough to see where it begins.
fn steady_state(judge: &mut Judge, written: &WrittenScenario, steady: &Spanned<SteadyState>) {
    judge.at_least(&steady.pilot, LEAST_STEADY_PILOT, "the replications of the pilot");
    not_too_many(judge, &steady.pilot, *steady.pilot);
    if let Some(until) = &steady.until {
        judge.lasting(until, "what is measured");
        if until.span() > written.horizon.span() {
            judge.contradiction(
                until.place(),
                "this ends after the run",
                (written.horizon.place(), "the horizon"),
                "write an earlier end, or a later `horizon`",
            );
        }
    }
    if let Some(cohort) = &written.measure.cohort {
        judge.contradiction(
            steady.place(),
            "the long run is measured, and a cohort too",
            (cohort.place(), "the cohort"),
            "write only one of `steady_state` and `cohort`",
        );
    }
    let steps = (written.cohort().end - Instant::ZERO).as_micros() / written.series_step().as_micros().max(1);
    if steps < LEAST_STEADY_STEPS {
        judge.value(
            steady.place(),
            format!("{steps} steps of the time series do not show where a steady state begins"),
            format!("write a `series_step` with at least {LEAST_STEADY_STEPS} of them up to `until`"),
        );
    }
}

fn replications(judge: &mut Judge, replications: &Spanned<Replications>) {
    match &**replications {
        Replications::Count(count) if *count < 2 => judge.value(
            replications.place(),
            "one replication says nothing about how sure the result is",
            "write at least 2; 30 is usual",
        ),
        Replications::Count(count) => not_too_many(judge, replications, *count),
        Replications::Until(until) => sequential(judge, until),
    }
}

fn not_too_many<T>(judge: &mut Judge, place: &Spanned<T>, count: u32) {
    if count > MOST_REPLICATIONS {
        let help = format!("write at most {MOST_REPLICATIONS}");
        judge.value(place.place(), "these are too many replications", help);
    }
}

/// Replications until the comparison is precise.
fn sequential(judge: &mut Judge, until: &Until) {
    let percent = until.precision.percent();
    if percent == 0.0 || percent > 50.0 {
        let message = match percent {
            0.0 => "no number of replications is exact".to_owned(),
            _ => format!("a precision of {} says nothing", *until.precision),
        };
        judge.value(until.precision.place(), message, "write for example \"5%\"");
    }
    judge.duration(&until.near_zero.restricted_mean);
    judge.within(&until.near_zero.retry_connections, 0.0..=1e6, "retry connections per message");
    if *until.at_least < LEAST_PILOT {
        judge.value(
            until.at_least.place(),
            format!("{} replications do not say how many more it takes", until.at_least),
            format!("write at least {LEAST_PILOT}; 30 is usual"),
        );
    }
    not_too_many(judge, &until.at_most, *until.at_most);
    if *until.at_most < *until.at_least {
        let (least, most) = (&until.at_least, &until.at_most);
        // One of them may be a default, which has no place to show.
        if most.place().is_empty() || least.place().is_empty() {
            let written = if most.place().is_empty() { least } else { most };
            let message = format!("at least {least} replications, but at most {most}");
            judge.value(written.place(), message, "write `at_least` and `at_most`, in this order");
            return;
        }
        judge.contradiction(
            most.place(),
            format!("at least {least} replications, but at most {most}"),
            (least.place(), "the least"),
            "write a larger `at_most`, or a smaller `at_least`",
        );
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
