//! Sources of mail: streams at a rate, campaigns, recorded traces, and mail queued at the start.

use std::sync::Arc;

use super::rate::{Pieces, Rate};
use crate::law::Law;
use crate::random::{Key, Purpose};
use crate::time::{Instant, Span};

/// Where mail of a population comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A Poisson stream whose rate may change over time, within [from, until).
    Stream {
        /// Messages per second over time.
        rate: Rate,
        /// The stream begins here.
        from: Instant,
        /// And ends before this.
        until: Instant,
    },
    /// A campaign: so many messages at one instant, or spread uniformly at random over a while.
    Burst {
        /// Number of messages.
        messages: u64,
        /// When it begins.
        at: Instant,
        /// How long it takes; zero: all at the instant.
        over: Span,
    },
    /// Arrivals read from a file, by time.
    Trace(Arc<[TraceRow]>),
    /// Mail that is already queued when the scenario starts.
    Queued {
        /// Number of messages.
        messages: u64,
        /// How long ago each arrived.
        age: Law,
    },
}

/// One arrival of a trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceRow {
    /// When the message arrives.
    pub at: Instant,
    /// At which host of the population; any, where not stated.
    pub host: Option<u32>,
    /// For which of the population's recipients; any, where not stated.
    pub recipient: Option<u32>,
}

/// A message that arrives, before it has an id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// When it reaches the system: its arrival, or the start for mail queued before.
    pub at: Instant,
    /// When its sender accepted it.
    pub since: Instant,
    /// The host, where the source says.
    pub host: Option<u32>,
    /// The recipient, where the source says.
    pub recipient: Option<u32>,
    /// Whether it was in its sender's queue already when the scenario started, and not for no time at all.
    pub was_queued: bool,
    /// Which arrival of its source this is, from 0.
    pub index: u64,
}

/// The arrivals of one source in order of time.
#[derive(Clone, Debug)]
pub struct Arrivals {
    key: Key,
    index: u64,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Stream { pieces: Box<Pieces>, at: Instant, until: Instant },
    Burst { left: u64, at: Instant, over: Span, passed: f64 },
    Trace(Arc<[TraceRow]>),
    Queued { left: u64, age: Law },
}

impl Source {
    /// No mail of the source comes before this; none where none comes at all. What is queued at the start
    /// comes then.
    pub fn begins(&self) -> Option<Instant> {
        match self {
            Self::Stream { from, .. } => Some(*from),
            Self::Burst { at, .. } => Some(*at),
            Self::Trace(rows) => rows.first().map(|row| row.at),
            Self::Queued { .. } => Some(Instant::ZERO),
        }
    }
}

impl Arrivals {
    /// The arrivals of `source` up to `horizon`; `key` must be named after the source.
    pub fn new(source: &Source, key: Key, horizon: Instant) -> Self {
        let state = match source {
            Source::Stream { rate, from, until } => State::Stream {
                pieces: Box::new(Pieces::new(rate.clone(), key)),
                at: *from,
                until: (*until).min(horizon),
            },
            Source::Burst { messages, at, over } => {
                State::Burst { left: *messages, at: *at, over: *over, passed: 0.0 }
            }
            Source::Trace(rows) => State::Trace(Arc::clone(rows)),
            Source::Queued { messages, age } => State::Queued { left: *messages, age: age.clone() },
        };
        Self { key, index: 0, state }
    }

    /// The key under which this source's draws are made.
    pub fn key(&self) -> Key {
        self.key
    }

    /// The next arrival.
    pub fn next_arrival(&mut self) -> Option<Arrival> {
        let index = self.index;
        let mut draw = self.key.draw(Purpose::Arrival, 0, index);
        let (at, since) = (Instant::ZERO, Instant::ZERO);
        let mut arrival = Arrival { at, since, host: None, recipient: None, was_queued: false, index };
        match &mut self.state {
            State::Stream { pieces, at, until } => {
                *at = after_hazard(pieces, *at, *until, draw.exponential())?;
                arrival.at = *at;
                arrival.since = *at;
            }
            State::Burst { left, at, over, passed } => {
                *left = left.checked_sub(1)?;
                // The smallest of k uniforms on the rest of the interval leaves a share u^(1/k) of it.
                *passed = 1.0 - (1.0 - *passed) * (1.0 - draw.unit()).powf(1.0 / (*left + 1) as f64);
                arrival.at = *at + over.scale(*passed);
                arrival.since = arrival.at;
            }
            State::Trace(rows) => {
                let row = rows.get(index as usize)?;
                let (at, host, recipient) = (row.at, row.host, row.recipient);
                arrival = Arrival { at, since: at, host, recipient, ..arrival };
            }
            State::Queued { left, age } => {
                *left = left.checked_sub(1)?;
                let mut draw = self.key.draw(Purpose::QueuedAge, 0, index);
                arrival.since = Instant::ZERO - age.sample(&mut draw);
                arrival.was_queued = arrival.since < arrival.at;
            }
        }
        self.index += 1;
        Some(arrival)
    }
}

