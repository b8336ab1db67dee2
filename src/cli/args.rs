//! The command line: what can be asked for.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::values::{Colour, Form, Output, PhaseArg, StageArg, change, count, metric};
use crate::quantity::{Duration, Share};
use crate::scenario::Axis;
use crate::validate::published::optimistic_lock::MOST_CLIENTS;

/// Compare how mail servers retry after 421: who delivers sooner, who is kinder to the recipient.
#[derive(Debug, Parser)]
#[command(name = "tempfail", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours: auto, always or never; NO_COLOR and TERM=dumb are honoured
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Everywhere")]
    #[arg(value_enum, default_value_t = Colour::Auto, hide_possible_values = true)]
    pub color: Colour,
    /// Say only what went wrong
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    pub quiet: bool,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 invalid scenario,
4 an expectation of the scenario is violated, 130 interrupted.
Results go to standard output, everything else to standard error. A reader that closes the pipe early
is no failure: what it did not want to read is dropped, with exit code 0.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate every variant of a scenario, compare them and draw the charts
    Compare(Compare),
    /// Compare the variants of a scenario at many values of its parameters
    Sweep(Sweep),
    /// Read a scenario and say what is wrong with it, without simulating
    Check(ScenarioArgs),
    /// List the policies that are built in, with their parameters and sources
    Policies(Policies),
    /// Print when a message that is always refused would be tried, or what outages cost it
    Schedule(Schedule),
    /// Print a policy as configuration of a mail server
    Export(Export),
    /// Tell one run as a story, a line for each event
    Trace(Trace),
    /// Make the tables and pictures of a result directory again, without simulating
    Report(Report),
    /// Simulate a result directory again from its manifest, and say whether the bytes are the same
    Rerun(Rerun),
    /// Compare the simulator with exact results of queueing theory, or with what others have published
    Validate(Validate),
    /// Print a commented scenario to start from
    Init,
    /// Print a completion script for a shell
    Completions {
        /// For which shell
        shell: Shell,
    },
}

/// A scenario and changes to it.
#[derive(Debug, Args)]
pub struct ScenarioArgs {
    /// The scenario file
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// Change one key, for example --set recipients.mx.slots=50; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = change)]
    pub set: Vec<String>,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct Compare {
    /// The scenario and changes to it.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Compare only this policy; may be repeated
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// Compare only this variant, with all policies, or only this "policy @ variant"; may be repeated
    #[arg(long = "variant", value_name = "NAME")]
    pub variants: Vec<String>,
    /// Compare against this one
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Number of replications [default: as the scenario says]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub replications: Option<u32>,
    /// As many replications as it takes to know the differences this precisely, for example 5%, as a part of the
    /// baseline's mean
    #[arg(long, value_name = "SHARE", conflicts_with = "replications")]
    pub precision: Option<Share>,
    /// With a precision: no more than these replications [default: as the scenario says, or 1000]
    #[arg(long, value_name = "N", conflicts_with = "replications", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub at_most: Option<u32>,
    /// Master seed [default: as the scenario says]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    pub seed: Option<u64>,
    /// Number of threads, up to 1024 [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Where to put the results, replacing an earlier result there [default: results/NAME, or results/NAME.trial
    /// where results/NAME holds more replications or variants than this run makes]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to print on standard output: table, json or csv
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Output::Table, hide_possible_values = true)]
    pub output: Output,
    /// Five replications, for a first look: the intervals will be wide
    #[arg(long, conflicts_with_all = ["replications", "precision", "at_most"])]
    pub quick: bool,
}

