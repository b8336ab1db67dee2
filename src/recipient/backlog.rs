//! Connections that wait: for the acceptor, and for a slot where silent waiting is configured.
//!
//! It is one queue, as in the kernel: TCP is up, but nobody has taken the connection yet. The gates
//! of the greeting are asked when it is taken, because the process that takes it answers for them.

use std::collections::VecDeque;

use super::lines::Caller;
use crate::id::Line;
use crate::time::Span;

/// The backlog of a listening server (`listen(2)`): when all slots are taken, connections wait in
/// silence. Without it they are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Most connections that wait. When it is full the kernel ignores further ones, and theirs
    /// repeat the SYN 1, 3, 7 and 15 seconds after the connect.
    pub length: u32,
    /// Time a slot spends on a connection whose client gave up while it waited.
    pub abandoned_takes: Span,
}

/// When a sender's kernel repeats an unanswered SYN, in seconds after the connect: the first wait is
/// one second and every further one twice as long (RFC 6298 sections 2.1 and 5.5).
pub(super) const SYN_RETRANSMITS: [i64; 4] = [1, 3, 7, 15];

/// One connection that waits. It stays when the client has given up: the server cannot know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) line: Line,
    pub(super) caller: Caller,
}

/// The queue, first come first served.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, connection: Waiting) {
        self.waiting.push_back(connection);
    }

    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }
}
