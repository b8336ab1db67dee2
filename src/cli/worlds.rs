//! What the replications run, where something is drawn for each of them.

use super::failure::Failure;
use super::load::Loaded;
use super::memory;
use super::terminal::Terminal;
use crate::experiment::worlds::{self, BadWorld, Replicated};
use crate::report::manifest::RecipientEntry;
use crate::report::worlds::Worlds;
use crate::scenario::{Scenario, VariantSpec};
use crate::system::Plan;

/// What the variants run, and what was drawn for it.
pub(super) struct Drawn {
    /// In the order of the variants.
    pub(super) courses: Vec<Replicated>,
    /// Nothing where nothing is drawn.
    pub(super) worlds: Worlds,
}

/// Reads, checks and lowers the worlds of all replications. `plans` are those of the scenario as it is written.
pub(super) fn draw(
    loaded: &Loaded,
    variants: &[VariantSpec<'_>],
    plans: &[Plan],
    terminal: &Terminal,
) -> Result<Drawn, Failure> {
    let scenario = &loaded.scenario;
    if scenario.base.vary.is_empty() {
        let courses = plans.iter().cloned().map(Replicated::Alike).collect();
        return Ok(Drawn { courses, worlds: Worlds::default() });
    }
    let replications = 0..*scenario.base.replications;
    let scenarios: Vec<Scenario> =
        replications.clone().map(|number| world(loaded, number, terminal)).collect::<Result<_, _>>()?;
    let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
    let courses = Replicated::of_worlds(&names, &scenarios);
    let courses = courses.ok_or_else(|| Failure::Usage("a world lacks one of the variants".to_owned()))?;
    let keys = scenario.base.vary.keys().map(|key| key.to_string()).collect();
    let values =
        replications.map(|number| worlds::draw(scenario, number).iter().map(|value| shown(value)).collect());
    Ok(Drawn { courses, worlds: Worlds { keys, values: values.collect() } })
}

/// The scenario of one replication; the one that is written, where nothing is drawn.
pub(super) fn world(loaded: &Loaded, replication: u32, terminal: &Terminal) -> Result<Scenario, Failure> {
    if loaded.scenario.base.vary.is_empty() {
        return Ok(loaded.scenario.clone());
    }
    let Loaded { sources, name, changes, scenario, .. } = loaded;
    worlds::world(sources, name, changes, scenario, replication).map_err(|bad| {
        let BadWorld { replication, drawn, findings, sources } = bad;
        Failure::Scenario(format!(
            "in the world of replication {replication}, {}:\n{}",
            drawn.join(", "),
            findings.render(&sources, terminal.paint())
        ))
    })
}

/// Refuses worlds that need more memory than there is.
pub(super) fn enough_memory(
    loaded: &Loaded,
    courses: &[Replicated],
    replications: u32,
    threads: std::num::NonZeroUsize,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let most = courses.iter().map(|course| course.plans().len()).max().unwrap_or_default();
    (0..most).try_for_each(|number| {
        let plans: Vec<Plan> =
            courses.iter().filter_map(|course| course.plans().get(number).cloned()).collect();
        memory::enough(loaded, &plans, replications, threads, terminal)
    })
}

/// What manifests say of recipients, without what is not the same in all worlds.
pub(super) fn in_common(all: impl Iterator<Item = Vec<RecipientEntry>>) -> Vec<RecipientEntry> {
    let common = all.reduce(|mut common, other| {
        for (entry, other) in common.iter_mut().zip(other) {
            if entry.slots != other.slots {
                entry.slots = None;
            }
            if entry.capacity_per_s != other.capacity_per_s {
                entry.capacity_per_s = None;
            }
            if entry.windows_s != other.windows_s || entry.reopening_s != other.reopening_s {
                entry.windows_s.clear();
                entry.reopening_s.clear();
            }
        }
        common
    });
    common.unwrap_or_default()
}

/// A value as tables show it: a text without its quotes.
fn shown(value: &str) -> String {
    value.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(value).to_owned()
}
