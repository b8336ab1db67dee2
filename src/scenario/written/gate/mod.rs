//! Gates, as written: the reasons of a recipient to refuse a connection or a message.

mod limits;
mod rates;
mod verdicts;
mod windows;

use serde::{Deserialize, Serialize};

pub use limits::{Backlog, ClientLimit, ConnectionLimit, MessagesPerConnection};
pub use rates::{ConnectionRate, Counts, MessageRate, RateShape, Scope, TokenBucket};
pub use verdicts::{Greylist, Reject, Unreliable};
pub use windows::{Answer, ByConnections, InWindows, Maintenance, Sessions, Slowdown};

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
    /// Nothing: how a variant takes a gate away.
    Off,
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
            Self::Off => "off",
        }
    }
}
