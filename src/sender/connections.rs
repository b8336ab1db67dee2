//! How much a host does at once.

use crate::time::Span;

/// Fixed limits on connections, and what goes down them.
#[derive(Clone, Debug, PartialEq)]
pub struct Connections {
    /// Most connections to one recipient at once; none: unlimited.
    pub per_destination: Option<u32>,
    /// Most connections of a host at once; none: unlimited.
    pub total: Option<u32>,
    /// Most messages tried over one connection; at least 1.
    pub messages_per_connection: u32,
    /// Which further mail goes down an open connection.
    pub reuse: Reuse,
    /// Least time between the opening of two connections to one recipient.
    pub pace: Span,
    /// How long a sender waits for a connection to be made.
    pub connect_timeout: Span,
    /// How long it waits for the greeting, from the instant of the connect.
    pub greeting_timeout: Span,
}

/// Which further mail goes down an open connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// None: one message, then QUIT.
    #[default]
    None,
    /// Mail of the active queue, on demand (Postfix): a connection is kept when its message was chosen
    /// within a second after another delivery to the same destination had ended, so the first few
    /// connections of a burst carry one message each.
    Active,
    /// Mail of the active queue, then any mail that waits for this destination and is not held back for
    /// its own sake, the newest first (Exim 4.96).
    Waiting,
    /// Mail that the queue run which opened it comes to next (sendmail's connection cache).
    Run,
}

impl Default for Connections {
    /// No limits, no reuse, 30 s to connect and 5 min for the greeting (RFC 5321 section 4.5.3.2.1).
    fn default() -> Self {
        Self {
            per_destination: None,
            total: None,
            messages_per_connection: 1,
            reuse: Reuse::None,
            pace: Span::ZERO,
            connect_timeout: Span::from_seconds(30),
            greeting_timeout: Span::from_seconds(300),
        }
    }
}
