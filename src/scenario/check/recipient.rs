//! Recipient servers and their gates.

use std::ops::RangeInclusive;

use super::distribution::distribution;
use super::judge::Judge;
use super::schedule::{self, when};
use crate::quantity::Duration;
use crate::quantity::Rate;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{
    ByConnections, Gate, Greylist, Maintenance, RateShape, Recipient, Reopen, Slowdown, Stage, Unreliable,
};
use crate::time::{Instant, Span};

const TRANSIENT: RangeInclusive<u16> = 400..=499;
const PERMANENT: RangeInclusive<u16> = 500..=599;

/// How many times longer anything may take.
const SLOWER: RangeInclusive<f64> = 1.0..=1e6;

/// From this share on, rejected mail outweighs delays of hours in a mean over days.
const MANY_REJECTED: f64 = 0.05;

/// Judges a recipient server.
pub fn recipient(judge: &mut Judge, name: &Spanned<String>, recipient: &Recipient, end: Instant) {
    if let Some(slots) = &recipient.slots {
        judge.at_least(slots, 1, "the number of slots");
    }
    judge.duration(&recipient.round_trip);
    judge.duration(&recipient.idle_hold);
    distribution(judge, &recipient.setup);
    distribution(judge, &recipient.transaction);
    for gate in recipient.gates.values() {
        self::gate(judge, gate, end);
        needs_slots(judge, gate, recipient);
    }
    admission(judge, name, recipient);
}

fn gate(judge: &mut Judge, gate: &Spanned<Gate>, end: Instant) {
    match &**gate {
        Gate::ConnectionLimit(gate) => {
            judge.at_least(&gate.limit, 1, "the limit");
            judge.duration(&gate.takes);
        }
        Gate::ClientLimit(gate) => {
            judge.at_least(&gate.limit, 1, "the limit");
            judge.duration(&gate.takes);
        }
        Gate::Backlog(backlog) => {
            judge.at_least(&backlog.length, 1, "the length of the backlog");
            judge.duration(&backlog.abandoned_takes);
        }
        Gate::ConnectionRate(gate) => {
            rate(judge, &gate.rate, &gate.shape);
            judge.duration(&gate.takes);
        }
        Gate::MessageRate(gate) => {
            rate(judge, &gate.rate, &gate.shape);
            judge.duration(&gate.takes);
        }
        Gate::MessagesPerConnection(gate) => judge.at_least(&gate.limit, 1, "the limit"),
        Gate::Maintenance(gate) => maintenance(judge, gate, end),
        Gate::Slowdown(Slowdown::ByConnections(gate)) => by_connections(judge, gate),
        Gate::Slowdown(Slowdown::InWindows(gate)) => {
            when(judge, &gate.when, end);
            judge.within(&gate.factor, SLOWER, "the factor");
        }
        Gate::Unreliable(gate) => unreliable(judge, gate),
        Gate::Reject(gate) => {
            code(judge, &gate.code, PERMANENT, "a permanent refusal");
            if gate.share.fraction() == 0.0 {
                judge.unused(gate.share.place(), "this gate rejects nothing", "write a share above 0 %");
            } else if gate.share.fraction() >= MANY_REJECTED {
                let message = "what is rejected counts in the restricted mean until the horizon, for every policy alike, \
                               and may outweigh the delays that are compared";
                let help = "leave the gate out where only delays are of interest, or mind it when reading";
                judge.add(Finding::error(Kind::Value, gate.share.place(), message).help(help).as_warning());
            }
        }
        Gate::Greylist(gate) => greylist(judge, gate),
        Gate::Off => {}
    }
}

