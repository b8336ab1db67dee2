//! The gates of one recipient: asked in order, told together.

use std::hint::select_unpredictable;
use std::ops::Range;

use super::{AnyGate, Attempt, Gate, GateSettings, Refusal, Sessions, Told};
use crate::id::MessageId;
use crate::random::Key;
use crate::smtp::Stage;
use crate::time::Instant;

/// All gates of a recipient.
pub(in crate::recipient) struct GateSet {
    /// Those that are never asked, then by stage; in the order of the settings.
    gates: Vec<Placed>,
    /// Every attempt passes all stages, and most stages have no gates.
    at_stage: [AtStage; Stage::ALL.len()],
}

/// The gates of one stage.
struct AtStage {
    /// Where they lie.
    gates: Range<usize>,
    /// Places of those that listen when an attempt is admitted.
    hear_of_admitted: Vec<usize>,
    /// Places of those that listen when one is refused.
    hear_of_refused: Vec<usize>,
}

/// A gate and its position in the settings.
struct Placed {
    position: u32,
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
            Some(Placed { position, gate: AnyGate::new(settings, key.named(name))? })
        });
        let mut gates: Vec<Placed> = gates.collect();
        gates.sort_by_key(|placed| placed.gate.stage());
        let at_stage = Stage::ALL.map(|stage| {
            let here = gates.partition_point(|placed| placed.gate.stage() < Some(stage))
                ..gates.partition_point(|placed| placed.gate.stage() <= Some(stage));
            let listeners = |told: &[Told]| {
                let listens = |placed: &Placed| told.iter().any(|told| placed.gate.listens(*told));
                here.clone().filter(|place| listens(&gates[*place])).collect()
            };
            AtStage {
                hear_of_admitted: listeners(&[Told::Admitted]),
                hear_of_refused: listeners(&[Told::RefusedByYou, Told::RefusedByAnother]),
                gates: here,
            }
        });
        Self { gates, at_stage }
    }

    /// Whether no gate is asked at this stage.
    #[inline]
    pub(in crate::recipient) fn is_empty(&self, stage: Stage) -> bool {
        self.at_stage[stage as usize].gates.is_empty()
    }

    /// Takes an attempt past the gates of one stage. The first refusal wins.
    #[inline(always)]
    pub(in crate::recipient) fn ask(
        &mut self,
        stage: Stage,
        attempt: &Attempt,
        room: Room,
    ) -> Option<Refusal> {
        let here = &self.at_stage[stage as usize];
        let mut refuser = None;
        let mut place = here.gates.end;
        // From the last to the first, so that the first refusal is what is left. Whether a gate refuses cannot be
        // foreseen: both is done, and one of them taken.
        for placed in self.gates[here.gates.clone()].iter_mut().rev() {
            place -= 1;
            refuser = select_unpredictable(placed.gate.refuses(attempt), Some(place), refuser);
        }
        if refuser.is_none() && room == Room::Enough {
            for place in &here.hear_of_admitted {
                self.gates[*place].gate.told(attempt, Told::Admitted);
            }
            return None;
        }
        for place in &here.hear_of_refused {
            let told = if refuser == Some(*place) { Told::RefusedByYou } else { Told::RefusedByAnother };
            self.gates[*place].gate.told(attempt, told);
        }
        refuser.map(|place| self.gates[place].gate.refusal())
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
        self.gates.iter().find(|placed| placed.position == position)?.gate.next_change()
    }

    /// Changes the gate at a position of the settings: what happens to sessions that exceed what it
    /// leaves open now, and how much that is of `limit`.
    pub(in crate::recipient) fn change(
        &mut self,
        now: Instant,
        position: u32,
        limit: Option<u32>,
    ) -> Option<(Sessions, Option<u32>)> {
        let gate = &mut self.gates.iter_mut().find(|placed| placed.position == position)?.gate;
        Some((gate.change(now), gate.open(limit)))
    }

    /// What all gates together leave open of `limit` slots.
    pub(in crate::recipient) fn open(&self, limit: Option<u32>) -> Option<u32> {
        self.gates.iter().filter_map(|placed| placed.gate.open(limit)).chain(limit).min()
    }
}
