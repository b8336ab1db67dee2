//! How chance changes a delay.

use crate::random::Draw;
use crate::time::Span;

/// How chance changes a delay `e`. Full, equal and decorrelated are the names of Marc Brooker,
/// "Exponential Backoff And Jitter" (2015).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Jitter {
    /// Not at all.
    #[default]
    None,
    /// Uniform on [0, e).
    Full,
    /// Uniform among the multiples of this positive step from 0 to `e` (Celery celery/utils/time.py,
    /// `get_exponential_backoff_interval`: `random.randrange(countdown + 1)` seconds).
    FullSteps(Span),
    /// `e/2` and a uniform half.
    Equal,
    /// `min(cap, U(base, 3 previous))`, whatever `e`; the first previous delay is `base`.
    Decorrelated {
        /// The least delay.
        base: Span,
        /// The greatest.
        cap: Span,
    },
    /// `U(base, min(cap, 3 previous))`: as decorrelated, but seldom exactly the cap.
    DecorrelatedBelow {
        /// The least delay, which stands for the first previous one.
        base: Span,
        /// The greatest.
        cap: Span,
    },
    /// `base` at first, then `U(previous, min(cap, 3 previous))`: it never falls (Finagle
    /// finagle-core/src/main/scala/com/twitter/finagle/Backoff.scala, `DecorrelatedJittered`).
    DecorrelatedRising {
        /// The first delay.
        base: Span,
        /// The greatest.
        cap: Span,
    },
    /// `min(cap, previous factor U(1-x, 1+x))`, whatever `e`: chances add up from delay to delay (dma.c,
    /// `deliver`). The first delay is `base`.
    Compounding {
        /// The first delay.
        base: Span,
        /// What a delay is of the previous one, in the mean.
        factor: f64,
        /// x, between 0 and 1.
        share: f64,
        /// The greatest delay.
        cap: Span,
    },
    /// Exponential with mean `e`: memoryless.
    Exponential,
    /// `e U(1-x, 1+x)`, x between 0 and 1.
    Proportional(f64),
    /// `e U(1, 1+x)`, x not negative (tower tower/src/retry/backoff.rs; backon with x = 1).
    Lengthened(f64),
    /// `e + U(0, x)`.
    Additive(Span),
    /// `e + U(-x, x)`, at least 0.
    Uniform(Span),
}

impl Jitter {
    /// Whether the delay before this one has a part in it.
    #[inline]
    pub fn looks_back(&self) -> bool {
        match self {
            Self::Decorrelated { .. }
            | Self::DecorrelatedBelow { .. }
            | Self::DecorrelatedRising { .. }
            | Self::Compounding { .. } => true,
            Self::None
            | Self::Full
            | Self::FullSteps(_)
            | Self::Equal
            | Self::Exponential
            | Self::Proportional(_)
            | Self::Lengthened(_)
            | Self::Additive(_)
            | Self::Uniform(_) => false,
        }
    }

    /// The delay that chance makes of `expected`, where `previous` was chosen last.
    #[inline(always)]
    pub fn apply(&self, expected: Span, previous: Span, draw: &mut Draw) -> Span {
        match self {
            Self::None => expected,
            Self::Full => draw.span_up_to(expected),
            other => other.apply_another(expected, previous, draw),
        }
    }

