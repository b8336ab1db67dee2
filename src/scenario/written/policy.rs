//! Sending policies, as written: five parts and a clock.

use std::fmt;

use crate::scenario::Spanned;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{Backoff, Memory, millis, no_time, one};
use crate::quantity::{Duration, Share};

/// A policy with all its parts, after `like` has been resolved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// One line that says what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Where its numbers come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How well its numbers are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// How long until the next try.
    pub backoff: Spanned<Backoff>,
    /// What a host remembers of a destination.
    #[serde(default)]
    pub memory: Spanned<Memory>,
    /// When waiting mail is looked at.
    #[serde(default)]
    pub runner: Spanned<Runner>,
    /// When to give up. Default: 5 days, after an attempt.
    #[serde(default = "default_lifetime")]
    pub lifetime: Spanned<Lifetime>,
    /// How much at once.
    #[serde(default)]
    pub connections: Spanned<Connections>,
    /// The resolution with which the program reads its clock; `None` is exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Spanned<Duration>>,
}

/// How well the numbers of a policy are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Read in its source code.
    Source,
    /// Measured on the program or the service; on programs after its source was read.
    Measured,
    /// Stated by its documentation.
    Documentation,
}

/// Where waiting mail lives and when due mail is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// Every message has a timer of its own.
    #[default]
    Timer,
    /// Scans move due mail into an active queue (Postfix).
    Scan(Scan),
    /// Runs walk the queue, with a few workers (Exim, sendmail).
    QueueRun(QueueRun),
    /// One pause for the whole queue, by the backoff; new mail cuts it short (nullmailer).
    OnePause(OnePause),
}

/// A queue manager that scans the deferred mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// From one scan to the next.
    pub every: Spanned<Duration>,
    /// How long before it is due a message is taken already. Default 0 s.
    #[serde(default = "no_time")]
    pub slack: Spanned<Duration>,
    /// By which share of its length a wait ends late, at most 0.1 s, with a clock of whole seconds; `None`
    /// is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Spanned<Share>>,
    /// The most messages in the active queue; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<Spanned<u32>>,
    /// How long after one message a scan lets the next one in; `None` is all at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feeds: Option<Spanned<Duration>>,
    /// Where in its period the first scan lies.
    #[serde(default)]
    pub phase: Phase,
}

/// Queue runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueRun {
    /// From the start of one run to the next.
    pub every: Spanned<Duration>,
    /// How many runs may be at work at once, each with one message. Default 1.
    #[serde(default = "one")]
    pub workers: Spanned<u32>,
    /// In what order a run walks the queue.
    #[serde(default)]
    pub order: Order,
    /// How long a run takes at most to start on a message or to pass over it. Default 0 s.
    #[serde(default = "no_time")]
    pub look: Spanned<Duration>,
    /// Where in its period the first run lies.
    #[serde(default)]
    pub phase: Phase,
}

/// One pause for the whole queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnePause {
    /// How likely a program that rests hears of a new message twice; `None` is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_twice: Option<Spanned<Share>>,
}

/// In what order a run walks the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Shuffled anew for each run (Exim).
    #[default]
    Random,
    /// By arrival.
    OldestFirst,
    /// By the number of tries, then by arrival (sendmail).
    FewestTries,
}

/// Where in its period something periodic first happens: `"random"` or a duration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Phase {
    /// Anywhere, drawn per host.
    #[default]
    Random,
    /// So long after the start.
    At(Duration),
}

/// When a message is given up, and when its sender is warned.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Lifetime {
    /// The greatest age; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age: Option<Spanned<Duration>>,
    /// The most attempts; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<Spanned<u32>>,
    /// When that is looked at.
    pub when: Spanned<GiveUp>,
    /// At which age a delay warning is sent; `None` is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warn_after: Option<Spanned<Duration>>,
    /// Which age that is.
    pub warn_when: Spanned<Warn>,
    /// What becomes of delay warnings and bounces.
    pub notices: Notices,
}

/// Which age decides on a delay warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Warn {
    /// That of the message now.
    #[default]
    AtAge,
    /// That at its next try (OpenSMTPD).
    NextTry,
}

/// What becomes of the notices that a host generates: delay warnings and bounces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notices {
    /// They go elsewhere and cost the recipient nothing.
    #[default]
    Elsewhere,
    /// They are mail to the same recipient, as where all mail goes through one smarthost.
    SameRecipient,
}

