//! `validate`: the simulator against exact theory, or against what others have published.

mod published;

use std::fs;

use super::args::{Form, Validate};
use super::compare::threads;
use super::failure::Failure;
use super::progress::watched;
use super::terminal::Terminal;
use crate::report::tables::Style;
use crate::report::{Layout, validation};
use crate::validate::models::MODELS;
use crate::validate::{Configuration, Effort, REFERENCE, Validation, read};

/// Replications that can always be run at the same time; more threads would wait.
const REPLICATIONS: u64 = 20;

pub(super) fn run(arguments: &Validate, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.published || arguments.aws {
        return published::run(arguments, terminal);
    }
    if arguments.plot.is_some() {
        return Err(Failure::Usage("there is a picture with --aws and with --published only".to_owned()));
    }
    let configurations = choose(table(arguments)?, &arguments.models)?;
    let effort = if arguments.quick { Effort::QUICK } else { Effort::WHOLE };
    let threads = threads(arguments.threads, REPLICATIONS);
    let cells = configurations.len() as u64;
    let done =
        watched(cells, terminal, |progress| Validation::run(&configurations, effort, threads, progress))?;
    let validation = done.map_err(|problem| Failure::Usage(format!("{}: {problem}", name(arguments))))?;
    let Some(validation) = validation else { return Err(Failure::InterruptedValidation) };
    print(&validation, arguments, terminal)?;
    if validation.passed() { Ok(()) } else { Err(Failure::Validation(validation::complaint(&validation))) }
}

/// What the table is called in messages.
fn name(arguments: &Validate) -> String {
    arguments.table.as_ref().map_or("the built-in table".to_owned(), |file| file.display().to_string())
}

fn table(arguments: &Validate) -> Result<Vec<Configuration>, Failure> {
    let usage = |message: String| Failure::Usage(format!("{}: {message}", name(arguments)));
    let text = match &arguments.table {
        Some(file) => fs::read_to_string(file).map_err(|error| usage(format!("cannot read it: {error}")))?,
        None => REFERENCE.to_owned(),
    };
    read(&text).map_err(|problem| usage(problem.to_string()))
}

/// The configurations of these models; all if there are no names.
fn choose(all: Vec<Configuration>, models: &[String]) -> Result<Vec<Configuration>, Failure> {
    if let Some(unknown) = models.iter().find(|name| MODELS.iter().all(|model| model.name != name.as_str())) {
        let names: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        return Err(Failure::Usage(format!("no model is called {unknown}; there are {}", names.join(", "))));
    }
    let wanted = |one: &Configuration| models.is_empty() || models.contains(&one.model);
    let chosen: Vec<Configuration> = all.into_iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Err(Failure::Usage("the table has no rows of these models".to_owned()));
    }
    Ok(chosen)
}

fn print(validation: &Validation, arguments: &Validate, terminal: &Terminal) -> Result<(), Failure> {
    let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
    match arguments.output {
        Form::Table => terminal.print(&validation::text(validation, Layout::Terminal(style))),
        Form::Markdown => terminal.print(&validation::text(validation, Layout::Markdown)),
        Form::Csv => {
            let text = validation::to_csv(validation)?;
            terminal.with_stdout(|out| out.write_all(&text))
        }
        Form::Json => {
            let text = validation::to_json(validation).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)
        }
    }
}
