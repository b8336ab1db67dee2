//! A server that is the slower the more it does at once, and clients with a timeout: a spike of load that it
//! may never recover from.
//!
//! M. Brooker, simulator_example, `simple_collapse_sim/sim.py`. Requests come as a Poisson process. Each takes 1 s and 10 ms more
//! for each request that is served at the time, itself included; ways take an exponential time of mean 100 ms. A client gives a try up after
//! 3 s and tries again, up to three tries in all; the server goes on serving what nobody waits for.

use std::sync::Arc;

use super::case::{Asked, Case, Depth, Experiment, Seen};
use super::known::Known;
use super::{Model, Problem, texts};
use crate::engine::{EventSet, Rank, Ranked};
use crate::random::{Key, Purpose};
use crate::sender::{Policy, RetryRecord};
use crate::time::{Instant, Span};

/// The model.
pub(super) const MODEL: Model = Model {
    name: "collapse",
    about: "A server that needs 1 s and 10 ms more for each request it serves at the time, clients that give up after 3 s and try \
            up to three times, with a ramp of load or a spike of five seconds (M. Brooker, simulator_example, \
            simple_collapse_sim). Numbers are per second, in intervals of seconds after the start; 'recovers' is the share of \
            runs that in the last twenty seconds serve at least nine requests of every ten that come. The published \
            curves are means of ten runs; the published numbers here are means of 400 runs of the program itself, with their \
            standard errors.",
    independent: false,
    cases,
};

const TABLE: &str = include_str!("data/collapse.csv");
pub(super) const RECOVERS: &str = "recovers";
/// Requests per second without ramp and spike, beside which small rates are small.
const USUAL: f64 = 40.0;
const LENGTH: usize = 80;
const WAY: Span = Span::from_micros(100_000);
const PATIENCE: Span = Span::from_seconds(3);
const TRIES: u32 = 3;
/// The first request.
const FIRST: Instant = Instant::from_micros(10_000);
/// Where numbers are averaged, in seconds.
const INTERVALS: [(usize, usize); 4] = [(0, 20), (20, 30), (30, 50), (50, 80)];
/// A server has recovered that serves this share of what comes after [`JUDGED_FROM`].
const RECOVERED: f64 = 0.9;
const JUDGED_FROM: usize = 60;

/// A load and what clients do when a try is not answered in time.
#[derive(Clone, Debug)]
pub(super) struct Collapse {
    load: Load,
    policy: Arc<Policy>,
}

/// How many requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    /// 40 per second, and 80 between 20 s and 25 s.
    Spike,
    /// Up from 40 to 80 per second at 25 s and down again, to nothing at 75 s.
    Ramp,
}

impl Load {
    /// Requests per second after a request at this second; none: it was the last.
    fn rate(self, second: f64) -> Option<f64> {
        let rate = match self {
            Self::Spike if (20.0..=25.0).contains(&second) => 80.0,
            Self::Spike => 40.0,
            Self::Ramp => 80.0 - 1.6 * (second - 25.0).abs(),
        };
        (rate > 0.0).then_some(rate)
    }
}

/// The runs of the program by its names. Before its first retry a client with backoff draws from 20 s.
const RUNS: [(&str, Load, &str); 4] = [
    ("spike_no_backoff", Load::Spike, "'immediate'"),
    ("spike_backoff_and_jitter", Load::Spike, JITTERED),
    ("ramp_no_backoff", Load::Ramp, "'immediate'"),
    ("ramp_backoff_and_jitter", Load::Ramp, JITTERED),
];
const JITTERED: &str = "{ exponential = { initial = '20s', jitter = 'full' } }";

/// What is counted each second: starts, successes, retries and timeouts.
const COUNTED: usize = 4;

fn cases(depth: Depth) -> Result<Vec<Case>, Problem> {
    let table = texts::Table::read(TABLE)?;
    let case = |(name, load, backoff): (&str, Load, &str)| {
        let mut asked = Vec::new();
        for row in table.rows().filter(|row| row.text("run") == name) {
            let known = Known::mean(row.number("mean")?, row.number("sd")?, row.number("runs")?);
            let quantity = row.text("quantity");
            let scale = if quantity == RECOVERS { 1.0 } else { USUAL };
            asked.push(Asked::new(quantity, Some(known)).of_scale(scale));
        }
        Ok(Case {
            model: MODEL.name,
            label: format!("run={name}"),
            asked,
            experiment: Experiment::Collapse(Collapse { load, policy: texts::backoff(backoff)? }),
            runs: depth.pick(1000, 20),
        })
    };
    RUNS.into_iter().map(case).collect()
}

/// The means over all intervals, in the order of the table.
fn means(seconds: &[[f64; COUNTED]]) -> Vec<f64> {
    let mean = |(from, to): (usize, usize), place: usize| {
        let counts = &seconds[from..to];
        counts.iter().map(|counts| counts[place]).sum::<f64>() / counts.len() as f64
    };
    INTERVALS.into_iter().flat_map(|interval| (0..COUNTED).map(move |place| mean(interval, place))).collect()
}

/// Something happens to a try of a request.
#[derive(Clone, Copy, Debug)]
struct Event {
    kind: Kind,
    request: u32,
    attempt: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It reaches the server.
    Starts,
    /// The server is done with it.
    Ends,
    /// The client hears of it.
    Heard,
    /// The client has waited long enough.
    TimesOut,
    /// The next request comes.
    Comes,
}