/// When the limits of a lifetime are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GiveUp {
    /// After a failed attempt: age at the attempt (Postfix).
    #[default]
    AfterAttempt,
    /// Before an attempt, which then is not made (chasquid, Postal).
    BeforeAttempt,
    /// The instant the age is reached, between two tries as well (Stalwart).
    AtAge,
    /// After a failed attempt, if the next try would be too late (KumoMTA).
    NextTry,
    /// By the cutoffs of an `exim-rule`, which then needs no other limit. `lifetime = "by-rule"` is short for it.
    ByRule,
}

/// How much a host does at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// The most connections to one destination; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_destination: Option<Spanned<u32>>,
    /// The most connections in all; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Spanned<u32>>,
    /// The most messages on one connection. Default 1.
    pub messages_per_connection: Spanned<u32>,
    /// Which further mail goes down an open connection.
    pub reuse: Spanned<Reuse>,
    /// How long a connection is kept idle with `reuse = "on-demand"`. Default 2 s.
    pub idle: Spanned<Duration>,
    /// The greatest age of a connection that is used again; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reuse_for: Option<Spanned<Duration>>,
    /// The least time between two connections to one destination. Default 0 s.
    pub pace: Spanned<Duration>,
    /// How long a destination rests after each delivery, which then come one at a time; `None` is not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<Spanned<Duration>>,
    /// How long to rest after each message that is put off because a site is suspended; `None` is not at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest_suspended: Option<Spanned<Duration>>,
    /// How deliveries are handed over to processes of their own; `None` is at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<HandOver>,
    /// How long to wait for TCP. Default 30 s.
    pub connect_timeout: Spanned<Duration>,
    /// How long to wait for the greeting. Default 5 min (RFC 5321, section 4.5.3.2.1).
    pub greeting_timeout: Spanned<Duration>,
}

/// Processes of their own to which deliveries are handed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// How long a process takes until it is ready.
    pub takes: Spanned<Duration>,
    /// How many of a host get ready at once. Default 1.
    #[serde(default = "one")]
    pub at_once: Spanned<u32>,
    /// A refusal is booked at most so long after it. Default 0 s.
    #[serde(default = "no_time")]
    pub books: Spanned<Duration>,
}

/// Which further mail goes down an open connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reuse {
    /// None: one message, then QUIT.
    #[default]
    None,
    /// Mail of the active queue, at once.
    Active,
    /// Mail of the active queue, through a cache, while deliveries follow each other (Postfix).
    OnDemand,
    /// Any mail that waits for this destination, due or not (Exim).
    Waiting,
    /// Mail that the same queue run comes to next (sendmail).
    Run,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            per_destination: None,
            total: None,
            messages_per_connection: one(),
            reuse: Spanned::default(),
            idle: millis(2_000),
            reuse_for: None,
            pace: no_time(),
            rest: None,
            rest_suspended: None,
            hand_over: None,
            connect_timeout: millis(30_000),
            greeting_timeout: millis(300_000),
        }
    }
}

impl TryFrom<String> for Phase {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "random" {
            return Ok(Self::Random);
        }
        text.parse().map(Self::At).map_err(|error| format!("neither \"random\" nor a duration: {error}"))
    }
}

impl From<Phase> for String {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Random => "random".to_owned(),
            Phase::At(at) => at.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LifetimeVisitor)
    }
}

/// The table form of [`Lifetime`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LifetimeTable {
    age: Option<Spanned<Duration>>,
    attempts: Option<Spanned<u32>>,
    #[serde(default)]
    when: Spanned<GiveUp>,
    warn_after: Option<Spanned<Duration>>,
    #[serde(default)]
    warn_when: Spanned<Warn>,
    #[serde(default)]
    notices: Notices,
}

struct LifetimeVisitor;

impl<'de> Visitor<'de> for LifetimeVisitor {
    type Value = Lifetime;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("\"by-rule\", or a table such as { age = \"5d\" }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Lifetime, E> {
        if text == "by-rule" {
            return Ok(Lifetime { when: Spanned::unwritten(GiveUp::ByRule), ..Lifetime::default() });
        }
        Err(E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Lifetime, A::Error> {
        let LifetimeTable { age, attempts, when, warn_after, warn_when, notices } =
            LifetimeTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Lifetime { age, attempts, when, warn_after, warn_when, notices })
    }
}

fn default_lifetime() -> Spanned<Lifetime> {
    Spanned::unwritten(Lifetime { age: Some(millis(432_000_000)), ..Lifetime::default() })
}
