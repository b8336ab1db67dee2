//! What an outage costs one message, computed from the policy alone: how long it waits once the server
//! is back, and from which length of outage on it is given up.
//!
//! A message that arrives while the server stays away for another `r` is tried at the instants of its
//! [`schedule`], and delivered by the first attempt that is not before `r`: an attempt exactly at the
//! return of the server succeeds. So the schedule of a message that always fails says all there is to
//! know, and means over all arrivals are integrals over it. Where the policy draws no lots they are
//! computed, for all phases of its scans or runs; `docs/schedule.md` says what is exact.

mod cost;
mod phases;

use std::sync::Arc;

use super::schedule::{End, Limits, Schedule, schedule};
use super::{GiveUp, Phases, Policy};
use crate::random::{Key, Purpose};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

use cost::{Fate, Sums};
use phases::Piece;

/// More attempts than this are not followed: the message is tried without any pause.
const MOST_ATTEMPTS: usize = 200_000;
/// Longer than any policy keeps mail.
const HORIZON: Span = Span::from_seconds(3660 * 86_400);

/// What is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whose message it is.
    pub policy: Arc<Policy>,
    /// How every attempt fails during the outage.
    pub failure: Failure,
    /// How long a failing attempt takes.
    pub attempt_takes: Span,
    /// Where the scans or runs of the host of [`Effect::at_start`] lie, after its arrival.
    pub phase: Span,
    /// Seed of the draws of policies that draw lots.
    pub seed: u64,
    /// Over how many messages such policies are averaged; at least 2.
    pub draws: u32,
}

/// How one policy comes through outages.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovery {
    /// How the numbers came about.
    pub basis: Basis,
    /// One for each length that was asked for, in that order.
    pub effects: Vec<Effect>,
    /// The longest outage that every message survives which arrives at its start, whatever the phase of
    /// scans or runs; none: it is never given up.
    pub survives: Option<Span>,
}

/// How numbers came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Computed over all arrivals and phases.
    Exact,
    /// Averaged over so many drawn messages; extremes are those that were seen.
    Drawn {
        /// How many.
        messages: u32,
    },
}

/// What an outage of one length does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// From the start of the outage to its end.
    pub lasts: Span,
    /// The message that arrives at its start.
    pub at_start: Cost,
    /// Messages that arrive at any instant of it, uniformly, at hosts of any phase.
    pub during: Cost,
    /// Delay warnings that the author of the message at the start was sent; a mean where messages are
    /// drawn.
    pub warnings: f64,
}

/// What an outage costs messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Share of the messages that are given up before the server is back, or before they are tried
    /// again.
    pub bounced: f64,
    /// Mean time in seconds from the return of the server to the attempt that delivers, over the
    /// messages that are delivered; none if there are none.
    pub mean: Option<f64>,
    /// Standard error of the mean; none where it is exact.
    pub error: Option<f64>,
    /// The longest such time, or what it comes arbitrarily close to; none if no message is delivered.
    pub worst: Option<Span>,
}

/// How a policy comes through outages of these lengths, all positive.
///
/// None if a message is tried more than 200 000 times before the longest outage is over, as without
/// any delay.
///
/// ```
/// use std::sync::Arc;
/// use tempfail::sender::backoff::{Backoff, Exponential, Growth, Jitter};
/// use tempfail::sender::outage::{Question, recovery};
/// use tempfail::sender::{Connections, GiveUp, Lifetime, Memory, Policy, Runner};
/// use tempfail::smtp::{Code, Failure, Stage};
/// use tempfail::time::Span;
///
/// // KumoMTA: 20 min, doubled each time, for seven days.
/// let growth =
///     Exponential { initial: Span::from_seconds(1200), factor: 2.0, max: None, whole_factor: false };
/// let policy = Policy {
///     name: "doubling".to_owned(),
///     backoff: Backoff { growth: Growth::Exponential(growth), jitter: Jitter::None },
///     memory: Memory::None,
///     runner: Runner::Timer,
///     lifetime: Lifetime {
///         age: Some(Span::from_seconds(604_800)),
///         when: GiveUp::NextTry,
///         ..Lifetime::default()
///     },
///     connections: Connections::default(),
///     clock: Span::ZERO,
/// };
/// let question = Question {
///     policy: Arc::new(policy),
///     failure: Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE)),
///     attempt_takes: Span::ZERO,
///     phase: Span::ZERO,
///     seed: 421,
///     draws: 1000,
/// };
/// let found = recovery(&question, &[Span::from_seconds(86_400)]).expect("it waits between attempts");
/// assert_eq!(found.effects[0].at_start.mean, Some(66_000.0));
/// assert_eq!(found.survives, Some(Span::from_seconds(306_000)));
/// ```
pub fn recovery(question: &Question, lengths: &[Span]) -> Option<Recovery> {
    let longest = lengths.iter().copied().max().unwrap_or(Span::ZERO);
    let asked = Asked { question, longest };
    let first = asked.follow(0, question.phase);
    if is_cut_short(&first, longest) {
        return None;
    }
    // The chance that lots are drawn and come out alike every time is nil.
    if (1..=3).any(|message| asked.follow(message, question.phase) != first) {
        asked.drawn(lengths)
    } else {
        asked.exact(&first, lengths)
    }
}

