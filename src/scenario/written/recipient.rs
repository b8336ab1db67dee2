//! Recipient servers and their gates, as written.

use crate::scenario::Spanned;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Distribution, Reopen, When, millis, no_time, percent};
use crate::quantity::{Duration, Rate, Share};
use crate::smtp::Stage;

/// One recipient server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Simultaneous connections it can serve; `None` is unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slots: Option<Spanned<u32>>,
    /// The least time any attempt takes. Default 50 ms.
    #[serde(default = "default_round_trip")]
    pub round_trip: Spanned<Duration>,
    /// Greeting, HELO and TLS: once per connection. Default 0 s.
    #[serde(default = "no_setup")]
    pub setup: Spanned<Distribution>,
    /// MAIL to the end of DATA: once per message.
    pub transaction: Spanned<Distribution>,
    /// How long a finished connection still holds its slot. Default 0 s.
    #[serde(default = "no_time")]
    pub idle_hold: Spanned<Duration>,
    /// Reasons to refuse, by name, asked in this order.
    #[serde(default)]
    pub gates: IndexMap<Spanned<String>, Spanned<Gate>>,
}

/// One reason to refuse a connection or a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Simultaneous connections in all.
    ConnectionLimit(ConnectionLimit),
    /// Simultaneous connections of one client host.
    ClientLimit(ClientLimit),
    /// Connections wait in silence for a slot.
    Backlog(Backlog),
    /// Connections per time.
    ConnectionRate(ConnectionRate),
    /// Messages per time.
    MessageRate(MessageRate),
    /// Messages on one connection, then 421 and close.
    MessagesPerConnection(MessagesPerConnection),
    /// Down, wholly or in part, at stated times.
    Maintenance(Maintenance),
    /// Transactions take longer; refuses nothing.
    Slowdown(Slowdown),
    /// Fails at random.
    Unreliable(Unreliable),
    /// Refuses a share of the messages for good.
    Reject(Reject),
    /// Defers a message at first sight.
    Greylist(Greylist),
}

/// Where in a mail transaction one message fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransactionStage {
    /// After MAIL FROM.
    Mail,
    /// After RCPT TO.
    Rcpt,
    /// After DATA.
    Data,
}

/// What a refusal uses at the recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Uses {
    /// The acceptor: serial, before a slot is taken (Exim, postscreen).
    #[default]
    Acceptor,
    /// A slot (Postfix smtpd).
    Slot,
}

/// Refuses connections while `limit` are open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionLimit {
    /// The most connections at once, at least 1.
    pub limit: Spanned<u32>,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Refuses connections of a client host that has `limit` open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientLimit {
    /// The most connections of one client at once, at least 1.
    pub limit: Spanned<u32>,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// The listen queue of the kernel: connections wait for a slot without an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backlog {
    /// How many wait at most. Default 128.
    #[serde(default = "default_backlog")]
    pub length: Spanned<u32>,
    /// The slot time spent on a waiting connection whose client gave up. Default 1 s.
    #[serde(default = "one_second")]
    pub abandoned_takes: Spanned<Duration>,
}

/// How a rate limit lets bursts through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RateShape {
    /// Counts in windows of the rate's period, one after the other.
    FixedWindow,
    /// Tokens that flow in at the rate up to a burst; one is needed.
    TokenBucket(TokenBucket),
}

/// The size of a token bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenBucket {
    /// The most tokens, at least 1. Default: the count of the rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<Spanned<f64>>,
}

/// What a rate limit counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    /// What it let through.
    #[default]
    Accepted,
    /// Whatever was tried, refused or not (Postfix' anvil).
    Attempts,
}

/// Whose traffic a rate limit adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// That of all clients together.
    #[default]
    All,
    /// That of each client host alone.
    Client,
}

