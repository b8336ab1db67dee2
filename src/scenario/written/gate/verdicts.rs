//! Gates that judge each attempt or each message: failures at random, rejections and the greylist.

use serde::{Deserialize, Serialize};

use super::{TransactionStage, Uses};
use crate::quantity::{Duration, Share};
use crate::scenario::Spanned;
use crate::scenario::written::{millis, no_time, nothing};
use crate::smtp::Stage;

/// Fails with a probability, each time independently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unreliable {
    /// Where it fails. Default `greeting`.
    #[serde(default = "at_greeting")]
    pub stage: Spanned<Stage>,
    /// How likely.
    pub probability: Spanned<Share>,
    /// The reply code where there is a reply, 400..=499. Default 421.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Spanned<u16>>,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Refuses a share of the messages with a permanent reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// The share of the messages; always the same ones.
    pub share: Spanned<Share>,
    /// Where the reply is given. Default `rcpt`.
    #[serde(default = "at_rcpt")]
    pub stage: TransactionStage,
    /// The reply code, 500..=599. Default 550.
    #[serde(default = "mailbox_unavailable")]
    pub code: Spanned<u16>,
}

/// Defers a message until its triplet has been known for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greylist {
    /// How old a first sight must be. Default 5 min.
    #[serde(default = "five_minutes")]
    pub delay: Spanned<Duration>,
    /// The retry window: an unconfirmed first sight is forgotten after this. Default 2 d.
    #[serde(default = "two_days")]
    pub forget: Spanned<Duration>,
    /// The share of messages whose triplet is known already. Default 0 %.
    #[serde(default = "nothing")]
    pub known: Spanned<Share>,
    /// Where the reply is given. Default `rcpt`.
    #[serde(default = "at_rcpt")]
    pub stage: TransactionStage,
    /// The reply code, 400..=499. Default 451.
    #[serde(default = "local_error")]
    pub code: Spanned<u16>,
}

fn five_minutes() -> Spanned<Duration> {
    millis(300_000)
}

fn two_days() -> Spanned<Duration> {
    millis(172_800_000)
}

fn at_greeting() -> Spanned<Stage> {
    Spanned::unwritten(Stage::Greeting)
}

fn at_rcpt() -> TransactionStage {
    TransactionStage::Rcpt
}

fn mailbox_unavailable() -> Spanned<u16> {
    Spanned::unwritten(550)
}

fn local_error() -> Spanned<u16> {
    Spanned::unwritten(451)
}
