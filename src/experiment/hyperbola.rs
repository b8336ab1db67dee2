//! One slot, exponential sessions, nothing but a connection limit: the one case in which the price of sooner delivery
//! is known exactly.
//!
//! In the retrial queue M/M/1/1, where each message that was refused tries again after an exponential time of rate theta,
//! the mean wait is W = g (1 / mu + 1 / theta) and the attempts per message are A = 1 + g (1 + theta / mu), with
//! g = rho / (1 - rho) (G. Falin and J. Templeton, "Retrial Queues", 1997). Without theta that is a hyperbola:
//! (W - g / mu) (A - 1 - g) = g^2 / mu. No exponential timer waits less than g / mu, the wait in line, or tries again less than g
//! times.

use serde::{Deserialize, Serialize};

use crate::law::Law;
use crate::recipient::Drawn;
use crate::recipient::gates::{Cost, GateSettings};
use crate::system::Plan;
use crate::time::{Instant, Span};
use crate::workload::{Rate, Source};

/// What exponential timers of any rate cost and give, in the steady state.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hyperbola {
    /// rho / (1 - rho), rho being the part of the time that the slot is busy: below 1.
    pub busy_over_free: f64,
    /// The mean of a session in seconds, 1 / mu.
    pub session_s: f64,
}

impl Hyperbola {
    /// The curve of a scenario; none where it is not of that kind, or the slot is overloaded.
    pub fn of(plan: &Plan) -> Option<Self> {
        let [recipient] = plan.recipients.as_slice() else { return None };
        let settings = &recipient.settings;
        let Law::Exponential(session) = settings.transaction else { return None };
        let nothing_else = settings.round_trip == Span::ZERO
            && settings.idle_hold == Span::ZERO
            && settings.setup == Law::ZERO
            && settings.transaction_drawn == Drawn::Once;
        let [(_, GateSettings::ConnectionLimit(limit))] = settings.gates.as_slice() else { return None };
        if !nothing_else || limit.limit != 1 || limit.cost != Cost::NONE || settings.slots_limit() != Some(1)
        {
            return None;
        }
        let rates = plan.sources().map(|source| match source {
            Source::Stream { rate: Rate::Constant { per_second }, from, until } => {
                (*from == Instant::ZERO && *until >= plan.horizon).then_some(*per_second)
            }
            _ => None,
        });
        let busy = rates.sum::<Option<f64>>()? * session.as_seconds();
        let is_stable = busy > 0.0 && busy < 1.0;
        is_stable.then(|| Self { busy_over_free: busy / (1.0 - busy), session_s: session.as_seconds() })
    }

    /// The mean time until delivery at so many retries per message; none at fewer than any exponential timer makes.
    pub fn mean_latency_s(&self, retries: f64) -> Option<f64> {
        let Self { busy_over_free: g, session_s } = *self;
        let more = retries - g;
        (more > 0.0).then(|| session_s * (1.0 + g + g * g / more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of the model `MM11_retrial` at rho = 0.7 and theta = 0.5, sessions of a second.
    #[test]
    fn it_goes_through_the_exact_values() {
        let curve = Hyperbola { busy_over_free: 0.7 / 0.3, session_s: 1.0 };
        let (wait, attempts) = (0.7 / 0.3 * (1.0 + 2.0), 1.0 + 0.7 / 0.3 * 1.5);
        let latency = curve.mean_latency_s(attempts - 1.0).unwrap();
        assert!((latency - (wait + 1.0)).abs() < 1e-9, "{latency}");
        assert_eq!(curve.mean_latency_s(2.0), None);
    }
}
