//! Schedules for all phases of scans or runs, in pieces.
//!
//! Attempts are made at ticks, so that while the phase moves a little every attempt but the first moves
//! with it, until one of them comes to lie at another tick. Within such a piece, integrals over the
//! arrivals are polynomials of degree two in the phase, which Simpson's rule integrates exactly.
//!
//! Pieces are found by comparing schedules at the ends of cells, and halving cells until both ends
//! agree or are a microsecond apart. A cell is as long as the program's clock ticks: what it computes in
//! whole seconds cannot change within one. For a program with an exact clock cells are a second, or a
//! 256th of the period if that is shorter; a piece that begins and ends within one cell can be missed.

use super::cost::{Integral, Sums};
use super::{End, Schedule, first_at_or_after};
use crate::time::{Instant, Span};

/// Cells of a period, at least and at most.
const CELLS: [i64; 2] = [256, 4096];

/// Phases with schedules that differ by nothing but a shift.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    /// The first and the last phase, in microseconds.
    from: i64,
    to: i64,
    /// The attempts at the first phase, and whether they move with it.
    attempts: Vec<(Instant, bool)>,
    gives_up: bool,
}

impl Piece {
    /// The only piece where there are no phases.
    pub(super) fn constant(schedule: &Schedule) -> Self {
        Self {
            from: 0,
            to: 0,
            attempts: schedule.attempts.iter().map(|&at| (at, false)).collect(),
            gives_up: schedule.end != End::StillQueued,
        }
    }

    /// The piece from one phase to another, if their schedules are alike.
    fn between(from: i64, first: &Schedule, to: i64, last: &Schedule) -> Option<Self> {
        let ends = [first.end, last.end].map(|end| matches!(end, End::Bounced { .. }));
        if first.attempts.len() != last.attempts.len() || ends[0] != ends[1] {
            return None;
        }
        let shift = Span::from_micros(to - from);
        let attempts = first.attempts.iter().zip(&last.attempts).map(|(&one, &other)| match other - one {
            Span::ZERO => Some((one, false)),
            moved => (moved == shift).then_some((one, true)),
        });
        Some(Self { from, to, attempts: attempts.collect::<Option<_>>()?, gives_up: ends[0] })
    }

    /// The attempts at a phase.
    fn at(&self, phase: i64) -> Vec<Instant> {
        let shift = Span::from_micros(phase - self.from);
        self.attempts.iter().map(|&(at, moves)| if moves { at + shift } else { at }).collect()
    }

    /// Whether it is known for all its phases what comes of a message after so long.
    pub(super) fn reaches(&self, lasts: Span) -> bool {
        self.gives_up || self.attempts.last().is_some_and(|&(last, _)| last >= Instant::ZERO + lasts)
    }

    /// The longest outage that a message survives at any of its phases; none if it is never given up.
    pub(super) fn survives(&self) -> Option<Span> {
        let last = self.attempts.last().map_or(Span::ZERO, |&(last, _)| last - Instant::ZERO);
        self.gives_up.then_some(last)
    }

    /// Adds the costs of an outage, by the number of phases.
    pub(super) fn add_to(&self, sums: &mut Sums, lasts: Span) {
        let mut edges = vec![self.from];
        edges.extend(self.crossing(lasts));
        edges.push(self.to);
        // Each part has the phases from one edge up to the next; the last part has its own end, too.
        for (place, pair) in edges.windows(2).enumerate() {
            let (from, to) = (pair[0], pair[1]);
            let last = place + 2 == edges.len();
            let weight = (to - from + i64::from(last)) as f64;
            if weight > 0.0 {
                self.add_part(sums, lasts, from, to, weight);
            }
        }
    }

    /// The phase inside the piece at which an attempt lies at the end of the outage; there is at most
    /// one, because attempts that move are a period apart.
    fn crossing(&self, lasts: Span) -> Option<i64> {
        let end = Instant::ZERO + lasts;
        let phase = |&(at, moves): &(Instant, bool)| {
            let phase = self.from + (end - at).as_micros();
            (moves && self.from < phase && phase < self.to).then_some(phase)
        };
        self.attempts.iter().find_map(phase)
    }

    /// Adds phases between which no attempt crosses the end of the outage.
    fn add_part(&self, sums: &mut Sums, lasts: Span, from: i64, to: i64, weight: f64) {
        let ends = [from, to].map(|phase| self.at(phase));
        let middle = self.at(from + (to - from) / 2);
        let [low, mid, high] = [&ends[0], &middle, &ends[1]].map(|attempts| Integral::of(attempts, lasts));
        let simpson = |pick: fn(&Integral) -> f64| (pick(&low) + 4.0 * pick(&mid) + pick(&high)) / 6.0;
        let integral =
            Integral { waited: simpson(|one| one.waited), delivered: simpson(|one| one.delivered) };
        // Which gaps begin before the end is the same for all phases but those at the edges.
        let gaps = first_at_or_after(&middle, Instant::ZERO + lasts);
        let gap = |attempts: &[Instant]| attempts.windows(2).take(gaps).map(|pair| pair[1] - pair[0]).max();
        sums.add(integral, lasts.as_seconds(), weight, gap(&ends[0]).max(gap(&ends[1])));
    }
}

/// The pieces of all phases of a period. `clock` is the resolution with which the program reads the
/// time; `follow` makes the schedule of a phase.
pub(super) fn pieces(every: Span, clock: Span, follow: impl Fn(Span) -> Schedule) -> Vec<Piece> {
    let every = every.as_micros().max(1);
    let grain = if clock > Span::ZERO { clock } else { Span::SECOND };
    let cell = grain.as_micros().min(every / CELLS[0]).max(every / CELLS[1]).max(1);
    let mut search = Search { follow: |phase| follow(Span::from_micros(phase)), found: Vec::new() };
    for from in (0..every).step_by(cell as usize) {
        let to = (from + cell).min(every) - 1;
        let (first, last) = ((search.follow)(from), (search.follow)(to));
        search.split(from, &first, to, &last);
    }
    search.found
}

/// Pieces that are found, in order.
struct Search<F> {
    follow: F,
    found: Vec<Piece>,
}

impl<F: Fn(i64) -> Schedule> Search<F> {
    fn split(&mut self, from: i64, first: &Schedule, to: i64, last: &Schedule) {
        match Piece::between(from, first, to, last) {
            Some(piece) => self.add(piece),
            None => {
                let middle = from + (to - from) / 2;
                let (left, right) = ((self.follow)(middle), (self.follow)(middle + 1));
                self.split(from, first, middle, &left);
                self.split(middle + 1, &right, to, last);
            }
        }
    }

    /// Adds a piece, as the continuation of the one before where that goes on.
    fn add(&mut self, piece: Piece) {
        if let Some(before) = self.found.last_mut()
            && before.gives_up == piece.gives_up
            && before.at(piece.to).iter().eq(piece.at(piece.to).iter())
            && before.at(piece.from).iter().eq(piece.at(piece.from).iter())
        {
            before.to = piece.to;
            return;
        }
        self.found.push(piece);
    }
}
