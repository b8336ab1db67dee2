//! Loading a scenario: the file, the files it names, the changes of the command line.

use std::fs::File;
use std::io::Read;
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
    let text = text_of(&arguments.scenario).map_err(|why| {
        let remedy = match arguments.scenario.exists() {
            true => "",
            false => "; name a scenario, or write one from what `tempfail init` prints",
        };
        Failure::Scenario(format!("{}: cannot read {name}: {why}{remedy}", terminal.red("error")))
    })?;
    let changes: Vec<String> = arguments.set.iter().chain(more).cloned().collect();
    let directory = arguments.scenario.parent().unwrap_or(Path::new(""));
    let named = |file: &str| text_of(&directory.join(file));
    load_text(name, text, changes, named, terminal)
}

/// The same for a scenario of this text; `named` gives the texts of the files that it names, or why there are
/// none.
pub(super) fn load_text(
    name: String,
    text: String,
    changes: Vec<String>,
    named: impl Fn(&str) -> Result<String, String>,
    terminal: &Terminal,
) -> Result<(Loaded, String), Failure> {
    let mut sources = Sources::new();
    sources.add(name.as_str(), text.as_str());
    let files = scenario::files_named(&sources, &name, &changes);
    for file in &files {
        match named(file) {
            Ok(text) => {
                sources.add(file.as_str(), text);
            }
            Err(reason) => sources.add_unreadable(file.as_str(), reason),
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

/// The longest file that is read, in bytes: about a hundred million arrivals. A device that never ends would fill
/// the memory.
const LONGEST_FILE: u64 = 1 << 30;

/// The text of a file, or why there is none: what the system says, or where it is no text.
pub(super) fn text_of(file: &Path) -> Result<String, String> {
    text_up_to(LONGEST_FILE, file)
}

fn text_up_to(longest: u64, file: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(longest + 1).read_to_end(&mut bytes));
    let length = read.map_err(|error| error.to_string())?;
    if length as u64 > longest {
        return Err(format!("it is longer than {longest} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|&&byte| byte == b'\n').count();
        format!("line {line} is not UTF-8 text; save the file in this encoding")
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_never_ends_is_not_read_to_the_end() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("long.csv");
        fs::write(&file, "t_seconds\n1\n").expect("written");
        assert_eq!(text_up_to(12, &file), Ok("t_seconds\n1\n".to_owned()));
        assert_eq!(text_up_to(11, &file), Err("it is longer than 11 bytes".to_owned()));
    }

    #[test]
    fn what_is_no_text_is_shown_with_its_line() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("latin.toml");
        fs::write(&file, b"format = 1\ntitle = \"caf\xe9\"\n").expect("written");
        assert_eq!(
            text_of(&file),
            Err("line 2 is not UTF-8 text; save the file in this encoding".to_owned())
        );
        fs::write(&file, "title = \"caf\u{e9}\"").expect("written");
        assert!(text_of(&file).is_ok() && text_of(&directory.path().join("absent")).is_err());
    }
}