/// The instant at which the integral of the rate from `at` on reaches `hazard` (inversion, exact for
/// rates that are constant piece by piece); none if that is not before `until`.
fn after_hazard(pieces: &mut Pieces, mut at: Instant, until: Instant, mut hazard: f64) -> Option<Instant> {
    loop {
        while pieces.end() <= at {
            pieces.advance();
        }
        let seconds = hazard / pieces.per_second();
        if pieces.per_second() > 0.0 && seconds < (pieces.end() - at).as_seconds() {
            at += Span::from_seconds_f64(seconds);
            return (at < until).then_some(at);
        }
        if pieces.end() >= until {
            return None;
        }
        hazard -= pieces.per_second() * (pieces.end() - at).as_seconds();
        at = pieces.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instants(source: &Source, horizon: i64) -> Vec<Instant> {
        let horizon = Instant::ZERO + Span::from_seconds(horizon);
        let mut arrivals = Arrivals::new(source, Key::new(3, 0), horizon);
        std::iter::from_fn(|| arrivals.next_arrival().map(|arrival| arrival.at)).collect()
    }

    fn stream(rate: Rate) -> Source {
        Source::Stream { rate, from: Instant::ZERO, until: Instant::NEVER }
    }

    /// Counts within 4.4 standard deviations of the mean (error probability 1e-5 each).
    fn assert_poisson(count: usize, mean: f64) {
        assert!((count as f64 - mean).abs() < 4.4 * mean.sqrt(), "{count} instead of {mean}");
    }

    #[test]
    fn a_constant_stream_has_its_rate() {
        let times = instants(&stream(Rate::Constant { per_second: 2.0 }), 50_000);
        assert_poisson(times.len(), 100_000.0);
        assert!(times.is_sorted());
    }

    #[test]
    fn a_daily_profile_puts_mail_into_its_hours() {
        let mut per_second = [0.0; 24];
        per_second[9] = 10.0;
        let times = instants(&stream(Rate::Daily { per_second }), 2 * 86_400);
        assert_poisson(times.len(), 72_000.0);
        assert!(times.iter().all(|at| (at.as_seconds() / 3_600.0) as u64 % 24 == 9));
    }

    #[test]
    fn a_modulated_stream_keeps_its_mean_rate() {
        let states = vec![(0.0, Span::from_seconds(10)), (4.0, Span::from_seconds(30))];
        let times = instants(&stream(Rate::Modulated { states }), 200_000);
        // Mean 3 per second; the number of busy seconds varies, hence the wider bound: its standard
        // deviation is 4 x sqrt(5000 cycles x 2 x 10^2 x 30^2 x 40 / 40^3), some 3000 messages.
        assert!((times.len() as f64 - 600_000.0).abs() < 4.4 * 4_000.0, "{}", times.len());
    }

    #[test]
    fn queued_mail_of_age_zero_is_new() {
        let queued = |age| Source::Queued { messages: 1, age: Law::Constant(Span::from_seconds(age)) };
        let first = |source| {
            Arrivals::new(&source, Key::new(1, 0), Instant::NEVER).next_arrival().map(|one| one.was_queued)
        };
        assert_eq!((first(queued(0)), first(queued(60))), (Some(false), Some(true)));
    }

    #[test]
    fn a_burst_is_complete_ordered_and_inside_its_interval() {
        let at = Instant::ZERO + Span::from_seconds(100);
        let over = Span::from_seconds(60);
        let times = instants(&Source::Burst { messages: 5_000, at, over }, 10_000);
        assert_eq!(times.len(), 5_000);
        assert!(times.is_sorted() && times[0] >= at && times[4_999] <= at + over);
        let mean = times.iter().map(|t| (*t - at).as_seconds()).sum::<f64>() / 5_000.0;
        assert!((mean - 30.0).abs() < 4.4 * 60.0 / (12.0 * 5_000f64).sqrt(), "{mean}");
        let at_once = instants(&Source::Burst { messages: 3, at, over: Span::ZERO }, 10_000);
        assert_eq!(at_once, [at; 3]);
    }
}
