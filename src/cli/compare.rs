//! `compare`: the main job.

use std::num::NonZeroUsize;
use std::thread;
use std::time::{Instant as WallInstant, SystemTime, UNIX_EPOCH};

use rayon::ThreadPoolBuildError;

use super::amount::Amount;
use super::args::Compare;
use super::failure::Failure;
use super::load::load;
use super::manifest::{self, Asked, Found};
use super::progress::watched;
use super::report::print;
use super::target;
use super::terminal::Terminal;
use super::worlds::{self, Drawn};
use crate::experiment::progress::Progress;
use crate::experiment::record::RunRecord;
use crate::experiment::sequential::Stop;
use crate::experiment::steady_state::{self, SteadyState};
use crate::experiment::summary::Role;
use crate::experiment::worlds::Replicated;
use crate::report;
use crate::report::error::ReportError;
use crate::report::expectations::violations;
use crate::report::manifest::{Manifest, Volatile};
use crate::report::recorder::Recorder;
use crate::report::row::VariantKey;
use crate::report::stored::StoredVariant;
use crate::scenario::{Scenario, VariantSpec, lower};
use crate::system::Plan;

/// Replications of a first look.
const QUICK: u32 = 5;

pub(super) fn run(arguments: &Compare, terminal: &Terminal) -> Result<(), Failure> {
    let options = changes(arguments);
    let loaded = load(&arguments.scenario, &options, terminal)?;
    let scenario = &loaded.scenario;
    let variants = choose(scenario, &arguments.policies, &arguments.variants)?;
    let baseline =
        baseline(&Baseline { asked: arguments.baseline.as_deref(), scenario, variants: &variants })?;
    let plans = plans(scenario, &variants)?;
    let Drawn { courses, worlds } = worlds::draw(&loaded, &variants, &plans, terminal)?;
    let asked = Asked {
        overrides: &arguments.scenario.set,
        options: &options,
        loaded: &loaded,
        variants: &variants,
        plans,
        courses,
        baseline,
    };
    let threads = enough_threads(&asked, arguments.threads, terminal)?;
    let target = target::of(arguments, scenario, &variants, terminal);
    // Whether results can be written is known before hours of simulation.
    let mut recorder = Recorder::begin(&target).map_err(Failure::Target)?;
    recorder.worlds(&worlds)?;
    let Simulated { manifest, is_whole, failure } = simulate(asked, threads, &mut recorder, terminal)?;
    if let Some(failure) = failure {
        let kept = recorder.keep_partial(&manifest).map_err(Box::new);
        return Err(Failure::Recording { failure: Box::new(failure), kept });
    }
    if !is_whole {
        return Err(Failure::Interrupted(recorder.keep_partial(&manifest)?));
    }
    let written = recorder.finish(&manifest)?;
    terminal.say(&format!("results and pictures are in {}", target.display()));
    let stored = report::load::load(&written)?;
    print(&stored, arguments.output, terminal)?;
    match violations(&stored.outcomes()) {
        none if none.is_empty() => Ok(()),
        violated => Err(Failure::Violated(violated)),
    }
}

/// What came of a simulation.
pub(super) struct Simulated {
    /// As if everything were finished.
    pub(super) manifest: Manifest,
    /// Whether everything was simulated and stored; not after an interruption.
    pub(super) is_whole: bool,
    /// Why storing ended early, if it did.
    pub(super) failure: Option<ReportError>,
}

/// How many threads will be used, where they all find memory enough.
pub(super) fn enough_threads(
    asked: &Asked<'_>,
    wanted: Option<u16>,
    terminal: &Terminal,
) -> Result<NonZeroUsize, Failure> {
    let amount = Amount::of(&asked.loaded.scenario.base.replications);
    let threads = threads(wanted, cells(asked, &amount));
    worlds::enough_memory(asked.loaded, &asked.courses, &amount, threads, terminal)?;
    Ok(threads)
}

/// Simulates all variants and stores each as it is finished.
pub(super) fn simulate(
    mut asked: Asked<'_>,
    threads: NonZeroUsize,
    recorder: &mut Recorder,
    terminal: &Terminal,
) -> Result<Simulated, Failure> {
    let clock = Clock::start();
    let amount = Amount::of(&asked.loaded.scenario.base.replications);
    let cells = cells(&asked, &amount);
    let keys = manifest::keys(asked.variants);
    let roles = manifest::roles(asked.variants, &asked.courses);
    let mut comparison = manifest::comparison(&asked);
    let mut recording = Recording { recorder, stored: 0, failure: None };
    let (steady_state, stopping) = watched(cells, terminal, |progress| {
        let steady_state = settle(&mut asked, &roles, threads, progress)?;
        comparison.unsettled = steady_state.as_ref().map(SteadyState::unsettled).unwrap_or_default();
        progress.expect_cells(progress.cells_done() + cells);
        let stopping =
            amount.simulate(&asked.courses, &roles, &comparison, threads, progress, |variant, records| {
                recording.add(keys[variant].clone(), &records, progress);
            })?;
        Ok((steady_state, stopping))
    })?
    .map_err(|error: ThreadPoolBuildError| Failure::Threads(error.to_string()))?;
    let Recording { stored, failure, .. } = recording;
    let was_stopped = stopping.as_ref().is_some_and(|stopping| stopping.stop == Stop::Interrupted);
    let rounds = stopping.as_ref().and_then(|stopping| stopping.rounds.last().copied());
    let replications = rounds.unwrap_or(amount.at_least());
    let volatile = clock.stop(threads);
    let is_whole = !was_stopped && stored == keys.len();
    let found = Found { comparison, replications, stopping, steady_state, volatile };
    Ok(Simulated { manifest: manifest::of(&asked, found), is_whole, failure })
}

