//! Small models as machines that any event set can drive: they are told which event has come, and
//! say which ones come later.
//!
//! The code of a model is therefore the same on every engine that has no processes of its own. Random
//! numbers and the clock (whole microseconds) are too.

use std::convert::Infallible;

use rand::TryRng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use tempfail::validate::published::optimistic_lock::Table;

use crate::optimistic_lock::OptimisticLock;

/// Microseconds in a second.
pub const SECOND: f64 = 1e6;

/// Which model, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    /// M/M/1 with load 0.9: so many customers.
    Mm1 { customers: u64 },
    /// M/M/10/10 with retrials, seven customers a second, sessions of a second, two seconds between tries.
    Retrial { customers: u64 },
    /// HOLD: so many pending events, exponential increments with mean an hour, so many operations.
    Hold { pending: u32, operations: u64 },
    /// The optimistic lock of AWS's article with full jitter: so many clients, so many runs.
    Lock { clients: u32, runs: u64 },
}

/// An event that comes a number of microseconds later.
pub type Later<'a> = &'a mut dyn FnMut(u64, u32);

/// A model at work.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    kind: Kind,
    random: Random,
    /// Customers, operations or runs that are left.
    left: u64,
    now: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Kind {
    Mm1 { present: u64, since: u64, integral: u128 },
    Retrial { busy: u32, attempts: u64, arrived: u64 },
    Hold { pending: u32, done: u64 },
    Lock(OptimisticLock),
}

const ARRIVAL: u32 = 0;
const DEPARTURE: u32 = 1;
const RETRY: u32 = 2;

impl Task {
    /// The model before anything happened.
    pub fn machine(self) -> Machine {
        let (kind, left) = match self {
            Self::Mm1 { customers } => (Kind::Mm1 { present: 0, since: 0, integral: 0 }, customers),
            Self::Retrial { customers } => (Kind::Retrial { busy: 0, attempts: 0, arrived: 0 }, customers),
            Self::Hold { pending, operations } => (Kind::Hold { pending, done: 0 }, operations),
            Self::Lock { clients, runs } => (Kind::Lock(OptimisticLock::new(clients)), runs),
        };
        Machine { kind, random: Random(421), left, now: 0 }
    }

    /// Name and size of the model, as the table has them.
    pub fn name(self) -> (&'static str, u64) {
        match self {
            Self::Mm1 { customers } => ("mm1", customers),
            Self::Retrial { customers } => ("retrial", customers),
            Self::Hold { pending, .. } => ("hold", u64::from(pending)),
            Self::Lock { clients, .. } => ("optimistic-lock", u64::from(clients)),
        }
    }

    /// Customers, HOLD operations, or calls in a run with this result: what time is counted per.
    pub fn units(self, result: f64) -> f64 {
        match self {
            Self::Mm1 { customers } | Self::Retrial { customers } => customers as f64,
            Self::Hold { operations, .. } => operations as f64,
            Self::Lock { runs, .. } => result * runs as f64,
        }
    }

    /// The exact value of the result, or the best that is known, and how far a run of this length may be from it.
    ///
    /// M/M/1: nine customers in the system, within three standard errors (Whitt, Management Science 35(11),
    /// 1989: the asymptotic variance is 2 (1+rho) rho / (1-rho)^4 per mean session). Retrials: 1.18072300487
    /// attempts per customer. HOLD: operations in a mean increment, over the pending events: one.
    /// Optimistic lock: calls in a run, from 4000 runs of another program, within 4.5 standard errors of both together (error
    /// probability 7e-6).
    pub fn exact(self) -> (f64, f64) {
        match self {
            Self::Mm1 { customers } => {
                let (load, sessions) = (0.9f64, customers as f64 / 0.9);
                (9.0, 3.0 * (2.0 * load * (1.0 + load) / (1.0 - load).powi(4) / sessions).sqrt())
            }
            Self::Retrial { customers } => (1.180_723_004_87, 5.0 / (customers as f64).sqrt()),
            Self::Hold { pending, operations } => {
                (1.0, 5.0 / (operations as f64).sqrt() + 5.0 / f64::from(pending).sqrt())
            }
            Self::Lock { clients, runs } => {
                let (_, calls) = Table::published().of(clients, "FullJitter").expect("in the table");
                let of_both = (1.0 + 4000.0 / runs as f64).sqrt();
                (calls.value, 4.5 * calls.error(0.0) * of_both)
            }
        }
    }
}

