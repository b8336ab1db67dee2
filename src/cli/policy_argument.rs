//! A policy on the command line: a name, or a program's own configuration.

use std::path::{Path, PathBuf};

use super::args::ScenarioArgs;
use super::failure::Failure;
use super::load::{load, text_of};
use super::terminal::Terminal;
use crate::mta::native::Dialect;
use crate::scenario::written::Policy;
use crate::scenario::{PolicyChoice, Scenario, Sources, policy_help, preset, read_policy};

/// The policy of this name: one of the scenario's own, a [configuration](configured), or a preset.
pub(super) fn find(
    name: &str,
    own: Option<&Scenario>,
    terminal: &Terminal,
) -> Result<Option<PolicyChoice>, Failure> {
    if let Some(written) = own.and_then(|scenario| scenario.policies.get(name).cloned()) {
        return Ok(Some(written));
    }
    let configured = configured(name, terminal)?.map(|policy| PolicyChoice::Policy(Box::new(policy)));
    Ok(configured.or_else(|| preset(name)))
}

/// How a policy of this name is called in tables: without the directories of a configuration and the
/// settings beside it.
pub(super) fn label(name: &str) -> String {
    let native = name.split_once(':').and_then(|(program, file)| {
        let dialect = Dialect::named(program.split(',').next()?)?;
        let file = Path::new(file).file_name()?.to_string_lossy();
        Some(format!("{}:{file}", dialect.name()))
    });
    native.unwrap_or_else(|| name.to_owned())
}

/// The scenario that policies are taken from, if one is named.
pub(super) fn scenario_of(file: Option<&PathBuf>, terminal: &Terminal) -> Result<Option<Scenario>, Failure> {
    let Some(file) = file else { return Ok(None) };
    let file = ScenarioArgs { scenario: file.clone(), set: Vec::new() };
    Ok(Some(load(&file, &[], terminal)?.scenario))
}

/// What to say of a name that no policy has.
pub(super) fn unknown(name: &str, own: Option<&Scenario>) -> String {
    let names = own.into_iter().flat_map(|scenario| scenario.policies.keys().map(|name| name.as_str()));
    format!("there is no policy \"{name}\"; {}", policy_help(name, names))
}

/// The policy of a configuration, `PROGRAM:FILE` or `PROGRAM,KEY=VALUE,...:FILE`, such as
/// `exim,queue_interval=15m:exim4.conf`; `None` if the argument is nothing of the kind.
fn configured(argument: &str, terminal: &Terminal) -> Result<Option<Policy>, Failure> {
    let Some((program, file)) = argument.split_once(':') else { return Ok(None) };
    let mut words = program.split(',');
    let Some(dialect) = words.next().and_then(Dialect::named) else { return Ok(None) };
    if file.is_empty() {
        let example = format!("write for example {}:FILE", dialect.name());
        return Err(Failure::Usage(format!("\"{argument}\" names no file; {example}")));
    }
    let text = text_of(Path::new(file))
        .map_err(|why| Failure::Scenario(format!("{}: cannot read {file}: {why}", terminal.red("error"))))?;
    let mut table = toml::Table::from_iter([("file".to_owned(), toml::Value::from(file))]);
    for word in words {
        let (key, value) = word.split_once('=').ok_or_else(|| {
            let example = format!("{}:{file}, or {0},KEY=VALUE:{file}", dialect.name());
            Failure::Usage(format!("\"{word}\" in \"{argument}\" is no setting; write {example}"))
        })?;
        table.insert(key.to_owned(), toml::Value::from(value));
    }
    let native = toml::Table::from_iter([(dialect.name().to_owned(), toml::Value::from(table))]);
    let policy = toml::Table::from_iter([("native".to_owned(), toml::Value::from(native))]);
    let mut sources = Sources::new();
    sources.add(file, text);
    sources.add(argument, policy.to_string());
    match read_policy(&mut sources, argument) {
        Ok((policy, warnings)) => {
            if !warnings.is_empty() {
                terminal.say(&warnings.render(&sources, terminal.paint()));
            }
            Ok(Some(policy))
        }
        Err(findings) => Err(Failure::Scenario(findings.render(&sources, terminal.paint()))),
    }
}
