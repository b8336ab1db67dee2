//! What no policy can do better: the least mean delay of the mail that arrives while a recipient is down, the least
//! that is undelivered at any time, and how long a fluid would take to drain.
//!
//! While a recipient is down all that arrives waits; afterwards no more than its slots is served. Mail arrives at
//! a rate lambda for a window of length L, B = lambda L messages; c slots with transactions of mean m serve at most
//! C = c / m messages per second. So a message of the window waits L / 2 for its end on average, and then, if
//! these messages are served before all others, B / 2C for its turn: L (1 + lambda / C) / 2 in all. Any order that does not look at
//! lengths, and any policy, is at least as late. What is undelivered at t after the window's end is at least B + lambda t - C t,
//! and a fluid is drained after B / (C - lambda).
//!
//! Completions can be ahead of C t by what renewal theory allows each slot: nothing for lengths that are used up as they pass,
//! else the squared coefficient of variation (G. Lorden, "On excess over the boundary", Annals of Mathematical
//! Statistics 41 (1970): the excess of a renewal process over t has a mean of at most E S^2 / E S).

use serde::{Deserialize, Serialize};

use crate::law::Law;
use crate::recipient::gates::{Maintenance, Sessions};
use crate::recipient::{Drawn, Settings, When};
use crate::sender::Reuse;
use crate::system::{Plan, Senders};
use crate::time::Instant;
use crate::workload::{Rate, Source};

/// What limits every policy after a window in which nothing is served. Times are in seconds of the run, rates per
/// second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// From and until: the window, which is the interval of the cohort as well.
    pub window_s: [f64; 2],
    /// Messages that arrive, all the time.
    pub arrivals_per_s: f64,
    /// Messages that all slots together serve at most; none where they are not limited.
    pub capacity_per_s: Option<f64>,
    /// Messages by which completions may be ahead of that rate on average.
    pub ahead: f64,
    /// Mean transaction time, the least that a delivery takes.
    pub transaction_s: f64,
    /// Whether it is proven for the policies of the variant, or an estimate: where sessions may finish in the window and
    /// carry further mail, some of it may be delivered in the window itself.
    pub proven: bool,
}

impl Limit {
    /// The limit of a variant; none where the recipients are more than one, where not all mail arrives at constant rates, or
    /// where the cohort is not a window of its own in which the recipient is down entirely and that is long over at the
    /// horizon.
    pub fn of(plan: &Plan) -> Option<Self> {
        let [recipient] = plan.recipients.as_slice() else { return None };
        let settings = &recipient.settings;
        let mut gates = settings.maintenance();
        let ((_, gate), None) = (gates.next()?, gates.next()) else { return None };
        let window = first_window(gate)?;
        if window != plan.measure.cohort || gate.capacity > 0.0 {
            return None;
        }
        let rates = plan.sources().map(|source| constant_rate(source, window.start, plan.horizon));
        let arrivals_per_s = rates.sum::<Option<f64>>()?;
        let transaction_s = settings.transaction.mean().as_seconds();
        let slots = settings.slots_limit().map(f64::from).filter(|_| transaction_s > 0.0);
        let limit = Self {
            window_s: [window.start.as_seconds(), window.end.as_seconds()],
            arrivals_per_s,
            capacity_per_s: slots.map(|slots| slots / transaction_s),
            ahead: slots.map_or(0.0, |slots| slots * ahead(&settings.transaction)),
            transaction_s,
            proven: is_proven(plan, settings, gate),
        };
        limit.is_over_by(plan.horizon).then_some(limit)
    }

    /// Messages that arrive in the window, on average.
    pub fn backlog(&self) -> f64 {
        self.arrivals_per_s * self.length_s()
    }

    /// No policy has a smaller restricted mean of the mail that arrives in the window.
    pub fn restricted_mean_s(&self) -> f64 {
        let backlog = self.backlog();
        let turn = self.capacity_per_s.map_or(0.0, |capacity| {
            let behind = (backlog - self.ahead).max(0.0);
            behind * behind / (2.0 * capacity * backlog)
        });
        self.length_s() / 2.0 + turn.max(self.transaction_s)
    }

    /// From the end of the window until a fluid would have drained; none where the recipient cannot catch up, or has
    /// room for everybody.
    pub fn drain_s(&self) -> Option<f64> {
        let spare = self.capacity_per_s? - self.arrivals_per_s;
        (spare > 0.0).then(|| self.backlog() / spare)
    }

