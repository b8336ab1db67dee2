//! Backoff in windows: after the k-th failure anywhere in the next window, which begins where the k-th ended. Nobody who
//! sends mail does this; theory does, because all that started together stay in step.

use crate::random::Draw;
use crate::sender::RetryRecord;
use crate::sender::backoff::Grow;
use crate::time::{Instant, Span};

/// How long the windows are, in slots, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Law {
    /// Always so long.
    Fixed(u64),
    /// 2, 4, 8 ...: binary exponential backoff.
    Binary,
    /// 2, 3, 5, 8 ...
    Fibonacci,
    /// 1 + k to this power.
    Power(u32),
    /// From 2 on longer by 1/lg w each time; rounded down.
    Log,
    /// From 2 on longer by 1/lg lg w each time, but never more than twice as long; rounded down.
    LogLog,
    /// 2 1, 4 2 1, 8 4 2 1 ...
    Sawtooth,
}

/// A slot is a second.
pub(super) const SLOT: Span = Span::SECOND;

/// More windows than anybody needs.
const WINDOWS: usize = 4096;
/// Windows that begin later than this do not.
const LATEST: u64 = 1 << 40;

/// Where windows begin and how long they are, in slots.
#[derive(Clone, Debug)]
pub(super) struct Windows(Vec<(u64, u64)>);

impl Windows {
    pub(super) fn new(law: Law) -> Self {
        let mut begins = 0;
        let mut windows = Vec::new();
        for length in law.lengths().take(WINDOWS).take_while(|length| *length < LATEST) {
            windows.push((begins, length));
            begins += length;
            if begins > LATEST {
                break;
            }
        }
        Self(windows)
    }

    /// When something is tried in a window, which are numbered from zero; the last one repeats.
    pub(super) fn instant(&self, window: usize, draw: &mut Draw) -> Instant {
        let last = self.0.len() - 1;
        let (begins, length) = self.0[window.min(last)];
        let begins = begins + window.saturating_sub(last) as u64 * length;
        let slot = begins + (draw.unit() * length as f64) as u64;
        Instant::ZERO + SLOT * slot as i64
    }
}

impl Grow for Windows {
    /// The record began when the first window did.
    fn delay(&self, record: &RetryRecord, now: Instant, draw: &mut Draw) -> Span {
        let since = self.instant(record.failures as usize, draw) - Instant::ZERO;
        record.first_failed + since - now
    }
}

impl Law {
    fn lengths(self) -> Box<dyn Iterator<Item = u64>> {
        let whole = |length: f64| length as u64;
        match self {
            Self::Fixed(length) => Box::new(std::iter::repeat(length)),
            Self::Binary => Box::new((1..62).map(|k| 1 << k)),
            Self::Fibonacci => Box::new(
                std::iter::successors(Some((2, 3)), |(a, b)| Some((*b, a + b))).map(|(a, _)| a).take(80),
            ),
            Self::Power(power) => Box::new((1u64..).map(move |k| 1 + k.saturating_pow(power))),
            Self::Log => {
                let longer = |w: &f64| Some(w * (1.0 + 1.0 / w.log2()));
                Box::new(std::iter::successors(Some(2.0), longer).map(whole))
            }
            Self::LogLog => {
                let longer = |w: &f64| Some(w * (1.0 + 1.0 / w.log2().log2().max(1.0)));
                Box::new(std::iter::successors(Some(2.0), longer).map(whole))
            }
            Self::Sawtooth => Box::new((1..62).flat_map(|k| (0..=k).rev().map(|j| 1u64 << j))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};

    #[test]
    fn windows_are_as_long_as_their_names_say() {
        let first =
            |law: Law| Windows::new(law).0.iter().take(5).map(|(_, length)| *length).collect::<Vec<_>>();
        assert_eq!(first(Law::Fixed(7)), [7; 5]);
        assert_eq!(first(Law::Binary), [2, 4, 8, 16, 32]);
        assert_eq!(first(Law::Fibonacci), [2, 3, 5, 8, 13]);
        assert_eq!(first(Law::Power(2)), [2, 5, 10, 17, 26]);
        assert_eq!(first(Law::Log), [2, 4, 6, 8, 11]);
        assert_eq!(first(Law::LogLog), [2, 4, 8, 13, 19]);
        assert_eq!(first(Law::Sawtooth), [2, 1, 4, 2, 1]);
    }

    #[test]
    fn a_delay_leads_from_one_window_into_the_next() {
        let windows = Windows::new(Law::Binary);
        for packet in 0..200 {
            let draw = |k| Key::new(1, 0).draw(Purpose::Jitter, packet, k);
            let mut now = windows.instant(0, &mut draw(0));
            for failures in 1..10 {
                let record = RetryRecord { failures, ..RetryRecord::first(Instant::ZERO) };
                now += windows.delay(&record, now, &mut draw(u64::from(failures)));
                // Before the window lie 2 + 4 + ... + 2^k slots.
                let slot = now.as_micros() / 1_000_000;
                let begins = (2 << failures) - 2;
                assert!((begins..begins + (2 << failures)).contains(&slot), "{failures}: {slot}");
            }
        }
    }

    #[test]
    fn the_last_window_repeats() {
        let windows = Windows(vec![(0, 2), (2, 3)]);
        let mut draw = Key::new(1, 0).draw(Purpose::Jitter, 0, 0);
        let slot = (windows.instant(4, &mut draw) - Instant::ZERO).as_micros() / 1_000_000;
        assert!((11..14).contains(&slot), "{slot}");
    }
}
