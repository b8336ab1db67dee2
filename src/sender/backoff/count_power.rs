//! Delays that grow as a power of the number of failures (Sidekiq).

use super::by_count::capped;
use crate::random::Draw;
use crate::sender::RetryRecord;
use crate::time::Span;

/// After the k-th failure `min(max, plus + unit (k-1)^power + k R)`, where R is a uniform time below
/// `spread`, all of it or one of `parts` equal steps from zero.
///
/// Sidekiq lib/sidekiq/job_retry.rb, `delay_for` and `process_retry`: `count**4 + 15 + rand(10) * (count + 1)`
/// seconds with a `count` that is 0 at the first failure. Since 7.3.6 it is `rand(10 * (count + 1))`, which is
/// no `parts`, rounded down to whole seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct CountPower {
    /// The factor of the power.
    pub unit: Span,
    /// The power; positive.
    pub power: f64,
    /// What is added always.
    pub plus: Span,
    /// What chance adds at most, times the number of failures.
    pub spread: Span,
    /// How many values chance chooses from; at least 1; none: any.
    pub parts: Option<u32>,
    /// The cap; none: unlimited.
    pub max: Option<Span>,
}

impl CountPower {
    pub(super) fn delay(&self, record: &RetryRecord, draw: &mut Draw) -> Span {
        let failures = f64::from(record.failures);
        let grown = self.unit.scale((failures - 1.0).powf(self.power));
        let unit = draw.unit();
        let chance = self.parts.map_or(unit, |parts| (unit * f64::from(parts)).floor() / f64::from(parts));
        let delay = self.plus.saturating_add(grown).saturating_add(self.spread.scale(chance * failures));
        capped(delay, self.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};
    use crate::time::Instant;

    const SIDEKIQ: CountPower = CountPower {
        unit: Span::SECOND,
        power: 4.0,
        plus: Span::from_seconds(15),
        spread: Span::from_seconds(10),
        parts: Some(10),
        max: None,
    };

    fn delay(growth: &CountPower, failures: u32, message: u64) -> Span {
        let record = RetryRecord { failures, ..RetryRecord::first(Instant::ZERO) };
        let mut draw = Key::new(1, 0).draw(Purpose::Jitter, message, u64::from(failures));
        growth.delay(&record, &mut draw)
    }

    #[test]
    fn chance_adds_whole_steps_that_grow_with_the_failures() {
        for message in 0..200 {
            let added = delay(&SIDEKIQ, 3, message) - Span::from_seconds(16 + 15);
            assert_eq!(added.as_micros() % 3_000_000, 0);
            assert!((0..=27).contains(&(added.as_micros() / 1_000_000)));
        }
    }

    #[test]
    fn without_parts_it_may_be_anything_and_the_cap_comes_last() {
        let growth = CountPower { parts: None, max: Some(Span::from_seconds(20)), ..SIDEKIQ };
        let delays: Vec<Span> = (0..200).map(|message| delay(&growth, 1, message)).collect();
        assert!(delays.iter().any(|delay| delay.as_micros() % 1_000_000 != 0));
        assert!(delays.contains(&Span::from_seconds(20)));
    }
}
