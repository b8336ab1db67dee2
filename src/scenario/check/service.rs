//! Memories in the manner of services: each part, and what parts mean together.

use std::ops::Range;

use super::judge::Judge;
use super::retries;
use crate::quantity::Rate;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{
    AdaptiveThrottle, AimdRate, AimdWindow, CircuitBreaker, ClientThrottle, Memory, Policy, RetryBudget,
    Stage, Suppressed, Trips,
};
use crate::time::Span;

/// Judges a memory of this kind; others are left alone.
pub fn memory(judge: &mut Judge, policy: &Policy) {
    let stages = match &*policy.memory {
        Memory::RetryBudget(part) => {
            retry_budget(judge, part);
            waits_for_the_unknown(judge, &part.suppressed, policy);
            // Without what failures take away the stages mean nothing.
            if *part.per_failure > 0.0 { &part.stages } else { return }
        }
        Memory::CircuitBreaker(part) => {
            circuit_breaker(judge, part);
            &part.stages
        }
        Memory::ClientThrottle(part) => {
            client_throttle(judge, part);
            waits_for_the_unknown(judge, &part.suppressed, policy);
            &part.stages
        }
        Memory::AdaptiveThrottle(part) => {
            adaptive_throttle(judge, part);
            &part.stages
        }
        Memory::AimdWindow(part) => {
            aimd_window(judge, part);
            &part.stages
        }
        Memory::AimdRate(part) => {
            aimd_rate(judge, part);
            &part.stages
        }
        _ => return,
    };
    no_stages(judge, stages, policy.memory.place());
}

fn no_stages(judge: &mut Judge, stages: &[Stage], place: Range<usize>) {
    if stages.is_empty() {
        let message = "no failure means anything to this memory";
        judge.value(place, message, "name some `stages`, or write `memory = \"none\"`");
    }
}

/// These memories cannot say when mail may be tried again, so a new delay is the only thing that keeps
/// what was held back from being asked about for ever.
fn waits_for_the_unknown(judge: &mut Judge, suppressed: &Spanned<Suppressed>, policy: &Policy) {
    match **suppressed {
        Suppressed::Unchanged => {
            let message = "nobody knows when this memory lets mail go that stays due";
            let finding = Finding::error(Kind::Contradiction, suppressed.place(), message);
            judge.add(finding.help("write `suppressed = \"counts\"` or `suppressed = \"ages\"`"));
        }
        Suppressed::Ages if retries::can_be_zero(&policy.backoff) => judge.contradiction(
            suppressed.place(),
            "what is put off without being counted needs a delay",
            (policy.backoff.place(), "this retries without delay"),
            "write `suppressed = \"counts\"`, or a backoff with a delay",
        ),
        Suppressed::Ages | Suppressed::Counts => {}
    }
}

fn retry_budget(judge: &mut Judge, part: &RetryBudget) {
    let tokens = [
        &part.capacity,
        &part.per_first_try,
        &part.per_success,
        &part.per_retry,
        &part.per_failure,
        &part.above,
    ];
    for number in tokens.into_iter().chain(&part.per_late_success) {
        judge.within(number, 0.0..=1e6, "a number of tokens");
    }
    if let Some(refill) = &part.refill {
        judge.rate(refill, refill.place());
    }
    if let Some(forget) = &part.forget {
        judge.lasting(forget, "the time that tokens count");
        if let Some(refill) = &part.refill {
            judge.contradiction(
                refill.place(),
                "a budget that forgets is not refilled besides: it has its capacity again after that time",
                (forget.place(), "it forgets"),
                "leave out one of them",
            );
        }
    }
    let earned = [&part.per_first_try, &part.per_success].into_iter().chain(&part.per_late_success);
    if part.forget.is_none() && (*part.capacity < *part.per_retry || *part.capacity <= *part.above) {
        let (at, needed) = if *part.per_retry > *part.above {
            (&part.per_retry, part.per_retry.to_string())
        } else {
            (&part.above, format!("more than {}", part.above))
        };
        judge.contradiction(
            first_written([part.capacity.place(), at.place()]),
            format!("there are never enough tokens for a retry, which needs {needed}"),
            (at.place(), "needed here"),
            "write a larger `capacity`",
        );
    } else if *part.per_retry == 0.0 && *part.per_failure == 0.0 {
        let message = "nothing takes tokens away: this budget never holds anything back";
        judge.value(
            first_written([part.per_failure.place(), part.per_retry.place()]),
            message,
            "write `per_retry = 1` or `per_failure = 1`",
        );
    } else if part.forget.is_none()
        && part.refill.is_none()
        && earned.into_iter().all(|earned| **earned == 0.0)
    {
        let message = "nothing adds tokens: when they are used up there is no retry any more";
        let places = [&part.per_success, &part.per_first_try].map(Spanned::place);
        judge.value(first_written(places), message, "write a `refill`, `forget`, or what a success adds");
    }
}

