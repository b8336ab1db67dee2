//! A token bucket that gets one token at each tick of a clock, and none between.

use crate::random::Key;
use crate::recipient::gates::{Attempt, Blueprint, Gate, Told};
use crate::smtp::Stage;
use crate::time::{Instant, Span};

/// A bucket of so many tokens, full at first, with so long between two ticks. The clock begins at time zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiscreteBucket {
    pub(crate) size: u64,
    pub(crate) tick: Span,
}

impl Blueprint for DiscreteBucket {
    fn build(&self, _key: Key) -> Box<dyn Gate + Send> {
        Box::new(Bucket { settings: *self, tokens: self.size, ticks: 0 })
    }
}

#[derive(Debug)]
struct Bucket {
    settings: DiscreteBucket,
    tokens: u64,
    /// Ticks that were counted.
    ticks: u64,
}

impl Gate for Bucket {
    fn stage(&self) -> Option<Stage> {
        Some(Stage::Greeting)
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        let since_start = (attempt.now - Instant::ZERO).as_micros();
        let ticks = (since_start / self.settings.tick.as_micros()) as u64;
        self.tokens = (self.tokens + ticks - self.ticks).min(self.settings.size);
        self.ticks = ticks;
        self.tokens == 0
    }

    fn told(&mut self, _attempt: &Attempt, told: Told) {
        if told == Told::Admitted {
            self.tokens -= 1;
        }
    }
}
