//! A limit on messages over one connection: Exim's `smtp_accept_max_per_connection`.

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::smtp::{Code, Failure, Stage};

/// Answers 421 to the `MAIL FROM` after `limit` transactions on the same connection, and closes it.
///
/// Every transaction that began counts, however it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagesPerConnection {
    /// Most transactions.
    pub limit: u32,
}

impl Gate for MessagesPerConnection {
    fn stage(&self) -> Option<Stage> {
        Some(Stage::Mail)
    }

    fn listens(&self, _: Told) -> bool {
        false
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        attempt.carried >= self.limit
    }

    fn refusal(&self) -> Refusal {
        let failure = Failure::new(Stage::Mail, Some(Code::SERVICE_NOT_AVAILABLE));
        Refusal { failure, cost: Cost::NONE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::{attempt, pass};
    use crate::time::Instant;

    #[test]
    fn the_message_after_the_last_is_refused() {
        let mut gate = MessagesPerConnection { limit: 20 };
        let attempt = attempt(Instant::ZERO, 0);
        assert!(pass(&mut gate, &Attempt { carried: 19, ..attempt }));
        assert!(!pass(&mut gate, &Attempt { carried: 20, ..attempt }));
    }
}
