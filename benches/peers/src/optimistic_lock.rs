//! The model of AWS's article on exponential backoff and jitter, message by message.
//!
//! Clients that each want to change the same row once. All start at once: a client reads the version of the row, then
//! writes with that version; the write works if the version is still the same, and raises it. Else the client
//! waits with full jitter and begins again. Each of the four messages of an attempt takes |Normal(10 ms, 2 ms)| and is an
//! event; the row takes no time. The next run starts when the last client of one has its answer.

use serde::{Deserialize, Serialize};

use crate::model::{Later, Random};

/// Mean and standard deviation of the time of a message, in microseconds.
const LEG: (f64, f64) = (10e3, 2e3);

/// The full jitter of the article, in microseconds: up to the base, doubled for each failure, but no more than the cap.
const BASE: f64 = 5e3;
const CAP: f64 = 2e6;

/// The row and its clients. An event is the number of the client whose message arrives: each has one under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OptimisticLock {
    clients: Vec<Client>,
    version: u32,
    /// Clients that have no good answer in the present run.
    unanswered: usize,
    /// Writes and whole runs so far.
    calls: u64,
    runs: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Client {
    message: Message,
    failures: i32,
}

/// What arrives next, at the row or at the client.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Message {
    Read,
    Version(u32),
    Write(u32),
    Answer { is_written: bool },
}

impl OptimisticLock {
    /// So many clients before anything happened.
    pub fn new(clients: u32) -> Self {
        let clients = vec![Client { message: Message::Read, failures: 0 }; clients as usize];
        Self { clients, version: 0, unanswered: 0, calls: 0, runs: 0 }
    }

    /// Has all clients begin.
    pub fn start(&mut self, random: &mut Random, later: Later) {
        self.unanswered = self.clients.len();
        for (number, client) in (0..).zip(&mut self.clients) {
            *client = Client { message: Message::Read, failures: 0 };
            later(leg(random), number);
        }
    }

    /// The message of a client arrives. Whether that ends a run.
    #[inline]
    pub fn handle(&mut self, number: u32, random: &mut Random, later: Later) -> bool {
        let client = &mut self.clients[number as usize];
        let mut wait = 0;
        client.message = match client.message {
            Message::Read => Message::Version(self.version),
            Message::Version(version) => Message::Write(version),
            Message::Write(version) => {
                self.calls += 1;
                let is_written = version == self.version;
                self.version += u32::from(is_written);
                Message::Answer { is_written }
            }
            Message::Answer { is_written: false } => {
                client.failures += 1;
                wait = random.uniform((BASE * 2f64.powi(client.failures)).min(CAP));
                Message::Read
            }
            Message::Answer { is_written: true } => {
                self.unanswered -= 1;
                self.runs += u64::from(self.unanswered == 0);
                return self.unanswered == 0;
            }
        };
        later(leg(random) + wait, number);
        false
    }

    /// Writes in a run on average.
    pub fn calls_per_run(&self) -> f64 {
        self.calls as f64 / self.runs as f64
    }
}

fn leg(random: &mut Random) -> u64 {
    (LEG.0 + LEG.1 * random.normal()).abs() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The other number that the article shows: when the last client is done. Drawn wrongly, delays can leave the calls
    /// as they are, but not this.
    #[test]
    fn the_last_client_is_done_when_it_should_be() {
        const NEVER: u64 = u64::MAX;
        const RUNS: u32 = 200;
        let (mut lock, mut random) = (OptimisticLock::new(100), Random(421));
        let (mut at, mut now) = ([NEVER; 100], 0);
        for _ in 0..RUNS {
            lock.start(&mut random, &mut |delay, client| at[client as usize] = now + delay);
            loop {
                let next = (0..100).min_by_key(|client| at[*client]).unwrap();
                now = std::mem::replace(&mut at[next], NEVER);
                let later: Later = &mut |delay, client| at[client as usize] = now + delay;
                if lock.handle(next as u32, &mut random, later) {
                    break;
                }
            }
        }
        let mean = now as f64 / 1e3 / f64::from(RUNS);
        // Mean and standard deviation of 4000 runs of another program; 4.5 standard errors: error probability 1e-5.
        let tolerance = 4.5 * 536.184 * (1.0 / f64::from(RUNS) + 1.0 / 4000.0).sqrt();
        assert!((mean - 4895.484).abs() < tolerance, "{mean}");
    }
}
