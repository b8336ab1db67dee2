//! Backoffs and jitters, as written. The formulas are in [`sender`](crate::sender).

use super::{millis, no_time, one};
use crate::scenario::Spanned;
use serde::{Deserialize, Serialize};

use crate::quantity::{Duration, Share};

/// How long to wait until the next try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backoff {
    /// Not at all.
    Immediate,
    /// Always the same.
    Fixed(Fixed),
    /// One step longer each time.
    Linear(Linear),
    /// Longer by a factor each time.
    Exponential(Exponential),
    /// The k-th retry `unit` times k to the power of `power` after arrival (qmail).
    Polynomial(Polynomial),
    /// The same ages, whatever the age at the last try was (OpenSMTPD).
    Milestones(Polynomial),
    /// As long as the message is old (Postfix).
    AgeDoubling(AgeDoubling),
    /// By the age of the message, in steps (chasquid).
    AgeSteps(AgeSteps),
    /// From a list, whose end repeats.
    List(List),
    /// By a retry rule of Exim.
    EximRule(EximRule),
    /// A power of the number of failures (Sidekiq).
    CountPower(CountPower),
    /// Doubling, smoothed by chance (Polly).
    SmoothExponential(SmoothExponential),
    /// Doubling with a uniform half, but not at the cap (Finagle).
    FinagleEqual(FinagleJittered),
    /// Uniform in a range that grows from what was drawn last (Finagle).
    FinagleExponential(FinagleJittered),
}

/// What randomises a delay `d`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// Nothing.
    #[default]
    None,
    /// Uniform in 0..d.
    Full,
    /// Uniform among the multiples of this step from 0 to `d` (Celery).
    FullSteps(Spanned<Duration>),
    /// Half of `d` and a uniform half.
    Equal,
    /// Uniform between the initial delay and three times the previous one, capped.
    Decorrelated,
    /// Uniform between the initial delay and three times the previous one or the cap.
    DecorrelatedBelowCap,
    /// Uniform between the previous delay and three times that or the cap.
    DecorrelatedRising,
    /// The previous delay times the factor of the exponential, within this share of that either way (dma).
    Compounding(Spanned<Share>),
    /// Exponential with mean `d`: memoryless.
    Exponential,
    /// Uniform within this share of `d` either way.
    Proportional(Spanned<Share>),
    /// `d` and a uniform addition of up to this share of it.
    Lengthened(Spanned<Share>),
    /// `d` and a uniform addition of up to this.
    Additive(Spanned<Duration>),
    /// `d` and a uniform change of up to this either way.
    Uniform(Spanned<Duration>),
}

/// Always the same delay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// The delay.
    pub every: Spanned<Duration>,
    /// Its jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// After the k-th failure k steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// The step.
    pub step: Spanned<Duration>,
    /// The cap; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Spanned<Duration>>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// After the k-th failure `initial` times `factor` to the power of k - 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exponential {
    /// The first delay.
    pub initial: Spanned<Duration>,
    /// The factor, at least 1. Default 2.
    #[serde(default = "two")]
    pub factor: Spanned<f64>,
    /// Whether the power of the factor is rounded down to a whole number (maddy). Default: no.
    #[serde(default, skip_serializing_if = "is_false")]
    pub whole_factor: bool,
    /// The cap; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Spanned<Duration>>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// The k-th retry at `unit` times k to the power of `power` after arrival.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polynomial {
    /// The instant of the first retry. Default 400 s (qmail, remote).
    #[serde(default = "qmail_unit")]
    pub unit: Spanned<Duration>,
    /// The power, above 0. Default 2.
    #[serde(default = "two")]
    pub power: Spanned<f64>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// The age of the message at the attempt, within limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeDoubling {
    /// The least delay.
    pub min: Spanned<Duration>,
    /// The greatest delay; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Spanned<Duration>>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// A delay for each range of ages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeSteps {
    /// The ranges, from young to old.
    pub steps: Spanned<Vec<Spanned<AgeStep>>>,
    /// The delay of all older mail.
    pub then: Spanned<Duration>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// The delay of mail up to an age.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgeStep {
    /// The first age that is too old.
    pub younger_than: Spanned<Duration>,
    /// The delay.
    pub every: Spanned<Duration>,
}

