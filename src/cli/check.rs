//! `check`: reads a scenario and says what is wrong with it.

use super::args::ScenarioArgs;
use super::compare::{plans, threads};
use super::failure::Failure;
use super::load::load;
use super::terminal::Terminal;
use super::worlds::{self, Drawn};

pub(super) fn run(arguments: &ScenarioArgs, terminal: &Terminal) -> Result<(), Failure> {
    let loaded = load(arguments, &[], terminal)?;
    let scenario = &loaded.scenario;
    let variants = scenario.variants();
    let plans = plans(scenario, &variants)?;
    let replications = *scenario.base.replications;
    let threads = threads(None, plans.len() as u64 * u64::from(replications));
    let Drawn { courses, .. } = worlds::draw(&loaded, &variants, &plans, terminal)?;
    worlds::enough_memory(&loaded, &courses, replications, threads, terminal)?;
    let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
    terminal.print(&format!(
        "{}: valid, {} variants ({}), {} replications up to {}\n",
        arguments.scenario.display(),
        variants.len(),
        names.join(", "),
        replications,
        *scenario.base.horizon,
    ))
}
