//! The acceptor: the one process that takes connections before they have a slot.
//!
//! Exim's daemon and Postfix' postscreen answer 421 themselves before they hand a connection to a
//! process of its own. While such a refusal lasts nobody else is taken.

use crate::time::{Instant, Span};

/// Whether the acceptor can take a connection.
#[derive(Clone, Debug)]
pub(super) struct Acceptor {
    /// The present refusal is over then.
    busy_until: Instant,
    /// Whether somebody is going to be told when it is over.
    awaited: bool,
}

impl Acceptor {
    /// An acceptor that is free.
    pub(super) fn new() -> Self {
        Self { busy_until: Instant::from_micros(i64::MIN), awaited: false }
    }

    /// Whether the next connection can be taken.
    pub(super) fn is_free(&self, now: Instant) -> bool {
        now >= self.busy_until
    }

    /// Spends `takes` on a refusal.
    pub(super) fn refuse(&mut self, now: Instant, takes: Span) {
        self.busy_until = self.busy_until.max(now + takes);
    }

    /// The instant to be called at, if somebody waits and that is not arranged yet.
    pub(super) fn await_free(&mut self, now: Instant) -> Option<Instant> {
        if self.awaited || self.is_free(now) {
            return None;
        }
        self.awaited = true;
        Some(self.busy_until)
    }

    /// The call that was arranged has come.
    pub(super) fn called(&mut self) {
        self.awaited = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_one_call_while_it_is_busy() {
        let mut acceptor = Acceptor::new();
        assert!(acceptor.is_free(Instant::ZERO));
        acceptor.refuse(Instant::ZERO, Span::SECOND);
        let free = Instant::ZERO + Span::SECOND;
        assert!(!acceptor.is_free(Instant::ZERO) && acceptor.is_free(free));
        assert_eq!(acceptor.await_free(Instant::ZERO), Some(free));
        assert_eq!(acceptor.await_free(Instant::ZERO), None);
        acceptor.called();
        assert_eq!(acceptor.await_free(free), None);
    }
}
