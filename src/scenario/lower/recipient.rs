//! Recipients and their gates: from the written to the running form.

use super::{law, optional, span};
use crate::quantity::Rate;
use crate::recipient::gates::{
    ClientLimit, ConnectionLimit, Cost, Counts, GateSettings, Greylist, Maintenance, MessagesPerConnection,
    RateLimit, Reject, Reopen, Scope, Sessions, Shape, Slowdown, Unreliable, Uses,
};
use crate::recipient::{Backlog, Drawn, Settings, When, Window};
use crate::scenario::{Spanned, written};
use crate::smtp::{Code, Failure, Stage};
use crate::time::Instant;

/// The running form of a recipient.
pub(super) fn recipient(recipient: &written::Recipient) -> Settings {
    Settings {
        slots: recipient.slots.as_ref().map(|slots| **slots),
        round_trip: span(&recipient.round_trip),
        setup: law(&recipient.setup),
        transaction: law(&recipient.transaction),
        transaction_drawn: match recipient.transaction_drawn {
            written::Drawn::Once => Drawn::Once,
            written::Drawn::EachTry => Drawn::EachTry,
        },
        idle_hold: span(&recipient.idle_hold),
        gates: recipient
            .gates
            .iter()
            .filter_map(|(name, settings)| Some(((**name).clone(), gate(settings)?)))
            .collect(),
    }
}

/// The running form of windows of time.
fn when(when: &written::When) -> When {
    match when {
        written::When::Once(once) => When::Fixed(vec![window(once)]),
        written::When::Windows(windows) => When::Fixed(windows.iter().map(|one| window(one)).collect()),
        written::When::Periodic(part) => When::Periodic {
            first: Instant::ZERO + span(&part.first),
            every: span(&part.every),
            lasts: span(&part.lasts),
        },
        written::When::Random(part) => When::Random { up: span(&part.up), down: span(&part.down) },
    }
}

fn window(window: &written::Window) -> Window {
    Window { start: Instant::ZERO + span(&window.from), end: Instant::ZERO + span(&window.until) }
}

/// The running form of a gate; none where there is none.
fn gate(gate: &written::Gate) -> Option<GateSettings> {
    use written::Gate as W;
    Some(match gate {
        W::Off => return None,
        W::ConnectionLimit(part) => GateSettings::ConnectionLimit(ConnectionLimit {
            limit: *part.limit,
            cost: cost(part.uses, &part.takes),
        }),
        W::ClientLimit(part) => {
            GateSettings::ClientLimit(ClientLimit { limit: *part.limit, cost: cost(part.uses, &part.takes) })
        }
        W::Backlog(part) => GateSettings::Backlog(Backlog {
            length: *part.length,
            abandoned_takes: span(&part.abandoned_takes),
        }),
        W::ConnectionRate(part) => GateSettings::RateLimit(RateLimit {
            stage: Stage::Greeting,
            code: Code::SERVICE_NOT_AVAILABLE,
            rate: *part.rate,
            shape: shape(&part.shape, *part.rate),
            counts: counts(part.counts),
            scope: scope(part.scope),
            cost: cost(part.uses, &part.takes),
        }),
        W::MessageRate(part) => GateSettings::RateLimit(RateLimit {
            stage: stage(part.stage),
            code: Code::SERVICE_NOT_AVAILABLE,
            rate: *part.rate,
            shape: shape(&part.shape, *part.rate),
            counts: counts(part.counts),
            scope: scope(part.scope),
            cost: cost(part.uses, &part.takes),
        }),
        W::MessagesPerConnection(part) => {
            GateSettings::MessagesPerConnection(MessagesPerConnection { limit: *part.limit })
        }
        W::Maintenance(part) => GateSettings::Maintenance(maintenance(part)),
        W::Slowdown(part) => GateSettings::Slowdown(slowdown(part)),
        W::Unreliable(part) => GateSettings::Unreliable(Unreliable {
            stage: *part.stage,
            probability: part.probability.fraction(),
            code: code(&part.code),
            cost: cost(part.uses, &part.takes),
        }),
        W::Reject(part) => GateSettings::Reject(Reject {
            share: part.share.fraction(),
            stage: stage(part.stage),
            code: Code::new(*part.code),
        }),
        W::Greylist(part) => GateSettings::Greylist(Greylist {
            delay: span(&part.delay),
            forget: span(&part.forget),
            known: part.known.fraction(),
            stage: stage(part.stage),
            code: Code::new(*part.code),
        }),
    })
}

fn maintenance(part: &written::Maintenance) -> Maintenance {
    let stage = match *part.answer {
        written::Answer::Refuse => Stage::Refused,
        written::Answer::Timeout => Stage::Timeout,
        written::Answer::Greeting => Stage::Greeting,
        written::Answer::Mail => Stage::Mail,
        written::Answer::Rcpt => Stage::Rcpt,
        written::Answer::Data => Stage::Data,
    };
    let silent = matches!(stage, Stage::Refused | Stage::Timeout);
    Maintenance {
        when: when(&part.when),
        answer: Failure::new(stage, (!silent).then(|| code(&part.code))),
        sessions: match part.sessions {
            written::Sessions::Finish => Sessions::Finish,
            written::Sessions::Cut => Sessions::Cut,
        },
        capacity: part.capacity.fraction(),
        reopen: match &*part.reopen {
            written::Reopen::AtOnce => Reopen::AtOnce,
            written::Reopen::InSteps(steps) => {
                Reopen::Staged { over: span(&steps.over), steps: *steps.steps }
            }
        },
        cost: cost(part.uses, &part.takes),
    }
}

fn slowdown(part: &written::Slowdown) -> Slowdown {
    match part {
        written::Slowdown::ByConnections(part) => {
            Slowdown::ByConnections { from: *part.from, to: *part.to, factor: *part.factor }
        }
        written::Slowdown::InWindows(part) => {
            Slowdown::InWindows { when: when(&part.when), factor: *part.factor }
        }
    }
}

/// The size of a bucket is the number of events that the rate was written with, unless it is stated.
fn shape(shape: &written::RateShape, rate: Rate) -> Shape {
    match shape {
        written::RateShape::FixedWindow => Shape::FixedWindow,
        written::RateShape::TokenBucket(bucket) => {
            Shape::TokenBucket { burst: bucket.burst.as_ref().map_or(rate.count().max(1.0), |burst| **burst) }
        }
    }
}

fn counts(counts: written::Counts) -> Counts {
    match counts {
        written::Counts::Accepted => Counts::Accepted,
        written::Counts::Attempts => Counts::Attempts,
    }
}

fn scope(scope: written::Scope) -> Scope {
    match scope {
        written::Scope::All => Scope::All,
        written::Scope::Client => Scope::Client,
    }
}

fn stage(stage: written::TransactionStage) -> Stage {
    match stage {
        written::TransactionStage::Mail => Stage::Mail,
        written::TransactionStage::Rcpt => Stage::Rcpt,
        written::TransactionStage::Data => Stage::Data,
    }
}

fn code(code: &Option<Spanned<u16>>) -> Code {
    code.as_ref().map_or(Code::SERVICE_NOT_AVAILABLE, |code| Code::new(**code))
}

fn cost(uses: written::Uses, takes: &Spanned<crate::quantity::Duration>) -> Cost {
    let uses = match uses {
        written::Uses::Acceptor => Uses::Acceptor,
        written::Uses::Slot => Uses::Slot,
    };
    Cost { uses, takes: optional(&Some(*takes)).unwrap_or_default() }
}
