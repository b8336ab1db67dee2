//! What a policy and a scenario mean together: whether simulated time can stand still, and how often
//! one message may be tried.

use std::ops::Range;

use super::judge::Judge;
use super::policy;
use crate::quantity::Duration;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::written::{Backoff, Jitter, Memory, Policy, Runner, WrittenScenario};
use crate::sender::backoff::{EximRule, Kind as RuleKind};
use crate::time::Span;

/// The most attempts of one message: the field that counts them must hold it, and a run must end.
const MOST_ATTEMPTS: u32 = 500_000;

/// Judges the retries of a policy, named at this place, in a scenario.
pub fn retries(judge: &mut Judge, written: &WrittenScenario, named: Range<usize>, policy: &Policy) {
    let bounded = policy.lifetime.attempts.as_ref().is_some_and(|attempts| **attempts <= MOST_ATTEMPTS);
    if bounded || !is_sound(policy) {
        return;
    }
    let at_once =
        matches!(*policy.runner, Runner::Timer | Runner::OnePause(_)) && can_be_zero(&policy.backoff);
    let instant = written.recipients.values().find(|recipient| recipient.round_trip.span() == Span::ZERO);
    if let (true, Some(recipient)) = (at_once, instant) {
        judge.contradiction(
            named,
            "simulated time would stand still: this retries without delay, and the recipient answers in no time",
            (recipient.round_trip.place(), "no time"),
            "give the recipient a `round_trip`, the policy a delay, or its lifetime a number of `attempts`",
        );
        return;
    }
    let round_trip = written.recipients.values().map(|recipient| recipient.round_trip.span()).min();
    if attempts(policy, written.horizon.span(), round_trip.unwrap_or(Span::ZERO)) > MOST_ATTEMPTS {
        let message = format!("with this policy one message could be tried more than {MOST_ATTEMPTS} times");
        judge.add(
            Finding::error(Kind::Size, named, message)
                .related(written.horizon.place(), "until the horizon")
                .help("write longer delays, an earlier `horizon`, or `lifetime = { attempts = 1000 }`"),
        );
    }
}

/// Whether the policy means something, so that its delays can be added up.
fn is_sound(policy: &Policy) -> bool {
    let mut alone = Judge::default();
    policy::policy(&mut alone, policy);
    !alone.findings.has_errors()
}

/// Whether there is a retry without any delay. A random delay that may come near zero is none.
pub fn can_be_zero(backoff: &Backoff) -> bool {
    let lengthened = |jitter: &Jitter| matches!(jitter, Jitter::Additive(by) if by.span() > Span::ZERO);
    if backoff.jitter().is_some_and(|jitter| lengthened(jitter)) {
        return false;
    }
    let zero = |delay: &Duration| delay.span() == Span::ZERO;
    match backoff {
        Backoff::Immediate => true,
        Backoff::Fixed(part) => zero(&part.every),
        Backoff::Linear(part) => zero(&part.step),
        Backoff::Exponential(part) => zero(&part.initial),
        Backoff::Polynomial(part) | Backoff::Milestones(part) => zero(&part.unit),
        Backoff::AgeDoubling(part) => zero(&part.min),
        Backoff::AgeSteps(part) => part.steps.iter().any(|step| zero(&step.every)) || zero(&part.then),
        Backoff::List(part) => part.delays.iter().any(|delay| zero(delay)),
        // The first retry after no time at all, or every one.
        Backoff::CountPower(part) => {
            zero(&part.plus) && zero(&part.spread) || part.max.as_ref().is_some_and(|max| zero(max))
        }
        Backoff::EximRule(_)
        | Backoff::SmoothExponential(_)
        | Backoff::FinagleEqual(_)
        | Backoff::FinagleExponential(_) => false,
    }
}

/// Whether a memory puts mail off without a connection, by the message's own backoff.
fn puts_off(memory: &Memory) -> bool {
    match memory {
        Memory::None
        | Memory::HostRecord(_)
        | Memory::AdaptiveThrottle(_)
        | Memory::AimdWindow(_)
        | Memory::AimdRate(_) => false,
        Memory::DeadSite(_)
        | Memory::HostStatus(_)
        | Memory::RoutePenalty(_)
        | Memory::ConnectTimeouts(_)
        | Memory::ConsecutiveFailures(_)
        | Memory::RetryBudget(_)
        | Memory::CircuitBreaker(_)
        | Memory::ClientThrottle(_) => true,
    }
}

