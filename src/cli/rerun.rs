//! `rerun`: a result once more, from what its manifest says, and whether it is the same.

mod sweep;

use std::fs;
use std::path::{Path, PathBuf};

use super::args::Rerun;
use super::compare::{Simulated, choose, enough_threads, plans, simulate};
use super::failure::Failure;
use super::load::{Loaded, load_text};
use super::manifest::Asked;
use super::terminal::Terminal;
use super::worlds::{self, Drawn};
use crate::experiment::sequential::Stop;
use crate::report::directory::Staging;
use crate::report::likeness::{FileLikeness, compare, other_circumstances, table};
use crate::report::manifest::{FileEntry, Manifest, ScenarioEntry, VariantEntry, sha256};
use crate::report::recorder::Recorder;
use crate::report::sweep::manifest::is_sweep;
use crate::report::tables::Style;
use crate::scenario::{Scenario, VariantSpec};

pub(super) fn run(arguments: &Rerun, terminal: &Terminal) -> Result<(), Failure> {
    if is_sweep(&arguments.directory) {
        return sweep::run(arguments, terminal);
    }
    let earlier =
        Manifest::read(&arguments.directory).map_err(|error| Failure::Manifest(error.to_string()))?;
    if earlier.stopping.as_ref().is_some_and(|stopping| stopping.stop == Stop::Interrupted) {
        let message = "it was interrupted before it had as many replications as its precision takes; \
                       give its command again, as its manifest has it";
        return Err(Failure::Manifest(message.to_owned()));
    }
    let target = target(arguments)?;
    let changes = changes(&earlier);
    let (loaded, warnings) = loaded(&earlier.scenario, changes, terminal)?;
    if !warnings.is_empty() {
        terminal.say(&warnings);
    }
    let finished = earlier.variants.iter().filter(|entry| !entry.unfinished);
    let variants = named(finished, &loaded.scenario)?;
    announce(&earlier, &variants, terminal);
    let plans = plans(&loaded.scenario, &variants)?;
    let Drawn { courses, worlds } = worlds::draw(&loaded, &variants, &plans, terminal)?;
    let asked = Asked {
        overrides: &earlier.scenario.overrides,
        options: earlier.scenario.options.as_deref().unwrap_or_default(),
        loaded: &loaded,
        variants: &variants,
        plans,
        courses,
        baseline: earlier.comparison.baseline.clone(),
    };
    let threads = enough_threads(&asked, arguments.threads, terminal)?;
    let mut recorder = Recorder::begin(&target).map_err(Failure::Target)?;
    recorder.worlds(&worlds)?;
    let Simulated { manifest, is_whole, failure } = simulate(asked, threads, &mut recorder, terminal)?;
    if let Some(failure) = failure {
        return Err(Failure::Report(failure));
    }
    if !is_whole {
        return Err(Failure::InterruptedRerun);
    }
    judge(arguments, recorder.stage(&as_far_as(&earlier, manifest))?, terminal)
}

/// Compares what was made again with what was there, and keeps it where that is asked for.
fn judge(arguments: &Rerun, staged: Staging, terminal: &Terminal) -> Result<(), Failure> {
    let files = compare(&arguments.directory, staged.path())?;
    let kept = arguments.out.is_some();
    if kept {
        let place = staged.publish()?;
        terminal.say(&format!("the new results are in {}", place.display()));
    }
    tell(&files, kept, terminal)
}

/// Where the new results are made: what is named, or else a name beside the directory that nothing has.
fn target(arguments: &Rerun) -> Result<PathBuf, Failure> {
    let place = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = place(&arguments.directory);
    match &arguments.out {
        Some(out) if place(out) == directory => {
            let message = "--out must be another directory than the one that is compared with";
            Err(Failure::Usage(message.to_owned()))
        }
        Some(out) => Ok(out.clone()),
        None => Ok(directory.with_added_extension("rerun")),
    }
}

/// Everything that changed the scenario, in the form of `--set`.
fn changes(earlier: &Manifest) -> Vec<String> {
    let written = earlier.scenario.options.clone();
    // Versions that did not write options down had these two.
    let options = written.unwrap_or_else(|| {
        vec![format!("replications={}", earlier.replications), format!("seed={}", earlier.seed)]
    });
    earlier.scenario.overrides.iter().cloned().chain(options).collect()
}

