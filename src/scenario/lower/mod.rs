//! The one conversion from what is written to what runs.
//!
//! What [`check`](super::check) has passed can be lowered; nothing is judged here again.

mod policy;
mod recipient;
mod workload;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use policy::policy;

use self::workload::Traces;
use super::{PolicyChoice, Scenario, Spanned, TraceRow, VariantSpec, written};
use crate::law::Law;
use crate::quantity::Duration;
use crate::recipient::{When, Window};
use crate::sender::Policy;
use crate::system::{Measure, NamedRecipient, Plan, Senders};
use crate::time::{Instant, Span};

/// Why something written cannot run. A scenario that was checked never meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LowerError {
    /// An Exim rule does not read; this was expected.
    EximRule(&'static str),
}

impl fmt::Display for LowerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EximRule(expected) => write!(f, "an Exim rule does not read: expected {expected}"),
        }
    }
}

impl std::error::Error for LowerError {}

/// The running form of one variant.
///
/// # Errors
///
/// Only for what [`check`](super::check) would have refused.
pub fn plan(scenario: &Scenario, variant: &VariantSpec<'_>) -> Result<Plan, LowerError> {
    let written = variant.scenario;
    let horizon = span(&written.horizon);
    let names: Vec<&str> = written.recipients.keys().map(|name| name.as_str()).collect();
    let recipients: Vec<NamedRecipient> = written
        .recipients
        .iter()
        .map(|(name, one)| NamedRecipient {
            name: (**name).clone(),
            settings: Arc::new(recipient::recipient(one)),
        })
        .collect();
    let populations: Vec<_> = written
        .senders
        .iter()
        .map(|(name, one)| workload::population(name, one, &names, horizon, scenario))
        .collect();
    let mut measure = measure(written, Instant::ZERO + horizon);
    let sources = populations.iter().flat_map(|population| &population.sources);
    measure.expected_messages =
        sources.map(|named| workload::expected(&named.source, &measure.cohort)).sum::<f64>();
    Ok(Plan {
        seed: written.seed,
        horizon: Instant::ZERO + horizon,
        recipients,
        populations,
        senders: senders(variant)?,
        measure,
    })
}

/// The first maintenance window of a scenario whose instant is written down.
pub fn first_window(written: &written::WrittenScenario) -> Option<Window> {
    let gates = written.recipients.values().flat_map(|recipient| recipient.gates.values());
    let fixed = gates.filter_map(|gate| match &**gate {
        written::Gate::Maintenance(part) => match recipient::when(&part.when) {
            When::Fixed(windows) => windows.into_iter().min_by_key(|window| window.start),
            When::Periodic { first, lasts, .. } => Some(Window { start: first, end: first + lasts }),
            When::Random { .. } => None,
        },
        _ => None,
    });
    fixed.min_by_key(|window| (window.start, window.end))
}

fn senders(variant: &VariantSpec<'_>) -> Result<Senders, LowerError> {
    let compared = match variant.policy {
        PolicyChoice::Clairvoyant => return Ok(Senders::Clairvoyant),
        PolicyChoice::Policy(written) => Arc::new(policy(variant.policy_name, written)?),
    };
    let mut policies: Vec<Arc<Policy>> = Vec::new();
    for (name, population) in &variant.scenario.senders {
        policies.push(match &*population.policy {
            written::PopulationPolicy::Compared => Arc::clone(&compared),
            written::PopulationPolicy::Own { name: own, policy: written } => {
                Arc::new(policy(own.as_deref().unwrap_or(name.as_str()), written)?)
            }
        });
    }
    Ok(Senders::ByPolicy(policies))
}

fn measure(written: &written::WrittenScenario, horizon: Instant) -> Measure {
    let range = |window: &written::Window| Instant::ZERO + span(&window.from)..Instant::ZERO + span(&window.until);
    let window = first_window(written).map(|window| window.start..window.end.min(horizon));
    let stated = written.measure.cohort.as_ref().map(|cohort| range(cohort));
    let everything = Instant::ZERO..horizon;
    let about_a_window = stated.is_some() || window.is_some();
    let cohort = stated.or(window).unwrap_or_else(|| everything.clone());
    let aftermath = match &written.measure.aftermath {
        Some(aftermath) => range(aftermath),
        None if about_a_window && cohort.end < horizon => aftermath_of(&cohort, horizon),
        None => everything,
    };
    let series_step = written.measure.series_step.as_ref().map_or_else(|| step_for(horizon), span);
    Measure { cohort, aftermath, series_step, sample: written.measure.sample, expected_messages: 0.0 }
}

/// As long as the cohort's interval, and at least an hour.
fn aftermath_of(cohort: &Range<Instant>, horizon: Instant) -> Range<Instant> {
    let length = (cohort.end - cohort.start).max(Span::from_seconds(3_600));
    cohort.end..(cohort.end + length).min(horizon)
}

/// The shortest round step that divides the time up to the horizon into at most 288 parts.
fn step_for(horizon: Instant) -> Span {
    const STEPS: [i64; 16] =
        [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 86_400];
    let least = (horizon - Instant::ZERO) / 288;
    let round = STEPS.iter().map(|seconds| Span::from_seconds(*seconds)).find(|step| *step >= least);
    round.unwrap_or(Span::from_seconds(86_400))
}

impl Traces for Scenario {
    fn rows(&self, file: &str) -> &[TraceRow] {
        self.traces.get(file).map_or(&[], Vec::as_slice)
    }
}

fn span(duration: &Spanned<Duration>) -> Span {
    (**duration).span()
}

fn optional(duration: &Option<Spanned<Duration>>) -> Option<Span> {
    duration.as_ref().map(span)
}

fn law(distribution: &written::Distribution) -> Law {
    match distribution {
        written::Distribution::Constant(value) => Law::Constant(span(value)),
        written::Distribution::Exponential(mean) => Law::Exponential(span(mean)),
        written::Distribution::Gamma(part) => Law::Gamma { mean: span(&part.mean), shape: *part.shape },
        written::Distribution::Lognormal(part) => lognormal(part),
        written::Distribution::Empirical(values) => Law::Empirical(values.iter().map(span).collect()),
        written::Distribution::Uniform(part) => Law::Uniform { from: span(&part.from), to: span(&part.to) },
    }
}

/// The median of a lognormal is its mean times exp(-sigma^2 / 2).
fn lognormal(part: &written::Lognormal) -> Law {
    let sigma = *part.sigma;
    let median = match (&part.median, &part.mean) {
        (Some(median), _) => span(median),
        (None, Some(mean)) => span(mean).scale((-sigma * sigma / 2.0).exp()),
        (None, None) => Span::ZERO,
    };
    Law::LogNormal { median, sigma }
}
