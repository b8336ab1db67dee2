//! `sweep`: a comparison at each of many points.

mod prepare;

use std::path::{Path, PathBuf};

use super::args::Sweep;
use super::compare::{Clock, choose, sizes, threads};
use super::failure::Failure;
use super::load::load_quietly;
use super::progress::watched;
use super::terminal::Terminal;
use crate::experiment::progress::Progress;
use crate::experiment::run::simulate_each;
use crate::report::error::ReportError;
use crate::report::runs::StoredRun;
use crate::report::sweep::manifest::SweepManifest;
use crate::report::sweep::recorder::Recorder;
use crate::report::sweep::stored::Sweep as Stored;
use crate::report::sweep::table::PointRuns;
use crate::report::sweep::{summary, text};
use crate::report::tables::Style;
pub(super) use prepare::{Prepared, Wanted};

use super::values::Output;

pub(super) fn run(arguments: &Sweep, terminal: &Terminal) -> Result<(), Failure> {
    let wanted = Wanted {
        load: &|more| load_quietly(&arguments.scenario, more, terminal),
        choose: &|scenario| choose(scenario, &arguments.policies, &arguments.variants),
        set: &arguments.scenario.set,
        axes: prepare::axes(arguments)?,
        common: sizes(arguments.replications, arguments.quick, arguments.seed),
        baseline: arguments.baseline.as_deref(),
        metrics: &arguments.metrics,
        threads: arguments.threads,
    };
    let mut prepared = Prepared::of(&wanted, terminal)?;
    let target = target(arguments, &prepared.manifest, terminal);
    // Whether results can be written is known before hours of simulation.
    let mut recorder =
        Recorder::begin(&target, &prepared.manifest, &prepared.worlds).map_err(Failure::Target)?;
    tell_taken_over(&recorder, &prepared.manifest, terminal);
    prepared.manifest.volatile.points_taken_over = recorder.finished();
    let Simulated { manifest, failure } = simulate(prepared, &mut recorder, arguments.threads, terminal)?;
    if let Some(failure) = failure {
        let kept = recorder.keep_partial(&manifest).map_err(Box::new);
        return Err(Failure::Recording { failure: Box::new(failure), kept });
    }
    if recorder.finished() < manifest.points() {
        let (finished, all) = (recorder.finished(), manifest.points());
        return Err(Failure::InterruptedSweep { kept: recorder.keep_partial(&manifest)?, finished, all });
    }
    let written = recorder.finish(&manifest)?;
    terminal.say(&format!("results and pictures are in {}", target.display()));
    print(&Stored::load(&written)?, arguments.output, terminal)
}

/// What came of a sweep.
pub(super) struct Simulated {
    /// The manifest, with the facts of the execution.
    pub(super) manifest: SweepManifest,
    /// Why the points could not be recorded.
    pub(super) failure: Option<ReportError>,
}

/// Simulates the points that are not recorded yet; some are still not recorded after an interruption.
pub(super) fn simulate(
    mut prepared: Prepared,
    recorder: &mut Recorder,
    asked: Option<u16>,
    terminal: &Terminal,
) -> Result<Simulated, Failure> {
    let left: Vec<usize> = (0..prepared.manifest.points()).filter(|&point| !recorder.has(point)).collect();
    let courses: Vec<_> = left.iter().flat_map(|&point| &prepared.courses[point]).collect();
    let replications = prepared.manifest.replications;
    let cells = courses.len() as u64 * u64::from(replications);
    let threads = threads(asked, cells);
    let clock = Clock::start();
    let variants = prepared.manifest.variants.len();
    let mut recording = Recording { recorder, left: &left, variants, under_way: Vec::new(), failure: None };
    watched(cells, terminal, |progress| {
        simulate_each(&courses, 0..replications, threads, progress, |place, records| {
            let runs = (0..).zip(&records).map(|(number, record)| StoredRun::of(number, record));
            recording.add(place, runs.collect(), progress);
        })
    })?
    .map_err(|error| Failure::Threads(error.to_string()))?;
    let failure = recording.failure;
    prepared.manifest.volatile.run = clock.stop(threads);
    Ok(Simulated { manifest: prepared.manifest, failure })
}

