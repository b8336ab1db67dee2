//! The recipient: a mail server with a number of slots, and gates that may refuse.
//!
//! A connection passes four places. The kernel may refuse it or drop it without a word
//! (stages `refused` and `timeout`). Then it waits, first come first served, while the serial
//! acceptor is busy or, where a [`Backlog`] is configured, while all slots are taken. Then the
//! gates of the greeting are asked, and it gets one of the slots. Last come the transactions,
//! with the gates of `MAIL`, `RCPT` and `DATA`.
//!
//! The recipient never sees an event set. It is told what senders do, and answers with steps that
//! the caller takes out with [`Recipient::next`](Iterator::next) after every call.

mod acceptor;
mod backlog;
mod entrance;
pub mod gates;
mod lines;
mod relaxed;
pub mod schedule;
mod server;
mod settings;
mod slots;
mod step;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use backlog::Backlog;
pub use gates::{Cost, Gate, GateSettings, Uses};
pub use relaxed::Relaxed;
pub use schedule::{When, Window, Windows};
pub use server::Recipient;
pub use settings::{Drawn, Settings};
pub use step::{Internal, Outcome, Patience, Refused, Step};
