//! What an outage costs messages, from their schedules.

use super::first_at_or_after;
use super::{Cost, End, Schedule};
use crate::time::{Instant, Span};

/// What becomes of a message for which the server is away for a while from its arrival on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is delivered so long after the return of the server.
    Delivered(Span),
    /// It is given up first.
    Bounced,
}

/// What becomes of a message with this schedule.
pub(super) fn fate(schedule: &Schedule, away: Span) -> Fate {
    let back = Instant::ZERO + away;
    match schedule.attempts.get(first_at_or_after(&schedule.attempts, back)) {
        Some(&at) => Fate::Delivered(at - back),
        None => Fate::Bounced,
    }
}

/// The cost for a message with this schedule that arrives at the start of an outage.
pub(super) fn of_one(schedule: &Schedule, lasts: Span) -> Cost {
    match fate(schedule, lasts) {
        Fate::Delivered(wait) => {
            Cost { bounced: 0.0, mean: Some(wait.as_seconds()), error: None, worst: Some(wait) }
        }
        Fate::Bounced => Cost { bounced: 1.0, mean: None, error: None, worst: None },
    }
}

/// Delay warnings that its author is sent while it waits: none after it is delivered.
pub(super) fn warnings(schedule: &Schedule, lasts: Span) -> usize {
    let back = Instant::ZERO + lasts;
    let delivered = schedule.attempts.get(first_at_or_after(&schedule.attempts, back));
    let until = delivered.copied().unwrap_or(Instant::NEVER);
    schedule.warned.iter().filter(|&&at| at < until).count()
}

/// The longest outage that a message survives which arrives at its start; none if it is never given up.
pub(super) fn survives(schedule: &Schedule) -> Option<Span> {
    let last = schedule.attempts.last().map_or(Span::ZERO, |&last| last - Instant::ZERO);
    matches!(schedule.end, End::Bounced { .. }).then_some(last)
}

/// Integrals over the arrivals during an outage, for a message of this schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Integral {
    /// Of the extra wait, where the message is delivered; seconds squared.
    pub(super) waited: f64,
    /// Of one, where it is delivered; seconds.
    pub(super) delivered: f64,
}

impl Integral {
    /// Over a message's attempts and an outage. One that arrives with `r` left of the outage waits from
    /// `r` to its first attempt at or after `r`.
    pub(super) fn of(attempts: &[Instant], lasts: Span) -> Self {
        let mut integral = Self::default();
        let end = Instant::ZERO + lasts;
        let mut before = Instant::ZERO;
        for &at in attempts.iter().skip(1) {
            if before >= end {
                break;
            }
            let gap = (at - before).as_seconds();
            let beyond = (at - at.min(end)).as_seconds();
            integral.waited += (gap * gap - beyond * beyond) / 2.0;
            integral.delivered += gap - beyond;
            before = at;
        }
        integral
    }
}

/// Costs of many messages, summed up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Sum of the weights: of all, and of what is delivered.
    whole: f64,
    delivered: f64,
    /// Sum of the extra waits, by weight.
    waited: f64,
    worst: Option<Span>,
    /// Sums of squares and products of what single messages add, for the error.
    messages: u32,
    waited_squared: f64,
    delivered_squared: f64,
    product: f64,
}

impl Sums {
    /// Adds an integral that has so much weight, of a whole of so many seconds.
    pub(super) fn add(&mut self, integral: Integral, whole: f64, weight: f64, worst: Option<Span>) {
        self.whole += weight * whole;
        self.delivered += weight * integral.delivered;
        self.waited += weight * integral.waited;
        self.worst = self.worst.max(worst);
    }

    /// Adds all arrivals of a drawn message.
    pub(super) fn add_drawn(&mut self, schedule: &Schedule, lasts: Span) {
        let integral = Integral::of(&schedule.attempts, lasts);
        self.add_message(integral, lasts.as_seconds(), worst_gap(&schedule.attempts, lasts));
    }

    /// Adds one message that is drawn, at its one arrival.
    pub(super) fn add_one(&mut self, fate: Fate) {
        match fate {
            Fate::Delivered(wait) => {
                let one = Integral { waited: wait.as_seconds(), delivered: 1.0 };
                self.add_message(one, 1.0, Some(wait));
            }
            Fate::Bounced => self.add_message(Integral::default(), 1.0, None),
        }
    }

