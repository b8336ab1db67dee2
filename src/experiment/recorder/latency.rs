//! How long the cohort took, counted twice: message by message, and as undelivered mail over time.

use crate::experiment::record::{LatencyRecord, Outcomes};
use crate::id::HostId;
use crate::message::Message;
use crate::stats::dispersion::jain;
use crate::stats::histogram::Histogram;
use crate::system::Plan;
use crate::time::{Instant, Span};

pub(super) struct Latencies {
    horizon: Instant,
    cohort_end: Instant,
    delivered: Histogram,
    /// Sum of (horizon - arrival) over arrivals, less (horizon - delivery) for each delivery.
    restricted_sum: i128,
    /// The same quantity as the integral of undelivered cohort mail over time.
    undelivered: u64,
    undelivered_since: Instant,
    undelivered_integral: u128,
    wait_sum: u128,
    wait_square_sum_s2: f64,
    delivered_at_once: u64,
    hosts: Vec<HostSum>,
    /// Instants of delivery, by how long after the end of the cohort's interval.
    after_end: Histogram,
    before_end: u64,
}

#[derive(Clone, Copy, Default)]
struct HostSum {
    restricted: i128,
    messages: u64,
}

impl Latencies {
    pub(super) fn new(plan: &Plan) -> Self {
        let hosts: u32 = plan.populations.iter().map(|population| population.hosts).sum();
        Self {
            horizon: plan.horizon,
            cohort_end: plan.measure.cohort.end,
            delivered: Histogram::new(),
            restricted_sum: 0,
            undelivered: 0,
            undelivered_since: Instant::ZERO,
            undelivered_integral: 0,
            wait_sum: 0,
            wait_square_sum_s2: 0.0,
            delivered_at_once: 0,
            hosts: vec![HostSum::default(); hosts as usize],
            after_end: Histogram::new(),
            before_end: 0,
        }
    }

    /// A message of the cohort reached its sender. What it waited before the start counts too.
    pub(super) fn arrived(&mut self, now: Instant, message: &Message, host: HostId) {
        self.advance(now);
        self.undelivered += 1;
        self.undelivered_integral += micros(now - message.arrival());
        let longest = i128::from((self.horizon - message.arrival()).as_micros());
        self.restricted_sum += longest;
        let host = &mut self.hosts[host.index()];
        host.restricted += longest;
        host.messages += 1;
    }

    pub(super) fn delivered(&mut self, now: Instant, message: &Message, host: HostId, started: Instant) {
        self.advance(now);
        self.undelivered -= 1;
        let saved = i128::from((self.horizon - now).as_micros());
        self.restricted_sum -= saved;
        self.hosts[host.index()].restricted -= saved;
        self.delivered.record(message.age(now).as_micros() as u64);
        let wait = started - message.arrival();
        self.wait_sum += micros(wait);
        self.wait_square_sum_s2 += wait.as_seconds() * wait.as_seconds();
        self.delivered_at_once += u64::from(!message.was_deferred());
        match now <= self.cohort_end {
            true => self.before_end += 1,
            false => self.after_end.record((now - self.cohort_end).as_micros() as u64),
        }
    }

    /// Completes the record. The two ways of counting must agree to the microsecond.
    pub(super) fn finish(mut self, cohort: &Outcomes) -> LatencyRecord {
        self.advance(self.horizon);
        assert_eq!(
            u128::try_from(self.restricted_sum).ok(),
            Some(self.undelivered_integral),
            "the sum of restricted latencies must equal undelivered mail integrated over time"
        );
        let means: Vec<f64> = self
            .hosts
            .iter()
            .filter(|host| host.messages > 0)
            .map(|host| host.restricted as f64 / host.messages as f64)
            .collect();
        LatencyRecord {
            through: [0.50, 0.95, 0.99].map(|share| self.through(share, cohort.arrived)),
            delivered: self.delivered,
            restricted_sum: self.undelivered_integral,
            wait_sum: self.wait_sum,
            wait_square_sum_s2: self.wait_square_sum_s2,
            delivered_at_once: self.delivered_at_once,
            fairness: jain(&means),
        }
    }

    /// From the end of the cohort's interval until a share of the whole cohort was delivered.
    fn through(&self, share: f64, arrived: u64) -> Option<Span> {
        let rank = crate::stats::quantile::rank(share, arrived)?;
        if rank <= self.before_end {
            return Some(Span::ZERO);
        }
        let after = self.after_end.value_at_rank(rank - self.before_end)?;
        Some(Span::from_micros(after.round() as i64))
    }

    fn advance(&mut self, now: Instant) {
        self.undelivered_integral += u128::from(self.undelivered) * micros(now - self.undelivered_since);
        self.undelivered_since = now;
    }
}

fn micros(span: Span) -> u128 {
    span.as_micros() as u128
}
