//! A limit on simultaneous connections of one client: Postfix' `smtpd_client_connection_count_limit`,
//! Exim's `smtp_accept_max_per_host`.

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::smtp::{Code, Failure, Stage};

/// Answers 421 in place of the greeting while the client holds `limit` slots.
///
/// Connections that wait in the backlog do not count: no process has taken them, so nobody knows yet
/// whose they are. Nothing is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientLimit {
    /// Most slots in use by one client.
    pub limit: u32,
    /// What one refusal uses.
    pub cost: Cost,
}

impl Gate for ClientLimit {
    fn stage(&self) -> Option<Stage> {
        Some(Stage::Greeting)
    }

    fn listens(&self, _: Told) -> bool {
        false
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        attempt.of_client >= self.limit
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
    fn only_the_client_itself_counts() {
        let mut gate = ClientLimit { limit: 2, cost: Cost::NONE };
        let attempt = attempt(Instant::ZERO, 0);
        assert!(pass(&mut gate, &Attempt { in_use: 50, of_client: 1, ..attempt }));
        assert!(!pass(&mut gate, &Attempt { in_use: 50, of_client: 2, ..attempt }));
    }
}
