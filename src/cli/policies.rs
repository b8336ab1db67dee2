//! `policies`: what is built in.

use super::args::Policies;
use super::failure::Failure;
use super::terminal::Terminal;
use super::values::Output;
use crate::mta::{self, Preset, PresetKind, presets};
use crate::report::catalogue::{self, Entry};
use crate::report::tables::Style;
use crate::scenario::{self, PolicyChoice};

pub(super) fn run(arguments: &Policies, terminal: &Terminal) -> Result<(), Failure> {
    let chosen = choose(&arguments.names)?;
    let entries = chosen.into_iter().map(entry).collect::<Result<Vec<Entry>, _>>()?;
    match arguments.output {
        Output::Table if arguments.names.is_empty() => {
            let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
            terminal.print(&catalogue::table(&entries, style))?;
            terminal.say("name some to see them whole, as they can be pasted into a scenario");
            Ok(())
        }
        Output::Table => terminal.print(&catalogue::in_full(&entries)),
        Output::Csv => {
            let text = catalogue::to_csv(&entries)?;
            terminal.with_stdout(|out| out.write_all(&text))
        }
        Output::Json => {
            let text = catalogue::to_json(&entries).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)
        }
    }
}

/// The presets of these names in the order of the list, each once; all if there are no names.
fn choose(names: &[String]) -> Result<Vec<&'static Preset>, Failure> {
    if let Some(name) = names.iter().find(|name| mta::preset(name).is_none()) {
        let help = scenario::policy_help(name, []);
        return Err(Failure::Usage(format!("no policy \"{name}\" is built in; {help}")));
    }
    let wanted = |preset: &&Preset| names.is_empty() || names.iter().any(|name| name == preset.name);
    Ok(presets().iter().filter(wanted).collect())
}

fn entry(preset: &'static Preset) -> Result<Entry, Failure> {
    match (preset.kind, scenario::preset(preset.name)) {
        (PresetKind::Clairvoyant(about), _) => {
            Ok(Entry::clairvoyant(preset.name, preset.group.title(), about))
        }
        (PresetKind::Table(text), Some(PolicyChoice::Policy(policy))) => {
            let entry = Entry::of(preset.name, preset.group.title(), text, &policy);
            entry.map_err(|error| Failure::Scenario(format!("the policy {}: {error}", preset.name)))
        }
        (PresetKind::Table(_), _) => {
            Err(Failure::Scenario(format!("the policy {} does not read", preset.name)))
        }
    }
}