/// A question, and how far schedules must be followed to answer it.
struct Asked<'a> {
    question: &'a Question,
    longest: Span,
}

impl Asked<'_> {
    /// The schedule of one message of many, at a host of this phase.
    fn follow(&self, message: u32, phase: Span) -> Schedule {
        let question = self.question;
        let limits = Limits {
            attempts: MOST_ATTEMPTS,
            horizon: HORIZON,
            enough: never_gives_up(&question.policy).then_some(self.longest),
            attempt_takes: question.attempt_takes,
            phases: Phases::At(phase),
        };
        schedule(&question.policy, question.failure, Key::new(question.seed, message), limits)
    }

    fn exact(&self, at_start: &Schedule, lengths: &[Span]) -> Option<Recovery> {
        let policy = &self.question.policy;
        let pieces = match policy.runner.period() {
            Some((every, _)) => phases::pieces(every, policy.clock, |phase| self.follow(0, phase)),
            None => vec![Piece::constant(at_start)],
        };
        if pieces.iter().any(|piece| !piece.reaches(self.longest)) {
            return None;
        }
        let effects = lengths.iter().map(|&lasts| {
            let mut sums = Sums::default();
            pieces.iter().for_each(|piece| piece.add_to(&mut sums, lasts));
            Effect {
                lasts,
                at_start: cost::of_one(at_start, lasts),
                during: sums.exact(),
                warnings: cost::warnings(at_start, lasts) as f64,
            }
        });
        Some(Recovery {
            basis: Basis::Exact,
            effects: effects.collect(),
            survives: pieces.iter().filter_map(Piece::survives).min(),
        })
    }

    fn drawn(&self, lengths: &[Span]) -> Option<Recovery> {
        let messages = self.question.draws.max(2);
        let mut sums: Vec<(Sums, Sums, f64)> = lengths.iter().map(|_| Default::default()).collect();
        let mut survives: Option<Span> = None;
        for message in 0..messages {
            let drawn = self.follow(message, self.drawn_phase(message));
            if is_cut_short(&drawn, self.longest) {
                return None;
            }
            for (&lasts, (start, during, warnings)) in lengths.iter().zip(&mut sums) {
                start.add_one(cost::fate(&drawn, lasts));
                during.add_drawn(&drawn, lasts);
                *warnings += cost::warnings(&drawn, lasts) as f64;
            }
            survives = [survives, cost::survives(&drawn)].into_iter().flatten().min();
        }
        let effects = lengths.iter().zip(sums).map(|(&lasts, (start, during, warnings))| Effect {
            lasts,
            at_start: start.drawn(),
            during: during.drawn(),
            warnings: warnings / f64::from(messages),
        });
        Some(Recovery { basis: Basis::Drawn { messages }, effects: effects.collect(), survives })
    }

    /// Where the scans or runs of the host of a drawn message lie.
    fn drawn_phase(&self, message: u32) -> Span {
        let key = Key::new(self.question.seed, message);
        let every = self.question.policy.runner.period().map(|(every, _)| every);
        every.map_or(Span::ZERO, |every| key.draw(Purpose::Phase, 0, 1).span_up_to(every))
    }
}

/// Whether nothing ever ends the life of a message.
fn never_gives_up(policy: &Policy) -> bool {
    let lifetime = &policy.lifetime;
    lifetime.when != GiveUp::ByRule && lifetime.age.is_none() && lifetime.attempts.is_none()
}

/// Whether the schedule does not say what comes of a message after so long.
fn is_cut_short(schedule: &Schedule, lasts: Span) -> bool {
    schedule.end == End::StillQueued && cost::fate(schedule, lasts) == Fate::Bounced
}

/// The first attempt that is not before the end of an outage.
fn first_at_or_after(attempts: &[Instant], end: Instant) -> usize {
    attempts.partition_point(|&at| at < end)
}
