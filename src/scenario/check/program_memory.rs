//! Memories of programs other than Postfix and Exim.

use super::judge::Judge;
use crate::scenario::written::{
    ConnectTimeouts, Connections, ConsecutiveFailures, HostStatus, Policy, RoutePenalty, Runner, Shared,
    Stage,
};

/// Judges a route that is switched off.
pub fn route_penalty(judge: &mut Judge, route: &RoutePenalty, policy: &Policy) {
    judge.lasting(&route.base, "the time for which a route is switched off");
    judge.lasting(&route.max, "the time for which a route is switched off at most");
    judge.ordered(&route.base, &route.max, "time for which a route is switched off");
    remembers_stages(judge, &route.stages, policy);
    without_queue_runs(judge, policy, "a route is switched off by a scheduler, which queue runs do not have");
}

/// Judges a table of hosts that do not answer.
pub fn connect_timeouts(judge: &mut Judge, part: &ConnectTimeouts, policy: &Policy) {
    judge.at_least(&part.timeouts, 1, "the number of timeouts");
    judge.duration(&part.apart);
    judge.lasting(&part.least, "the time for which a host is left alone");
    judge.lasting(&part.most, "the time for which a host is left alone");
    judge.lasting(&part.step, "the step");
    judge.ordered(&part.least, &part.most, "time for which a host is left alone");
    let Connections { connect_timeout, greeting_timeout, .. } = &*policy.connections;
    if connect_timeout.span() >= greeting_timeout.span() {
        judge.contradiction(
            connect_timeout.place(),
            "a connect must time out before a greeting does, or else the two cannot be told apart",
            (greeting_timeout.place(), "the greeting"),
            "write a smaller `connect_timeout`",
        );
    }
}

/// Judges what queue runs know of hosts.
pub fn host_status(judge: &mut Judge, status: &HostStatus, policy: &Policy) {
    judge.lasting(&status.keep, "the time for which a failure is believed");
    remembers_stages(judge, &status.stages, policy);
    if status.shared == Shared::Run && !matches!(*policy.runner, Runner::QueueRun(_)) {
        judge.contradiction(
            policy.memory.place(),
            "what a queue run knows of a host needs queue runs",
            (policy.runner.place(), "this runner has none"),
            "use `runner = { queue-run = ... }`, or add `shared = \"host\"`",
        );
    }
}

/// Refuses a memory that no failure concerns.
pub fn remembers_stages(judge: &mut Judge, stages: &[Stage], policy: &Policy) {
    if stages.is_empty() {
        judge.value(policy.memory.place(), "this memory remembers nothing", "write `memory = \"none\"`");
    }
}

/// Refuses a memory that needs a queue manager where there are queue runs.
pub fn without_queue_runs(judge: &mut Judge, policy: &Policy, message: &str) {
    if let Runner::QueueRun(_) = &*policy.runner {
        judge.contradiction(
            policy.memory.place(),
            message,
            (policy.runner.place(), "each run is a process of its own"),
            "use `runner = { scan = ... }` or `runner = \"timer\"`, or `memory = \"host-record\"`",
        );
    }
}

/// Judges a row of failures.
pub fn consecutive_failures(judge: &mut Judge, part: &ConsecutiveFailures, policy: &Policy) {
    remembers_stages(judge, &part.stages, policy);
    without_queue_runs(judge, policy, "queue runs have no line of mail to be put off");
}
