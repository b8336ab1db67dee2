//! What can only be judged once a scenario is read: everything that is wrong with it, at once.

mod backoff;
mod distribution;
mod expect;
mod judge;
mod names;
mod policy;
mod population;
mod program_memory;
mod recipient;
mod retries;
mod run;
mod schedule;
mod service;
mod vary;
mod workload;

use std::ops::Range;

use indexmap::IndexSet;

use super::finding::Findings;
use super::resolve::PolicyChoice;
use super::source::Sources;
use super::variant::Scenario;
use super::worlds;
use super::written::{Policy, PopulationPolicy, WrittenScenario};
use judge::Judge;

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The scenario.
    pub scenario: Scenario,
    /// What in it has no effect or is easily misread.
    pub warnings: Findings,
}

/// Reads a scenario and judges it: [`read`](super::read) and [`check`] in one.
///
/// ```
/// use tempfail::scenario::{Paint, Sources, load};
///
/// let mut sources = Sources::new();
/// sources.add("down.toml", "
///     format = 1
///     title = 'A short outage'
///     horizon = '1d'
///     recipients.mx.transaction = '1s'
///     recipients.mx.gates.window.maintenance.when.once = { from = '2h', until = '1h' }
///     senders.sites = { policy = 'compared', arrivals.mail.poisson.rate = '1/min' }
///     policies.postfix = 'postfix'
/// ");
/// let wrong = load(&mut sources, "down.toml", &[]).unwrap_err();
/// assert!(wrong.render(&sources, Paint::Plain).contains("the window ends before it begins"));
/// let mended = ["recipients.mx.gates.window.maintenance.when.once.until=6h".to_owned()];
/// assert!(load(&mut sources, "down.toml", &mended)?.warnings.is_empty());
/// # Ok::<(), tempfail::scenario::Findings>(())
/// ```
///
/// # Errors
/// The first mistake of syntax or types, or else everything that [`check`] finds, warnings too. Where something is
/// drawn for each replication, its extreme values are tried as well.
pub fn load(sources: &mut Sources, main: &str, changes: &[String]) -> Result<Checked, Findings> {
    let checked = judged(super::read(sources, main, changes)?)?;
    worlds::try_extremes(sources, main, changes, &checked.scenario)?;
    Ok(checked)
}

/// The scenario with its warnings, or all findings if there is an error among them.
pub(super) fn judged(scenario: Scenario) -> Result<Checked, Findings> {
    let findings = check(&scenario);
    if findings.has_errors() { Err(findings) } else { Ok(Checked { scenario, warnings: findings }) }
}

/// Judges a scenario: errors and warnings together, each once, also if variants share it.
pub fn check(scenario: &Scenario) -> Findings {
    let mut judge = Judge::default();
    names::compared(&mut judge, scenario);
    judge.findings.extend(scenario.remarks.iter().cloned());
    run::comparison(&mut judge, scenario);
    expect::expectations(&mut judge, scenario);
    vary::vary(&mut judge, scenario);
    for choice in scenario.policies.values() {
        if let PolicyChoice::Policy(policy) = choice {
            policy::policy(&mut judge, policy);
        }
    }
    // What is not run as it stands is judged through its variants.
    let variations = scenario.variants.values().map(|variation| &variation.scenario);
    let base = scenario.variants.is_empty().then_some(&scenario.base);
    for written in variations.chain(base) {
        one(&mut judge, written, scenario);
    }
    judge.findings
}

/// Judges a policy by itself.
pub fn check_policy(policy: &Policy) -> Findings {
    let mut judge = Judge::default();
    policy::policy(&mut judge, policy);
    judge.findings
}

fn one(judge: &mut Judge, written: &WrittenScenario, scenario: &Scenario) {
    names::parts(judge, written);
    run::run(judge, written);
    for (name, recipient) in &written.recipients {
        recipient::recipient(judge, name, recipient, written.end());
    }
    population::populations(judge, written);
    workload::workload(judge, written, scenario);
    for (place, policy) in policies_of(written, scenario) {
        retries::retries(judge, written, place, policy);
    }
}

/// All policies that take part in a scenario, the compared ones and those of other populations, with
/// the place where each is named.
fn policies_of<'a>(
    written: &'a WrittenScenario,
    scenario: &'a Scenario,
) -> impl Iterator<Item = (Range<usize>, &'a Policy)> {
    let compared = scenario.policies.iter().filter_map(|(name, choice)| match choice {
        PolicyChoice::Policy(policy) => Some((name.place(), &**policy)),
        PolicyChoice::Clairvoyant => None,
    });
    let own = written.senders.values().filter_map(|population| match &*population.policy {
        PopulationPolicy::Own { policy, .. } => Some((population.policy.place(), &**policy)),
        PopulationPolicy::Compared => None,
    });
    compared.chain(own)
}

/// The names that occur more than once.
fn repeated(names: impl IntoIterator<Item = String>) -> IndexSet<String> {
    let mut seen = IndexSet::new();
    names.into_iter().filter(|name| !seen.insert(name.clone())).collect()
}
