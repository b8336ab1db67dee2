//! Sources of mail: each of them, and whether together they are something and not too much.

use std::ops::Range;

use super::distribution::distribution;
use super::judge::Judge;
use crate::message::Message;
use crate::quantity::Duration;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::lower;
use crate::scenario::spanned::Spanned;
use crate::scenario::trace_file::TraceRow;
use crate::scenario::variant::Scenario;
use crate::scenario::written::{
    Arrivals, Burst, Daily, Destination, MarkovModulated, Population, Trace, WrittenScenario,
};
use crate::time::{Instant, Span};

/// Messages are numbered with 32 bits; the rest is for the tail of the Poisson distribution.
const MOST_MESSAGES: f64 = 4e9;

/// With fewer expected messages in the measured cohort many replications have none.
const SCARCE: f64 = 1.0;

/// The most changes of the rate of a source in one run: beyond it a unit was mistaken.
const MOST_CHANGES: f64 = 1e7;

/// Judges the sources of all populations.
pub fn workload(judge: &mut Judge, written: &WrittenScenario, scenario: &Scenario) {
    let cohort = written.cohort();
    let (mut all, mut measured) = (0.0, 0.0);
    for population in written.senders.values() {
        for arrivals in population.arrivals.values() {
            source(judge, arrivals, written.end());
            if let Arrivals::Trace(trace) = &**arrivals {
                self::trace(judge, trace, rows_of(scenario, trace), population, written);
            }
            all += expected(arrivals, Instant::ZERO..written.end(), scenario, written.end());
            measured += expected(arrivals, cohort.clone(), scenario, written.end());
        }
    }
    if all > MOST_MESSAGES {
        let message = format!("about {all:.1e} messages are more than can be told apart");
        let finding = Finding::error(Kind::Size, written.horizon.place(), message);
        judge.add(finding.help("write smaller rates or an earlier `horizon`; 4 000 000 000 is the limit"));
    } else if !cohort.is_empty() && mail_may_come(written, scenario) && measured < SCARCE {
        // Where nothing is written of the interval, the first source is what can be changed.
        let sources = written.senders.values().flat_map(|population| population.arrivals.values());
        let written_cohort = written.measure.cohort.as_ref().map(Spanned::place);
        let place = written_cohort.or(sources.map(Spanned::place).next()).unwrap_or(0..0);
        let interval = format!("from {} to {}, where it is measured", cohort.start, cohort.end);
        if measured == 0.0 {
            let finding = Finding::error(Kind::Size, place, format!("no mail arrives {interval}"));
            judge.add(finding.help("change `measure.cohort`, or when the sources of mail send"));
        } else {
            let message = format!("hardly any mail arrives {interval}: on average less than one message");
            judge.unused(place, message, "write a longer `measure.cohort`, or larger rates");
        }
    }
}

/// Whether there is a source that is not wrong by itself: an empty one is told of already.
fn mail_may_come(written: &WrittenScenario, scenario: &Scenario) -> bool {
    let mut sources = written.senders.values().flat_map(|population| population.arrivals.values());
    let whole_run = Instant::ZERO..written.end();
    sources.any(|source| match &**source {
        // Rows beyond the horizon are no mistake by themselves.
        Arrivals::Trace(trace) => !rows_of(scenario, trace).is_empty(),
        source => expected(source, whole_run.clone(), scenario, written.end()) > 0.0,
    })
}

fn source(judge: &mut Judge, arrivals: &Spanned<Arrivals>, end: Instant) {
    match &**arrivals {
        Arrivals::Poisson(source) => {
            judge.rate(&source.rate, source.rate.place());
            active(judge, &source.from, source.until.as_ref(), end);
        }
        Arrivals::Burst(source) => burst(judge, source, end),
        Arrivals::Daily(source) => daily(judge, source, end),
        Arrivals::MarkovModulated(source) => markov_modulated(judge, source, end),
        Arrivals::Trace(_) => {}
        Arrivals::Queued(source) => {
            judge.at_least(&source.messages, 1, "the number of messages");
            distribution(judge, &source.age);
            if lower::law(&source.age).mean() > Message::MAX_AGE_AT_START {
                let most = Message::MAX_AGE_AT_START;
                let message = format!("mail cannot have been queued for more than {most} at the start");
                judge.value(source.age.place(), message, "write a smaller `age`; MTAs give up after days");
            }
        }
    }
}

