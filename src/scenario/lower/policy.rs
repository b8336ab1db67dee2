//! Policies: from the written to the running form.

use super::{LowerError, optional, service, span};
use crate::scenario::written;
use crate::sender::backoff::{
    AgeDoubling, AgeStep, AgeSteps, Backoff, CountPower, ErrorClass, EximRule, EximRules, Exponential,
    FinagleEqual, FinagleExponential, Fixed, Growth, Jitter, Linear, List, Milestones, Polynomial, RuleError,
    SmoothExponential,
};
use crate::sender::lifetime::{GiveUp, Lifetime, Notices, Warn};
use crate::sender::memory::{
    ConnectTimeouts, ConsecutiveFailures, DeadSite, Feedback, HostRecord, HostStatus, Memory, RoutePenalty,
    Shared,
};
use crate::sender::runner::{OnePause, Order, Phase, QueueRun, Runner, Scan};
use crate::sender::{Cache, Connections, HandOver, Policy, Reuse};
use crate::time::Span;

/// The running form of a policy.
///
/// # Errors
///
/// When an Exim rule does not read, which [`check`](crate::scenario::check) reports first.
pub fn policy(name: &str, policy: &written::Policy) -> Result<Policy, LowerError> {
    Ok(Policy {
        name: name.to_owned(),
        backoff: backoff(&policy.backoff)?,
        memory: memory(&policy.memory),
        runner: runner(&policy.runner),
        lifetime: lifetime(&policy.lifetime),
        connections: connections(&policy.connections),
        clock: optional(&policy.clock).unwrap_or(Span::ZERO),
    })
}

fn backoff(backoff: &written::Backoff) -> Result<Backoff, LowerError> {
    use written::Backoff as W;
    let growth = match backoff {
        W::Immediate => Growth::Immediate,
        W::Fixed(part) => Growth::Fixed(Fixed { every: span(&part.every) }),
        W::Linear(part) => Growth::Linear(Linear { step: span(&part.step), max: optional(&part.max) }),
        W::Exponential(part) => Growth::Exponential(Exponential {
            initial: span(&part.initial),
            factor: *part.factor,
            whole_factor: part.whole_factor,
            max: optional(&part.max),
        }),
        W::Polynomial(part) => Growth::Polynomial(Polynomial { unit: span(&part.unit), power: *part.power }),
        W::Milestones(part) => Growth::Milestones(Milestones { unit: span(&part.unit), power: *part.power }),
        W::AgeDoubling(part) => {
            Growth::AgeDoubling(AgeDoubling { min: span(&part.min), max: optional(&part.max) })
        }
        W::AgeSteps(part) => Growth::AgeSteps(AgeSteps {
            steps: part
                .steps
                .iter()
                .map(|step| AgeStep { younger_than: span(&step.younger_than), every: span(&step.every) })
                .collect(),
            then: span(&part.then),
        }),
        W::List(part) => Growth::List(List {
            delays: part.delays.iter().map(span).collect(),
            repeat: *part.repeat as usize,
        }),
        W::EximRule(part) => exim_rules(part)?,
        W::CountPower(part) => Growth::CountPower(CountPower {
            unit: span(&part.unit),
            power: *part.power,
            plus: span(&part.plus),
            spread: span(&part.spread),
            parts: part.parts.as_ref().map(|parts| **parts),
            max: optional(&part.max),
        }),
        W::SmoothExponential(part) => {
            Growth::SmoothExponential(SmoothExponential { base: span(&part.base), max: optional(&part.max) })
        }
        W::FinagleEqual(part) => {
            Growth::FinagleEqual(FinagleEqual { start: span(&part.start), max: span(&part.max) })
        }
        W::FinagleExponential(part) => {
            Growth::FinagleExponential(FinagleExponential { start: span(&part.start), max: span(&part.max) })
        }
    };
    Ok(Backoff { growth, jitter: jitter(backoff) })
}

fn exim_rules(part: &written::EximRule) -> Result<Growth, LowerError> {
    let error = |error: RuleError| LowerError::EximRule(error.expected);
    let rule = |text: &str| EximRule::parse(text, span(&part.max_interval)).map_err(error);
    if let (Some(only), []) = (&part.rule, &part.classes[..]) {
        return Ok(Growth::EximRule(rule(only)?));
    }
    let mut rules = Vec::new();
    for class in &part.classes {
        rules.push((class.error.parse::<ErrorClass>().map_err(error)?, rule(&class.rule)?));
    }
    if let Some(other) = &part.rule {
        rules.push((ErrorClass::Any, rule(other)?));
    }
    Ok(Growth::EximRules(EximRules::new(rules)))
}

