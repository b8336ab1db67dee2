//! Many packets that begin together on a channel of slots, each of which carries one packet: how long until all are
//! through, and how often each was tried.
//!
//! Bender, Farach-Colton, He, Kuszmaul and Leiserson, "Adversarial contention resolution for simple channels", SPAA 2005, give
//! the orders of growth; the numbers are of an independent program. The constants follow from the share y of packets
//! that are left after a window of length w, y (1 - exp(-y n / w)).

use std::sync::Arc;

use super::case::{Asked, Case, Depth, Experiment, Seen};
use super::known::{Known, Precision};
use super::windows::{Law, SLOT, Windows};
use super::{Model, Problem, texts};
use crate::engine::{EventSet, Rank, Ranked};
use crate::random::{Key, Purpose};
use crate::sender::RetryRecord;
use crate::sender::backoff::{Backoff, Growth, Jitter};
use crate::time::Instant;

/// The model.
pub(super) const MODEL: Model = Model {
    name: "batch",
    about: "n packets that begin together on a channel of slots: a slot with one packet carries it, one with more carries none, \
            and each of them is tried again anywhere in the next window (Bender, Farach-Colton, He, Kuszmaul and Leiserson, \
            SPAA 2005). 'makespan' is the number of slots until all are through, 'attempts' is per packet. The published numbers \
            are means of up to 2000 runs of an independent program with their standard errors, and constants for \
            many packets: 2.009794 attempts with windows of n slots, 3.71498 with n/2, 1.46617 with 2n, and lg n + 0.4103 with \
            windows that double.",
    independent: true,
    cases,
};

const TABLE: &str = include_str!("data/batch.csv");

/// Attempts of all runs of a case together.
const ATTEMPTS: f64 = 1e7;

/// So many packets and the windows they follow.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    packets: u32,
    windows: Windows,
    backoff: Arc<Backoff>,
}

fn cases(depth: Depth) -> Result<Vec<Case>, Problem> {
    let table = texts::Table::read(TABLE)?;
    let mut cases = Vec::new();
    for row in table.rows() {
        let packets = row.number("n")? as u32;
        let name = row.text("algorithm");
        let law = match name {
            "BEB" => Law::Binary,
            "FixedN" => Law::Fixed(u64::from(packets)),
            "LogBackoff" => Law::Log,
            "LogLogBackoff" => Law::LogLog,
            "Quadratic" => Law::Power(2),
            "Cubic" => Law::Power(3),
            "Fibonacci" => Law::Fibonacci,
            "Sawtooth" => Law::Sawtooth,
            _ => return Err(row.problem("algorithm", format!("no algorithm is called {name}"))),
        };
        if packets > depth.pick(16_384, 64) {
            continue;
        }
        let (runs, n) = (row.number("runs")?, row.number("n")?);
        let attempts = row.number("attempts_mean")?;
        let known = [
            Known::mean(row.number("makespan_mean")?, row.number("makespan_sd")?, runs),
            Known::mean(attempts / n, row.number("attempts_sd")? / n, runs),
        ];
        let label = format!("algorithm={name};n={packets}");
        cases.push(case(packets, law, label, known.map(Some), attempts, depth));
    }
    Ok(cases.into_iter().chain(constants(depth)).collect())
}

/// Attempts per packet for many packets.
fn constants(depth: Depth) -> Vec<Case> {
    let few = depth.pick(16_384, 1024);
    let limit = |value, precision| [None, Some(Known { value, precision: Precision::Within(precision) })];
    let doubling = depth.pick(vec![4096, 16_384, 65_536], vec![1024]).into_iter().map(|n: u32| {
        let lg = f64::from(n).log2();
        let known = limit(lg + 0.4103, 2e-4);
        case(n, Law::Binary, format!("windows=2,4,8...;n={n}"), known, f64::from(n) * lg, depth)
    });
    let fixed = [("n/2", few / 2, 3.714_98), ("n", few, 2.009_794), ("2n", 2 * few, 1.466_17)];
    let fixed = fixed.into_iter().map(|(name, length, value)| {
        let law = Law::Fixed(u64::from(length));
        let label = format!("windows={name};n={few}");
        case(few, law, label, limit(value, 1e-4), f64::from(few) * value, depth)
    });
    fixed.chain(doubling).collect()
}

