//! Independent failures with a probability: for models, and for noise that has no memory.

use super::{Attempt, Cost, Gate, Refusal, Told};
use crate::random::{Key, Purpose};
use crate::smtp::{Code, Failure, Stage};

/// Fails each attempt with a probability, whatever the others do. Counts nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unreliable {
    /// Where it fails.
    pub stage: Stage,
    /// Probability in [0, 1].
    pub probability: f64,
    /// The reply, at stages that have one.
    pub code: Code,
    /// What one refusal uses.
    pub cost: Cost,
}

/// The gate at work.
#[derive(Clone, Debug)]
pub(in crate::recipient) struct Running {
    settings: Unreliable,
    key: Key,
}

impl Running {
    pub(in crate::recipient) fn new(settings: Unreliable, key: Key) -> Self {
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
        let (message, index) = (u64::from(attempt.message.0), u64::from(attempt.attempt));
        self.key.draw(Purpose::GateNoise, message, index).unit() < self.settings.probability
    }

    fn refusal(&self) -> Refusal {
        let Unreliable { stage, code, cost, .. } = self.settings;
        let code = (!matches!(stage, Stage::Refused | Stage::Timeout)).then_some(code);
        Refusal { failure: Failure::new(stage, code), cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipient::gates::tests::{attempt, pass};
    use crate::time::Instant;

    /// 100 000 attempts at 5 %: 4.9 standard errors (error probability 1e-6).
    #[test]
    fn fails_with_its_probability_and_always_alike() {
        let code = Code::SERVICE_NOT_AVAILABLE;
        let settings = Unreliable { stage: Stage::Greeting, probability: 0.05, code, cost: Cost::NONE };
        let mut gate = Running::new(settings, Key::new(1, 0).named("noise"));
        let n = 100_000u32;
        let mut run = || -> Vec<bool> {
            (0..n).map(|message| pass(&mut gate, &attempt(Instant::ZERO, message))).collect()
        };
        let first = run();
        assert_eq!(first, run());
        let share = first.iter().filter(|passed| !**passed).count() as f64 / f64::from(n);
        assert!((share - 0.05).abs() < 4.9 * (0.05 * 0.95 / f64::from(n)).sqrt(), "{share}");
        let mut later = attempt(Instant::ZERO, 0);
        let outcomes: Vec<bool> = (0..200)
            .map(|failures| {
                later.attempt = failures;
                pass(&mut gate, &later)
            })
            .collect();
        assert!(outcomes.contains(&true) && outcomes.contains(&false), "each attempt has its own draw");
    }
}
