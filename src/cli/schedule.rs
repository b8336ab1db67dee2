//! `schedule`: when a message that always fails is tried.

use std::sync::Arc;

use super::args::{Output, ScenarioArgs, Schedule};
use super::failure::Failure;
use super::load::load;
use super::terminal::Terminal;
use crate::random::Key;
use crate::report::schedule::{self, Followed};
use crate::report::tables::Style;
use crate::scenario::{self, PolicyChoice, Scenario, lower};
use crate::sender::backoff::{self, Growth, Jitter};
use crate::sender::schedule::Limits;
use crate::sender::{self, Phases, Policy, Runner};
use crate::smtp::{Code, Failure as Refusal, Stage};
use crate::time::Span;

pub(super) fn run(arguments: &Schedule, terminal: &Terminal) -> Result<(), Failure> {
    let own = match &arguments.scenario {
        Some(file) => {
            let file = ScenarioArgs { scenario: file.clone(), set: Vec::new() };
            Some(load(&file, &[], terminal)?.scenario)
        }
        None => None,
    };
    let found = arguments.policies.iter().map(|name| find(name, own.as_ref()));
    let policies: Vec<Arc<Policy>> = found.collect::<Result<_, _>>()?;
    let followed: Vec<Followed> = policies.iter().map(|policy| follow(policy, arguments)).collect();
    match arguments.output {
        Output::Table => {
            let style = Style { colours: terminal.colours_on_stdout(), width: terminal.width() };
            terminal.print(&schedule::table(&followed, style))?;
        }
        Output::Csv => {
            let text = schedule::to_csv(&followed)?;
            terminal.with_stdout(|out| out.write_all(&text))?;
        }
        Output::Json => {
            let text = schedule::to_json(&followed).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)?;
        }
    }
    for note in notes(&policies, arguments) {
        terminal.say(&note);
    }
    Ok(())
}

/// The policy of this name: the scenario's own before those that are built in.
fn find(name: &str, own: Option<&Scenario>) -> Result<Arc<Policy>, Failure> {
    let written = own.and_then(|scenario| scenario.policies.get(name).cloned());
    match written.or_else(|| scenario::preset(name)) {
        Some(PolicyChoice::Policy(policy)) => {
            let policy = lower::policy(name, &policy);
            policy.map(Arc::new).map_err(|error| Failure::Scenario(error.to_string()))
        }
        Some(PolicyChoice::Clairvoyant) => Err(Failure::Usage(format!(
            "\"{name}\" is the clairvoyant: it is never refused, so that it has no schedule"
        ))),
        None => Err(Failure::Usage(unknown(name, own))),
    }
}

fn unknown(name: &str, own: Option<&Scenario>) -> String {
    let names = own.into_iter().flat_map(|scenario| scenario.policies.keys().map(|name| name.as_str()));
    format!("there is no policy \"{name}\"; {}", scenario::policy_help(name, names))
}

fn follow(policy: &Arc<Policy>, arguments: &Schedule) -> Followed {
    let stage = Stage::from(arguments.stage);
    let code = (!matches!(stage, Stage::Refused | Stage::Timeout)).then_some(Code::SERVICE_NOT_AVAILABLE);
    let limits = Limits {
        attempts: arguments.attempts as usize,
        attempt_takes: match stage {
            Stage::Timeout => policy.connections.connect_timeout,
            _ => Span::ZERO,
        },
        phases: Phases::Aligned,
        ..Limits::default()
    };
    let schedule = sender::schedule(policy, Refusal { stage, code }, Key::new(arguments.seed, 0), limits);
    Followed { policy: policy.name.clone(), schedule }
}

/// What a reader must know to compare these times with those of a real sender.
fn notes(policies: &[Arc<Policy>], arguments: &Schedule) -> Vec<String> {
    let named = |wanted: fn(&Policy) -> bool| {
        let names: Vec<&str> =
            policies.iter().filter(|policy| wanted(policy)).map(|policy| policy.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    let mut notes = vec![match Stage::from(arguments.stage) {
        Stage::Timeout => "note: one message on a host of its own; every attempt lasts until the sender \
                           gives up connecting"
            .to_owned(),
        stage => {
            format!("note: one message on a host of its own; every attempt is answered at once ({stage})")
        }
    }];
    notes.extend(named(has_runs).map(|names| {
        format!(
            "note: queue scans and runs lie at phase 0, in step with the arrival, unless the policy sets \
                 a phase ({names})"
        )
    }));
    notes.extend(named(draws_lots).map(|names| {
        format!("note: one draw of many, with seed {}; --seed N draws another ({names})", arguments.seed)
    }));
    notes
}

fn has_runs(policy: &Policy) -> bool {
    matches!(policy.runner, Runner::Scan(_) | Runner::QueueRun(_))
}

fn draws_lots(policy: &Policy) -> bool {
    let by_rule = match &policy.backoff.growth {
        Growth::EximRule(rule) => {
            let mut kinds = rule.segments().iter().map(|segment| segment.kind);
            kinds.any(|kind| matches!(kind, backoff::Kind::Randomised { .. }))
        }
        _ => false,
    };
    by_rule || policy.backoff.jitter != Jitter::None
}