/// Prints the summary of a sweep in the form that is wanted.
pub(super) fn print(sweep: &Stored, output: Output, terminal: &Terminal) -> Result<(), Failure> {
    let summaries = sweep.summary();
    let manifest = &sweep.manifest;
    match output {
        Output::Table => {
            let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
            terminal.print(&text::terminal(manifest, &summaries, style))
        }
        Output::Csv => {
            let text = summary::to_csv(manifest, &summary::rows(manifest, &summaries))?;
            terminal.with_stdout(|out| out.write_all(&text))
        }
        Output::Json => {
            let text = summary::to_json(&summary::rows(manifest, &summaries));
            terminal.print(&text.map_err(|error| Failure::Output(error.into()))?)
        }
    }
}

/// Points on their way to the files, one variant after another as they are finished.
struct Recording<'a> {
    recorder: &'a mut Recorder,
    /// The numbers of the points that are simulated.
    left: &'a [usize],
    variants: usize,
    /// The variants of the point that came last, with their places, until it is whole.
    under_way: Vec<(usize, Vec<StoredRun>)>,
    failure: Option<ReportError>,
}

impl Recording<'_> {
    /// Takes a variant of a point; variants come in their order, and with gaps after an interruption. The first
    /// failure ends the run: what follows could not be stored either.
    fn add(&mut self, place: usize, runs: Vec<StoredRun>, progress: &Progress) {
        let point = place / self.variants;
        self.under_way.retain(|(earlier, _)| earlier / self.variants == point);
        self.under_way.push((place, runs));
        if self.under_way.len() < self.variants || self.failure.is_some() {
            return;
        }
        let runs: PointRuns = self.under_way.drain(..).map(|(_, runs)| runs).collect();
        if let Err(failure) = self.recorder.add(self.left[point], runs) {
            self.failure = Some(failure);
            progress.interrupt();
        }
    }
}

fn tell_taken_over(recorder: &Recorder, manifest: &SweepManifest, terminal: &Terminal) {
    if recorder.finished() > 0 {
        let from: Vec<String> = recorder.taken_over().iter().map(|path| path.display().to_string()).collect();
        terminal.say(&format!(
            "going on with an interrupted sweep: {} of {} points are taken over from {}",
            recorder.finished(),
            manifest.points(),
            from.join(", ")
        ));
    }
}

/// The directory that the user names, or else `results/NAME.sweep`, unless there is another sweep or one of more
/// replications or variants: hours of simulation must not be lost to a first look. Then `results/NAME.sweep.trial`.
fn target(arguments: &Sweep, manifest: &SweepManifest, terminal: &Terminal) -> PathBuf {
    if let Some(out) = &arguments.out {
        return out.clone();
    }
    let name = &manifest.scenario.name;
    let usual = Path::new("results").join(format!("{name}.sweep"));
    let there = SweepManifest::read(&usual).ok().filter(|there| there.complete);
    let Some(more) = there.and_then(|there| what_would_be_lost(&there, manifest)) else { return usual };
    let trial = Path::new("results").join(format!("{name}.sweep.trial"));
    terminal.say(&format!(
        "note: {} holds {more}; this run goes to {} (--out {} would replace the other)",
        usual.display(),
        trial.display(),
        usual.display(),
    ));
    trial
}

/// What an earlier result has and this run does not make.
fn what_would_be_lost(there: &SweepManifest, manifest: &SweepManifest) -> Option<String> {
    let keeps = |name: &String| manifest.variants.iter().any(|entry| entry.name == *name);
    let left_out = there.variants.iter().filter(|entry| !keeps(&entry.name)).count();
    let same_points = there.axes.len() == manifest.axes.len()
        && there.axes.iter().zip(&manifest.axes).all(|(there, here)| {
            there.key == here.key && there.values.iter().all(|value| here.values.contains(value))
        });
    match left_out {
        _ if !same_points => Some("other points".to_owned()),
        _ if there.replications > manifest.replications => Some(format!(
            "{} replications, more than the {} of this run",
            there.replications, manifest.replications
        )),
        0 => None,
        1 => Some("a variant that this run leaves out".to_owned()),
        left_out => Some(format!("{left_out} variants that this run leaves out")),
    }
}
