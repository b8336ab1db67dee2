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

/// A connection: a place in the table of connections, and which of its users in turn this is.
///
/// The generation rises whenever the connection enters another phase, so that an event meant for an
/// earlier phase, or for a connection that was cut, is recognised as out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId {
    /// Place in the table.
    pub slot: u32,
    /// Which use, and which phase of it.
    pub generation: u32,
}
