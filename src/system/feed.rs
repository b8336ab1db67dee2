//! Mail as it comes in: the sources of all populations, and the hosts and ids of what they bring.

use super::ids::Ids;
use super::observer::Place;
use super::plan::{Layout, Plan};
use crate::id::{PopulationId, RouteId};
use crate::message::Message;
use crate::random::{Key, Purpose};
use crate::time::Instant;
use crate::workload::{Arrival, Arrivals, Share};

/// All arrivals of a run. Nothing here depends on what becomes of the mail.
pub(super) struct Feed<'p> {
    plan: &'p Plan,
    pub(super) layout: Layout,
    pub(super) ids: Ids,
    sources: Vec<Source>,
}

struct Source {
    population: PopulationId,
    arrivals: Arrivals,
    next: Option<Arrival>,
}

/// A message that has just reached its sender.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived {
    pub(super) message: Message,
    pub(super) route: RouteId,
    pub(super) at: Place,
    pub(super) population: PopulationId,
    pub(super) was_queued: bool,
}

impl<'p> Feed<'p> {
    pub(super) fn new(plan: &'p Plan, key: Key) -> Self {
        let layout = plan.layout();
        let mut sources = Vec::new();
        for (index, population) in (0u32..).map(PopulationId).zip(&plan.populations) {
            let key = key.named(&population.name);
            for named in &population.sources {
                let mut arrivals = Arrivals::new(&named.source, key.named(&named.name), plan.horizon);
                let next = arrivals.next_arrival();
                sources.push(Source { population: index, arrivals, next });
            }
        }
        Self { plan, ids: Ids::new(layout.routes.len()), layout, sources }
    }

    /// When the first message of each source arrives.
    pub(super) fn first_arrivals(&self) -> impl Iterator<Item = (u32, Instant)> + '_ {
        (0u32..)
            .zip(&self.sources)
            .filter_map(|(index, source)| source.next.as_ref().map(|arrival| (index, arrival.at)))
    }

    /// Takes the pending message of a source, and says when the one after it arrives.
    ///
    /// # Panics
    ///
    /// If the source has no pending message.
    pub(super) fn arrive(&mut self, source: u32) -> (Arrived, Option<Instant>) {
        let source = &mut self.sources[source as usize];
        let arrival = source.next.take().expect("an arrival event has its message");
        source.next = source.arrivals.next_arrival();
        let population = &self.plan.populations[source.population.index()];
        let key = source.arrivals.key();
        let pick = |purpose, share: &Share| share.pick(&mut key.draw(purpose, 0, arrival.index));
        let host = arrival.host.unwrap_or_else(|| pick(Purpose::Host, &population.share));
        let recipient =
            arrival.recipient.unwrap_or_else(|| pick(Purpose::Recipient, &population.recipient_share));
        let route = self.layout.route(source.population, host, recipient);
        // A law without an upper end may draw what no queue holds.
        let since = arrival.since.max(Instant::ZERO - Message::MAX_AGE_AT_START);
        let message = Message::new(self.ids.next(route), since);
        let (at, population) = (self.layout.place(route), source.population);
        let arrived = Arrived { message, route, at, population, was_queued: arrival.was_queued };
        (arrived, source.next.as_ref().map(|next| next.at))
    }

    /// Between whom a message goes.
    pub(super) fn place(&self, message: &Message) -> Place {
        self.layout.place(self.ids.route(message.id()))
    }
}
