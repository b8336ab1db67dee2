//! Populations and their mail: from the written to the running form.

use std::ops::Range;

use super::{law, span};
use crate::id::RecipientId;
use crate::quantity::Duration;
use crate::scenario::{Spanned, TraceRow as WrittenRow, written};
use crate::system::{Flush, NamedSource, Population};
use crate::time::{Instant, Span};
use crate::workload::{Rate, Share, Source, TraceRow};

/// Looks up what a file named in a scenario holds.
pub(super) trait Traces {
    /// The rows of a trace, by the name that the scenario uses.
    fn rows(&self, file: &str) -> &[WrittenRow];
}

/// The running form of a population; `recipients` are the names of all recipients in order.
pub(super) fn population(
    name: &str,
    population: &written::Population,
    recipients: &[&str],
    horizon: Span,
    traces: &impl Traces,
) -> Population {
    let (ids, recipient_share) = destinations(population, recipients);
    let own: Vec<&str> = ids.iter().map(|id| recipients[id.index()]).collect();
    Population {
        name: name.to_owned(),
        hosts: *population.hosts,
        share: match &*population.share {
            written::MessageShare::Equal => Share::Equal { takers: *population.hosts },
            written::MessageShare::Zipf(exponent) => Share::zipf(*population.hosts, **exponent),
        },
        recipients: ids,
        recipient_share,
        sources: population
            .arrivals
            .iter()
            .map(|(name, arrivals)| NamedSource {
                name: (**name).clone(),
                source: source(arrivals, &own, horizon, traces),
            })
            .collect(),
        flushes: population.flushes.values().map(flush).collect(),
    }
}

/// About how much mail of a source arrives within an interval.
pub fn expected(source: &Source, within: &Range<Instant>) -> f64 {
    let overlap = |from: Instant, until: Instant| {
        let (from, until) = (from.max(within.start), until.min(within.end));
        if until > from { (until - from).as_seconds() } else { 0.0 }
    };
    match source {
        Source::Stream { rate, from, until } => mean_rate(rate) * overlap(*from, *until),
        Source::Burst { messages, at, over } if *over == Span::ZERO => {
            if within.contains(at) {
                *messages as f64
            } else {
                0.0
            }
        }
        Source::Burst { messages, at, over } => {
            *messages as f64 * overlap(*at, *at + *over) / over.as_seconds()
        }
        Source::Trace(rows) => rows.iter().filter(|row| within.contains(&row.at)).count() as f64,
        Source::Queued { messages, .. } => {
            if within.contains(&Instant::ZERO) {
                *messages as f64
            } else {
                0.0
            }
        }
    }
}

fn mean_rate(rate: &Rate) -> f64 {
    match rate {
        Rate::Constant { per_second } => *per_second,
        Rate::Daily { per_second } => per_second.iter().sum::<f64>() / 24.0,
        Rate::Modulated { states } => {
            let time: f64 = states.iter().map(|(_, stay)| stay.as_seconds()).sum();
            states.iter().map(|(rate, stay)| rate * stay.as_seconds()).sum::<f64>() / time
        }
    }
}

fn destinations(population: &written::Population, recipients: &[&str]) -> (Vec<RecipientId>, Share) {
    let id = |name: &str| {
        recipients.iter().position(|known| *known == name).map(|index| RecipientId(index as u32))
    };
    match population.to.as_deref() {
        None => (
            (0..recipients.len() as u32).map(RecipientId).collect(),
            Share::Equal { takers: recipients.len() as u32 },
        ),
        Some(written::Destination::One(name)) => (id(name).into_iter().collect(), Share::Equal { takers: 1 }),
        Some(written::Destination::Weights(weights)) => {
            let known = weights.iter().filter_map(|(name, weight)| Some((id(name)?, **weight)));
            let (ids, weights): (Vec<_>, Vec<_>) = known.unzip();
            (ids, Share::weighted(&weights))
        }
    }
}

fn flush(flush: &written::Flush) -> Flush {
    Flush {
        at: Instant::ZERO + span(&flush.at),
        pace: flush.rate.as_ref().map(|rate| Span::from_seconds_f64(1.0 / rate.per_second())),
        clear_host_state: flush.clear_host_state,
    }
}

fn source(arrivals: &written::Arrivals, recipients: &[&str], horizon: Span, traces: &impl Traces) -> Source {
    use written::Arrivals as W;
    let stream = |rate, from: &Spanned<Duration>, until: &Option<Spanned<Duration>>| Source::Stream {
        rate,
        from: Instant::ZERO + span(from),
        until: Instant::ZERO + until.as_ref().map_or(horizon, span),
    };
    match arrivals {
        W::Poisson(part) => {
            stream(Rate::Constant { per_second: part.rate.per_second() }, &part.from, &part.until)
        }
        W::Daily(part) => stream(daily(part), &part.from, &part.until),
        W::MarkovModulated(part) => {
            let rates = part.rates.iter().map(|rate| rate.per_second());
            let states = rates.zip(part.stays.iter().map(span)).collect();
            stream(Rate::Modulated { states }, &part.from, &part.until)
        }
        W::Burst(part) => Source::Burst {
            messages: u64::from(*part.messages),
            at: Instant::ZERO + span(&part.at),
            over: span(&part.over),
        },
        W::Trace(part) => {
            let mut rows: Vec<TraceRow> =
                traces.rows(&part.file).iter().map(|row| trace_row(row, recipients)).collect();
            rows.sort_by_key(|row| row.at);
            Source::Trace(rows.into())
        }
        W::Queued(part) => Source::Queued { messages: u64::from(*part.messages), age: law(&part.age) },
    }
}

fn trace_row(row: &WrittenRow, recipients: &[&str]) -> TraceRow {
    let recipient = row.recipient.as_deref().and_then(|name| recipients.iter().position(|own| *own == name));
    TraceRow { at: row.at, host: row.host, recipient: recipient.map(|index| index as u32) }
}

/// Hourly rates whose mean over the day is the stated one.
fn daily(part: &written::Daily) -> Rate {
    let mean = part.profile.iter().sum::<f64>() / part.profile.len() as f64;
    let mut per_second = [0.0; 24];
    for (hour, weight) in per_second.iter_mut().zip(part.profile.iter()) {
        *hour = part.rate.per_second() * weight / mean;
    }
    Rate::Daily { per_second }
}