    fn add_message(&mut self, integral: Integral, whole: f64, worst: Option<Span>) {
        self.add(integral, whole, 1.0, worst);
        self.messages += 1;
        self.waited_squared += integral.waited * integral.waited;
        self.delivered_squared += integral.delivered * integral.delivered;
        self.product += integral.waited * integral.delivered;
    }

    /// The cost, without error.
    pub(super) fn exact(&self) -> Cost {
        let mean = (self.delivered > 0.0).then(|| self.waited / self.delivered);
        // What rounding leaves of a whole that is delivered is no bounce.
        let bounced = 1.0 - self.delivered / self.whole;
        Cost {
            bounced: if bounced.abs() < 1e-9 { 0.0 } else { bounced },
            mean,
            error: None,
            worst: mean.and(self.worst),
        }
    }

    /// The cost with the standard error of a ratio of two means (Cochran, "Sampling Techniques", 3rd
    /// edition, equation 6.13, without the correction for finite populations).
    pub(super) fn drawn(&self) -> Cost {
        let cost = self.exact();
        let n = f64::from(self.messages);
        let error = cost.mean.map(|mean| {
            let squares =
                self.waited_squared - 2.0 * mean * self.product + mean * mean * self.delivered_squared;
            (squares.max(0.0) / (n - 1.0) * n).sqrt() / self.delivered
        });
        Cost { error, ..cost }
    }
}

/// The longest gap that begins before the end of an outage: a message that comes to wait through all of
/// it arrived so that the server returned just after an attempt.
fn worst_gap(attempts: &[Instant], lasts: Span) -> Option<Span> {
    let end = Instant::ZERO + lasts;
    attempts.windows(2).take_while(|pair| pair[0] < end).map(|pair| pair[1] - pair[0]).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: &[i64]) -> Vec<Instant> {
        seconds.iter().map(|&seconds| Instant::ZERO + Span::from_seconds(seconds)).collect()
    }

    #[test]
    fn integrals_agree_with_sums_over_many_arrivals() {
        let attempts = at(&[0, 10, 40, 100]);
        for lasts in [5, 10, 25, 100, 130] {
            let exact = Integral::of(&attempts, Span::from_seconds(lasts));
            let (mut waited, mut delivered) = (0.0, 0.0);
            let parts = lasts * 1000;
            for part in 0..parts {
                let back = (part as f64 + 0.5) / 1000.0;
                if let Some(next) = attempts.iter().map(|at| at.as_seconds()).find(|&at| at >= back) {
                    waited += (next - back) / 1000.0;
                    delivered += 1.0 / 1000.0;
                }
            }
            assert!((exact.waited - waited).abs() < 1e-3 && (exact.delivered - delivered).abs() < 1e-6);
        }
    }

    #[test]
    fn an_attempt_at_the_return_of_the_server_delivers() {
        let schedule = Schedule {
            attempts: at(&[0, 10, 40]),
            end: End::Bounced { at: at(&[40])[0], why: crate::sender::BounceReason::TooOld },
            held_back: vec![],
            warned: at(&[10, 40]),
        };
        let seconds = Span::from_seconds;
        assert_eq!(fate(&schedule, seconds(10)), Fate::Delivered(Span::ZERO));
        assert_eq!(fate(&schedule, seconds(11)), Fate::Delivered(seconds(29)));
        assert_eq!(fate(&schedule, seconds(41)), Fate::Bounced);
        assert_eq!(survives(&schedule), Some(seconds(40)));
        assert_eq!([10, 11, 40, 41].map(|s| warnings(&schedule, seconds(s))), [0, 1, 1, 2]);
        assert_eq!(worst_gap(&schedule.attempts, seconds(10)), Some(seconds(10)));
        assert_eq!(worst_gap(&schedule.attempts, seconds(11)), Some(seconds(30)));
    }

    #[test]
    fn the_error_of_a_mean_is_the_usual_one() {
        let mut sums = Sums::default();
        for wait in [1, 2, 3, 4] {
            sums.add_one(Fate::Delivered(Span::from_seconds(wait)));
        }
        let cost = sums.drawn();
        assert_eq!(cost.mean, Some(2.5));
        // Standard deviation sqrt(5/3) over sqrt(4).
        assert!((cost.error.expect("four messages") - (5.0f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
        sums.add_one(Fate::Bounced);
        assert!((sums.drawn().bounced - 0.2).abs() < 1e-12);
    }
}