/// Listed delays, of which the last few repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The delays after the first, second, ... failure; at least one.
    pub delays: Spanned<Vec<Spanned<Duration>>>,
    /// How many at the end repeat, in their order. Default 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub repeat: Spanned<u32>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// A retry rule of Exim: `F,2h,15m; G,16h,1h,1.5; F,4d,6h`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EximRule {
    /// The rule for errors that are in none of the classes: the right-hand side of a line of Exim's retry
    /// section. `None`: what fails so is not tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Spanned<String>>,
    /// Rules for classes of errors, the first that matches; default none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ErrorRule>,
    /// The cap (`retry_interval_max`). Default 24 h.
    #[serde(default = "one_day")]
    pub max_interval: Spanned<Duration>,
}

/// The rule for one class of errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// The class: `*`, `refused`, `timeout`, `lost_connection`, `mail_4xx`, `rcpt_42x`, `data_421` and the like.
    pub error: Spanned<String>,
    /// The rule.
    pub rule: Spanned<String>,
}

impl EximRule {
    /// All rules, in the order in which they are asked.
    pub fn rules(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.classes.iter().map(|class| &class.rule).chain(&self.rule)
    }
}

/// After the k-th failure `plus` and `unit` times k - 1 to the power of `power`, and k times a random part of `spread`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountPower {
    /// The factor of the power. Default 1 s.
    #[serde(default = "one_second")]
    pub unit: Spanned<Duration>,
    /// The power, above 0. Default 4 (Sidekiq).
    #[serde(default = "four")]
    pub power: Spanned<f64>,
    /// What is added always. Default 0 s.
    #[serde(default = "no_time")]
    pub plus: Spanned<Duration>,
    /// What chance adds at most, times the number of failures. Default 0 s.
    #[serde(default = "no_time")]
    pub spread: Spanned<Duration>,
    /// How many values chance chooses from; `None` is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Spanned<u32>>,
    /// The cap; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Spanned<Duration>>,
    /// The jitter.
    #[serde(default)]
    pub jitter: Spanned<Jitter>,
}

/// An exponential with factor 2 that chance smooths by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmoothExponential {
    /// About the first delay.
    pub base: Spanned<Duration>,
    /// The cap; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Spanned<Duration>>,
}

/// A backoff of Finagle, with the jitter that belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinagleJittered {
    /// The first delay.
    pub start: Spanned<Duration>,
    /// The cap.
    pub max: Spanned<Duration>,
}

impl Backoff {
    /// The tag that names this backoff in a file.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Fixed(_) => "fixed",
            Self::Linear(_) => "linear",
            Self::Exponential(_) => "exponential",
            Self::Polynomial(_) => "polynomial",
            Self::Milestones(_) => "milestones",
            Self::AgeDoubling(_) => "age-doubling",
            Self::AgeSteps(_) => "age-steps",
            Self::List(_) => "list",
            Self::EximRule(_) => "exim-rule",
            Self::CountPower(_) => "count-power",
            Self::SmoothExponential(_) => "smooth-exponential",
            Self::FinagleEqual(_) => "finagle-equal",
            Self::FinagleExponential(_) => "finagle-exponential",
        }
    }

    /// The jitter, of the backoffs that have one.
    pub fn jitter(&self) -> Option<&Spanned<Jitter>> {
        match self {
            Self::Immediate
            | Self::EximRule(_)
            | Self::SmoothExponential(_)
            | Self::FinagleEqual(_)
            | Self::FinagleExponential(_) => None,
            Self::Fixed(part) => Some(&part.jitter),
            Self::Linear(part) => Some(&part.jitter),
            Self::Exponential(part) => Some(&part.jitter),
            Self::Polynomial(part) | Self::Milestones(part) => Some(&part.jitter),
            Self::AgeDoubling(part) => Some(&part.jitter),
            Self::AgeSteps(part) => Some(&part.jitter),
            Self::List(part) => Some(&part.jitter),
            Self::CountPower(part) => Some(&part.jitter),
        }
    }
}

fn two() -> Spanned<f64> {
    Spanned::unwritten(2.0)
}

fn four() -> Spanned<f64> {
    Spanned::unwritten(4.0)
}

fn one_second() -> Spanned<Duration> {
    millis(1_000)
}

// What most policies do not say is not listed among the parameters of every policy.
fn is_false(written: &bool) -> bool {
    !written
}

fn is_one(written: &Spanned<u32>) -> bool {
    **written == 1
}

fn qmail_unit() -> Spanned<Duration> {
    millis(400_000)
}

fn one_day() -> Spanned<Duration> {
    millis(86_400_000)
}