/// Arguments of `sweep`.
#[derive(Debug, Args)]
#[command(after_help = SWEEP_HELP)]
pub struct Sweep {
    /// The scenario and changes to it.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// Go through a range: KEY=FROM..TO:log8 takes eight values with even ratios, :lin8 with even differences;
    /// may be repeated
    #[arg(short = 'P', long = "range", value_name = "KEY=FROM..TO:logN", value_parser = Axis::range)]
    pub ranges: Vec<Axis>,
    /// Go through a list of values; may be repeated
    #[arg(short = 'L', long = "list", value_name = "KEY=A,B,...", value_parser = Axis::list)]
    pub lists: Vec<Axis>,
    /// Show this metric, too; may be repeated [default: the two primary ones]
    #[arg(long = "metric", value_name = "NAME", value_parser = metric)]
    pub metrics: Vec<String>,
    /// Compare only this policy; may be repeated
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
    /// Compare only this variant, with all policies, or only this "policy @ variant"; may be repeated
    #[arg(long = "variant", value_name = "NAME")]
    pub variants: Vec<String>,
    /// Compare against this one
    #[arg(long, value_name = "NAME")]
    pub baseline: Option<String>,
    /// Number of replications at each point [default: as the scenario says]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub replications: Option<u32>,
    /// Master seed [default: as the scenario says]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    pub seed: Option<u64>,
    /// Number of threads, up to 1024 [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Where to put the results, replacing an earlier result there [default: results/NAME.sweep, or
    /// results/NAME.sweep.trial where the former holds what this run does not make]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What to print on standard output: table, json or csv
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Output::Table, hide_possible_values = true)]
    pub output: Output,
    /// Five replications, for a first look: the intervals will be wide
    #[arg(long, conflicts_with = "replications")]
    pub quick: bool,
}

const SWEEP_HELP: &str =
    "Keys are those of --set, values keep their units: -P recipients.mx.slots=10..1000:log5
-L policies.exim.backoff.exponential.jitter=none,full goes through all ten combinations. Every point has the
same random numbers. An interrupted sweep goes on where it was when the same command is given again.";

/// Arguments of `policies`.
#[derive(Debug, Args)]
pub struct Policies {
    /// Print these whole, as they can be pasted into a scenario
    #[arg(value_name = "POLICY")]
    pub names: Vec<String>,
    /// What to print: table, json or csv
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Output::Table, hide_possible_values = true)]
    pub output: Output,
}

/// Arguments of `schedule`.
#[derive(Debug, Args)]
pub struct Schedule {
    /// Built-in policies, policies of the scenario named with --scenario, or PROGRAM:FILE [default: all of
    /// the scenario, or with --outage the built-in programs and services]
    #[arg(value_name = "POLICY", required_unless_present_any = ["outage", "scenario"])]
    pub policies: Vec<String>,
    /// Take policies from this scenario, too
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// How far every attempt comes
    #[arg(long, value_enum, default_value_t = StageArg::Greeting)]
    pub stage: StageArg,
    /// When the first queue scan or run comes after the first arrival, or random [default: together, or as
    /// the policy says]
    #[arg(long, value_name = "DURATION")]
    pub phase: Option<PhaseArg>,
    /// Follow so many messages of one host for one destination
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub messages: u32,
    /// From the arrival of one message to the next [default: they arrive together]
    #[arg(long, value_name = "DURATION", requires = "messages")]
    pub spacing: Option<Duration>,
    /// How long every attempt takes until it fails [default: 0s for one message, 100ms for several, with
    /// --stage timeout as long as the policy waits for a connection]
    #[arg(long, value_name = "DURATION")]
    pub takes: Option<Duration>,
    /// Follow the messages until one of them was tried so many times
    #[arg(long, value_name = "N", default_value_t = 1000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub attempts: u32,
    /// Instead: what do outages of these lengths cost a message, as in --outage 1h,4h,24h?
    #[arg(long, value_name = "DURATIONS", value_delimiter = ',', conflicts_with_all = ["messages", "spacing", "attempts"])]
    pub outage: Vec<Duration>,
    /// Draw a picture of it, too
    #[arg(long, value_name = "FILE.png")]
    pub plot: Option<PathBuf>,
    /// What to print: table, markdown, json or csv
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Table, hide_possible_values = true)]
    pub output: Form,
    /// Seed of policies that draw lots
    #[arg(long, value_name = "N", default_value_t = 421, allow_negative_numbers = true, value_parser = count)]
    pub seed: u64,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_HELP)]
