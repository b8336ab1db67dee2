//! What memories are asked in their tests.

use super::Situation;
use crate::id::MessageId;
use crate::message::Message;
use crate::random::Key;
use crate::sender::backoff::{Backoff, Growth, Jitter};
use crate::sender::{Clock, Connections, Lifetime, Memory, Policy, Runner};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

/// So many seconds after the start.
pub(super) fn at(seconds: f64) -> Instant {
    Instant::ZERO + Span::from_seconds_f64(seconds)
}

/// A 421 at this stage.
pub(super) fn failure(stage: Stage) -> Failure {
    Failure::new(stage, Some(Code::SERVICE_NOT_AVAILABLE))
}

/// Two messages of one policy: a new one, and one that was put off.
#[derive(Debug)]
pub(super) struct Asked {
    policy: Policy,
    new: Message,
    deferred: Message,
    pub(super) connections: u32,
}

impl Asked {
    pub(super) fn new() -> Self {
        Self::by(1)
    }

    pub(super) fn by(message: u32) -> Self {
        let policy = Policy {
            name: "p".to_owned(),
            backoff: Backoff { growth: Growth::Immediate, jitter: Jitter::None },
            memory: Memory::None,
            runner: Runner::Timer,
            lifetime: Lifetime::default(),
            connections: Connections::default(),
            clock: Span::ZERO,
        };
        let new = Message::new(MessageId(message), Instant::ZERO);
        let mut deferred = new;
        deferred.count_failure();
        deferred.mark_deferred();
        Self { policy, new, deferred, connections: 1 }
    }

    pub(super) fn first_try(&self, seconds: f64) -> Situation<'_> {
        self.situation(&self.new, seconds)
    }

    pub(super) fn retry(&self, seconds: f64) -> Situation<'_> {
        self.situation(&self.deferred, seconds)
    }

    fn situation<'a>(&'a self, message: &'a Message, seconds: f64) -> Situation<'a> {
        Situation {
            now: at(seconds),
            clock: Clock::EXACT,
            policy: &self.policy,
            message,
            connections: self.connections,
            run: None,
            lasted: Span::ZERO,
            key: Key::new(5, 0),
        }
    }
}