fn case(
    packets: u32,
    law: Law,
    label: String,
    known: [Option<Known>; 2],
    attempts: f64,
    depth: Depth,
) -> Case {
    let windows = Windows::new(law);
    let growth = Growth::Custom(Box::new(windows.clone()));
    let backoff = Arc::new(Backoff { growth, jitter: Jitter::None });
    let [makespan, tries] = known;
    let (total, most) = depth.pick((ATTEMPTS, 4000.0), (ATTEMPTS / 50.0, 400.0));
    Case {
        model: MODEL.name,
        label,
        asked: vec![Asked::new("makespan", makespan), Asked::new("attempts", tries)],
        experiment: Experiment::Batch(Batch { packets, windows, backoff }),
        runs: (total / attempts).clamp(20.0, most) as u32,
    }
}

/// A packet is sent.
#[derive(Clone, Copy, Debug)]
struct Sent(u32);

impl Ranked for Sent {
    type Key = Key;

    fn rank(&self, key: Key) -> Rank {
        let entity = u64::from(self.0);
        Rank { kind: 0, tie: key.tie(entity, 0), entity, index: 0 }
    }
}

impl Batch {
    /// Slots until all are through, and attempts per packet.
    pub(super) fn run(&self, key: Key) -> Seen {
        let mut events = EventSet::new(key);
        let draw =
            |packet: u32, failures: u32| key.draw(Purpose::Jitter, u64::from(packet), u64::from(failures));
        for packet in 0..self.packets {
            events.push(self.windows.instant(0, &mut draw(packet, 0)), Sent(packet));
        }
        let mut failures = vec![0; self.packets as usize];
        let (mut attempts, mut last) = (0u64, Instant::ZERO);
        let mut together = Vec::new();
        while let Some((now, sent)) = events.pop() {
            together.push(sent);
            attempts += 1;
            if events.next_instant() == Some(now) {
                continue;
            }
            match together[..] {
                [_] => last = now,
                _ => {
                    for &Sent(packet) in &together {
                        let failures = &mut failures[packet as usize];
                        *failures += 1;
                        let record = RetryRecord { failures: *failures, ..RetryRecord::first(Instant::ZERO) };
                        let delay = self.backoff.delay(&record, now, &mut draw(packet, *failures));
                        events.push(now + delay, Sent(packet));
                    }
                }
            }
            together.clear();
        }
        let makespan = (last + SLOT - Instant::ZERO).as_micros() / SLOT.as_micros();
        Seen { values: vec![makespan as f64, attempts as f64 / f64::from(self.packets)], events: attempts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_alone_is_through_at_once() {
        let case = case(1, Law::Fixed(1), String::new(), [None; 2], 1.0, Depth::Quick);
        assert_eq!(case.experiment.run(Key::new(1, 0)).values, [1.0, 1.0]);
    }

    /// Two packets in windows of two slots collide with probability 1/2: two attempts in the mean, with variance
    /// 2. Rejects a correct model with probability 1e-5.
    #[test]
    fn two_packets_need_two_windows_in_the_mean() {
        let case = case(2, Law::Fixed(2), String::new(), [None; 2], 4.0, Depth::Quick);
        let runs = 4000;
        let sum: f64 = (0..runs).map(|run| case.experiment.run(Key::new(1, run)).values[1]).sum();
        let mean = sum / f64::from(runs);
        assert!((mean - 2.0).abs() < 4.4 * (2.0 / f64::from(runs)).sqrt(), "{mean}");
    }
}
