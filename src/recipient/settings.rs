//! How a recipient behaves, in its running form.

use super::backlog::Backlog;
use super::gates::{GateSettings, Maintenance};
use super::schedule::Window;
use crate::law::Law;
use crate::random::Key;
use crate::time::{Instant, Span};

/// A recipient server. Gates are asked in the order in which they are listed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Simultaneous connections the server has room for; none: as many as anybody wants.
    pub slots: Option<u32>,
    /// Every attempt takes at least this.
    pub round_trip: Span,
    /// Greeting, HELO and TLS, on top of a round trip.
    pub setup: Law,
    /// Transfer of one message up to the reply that accepts it.
    pub transaction: Law,
    /// Whether a message that is tried again has the same transaction time.
    pub transaction_drawn: Drawn,
    /// How long a finished connection still holds its slot.
    pub idle_hold: Span,
    /// Reasons to refuse, with their names. Random numbers of a gate are keyed by its name.
    pub gates: Vec<(String, GateSettings)>,
}

/// How often the transaction time of a message is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawn {
    /// Once: a message whose transaction was cut is as long the next time.
    #[default]
    Once,
    /// Each time it is tried.
    EachTry,
}

impl Settings {
    /// Most connections at a time: the smaller one of the slots and the lowest connection limit.
    pub fn slots_limit(&self) -> Option<u32> {
        let limits = self.gates.iter().filter_map(|(_, gate)| match gate {
            GateSettings::ConnectionLimit(gate) => Some(gate.limit),
            _ => None,
        });
        limits.chain(self.slots).min()
    }

    /// The capacity: connections that the recipient can finish in a second, each with one message.
    ///
    /// [`Self::slots_limit`] / (round trip + mean set-up + mean transaction + idle hold). None when
    /// nothing limits it. Gates that stretch transactions are left out.
    pub fn connections_per_second(&self) -> Option<f64> {
        let session = self.round_trip + self.setup.mean() + self.transaction.mean() + self.idle_hold;
        let limit = self.slots_limit()?;
        (session > Span::ZERO).then(|| f64::from(limit) / session.as_seconds())
    }

    /// The maintenance gates with their names.
    pub fn maintenance(&self) -> impl Iterator<Item = (&str, &Maintenance)> {
        self.gates.iter().filter_map(|(name, gate)| match gate {
            GateSettings::Maintenance(gate) => Some((name.as_str(), gate)),
            _ => None,
        })
    }

    /// All maintenance windows that start before `horizon`, in order of their start, random ones
    /// included. `key` is the recipient's.
    pub fn windows(&self, key: Key, horizon: Instant) -> Vec<Window> {
        let mut windows: Vec<Window> = self
            .maintenance()
            .flat_map(|(name, gate)| {
                gate.when.windows(key.named(name)).take_while(|window| window.start < horizon)
            })
            .collect();
        windows.sort_by_key(|window| (window.start, window.end));
        windows
    }

    /// The backlog, if one is configured (the last one, if there are several).
    pub(super) fn backlog(&self) -> Option<Backlog> {
        self.gates.iter().rev().find_map(|(_, gate)| match gate {
            GateSettings::Backlog(backlog) => Some(*backlog),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::{ConnectionLimit, Cost};
    use crate::recipient::testing;

    #[test]
    fn capacity_is_slots_over_the_mean_session() {
        let mut settings = testing::settings(Some(100));
        settings.round_trip = Span::from_micros(50_000);
        settings.setup = Law::Constant(Span::from_micros(200_000));
        settings.transaction = Law::Exponential(Span::from_micros(750_000));
        assert_eq!(settings.connections_per_second(), Some(100.0));
        let limit = GateSettings::ConnectionLimit(ConnectionLimit { limit: 20, cost: Cost::NONE });
        settings.gates.push(("limit".to_owned(), limit));
        assert_eq!((settings.slots_limit(), settings.connections_per_second()), (Some(20), Some(20.0)));
        assert_eq!(testing::settings(None).connections_per_second(), None);
    }
}
