//! Clients that failed at the same instant and go on failing: how many of them come at once at each retry.

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
    name: "peaks",
    about: "500 clients that failed at the same instant and go on failing, with delays of 1 s, doubled each time: the greatest number \
            of them within 100 ms at each retry. The published numbers are means of 200 runs of an independent program, with \
            their standard errors.",
    independent: false,
    cases,
};

const TABLE: &str = include_str!("data/peaks.csv");

/// The names of the table, and what they are here.
const JITTERS: [(&str, &str); 4] = [
    ("none", "{ exponential = { initial = '1s' } }"),
    ("equal", "{ exponential = { initial = '1s', jitter = 'equal' } }"),
    ("full", "{ exponential = { initial = '1s', jitter = 'full' } }"),
    ("added 0..v (v+U*v)", "{ exponential = { initial = '1s', jitter = { lengthened = '100%' } } }"),
];

/// So many clients that all follow one policy.
#[derive(Clone, Debug)]
pub(super) struct Peaks {
    clients: u32,
    window: Span,
    retries: u32,
    policy: Arc<Policy>,
}

fn cases(depth: Depth) -> Result<Vec<Case>, Problem> {
    let table = texts::Table::read(TABLE)?;
    let mut cases = Vec::new();
    for (name, backoff) in JITTERS {
        let mut asked = Vec::new();
        let (mut clients, mut window) = (0.0, 0.0);
        for row in table.rows().filter(|row| row.text("jitter") == name) {
            (clients, window) = (row.number("clients")?, row.number("window_s")?);
            let known = Known::mean(row.number("peak_mean")?, row.number("peak_sd")?, row.number("runs")?);
            asked.push(Asked::new(format!("peak, retry {}", row.text("attempt")), Some(known)));
        }
        let peaks = Peaks {
            clients: clients as u32,
            window: Span::from_seconds_f64(window),
            retries: asked.len() as u32,
            policy: texts::backoff(backoff)?,
        };
        cases.push(Case {
            model: MODEL.name,
            label: format!("clients={clients};jitter={name}"),
            asked,
            experiment: Experiment::Peaks(peaks),
            runs: depth.pick(2000, 50),
        });
    }
    Ok(cases)
}

/// A client tries again.
#[derive(Clone, Copy, Debug)]
struct Retry {
    client: u32,
    retry: u32,
}

impl Ranked for Retry {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let entity = u64::from(self.client);
        Rank { kind: 0, tie: key.tie(entity, 0), entity, index: u64::from(self.retry) }
    }
}

impl Peaks {
    /// The peak at each retry.
    pub(super) fn run(&self, key: Key) -> Seen {
        let mut events = EventSet::new(key);
        let mut records = vec![RetryRecord::first(Instant::ZERO); self.clients as usize];
        let next = |record: &mut RetryRecord, client: u32, now: Instant| {
            let mut draw = key.draw(Purpose::Jitter, u64::from(client), u64::from(record.failures));
            record.previous_delay = self.policy.backoff.delay(record, now, &mut draw);
            now + record.previous_delay
        };
        for (client, record) in (0..).zip(&mut records) {
            events.push(next(record, client, Instant::ZERO), Retry { client, retry: 1 });
        }
        let mut instants = vec![Vec::new(); self.retries as usize];
        while let Some((now, Retry { client, retry })) = events.pop() {
            instants[retry as usize - 1].push(now);
            if retry < self.retries {
                let record = &mut records[client as usize];
                record.failures += 1;
                record.last_try = now;
                events.push(next(record, client, now), Retry { client, retry: retry + 1 });
            }
        }
        let values = instants.iter().map(|instants| peak(instants, self.window) as f64).collect();
        Seen { values, events: u64::from(self.clients * self.retries) }
    }
}

/// The most instants, which are in order, within a window, half-open.
fn peak(instants: &[Instant], window: Span) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (place, instant) in instants.iter().enumerate() {
        while *instant - instants[first] >= window {
            first += 1;
        }
        most = most.max(place + 1 - first);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides_and_is_half_open() {
        let instants: Vec<Instant> = [0, 5, 9, 10, 11, 30].map(Instant::from_micros).to_vec();
        assert_eq!(peak(&instants, Span::from_micros(10)), 4);
        assert_eq!(peak(&instants, Span::from_micros(5)), 3);
        assert_eq!(peak(&[], Span::SECOND), 0);
    }
}