/// Cells that are simulated for sure.
fn cells(asked: &Asked<'_>, amount: &Amount) -> u64 {
    asked.plans.len() as u64 * u64::from(amount.at_least())
}

/// Where the long run is measured: runs the pilot, and lets all plans leave out the warm-up. None where that is
/// not asked for, and after an interruption.
fn settle(
    asked: &mut Asked<'_>,
    variants: &[(String, Role)],
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Option<SteadyState>, ThreadPoolBuildError> {
    let Some(written) = &asked.loaded.scenario.base.measure.steady_state else { return Ok(None) };
    let Asked { plans, courses, .. } = asked;
    progress.expect_cells(plans.len() as u64 * u64::from(*written.pilot));
    let names: Vec<String> = variants.iter().map(|(name, _)| name.clone()).collect();
    let found = steady_state::find(plans, &names, *written.pilot, threads, progress)?;
    if let Some(found) = &found {
        plans
            .iter_mut()
            .chain(courses.iter_mut().flat_map(Replicated::plans_mut))
            .for_each(|plan| found.apply(plan));
    }
    Ok(found)
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
    let names = all.iter().flat_map(|variant| [Some(variant.name.as_str()), variant.variant_name]);
    known("variant", changes, names.flatten())?;
    let wanted = |variant: &VariantSpec<'_>| {
        let policy = policies.is_empty() || policies.iter().any(|name| name == variant.policy_name);
        let is_it = |name: &String| *name == variant.name || Some(name.as_str()) == variant.variant_name;
        let change = changes.is_empty() || changes.iter().any(is_it);
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
            let there = listed(names);
            return Err(Failure::Usage(format!("the scenario has no {kind} \"{name}\"; it has {there}")));
        }
    }
    Ok(())
}

/// Names in quotation marks, each once.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut listed: Vec<String> = Vec::new();
    for name in names.map(|name| format!("\"{name}\"")) {
        if !listed.contains(&name) {
            listed.push(name);
        }
    }
    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
}

/// Options that change keys of the scenario, in the form of `--set`.
fn changes(arguments: &Compare) -> Vec<String> {
    let mut changes = sizes(arguments.replications, arguments.quick, arguments.seed);
    changes.extend(arguments.precision.map(|precision| format!("replications.precision=\"{precision}\"")));
    changes.extend(arguments.at_most.map(|most| format!("replications.at_most={most}")));
    changes
}

/// Those of them that other commands have, too.
pub(super) fn sizes(replications: Option<u32>, is_quick: bool, seed: Option<u64>) -> Vec<String> {
    let replications = replications.or(is_quick.then_some(QUICK));
    let mut changes = Vec::new();
    changes.extend(replications.map(|replications| format!("replications={replications}")));
    changes.extend(seed.map(|seed| format!("seed={seed}")));
    changes
}

/// What decides about the baseline.
pub(super) struct Baseline<'a> {
    /// The one that is asked for.
    pub(super) asked: Option<&'a str>,
    pub(super) scenario: &'a Scenario,
    /// The variants that are simulated.
    pub(super) variants: &'a [VariantSpec<'a>],
}

/// The variant that others are compared with. When a subset leaves out the one of the scenario, the
/// first real one takes its place.
pub(super) fn baseline(facts: &Baseline<'_>) -> Result<String, Failure> {
    let Baseline { asked, scenario, variants } = *facts;
    let has = |name: &str| variants.iter().any(|variant| variant.name == name);
    if let Some(name) = asked {
        let all = scenario.variants();
        let names = all.iter().map(|variant| variant.name.as_str());
        known("variant to compare with called", &[name.to_owned()], names)?;
        if !has(name) {
            let left = listed(variants.iter().map(|variant| variant.name.as_str()));
            return Err(Failure::Usage(format!(
                "the baseline \"{name}\" is left out by --policy or --variant, which leave {left}"
            )));
        }
        return Ok(name.to_owned());
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

/// How many threads are used: as many as asked for, or else one for each core; never more than there
/// are cells.
pub(super) fn threads(asked: Option<u16>, cells: u64) -> NonZeroUsize {
    let asked = asked.and_then(|threads| NonZeroUsize::new(threads.into()));
    let threads = asked.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let cells = usize::try_from(cells).ok().and_then(NonZeroUsize::new);
    cells.map_or(threads, |cells| threads.min(cells))
}

/// The wall clock of a run, for the manifest only.
pub(super) struct Clock {
    started_unix_s: u64,
    started: WallInstant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "how long a run took is recorded as a volatile fact")]
    pub(super) fn start() -> Self {
        Self { started_unix_s: unix_seconds(SystemTime::now()), started: WallInstant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "how long a run took is recorded as a volatile fact")]
    pub(super) fn stop(&self, threads: NonZeroUsize) -> Volatile {
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
