//! Mail that is never accepted: mailboxes that do not exist, content that is not wanted.

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::random::{Key, Purpose};
use crate::smtp::{Code, Failure, Stage};

/// Rejects a share of the messages at every attempt. Counts nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reject {
    /// Share of messages in [0, 1].
    pub share: f64,
    /// Which command is answered so.
    pub stage: Stage,
    /// The reply, a permanent one.
    pub code: Code,
}

/// The gate at work.
#[derive(Clone, Debug)]
pub(in crate::recipient) struct Running {
    settings: Reject,
    key: Key,
}

impl Running {
    pub(in crate::recipient) fn new(settings: Reject, key: Key) -> Self {
        Self { settings, key }
    }
}

impl Gate for Running {
    fn stage(&self) -> Option<Stage> {
        Some(self.settings.stage)
    }

    fn listens(&self, _: Told) -> bool {
        false
    }

    fn refuses(&mut self, attempt: &Attempt) -> bool {
        let mut draw = self.key.draw(Purpose::GateIdentity, u64::from(attempt.message.0), 0);
        draw.unit() < self.settings.share
    }

    fn refusal(&self) -> Refusal {
        let Reject { stage, code, .. } = self.settings;
        Refusal { failure: Failure::new(stage, Some(code)), cost: Cost::NONE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::{attempt, pass};
    use crate::time::Instant;

    #[test]
    fn a_message_is_rejected_always_or_never() {
        let settings = Reject { share: 0.3, stage: Stage::Rcpt, code: Code::MAILBOX_UNAVAILABLE };
        let mut gate = Running::new(settings, Key::new(9, 0).named("unknown"));
        let mut rejected = 0;
        for message in 0..10_000 {
            let first = attempt(Instant::ZERO, message);
            let passed = pass(&mut gate, &first);
            assert_eq!(passed, pass(&mut gate, &Attempt { attempt: 7, ..first }));
            rejected += u32::from(!passed);
        }
        // 4.9 standard errors of a share of 0.3 among 10 000 (error probability 1e-6).
        assert!((f64::from(rejected) - 3_000.0).abs() < 4.9 * (10_000.0f64 * 0.3 * 0.7).sqrt());
    }
}
