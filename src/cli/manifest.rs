//! What `compare` writes down about itself.

use super::load::Loaded;
use super::worlds::in_common;
use crate::experiment::expectation;
use crate::experiment::hyperbola::Hyperbola;
use crate::experiment::limit::Limit;
use crate::experiment::sequential::Stopping;
use crate::experiment::steady_state::SteadyState;
use crate::experiment::summary::{Plan as Comparison, Role};
use crate::experiment::worlds::Replicated;
use crate::random::{GENERATOR, Key};
use crate::recipient::When;
use crate::report::manifest::{
    FORMAT, FileEntry, Manifest, RecipientEntry, ScenarioEntry, TARGET, Tool, VariantEntry, Volatile, sha256,
};
use crate::report::row::VariantKey;
use crate::scenario::VariantSpec;
use crate::system::{NamedRecipient, Plan};
use crate::time::Instant;

/// What was asked for.
pub(super) struct Asked<'a> {
    /// Changes by `--set`.
    pub(super) overrides: &'a [String],
    /// Changes by other options, in the same form.
    pub(super) options: &'a [String],
    pub(super) loaded: &'a Loaded,
    pub(super) variants: &'a [VariantSpec<'a>],
    /// Of the scenario as it is written.
    pub(super) plans: Vec<Plan>,
    /// What the replications of each variant run.
    pub(super) courses: Vec<Replicated>,
    pub(super) baseline: String,
}

/// What is known only after it was simulated.
pub(super) struct Found {
    pub(super) comparison: Comparison,
    pub(super) replications: u32,
    pub(super) stopping: Option<Stopping>,
    pub(super) steady_state: Option<SteadyState>,
    pub(super) volatile: Volatile,
}

/// How the variants are compared, but for those without a steady state.
pub(super) fn comparison(asked: &Asked<'_>) -> Comparison {
    let written = &asked.loaded.scenario.base.compare;
    Comparison {
        baseline: asked.baseline.clone(),
        confidence: written.confidence.fraction(),
        smallest_difference: written.smallest_difference.fraction(),
        unsettled: Vec::new(),
    }
}

