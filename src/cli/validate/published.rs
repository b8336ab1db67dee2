//! `validate --published` and `validate --aws`: what others have published.

use super::super::args::Validate;
use super::super::compare::threads;
use super::super::failure::Failure;
use super::super::progress::watched;
use super::super::terminal::Terminal;
use super::super::values::Form;
use super::Text;
use crate::report::tables::Style;
use crate::report::{Layout, directory, published};
use crate::validate::Problem;
use crate::validate::published::{Case, Depth, MODELS, Model, Reproduction, optimistic_lock};

/// Runs that can always be made at the same time.
const RUNS: u64 = 20;

pub(super) fn run(arguments: &Validate, terminal: &Terminal) -> Result<(), Failure> {
    refuse_nonsense(arguments)?;
    let depth = if arguments.quick { Depth::Quick } else { Depth::Whole };
    let cases =
        if arguments.aws { of_clients(arguments, depth, terminal)? } else { of_models(arguments, depth)? };
    let threads = threads(arguments.threads, RUNS);
    let work = |progress: &_| Reproduction::run(&cases, depth, threads, progress);
    let done = watched(cases.len() as u64, terminal, work)?.map_err(usage)?;
    let Some(reproduction) = done else { return Err(Failure::InterruptedValidation) };
    if let Some(file) = &arguments.plot {
        directory::write_file(file, &published::picture(&reproduction)).map_err(Failure::Report)?;
    }
    print(&reproduction, arguments, terminal)?;
    match reproduction.passed() {
        true => Ok(()),
        false => Err(Failure::Validation(published::complaint(&reproduction))),
    }
}

fn usage(problem: Problem) -> Failure {
    Failure::Usage(problem.to_string())
}

/// What would only be found out at the end.
fn refuse_nonsense(arguments: &Validate) -> Result<(), Failure> {
    let models = &arguments.models;
    let drawn = models.is_empty() || models.iter().any(|name| name == optimistic_lock::MODEL.name);
    match &arguments.plot {
        Some(_) if !drawn => {
            let name = optimistic_lock::MODEL.name;
            Err(Failure::Usage(format!("there is a picture of the model {name} alone")))
        }
        Some(file) if file.extension().is_none_or(|extension| extension != "png") => Err(Failure::Usage(
            format!("pictures are PNG files: call it {}", file.with_extension("png").display()),
        )),
        _ => Ok(()),
    }
}

/// All cases of the models that were asked for; of all models if there are no names.
fn of_models(arguments: &Validate, depth: Depth) -> Result<Vec<Case>, Failure> {
    let names = &arguments.models;
    if let Some(unknown) = names.iter().find(|name| MODELS.iter().all(|model| model.name != name.as_str())) {
        let known: Vec<&str> = MODELS.iter().map(|model| model.name).collect();
        let known = known.join(", ");
        return Err(Failure::Usage(format!("no published model is called {unknown}; there are {known}")));
    }
    let wanted = |model: &&Model| names.is_empty() || names.iter().any(|name| name == model.name);
    let cases = MODELS.iter().filter(wanted).map(|model| (model.cases)(depth));
    Ok(cases.collect::<Result<Vec<_>, _>>().map_err(usage)?.concat())
}

/// The optimistic lock with the clients that were asked for, or those of the table.
fn of_clients(arguments: &Validate, depth: Depth, terminal: &Terminal) -> Result<Vec<Case>, Failure> {
    let table = match &arguments.table {
        Some(file) => {
            let table = Text::read(file)?;
            optimistic_lock::Table::read(&table.text).map_err(|problem| table.wrong(&problem, terminal))?
        }
        None => optimistic_lock::Table::published(),
    };
    let mut clients = arguments.clients.clone();
    clients.sort_unstable();
    clients.dedup();
    let clients = if clients.is_empty() { table.clients() } else { clients };
    optimistic_lock::cases(&clients, &table, depth).map_err(usage)
}

fn print(reproduction: &Reproduction, arguments: &Validate, terminal: &Terminal) -> Result<(), Failure> {
    let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
    let picture =
        arguments.plot.as_ref().and_then(|file| file.file_name()).map(|name| name.to_string_lossy());
    match arguments.output {
        Form::Table => terminal.print(&published::text(reproduction, None, Layout::Terminal(style))),
        Form::Markdown => {
            terminal.print(&published::text(reproduction, picture.as_deref(), Layout::Markdown))
        }
        Form::Csv => {
            let text = published::to_csv(reproduction)?;
            terminal.with_stdout(|out| out.write_all(&text))
        }
        Form::Json => {
            let text = published::to_json(reproduction).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)
        }
    }
}