fn rate(judge: &mut Judge, rate: &Spanned<Rate>, shape: &RateShape) {
    judge.rate(rate, rate.place());
    let help = "give the bucket room for at least one: `shape = { token-bucket = { burst = 1.0 } }`";
    match shape {
        RateShape::TokenBucket(bucket) => match &bucket.burst {
            Some(burst) => judge.within(burst, 1.0..=1e9, "the burst"),
            None if rate.count() > 0.0 && rate.count() < 1.0 => {
                judge.value(
                    rate.place(),
                    format!("a bucket of {} tokens never lets anything through", rate.count()),
                    help,
                );
            }
            None => {}
        },
        RateShape::FixedWindow if rate.count() > 0.0 && rate.count() < 1.0 => {
            let help = "write a whole count, as in \"1/2s\" for half a one in each second";
            judge.value(rate.place(), "less than one in a window is never let through", help);
        }
        RateShape::FixedWindow => {}
    }
}

fn maintenance(judge: &mut Judge, gate: &Maintenance, end: Instant) {
    when(judge, &gate.when, end);
    reply(judge, gate.answer.stage(), gate.answer.place(), gate.code.as_ref());
    no_cost_without_reply(judge, gate.answer.stage(), gate.answer.place(), &gate.takes);
    if let Reopen::InSteps(steps) = &*gate.reopen {
        judge.lasting(&steps.over, "the time until all is open");
        judge.at_least(&steps.steps, 1, "the number of stages");
        let stages = schedule::number(&gate.when, end) * f64::from(*steps.steps);
        if stages > schedule::MOST_WINDOWS {
            let message = format!("capacity would come back in {stages:.0} stages in all");
            let finding = Finding::error(Kind::Size, steps.steps.place(), message);
            judge.add(finding.help("write fewer: no more stages than slots can be told apart"));
        }
    }
    if gate.capacity.fraction() == 1.0 {
        let help = "write the share of the slots that stays up, below 100 %";
        judge.unused(gate.capacity.place(), "nothing is down in this window", help);
    }
}

fn unreliable(judge: &mut Judge, gate: &Unreliable) {
    reply(judge, *gate.stage, gate.stage.place(), gate.code.as_ref());
    no_cost_without_reply(judge, *gate.stage, gate.stage.place(), &gate.takes);
    match gate.probability.fraction() {
        0.0 => {
            judge.unused(gate.probability.place(), "this gate never fails", "write a probability above 0 %")
        }
        1.0 => judge.unused(
            gate.probability.place(),
            "this gate lets nothing through, ever",
            "a `maintenance` gate says so for a stated time",
        ),
        _ => {}
    }
}

/// A code where there is a reply, and none where there is none.
fn reply(judge: &mut Judge, stage: Stage, stage_place: std::ops::Range<usize>, code: Option<&Spanned<u16>>) {
    let Some(code) = code else { return };
    if matches!(stage, Stage::Refused | Stage::Timeout) {
        judge.contradiction(
            code.place(),
            "a client that gets no reply gets no code",
            (stage_place, "no reply"),
            "leave `code` out",
        );
        return;
    }
    self::code(judge, code, TRANSIENT, "a transient refusal");
}

fn code(judge: &mut Judge, code: &Spanned<u16>, range: RangeInclusive<u16>, what: &str) {
    if !range.contains(&**code) {
        let message = format!("{code} is not the code of {what}");
        judge.value(code.place(), message, format!("write {} to {}", range.start(), range.end()));
    }
}

fn no_cost_without_reply(
    judge: &mut Judge,
    stage: Stage,
    stage_place: std::ops::Range<usize>,
    takes: &Spanned<Duration>,
) {
    judge.duration(takes);
    if matches!(stage, Stage::Refused | Stage::Timeout) && takes.span() > Span::ZERO {
        let finding = Finding::error(
            Kind::Unused,
            takes.place(),
            "without a reply a refusal takes no time of the server",
        );
        judge.add(finding.related(stage_place, "no reply").help("leave `takes` out").as_warning());
    }
}

fn by_connections(judge: &mut Judge, gate: &ByConnections) {
    judge.within(&gate.factor, SLOWER, "the factor");
    if *gate.to <= *gate.from {
        judge.contradiction(
            gate.to.place(),
            "the factor must be reached above the number of connections where the slowdown begins",
            (gate.from.place(), "it begins here"),
            "write a larger `to`",
        );
    }
}

