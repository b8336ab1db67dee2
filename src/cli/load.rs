//! Loading a scenario: the file, the files it names, the changes of the command line.

use std::fs;
use std::path::Path;

use super::args::ScenarioArgs;
use super::failure::Failure;
use super::terminal::Terminal;
use crate::scenario::{self, Checked, Scenario, Sources};

/// A scenario that was read and checked, with its texts.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) scenario: Scenario,
    pub(super) sources: Sources,
    /// Its text as it stands in the file.
    pub(super) text: String,
    /// The files it names, by the names it uses.
    pub(super) files: Vec<String>,
    /// Its name among the sources.
    pub(super) name: String,
    /// All changes of the command line.
    pub(super) changes: Vec<String>,
}

/// Reads and checks a scenario; warnings go to standard error.
pub(super) fn load(
    arguments: &ScenarioArgs,
    more: &[String],
    terminal: &Terminal,
) -> Result<Loaded, Failure> {
    let (loaded, warnings) = load_quietly(arguments, more, terminal)?;
    if !warnings.is_empty() {
        terminal.say(&warnings);
    }
    Ok(loaded)
}

/// Reads and checks a scenario, and gives its warnings as they are to be said; an empty text if there are none.
pub(super) fn load_quietly(
    arguments: &ScenarioArgs,
    more: &[String],
    terminal: &Terminal,
) -> Result<(Loaded, String), Failure> {
    let name = arguments.scenario.display().to_string();
    let text = fs::read_to_string(&arguments.scenario).map_err(|error| {
        Failure::Scenario(format!("{}: cannot read {name}: {error}", terminal.red("error")))
    })?;
    let mut sources = Sources::new();
    sources.add(name.as_str(), text.as_str());
    let changes: Vec<String> = arguments.set.iter().chain(more).cloned().collect();
    let files = scenario::files_named(&sources, &name, &changes);
    let directory = arguments.scenario.parent().unwrap_or(Path::new(""));
    for file in &files {
        match fs::read_to_string(directory.join(file)) {
            Ok(text) => {
                sources.add(file.as_str(), text);
            }
            Err(error) => sources.add_unreadable(file.as_str(), error.to_string()),
        }
    }
    let loaded = scenario::load(&mut sources, &name, &changes);
    let Checked { scenario, warnings } =
        loaded.map_err(|findings| Failure::Scenario(findings.render(&sources, terminal.paint())))?;
    let said = match warnings.is_empty() {
        true => String::new(),
        false => warnings.render(&sources, terminal.paint()),
    };
    Ok((Loaded { scenario, sources, text, files, name, changes }, said))
}
