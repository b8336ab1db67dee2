//! `schedule`: when a message that always fails is tried, and what outages cost it.

mod outage;

use std::path::Path;
use std::sync::Arc;

use super::args::Schedule;
use super::failure::Failure;
use super::policy_argument;
use super::terminal::Terminal;
use super::values::{Form, PhaseArg};
use crate::mta::{self, Group};
use crate::random::Key;
use crate::report::schedule::{self, Followed};
use crate::report::tables::Style;
use crate::report::{Layout, directory};
use crate::scenario::{PolicyChoice, Scenario, lower};
use crate::sender::schedule::{Limits, Mail};
use crate::sender::{self, Phases, Policy, Runner};
use crate::smtp::{Code, Failure as Refusal, Stage};
use crate::time::Span;

/// How long an attempt takes when several messages are followed: some round trips.
const SHORT_SESSION: Span = Span::from_micros(100_000);

/// Most time from the first arrival to the last, and to the first scan or run.
const LONGEST: Span = Span::from_seconds(30 * 86_400);
/// Longest attempt.
const LONGEST_ATTEMPT: Span = Span::from_seconds(86_400);

pub(super) fn run(arguments: &Schedule, terminal: &Terminal) -> Result<(), Failure> {
    refuse_nonsense(arguments)?;
    let own = policy_argument::scenario_of(arguments.scenario.as_ref(), terminal)?;
    let names: Vec<&str> = match (arguments.policies.as_slice(), &own) {
        ([], None) => real_senders().collect(),
        ([], Some(scenario)) => scheduled(scenario).collect(),
        (named, _) => named.iter().map(String::as_str).collect(),
    };
    let found = names.into_iter().map(|name| find(name, own.as_ref(), terminal));
    let policies: Vec<Arc<Policy>> = found.collect::<Result<_, _>>()?;
    match arguments.outage.as_slice() {
        [] => follow_all(&policies, arguments, terminal),
        _ => outage::run(&policies, arguments, terminal),
    }
}

/// What would only be found out in the middle.
fn refuse_nonsense(arguments: &Schedule) -> Result<(), Failure> {
    if let Some(file) = &arguments.plot
        && file.extension().is_none_or(|extension| extension != "png")
    {
        return Err(Failure::Usage(format!(
            "pictures are PNG files: call it {}",
            file.with_extension("png").display()
        )));
    }
    let spacing = arguments.spacing.map_or(0, |spacing| spacing.span().as_micros());
    if spacing.saturating_mul(i64::from(arguments.messages) - 1) > LONGEST.as_micros() {
        return Err(Failure::Usage(format!(
            "the last message must arrive within {LONGEST}: take fewer --messages or a shorter --spacing"
        )));
    }
    if let Some(PhaseArg::After(phase)) = arguments.phase
        && phase.span() > LONGEST
    {
        return Err(Failure::Usage(format!("a --phase of {phase} is more than {LONGEST}")));
    }
    match arguments.takes {
        Some(takes) if takes.span() > LONGEST_ATTEMPT => {
            Err(Failure::Usage(format!("an attempt that --takes {takes} is longer than {LONGEST_ATTEMPT}")))
        }
        _ => Ok(()),
    }
}

/// Prints when messages are tried.
fn follow_all(policies: &[Arc<Policy>], arguments: &Schedule, terminal: &Terminal) -> Result<(), Failure> {
    let followed: Vec<Followed> = policies
        .iter()
        .map(|policy| Followed {
            policy: policy.name.clone(),
            messages: follow(policy, arguments, arguments.seed, arguments.messages),
        })
        .collect();
    match arguments.output {
        Form::Table | Form::Markdown => {
            terminal.print(&schedule::table(&followed, layout(arguments.output, terminal)))?;
        }
        Form::Csv => {
            let text = schedule::to_csv(&followed)?;
            terminal.with_stdout(|out| out.write_all(&text))?;
        }
        Form::Json => {
            let text = schedule::to_json(&followed).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)?;
        }
    }
    let notes = notes(policies, arguments);
    if let Some(file) = &arguments.plot {
        write_picture(file, &schedule::picture(&followed, &notes, arguments.seed))?;
    }
    notes.iter().for_each(|note| terminal.say(&format!("note: {note}")));
    Ok(())
}

/// The names of the programs and services that are built in.
fn real_senders() -> impl Iterator<Item = &'static str> {
    let real = mta::presets().iter().filter(|preset| matches!(preset.group, Group::Program | Group::Service));
    real.map(|preset| preset.name)
}

/// The names of the policies of a scenario that have a schedule.
fn scheduled(scenario: &Scenario) -> impl Iterator<Item = &str> {
    let policies = scenario.policies.iter().filter(|(_, choice)| matches!(choice, PolicyChoice::Policy(_)));
    policies.map(|(name, _)| name.as_str())
}

