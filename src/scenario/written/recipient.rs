//! Recipient servers, as written.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Distribution, Gate, millis, no_time};
use crate::quantity::Duration;
use crate::scenario::Spanned;

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
    /// Whether a message that is tried again has the same transaction time. Default `once`.
    #[serde(default)]
    pub transaction_drawn: Drawn,
    /// How long a finished connection still holds its slot. Default 0 s.
    #[serde(default = "no_time")]
    pub idle_hold: Spanned<Duration>,
    /// Reasons to refuse, by name, asked in this order.
    #[serde(default)]
    pub gates: IndexMap<Spanned<String>, Spanned<Gate>>,
}

/// How often the transaction time of a message is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drawn {
    /// Once.
    #[default]
    Once,
    /// Each time it is tried.
    EachTry,
}

fn default_round_trip() -> Spanned<Duration> {
    millis(50)
}

fn no_setup() -> Spanned<Distribution> {
    Spanned::unwritten(Distribution::Constant(no_time()))
}
