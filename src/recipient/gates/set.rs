//! The gates of one recipient: asked in order, told together.

use std::ops::Range;

use super::{AnyGate, Attempt, Gate, GateSettings, Refusal, Sessions, Told};
use crate::id::MessageId;
use crate::random::Key;
use crate::smtp::Stage;
use crate::time::Instant;

/// All gates of a recipient.
pub(in crate::recipient) struct GateSet {
    /// By stage, and at one stage in the order of the settings.
    gates: Vec<Placed>,
    /// Where the gates of each stage are. Every attempt passes all stages, and most stages have none.
    at_stage: [Range<usize>; Stage::ALL.len()],
    /// From the first gate of each stage that listens to the last.
    listening: [Range<usize>; Stage::ALL.len()],
}

/// A gate with what is fixed about it.
struct Placed {
    /// Position in the settings.
    position: u32,
    stage: Option<Stage>,
    listens: bool,
    gate: AnyGate,
}

/// Whether there is a slot for whoever the gates admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::recipient) enum Room {
    Enough,
    None,
}

impl GateSet {
    /// The gates in their first state. `key` belongs to the recipient.
    pub(in crate::recipient) fn new(settings: &[(String, GateSettings)], key: Key) -> Self {
        let gates = (0..).zip(settings).filter_map(|(position, (name, settings))| {
            let gate = AnyGate::new(settings, key.named(name))?;
            Some(Placed { position, stage: gate.stage(), listens: gate.listens(), gate })
        });
        let mut gates: Vec<Placed> = gates.collect();
        gates.sort_by_key(|placed| placed.stage);
        let at_stage = Stage::ALL.map(|stage| {
            let start = gates.partition_point(|placed| placed.stage < Some(stage));
            start..gates.partition_point(|placed| placed.stage <= Some(stage))
        });
        let listening = at_stage.clone().map(|range| {
            let listens = |place: &usize| gates[*place].listens;
            let first = range.clone().find(listens).unwrap_or(range.end);
            first..range.rev().find(listens).map_or(first, |last| last + 1)
        });
        Self { gates, at_stage, listening }
    }

    /// Whether no gate is asked at this stage.
    #[inline]
    pub(in crate::recipient) fn is_empty(&self, stage: Stage) -> bool {
        self.at_stage[stage as usize].is_empty()
    }

    /// Takes an attempt past the gates of one stage. The first refusal wins.
    pub(in crate::recipient) fn ask(
        &mut self,
        stage: Stage,
        attempt: &Attempt,
        room: Room,
    ) -> Option<Refusal> {
        let listening = self.listening[stage as usize].clone();
        for placed in self.gates[listening.clone()].iter_mut().filter(|placed| placed.listens) {
            placed.gate.observe(attempt);
        }
        let mut refused: Option<(u32, Refusal)> = None;
        for placed in &mut self.gates[self.at_stage[stage as usize].clone()] {
            if let Some(refusal) = placed.gate.ask(attempt)
                && refused.is_none()
            {
                refused = Some((placed.position, refusal));
            }
        }
        for placed in self.gates[listening].iter_mut().filter(|placed| placed.listens) {
            let told = match refused {
                Some((position, _)) if position == placed.position => Told::RefusedByYou,
                None if room == Room::Enough => Told::Admitted,
                _ => Told::RefusedByAnother,
            };
            placed.gate.told(attempt, told);
        }
        refused.map(|(_, refusal)| refusal)
    }

    /// The factor on the time of a transaction that starts now.
    pub(in crate::recipient) fn stretch(&self, attempt: &Attempt) -> f64 {
        self.gates.iter().map(|placed| placed.gate.stretch(attempt)).product()
    }

    /// The recipient took over a message.
    pub(in crate::recipient) fn accepted(&mut self, message: MessageId) {
        self.gates.iter_mut().for_each(|placed| placed.gate.accepted(message));
    }

    /// When the gate at a position of the settings changes by itself next.
    pub(in crate::recipient) fn next_change(&self, position: u32) -> Option<Instant> {
        self.gates[self.place(position)?].gate.next_change()
    }

    /// Changes the gate at a position of the settings: what happens to sessions that exceed what it
    /// leaves open now, and how much that is of `limit`.
    pub(in crate::recipient) fn change(
        &mut self,
        now: Instant,
        position: u32,
        limit: Option<u32>,
    ) -> Option<(Sessions, Option<u32>)> {
        let place = self.place(position)?;
        let gate = &mut self.gates[place].gate;
        Some((gate.change(now), gate.open(limit)))
    }

    /// What all gates together leave open of `limit` slots.
    pub(in crate::recipient) fn open(&self, limit: Option<u32>) -> Option<u32> {
        self.gates.iter().filter_map(|placed| placed.gate.open(limit)).chain(limit).min()
    }

    fn place(&self, position: u32) -> Option<usize> {
        self.gates.iter().position(|placed| placed.position == position)
    }
}