fn layout(form: Form, terminal: &Terminal) -> Layout {
    match form {
        Form::Markdown => Layout::Markdown,
        _ => Layout::Terminal(Style { colours: terminal.colours_on_stdout(), width: terminal.width() }),
    }
}

fn write_picture(file: &Path, png: &[u8]) -> Result<(), Failure> {
    directory::write_file(file, png).map_err(Failure::Report)
}

/// The policy of this name, ready to run.
fn find(name: &str, own: Option<&Scenario>, terminal: &Terminal) -> Result<Arc<Policy>, Failure> {
    match policy_argument::find(name, own, terminal)? {
        Some(PolicyChoice::Policy(policy)) => {
            let policy = lower::policy(&policy_argument::label(name), &policy);
            policy.map(Arc::new).map_err(|error| Failure::Scenario(error.to_string()))
        }
        Some(PolicyChoice::Clairvoyant) => Err(Failure::Usage(format!(
            "\"{name}\" is the clairvoyant: it is never refused, so that it has no schedule"
        ))),
        None => Err(Failure::Usage(policy_argument::unknown(name, own))),
    }
}

/// How every attempt fails.
fn refusal(arguments: &Schedule) -> Refusal {
    let stage = Stage::from(arguments.stage);
    let code = (!matches!(stage, Stage::Refused | Stage::Timeout)).then_some(Code::SERVICE_NOT_AVAILABLE);
    Refusal::new(stage, code)
}

/// How long every attempt takes. Several messages must be under way at once to show what they are to each
/// other.
fn attempt_takes(policy: &Policy, arguments: &Schedule) -> Span {
    match (arguments.takes, Stage::from(arguments.stage)) {
        (Some(takes), _) => takes.span(),
        (None, Stage::Timeout) => policy.connections.connect_timeout,
        (None, _) if arguments.messages > 1 => SHORT_SESSION,
        (None, _) => Span::ZERO,
    }
}

fn follow(policy: &Arc<Policy>, arguments: &Schedule, seed: u64, messages: u32) -> Vec<sender::Schedule> {
    let limits = Limits {
        attempts: arguments.attempts as usize,
        attempt_takes: attempt_takes(policy, arguments),
        phases: match arguments.phase {
            None => Phases::Aligned,
            Some(PhaseArg::After(phase)) => Phases::At(phase.span()),
            Some(PhaseArg::Random) => Phases::Drawn,
        },
        ..Limits::default()
    };
    let spacing = arguments.spacing.map_or(Span::ZERO, Span::from);
    let mail = Mail { messages, spacing };
    sender::schedules(policy, refusal(arguments), Key::new(seed, 0), mail, limits)
}

/// What a reader must know to compare these times with those of a real sender.
fn notes(policies: &[Arc<Policy>], arguments: &Schedule) -> Vec<String> {
    let named = |wanted: &dyn Fn(&Arc<Policy>) -> bool| {
        let names: Vec<&str> =
            policies.iter().filter(|policy| wanted(policy)).map(|policy| policy.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let mail = match arguments.messages {
        1 => "one message on a host of its own".to_owned(),
        messages => format!("{messages} messages of one host for one destination"),
    };
    let mut notes = vec![match (Stage::from(arguments.stage), arguments.takes) {
        (Stage::Timeout, None) => format!("{mail}; every attempt lasts until the sender gives up connecting"),
        (stage, Some(takes)) => format!("{mail}; every attempt fails after {takes} ({stage})"),
        (stage, None) if arguments.messages > 1 => {
            format!("{mail}; every attempt fails after {SHORT_SESSION} ({stage})")
        }
        (stage, None) => format!("{mail}; every attempt is answered at once ({stage})"),
    }];
    let phase = match arguments.phase {
        None => "at phase 0, in step with the first arrival, unless the policy sets a phase".to_owned(),
        Some(PhaseArg::After(phase)) => format!("{phase} after the first arrival"),
        Some(PhaseArg::Random) => format!("where seed {} puts them", arguments.seed),
    };
    let runs = named(&|policy| matches!(policy.runner, Runner::Scan(_) | Runner::QueueRun(_)));
    notes.extend(runs.map(|names| format!("queue scans and runs lie {phase} ({names})")));
    // Lots that come out alike under two seeds are none that matter.
    let lots = named(&|policy| {
        let [one, other] = [0, 1].map(|more| follow(policy, arguments, arguments.seed.wrapping_add(more), 1));
        one != other
    });
    notes.extend(lots.map(|names| {
        format!("one draw of many, with seed {}; --seed N draws another ({names})", arguments.seed)
    }));
    if arguments.messages > 1 {
        notes.push(format!(
            "mail that is due at the same instant is tried in an order drawn with seed {}",
            arguments.seed
        ));
    }
    notes
}
