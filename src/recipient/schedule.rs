//! Windows of time: once, listed, periodic or random.

use crate::random::{Key, Purpose};
use crate::time::{Instant, Span};

/// A half-open interval `[start, end)`: what happens exactly at the start is inside, exactly at the
/// end is outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First instant inside.
    pub start: Instant,
    /// First instant after it.
    pub end: Instant,
}

/// When windows are.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// These; in any order, and windows that touch or overlap are one.
    Fixed(Vec<Window>),
    /// `[first + k every, first + k every + lasts)` for k = 0, 1, ...
    Periodic {
        /// Start of the first window.
        first: Instant,
        /// From start to start; positive.
        every: Span,
        /// Length of each window. As long as `every` or longer, the first window never ends.
        lasts: Span,
    },
    /// Up, down, up, down, ... for exponentially distributed times, beginning with up.
    Random {
        /// Mean time between windows.
        up: Span,
        /// Mean length of a window.
        down: Span,
    },
}

impl When {
    /// The windows in order. They neither touch nor overlap and are not empty; there may be
    /// infinitely many.
    ///
    /// Random windows are drawn under `key`, which belongs to the gate: the key of the recipient
    /// `.named` by the gate. Each window has draws of its own.
    ///
    /// ```
    /// use tempfail::random::Key;
    /// use tempfail::recipient::When;
    /// use tempfail::time::{Instant, Span};
    ///
    /// let hour = Span::from_seconds(3600);
    /// let nightly = When::Periodic { first: Instant::ZERO + hour * 2, every: hour * 24, lasts: hour };
    /// let second = nightly.windows(Key::new(421, 0)).nth(1);
    /// assert_eq!(second.map(|window| window.start), Some(Instant::ZERO + hour * 26));
    /// ```
    pub fn windows(&self, key: Key) -> Windows {
        match *self {
            Self::Fixed(ref windows) => Windows(State::Listed(merged(windows.clone()).into_iter())),
            Self::Periodic { first, every, lasts } => {
                if lasts >= every {
                    let window = Window { start: first, end: Instant::NEVER };
                    return Windows(State::Listed(vec![window].into_iter()));
                }
                Windows(State::Periodic { next: first, every, lasts })
            }
            Self::Random { up, down } => {
                Windows(State::Random { key, up, down, from: Instant::ZERO, index: 0 })
            }
        }
    }
}

/// The windows of a [`When`], one after the other.
#[derive(Clone, Debug)]
pub struct Windows(State);

#[derive(Clone, Debug)]
enum State {
    Listed(std::vec::IntoIter<Window>),
    Periodic { next: Instant, every: Span, lasts: Span },
    Random { key: Key, up: Span, down: Span, from: Instant, index: u64 },
}

impl Iterator for Windows {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        match &mut self.0 {
            State::Listed(windows) => windows.next(),
            State::Periodic { next, every, lasts } => {
                if *lasts <= Span::ZERO || *next == Instant::NEVER {
                    return None;
                }
                let start = *next;
                *next = start.saturating_add(*every);
                Some(Window { start, end: start.saturating_add(*lasts) })
            }
            State::Random { key, up, down, from, index } => {
                let mut draw = key.draw(Purpose::Outage, 0, *index);
                // No time at all would never let the clock go on.
                let start = from.saturating_add(up.scale(draw.exponential()).max(Span::MICROSECOND));
                let end = start.saturating_add(down.scale(draw.exponential()).max(Span::MICROSECOND));
                *index += 1;
                *from = end;
                (start < Instant::NEVER).then_some(Window { start, end })
            }
        }
    }
}

/// The windows in order, without empty ones, those that touch or overlap made one.
fn merged(mut windows: Vec<Window>) -> Vec<Window> {
    windows.retain(|window| window.start < window.end);
    windows.sort_by_key(|window| window.start);
    windows.dedup_by(|later, earlier| {
        let touches = later.start <= earlier.end;
        if touches {
            earlier.end = earlier.end.max(later.end);
        }
        touches
    });
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window { start: Instant::from_micros(start), end: Instant::from_micros(end) }
    }

    #[test]
    fn listed_windows_come_in_order_and_merged() {
        let when =
            When::Fixed(vec![window(50, 60), window(10, 20), window(20, 30), window(5, 5), window(12, 15)]);
        let windows: Vec<_> = when.windows(Key::new(1, 0)).collect();
        assert_eq!(windows, [window(10, 30), window(50, 60)]);
    }

    #[test]
    fn periodic_windows_without_a_gap_are_one() {
        let every = Span::from_micros(10);
        let first = Instant::from_micros(3);
        let when = When::Periodic { first, every, lasts: Span::from_micros(4) };
        let windows: Vec<_> = when.windows(Key::new(1, 0)).take(2).collect();
        assert_eq!(windows, [window(3, 7), window(13, 17)]);
        let always: Vec<_> = When::Periodic { first, every, lasts: every }.windows(Key::new(1, 0)).collect();
        assert_eq!(always, [Window { start: first, end: Instant::NEVER }]);
    }

    /// 20 000 random windows: the down share has standard error 0.5 x sqrt(2 / 20 000) = 0.005 at
    /// equal means, here less; 4.9 standard errors (error probability 1e-6).
    #[test]
    fn random_windows_have_the_means_and_repeat() {
        let when = When::Random { up: Span::SECOND * 9, down: Span::SECOND };
        let key = Key::new(3, 0).named("window");
        let mut down = Span::ZERO;
        let mut end = Instant::ZERO;
        for window in when.windows(key).take(20_000) {
            assert!(end < window.start && window.start < window.end);
            down += window.end - window.start;
            end = window.end;
        }
        let share = down.as_seconds() / end.as_seconds();
        assert!((share - 0.1).abs() < 4.9 * 0.1 * 0.9 * (2.0f64 / 20_000.0).sqrt(), "{share}");
        assert_eq!(when.windows(key).nth(700), when.windows(key).nth(700));
        assert_ne!(when.windows(key).next(), when.windows(Key::new(3, 1)).next());
    }
}
