//! Everything that can go wrong with a sweep, before any of it is simulated.

use super::super::amount::Amount;
use super::super::args::Sweep;
use super::super::compare::{Baseline, baseline, plans};
use super::super::failure::Failure;
use super::super::load::Loaded;
use super::super::manifest::{role, scenario_entry};
use super::super::terminal::Terminal;
use super::super::worlds::{self, Drawn};
use crate::experiment::metric::{METRICS, position};
use crate::experiment::summary::{Plan as Comparison, Role};
use crate::experiment::worlds::Replicated;
use crate::random::GENERATOR;
use crate::report::manifest::{FORMAT, TARGET, Tool, VariantEntry, Volatile};
use crate::report::sweep::manifest::{Kind, SweepManifest, SweepVolatile};
use crate::report::worlds::Worlds;
use crate::scenario::{Axis, Scenario, VariantSpec, is_below, points};

/// Points of a sweep, at most: each is read and checked before the first is simulated.
const MOST_POINTS: usize = 10_000;

/// Reads and checks a scenario with further changes.
type Load<'a> = dyn Fn(&[String]) -> Result<(Loaded, String), Failure> + 'a;

/// Gives the variants of a scenario that are wanted.
type Choice<'a> = dyn for<'s> Fn(&'s Scenario) -> Result<Vec<VariantSpec<'s>>, Failure> + 'a;

/// What is swept: as a command line says, or the manifest of an earlier result.
pub(in crate::cli) struct Wanted<'a> {
    /// Reads and checks the scenario with `set` and these further changes; the text is that of its warnings.
    pub(in crate::cli) load: &'a Load<'a>,
    /// Its variants.
    pub(in crate::cli) choose: &'a Choice<'a>,
    /// The changes by `--set`.
    pub(in crate::cli) set: &'a [String],
    /// The axes in the order of the tables.
    pub(in crate::cli) axes: Vec<Axis>,
    /// Further changes at all points.
    pub(in crate::cli) common: Vec<String>,
    pub(in crate::cli) baseline: Option<&'a str>,
    pub(in crate::cli) metrics: &'a [String],
    pub(in crate::cli) threads: Option<u16>,
}

/// A sweep that can be run.
pub(in crate::cli) struct Prepared {
    /// What is known of it before it has run.
    pub(in crate::cli) manifest: SweepManifest,
    /// For each point what its variants run.
    pub(super) courses: Vec<Vec<Replicated>>,
    /// What was drawn for the replications, the same at all points.
    pub(in crate::cli) worlds: Worlds,
}

/// What one point runs.
struct Point {
    loaded: Loaded,
    warnings: String,
    variants: Vec<VariantEntry>,
    baseline: String,
    courses: Vec<Replicated>,
    worlds: Worlds,
}

impl Prepared {
    /// Reads, checks and lowers the scenario at every point.
    pub(in crate::cli) fn of(wanted: &Wanted<'_>, terminal: &Terminal) -> Result<Self, Failure> {
        let axes = &wanted.axes;
        let mut first: Option<Point> = None;
        let mut all = Vec::new();
        let mut told: Vec<String> = Vec::new();
        for values in points(axes) {
            let changes: Vec<String> =
                axes.iter().zip(values).map(|(axis, value)| axis.change(value)).collect();
            let at = |failure: Failure| failure.at_point(&changes.join(", "));
            let mut point = Point::of(wanted, &changes, terminal).map_err(at)?;
            if !point.warnings.is_empty() && !told.contains(&point.warnings) {
                terminal.say(&point.warnings);
                told.push(std::mem::take(&mut point.warnings));
            }
            all.push(std::mem::take(&mut point.courses));
            match &mut first {
                Some(first) => first.agree(&point).map_err(at)?,
                None => first = Some(point),
            }
        }
        let Some(mut first) = first else { return Err(Failure::Usage("there is no point".to_owned())) };
        if !first.loaded.scenario.base.expect.is_empty() {
            terminal.say(
                "note: a sweep does not judge what the scenario expects; `compare` does, one point at a time",
            );
        }
        let worlds = std::mem::take(&mut first.worlds);
        let manifest = manifest(wanted, first);
        Ok(Self { manifest, courses: all, worlds })
    }
}

