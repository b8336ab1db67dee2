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
    /// Greatest age of a connection that takes another message; none: any.
    pub reuse_for: Option<Span>,
    /// Least time between the opening of two connections to one recipient.
    pub pace: Span,
    /// How long a destination rests after each delivery, which then come one at a time (Postfix
    /// `default_destination_rate_delay`); none: not at all.
    pub rest: Option<Span>,
    /// How long the host rests after each message that it puts off because a site is suspended, which are
    /// then put off one at a time (Postfix: the rate delay of its `retry` service); none: all at once.
    pub rest_suspended: Option<Span>,
    /// How a delivery gets to the process that makes it; none: at once.
    pub hand_over: Option<HandOver>,
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
    /// Mail of the active queue, at once.
    Active,
    /// Mail of the active queue, through a cache that keeps idle connections while deliveries to the
    /// destination follow each other (Postfix).
    OnDemand(Cache),
    /// Mail of the active queue, then any mail that waits for this destination and is not held back for
    /// its own sake, the newest first (Exim 4.96).
    Waiting,
    /// Mail that the queue run which opened it comes to next (sendmail's connection cache).
    Run,
}

/// A cache of idle connections (Postfix src/scache).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cache {
    /// How long a connection is kept without being used (`smtp_connection_cache_time_limit`); positive.
    pub idle: Span,
}

/// Deliveries are handed over to processes of their own (Postfix qmgr_transport.c).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// How long a process takes until it is ready for a delivery; positive.
    pub takes: Span,
    /// Most processes of a host that are getting ready at once (`QMGR_TRANSPORT_MAX_PEND`); at least 1.
    pub at_once: u32,
    /// A refused connection is booked at most so long after the refusal: until then the process writes down
    /// why mail is deferred, and the queue manager hears nothing.
    pub books: Span,
}

impl Default for Connections {
    /// No limits, no reuse, 30 s to connect and 5 min for the greeting (RFC 5321 section 4.5.3.2.1).
    fn default() -> Self {
        Self {
            per_destination: None,
            total: None,
            messages_per_connection: 1,
            reuse: Reuse::None,
            reuse_for: None,
            pace: Span::ZERO,
            rest: None,
            rest_suspended: None,
            hand_over: None,
            connect_timeout: Span::from_seconds(30),
            greeting_timeout: Span::from_seconds(300),
        }
    }
}
