//! A limit on simultaneous connections in all: Exim's `smtp_accept_max`, postscreen's
//! `postscreen_pre_queue_limit`.

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::smtp::{Code, Failure, Stage};

/// Answers 421 in place of the greeting while `limit` slots are in use.
///
/// Slots count as long as they are held, so also through the idle hold of a finished connection and
/// while one refuses. Connections that wait in the backlog do not count. Nothing is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimit {
    /// Most slots in use.
    pub limit: u32,
    /// What one refusal uses.
    pub cost: Cost,
}

impl Gate for ConnectionLimit {
    fn stage(&self) -> Option<Stage> {
        Some(Stage::Greeting)
    }

    fn listens(&self, _: Told) -> bool {
        false
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        attempt.in_use >= self.limit
    }

    fn refusal(&self) -> Refusal {
        let failure = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));
        Refusal { failure, cost: self.cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::{attempt, pass};
    use crate::time::Instant;

    #[test]
    fn the_connection_beyond_the_limit_is_refused() {
        let mut gate = ConnectionLimit { limit: 3, cost: Cost::NONE };
        let attempt = attempt(Instant::ZERO, 0);
        assert!(pass(&mut gate, &Attempt { in_use: 2, ..attempt }));
        assert!(!pass(&mut gate, &Attempt { in_use: 3, ..attempt }));
    }
}
