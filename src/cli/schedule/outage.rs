//! `schedule --outage`: what outages cost one message.

use std::sync::Arc;

use super::super::args::Schedule;
use super::super::failure::Failure;
use super::super::terminal::Terminal;
use super::super::values::{Form, PhaseArg};
use super::{attempt_takes, layout, refusal, write_picture};
use crate::report::outage::{self, Recovered};
use crate::sender::Policy;
use crate::sender::outage::{Question, recovery};
use crate::time::Span;

/// Messages over which policies that draw lots are averaged.
const DRAWS: u32 = 4000;
/// Longest outage that is asked about.
const LONGEST: Span = Span::from_seconds(366 * 86_400);
/// Most outages that are asked about.
const MOST: usize = 50;
/// Points of a curve in the picture, between the outages that are asked about.
const POINTS: i32 = 160;

pub(super) fn run(
    policies: &[Arc<Policy>],
    arguments: &Schedule,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let asked = lengths(arguments)?;
    let phase = match arguments.phase {
        None => Span::ZERO,
        Some(PhaseArg::After(phase)) => phase.span(),
        Some(PhaseArg::Random) => {
            return Err(Failure::Usage(
                "--outage takes means over all phases already; give --phase a duration to move the scans and \
                 runs that the message at the start of the outage meets"
                    .to_owned(),
            ));
        }
    };
    let question = |policy: &Arc<Policy>| Question {
        policy: policy.clone(),
        failure: refusal(arguments),
        attempt_takes: attempt_takes(policy, arguments),
        phase,
        seed: arguments.seed,
        draws: DRAWS,
    };
    let mut recovered: Vec<Recovered> = Vec::new();
    let mut hasty: Vec<&str> = Vec::new();
    for policy in policies {
        match recovery(&question(policy), &with_curve(&asked, arguments)) {
            Some(recovery) => recovered.push(Recovered { policy: policy.name.clone(), recovery }),
            None => hasty.push(&policy.name),
        }
    }
    if let Some(file) = &arguments.plot {
        write_picture(file, &outage::picture(&recovered, &asked, &circumstances(arguments), arguments.seed))?;
    }
    for one in &mut recovered {
        one.recovery.effects.truncate(asked.len());
    }
    print(&recovered, arguments, terminal)?;
    terminal.say(&format!("note: {}", circumstances(arguments)));
    terminal.say(&format!("note: {}", phase_at_start(arguments)));
    if !hasty.is_empty() {
        terminal.say(&format!(
            "note: left out, because they try 200000 times before the outage is over: {}",
            hasty.join(", ")
        ));
    }
    Ok(())
}

fn print(recovered: &[Recovered], arguments: &Schedule, terminal: &Terminal) -> Result<(), Failure> {
    match arguments.output {
        Form::Table | Form::Markdown => {
            terminal.print(&outage::table(recovered, layout(arguments.output, terminal)))
        }
        Form::Csv => {
            let text = outage::to_csv(recovered)?;
            terminal.with_stdout(|out| out.write_all(&text))
        }
        Form::Json => {
            let text = outage::to_json(recovered).map_err(|error| Failure::Output(error.into()))?;
            terminal.print(&text)
        }
    }
}

/// The lengths that are asked about.
fn lengths(arguments: &Schedule) -> Result<Vec<Span>, Failure> {
    let lengths: Vec<Span> = arguments.outage.iter().map(|length| length.span()).collect();
    if let Some(wrong) = lengths.iter().find(|&&length| length <= Span::ZERO || length > LONGEST) {
        return Err(Failure::Usage(format!(
            "an outage of {wrong} makes no sense here: it must be longer than 0s and last at most {LONGEST}"
        )));
    }
    if lengths.len() > MOST {
        return Err(Failure::Usage(format!(
            "{} outages are too many: ask for at most {MOST}",
            lengths.len()
        )));
    }
    Ok(lengths)
}

/// The lengths that are asked about, and after them those of a curve where one is wanted.
fn with_curve(asked: &[Span], arguments: &Schedule) -> Vec<Span> {
    let mut lengths = asked.to_vec();
    let ends = asked.iter().copied().min().zip(asked.iter().copied().max());
    if let Some((shortest, longest)) = ends.filter(|_| arguments.plot.is_some()) {
        let shortest = if shortest == longest { longest / 10 } else { shortest };
        let shortest = shortest.max(Span::MICROSECOND);
        let ratio = longest.as_seconds() / shortest.as_seconds();
        let curve = (0..POINTS).map(|point| shortest.scale(ratio.powf(f64::from(point) / f64::from(POINTS))));
        lengths.extend(curve.map(|length| length.min(longest)));
    }
    lengths
}

/// Under what circumstances the numbers hold.
fn circumstances(arguments: &Schedule) -> String {
    format!(
        "One message on a host of its own. During the outage every attempt fails ({}); once it is over the server \
         accepts at once. Means are over arrivals at any instant of the outage and over all phases of scans and runs.",
        refusal(arguments).stage()
    )
}

/// Where the message at the start of the outage meets scans and runs.
fn phase_at_start(arguments: &Schedule) -> String {
    let phase = match arguments.phase {
        Some(PhaseArg::After(phase)) => format!("{phase} after its arrival"),
        _ => "in step with its arrival".to_owned(),
    };
    format!("For the message at the start of the outage scans and runs lie {phase}.")
}
