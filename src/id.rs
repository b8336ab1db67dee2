//! Small numbers that name things: indices into flat storage, one type for each kind of thing.

/// Defines an index type over `u32`.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in storage.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index! {
    /// One message. A block of ids belongs to one route, so facts that never change follow from the id.
    MessageId
}
impl MessageId {
    /// The first of the ids of notices, which no mail that arrives has.
    pub const FIRST_NOTICE: Self = Self(0xf000_0000);

    /// Whether this is a notice that a sender generated: a delay warning or a bounce.
    pub const fn is_notice(self) -> bool {
        self.0 >= Self::FIRST_NOTICE.0
    }
}

index! {
    /// One sending host.
    HostId
}
index! {
    /// The queue of one host for one recipient.
    RouteId
}
index! {
    /// One recipient server.
    RecipientId
}
index! {
    /// One population of sending hosts.
    PopulationId
}

index! {
    /// A place in the table of connections; used again when a connection is closed.
    Line
}
