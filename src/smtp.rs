//! The few words of SMTP (RFC 5321) that the model speaks: stages of a session and reply codes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU16;

/// How far an attempt came before it was answered.
///
/// The stage decides whether a failure is a fact about the host or about one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The TCP connect was refused.
    Refused,
    /// Nothing answered until the sender lost patience.
    Timeout,
    /// Instead of the `220` greeting.
    Greeting,
    /// Answer to `MAIL FROM`.
    Mail,
    /// Answer to `RCPT TO`.
    Rcpt,
    /// Answer to `DATA` or to the end of the data.
    Data,
}

impl Stage {
    /// All stages in the order in which a session passes them.
    pub const ALL: [Self; 6] =
        [Self::Refused, Self::Timeout, Self::Greeting, Self::Mail, Self::Rcpt, Self::Data];

    /// The name used in scenario files and result tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Greeting => "greeting",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
        }
    }

    /// True when the failure came before any mail transaction: it says something about the host.
    pub const fn concerns_host(self) -> bool {
        matches!(self, Self::Refused | Self::Timeout | Self::Greeting)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A three-digit SMTP reply code.
///
/// No code is zero, so that a failure with or without one is one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(NonZeroU16);

impl Code {
    /// Service not available, closing transmission channel.
    pub const SERVICE_NOT_AVAILABLE: Self = Self::new(421);
    /// Requested action aborted: local error in processing (what greylists answer).
    pub const TRY_AGAIN: Self = Self::new(451);
    /// Requested action not taken: mailbox unavailable, for good.
    pub const MAILBOX_UNAVAILABLE: Self = Self::new(550);

    /// A code by its number.
    ///
    /// # Panics
    ///
    /// When the number is zero.
    pub const fn new(number: u16) -> Self {
        Self(NonZeroU16::new(number).expect("a reply code has three digits"))
    }

    /// The code as a number.
    pub const fn number(self) -> u16 {
        self.0.get()
    }

    /// A 5yz reply: trying again is pointless (RFC 5321 section 4.2.1).
    pub const fn is_permanent(self) -> bool {
        self.number() >= 500
    }

    /// After 421 the server closes the channel (RFC 5321 section 3.8).
    pub const fn closes_channel(self) -> bool {
        self.number() == 421
    }
}

impl From<NonZeroU16> for Code {
    fn from(number: NonZeroU16) -> Self {
        Self(number)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.number())
    }
}

/// A negative answer: at which stage, and the code where there was a reply at all.
///
/// Every refused attempt takes one through half a dozen hands. So it is one number: what is written in two pieces and
/// read in one keeps a processor waiting.
///
/// ```
/// use tempfail::smtp::{Code, Failure, Stage};
///
/// let busy = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));
/// assert_eq!((busy.stage(), busy.code().map(Code::number)), (Stage::Greeting, Some(421)));
/// assert!(!busy.is_permanent());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Failure(u32);

const CODE_BITS: u32 = u16::BITS;

impl Failure {
    /// A failure at `stage`; `code` is none for a refused connect, a timeout or a connection that was cut.
    pub const fn new(stage: Stage, code: Option<Code>) -> Self {
        let code = match code {
            Some(code) => code.number(),
            None => 0,
        };
        Self((stage as u32) << CODE_BITS | code as u32)
    }

    /// How far the attempt came.
    pub const fn stage(self) -> Stage {
        Stage::ALL[(self.0 >> CODE_BITS) as usize]
    }

    /// The reply, where there was one.
    pub const fn code(self) -> Option<Code> {
        match NonZeroU16::new(self.0 as u16) {
            Some(code) => Some(Code(code)),
            None => None,
        }
    }

    /// Whether the message must bounce now rather than be tried again.
    pub fn is_permanent(self) -> bool {
        self.code().is_some_and(Code::is_permanent)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("stage", &self.stage()).field("code", &self.code()).finish()
    }
}
