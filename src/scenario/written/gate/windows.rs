//! Gates that depend on the clock or on how busy the recipient is: maintenance and slowness.

use serde::{Deserialize, Serialize};

use super::Uses;
use crate::quantity::{Duration, Share};
use crate::scenario::Spanned;
use crate::scenario::written::{Reopen, When, no_time, nothing};
use crate::smtp::Stage;

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
