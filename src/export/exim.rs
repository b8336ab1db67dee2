//! Main options, a transport and a retry section.

use super::text::{UNITS, head, messages, one_unit, time};
use super::{ExportError, Written, delays};
use crate::mta::native::Dialect;
use crate::scenario::written::{Backoff, Exponential, Jitter, Memory, Policy, Runner};
use crate::time::Span;

/// Writes the parts of a configuration that make up the policy.
pub fn write(policy: &Policy) -> Result<Written, ExportError> {
    let rule = rule(policy)?;
    let run = match &*policy.runner {
        Runner::QueueRun(run) => Some(run),
        _ => None,
    };
    let start = run.map(|run| format!("Start Exim with -q{}.", time(&run.every)));
    let mut text = head(policy, "#", &["Exim: main options, then the transport, then the retry section."]);
    text += &start.map(|start| format!("# {start}\n")).unwrap_or_default();
    if let Some(run) = run {
        text += &format!("queue_run_max = {}\n", run.workers);
    }
    text += &format!("retry_interval_max = {}\n", rule.most);
    if let Memory::HostRecord(record) = &*policy.memory {
        text += &format!("retry_data_expire = {}\n", time(&record.forget_after));
    }
    let warning = policy.lifetime.warn_after.as_ref().map_or("0s".to_owned(), time);
    text += &format!("delay_warning = {warning}\n\nbegin transports\n\n{}", transport(policy));
    text += &format!("\nbegin retry\n\n{}", rule.lines);
    Ok(Written { text, queue_interval: run.map(|run| run.every.to_string()) })
}

fn transport(policy: &Policy) -> String {
    let connections = &policy.connections;
    let mut text = "remote_smtp:\n  driver = smtp\n".to_owned();
    text += &format!("  connection_max_messages = {}\n", messages(connections).unwrap_or(1));
    if let Some(total) = &connections.total {
        text += &format!("  max_parallel = {total}\n");
    }
    if connections.per_destination.as_ref().is_some_and(|limit| **limit == 1) {
        text += "  serialize_hosts = *\n";
    }
    if let Memory::HostRecord(record) = &*policy.memory
        && !record.delay_after_cutoff
    {
        text += "  delay_after_cutoff = false\n";
    }
    text + &format!(
        "  connect_timeout = {}\n  command_timeout = {}\n",
        time(&connections.connect_timeout),
        time(&connections.greeting_timeout)
    )
}

/// The retry section, and the greatest interval.
struct Rule {
    lines: String,
    most: String,
}

/// No interval is longer, where the policy does not say.
const DAY: Span = Span::from_seconds(86_400);

fn rule(policy: &Policy) -> Result<Rule, ExportError> {
    let age = policy.lifetime.age.as_ref().map_or(Span::from_seconds(5 * 86_400), |age| age.span());
    let until = one_unit(age, &UNITS);
    let one = |rule: String, most: Option<Span>| {
        let most = one_unit(most.unwrap_or(age.max(DAY)), &UNITS);
        Ok(Rule { lines: format!("* * {rule}\n"), most })
    };
    match &*policy.backoff {
        Backoff::EximRule(part) => {
            let classes = part.classes.iter().map(|class| format!("* {} {}\n", class.error, class.rule));
            let all = part.rule.iter().map(|rule| format!("* * {rule}\n"));
            let lines = classes.chain(all).collect();
            Ok(Rule { lines, most: one_unit(part.max_interval.span(), &UNITS) })
        }
        Backoff::Exponential(part) if *part.jitter == Jitter::None && whole_thousandths(part) => one(
            format!("G,{until},{},{}", time(&part.initial), *part.factor),
            part.max.as_ref().map(|max| max.span()),
        ),
        // Equal gaps until it is older than one of them, then gaps as long as it is old.
        Backoff::AgeDoubling(part) if *part.jitter == Jitter::None && part.min.span() >= Span::SECOND * 2 => {
            let first = part.min.span();
            let rule =
                format!("F,{},{}; G,{until},{1},2", one_unit(first + first / 2, &UNITS), time(&part.min));
            one(rule, part.max.as_ref().map(|max| max.span()))
        }
        _ => match delays::all(policy).and_then(|delays| steps(&delays, age)) {
            Some(rule) => one(rule, None),
            None => {
                let can = "what comes to at most 100 different delays of whole seconds, without jitter";
                Err(ExportError::Backoff { to: Dialect::Exim, can })
            }
        },
    }
}

fn whole_thousandths(part: &Exponential) -> bool {
    !part.whole_factor && (1.0..=1_000.0).contains(&*part.factor) && (*part.factor * 1_000.0).fract() == 0.0
}

/// Delays as steps of fixed intervals: each step ends half a delay after the attempt that begins its last.
fn steps(delays: &[Span], age: Span) -> Option<String> {
    const MOST: usize = 100;
    let mut steps: Vec<(Span, Span)> = Vec::new();
    let mut at = Span::ZERO;
    for &delay in delays {
        if delay < Span::SECOND * 2 || delay.as_micros() % 1_000_000 != 0 {
            return None;
        }
        let until = at + delay / 2;
        match steps.last_mut() {
            Some((cutoff, every)) if *every == delay => *cutoff = until,
            _ => steps.push((until, delay)),
        }
        at += delay;
    }
    let (cutoff, _) = steps.last_mut()?;
    *cutoff = age.max(*cutoff);
    let step = |&(cutoff, every): &(Span, Span)| {
        let whole = Span::from_seconds(cutoff.as_micros() / 1_000_000);
        format!("F,{},{}", one_unit(whole, &UNITS), one_unit(every, &UNITS))
    };
    (steps.len() <= MOST).then(|| steps.iter().map(step).collect::<Vec<_>>().join("; "))
}
