//! A caller for tests: drives one recipient and writes down what becomes of every connection.

use super::settings::Settings;
use crate::law::Law;
use crate::time::Span;

/// A server that takes no time and has no gates.
pub(super) fn settings(slots: Option<u32>) -> Settings {
    Settings {
        slots,
        round_trip: Span::ZERO,
        setup: Law::ZERO,
        transaction: Law::ZERO,
        idle_hold: Span::ZERO,
        gates: Vec::new(),
    }
}
