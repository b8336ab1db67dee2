//! A sweep once more: every point of its axes.

use super::super::args::Rerun;
use super::super::failure::Failure;
use super::super::sweep::{Prepared, Simulated, Wanted, simulate};
use super::super::terminal::Terminal;
use super::{announce_circumstances, judge, loaded, named, target};
use crate::report::likeness::other_circumstances;
use crate::report::sweep::manifest::SweepManifest;
use crate::report::sweep::recorder::Recorder;

pub(super) fn run(arguments: &Rerun, terminal: &Terminal) -> Result<(), Failure> {
    let earlier = SweepManifest::read(&arguments.directory);
    let earlier = earlier.map_err(|error| Failure::Manifest(error.to_string()))?;
    if !earlier.complete {
        let message = "the sweep was interrupted; its command, as its manifest has it, goes on with it";
        return Err(Failure::Manifest(message.to_owned()));
    }
    let target = target(arguments)?;
    let SweepManifest { scenario: entry, tool, generator, variants, .. } = &earlier;
    announce_circumstances(&other_circumstances(tool, &earlier.target, generator), terminal);
    let wanted = Wanted {
        load: &|more| loaded(entry, entry.overrides.iter().chain(more).cloned().collect(), terminal),
        choose: &|scenario| named(variants.iter(), scenario),
        set: &entry.overrides,
        axes: earlier.axes.clone(),
        common: vec![format!("replications={}", earlier.replications), format!("seed={}", earlier.seed)],
        baseline: Some(&earlier.comparison.baseline),
        metrics: &earlier.metrics,
        threads: arguments.threads,
    };
    let prepared = Prepared::of(&wanted, terminal)?;
    let begun = Recorder::begin_anew(&target, &prepared.manifest, &prepared.worlds);
    let mut recorder = begun.map_err(Failure::Target)?;
    let Simulated { manifest, failure } = simulate(prepared, &mut recorder, arguments.threads, terminal)?;
    if let Some(failure) = failure {
        return Err(Failure::Report(failure));
    }
    if recorder.finished() < manifest.points() {
        return Err(Failure::InterruptedRerun);
    }
    judge(arguments, recorder.stage(&manifest)?, terminal)
}
