//! Slots: what the server has for so many connections at a time, and who holds them.

use crate::id::{HostId, Line};

/// One use of a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    /// The connection; none while the slot only refuses, waits for a client that is gone, or idles.
    pub(super) line: Option<Line>,
    pub(super) client: HostId,
    /// Transactions begun over the connection.
    pub(super) carried: u32,
    pub(super) phase: Phase,
    /// Place in the order of acceptance.
    order: u64,
}

/// What the connection in a slot is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Set-up, or the short time of a refusal.
    Dialogue,
    /// A message is being transferred.
    Transfer,
    /// The server said 421 and closes the channel.
    Closing,
}

/// All slots.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    /// How many there are; none: as many as anybody wants.
    total: Option<u32>,
    holds: Vec<Option<Hold>>,
    /// Counts the uses of each place in `holds`.
    generations: Vec<u32>,
    free: Vec<u32>,
    in_use: u32,
    transfers: u32,
    /// Slots held by each client; grows with the largest client seen.
    of_client: Vec<u32>,
    accepted: u64,
}

impl Slots {
    pub(super) fn new(total: Option<u32>) -> Self {
        Self {
            total,
            holds: Vec::new(),
            generations: Vec::new(),
            free: Vec::new(),
            in_use: 0,
            transfers: 0,
            of_client: Vec::new(),
            accepted: 0,
        }
    }

    /// Whether no slot is left.
    pub(super) fn are_full(&self) -> bool {
        self.total.is_some_and(|total| self.in_use >= total)
    }

    pub(super) fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Messages being transferred.
    pub(super) fn transfers(&self) -> u32 {
        self.transfers
    }

    /// Slots this client holds.
    pub(super) fn of_client(&self, client: HostId) -> u32 {
        self.of_client.get(client.index()).copied().unwrap_or(0)
    }

    /// Takes a slot, which must be free; its place and generation name this use of it.
    pub(super) fn take(&mut self, line: Option<Line>, client: HostId) -> (u32, u32) {
        debug_assert!(!self.are_full(), "no slot is free");
        let slot = self.free.pop().unwrap_or_else(|| {
            self.holds.push(None);
            self.generations.push(0);
            self.holds.len() as u32 - 1
        });
        self.accepted += 1;
        let (phase, order) = (Phase::Dialogue, self.accepted);
        self.holds[slot as usize] = Some(Hold { line, client, carried: 0, phase, order });
        self.in_use += 1;
        if self.of_client.len() <= client.index() {
            self.of_client.resize(client.index() + 1, 0);
        }
        self.of_client[client.index()] += 1;
        (slot, self.generations[slot as usize])
    }

    /// The present use of a slot.
    pub(super) fn get(&self, slot: u32) -> Option<Hold> {
        self.holds[slot as usize]
    }

    /// The generation of the present use of a slot.
    pub(super) fn generation(&self, slot: u32) -> u32 {
        self.generations[slot as usize]
    }

    /// Notes what the connection in the slot is doing.
    pub(super) fn enter(&mut self, slot: u32, phase: Phase) {
        let Some(hold) = &mut self.holds[slot as usize] else { return };
        self.transfers -= u32::from(hold.phase == Phase::Transfer);
        self.transfers += u32::from(phase == Phase::Transfer);
        hold.phase = phase;
    }

    /// Counts a transaction that begins; returns how many began before it.
    pub(super) fn count_transaction(&mut self, slot: u32) -> u32 {
        let Some(hold) = &mut self.holds[slot as usize] else { return 0 };
        hold.carried += 1;
        hold.carried - 1
    }

    /// The connection has left; the slot is still held.
    pub(super) fn detach(&mut self, slot: u32) {
        self.enter(slot, Phase::Dialogue);
        if let Some(hold) = &mut self.holds[slot as usize] {
            hold.line = None;
        }
    }

    /// Frees a slot. Returns the connection that was in it.
    pub(super) fn release(&mut self, slot: u32) -> Option<Line> {
        let Hold { line, client, phase, .. } = *self.holds[slot as usize].as_ref()?;
        self.holds[slot as usize] = None;
        self.generations[slot as usize] = self.generations[slot as usize].wrapping_add(1);
        self.free.push(slot);
        self.in_use -= 1;
        self.transfers -= u32::from(phase == Phase::Transfer);
        self.of_client[client.index()] -= 1;
        line
    }

    /// Frees a slot if it is still in the use that `generation` names. Whether it was.
    pub(super) fn release_use(&mut self, slot: u32, generation: u32) -> bool {
        let is_same = self.generations[slot as usize] == generation;
        if is_same {
            self.release(slot);
        }
        is_same
    }

    /// The slots that must be freed so that no more than `keep` stay in use, youngest first.
    pub(super) fn excess(&self, keep: u32) -> Vec<u32> {
        let mut held: Vec<(u64, u32)> = (0..)
            .zip(&self.holds)
            .filter_map(|(slot, hold)| hold.as_ref().map(|hold| (hold.order, slot)))
            .collect();
        held.sort_unstable_by(|a, b| b.cmp(a));
        held.truncate(self.in_use.saturating_sub(keep) as usize);
        held.into_iter().map(|(_, slot)| slot).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_all_and_per_client() {
        let mut slots = Slots::new(Some(2));
        let (first, generation) = slots.take(Some(Line(0)), HostId(4));
        slots.take(Some(Line(1)), HostId(4));
        assert!(slots.are_full());
        assert_eq!((slots.in_use(), slots.of_client(HostId(4)), slots.of_client(HostId(9))), (2, 2, 0));
        slots.enter(first, Phase::Transfer);
        assert_eq!(slots.transfers(), 1);
        assert!(slots.release_use(first, generation));
        assert_eq!((slots.in_use(), slots.of_client(HostId(4)), slots.transfers()), (1, 1, 0));
        let (again, _) = slots.take(None, HostId(0));
        assert_eq!(again, first);
        assert!(!slots.release_use(first, generation), "an old name frees nothing");
    }

    #[test]
    fn the_youngest_are_the_excess() {
        let mut slots = Slots::new(None);
        let taken: Vec<u32> = (0..4).map(|line| slots.take(Some(Line(line)), HostId(0)).0).collect();
        slots.release(taken[1]);
        let (newest, _) = slots.take(Some(Line(7)), HostId(0));
        assert_eq!(slots.excess(2), [newest, taken[3]]);
        assert!(slots.excess(4).is_empty());
    }
}
