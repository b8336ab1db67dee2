//! What is compared: numbers that are taken in the same way from a recording and from a simulation.

use super::history::History;

/// A number that sums up a history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantity {
    /// What it is, as the table calls it.
    pub(super) name: &'static str,
    /// Digits after the point in the table.
    pub(super) digits: usize,
    pub(super) of: fn(&History) -> f64,
}

const fn count(name: &'static str, of: fn(&History) -> f64) -> Quantity {
    Quantity { name, digits: 0, of }
}

const fn seconds(name: &'static str, of: fn(&History) -> f64) -> Quantity {
    Quantity { name, digits: 1, of }
}

pub(super) const CONNECTIONS: Quantity = count("connections", |history| history.connections.len() as f64);

pub(super) const ATTEMPTS: Quantity = count("attempts", |history| history.attempts.len() as f64);

pub(super) const SUPPRESSED: Quantity = count("suppressed attempts", |history| f64::from(history.suppressed));

pub(super) const TRIED: Quantity = count("messages tried at least once", |history| {
    let tried = |message: &usize| history.attempts.iter().any(|attempt| attempt.message == *message);
    (0..history.injected.len()).filter(tried).count() as f64
});

pub(super) const BOUNCED: Quantity = count("messages bounced", |history| history.bounced.len() as f64);

pub(super) const LEAST_AGE: Quantity =
    seconds("least age at the bounce, s", |history| ages(history).fold(f64::INFINITY, f64::min));

pub(super) const MEAN_AGE: Quantity =
    seconds("mean age at the bounce, s", |history| ages(history).sum::<f64>() / history.bounced.len() as f64);

pub(super) const GREATEST_AGE: Quantity =
    seconds("greatest age at the bounce, s", |history| ages(history).fold(0.0, f64::max));

pub(super) const CONNECTIONS_BEFORE: Quantity = count("connections before the recovery", |history| {
    history.connections.iter().filter(|at| **at < history.recovery).count() as f64
});

pub(super) const CONNECTIONS_AFTER: Quantity =
    count("connections after the recovery", |history| connections_after(history) as f64);

pub(super) const MESSAGES_PER_CONNECTION: Quantity =
    Quantity { digits: 2, ..count("messages per connection after the recovery", per_connection) };

pub(super) const FIRST_DELIVERY: Quantity =
    seconds("from the recovery to the first delivery, s", |history| {
        history.deliveries().map(|attempt| attempt.at - history.recovery).fold(f64::INFINITY, f64::min)
    });

pub(super) const LAST_DELIVERY: Quantity = seconds("from the recovery to the last delivery, s", |history| {
    history.deliveries().map(|attempt| attempt.at - history.recovery).fold(0.0, f64::max)
});

fn ages(history: &History) -> impl Iterator<Item = f64> {
    history.bounced.iter().map(|(_, age)| *age)
}

fn connections_after(history: &History) -> usize {
    history.connections.iter().filter(|at| **at >= history.recovery).count()
}

fn per_connection(history: &History) -> f64 {
    history.deliveries().count() as f64 / connections_after(history) as f64
}
