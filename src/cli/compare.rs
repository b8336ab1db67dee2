//! `compare`: the main job.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::{Instant as WallInstant, SystemTime, UNIX_EPOCH};

use super::args::Compare;
use super::failure::Failure;
use super::load::load;
use super::manifest::{self, Asked};
use super::memory;
use super::progress::watched;
use super::report::print;
use super::terminal::Terminal;
use crate::experiment::progress::Progress;
use crate::experiment::record::RunRecord;
use crate::experiment::run::simulate_each;
use crate::report;
use crate::report::error::ReportError;
use crate::report::manifest::Volatile;
use crate::report::recorder::Recorder;
use crate::report::row::VariantKey;
use crate::report::stored::StoredVariant;
use crate::scenario::{Scenario, VariantSpec, lower};
use crate::system::Plan;

/// Replications of a first look.
const QUICK: u32 = 5;

pub(super) fn run(arguments: &Compare, terminal: &Terminal) -> Result<(), Failure> {
    let loaded = load(&arguments.scenario, &changes(arguments), terminal)?;
    let variants = choose(&loaded.scenario, &arguments.policies, &arguments.variants)?;
    let baseline = baseline(arguments, &loaded.scenario, &variants)?;
    let plans = plans(&loaded.scenario, &variants)?;
    let threads = threads(arguments.threads);
    let replications = *loaded.scenario.base.replications;
    memory::enough(&loaded, &plans, replications, threads, terminal)?;
    let target =
        arguments.out.clone().unwrap_or_else(|| PathBuf::from("results").join(&loaded.scenario.name));
    // Whether results can be written is known before hours of simulation.
    let mut recorder = Recorder::begin(&target)?;
    let clock = Clock::start();
    let cells = plans.len() as u64 * u64::from(replications);
    let keys = manifest::keys(&variants);
    let mut recording = Recording { recorder: &mut recorder, stored: 0, failure: None };
    watched(cells, terminal, |progress| {
        simulate_each(&plans, replications, threads, progress, |variant, records| {
            recording.add(keys[variant].clone(), &records, progress);
        })
    })?
    .map_err(|error| Failure::Threads(error.to_string()))?;
    let Recording { stored, failure, .. } = recording;
    let asked = Asked { arguments, loaded: &loaded, variants: &variants, plans: &plans, baseline };
    let manifest = manifest::of(&asked, clock.stop(threads));
    if let Some(failure) = failure {
        let kept = recorder.keep_partial(&manifest).map_err(Box::new);
        return Err(Failure::Recording { failure: Box::new(failure), kept });
    }
    if stored < variants.len() {
        return Err(Failure::Interrupted(recorder.keep_partial(&manifest)?));
    }
    let written = recorder.finish(&manifest)?;
    terminal.say(&format!("results and pictures are in {}", written.display()));
    print(&report::load::load(&written)?, arguments.output, terminal)
}

/// Variants on their way to the files, one after another as they are finished.
struct Recording<'a> {
    recorder: &'a mut Recorder,
    stored: usize,
    failure: Option<ReportError>,
}

impl Recording<'_> {
    /// Stores a variant. The first failure ends the run: what follows could not be stored either.
    fn add(&mut self, key: VariantKey, records: &[RunRecord], progress: &Progress) {
        if self.failure.is_some() {
            return;
        }
        match self.recorder.add(&StoredVariant::of(key, records)) {
            Ok(()) => self.stored += 1,
            Err(failure) => {
                self.failure = Some(failure);
                progress.interrupt();
            }
        }
    }
}

/// The variants that are wanted: all, or those of the named policies and variants.
pub(super) fn choose<'s>(
    scenario: &'s Scenario,
    policies: &[String],
    changes: &[String],
) -> Result<Vec<VariantSpec<'s>>, Failure> {
    let all = scenario.variants();
    known("policy", policies, scenario.policies.keys().map(|name| name.as_str()))?;
    known("variant", changes, scenario.variants.keys().map(|name| name.as_str()))?;
    let wanted = |variant: &VariantSpec<'_>| {
        let policy = policies.is_empty() || policies.iter().any(|name| name == variant.policy_name);
        let change =
            changes.is_empty() || changes.iter().any(|name| Some(name.as_str()) == variant.variant_name);
        policy && change
    };
    Ok(all.into_iter().filter(wanted).collect())
}

fn known<'n>(
    kind: &str,
    wanted: &[String],
    names: impl Iterator<Item = &'n str> + Clone,
) -> Result<(), Failure> {
    for name in wanted {
        if !names.clone().any(|known| known == name) {
            let all: Vec<String> = names.clone().map(|known| format!("\"{known}\"")).collect();
            let there = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
            return Err(Failure::Usage(format!("the scenario has no {kind} \"{name}\"; it has {there}")));
        }
    }
    Ok(())
}

/// Options that change keys of the scenario, in the form of `--set`.
fn changes(arguments: &Compare) -> Vec<String> {
    let replications = arguments.replications.or(arguments.quick.then_some(QUICK));
    let mut changes = Vec::new();
    changes.extend(replications.map(|replications| format!("replications={replications}")));
    changes.extend(arguments.seed.map(|seed| format!("seed={seed}")));
    changes
}

/// The variant that others are compared with. When a subset leaves out the one of the scenario, the
/// first real one takes its place.
fn baseline(
    arguments: &Compare,
    scenario: &Scenario,
    variants: &[VariantSpec<'_>],
) -> Result<String, Failure> {
    let has = |name: &str| variants.iter().any(|variant| variant.name == name);
    if let Some(name) = &arguments.baseline {
        known(
            "variant to compare with called",
            std::slice::from_ref(name),
            variants.iter().map(|v| v.name.as_str()),
        )?;
        return Ok(name.clone());
    }
    let written = scenario.baseline().filter(|name| has(name));
    let first_real = variants.iter().find(|variant| !variant.is_clairvoyant()).or(variants.first());
    written
        .or_else(|| first_real.map(|variant| variant.name.clone()))
        .ok_or_else(|| Failure::Usage("no variant is left to simulate".to_owned()))
}

/// What is simulated for each variant.
pub(super) fn plans(scenario: &Scenario, variants: &[VariantSpec<'_>]) -> Result<Vec<Plan>, Failure> {
    let plans = variants.iter().map(|variant| lower::plan(scenario, variant));
    plans.collect::<Result<_, _>>().map_err(|error| Failure::Scenario(error.to_string()))
}

/// How many threads are used: as many as asked for, or else one for each core.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// The wall clock of a run, for the manifest only.
struct Clock {
    started_unix_s: u64,
    started: WallInstant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "how long a run took is recorded as a volatile fact")]
    fn start() -> Self {
        Self { started_unix_s: unix_seconds(SystemTime::now()), started: WallInstant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "how long a run took is recorded as a volatile fact")]
    fn stop(&self, threads: NonZeroUsize) -> Volatile {
        Volatile {
            started_unix_s: self.started_unix_s,
            finished_unix_s: unix_seconds(SystemTime::now()),
            wall_s: self.started.elapsed().as_secs_f64(),
            threads: threads.get(),
        }
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