fn jitter(backoff: &written::Backoff) -> Jitter {
    use written::Jitter as W;
    match backoff.jitter().map(|jitter| &**jitter) {
        None | Some(W::None) => Jitter::None,
        Some(W::Full) => Jitter::Full,
        Some(W::FullSteps(step)) => Jitter::FullSteps(span(step)),
        Some(W::Equal) => Jitter::Equal,
        Some(W::Decorrelated) => decorrelated(backoff, |base, cap| Jitter::Decorrelated { base, cap }),
        Some(W::DecorrelatedBelowCap) => {
            decorrelated(backoff, |base, cap| Jitter::DecorrelatedBelow { base, cap })
        }
        Some(W::DecorrelatedRising) => {
            decorrelated(backoff, |base, cap| Jitter::DecorrelatedRising { base, cap })
        }
        Some(W::Lengthened(share)) => Jitter::Lengthened(share.fraction()),
        Some(W::Compounding(share)) => compounding(backoff, share.fraction()),
        Some(W::Exponential) => Jitter::Exponential,
        Some(W::Proportional(share)) => Jitter::Proportional(share.fraction()),
        Some(W::Additive(most)) => Jitter::Additive(span(most)),
        Some(W::Uniform(most)) => Jitter::Uniform(span(most)),
    }
}

/// Decorrelated jitter takes its bounds from the exponential it replaces.
fn decorrelated(backoff: &written::Backoff, within: impl Fn(Span, Span) -> Jitter) -> Jitter {
    match backoff {
        written::Backoff::Exponential(part) => {
            within(span(&part.initial), optional(&part.max).unwrap_or(Span::FOREVER))
        }
        _ => Jitter::None,
    }
}

/// Compounding jitter takes the factor and the bounds of the exponential it replaces.
fn compounding(backoff: &written::Backoff, share: f64) -> Jitter {
    match backoff {
        written::Backoff::Exponential(part) => Jitter::Compounding {
            base: span(&part.initial),
            factor: *part.factor,
            share,
            cap: optional(&part.max).unwrap_or(Span::FOREVER),
        },
        _ => Jitter::None,
    }
}

fn memory(memory: &written::Memory) -> Memory {
    match memory {
        written::Memory::None => Memory::None,
        written::Memory::HostRecord(part) => Memory::HostRecord(HostRecord {
            stages: part.stages.iter().copied().collect(),
            ultimate: part.ultimate,
            delay_after_cutoff: part.delay_after_cutoff,
            forget_after: Some(span(&part.forget_after)),
        }),
        written::Memory::DeadSite(part) => Memory::DeadSite(DeadSite {
            window: *part.window,
            limit: *part.limit,
            cohorts: *part.cohorts,
            positive: feedback(part.positive),
            negative: feedback(part.negative),
            hysteresis: *part.hysteresis,
            retry_after: span(&part.retry_after),
            stages: part.stages.iter().copied().collect(),
            suppressed: service::suppressed(part.suppressed),
        }),
        written::Memory::RoutePenalty(part) => Memory::RoutePenalty(RoutePenalty {
            base: span(&part.base),
            max: span(&part.max),
            stages: part.stages.iter().copied().collect(),
        }),
        written::Memory::ConnectTimeouts(part) => Memory::ConnectTimeouts(ConnectTimeouts {
            timeouts: *part.timeouts,
            apart: span(&part.apart),
            least: span(&part.least),
            most: span(&part.most),
            step: span(&part.step),
        }),
        written::Memory::ConsecutiveFailures(part) => Memory::ConsecutiveFailures(ConsecutiveFailures {
            failures: *part.failures,
            stages: part.stages.iter().copied().collect(),
        }),
        written::Memory::HostStatus(part) => Memory::HostStatus(HostStatus {
            shared: match part.shared {
                written::Shared::Run => Shared::Run,
                written::Shared::Host => Shared::Host,
            },
            keep: span(&part.keep),
            stages: part.stages.iter().copied().collect(),
        }),
        written::Memory::RetryBudget(part) => Memory::RetryBudget(service::retry_budget(part)),
        written::Memory::CircuitBreaker(part) => Memory::CircuitBreaker(service::circuit_breaker(part)),
        written::Memory::ClientThrottle(part) => Memory::ClientThrottle(service::client_throttle(part)),
        written::Memory::AdaptiveThrottle(part) => Memory::AdaptiveThrottle(service::adaptive_throttle(part)),
        written::Memory::AimdWindow(part) => Memory::AimdWindow(service::aimd_window(part)),
        written::Memory::AimdRate(part) => Memory::AimdRate(service::aimd_rate(part)),
    }
}

