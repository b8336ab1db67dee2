//! `report`: tables and pictures again from stored results.

use super::args::Report;
use super::failure::Failure;
use super::terminal::Terminal;
use super::values::Output;
use crate::report::stored::Stored;
use crate::report::study::study;
use crate::report::{self, summary, tables};

pub(super) fn run(arguments: &Report, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.study {
        if report::sweep::manifest::is_sweep(&arguments.directory) {
            let message = "a study is reported of a comparison, and this is the result of a sweep; \
                           compare its scenario at one of the points";
            return Err(Failure::Usage(message.to_owned()));
        }
        let stored = report::load::load(&arguments.directory)?;
        return terminal.print(&study(&stored, &stored.summary(), &stored.outcomes()));
    }
    if report::sweep::manifest::is_sweep(&arguments.directory) {
        let sweep = report::sweep::make(&arguments.directory)?;
        super::sweep::print(&sweep, arguments.output, terminal)?;
    } else {
        print(&report::make(&arguments.directory)?, arguments.output, terminal)?;
    }
    terminal.say(&format!("tables and pictures made again in {}", arguments.directory.display()));
    Ok(())
}

/// Prints a summary of results in the form that is wanted.
pub(super) fn print(stored: &Stored, output: Output, terminal: &Terminal) -> Result<(), Failure> {
    let summaries = stored.summary();
    match output {
        Output::Table => {
            let style = tables::Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
            terminal.print(&tables::summary(&stored.manifest, &summaries, &stored.outcomes(), style))
        }
        Output::Csv => {
            let rows = summary::rows(&stored.manifest, &summaries);
            let text = summary::to_csv(&rows)?;
            terminal.with_stdout(|out| out.write_all(&text))
        }
        Output::Json => {
            let rows = summary::rows(&stored.manifest, &summaries);
            let text = summary::to_json(&rows).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)
        }
    }
}
