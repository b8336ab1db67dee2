//! Rates that change over time in steps: constant, by the hour of the day, or at random.

use crate::random::{Key, Purpose};
use crate::time::{Instant, Span};

/// How many messages come per second, as a function of time that is constant piece by piece.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// The same all the time.
    Constant {
        /// Messages per second.
        per_second: f64,
    },
    /// Another one in each hour of the day; day one begins at the start of the scenario.
    Daily {
        /// Messages per second in each hour.
        per_second: [f64; 24],
    },
    /// A Markov-modulated rate: states follow each other in a cycle, each for an exponential time.
    Modulated {
        /// For each state: messages per second, and how long it lasts on average.
        states: Vec<(f64, Span)>,
    },
}

/// The pieces of a rate one after another.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    rate: Rate,
    key: Key,
    index: u64,
    /// The present piece: messages per second, and where it ends.
    per_second: f64,
    end: Instant,
}

const HOUR: Span = Span::from_seconds(3_600);

impl Pieces {
    /// The pieces of `rate` from the start of the scenario on.
    pub(super) fn new(rate: Rate, key: Key) -> Self {
        let mut pieces = Self { rate, key, index: 0, per_second: 0.0, end: Instant::ZERO };
        pieces.advance();
        pieces
    }

    /// Messages per second in the present piece.
    pub(super) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// Where the present piece ends.
    pub(super) fn end(&self) -> Instant {
        self.end
    }

    /// Goes on to the next piece.
    pub(super) fn advance(&mut self) {
        let index = self.index;
        self.index += 1;
        match &self.rate {
            Rate::Constant { per_second } => {
                self.per_second = *per_second;
                self.end = Instant::NEVER;
            }
            Rate::Daily { per_second } => {
                self.per_second = per_second[(index % 24) as usize];
                self.end += HOUR;
            }
            Rate::Modulated { states } => {
                let (per_second, mean) = states[(index % states.len() as u64) as usize];
                let stay = mean.scale(self.key.draw(Purpose::Modulation, 0, index).exponential());
                self.per_second = per_second;
                self.end += stay.max(Span::MICROSECOND);
            }
        }
    }
}
