//! The one conversion from what is written to what runs.
//!
//! What [`check`](super::check) has passed can be lowered; nothing is judged here again.

mod policy;
mod recipient;
mod service;
mod workload;

use std::fmt;
use std::sync::Arc;

pub use policy::policy;
pub use workload::expected as expected_messages;

use self::workload::Traces;
use super::{PolicyChoice, Scenario, Spanned, TraceRow, VariantSpec, written};
use crate::law::Law;
use crate::quantity::Duration;
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
    let cohort = written.cohort();
    let sources = populations.iter().flat_map(|population| &population.sources);
    let expected_messages = sources.map(|named| workload::expected(&named.source, &cohort)).sum();
    let measure = Measure {
        cohort,
        aftermath: written.aftermath(),
        series_step: written.series_step(),
        sample: written.measure.sample,
        expected_messages,
    };
    Ok(Plan {
        seed: written.seed,
        horizon: Instant::ZERO + horizon,
        recipients,
        populations,
        senders: senders(variant)?,
        measure,
    })
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

/// The running form of a distribution.
pub(super) fn law(distribution: &written::Distribution) -> Law {
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
