//! What `compare` writes down about itself.

use super::load::Loaded;
use crate::experiment::expectation;
use crate::experiment::hyperbola::Hyperbola;
use crate::experiment::limit::Limit;
use crate::experiment::summary::{Plan as Comparison, Role};
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
    pub(super) plans: &'a [Plan],
    pub(super) baseline: String,
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
pub(super) fn of(asked: &Asked<'_>, volatile: Volatile) -> Manifest {
    let written = &asked.loaded.scenario.base;
    let whole = &asked.plans[0];
    let recipients = recipients(whole);
    let seconds = |at: Instant| at.as_seconds();
    Manifest {
        format: FORMAT,
        complete: true,
        tool: Tool::this(),
        command_line: std::env::args().collect(),
        scenario: scenario(asked),
        seed: written.seed,
        replications: *written.replications,
        generator: GENERATOR.to_owned(),
        target: TARGET.to_owned(),
        variants: variants(asked, &recipients),
        comparison: Comparison {
            baseline: asked.baseline.clone(),
            confidence: written.compare.confidence.fraction(),
            smallest_difference: written.compare.smallest_difference.fraction(),
        },
        expectations: expectation::of(written),
        horizon_s: seconds(whole.horizon),
        cohort_s: [seconds(whole.measure.cohort.start), seconds(whole.measure.cohort.end)],
        aftermath_s: [seconds(whole.measure.aftermath.start), seconds(whole.measure.aftermath.end)],
        series_step_s: whole.measure.series_step.as_seconds(),
        recipients,
        volatile,
    }
}

fn scenario(asked: &Asked<'_>) -> ScenarioEntry {
    let loaded = asked.loaded;
    let written = &loaded.scenario.base;
    let file = |name: &String| {
        let text = loaded.sources.text(name).unwrap_or_default();
        FileEntry { name: name.clone(), sha256: sha256(text.as_bytes()), text: Some(text.to_owned()) }
    };
    ScenarioEntry {
        name: loaded.scenario.name.clone(),
        title: written.title.clone(),
        question: written.question.clone(),
        sha256: sha256(loaded.text.as_bytes()),
        overrides: asked.overrides.to_vec(),
        options: Some(asked.options.to_vec()),
        files: loaded.files.iter().map(file).collect(),
        text: loaded.text.clone(),
        resolved: loaded.scenario.resolved().ok(),
    }
}

fn variants(asked: &Asked<'_>, common: &[RecipientEntry]) -> Vec<VariantEntry> {
    let entry = |(variant, plan): (&VariantSpec<'_>, &Plan)| {
        let own = recipients(plan);
        VariantEntry {
            name: variant.name.clone(),
            policy: variant.policy_name.to_owned(),
            change: variant.variant_name.map(str::to_owned),
            about: variant.about.map(str::to_owned),
            role: role(variant, plan),
            unfinished: false,
            plan_sha256: variant.resolved().ok().map(|text| sha256(text.as_bytes())),
            censored: None,
            limit: Limit::of(plan),
            hyperbola: Hyperbola::of(plan),
            recipients: (own != common).then_some(own),
        }
    };
    asked.variants.iter().zip(asked.plans).map(entry).collect()
}

fn role(variant: &VariantSpec<'_>, plan: &Plan) -> Role {
    match (variant.is_clairvoyant(), plan.clairvoyant_is_bound()) {
        (false, _) => Role::Compared,
        (true, false) => Role::Reference,
        (true, true) => Role::Bound,
    }
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