impl Ranked for Event {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let (entity, index) = (u64::from(self.request), u64::from(self.attempt));
        Rank { kind: self.kind as u8, tie: key.tie(entity, index), entity, index }
    }
}

/// A run under way.
struct Running<'a> {
    key: Key,
    collapse: &'a Collapse,
    events: EventSet<Event>,
    /// The record of each request, and whether it was served or given up. Failures are tries that timed out.
    requests: Vec<(RetryRecord, bool)>,
    served_at_once: u32,
    seconds: Vec<[f64; COUNTED]>,
}

impl Collapse {
    /// Means per second in all intervals, and whether the server recovers.
    pub(super) fn run(&self, key: Key) -> Seen {
        let mut running = Running {
            key,
            collapse: self,
            events: EventSet::new(key),
            requests: Vec::new(),
            served_at_once: 0,
            seconds: vec![[0.0; COUNTED]; LENGTH],
        };
        running.events.push(FIRST, Event { kind: Kind::Comes, request: 0, attempt: 0 });
        let end = Instant::ZERO + Span::from_seconds(LENGTH as i64);
        let mut events = 0;
        while let Some((now, event)) = running.events.pop().filter(|(now, _)| *now < end) {
            running.handle(now, event);
            events += 1;
        }
        let late = &running.seconds[JUDGED_FROM..];
        let sum = |place: usize| late.iter().map(|counts| counts[place]).sum::<f64>();
        let recovers = sum(1) >= RECOVERED * sum(0);
        let mut values = means(&running.seconds);
        values.push(f64::from(u8::from(recovers)));
        Seen { values, events }
    }
}

impl Running<'_> {
    fn count(&mut self, now: Instant, place: usize) {
        self.seconds[now.as_seconds() as usize][place] += 1.0;
    }

    fn way(&self, event: Event, purpose: Purpose) -> Span {
        let draw = &mut self.key.draw(purpose, u64::from(event.request), u64::from(event.attempt));
        WAY.scale(draw.exponential())
    }

    fn push(&mut self, at: Instant, event: Event, kind: Kind) {
        self.events.push(at, Event { kind, ..event });
    }

    fn send(&mut self, at: Instant, event: Event) {
        self.push(at + PATIENCE, event, Kind::TimesOut);
        let way = self.way(event, Purpose::Setup);
        self.push(at + way, event, Kind::Starts);
    }

    fn handle(&mut self, now: Instant, event: Event) {
        let request = event.request as usize;
        match event.kind {
            Kind::Comes => self.comes(now, event),
            Kind::Starts => {
                self.served_at_once += 1;
                let millis = 1000 + 10 * i64::from(self.served_at_once);
                self.push(now + Span::from_micros(1000 * millis), event, Kind::Ends);
            }
            Kind::Ends => {
                self.served_at_once -= 1;
                let way = self.way(event, Purpose::Transaction);
                self.push(now + way, event, Kind::Heard);
            }
            // What was given up is not heard, and what was heard is not given up.
            _ if self.requests[request].1 || self.requests[request].0.failures != event.attempt => {}
            Kind::Heard => {
                self.requests[request].1 = true;
                self.count(now, 1);
            }
            Kind::TimesOut => self.times_out(now, event),
        }
    }

    fn comes(&mut self, now: Instant, event: Event) {
        self.count(now, 0);
        self.requests.push((RetryRecord { failures: 0, ..RetryRecord::first(now) }, false));
        self.send(now, event);
        if let Some(rate) = self.collapse.load.rate(now.as_seconds()) {
            let draw = &mut self.key.draw(Purpose::Arrival, u64::from(event.request), 0);
            let gap = Span::from_seconds_f64(draw.exponential() / rate);
            self.push(now + gap, Event { request: event.request + 1, ..event }, Kind::Comes);
        }
    }

    fn times_out(&mut self, now: Instant, event: Event) {
        self.count(now, 3);
        let (record, over) = &mut self.requests[event.request as usize];
        record.failures += 1;
        if record.failures == TRIES {
            *over = true;
            return;
        }
        let mut draw = self.key.draw(Purpose::Jitter, u64::from(event.request), u64::from(record.failures));
        record.previous_delay = self.collapse.policy.backoff.delay(record, now, &mut draw);
        let again = now + record.previous_delay;
        let attempt = record.failures;
        self.count(now, 2);
        self.send(again, Event { attempt, ..event });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_end_and_spikes_go_on() {
        assert_eq!(Load::Ramp.rate(25.0), Some(80.0));
        assert_eq!(Load::Ramp.rate(75.1), None);
        assert_eq!(Load::Spike.rate(25.0), Some(80.0));
        assert_eq!(Load::Spike.rate(79.0), Some(40.0));
    }

    #[test]
    fn the_table_has_eighty_seconds_of_four_runs() {
        let cases = cases(Depth::Quick).unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            assert_eq!(case.asked.len(), 17);
            // Requests come at about 40 a second before the spike, and slightly more on the ramp.
            let starts = case.asked[0].known.unwrap().value;
            assert!((38.0..60.0).contains(&starts), "{} {starts}", case.label);
        }
    }
}
