//! Outages whose length nobody knows: how much later than possible a message is delivered, and how often it is tried.
//!
//! For delays that grow by a factor b the ratio of delivery time to length, averaged over the logarithm of the length,
//! is (b - 1) / ln b, at worst b, and each doubling of the length costs ln 2 / ln b attempts; the algebra of doubling
//! strategies for online search. Everything is computed from the ordinary schedules of ordinary policies.

use std::sync::Arc;

use super::case::{Asked, Case, Depth, Experiment, Seen};
use super::known::{Known, Precision};
use super::{Model, Problem, texts};
use crate::random::Key;
use crate::sender::Policy;
use crate::sender::outage::{Question, recovery};
use crate::sender::schedule::{Limits, schedule};
use crate::smtp::{Code, Failure, Stage};
use crate::time::{Instant, Span};

/// The model.
pub(super) const MODEL: Model = Model {
    name: "overshoot",
    about: "A message that arrives when an outage of unknown length begins, computed from the schedule of its policy. For delays \
            that grow by a factor b: delivery time over length in the mean over the logarithm of the length, (b - 1) / ln b, and at \
            worst, b; attempts for each doubling of the length, ln 2 / ln b. For equal delays d the mean extra wait is d/2, with L/d \
            attempts; for delays d, 2d, 3d ... sqrt(d L / 2), with sqrt(2 L / d): given as parts of these. All are limits for \
            long outages, without chance.",
    independent: false,
    cases,
};

/// Outages from here on are long, in seconds.
const LONG: f64 = 1e6;

/// Lengths of outages that are looked at. Ratios jump once in a period, which is cut into so many pieces, so means are
/// at most about one piece of the jump off.
const LENGTHS: u32 = 1000;

/// What limits are approached to: 1000 pieces, and whole attempts among hundreds.
const NEAR: f64 = 0.01;

/// A policy and what is known of its kind.
#[derive(Clone, Debug)]
pub(super) struct Overshoot {
    kind: Kind,
    policy: Arc<Policy>,
}

/// How delays grow.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// By this factor.
    Geometric(f64),
    /// Not: always so many seconds.
    Fixed(f64),
    /// By so many seconds.
    Linear(f64),
}

fn cases(_: Depth) -> Result<Vec<Case>, Problem> {
    let geometric = [1.5, 2.0, 3.0].map(|factor| {
        let text = format!("{{ exponential = {{ initial = '1s', factor = {factor:?} }} }}");
        (Kind::Geometric(factor), format!("factor={factor}"), text)
    });
    let others = [
        (Kind::Fixed(3600.0), "every=3600".to_owned(), "{ fixed.every = '3600s' }".to_owned()),
        (Kind::Linear(60.0), "step=60".to_owned(), "{ linear.step = '60s' }".to_owned()),
    ];
    let case = |(kind, label, text): (Kind, String, String)| {
        Ok(Case {
            model: MODEL.name,
            label,
            asked: kind.asked(),
            experiment: Experiment::Overshoot(Overshoot { kind, policy: texts::backoff(&text)? }),
            runs: 1,
        })
    };
    geometric.into_iter().chain(others).map(case).collect()
}

impl Kind {
    fn asked(self) -> Vec<Asked> {
        let near = |value: f64| Some(Known { value, precision: Precision::Within(value * NEAR) });
        match self {
            Self::Geometric(b) => vec![
                Asked::new("delivery / length, mean", near((b - 1.0) / b.ln())),
                Asked::new("delivery / length, worst", near(b)),
                Asked::new("attempts per doubling", near(2f64.ln() / b.ln())),
            ],
            Self::Fixed(_) => vec![
                Asked::new("mean extra wait / (d/2)", near(1.0)),
                Asked::new("attempts / (L/d)", near(1.0)),
            ],
            Self::Linear(_) => vec![
                Asked::new("mean extra wait / sqrt(d L / 2)", near(1.0)),
                Asked::new("attempts / sqrt(2 L / d)", near(1.0)),
            ],
        }
    }
}

impl Overshoot {
    /// No numbers where a message is tried too often to be followed.
    pub(super) fn run(&self) -> Seen {
        let period = if let Kind::Geometric(factor) = self.kind { factor } else { 2.0 };
        let grid = |place: u32| LONG * period.powf((f64::from(place) + 0.5) / f64::from(LENGTHS));
        let lengths: Vec<Span> = (0..LENGTHS).map(|place| Span::from_seconds_f64(grid(place))).collect();
        let Some(found) = recovery(&self.question(), &lengths) else { return Seen::default() };
        let extra: Vec<(f64, f64)> = found
            .effects
            .iter()
            .filter_map(|effect| Some((effect.lasts.as_seconds(), effect.at_start.mean?)))
            .collect();
        let mean = |number: &dyn Fn(f64, f64) -> f64| {
            extra.iter().map(|(length, extra)| number(*length, *extra)).sum::<f64>() / extra.len() as f64
        };
        let values = match self.kind {
            Kind::Geometric(_) => {
                let worst = extra.iter().map(|(length, extra)| 1.0 + extra / length).fold(0.0, f64::max);
                vec![mean(&|length, extra| 1.0 + extra / length), worst, self.attempts_per_doubling()]
            }
            Kind::Fixed(d) => vec![mean(&|_, extra| extra / (d / 2.0)), self.attempts() / (LONG / d)],
            Kind::Linear(d) => vec![
                mean(&|length, extra| extra / (d * length / 2.0).sqrt()),
                self.attempts() / (2.0 * LONG / d).sqrt(),
            ],
        };
        Seen { values, events: u64::from(LENGTHS) }
    }

    fn question(&self) -> Question {
        Question {
            policy: Arc::clone(&self.policy),
            failure: refused(),
            attempt_takes: Span::ZERO,
            phase: Span::ZERO,
            seed: 0,
            draws: 2,
        }
    }

    fn instants(&self) -> Vec<Instant> {
        let horizon = Span::from_seconds_f64(100.0 * LONG);
        let limits = Limits { attempts: 1_000_000, horizon, ..Limits::default() };
        schedule(&self.policy, refused(), Key::new(0, 0), limits).attempts
    }

    /// Attempts until a long outage is over.
    fn attempts(&self) -> f64 {
        let long = Instant::ZERO + Span::from_seconds_f64(LONG);
        self.instants().iter().filter(|instant| **instant < long).count() as f64
    }

    /// From an attempt after a long time to the last one.
    fn attempts_per_doubling(&self) -> f64 {
        let instants = self.instants();
        let long: Vec<f64> =
            instants.iter().map(|instant| instant.as_seconds()).filter(|at| *at >= LONG).collect();
        match long[..] {
            [first, .., last] => (long.len() - 1) as f64 / (last / first).log2(),
            _ => f64::NAN,
        }
    }
}

fn refused() -> Failure {
    Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE))
}
