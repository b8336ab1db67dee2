//! Memories in the manner of services: from the written to the running form.

use super::{optional, span};
use crate::quantity::Rate;
use crate::scenario::{Spanned, written};
use crate::sender::memory::{
    AdaptiveThrottle, AimdRate, AimdWindow, CircuitBreaker, ClientThrottle, Per, RetryBudget, Suppressed,
    Trips,
};

pub(super) fn retry_budget(part: &written::RetryBudget) -> RetryBudget {
    RetryBudget {
        capacity: *part.capacity,
        per_first_try: *part.per_first_try,
        per_success: *part.per_success,
        per_late_success: part.per_late_success.as_ref().map_or(*part.per_success, |tokens| **tokens),
        per_retry: *part.per_retry,
        per_failure: *part.per_failure,
        refill: part.refill.as_ref().map_or(0.0, rate),
        above: *part.above,
        forget: optional(&part.forget),
        stages: part.stages.iter().copied().collect(),
        suppressed: suppressed(*part.suppressed),
    }
}

pub(super) fn circuit_breaker(part: &written::CircuitBreaker) -> CircuitBreaker {
    CircuitBreaker {
        trips: match &*part.trips {
            written::Trips::Consecutive(failures) => Trips::Consecutive(**failures),
            written::Trips::ShareOfCalls(of) => {
                Trips::ShareOfCalls { share: of.share.fraction(), calls: *of.calls, at_least: *of.at_least }
            }
            written::Trips::ShareInTime(of) => Trips::ShareInTime {
                share: of.share.fraction(),
                time: span(&of.time),
                at_least: *of.at_least,
            },
        },
        open_for: span(&part.open_for),
        factor: *part.factor,
        max_open_for: optional(&part.max_open_for),
        probes: *part.probes,
        stages: part.stages.iter().copied().collect(),
        suppressed: suppressed(*part.suppressed),
    }
}

pub(super) fn client_throttle(part: &written::ClientThrottle) -> ClientThrottle {
    ClientThrottle {
        ratio: *part.ratio,
        window: span(&part.window),
        stages: part.stages.iter().copied().collect(),
        suppressed: suppressed(*part.suppressed),
    }
}

pub(super) fn adaptive_throttle(part: &written::AdaptiveThrottle) -> AdaptiveThrottle {
    AdaptiveThrottle {
        min_rate: rate(&part.min_rate),
        decrease: *part.decrease,
        scale: *part.scale,
        smoothing: *part.smoothing,
        measured_over: span(&part.measured_over),
        headroom: *part.headroom,
        stages: part.stages.iter().copied().collect(),
    }
}

pub(super) fn aimd_window(part: &written::AimdWindow) -> AimdWindow {
    AimdWindow {
        initial: *part.initial,
        min: *part.min,
        max: *part.max,
        increase: *part.increase,
        per: match part.per {
            written::Per::Window => Per::Window,
            written::Per::Success => Per::Success,
        },
        decrease: *part.decrease,
        settle: span(&part.settle),
        stages: part.stages.iter().copied().collect(),
    }
}

pub(super) fn aimd_rate(part: &written::AimdRate) -> AimdRate {
    AimdRate {
        initial: rate(&part.initial),
        min: rate(&part.min),
        max: rate(&part.max),
        increase: rate(&part.increase),
        decrease: *part.decrease,
        every: span(&part.every),
        stages: part.stages.iter().copied().collect(),
    }
}

pub(super) fn suppressed(suppressed: written::Suppressed) -> Suppressed {
    match suppressed {
        written::Suppressed::Ages => Suppressed::Ages,
        written::Suppressed::Counts => Suppressed::Counts,
        written::Suppressed::Unchanged => Suppressed::Unchanged,
    }
}

fn rate(rate: &Spanned<Rate>) -> f64 {
    rate.per_second()
}