impl Point {
    fn of(wanted: &Wanted<'_>, changes: &[String], terminal: &Terminal) -> Result<Self, Failure> {
        let more: Vec<String> = changes.iter().chain(&wanted.common).cloned().collect();
        let (loaded, warnings) = (wanted.load)(&more)?;
        let scenario = &loaded.scenario;
        let variants = (wanted.choose)(scenario)?;
        let asked = Baseline { asked: wanted.baseline, scenario, variants: &variants };
        let baseline = baseline(&asked)?;
        let plans = plans(scenario, &variants)?;
        let amount = Amount::of(&scenario.base.replications);
        // All points are one family of comparisons: how many replications it takes is not decided point by point.
        if amount.keeps_all() {
            return Err(Failure::Usage(
                "a sweep takes a number of replications and no wanted precision; add --replications 30"
                    .to_owned(),
            ));
        }
        if scenario.base.measure.steady_state.is_some() {
            return Err(Failure::Usage(
                "a sweep measures a cohort and no steady state; compare one point at a time".to_owned(),
            ));
        }
        let threads = super::threads(wanted.threads, plans.len() as u64 * u64::from(amount.at_least()));
        let Drawn { courses, worlds } = worlds::draw(&loaded, &variants, &plans, terminal)?;
        worlds::enough_memory(&loaded, &courses, &amount, threads, terminal)?;
        let entries = variants.iter().zip(&courses).map(|(variant, course)| entry(variant, course));
        Ok(Self { variants: entries.collect(), warnings, baseline, courses, worlds, loaded })
    }

    /// All points have the same variants. The clairvoyant is a bound only if it is one at all of them.
    fn agree(&mut self, other: &Self) -> Result<(), Failure> {
        let names =
            |point: &Self| -> Vec<String> { point.variants.iter().map(|entry| entry.name.clone()).collect() };
        if names(self) != names(other) {
            let message =
                "the variants are others than at the first point; a sweep compares the same ones everywhere";
            return Err(Failure::Usage(message.to_owned()));
        }
        for (entry, other) in self.variants.iter_mut().zip(&other.variants) {
            if entry.role == Role::Bound {
                entry.role = other.role;
            }
        }
        Ok(())
    }
}

/// The axes in the order of the tables: ranges first, then lists.
pub(super) fn axes(arguments: &Sweep) -> Result<Vec<Axis>, Failure> {
    let axes: Vec<Axis> = arguments.ranges.iter().chain(&arguments.lists).cloned().collect();
    if axes.is_empty() {
        return Err(Failure::Usage(
            "nothing is swept; write for example -P recipients.mx.slots=10..1000:log5 or -L recipients.mx.slots=10,50"
                .to_owned(),
        ));
    }
    for (place, axis) in axes.iter().enumerate() {
        if let Some(other) = axes[..place].iter().find(|other| is_below(&axis.key, &other.key)) {
            let keys = format!("`{}` and `{}`", other.key, axis.key);
            return Err(Failure::Usage(format!("two axes change the same thing: {keys}")));
        }
        if let Some(set) = arguments.scenario.set.iter().find(|set| is_below(&axis.key, set)) {
            return Err(Failure::Usage(format!("`{}` is swept, and --set {set} changes it, too", axis.key)));
        }
    }
    let count = axes.iter().try_fold(1_usize, |count, axis| count.checked_mul(axis.values.len()));
    match count.filter(|&count| count <= MOST_POINTS) {
        Some(_) => Ok(axes),
        None => {
            Err(Failure::Usage(format!("these axes have more than {MOST_POINTS} points; write fewer values")))
        }
    }
}

fn entry(variant: &VariantSpec<'_>, course: &Replicated) -> VariantEntry {
    VariantEntry {
        name: variant.name.clone(),
        policy: variant.policy_name.to_owned(),
        change: variant.variant_name.map(str::to_owned),
        about: variant.about.map(str::to_owned),
        role: role(variant, course.plans()),
        unfinished: false,
        plan_sha256: None,
        censored: None,
        limit: None,
        hyperbola: None,
        recipients: None,
    }
}

/// What is known before anything has run; the clock is filled in afterwards.
fn manifest(wanted: &Wanted<'_>, first: Point) -> SweepManifest {
    let written = &first.loaded.scenario.base;
    let never = Volatile { started_unix_s: 0, finished_unix_s: 0, wall_s: 0.0, threads: 0 };
    SweepManifest {
        format: FORMAT,
        kind: Kind::Sweep,
        complete: true,
        tool: Tool::this(),
        command_line: std::env::args().collect(),
        scenario: scenario_entry(&first.loaded, wanted.set),
        seed: written.seed,
        replications: written.replications.at_most(),
        generator: GENERATOR.to_owned(),
        target: TARGET.to_owned(),
        axes: wanted.axes.clone(),
        comparison: Comparison {
            baseline: first.baseline,
            confidence: written.compare.confidence.fraction(),
            smallest_difference: written.compare.smallest_difference.fraction(),
            unsettled: Vec::new(),
        },
        variants: first.variants,
        varied: written.vary.keys().map(|key| key.to_string()).collect(),
        metrics: metrics(wanted.metrics),
        volatile: SweepVolatile { run: never, points_taken_over: 0 },
    }
}

/// The primary metrics and those that are asked for, each once.
fn metrics(asked: &[String]) -> Vec<String> {
    let primary = METRICS.iter().filter(|metric| metric.primary).map(|metric| metric.name.to_owned());
    let mut metrics: Vec<String> = primary.collect();
    for name in asked.iter().filter(|name| position(name).is_some()) {
        if !metrics.contains(name) {
            metrics.push(name.clone());
        }
    }
    metrics
}
