//! `validate`: the simulator against exact theory, or against what others have published.

mod published;

use std::path::Path;

use super::args::Validate;
use super::compare::threads;
use super::failure::Failure;
use super::load::text_of;
use super::progress::watched;
use super::terminal::Terminal;
use super::values::Form;
use crate::report::tables::Style;
use crate::report::{Layout, coverage, validation};
use crate::validate::coverage::{RUNS, measure};
use crate::validate::models::MODELS;
use crate::validate::{Configuration, Effort, Problem, REFERENCE, Validation, read};

/// Replications that can always be run at the same time; more threads would wait.
const REPLICATIONS: u64 = 20;

pub(super) fn run(arguments: &Validate, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.coverage {
        return measure_coverage(arguments, terminal);
    }
    if arguments.published || arguments.aws {
        return published::run(arguments, terminal);
    }
    if arguments.plot.is_some() {
        return Err(Failure::Usage("there is a picture with --aws and with --published only".to_owned()));
    }
    let table = Text::of(arguments)?;
    let wrong = |problem: Problem| table.wrong(&problem, terminal);
    let configurations = choose(read(&table.text).map_err(wrong)?, &arguments.models)?;
    let effort = if arguments.quick { Effort::QUICK } else { Effort::WHOLE };
    let threads = threads(arguments.threads, REPLICATIONS);
    let cells = configurations.len() as u64;
    let done =
        watched(cells, terminal, |progress| Validation::run(&configurations, effort, threads, progress))?;
    let validation = done.map_err(wrong)?;
    if !validation.findings.is_empty() {
        print(&validation, arguments, terminal)?;
    }
    if validation.left_out > 0 {
        return Err(Failure::InterruptedValidation);
    }
    if validation.passed() { Ok(()) } else { Err(Failure::Validation(validation::complaint(&validation))) }
}

/// How often intervals cover what they should.
fn measure_coverage(arguments: &Validate, terminal: &Terminal) -> Result<(), Failure> {
    let threads = threads(arguments.threads, RUNS.into());
    let done = watched(RUNS.into(), terminal, |progress| measure(RUNS, threads, progress))?;
    let measured = done.map_err(|problem| Failure::Usage(problem.to_string()))?;
    let Some(measured) = measured else { return Err(Failure::InterruptedValidation) };
    let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
    match arguments.output {
        Form::Table => terminal.print(&coverage::text(&measured, Layout::Terminal(style)))?,
        Form::Markdown => terminal.print(&coverage::text(&measured, Layout::Markdown))?,
        Form::Csv => {
            let text = coverage::to_csv(&measured)?;
            terminal.with_stdout(|out| out.write_all(&text))?;
        }
        Form::Json => {
            let text = coverage::to_json(&measured).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)?;
        }
    }
    match coverage::complaint(&measured) {
        None => Ok(()),
        Some(complaint) => Err(Failure::Validation(complaint)),
    }
}

/// A table as it was given, and what it is called in messages.
struct Text {
    name: String,
    text: String,
}

impl Text {
    /// The file that was named, or the built-in table.
    fn of(arguments: &Validate) -> Result<Self, Failure> {
        match &arguments.table {
            Some(file) => Self::read(file),
            None => Ok(Self { name: "the built-in table".to_owned(), text: REFERENCE.to_owned() }),
        }
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let name = file.display().to_string();
        match text_of(file) {
            Ok(text) => Ok(Self { name, text }),
            Err(reason) => Err(Failure::Usage(format!("cannot read {name}: {reason}"))),
        }
    }

    /// What is wrong with it, shown at its place.
    fn wrong(&self, problem: &Problem, terminal: &Terminal) -> Failure {
        Failure::Table(problem.render(&self.name, &self.text, terminal.paint()))
    }
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
