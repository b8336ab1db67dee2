//! The recipient as an ideal sender would meet it: what bounds every policy from below.

use super::Settings;
use super::gates::{GateSettings, Greylist, Maintenance, Reject};
use crate::id::MessageId;
use crate::law::Law;
use crate::random::{Key, Purpose};
use crate::smtp::Code;
use crate::time::{Instant, Span};

/// A recipient without everything that depends on how senders behave: no set-up, no stretching, no
/// backlog, no rates, no limits for single clients.
#[derive(Clone, Debug)]
pub struct Relaxed {
    /// Slots open from each of these instants on, in order of time; none: as many as anybody wants.
    pub open_slots: Vec<(Instant, Option<u32>)>,
    /// Transfer of one message.
    pub transaction: Law,
    rejects: Vec<(Key, Reject)>,
    greylists: Vec<(Key, Greylist)>,
}

impl Settings {
    /// The relaxed recipient up to `horizon`; `key` belongs to the recipient.
    pub fn relaxed(&self, key: Key, horizon: Instant) -> Relaxed {
        let mut relaxed = Relaxed {
            open_slots: self.open_slots(key, horizon),
            transaction: self.transaction.clone(),
            rejects: Vec::new(),
            greylists: Vec::new(),
        };
        for (name, gate) in &self.gates {
            match gate {
                GateSettings::Reject(gate) => relaxed.rejects.push((key.named(name), *gate)),
                GateSettings::Greylist(gate) => relaxed.greylists.push((key.named(name), *gate)),
                _ => {}
            }
        }
        relaxed
    }

    fn open_slots(&self, key: Key, horizon: Instant) -> Vec<(Instant, Option<u32>)> {
        let limit = self.slots_limit();
        let mut changes = Vec::new();
        for (gate, (name, maintenance)) in self.maintenance().enumerate() {
            let shares = maintenance.open_share(key.named(name)).take_while(|(at, _)| *at < horizon);
            changes.extend(shares.map(|(at, share)| (at, gate, share)));
        }
        changes.sort_by_key(|(at, gate, _)| (*at, *gate));
        let mut open = vec![limit; self.maintenance().count()];
        let mut steps = vec![(Instant::ZERO, limit)];
        for (at, gate, share) in changes {
            open[gate] = Maintenance::open_slots(limit, share);
            let least = open.iter().flatten().min().copied();
            match steps.last_mut() {
                Some(last) if last.0 == at => last.1 = least,
                _ => steps.push((at, least)),
            }
        }
        steps
    }
}

impl Relaxed {
    /// The reply with which a message is rejected for good, if it is.
    pub fn rejects(&self, message: MessageId) -> Option<Code> {
        let identity = |key: &Key| key.draw(Purpose::GateIdentity, u64::from(message.0), 0).unit();
        self.rejects.iter().find(|(key, gate)| identity(key) < gate.share).map(|(_, gate)| gate.code)
    }

    /// From the first knock until a greylist lets the message pass.
    pub fn greylist_delay(&self, message: MessageId) -> Span {
        let identity = |key: &Key| key.draw(Purpose::GateIdentity, u64::from(message.0), 0).unit();
        self.greylists
            .iter()
            .filter(|(key, gate)| identity(key) >= gate.known)
            .map(|(_, gate)| gate.delay)
            .max()
            .unwrap_or(Span::ZERO)
    }
}
