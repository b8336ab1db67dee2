//! A host that tries one of its waiting messages at a time, at the points of a Poisson process, however
//! many wait. New mail is tried at once.

use crate::random::Draw;
use crate::sender::memory::{Answer, Charge, Recall, Remember, Situation};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// Mean time between two tries of waiting mail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConstantRetrial {
    pub(crate) mean: Span,
}

impl Remember for ConstantRetrial {
    fn blank(&self) -> Box<dyn Recall> {
        Box::new(Probing { mean: self.mean, next: Instant::ZERO, draw: None })
    }
}

/// What one route remembers: when a waiting message may be tried next.
#[derive(Debug)]
struct Probing {
    mean: Span,
    next: Instant,
    /// The numbers of the last failure, from which further times are drawn.
    draw: Option<Draw>,
}

impl Probing {
    fn wait_anew(&mut self, now: Instant) {
        if let Some(draw) = &mut self.draw {
            // Never at once: the same instant would ask again.
            self.next = now + self.mean.scale(draw.exponential()).max(Span::from_micros(1));
        }
    }
}

impl Recall for Probing {
    fn ask(&mut self, situation: &Situation) -> Answer {
        if !situation.message.was_deferred() {
            return Answer::Go;
        }
        if situation.now < self.next {
            return Answer::Wait(self.next);
        }
        // Failing takes no time, so the next time may be drawn before it is known how this one ends.
        self.wait_anew(situation.now);
        Answer::Go
    }

    fn failed(&mut self, situation: &Situation, _failure: Failure, draw: Draw) -> Charge {
        self.draw = Some(draw);
        // A time that passed while nothing waited is forgotten; exponential times do not mind.
        if self.next <= situation.now {
            self.wait_anew(situation.now);
        }
        Charge::Host
    }

    fn worked(&mut self, _situation: &Situation) {}

    fn blocked_until(&self, now: Instant) -> Option<Instant> {
        (self.next > now).then_some(self.next)
    }
}