impl Machine {
    /// Has the first events come.
    pub fn start(&mut self, later: Later) {
        match &mut self.kind {
            Kind::Mm1 { .. } | Kind::Retrial { .. } => later(0, ARRIVAL),
            Kind::Lock(lock) => lock.start(&mut self.random, later),
            Kind::Hold { pending, .. } => {
                (0..*pending).for_each(|token| later(self.random.exponential(3_600.0), token));
            }
        }
    }

    /// An event has come.
    #[inline]
    pub fn handle(&mut self, now: u64, event: u32, later: Later) {
        self.now = now;
        match &mut self.kind {
            Kind::Mm1 { present, since, integral } => {
                *integral += u128::from(*present) * u128::from(now - *since);
                *since = now;
                if event == ARRIVAL {
                    *present += 1;
                    later(self.random.exponential(1.0 / 0.9), ARRIVAL);
                    if *present == 1 {
                        later(self.random.exponential(1.0), DEPARTURE);
                    }
                } else {
                    *present -= 1;
                    self.left -= 1;
                    if *present > 0 {
                        later(self.random.exponential(1.0), DEPARTURE);
                    }
                }
            }
            Kind::Retrial { busy, attempts, arrived } => {
                if event == DEPARTURE {
                    *busy -= 1;
                    self.left -= 1;
                    return;
                }
                if event == ARRIVAL {
                    *arrived += 1;
                    later(self.random.exponential(1.0 / 7.0), ARRIVAL);
                }
                *attempts += 1;
                if *busy < 10 {
                    *busy += 1;
                    later(self.random.exponential(1.0), DEPARTURE);
                } else {
                    later(self.random.exponential(2.0), RETRY);
                }
            }
            Kind::Hold { done, .. } => {
                *done += 1;
                self.left -= 1;
                later(self.random.exponential(3_600.0), event);
            }
            Kind::Lock(lock) => {
                if lock.handle(event, &mut self.random, later) {
                    self.left -= 1;
                    if self.left > 0 {
                        lock.start(&mut self.random, later);
                    }
                }
            }
        }
    }

    /// Whether all is done.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    /// What [`Task::exact`] is compared with.
    pub fn result(&self) -> f64 {
        match &self.kind {
            Kind::Mm1 { integral, .. } => *integral as f64 / self.now as f64,
            Kind::Retrial { attempts, arrived, .. } => *attempts as f64 / *arrived as f64,
            Kind::Hold { pending, done } => {
                *done as f64 / (self.now as f64 / (3_600.0 * SECOND)) / f64::from(*pending)
            }
            Kind::Lock(lock) => lock.calls_per_run(),
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): two nanoseconds for a number, on every engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Random(pub u64);

impl Random {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Exponential with a mean in seconds, as whole microseconds; at least one.
    #[inline]
    pub fn exponential(&mut self, mean: f64) -> u64 {
        (-(-self.unit()).ln_1p() * mean * SECOND) as u64 + 1
    }

    /// Uniform from nothing to so many microseconds.
    pub fn uniform(&mut self, most: f64) -> u64 {
        (self.unit() * most) as u64
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(self)
    }

    /// From 0 up to 1.
    fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// For the distributions that others have written.
impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for piece in bytes.chunks_mut(8) {
            piece.copy_from_slice(&self.word().to_le_bytes()[..piece.len()]);
        }
        Ok(())
    }
}