pub struct Export {
    /// A built-in policy, a policy of the scenario named with --scenario, or PROGRAM:FILE
    #[arg(value_name = "POLICY")]
    pub policy: String,
    /// For which program, or as a policy table of a scenario
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub to: Target,
    /// Take the policy from this scenario
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
}

const EXPORT_HELP: &str =
    "What the program cannot express is said on standard error. If it cannot put mail off
like the policy at all, nothing is printed and the exit code is 1.";

/// What a policy can be exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// `main.cf`
    Postfix,
    /// main options, transport and retry section
    Exim,
    /// options of sendmail.cf
    Sendmail,
    /// outbound.ini
    Haraka,
    /// init.lua
    Kumomta,
    /// queue.schedule
    Stalwart,
    /// a policy table of a scenario
    Scenario,
}

/// Arguments of `trace`.
#[derive(Debug, Args)]
pub struct Trace {
    /// The scenario and changes to it.
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The policy to follow [default: the first]
    #[arg(long, value_name = "NAME")]
    pub policy: Option<String>,
    /// The change or the "policy @ change" to follow [default: the first]
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// The replication to follow
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..))]
    pub replication: u32,
    /// Master seed [default: as the scenario says]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = count)]
    pub seed: Option<u64>,
    /// Stop after so many lines
    #[arg(long, value_name = "N", default_value_t = 10_000, allow_negative_numbers = true)]
    #[arg(value_parser = count)]
    pub lines: u64,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// A directory that `compare` or `sweep` wrote
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// What to print on standard output: table, json or csv
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Output::Table, hide_possible_values = true)]
    pub output: Output,
    /// Print a study report to be completed, along the checklist STRESS-DES in Markdown, and change nothing
    #[arg(long, conflicts_with = "output")]
    pub study: bool,
}

/// Arguments of `rerun`.
#[derive(Debug, Args)]
#[command(after_help = RERUN_HELP)]
pub struct Rerun {
    /// A directory that `compare` or `sweep` wrote
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
    /// Number of threads, up to 1024 [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Keep the new results there [default: they are made beside DIR, and removed after they were compared]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

const RERUN_HELP: &str =
    "Exit codes: 0 every file is the same, byte for byte; 1 some differ; 3 the manifest cannot be read.";

/// Arguments of `validate`.
#[derive(Debug, Args)]
pub struct Validate {
    /// A first look within seconds: only faults of several per cent are found
    #[arg(long)]
    pub quick: bool,
    /// Instead: reproduce what others have published of retries, simulations and constants
    #[arg(long, conflicts_with = "table")]
    pub published: bool,
    /// Of that, only the clients under optimistic locking of the AWS Architecture Blog, with any number of them
    #[arg(long, conflicts_with_all = ["published", "models"])]
    pub aws: bool,
    /// How many clients there are, as in --clients 10,75,300 [default: those of the table]
    #[arg(
        long,
        value_name = "N,...",
        value_delimiter = ',',
        requires = "aws",
        allow_negative_numbers = true
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_CLIENTS)))]
    pub clients: Vec<u32>,
    /// Values to compare with, in CSV with the columns model, params, quantity, value and source; with --aws clients,
    /// strategy, runs, time_mean, time_sd, calls_mean and calls_sd [default: the built-in table]
    #[arg(long, value_name = "FILE")]
    pub table: Option<PathBuf>,
    /// Draw calls and time against the number of these clients, too
    #[arg(long, value_name = "FILE.png")]
    pub plot: Option<PathBuf>,
    /// Instead: how often do intervals cover exactly known values? Takes minutes
    #[arg(long, conflicts_with_all = ["quick", "table", "models", "published", "aws", "plot"])]
    pub coverage: bool,
    /// Only rows of this model; may be repeated
    #[arg(long = "model", value_name = "NAME")]
    pub models: Vec<String>,
    /// Number of threads, up to 1024 [default: all cores]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// What to print: table, markdown, json or csv
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Table, hide_possible_values = true)]
    pub output: Form,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