/// The scenario of a manifest with these changes, and the text of its warnings.
fn loaded(
    entry: &ScenarioEntry,
    changes: Vec<String>,
    terminal: &Terminal,
) -> Result<(Loaded, String), Failure> {
    let intact = |what: &str, text: &str, hash: &str| match sha256(text.as_bytes()) == hash {
        true => Ok(()),
        false => Err(Failure::Manifest(format!(
            "the manifest was changed: its text of {what} has another SHA-256 than the one beside it"
        ))),
    };
    intact("the scenario", &entry.text, &entry.sha256)?;
    for FileEntry { name, sha256, text } in &entry.files {
        let text = text.as_deref().ok_or_else(|| {
            let text = format!("the manifest does not hold the contents of \"{name}\", as those of today do");
            Failure::Manifest(text)
        })?;
        intact(&format!("\"{name}\""), text, sha256)?;
    }
    let named = |name: &str| {
        let file = entry.files.iter().find(|file| file.name == name);
        file.and_then(|file| file.text.clone()).ok_or_else(|| "the manifest does not hold it".to_owned())
    };
    let name = format!("{}.toml", entry.name);
    load_text(name, entry.text.clone(), changes, named, terminal)
}

/// The variants of a scenario that a manifest lists, in its order.
fn named<'s, 'e>(
    entries: impl Iterator<Item = &'e VariantEntry>,
    scenario: &'s Scenario,
) -> Result<Vec<VariantSpec<'s>>, Failure> {
    let mut all = choose(scenario, &[], &[])?;
    let found = entries.map(|entry| {
        let place = all.iter().position(|variant| variant.name == entry.name);
        place.map(|place| all.remove(place)).ok_or_else(|| {
            Failure::Manifest(format!("the scenario in the manifest has no variant \"{}\"", entry.name))
        })
    });
    let found: Vec<VariantSpec<'s>> = found.collect::<Result<_, _>>()?;
    match found.is_empty() {
        true => Err(Failure::Manifest("the manifest names no variant that was finished".to_owned())),
        false => Ok(found),
    }
}

/// Says beforehand what is not as it was.
fn announce(earlier: &Manifest, variants: &[VariantSpec<'_>], terminal: &Terminal) {
    let Manifest { tool, target, generator, .. } = earlier;
    announce_circumstances(&other_circumstances(tool, target, generator), terminal);
    for variant in variants {
        let entry = earlier.variants.iter().find(|entry| entry.name == variant.name);
        let was = entry.and_then(|entry| entry.plan_sha256.as_ref());
        let is = variant.resolved().ok().map(|text| sha256(text.as_bytes()));
        if was.is_some() && was != is.as_ref() {
            terminal.say(&format!(
                "note: \"{}\" is not what it was: a default or a built-in policy has changed since",
                variant.name
            ));
        }
    }
}

fn announce_circumstances(other: &[String], terminal: &Terminal) {
    if !other.is_empty() {
        terminal.say(&format!("note: the bytes may differ, for the result was {}", other.join("; ")));
    }
}

/// A manifest that says the same of what was left unfinished as the earlier one.
fn as_far_as(earlier: &Manifest, manifest: Manifest) -> Manifest {
    let mut made = manifest.variants.into_iter();
    let variants = earlier.variants.iter().filter_map(|entry| match entry.unfinished {
        true => Some(VariantEntry { plan_sha256: None, censored: None, ..entry.clone() }),
        false => made.next(),
    });
    Manifest { complete: earlier.complete, variants: variants.collect(), ..manifest }
}

fn tell(files: &[FileLikeness], kept: bool, terminal: &Terminal) -> Result<(), Failure> {
    let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
    terminal.print(&table(files, style))?;
    let different = files.iter().filter(|one| !one.likeness.is_same()).count();
    if different == 0 {
        terminal.say("the result is the same, byte for byte");
        return Ok(());
    }
    let keep = if kept { "" } else { "; --out DIR keeps the new ones" };
    Err(Failure::NotTheSame(format!("{different} of {} files are not the same{keep}", files.len())))
}
