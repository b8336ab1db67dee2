//! The command as a user meets it: arguments in, output, complaints and exit codes out.

mod check;
mod compare;
mod exit_codes;
mod expect;
mod export;
mod interrupt;
mod outage;
mod policies;
mod report;
mod rerun;
mod schedule;
mod sequential;
mod steady_state;
mod study;
mod sweep;
mod trace;
mod validate;
mod worlds;

use assert_cmd::Command;

/// The command, as if outside a terminal and with no colours asked for.
fn tempfail(arguments: &[&str]) -> Command {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("tempfail");
    command.args(arguments).env_remove("NO_COLOR");
    command
}

/// What a run that must succeed prints on standard output.
fn printed(arguments: &[&str]) -> String {
    let output = tempfail(arguments).assert().success().get_output().stdout.clone();
    String::from_utf8(output).expect("output is text")
}

/// The rows of a CSV text: a field for each column.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut csv = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let rows = csv.records().map(|row| row.expect("it is CSV").iter().map(str::to_owned).collect());
    rows.collect()
}

/// The path of a scenario of the tests.
fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/scenarios/{name}", env!("CARGO_MANIFEST_DIR"))
}
