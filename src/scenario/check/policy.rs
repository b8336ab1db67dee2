//! Policies: each part, and what parts mean together.

use super::backoff::backoff;
use super::judge::Judge;
use super::program_memory::{
    connect_timeouts, consecutive_failures, host_status, remembers_stages, route_penalty, without_queue_runs,
};
use super::service;
use crate::quantity::Duration;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{
    Backoff, Connections, DeadSite, GiveUp, HandOver, Lifetime, Memory, Policy, Reuse, Runner, Warn,
};
use crate::time::Span;

/// The least time between two scans or queue runs.
const LEAST_PERIOD: Span = Span::from_micros(1_000);

/// Judges a policy.
pub fn policy(judge: &mut Judge, policy: &Policy) {
    backoff(judge, &policy.backoff);
    memory(judge, policy);
    runner(judge, &policy.runner);
    lifetime(judge, policy);
    connections(judge, policy);
    if let Some(clock) = &policy.clock {
        judge.lasting(clock, "the resolution of a clock");
        if clock.span() > Span::from_seconds(3_600) {
            judge.value(
                clock.place(),
                format!("no clock has a resolution of {clock}"),
                "write for example \"1s\"",
            );
        }
    }
}

fn memory(judge: &mut Judge, policy: &Policy) {
    match &*policy.memory {
        Memory::None => {}
        Memory::HostRecord(record) => {
            if record.stages.is_empty() {
                let help = "write `memory = \"none\"`";
                judge.value(policy.memory.place(), "this memory remembers nothing", help);
            }
            judge.lasting(&record.forget_after, "the time after which a record is forgotten");
        }
        Memory::DeadSite(site) => dead_site(judge, site, policy),
        Memory::HostStatus(status) => host_status(judge, status, policy),
        Memory::RoutePenalty(route) => route_penalty(judge, route, policy),
        Memory::ConnectTimeouts(part) => connect_timeouts(judge, part, policy),
        Memory::ConsecutiveFailures(part) => consecutive_failures(judge, part, policy),
        _ => service::memory(judge, policy),
    }
    if let (Runner::OnePause(_), false) = (&*policy.runner, matches!(*policy.memory, Memory::None)) {
        judge.contradiction(
            policy.memory.place(),
            "where all mail is tried in one go nothing is remembered of a destination",
            (policy.runner.place(), "one pause for the whole queue"),
            "write `memory = \"none\"`, or another `runner`",
        );
    }
}

fn dead_site(judge: &mut Judge, site: &DeadSite, policy: &Policy) {
    judge.at_least(&site.window, 1, "the window");
    judge.at_least(&site.hysteresis, 1, "the hysteresis");
    judge.within(&site.cohorts, 0.0..=1e6, "the number of cohorts");
    judge.lasting(&site.retry_after, "the time a dead site is left alone");
    if *site.limit < *site.window {
        judge.contradiction(
            site.window.place(),
            "the window begins above its limit",
            (site.limit.place(), "the limit"),
            "write a smaller `window` or a larger `limit`",
        );
    }
    remembers_stages(judge, &site.stages, policy);
    without_queue_runs(
        judge,
        policy,
        "a dead site is remembered by a queue manager, which queue runs do not have",
    );
}

fn runner(judge: &mut Judge, runner: &Spanned<Runner>) {
    match &**runner {
        Runner::Timer => {}
        Runner::Scan(scan) => {
            if let Some(late) = scan.late.as_ref().filter(|late| late.fraction() > 0.1) {
                judge.value(late.place(), "no wait ends that late", "write at most \"10%\"");
            }
            judge.lasting(&scan.every, "the time between scans");
            not_without_end(judge, &scan.every, "scans");
            judge.duration(&scan.slack);
            if let Some(feeds) = &scan.feeds {
                judge.lasting(feeds, "the time between two messages of a scan");
            }
            if let Some(active) = &scan.active {
                judge.at_least(active, 1, "the size of the active queue");
            }
        }
        Runner::QueueRun(run) => {
            judge.lasting(&run.every, "the time between queue runs");
            not_without_end(judge, &run.every, "queue runs");
            judge.at_least(&run.workers, 1, "the number of workers");
            judge.duration(&run.look);
        }
        Runner::OnePause(_) => {}
    }
}

/// Refuses scans and runs that come sooner than any program could start them: a day of them would not end.
fn not_without_end(judge: &mut Judge, every: &Spanned<Duration>, what: &str) {
    if every.span() > Span::ZERO && every.span() < LEAST_PERIOD {
        let message = format!("{what} cannot follow each other after {}", **every);
        judge.value(every.place(), message, format!("write at least \"{LEAST_PERIOD}\""));
    }
}