/// Names of variants and what they are in the comparison.
pub(super) fn roles(variants: &[VariantSpec<'_>], courses: &[Replicated]) -> Vec<(String, Role)> {
    let named = |(variant, course): (&VariantSpec<'_>, &Replicated)| {
        (variant.name.clone(), role(variant, course.plans()))
    };
    variants.iter().zip(courses).map(named).collect()
}

/// The names of variants as tables have them.
pub(super) fn keys(variants: &[VariantSpec<'_>]) -> Vec<VariantKey> {
    let key = |variant: &VariantSpec<'_>| VariantKey {
        variant: variant.name.clone(),
        policy: variant.policy_name.to_owned(),
        change: variant.variant_name.map(str::to_owned),
    };
    variants.iter().map(key).collect()
}

/// The manifest of a run.
pub(super) fn of(asked: &Asked<'_>, found: Found) -> Manifest {
    let written = &asked.loaded.scenario.base;
    let whole = &asked.plans[0];
    let recipients = recipients_of(&asked.courses[0]);
    let seconds = |at: Instant| at.as_seconds();
    Manifest {
        format: FORMAT,
        complete: true,
        tool: Tool::this(),
        command_line: std::env::args().collect(),
        scenario: ScenarioEntry {
            options: Some(asked.options.to_vec()),
            resolved: asked.loaded.scenario.resolved().ok(),
            ..scenario_entry(asked.loaded, asked.overrides)
        },
        seed: written.seed,
        replications: found.replications,
        stopping: found.stopping,
        steady_state: found.steady_state,
        generator: GENERATOR.to_owned(),
        target: TARGET.to_owned(),
        varied: written.vary.keys().map(|key| key.to_string()).collect(),
        variants: variants(asked, &recipients),
        comparison: found.comparison,
        expectations: expectation::of(written),
        horizon_s: seconds(whole.horizon),
        cohort_s: [seconds(whole.measure.cohort.start), seconds(whole.measure.cohort.end)],
        aftermath_s: [seconds(whole.measure.aftermath.start), seconds(whole.measure.aftermath.end)],
        series_step_s: whole.measure.series_step.as_seconds(),
        recipients,
        volatile: found.volatile,
    }
}

/// The scenario as it was read, with the changes of the command line.
pub(super) fn scenario_entry(loaded: &Loaded, set: &[String]) -> ScenarioEntry {
    let written = &loaded.scenario.base;
    let file = |name: &String| {
        let text = loaded.sources.text(name).unwrap_or_default();
        FileEntry { name: name.clone(), sha256: sha256(text.as_bytes()), text: Some(text.to_owned()) }
    };
    ScenarioEntry {
        name: loaded.scenario.name.clone(),
        title: (*written.title).clone(),
        question: written.question.clone(),
        sha256: sha256(loaded.text.as_bytes()),
        overrides: set.to_vec(),
        options: None,
        files: loaded.files.iter().map(file).collect(),
        text: loaded.text.clone(),
        resolved: None,
    }
}

fn variants(asked: &Asked<'_>, common: &[RecipientEntry]) -> Vec<VariantEntry> {
    let entry = |(variant, course): (&VariantSpec<'_>, &Replicated)| {
        let own = recipients_of(course);
        VariantEntry {
            name: variant.name.clone(),
            policy: variant.policy_name.to_owned(),
            change: variant.variant_name.map(str::to_owned),
            about: variant.about.map(str::to_owned),
            role: role(variant, course.plans()),
            unfinished: false,
            plan_sha256: variant.resolved().ok().map(|text| sha256(text.as_bytes())),
            censored: None,
            limit: alike(course).and_then(Limit::of),
            hyperbola: alike(course).and_then(Hyperbola::of),
            recipients: (own != common).then_some(own),
        }
    };
    asked.variants.iter().zip(&asked.courses).map(entry).collect()
}

/// What all replications run, where they run the same.
fn alike(course: &Replicated) -> Option<&Plan> {
    match course {
        Replicated::Alike(plan) => Some(plan),
        Replicated::Drawn(_) => None,
    }
}

/// What a variant with these plans is in the comparison.
pub(super) fn role(variant: &VariantSpec<'_>, plans: &[Plan]) -> Role {
    match (variant.is_clairvoyant(), plans.iter().all(Plan::clairvoyant_is_bound)) {
        (false, _) => Role::Compared,
        (true, false) => Role::Reference,
        (true, true) => Role::Bound,
    }
}

/// The recipients as far as they are the same in all replications.
fn recipients_of(course: &Replicated) -> Vec<RecipientEntry> {
    in_common(course.plans().iter().map(recipients))
}

fn recipients(plan: &Plan) -> Vec<RecipientEntry> {
    plan.recipients.iter().map(|named| recipient(named, plan)).collect()
}

fn recipient(named: &NamedRecipient, plan: &Plan) -> RecipientEntry {
    // Random windows differ from replication to replication; the others need no key.
    let key = Key::new(plan.seed, 0);
    let fixed = named.settings.maintenance().filter(|(_, gate)| !matches!(gate.when, When::Random { .. }));
    let mut entry = RecipientEntry {
        name: named.name.clone(),
        slots: named.settings.slots_limit(),
        capacity_per_s: named.settings.connections_per_second(),
        windows_s: Vec::new(),
        reopening_s: Vec::new(),
    };
    let stretch = |from: Instant, until: Instant| [from.as_seconds(), until.min(plan.horizon).as_seconds()];
    for (_, gate) in fixed {
        let mut windows = gate.when.windows(key).take_while(|window| window.start < plan.horizon).peekable();
        while let Some(window) = windows.next() {
            entry.windows_s.push(stretch(window.start, window.end));
            let next = windows.peek().map_or(plan.horizon, |next| next.start.min(plan.horizon));
            let reopened = window.end.saturating_add(gate.reopen.partly_for()).min(next);
            if reopened > window.end {
                entry.reopening_s.push(stretch(window.end, reopened));
            }
        }
    }
    entry
}
