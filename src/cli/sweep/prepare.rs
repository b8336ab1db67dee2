//! Everything that can go wrong with a sweep, before any of it is simulated.

use super::super::amount::Amount;
use super::super::args::Sweep;
use super::super::compare::{Baseline, baseline, choose, plans, sizes};
use super::super::failure::Failure;
use super::super::load::{Loaded, load_quietly};
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
use crate::scenario::{Axis, VariantSpec, is_below, points};

/// Points of a sweep, at most: each is read and checked before the first is simulated.
const MOST_POINTS: usize = 10_000;

/// A sweep that can be run.
pub(super) struct Prepared {
    /// What is known of it before it has run.
    pub(super) manifest: SweepManifest,
    /// For each point what its variants run.
    pub(super) courses: Vec<Vec<Replicated>>,
    /// What was drawn for the replications, the same at all points.
    pub(super) worlds: Worlds,
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
    pub(super) fn of(arguments: &Sweep, terminal: &Terminal) -> Result<Self, Failure> {
        let axes = axes(arguments)?;
        let common = sizes(arguments.replications, arguments.quick, arguments.seed);
        let mut first: Option<Point> = None;
        let mut all = Vec::new();
        let mut told: Vec<String> = Vec::new();
        for values in points(&axes) {
            let changes: Vec<String> =
                axes.iter().zip(values).map(|(axis, value)| axis.change(value)).collect();
            let at = |failure: Failure| failure.at_point(&changes.join(", "));
            let mut point = Point::of(arguments, &changes, &common, terminal).map_err(at)?;
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
        let worlds = std::mem::take(&mut first.worlds);
        let manifest = manifest(arguments, axes, first)?;
        Ok(Self { manifest, courses: all, worlds })
    }
}

impl Point {
    fn of(
        arguments: &Sweep,
        changes: &[String],
        common: &[String],
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let more: Vec<String> = changes.iter().chain(common).cloned().collect();
        let (loaded, warnings) = load_quietly(&arguments.scenario, &more, terminal)?;
        let scenario = &loaded.scenario;
        let variants = choose(scenario, &arguments.policies, &arguments.variants)?;
        let asked = Baseline { asked: arguments.baseline.as_deref(), scenario, variants: &variants };
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
        let threads = super::threads(arguments.threads, plans.len() as u64 * u64::from(amount.at_least()));
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
fn axes(arguments: &Sweep) -> Result<Vec<Axis>, Failure> {
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
fn manifest(arguments: &Sweep, axes: Vec<Axis>, first: Point) -> Result<SweepManifest, Failure> {
    let written = &first.loaded.scenario.base;
    let never = Volatile { started_unix_s: 0, finished_unix_s: 0, wall_s: 0.0, threads: 0 };
    Ok(SweepManifest {
        format: FORMAT,
        kind: Kind::Sweep,
        complete: true,
        tool: Tool::this(),
        command_line: std::env::args().collect(),
        scenario: scenario_entry(&first.loaded, &arguments.scenario.set),
        seed: written.seed,
        replications: written.replications.at_most(),
        generator: GENERATOR.to_owned(),
        target: TARGET.to_owned(),
        axes,
        comparison: Comparison {
            baseline: first.baseline,
            confidence: written.compare.confidence.fraction(),
            smallest_difference: written.compare.smallest_difference.fraction(),
            unsettled: Vec::new(),
        },
        variants: first.variants,
        varied: written.vary.keys().map(|key| key.to_string()).collect(),
        metrics: metrics(&arguments.metrics),
        volatile: SweepVolatile { run: never, points_taken_over: 0 },
    })
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
