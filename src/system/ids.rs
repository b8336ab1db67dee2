//! Ids of messages: blocks that belong to one route each.
//!
//! The route of a message follows from its id by one look into a small table, so the message need
//! not carry it. Blocks are handed out as mail arrives, and arrivals never depend on the policy:
//! a message has the same id in every variant.

use crate::id::{MessageId, RouteId};

const BLOCK_BITS: u32 = 6;
const BLOCK: u32 = 1 << BLOCK_BITS;

/// Hands out ids and knows whose they are.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    /// The route of each block.
    owner: Vec<RouteId>,
    /// For each route: the next free id of its present block, and how many are left in it.
    open: Vec<(u32, u32)>,
}

impl Ids {
    /// Ids for messages of `routes` routes.
    pub(super) fn new(routes: usize) -> Self {
        Self { owner: Vec::new(), open: vec![(0, 0); routes] }
    }

    /// A new id for a message of `route`.
    pub(super) fn next(&mut self, route: RouteId) -> MessageId {
        let open = &mut self.open[route.index()];
        if open.1 == 0 {
            *open = ((self.owner.len() as u32) << BLOCK_BITS, BLOCK);
            self.owner.push(route);
        }
        let id = MessageId(open.0);
        open.0 += 1;
        open.1 -= 1;
        id
    }

    /// The route of a message.
    pub(super) fn route(&self, message: MessageId) -> RouteId {
        self.owner[(message.0 >> BLOCK_BITS) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_lead_back_to_their_route() {
        let mut ids = Ids::new(3);
        let mut seen = std::collections::BTreeSet::new();
        for i in 0..1_000u32 {
            let route = RouteId(i * i % 3);
            let id = ids.next(route);
            assert_eq!(ids.route(id), route);
            assert!(seen.insert(id));
        }
    }
}