/// The interval in which a source sends.
fn active(judge: &mut Judge, from: &Spanned<Duration>, until: Option<&Spanned<Duration>>, end: Instant) {
    judge.duration(from);
    // A horizon of zero is wrong by itself.
    if end > Instant::ZERO && Instant::ZERO.saturating_add(from.span()) >= end {
        let message = format!("this source begins at or after the horizon, {end}");
        judge.value(from.place(), message, "write an earlier time");
    }
    let Some(until) = until else { return };
    judge.duration(until);
    if until.span() <= from.span() {
        judge.contradiction(
            until.place(),
            "this source ends before it begins",
            (from.place(), "it begins here"),
            "`from` and `until` both count from the start of the run",
        );
    }
    if Instant::ZERO.saturating_add(until.span()) > end {
        judge.unused(until.place(), format!("traffic ends at the horizon, {end}"), "leave `until` out");
    }
}

fn burst(judge: &mut Judge, burst: &Burst, end: Instant) {
    judge.at_least(&burst.messages, 1, "the number of messages");
    judge.duration(&burst.at);
    judge.duration(&burst.over);
    let at = Instant::ZERO.saturating_add(burst.at.span());
    if at >= end {
        let message = format!("this burst comes at or after the horizon, {end}");
        judge.value(burst.at.place(), message, "write an earlier time");
    } else if at.saturating_add(burst.over.span()) > end {
        let message = "a part of this burst comes after the horizon, and never arrives";
        judge.unused(burst.over.place(), message, "write a shorter time or a later `horizon`");
    }
}

fn daily(judge: &mut Judge, daily: &Daily, end: Instant) {
    judge.rate(&daily.rate, daily.rate.place());
    active(judge, &daily.from, daily.until.as_ref(), end);
    let profile = &daily.profile;
    if profile.len() != 24 {
        let message = format!("a day has 24 hours, but these are {} weights", profile.len());
        judge.value(profile.place(), message, "write a weight for each hour, from midnight on");
    } else if !profile.iter().all(|weight| (0.0..=1e9).contains(weight)) {
        judge.value(profile.place(), "a weight is negative or no number", "write weights from 0 on");
    } else if profile.iter().all(|&weight| weight == 0.0) {
        judge.value(profile.place(), "all weights are zero", "give at least one hour a weight");
    }
}

fn markov_modulated(judge: &mut Judge, source: &MarkovModulated, end: Instant) {
    active(judge, &source.from, source.until.as_ref(), end);
    if source.rates.len() != source.stays.len() {
        judge.contradiction(
            source.stays.place(),
            format!("there are {} rates, but {} stays", source.rates.len(), source.stays.len()),
            (source.rates.place(), "the rates"),
            "every state has a rate and a mean stay",
        );
    }
    if source.rates.iter().all(|rate| rate.per_second() == 0.0) {
        judge.value(source.rates.place(), "all rates are zero", "write at least one rate above zero");
    }
    for rate in source.rates.iter().filter(|rate| rate.per_second() > 0.0) {
        judge.rate(rate, source.rates.place());
    }
    for stay in source.stays.iter() {
        judge.lasting(stay, "a mean stay");
    }
    let cycle: f64 = source.stays.iter().map(|stay| stay.span().as_seconds()).sum();
    let changes = (end - Instant::ZERO).as_seconds() / cycle * source.stays.len() as f64;
    if cycle > 0.0 && changes > MOST_CHANGES {
        let message = format!("the rate would change about {changes:.0} times");
        let finding = Finding::error(Kind::Size, source.stays.place(), message);
        judge.add(
            finding.help("look at the units: `m` is minutes, `ms` milliseconds; 10 000 000 is the limit"),
        );
    }
}