fn feedback(written::Feedback { value, over }: written::Feedback) -> Feedback {
    match over {
        written::Over::Number(divisor) => Feedback::Fixed(value / divisor),
        written::Over::Concurrency => Feedback::OverConcurrency(value),
        written::Over::RootOfConcurrency => Feedback::OverRootOfConcurrency(value),
    }
}

fn runner(runner: &written::Runner) -> Runner {
    match runner {
        written::Runner::Timer => Runner::Timer,
        written::Runner::Scan(part) => Runner::Scan(Scan {
            every: span(&part.every),
            slack: span(&part.slack),
            late: part.late.as_ref().map_or(0.0, |late| late.fraction()),
            active: part.active.as_ref().map(|active| **active),
            feeds: optional(&part.feeds),
            phase: phase(part.phase),
        }),
        written::Runner::QueueRun(part) => Runner::QueueRun(QueueRun {
            every: span(&part.every),
            workers: *part.workers,
            order: match part.order {
                written::Order::Random => Order::Random,
                written::Order::OldestFirst => Order::OldestFirst,
                written::Order::FewestTries => Order::FewestTries,
            },
            look: span(&part.look),
            phase: phase(part.phase),
        }),
        written::Runner::OnePause(part) => Runner::OnePause(OnePause {
            heard_twice: part.heard_twice.as_ref().map_or(0.0, |twice| twice.fraction()),
        }),
    }
}

fn phase(phase: written::Phase) -> Phase {
    match phase {
        written::Phase::Random => Phase::Random,
        written::Phase::At(at) => Phase::At(at.span()),
    }
}

fn lifetime(lifetime: &written::Lifetime) -> Lifetime {
    Lifetime {
        age: optional(&lifetime.age),
        attempts: lifetime.attempts.as_ref().map(|attempts| **attempts),
        when: match *lifetime.when {
            written::GiveUp::AfterAttempt => GiveUp::AfterAttempt,
            written::GiveUp::BeforeAttempt => GiveUp::BeforeAttempt,
            written::GiveUp::AtAge => GiveUp::AtAge,
            written::GiveUp::NextTry => GiveUp::NextTry,
            written::GiveUp::ByRule => GiveUp::ByRule,
        },
        warn_after: optional(&lifetime.warn_after),
        warn_when: match *lifetime.warn_when {
            written::Warn::AtAge => Warn::AtAge,
            written::Warn::NextTry => Warn::NextTry,
        },
        notices: match lifetime.notices {
            written::Notices::Elsewhere => Notices::Elsewhere,
            written::Notices::SameRecipient => Notices::SameRecipient,
        },
    }
}

fn connections(connections: &written::Connections) -> Connections {
    Connections {
        per_destination: connections.per_destination.as_ref().map(|limit| **limit),
        total: connections.total.as_ref().map(|limit| **limit),
        messages_per_connection: *connections.messages_per_connection,
        reuse: match *connections.reuse {
            written::Reuse::None => Reuse::None,
            written::Reuse::Active => Reuse::Active,
            written::Reuse::OnDemand => Reuse::OnDemand(Cache { idle: span(&connections.idle) }),
            written::Reuse::Waiting => Reuse::Waiting,
            written::Reuse::Run => Reuse::Run,
        },
        reuse_for: optional(&connections.reuse_for),
        pace: span(&connections.pace),
        rest: optional(&connections.rest),
        rest_suspended: optional(&connections.rest_suspended),
        hand_over: connections.hand_over.as_ref().map(|part| HandOver {
            takes: span(&part.takes),
            at_once: *part.at_once,
            books: span(&part.books),
        }),
        connect_timeout: span(&connections.connect_timeout),
        greeting_timeout: span(&connections.greeting_timeout),
    }
}