fn lifetime(judge: &mut Judge, policy: &Policy) {
    let Lifetime { age, attempts, when, warn_after, warn_when, notices: _ } = &*policy.lifetime;
    if let Some(age) = age {
        judge.lasting(age, "the greatest age");
    }
    if let Some(attempts) = attempts {
        judge.at_least(attempts, 1, "the number of attempts");
    }
    match **when {
        GiveUp::ByRule => by_rule(judge, policy),
        _ if age.is_none() && attempts.is_none() => judge.value(
            policy.lifetime.place(),
            "this never gives up, and mail to nowhere would be tried for ever",
            "add for example `age = \"5d\"` or `attempts = 13`",
        ),
        GiveUp::NextTry | GiveUp::AtAge if matches!(*policy.runner, Runner::OnePause(_)) => judge
            .contradiction(
                when.place(),
                "where the whole queue rests no message has a next try of its own",
                (policy.runner.place(), "one pause for the whole queue"),
                "write `when = \"after-attempt\"` or `when = \"before-attempt\"`",
            ),
        GiveUp::AtAge if age.is_none() => judge.value(
            when.place(),
            "without an age there is no age to be reached",
            "add for example `age = \"3d\"`",
        ),
        GiveUp::NextTry if age.is_none() => judge.value(
            when.place(),
            "without an age no next try can be too late",
            "add for example `age = \"5d\"`",
        ),
        _ => {}
    }
    if warn_after.is_none() && **warn_when == Warn::NextTry {
        judge.unused(warn_when.place(), "no warning is sent", "add for example `warn_after = \"4h\"`");
    }
    if let Some(warning) = warn_after {
        judge.lasting(warning, "the age of a warning");
        if let Some(age) = age.as_ref().filter(|age| warning.span() >= age.span()) {
            let message = "no warning is sent: the message is given up before";
            let finding =
                Finding::error(Kind::Unused, warning.place(), message).related(age.place(), "given up here");
            judge.add(finding.help("write a smaller `warn_after`").as_warning());
        }
    }
}

fn by_rule(judge: &mut Judge, policy: &Policy) {
    let Lifetime { age, attempts, .. } = &*policy.lifetime;
    if !matches!(*policy.backoff, Backoff::EximRule(_)) {
        judge.contradiction(
            policy.lifetime.place(),
            "only an `exim-rule` says by itself when to give up",
            (policy.backoff.place(), "this backoff has no cutoff"),
            "write for example `lifetime = { age = \"5d\" }`",
        );
    }
    let limits = [age.as_ref().map(Spanned::place), attempts.as_ref().map(Spanned::place)];
    for place in limits.into_iter().flatten() {
        judge.add(
            Finding::error(Kind::Contradiction, place, "where the rule gives up there is no other limit")
                .help("leave it out, or write another `when`, such as `when = \"after-attempt\"`"),
        );
    }
}

fn connections(judge: &mut Judge, policy: &Policy) {
    let Connections {
        per_destination,
        total,
        messages_per_connection,
        reuse,
        idle,
        reuse_for,
        pace,
        rest,
        rest_suspended,
        hand_over,
        connect_timeout,
        greeting_timeout,
    } = &*policy.connections;
    for limit in per_destination.iter().chain(total) {
        judge.at_least(limit, 1, "the number of connections");
    }
    judge.at_least(messages_per_connection, 1, "the number of messages on a connection");
    judge.lasting(idle, "the time for which an idle connection is kept");
    if let Some(limit) = reuse_for {
        judge.lasting(limit, "the age of a connection");
    }
    judge.duration(pace);
    if let Some(rest) = rest {
        judge.lasting(rest, "the rest after a delivery");
    }
    if let Some(rest) = rest_suspended {
        judge.lasting(rest, "the rest after a message that is put off");
    }
    if let Some(HandOver { takes, at_once, books }) = hand_over {
        judge.lasting(takes, "the time of handing over");
        judge.duration(books);
        judge.at_least(at_once, 1, "the number of processes");
    }
    judge.lasting(connect_timeout, "the connect timeout");
    judge.lasting(greeting_timeout, "the greeting timeout");
    match (**reuse, **messages_per_connection) {
        (Reuse::None, 2..) => judge.contradiction(
            messages_per_connection.place(),
            "more than one message on a connection means that it is used again",
            (reuse.place(), "it is not"),
            "add `reuse = \"active\"`, `reuse = \"on-demand\"`, `reuse = \"waiting\"` or `reuse = \"run\"`",
        ),
        (Reuse::Active | Reuse::OnDemand | Reuse::Waiting | Reuse::Run, 1) => judge.contradiction(
            reuse.place(),
            "a connection for one message is never used again",
            (messages_per_connection.place(), "one message"),
            "add for example `messages_per_connection = 100`",
        ),
        _ => {}
    }
    if **reuse == Reuse::Run && !matches!(*policy.runner, Runner::QueueRun(_) | Runner::OnePause(_)) {
        judge.contradiction(
            reuse.place(),
            "without queue runs there is no further mail of the same run",
            (policy.runner.place(), "this runner has none"),
            "write `reuse = \"active\"`, or `runner = { queue-run = ... }`",
        );
    }
    if **reuse == Reuse::Waiting && !matches!(*policy.runner, Runner::QueueRun(_)) {
        judge.contradiction(
            reuse.place(),
            "only queue runs keep waiting mail where an open connection finds it",
            (policy.runner.place(), "this runner does not"),
            "write `reuse = \"active\"`, or `runner = { queue-run = ... }`",
        );
    }
}