fn rows_of<'a>(scenario: &'a Scenario, trace: &Trace) -> &'a [TraceRow] {
    scenario.traces.get(trace.file.as_str()).map_or(&[], Vec::as_slice)
}

fn trace(
    judge: &mut Judge,
    trace: &Trace,
    rows: &[TraceRow],
    population: &Population,
    written: &WrittenScenario,
) {
    if rows.is_empty() {
        let finding = Finding::error(Kind::File, trace.file.place(), "this trace has no messages");
        judge.add(finding.help("write a line for each message below the header"));
    }
    let host = |row: &&TraceRow| row.host.is_some_and(|host| host >= *population.hosts);
    if let Some(row) = rows.iter().find(host) {
        let message =
            format!("the last host of this population is number {}", population.hosts.saturating_sub(1));
        let finding = Finding::error(Kind::File, row.place.clone(), message).label("there is no such host");
        judge.add(finding.related(trace.file.place(), "the trace is named here").help("write more `hosts`"));
    }
    let known: Vec<&str> = destinations(population, written);
    let unknown =
        |row: &&TraceRow| row.recipient.as_ref().is_some_and(|name| !known.contains(&name.as_str()));
    if let Some((row, name)) = rows.iter().find(unknown).and_then(|row| Some((row, row.recipient.as_ref()?)))
    {
        judge.unknown(row.place.clone(), "recipient of this population", name, known);
    }
    let late = rows.iter().filter(|row| row.at >= written.end()).count();
    if late > 0 {
        let message = format!("{late} of the {} messages of this trace come after the horizon", rows.len());
        judge.unused(trace.file.place(), message, "write a later `horizon`");
    }
}

/// The names of the recipients that a population writes to.
fn destinations<'a>(population: &'a Population, written: &'a WrittenScenario) -> Vec<&'a str> {
    match population.to.as_deref() {
        None => written.recipients.keys().map(|name| name.as_str()).collect(),
        Some(Destination::One(name)) => vec![name.as_str()],
        Some(Destination::Weights(weights)) => weights.keys().map(|name| name.as_str()).collect(),
    }
}

/// How many messages of a source are expected in an interval. Mail that is queued at the start
/// counts at the start.
fn expected(arrivals: &Arrivals, interval: Range<Instant>, scenario: &Scenario, end: Instant) -> f64 {
    let sending = |from: &Spanned<Duration>, until: Option<&Spanned<Duration>>| {
        let from = Instant::ZERO.saturating_add(from.span());
        let until = until.map_or(end, |until| Instant::ZERO.saturating_add(until.span()));
        seconds_in_both(&interval, &(from..until))
    };
    match arrivals {
        Arrivals::Poisson(source) => source.rate.per_second() * sending(&source.from, source.until.as_ref()),
        // The profile of the day is not looked at: its mean is right to within a factor of 24, and zero
        // hours are the only loss.
        Arrivals::Daily(source) => source.rate.per_second() * sending(&source.from, source.until.as_ref()),
        Arrivals::MarkovModulated(source) => {
            let greatest = source.rates.iter().map(|rate| rate.per_second()).fold(0.0, f64::max);
            greatest * sending(&source.from, source.until.as_ref())
        }
        Arrivals::Burst(source) => {
            let at = Instant::ZERO.saturating_add(source.at.span());
            let over = source.over.span();
            if over == Span::ZERO {
                return if interval.contains(&at) { f64::from(*source.messages) } else { 0.0 };
            }
            let inside = seconds_in_both(&interval, &(at..at.saturating_add(over)));
            f64::from(*source.messages) * inside / over.as_seconds()
        }
        Arrivals::Trace(trace) => {
            rows_of(scenario, trace).iter().filter(|row| interval.contains(&row.at)).count() as f64
        }
        Arrivals::Queued(source) if interval.contains(&Instant::ZERO) => f64::from(*source.messages),
        Arrivals::Queued(_) => 0.0,
    }
}

fn seconds_in_both(one: &Range<Instant>, other: &Range<Instant>) -> f64 {
    let (start, end) = (one.start.max(other.start), one.end.min(other.end));
    (end.as_seconds() - start.as_seconds()).max(0.0)
}