    /// [`Self::apply`] where it is more than a draw.
    #[inline(never)]
    fn apply_another(&self, expected: Span, previous: Span, draw: &mut Draw) -> Span {
        match *self {
            Self::None | Self::Full => self.apply(expected, previous, draw),
            Self::FullSteps(step) => {
                let steps = expected.as_micros() / step.as_micros().max(1);
                step * ((steps + 1) as f64 * draw.unit()) as i64
            }
            Self::Equal => {
                let half = expected / 2;
                half + draw.span_up_to(expected - half)
            }
            Self::Decorrelated { base, cap } => {
                let widest = previous.max(base).scale(3.0);
                (base.saturating_add(draw.span_up_to(widest - base))).min(cap)
            }
            Self::DecorrelatedBelow { base, cap } => {
                let most = previous.max(base).scale(3.0).min(cap);
                base + draw.span_up_to(most - base)
            }
            Self::DecorrelatedRising { base, .. } if previous == Span::ZERO => base,
            Self::DecorrelatedRising { base, cap } => {
                let least = previous.max(base).min(cap);
                least + draw.span_up_to(least.scale(3.0).min(cap) - least)
            }
            Self::Compounding { base, .. } if previous == Span::ZERO => base,
            Self::Compounding { factor, share, cap, .. } => {
                previous.scale(factor * (1.0 - share + 2.0 * share * draw.unit())).min(cap)
            }
            Self::Exponential => expected.scale(draw.exponential()),
            Self::Proportional(share) => expected.scale(1.0 - share + 2.0 * share * draw.unit()),
            Self::Lengthened(share) => expected.scale(1.0 + share * draw.unit()),
            Self::Additive(most) => expected.saturating_add(draw.span_up_to(most)),
            Self::Uniform(most) => {
                (expected - most).saturating_add(draw.span_up_to(most.scale(2.0))).max(Span::ZERO)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};

    const N: u64 = 20_000;
    const E: Span = Span::from_seconds(100);

    /// Smallest, mean and greatest of many delays, in seconds.
    fn spread(jitter: Jitter, previous: Span) -> (f64, f64, f64) {
        let key = Key::new(5, 0);
        let delays: Vec<f64> = (0..N)
            .map(|i| jitter.apply(E, previous, &mut key.draw(Purpose::Jitter, i, 1)).as_seconds())
            .collect();
        let mean = delays.iter().sum::<f64>() / N as f64;
        (delays.iter().copied().fold(f64::MAX, f64::min), mean, delays.iter().copied().fold(0.0, f64::max))
    }

    /// Means lie within 4.4 standard errors of a uniform law (error probability 1e-5 each).
    #[test]
    fn uniform_laws_keep_their_bounds_and_means() {
        let base = Span::from_seconds(10);
        let decorrelated = Jitter::Decorrelated { base, cap: Span::from_seconds(1000) };
        let compounding =
            Jitter::Compounding { base, factor: 2.0, share: 0.25, cap: Span::from_seconds(1000) };
        let cases = [
            (compounding, Span::from_seconds(60), 90.0, 150.0),
            (Jitter::Full, Span::ZERO, 0.0, 100.0),
            (Jitter::Equal, Span::ZERO, 50.0, 100.0),
            (decorrelated, Span::ZERO, 10.0, 30.0),
            (decorrelated, Span::from_seconds(60), 10.0, 180.0),
            (Jitter::DecorrelatedBelow { base, cap: Span::from_seconds(100) }, Span::ZERO, 10.0, 30.0),
            (Jitter::DecorrelatedBelow { base, cap: Span::from_seconds(100) }, E, 10.0, 100.0),
            (Jitter::DecorrelatedRising { base, cap: Span::from_seconds(400) }, E, 100.0, 300.0),
            (Jitter::DecorrelatedRising { base, cap: Span::from_seconds(200) }, E, 100.0, 200.0),
            (Jitter::Lengthened(0.5), Span::ZERO, 100.0, 150.0),
            (Jitter::Proportional(0.2), Span::ZERO, 80.0, 120.0),
            (Jitter::Additive(Span::from_seconds(60)), Span::ZERO, 100.0, 160.0),
            (Jitter::Uniform(Span::from_seconds(30)), Span::ZERO, 70.0, 130.0),
        ];
        for (jitter, previous, low, high) in cases {
            let (least, mean, most) = spread(jitter, previous);
            let tolerance = 4.4 * (high - low) / 12f64.sqrt() / (N as f64).sqrt();
            assert!(least >= low && most <= high, "{jitter:?}: {least} to {most}");
            assert!((mean - (low + high) / 2.0).abs() < tolerance, "{jitter:?}: mean {mean}");
        }
    }

    #[test]
    fn jitters_that_look_back_are_those_that_change_with_the_delay_before() {
        let (base, cap) = (Span::from_seconds(10), Span::from_seconds(1000));
        let after = |jitter: Jitter, previous: i64| {
            let mut draw = Key::new(5, 0).draw(Purpose::Jitter, 1, 1);
            jitter.apply(E, Span::from_seconds(previous), &mut draw)
        };
        for jitter in [
            Jitter::None,
            Jitter::Full,
            Jitter::FullSteps(base),
            Jitter::Equal,
            Jitter::Decorrelated { base, cap },
            Jitter::DecorrelatedBelow { base, cap },
            Jitter::DecorrelatedRising { base, cap },
            Jitter::Compounding { base, factor: 2.0, share: 0.25, cap },
            Jitter::Exponential,
            Jitter::Proportional(0.2),
            Jitter::Lengthened(0.5),
            Jitter::Additive(base),
            Jitter::Uniform(base),
        ] {
            assert_eq!(jitter.looks_back(), after(jitter, 20) != after(jitter, 40), "{jitter:?}");
        }
    }

    /// As many values as steps and one more, each as likely: 0 to 100 s in steps of 40 s are 0, 40 and 80 s.
    #[test]
    fn full_jitter_in_steps_has_both_ends() {
        let (least, mean, most) = spread(Jitter::FullSteps(Span::from_seconds(40)), Span::ZERO);
        assert_eq!((least, most), (0.0, 80.0));
        let tolerance = 4.4 * 40.0 * (2.0_f64 / 3.0).sqrt() / (N as f64).sqrt();
        assert!((mean - 40.0).abs() < tolerance, "{mean}");
    }

    #[test]
    fn memoryless_delays_have_the_expected_mean() {
        let (_, mean, _) = spread(Jitter::Exponential, Span::ZERO);
        assert!((mean - 100.0).abs() < 4.4 * 100.0 / (N as f64).sqrt());
        assert_eq!(spread(Jitter::None, Span::ZERO), (100.0, 100.0, 100.0));
    }

    #[test]
    fn caps_and_floors_hold() {
        let cap = Span::from_seconds(20);
        let (_, _, most) = spread(Jitter::Decorrelated { base: Span::from_seconds(10), cap }, E);
        assert_eq!(most, 20.0);
        let rising = Jitter::DecorrelatedRising { base: Span::from_seconds(10), cap };
        assert_eq!(spread(rising, Span::ZERO), (10.0, 10.0, 10.0));
        assert_eq!(spread(rising, cap), (20.0, 20.0, 20.0));
        let compounding =
            |cap| Jitter::Compounding { base: Span::from_seconds(10), factor: 2.0, share: 0.25, cap };
        assert_eq!(spread(compounding(cap), Span::ZERO), (10.0, 10.0, 10.0));
        assert_eq!(spread(compounding(cap), E), (20.0, 20.0, 20.0));
        let (least, _, _) = spread(Jitter::Uniform(Span::from_seconds(300)), Span::ZERO);
        assert_eq!(least, 0.0);
    }
}
