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
    /// The route of each notice. Their ids are apart, so that those of arriving mail do not depend on how
    /// many notices a policy has sent.
    notices: Vec<RouteId>,
}

impl Ids {
    /// Ids for messages of `routes` routes.
    pub(super) fn new(routes: usize) -> Self {
        Self { owner: Vec::new(), open: vec![(0, 0); routes], notices: Vec::new() }
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

    /// A new id for a notice that goes by `route`; none if there are no more.
    pub(super) fn next_notice(&mut self, route: RouteId) -> Option<MessageId> {
        let id = MessageId::FIRST_NOTICE.0.checked_add(self.notices.len() as u32)?;
        self.notices.push(route);
        Some(MessageId(id))
    }

    /// The route of a message.
    pub(super) fn route(&self, message: MessageId) -> RouteId {
        if message.is_notice() {
            return self.notices[(message.0 - MessageId::FIRST_NOTICE.0) as usize];
        }
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
            let notice = ids.next_notice(route).expect("there are enough");
            assert_eq!(ids.route(notice), route);
            assert!(notice.is_notice() && !id.is_notice() && seen.insert(notice));
        }
    }
}