    /// At no time in the run are fewer messages undelivered on average, where nothing is bounced.
    pub fn undelivered(&self, at_s: f64) -> f64 {
        let [from, until] = self.window_s;
        if at_s <= until {
            return self.arrivals_per_s * (at_s - from).max(0.0);
        }
        let Some(capacity) = self.capacity_per_s else { return 0.0 };
        let arrived = self.arrivals_per_s * (at_s - from);
        (arrived - capacity * (at_s - until) - self.ahead).max(0.0)
    }

    fn length_s(&self) -> f64 {
        self.window_s[1] - self.window_s[0]
    }

    /// Whether the mail of the window could be served twice over until then: what the horizon cuts off must not
    /// matter, in no replication.
    fn is_over_by(&self, horizon: Instant) -> bool {
        let turns = self.capacity_per_s.map_or(0.0, |capacity| self.backlog() / capacity);
        self.arrivals_per_s > 0.0
            && self.window_s[1] + 2.0 * turns + self.transaction_s <= horizon.as_seconds()
    }
}

fn first_window(gate: &Maintenance) -> Option<std::ops::Range<Instant>> {
    match &gate.when {
        When::Fixed(windows) => windows.first().map(|window| window.start..window.end),
        When::Periodic { first, lasts, .. } => Some(*first..*first + *lasts),
        When::Random { .. } => None,
    }
}

/// Messages per second of a source that sends all the time from `from` on.
fn constant_rate(source: &Source, start: Instant, horizon: Instant) -> Option<f64> {
    match source {
        Source::Stream { rate: Rate::Constant { per_second }, from, until } => {
            (*from <= start && *until >= horizon).then_some(*per_second)
        }
        _ => None,
    }
}

/// By how many completions each slot may be ahead of its rate.
fn ahead(transaction: &Law) -> f64 {
    if transaction.is_used_up() { 0.0 } else { transaction.squared_variation() }
}

/// No mail of the window is delivered in it, and no transaction is drawn again.
fn is_proven(plan: &Plan, settings: &Settings, gate: &Maintenance) -> bool {
    let none_in_the_window = match &plan.senders {
        Senders::Clairvoyant => true,
        Senders::ByPolicy(policies) => {
            gate.sessions == Sessions::Cut
                || policies.iter().all(|policy| policy.connections.reuse == Reuse::None)
        }
    };
    none_in_the_window && settings.transaction_drawn == Drawn::Once
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit() -> Limit {
        Limit {
            window_s: [1000.0, 4600.0],
            arrivals_per_s: 1.0,
            capacity_per_s: Some(2.0),
            ahead: 0.0,
            transaction_s: 1.0,
            proven: true,
        }
    }

    /// The rows `fluid_*` of the model `oracle_drain`: L (1 + rho) / 2 of messages in the window, lambda L at the end,
    /// drained after lambda L / (mu - lambda).
    #[test]
    fn fluid_values() {
        let limit = limit();
        assert_eq!(limit.backlog(), 3600.0);
        assert_eq!(limit.restricted_mean_s(), 3600.0 * (1.0 + 0.5) / 2.0);
        assert_eq!(limit.drain_s(), Some(3600.0));
        let depths = [0.0, 1000.0, 2800.0, 4600.0, 6400.0, 8200.0, 9000.0].map(|at| limit.undelivered(at));
        assert_eq!(depths, [0.0, 0.0, 1800.0, 3600.0, 1800.0, 0.0, 0.0]);
    }

    #[test]
    fn completions_that_are_ahead_lower_it() {
        let ahead = Limit { ahead: 60.0, ..limit() };
        assert_eq!(ahead.restricted_mean_s(), 1800.0 + 3540.0 * 3540.0 / (4.0 * 3600.0));
        assert_eq!(ahead.undelivered(6400.0), 1740.0);
        // However far ahead, a delivery takes its time.
        assert_eq!(Limit { ahead: 1e9, ..limit() }.restricted_mean_s(), 1801.0);
    }

    #[test]
    fn without_slots_only_the_window_counts() {
        let unlimited = Limit { capacity_per_s: None, ..limit() };
        assert_eq!((unlimited.restricted_mean_s(), unlimited.drain_s()), (1801.0, None));
        assert_eq!(unlimited.undelivered(4601.0), 0.0);
        let overloaded = Limit { arrivals_per_s: 3.0, ..limit() };
        assert_eq!(overloaded.drain_s(), None);
        assert_eq!(overloaded.undelivered(4600.0 + 100.0), 3.0 * 3700.0 - 200.0);
    }
}