/// About how often one message is tried or put off, at most one more than [`MOST_ATTEMPTS`]: mean delays one after the other,
/// each at least a round trip and the pause of the runner, until the run or the lifetime ends.
fn attempts(policy: &Policy, horizon: Span, round_trip: Span) -> u32 {
    let end = policy.lifetime.age.as_ref().map_or(horizon, |age| age.span().min(horizon)).as_seconds();
    let pause = match &*policy.runner {
        Runner::Timer | Runner::OnePause(_) => Span::ZERO,
        Runner::Scan(scan) => scan.every.span(),
        Runner::QueueRun(run) => run.every.span(),
    };
    let least = round_trip.max(pause).as_seconds();
    // What is put off without a connection takes no round trip. Without any delay it waits for its memory.
    let least_delayed = if puts_off(&policy.memory) { pause.as_seconds() } else { least };
    let rules: Vec<EximRule> = match &*policy.backoff {
        Backoff::EximRule(part) => {
            let parsed = part.rules().map(|rule| EximRule::parse(rule, part.max_interval.span()));
            parsed.filter_map(Result::ok).collect()
        }
        _ => Vec::new(),
    };
    let (mut age, mut count) = (0.0, 1);
    while age < end && count <= MOST_ATTEMPTS {
        let delay = delay(&policy.backoff, &rules, count, age);
        age += delay.max(if delay > 0.0 { least_delayed } else { least });
        count += 1;
    }
    count
}

/// The mean delay in seconds after the failure of this number, at this age.
fn delay(backoff: &Backoff, rules: &[EximRule], failures: u32, age: f64) -> f64 {
    let count = f64::from(failures);
    let capped = |delay: f64, max: Option<Span>| max.map_or(delay, |max| delay.min(max.as_seconds()));
    let delay = match backoff {
        Backoff::Immediate => 0.0,
        Backoff::Fixed(part) => part.every.span().as_seconds(),
        Backoff::Linear(part) => {
            capped(part.step.span().as_seconds() * count, part.max.as_ref().map(|max| max.span()))
        }
        Backoff::Exponential(part) => {
            let power = part.factor.powf(count - 1.0);
            let power = if part.whole_factor { power.floor() } else { power };
            let uncapped = part.initial.span().as_seconds() * power;
            capped(uncapped, part.max.as_ref().map(|max| max.span()))
        }
        Backoff::Polynomial(part) | Backoff::Milestones(part) => {
            part.unit.span().as_seconds() * count.powf(*part.power) - age
        }
        Backoff::AgeDoubling(part) => {
            capped(age, part.max.as_ref().map(|max| max.span())).max(part.min.span().as_seconds())
        }
        Backoff::AgeSteps(part) => {
            let step = part.steps.iter().find(|step| age < step.younger_than.span().as_seconds());
            step.map_or(part.then.span(), |step| step.every.span()).as_seconds()
        }
        Backoff::List(part) => {
            // What repeats comes round again and again: what counts is how long a round takes.
            let repeat = (*part.repeat as usize).max(1);
            match part.delays.get(failures as usize - 1) {
                Some(delay) => delay.span().as_seconds(),
                None => {
                    let round = part.delays.iter().rev().take(repeat);
                    round.map(|delay| delay.span().as_seconds()).sum::<f64>() / repeat as f64
                }
            }
        }
        Backoff::CountPower(part) => {
            let grown = part.unit.span().as_seconds() * (count - 1.0).powf(*part.power);
            let mean = part.plus.span().as_seconds() + grown + part.spread.span().as_seconds() * count / 2.0;
            capped(mean, part.max.as_ref().map(|max| max.span()))
        }
        // The mean is 0.515 of what doubles, which it never falls below.
        Backoff::SmoothExponential(part) => {
            let mean = part.base.span().as_seconds() * 0.5 * (count - 1.0).exp2();
            capped(mean, part.max.as_ref().map(|max| max.span()))
        }
        Backoff::FinagleEqual(part) => {
            capped(part.start.span().as_seconds() * 0.75 * (count - 1.0).exp2(), Some(part.max.span()))
        }
        // The mean is the start times 2^((k-1)(k-2)/2), so this is too short.
        Backoff::FinagleExponential(part) => {
            capped(part.start.span().as_seconds() * (count - 2.0).exp2(), Some(part.max.span()))
        }
        Backoff::EximRule(_) => rules.iter().map(|rule| least_gap(rule, age)).fold(f64::INFINITY, f64::min),
    };
    delay * backoff.jitter().map_or(1.0, |jitter| mean_factor(jitter))
}

/// The least gap that a rule has at an age: growth makes it only longer.
fn least_gap(rule: &EximRule, age: f64) -> f64 {
    let applies = rule.segments().iter().find(|segment| age <= segment.cutoff.as_seconds());
    applies.or(rule.segments().last()).map_or(f64::INFINITY, |segment| match segment.kind {
        RuleKind::Fixed { every: gap }
        | RuleKind::Geometric { least: gap, .. }
        | RuleKind::Randomised { least: gap, .. } => gap.as_seconds(),
    })
}

fn mean_factor(jitter: &Jitter) -> f64 {
    match jitter {
        Jitter::Full | Jitter::FullSteps(_) => 0.5,
        Jitter::Equal => 0.75,
        Jitter::Lengthened(share) => 1.0 + share.fraction() / 2.0,
        _ => 1.0,
    }
}