/// Refuses connections above a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionRate {
    /// The rate.
    pub rate: Spanned<Rate>,
    /// Bucket or window.
    #[serde(default)]
    pub shape: RateShape,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
    /// Over whom.
    #[serde(default)]
    pub scope: Scope,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Refuses messages above a rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRate {
    /// The rate.
    pub rate: Spanned<Rate>,
    /// Bucket or window.
    #[serde(default)]
    pub shape: RateShape,
    /// What is counted.
    #[serde(default)]
    pub counts: Counts,
    /// Over whom.
    #[serde(default)]
    pub scope: Scope,
    /// Where the reply is given. Default `mail`.
    #[serde(default = "at_mail")]
    pub stage: TransactionStage,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Ends a connection with 421 after so many messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesPerConnection {
    /// The most messages on one connection, at least 1.
    pub limit: Spanned<u32>,
}

/// What a client meets when the recipient is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A reply instead of the greeting.
    #[default]
    Greeting,
    /// TCP refuses the connection.
    Refuse,
    /// Nothing answers.
    Timeout,
    /// A reply to MAIL FROM.
    Mail,
    /// A reply to RCPT TO.
    Rcpt,
    /// A reply to DATA.
    Data,
}

/// What happens to connections under way when a window begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sessions {
    /// They finish.
    #[default]
    Finish,
    /// They are cut.
    Cut,
}

/// A recipient that is down, wholly or in part, in stated windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// The windows.
    pub when: Spanned<When>,
    /// What a client meets in a window. Default `greeting`.
    #[serde(default)]
    pub answer: Spanned<Answer>,
    /// The reply code where there is a reply, 400..=499. Default 421.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Spanned<u16>>,
    /// What happens to connections under way.
    #[serde(default)]
    pub sessions: Sessions,
    /// The share of the slots that stays up. Default 0 %.
    #[serde(default = "nothing")]
    pub capacity: Spanned<Share>,
    /// How capacity returns.
    #[serde(default)]
    pub reopen: Spanned<Reopen>,
    /// What a refusal uses.
    #[serde(default)]
    pub uses: Uses,
    /// For how long a refusal uses it. Default 0 s.
    #[serde(default = "no_time")]
    pub takes: Spanned<Duration>,
}

/// Stretches transactions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slowdown {
    /// By the number of open connections when a transaction starts.
    ByConnections(ByConnections),
    /// In windows.
    InWindows(InWindows),
}

/// The factor is 1 up to `from` connections, `factor` at `to`, and linear through both above `from`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByConnections {
    /// Up to so many connections nothing is slower.
    pub from: Spanned<u32>,
    /// Where the factor is reached, above `from`.
    pub to: Spanned<u32>,
    /// How many times longer a transaction then takes, at least 1.
    pub factor: Spanned<f64>,
}

/// A slowdown at stated times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InWindows {
    /// The windows.
    pub when: Spanned<When>,
    /// How many times longer a transaction takes in them, at least 1.
    pub factor: Spanned<f64>,
}

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

impl Gate {
    /// The tag that names this kind of gate in a file.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::ConnectionLimit(_) => "connection-limit",
            Self::ClientLimit(_) => "client-limit",
            Self::Backlog(_) => "backlog",
            Self::ConnectionRate(_) => "connection-rate",
            Self::MessageRate(_) => "message-rate",
            Self::MessagesPerConnection(_) => "messages-per-connection",
            Self::Maintenance(_) => "maintenance",
            Self::Slowdown(_) => "slowdown",
            Self::Unreliable(_) => "unreliable",
            Self::Reject(_) => "reject",
            Self::Greylist(_) => "greylist",
        }
    }
}

impl Answer {
    /// The stage at which an attempt then fails.
    pub fn stage(self) -> Stage {
        match self {
            Self::Greeting => Stage::Greeting,
            Self::Refuse => Stage::Refused,
            Self::Timeout => Stage::Timeout,
            Self::Mail => Stage::Mail,
            Self::Rcpt => Stage::Rcpt,
            Self::Data => Stage::Data,
        }
    }
}

impl Default for RateShape {
    fn default() -> Self {
        Self::TokenBucket(TokenBucket::default())
    }
}

fn default_round_trip() -> Spanned<Duration> {
    millis(50)
}

fn no_setup() -> Spanned<Distribution> {
    Spanned::unwritten(Distribution::Constant(no_time()))
}

fn default_backlog() -> Spanned<u32> {
    Spanned::unwritten(128)
}

fn one_second() -> Spanned<Duration> {
    millis(1_000)
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

fn at_mail() -> TransactionStage {
    TransactionStage::Mail
}

fn at_rcpt() -> TransactionStage {
    TransactionStage::Rcpt
}

fn nothing() -> Spanned<Share> {
    percent(0.0)
}

fn mailbox_unavailable() -> Spanned<u16> {
    Spanned::unwritten(550)
}

fn local_error() -> Spanned<u16> {
    Spanned::unwritten(451)
}