fn circuit_breaker(judge: &mut Judge, part: &CircuitBreaker) {
    match &*part.trips {
        Trips::Consecutive(failures) => judge.at_least(failures, 1, "the number of failures"),
        Trips::ShareOfCalls(of) => {
            share(judge, of.share.fraction(), of.share.place());
            judge.at_least(&of.calls, 1, "the number of attempts");
            judge.at_least(&of.at_least, 1, "the number of attempts");
            if *of.calls > 1_000_000 {
                let message = format!("a host cannot remember the last {} attempts", *of.calls);
                judge.value(of.calls.place(), message, "write at most 1000000");
            }
            if *of.at_least > *of.calls {
                judge.contradiction(
                    of.at_least.place(),
                    "so many attempts are never looked at: this never opens",
                    (of.calls.place(), "the attempts that are looked at"),
                    "write a smaller `at_least` or larger `calls`",
                );
            }
        }
        Trips::ShareInTime(of) => {
            share(judge, of.share.fraction(), of.share.place());
            judge.lasting(&of.time, "the time that is looked at");
            judge.at_least(&of.at_least, 1, "the number of attempts");
        }
    }
    judge.lasting(&part.open_for, "the time it stays open");
    judge.within(&part.factor, 1.0..=1_000.0, "the factor");
    judge.at_least(&part.probes, 1, "the number of probes");
    if let Some(max) = &part.max_open_for {
        judge.duration(max);
        if max.span() < part.open_for.span() {
            let message = format!("it would be open longer than {max} from the first time on");
            let at = (part.open_for.place(), "so long at first");
            judge.contradiction(
                max.place(),
                message,
                at,
                "write a smaller `open_for` or a larger `max_open_for`",
            );
        }
    }
}

fn share(judge: &mut Judge, fraction: f64, place: Range<usize>) {
    if fraction == 0.0 {
        judge.value(place, "with this share it opens without any failure", "write for example \"50%\"");
    }
}

fn client_throttle(judge: &mut Judge, part: &ClientThrottle) {
    judge.within(&part.ratio, 1.0..=1e6, "the ratio of requests to acceptances");
    judge.lasting(&part.window, "the window");
}

fn adaptive_throttle(judge: &mut Judge, part: &AdaptiveThrottle) {
    judge.rate(&part.min_rate, part.min_rate.place());
    judge.within(&part.decrease, 0.0..=1.0, "the decrease");
    judge.within(&part.scale, 1e-12..=1e6, "the scale of the cubic");
    judge.within(&part.smoothing, 0.0..=1.0, "the weight of the latest rate");
    judge.lasting(&part.measured_over, "the time over which a rate is measured");
    judge.within(&part.headroom, 1.0..=1e6, "the headroom");
}

fn aimd_window(judge: &mut Judge, part: &AimdWindow) {
    judge.at_least(&part.min, 1, "the window");
    judge.within(&part.increase, 1e-6..=1e6, "the increase");
    judge.within(&part.decrease, 0.0..=1.0, "the decrease");
    judge.duration(&part.settle);
    for (names, least, most) in
        [(MIN_INITIAL, &part.min, &part.initial), (INITIAL_MAX, &part.initial, &part.max)]
    {
        if **least > **most {
            out_of_order(judge, names, (least.place(), least.to_string()), (most.place(), most.to_string()));
        }
    }
}

fn aimd_rate(judge: &mut Judge, part: &AimdRate) {
    for rate in [&part.initial, &part.min, &part.max, &part.increase] {
        judge.rate(rate, rate.place());
    }
    judge.within(&part.decrease, 0.0..=1.0, "the decrease");
    judge.duration(&part.every);
    if part.min.per_second() * Span::from_seconds(10 * 365 * 86_400).as_seconds() < 1.0 {
        judge.value(part.min.place(), "this is less than one in ten years", "write for example \"1/min\"");
    }
    let per_second = |rate: &Spanned<Rate>| rate.per_second();
    for (names, least, most) in
        [(MIN_INITIAL, &part.min, &part.initial), (INITIAL_MAX, &part.initial, &part.max)]
    {
        if per_second(least) > per_second(most) {
            out_of_order(judge, names, (least.place(), least.to_string()), (most.place(), most.to_string()));
        }
    }
}

const MIN_INITIAL: [&str; 2] = ["min", "initial"];
const INITIAL_MAX: [&str; 2] = ["initial", "max"];

/// `min`, `initial` and `max` do not follow each other.
fn out_of_order(
    judge: &mut Judge,
    names: [&str; 2],
    least: (Range<usize>, String),
    most: (Range<usize>, String),
) {
    let message = format!("`{}` is {}, above `{}`, which is {}", names[0], least.1, names[1], most.1);
    let finding = Finding::error(Kind::Contradiction, first_written([least.0, most.0]), message);
    judge.add(finding.help("`min` is at most `initial`, and `initial` at most `max`"));
}

/// The place of what somebody wrote, rather than that of a default, which has none.
fn first_written<const N: usize>(places: [Range<usize>; N]) -> Range<usize> {
    places.into_iter().find(|place| !place.is_empty()).unwrap_or(0..0)
}
