//! The command: reads files, shows progress, prints, and decides the exit code.

pub mod amount;
mod args;
mod check;
mod compare;
mod export;
mod failure;
mod load;
mod manifest;
mod memory;
mod policies;
mod policy_argument;
mod progress;
mod report;
mod rerun;
mod schedule;
mod sweep;
mod target;
mod terminal;
mod trace;
mod validate;
mod values;
mod worlds;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use self::args::{Cli, Command};
use self::failure::Failure;
use self::terminal::Terminal;

/// Runs the command with the arguments of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors and go to standard output; clap knows.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let terminal = Terminal::new(cli.color, cli.quiet);
    match run(&cli.command, &terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell(&terminal);
            failure.exit_code()
        }
    }
}

fn run(command: &Command, terminal: &Terminal) -> Result<(), Failure> {
    match command {
        Command::Compare(arguments) => compare::run(arguments, terminal),
        Command::Sweep(arguments) => sweep::run(arguments, terminal),
        Command::Check(arguments) => check::run(arguments, terminal),
        Command::Policies(arguments) => policies::run(arguments, terminal),
        Command::Schedule(arguments) => schedule::run(arguments, terminal),
        Command::Export(arguments) => export::run(arguments, terminal),
        Command::Trace(arguments) => trace::run(arguments, terminal),
        Command::Report(arguments) => report::run(arguments, terminal),
        Command::Rerun(arguments) => rerun::run(arguments, terminal),
        Command::Validate(arguments) => validate::run(arguments, terminal),
        Command::Init => terminal.print(crate::scenario::TEMPLATE),
        Command::Completions { shell } => completions(*shell, terminal),
    }
}

fn completions(shell: clap_complete::Shell, terminal: &Terminal) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tempfail", &mut script);
    terminal.with_stdout(|out| out.write_all(&script))
}