fn greylist(judge: &mut Judge, gate: &Greylist) {
    judge.lasting(&gate.delay, "the delay");
    judge.duration(&gate.forget);
    code(judge, &gate.code, TRANSIENT, "a transient refusal");
    if gate.forget.span() <= gate.delay.span() {
        judge.contradiction(
            gate.forget.place(),
            "a first sight is forgotten before it is old enough, so that nothing ever passes",
            (gate.delay.place(), "how old it must be"),
            "write a `forget` above the `delay`",
        );
    }
    if gate.known.fraction() == 1.0 {
        judge.unused(gate.known.place(), "where all are known, none is deferred", "write less than 100 %");
    }
}

/// Parts of a gate that speak of slots.
fn needs_slots(judge: &mut Judge, gate: &Spanned<Gate>, recipient: &Recipient) {
    let (Gate::Maintenance(gate), None) = (&**gate, &recipient.slots) else { return };
    let partly = gate.capacity.fraction() > 0.0 && gate.capacity.fraction() < 1.0;
    let in_steps = matches!(*gate.reopen, Reopen::InSteps(_));
    for (place, _) in [(gate.capacity.place(), partly), (gate.reopen.place(), in_steps)]
        .into_iter()
        .filter(|(_, meant)| *meant)
    {
        judge.add(
            Finding::error(Kind::Contradiction, place, "a part of unlimited slots is still unlimited")
                .help("give the recipient a number of `slots`"),
        );
    }
}

/// What stands between a connection and a slot.
fn admission(judge: &mut Judge, name: &Spanned<String>, recipient: &Recipient) {
    let gates = || recipient.gates.values().map(|gate| &**gate);
    let mut backlogs = recipient.gates.iter().filter(|(_, gate)| matches!(***gate, Gate::Backlog(_)));
    let backlog = backlogs.next();
    if let (Some((first, _)), Some((second, _))) = (backlog, backlogs.next()) {
        let message = "a server has one listen queue";
        judge.contradiction(
            second.place(),
            message,
            (first.place(), "it has one here"),
            "leave one of them out",
        );
    }
    let limit = gates().filter_map(|gate| match gate {
        Gate::ConnectionLimit(gate) => Some(&gate.limit),
        _ => None,
    });
    let limit = limit.min_by_key(|limit| ***limit);
    match (&recipient.slots, limit, backlog) {
        (Some(slots), None, None) if **slots > 0 => {
            let help = format!(
                "add one of these gates: `connection-limit = {{ limit = {slots} }}` refuses, `backlog = {{}}` lets wait"
            );
            let message = format!("nothing says what happens when all {slots} slots of `{name}` are taken");
            judge.add(Finding::error(Kind::Contradiction, slots.place(), message).help(help));
        }
        (Some(slots), Some(limit), None) if **limit > **slots => judge.contradiction(
            limit.place(),
            format!("this limit is never reached: there are only {slots} slots"),
            (slots.place(), "the slots"),
            "write a limit up to the number of slots, or add a `backlog`",
        ),
        (_, Some(limit), Some((backlog, _)))
            if recipient.slots.as_ref().is_some_and(|slots| **limit <= **slots) =>
        {
            let finding = Finding::error(
                Kind::Unused,
                backlog.place(),
                "nothing waits here: more connections are refused before",
            );
            judge.add(
                finding.related(limit.place(), "the limit").help("leave one of the gates out").as_warning(),
            );
        }
        (None, _, Some((backlog, _))) => {
            let help = "give the recipient a number of `slots`";
            judge.unused(backlog.place(), "nothing waits where slots are unlimited", help);
        }
        _ => {}
    }
    let of_clients = gates().filter_map(|gate| match gate {
        Gate::ClientLimit(gate) => Some(&gate.limit),
        _ => None,
    });
    for client in of_clients {
        if let Some(limit) = limit.filter(|limit| **client > ***limit) {
            let finding = Finding::error(
                Kind::Unused,
                client.place(),
                "this limit of one client is above that of all together",
            );
            judge.add(
                finding.related(limit.place(), "the limit of all").help("write a smaller one").as_warning(),
            );
        }
    }
}
