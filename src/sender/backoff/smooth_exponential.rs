//! An exponential that chance smooths: no instant at which many retry together (Polly).

use super::by_count::capped;
use crate::random::Draw;
use crate::sender::RetryRecord;
use crate::time::Span;

/// The k-th retry comes `base/1.4 x(k-1+U)` after the first failure, with `x(t) = 2^t tanh(sqrt(4t))` and a new
/// uniform U for each retry; the delay is the difference of two such instants, at most `max`.
///
/// Polly v8 src/Polly.Core/Retry/RetryHelper.cs, `DecorrelatedJitterBackoffV2` (a formula of George Polevoy),
/// and `GetRetryDelay` for the cap. The program keeps the U of the last delay; here it is drawn again from
/// the same key. That is exact for the record of a message; the record of a host, whose failures are met
/// by different messages, gets a new U, and with it the same law for each delay but no memory.
#[derive(Clone, Debug, PartialEq)]
pub struct SmoothExponential {
    /// About the first delay.
    pub base: Span,
    /// The cap of each delay; none: unlimited.
    pub max: Option<Span>,
}

impl SmoothExponential {
    pub(super) fn delay(&self, record: &RetryRecord, draw: &mut Draw) -> Span {
        let retries = f64::from(record.failures.saturating_sub(1));
        let before = draw.before().filter(|_| record.failures > 1);
        let last = before.map_or(0.0, |mut draw| instant(retries - 1.0 + draw.unit()));
        let next = instant(retries + draw.unit());
        // At 2^1024 both are infinite; the program then gives its greatest delay.
        let delay = if next.is_finite() { self.base.scale((next - last) / 1.4) } else { Span::FOREVER };
        capped(delay, self.max)
    }
}

/// When the retry at `t` comes, in units of the base times 1.4.
fn instant(t: f64) -> f64 {
    t.exp2() * (4.0 * t).sqrt().tanh()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};
    use crate::time::Instant;

    fn delays(message: u64, growth: &SmoothExponential, most: u32) -> Vec<Span> {
        let key = Key::new(1, 0);
        let record = |failures| RetryRecord { failures, ..RetryRecord::first(Instant::ZERO) };
        (1..=most)
            .map(|k| growth.delay(&record(k), &mut key.draw(Purpose::Jitter, message, u64::from(k))))
            .collect()
    }

    /// What the program guarantees by its state: the sum of all delays is the last instant alone.
    #[test]
    fn delays_add_up_to_the_last_instant() {
        let growth = SmoothExponential { base: Span::from_seconds(2), max: None };
        for message in 0..50 {
            let sum: f64 = delays(message, &growth, 9).iter().map(|delay| delay.as_seconds()).sum();
            let unit = Key::new(1, 0).draw(Purpose::Jitter, message, 9).unit();
            assert!((sum - 2.0 / 1.4 * instant(8.0 + unit)).abs() < 1e-4, "{sum}");
        }
    }

    #[test]
    fn it_saturates_and_is_capped() {
        let growth = SmoothExponential { base: Span::from_seconds(2), max: None };
        assert_eq!(delays(3, &growth, 1100).last(), Some(&Span::FOREVER));
        let capped = SmoothExponential { max: Some(Span::from_seconds(60)), ..growth };
        let delays = delays(3, &capped, 1100);
        assert_eq!(delays.iter().max(), Some(&Span::from_seconds(60)));
        assert_eq!(delays.last(), Some(&Span::from_seconds(60)));
    }
}
