//! A rate of attempts that falls with failures and rises along a cubic (botocore's retry mode "adaptive").
//!
//! botocore/retries/adaptive.py (`ClientRateLimiter`, `RateClocker`), throttling.py (`CubicCalculator`) and bucket.py
//! (`TokenBucket`). Nothing is limited before the first failure. A call without a token waits for it there, and here:
//! mail stays in line, and nothing is counted. Rates are per second.

use super::{Charge, Situation, Stages};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// The settings of a throttle with a cubic rate.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaptiveThrottle {
    /// The least rate (`TokenBucket._MIN_RATE`); above 0.
    pub min_rate: f64,
    /// By what a failure multiplies the rate (`CubicCalculator._BETA`); between 0 and 1.
    pub decrease: f64,
    /// The factor of the cubic, per cube of a second (`CubicCalculator._SCALE_CONSTANT`); above 0.
    pub scale: f64,
    /// The weight of the latest rate in what is measured (`RateClocker._DEFAULT_SMOOTHING`); between 0 and 1.
    pub smoothing: f64,
    /// Over what time a rate is measured (`RateClocker._TIME_BUCKET_RANGE`); longer than zero.
    pub measured_over: Span,
    /// How many times the measured rate there may be (`ClientRateLimiter._MAX_RATE_ADJUST_SCALE`); at least 1.
    pub headroom: f64,
    /// Failures at these stages lower the rate; after others it rises as after a success.
    pub stages: Stages,
}

impl Default for AdaptiveThrottle {
    /// The numbers of botocore.
    fn default() -> Self {
        Self {
            min_rate: 0.5,
            decrease: 0.7,
            scale: 0.4,
            smoothing: 0.8,
            measured_over: Span::from_micros(500_000),
            headroom: 2.0,
            stages: Stages::ALL,
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Adaptive {
    settings: AdaptiveThrottle,
    /// There was a failure.
    limits: bool,
    cubic: Cubic,
    bucket: Bucket,
    clocker: Clocker,
}

/// `rate = scale (t - zero_after)^3 + top`, with t since the last failure.
#[derive(Debug)]
struct Cubic {
    top: f64,
    zero_after: f64,
    last_failure: Instant,
}

#[derive(Debug)]
struct Bucket {
    rate: f64,
    most: f64,
    tokens: f64,
    filled: Instant,
}

#[derive(Debug)]
struct Clocker {
    rate: f64,
    /// The end of the last time that was measured, in whole times since the start.
    measured_until: i64,
    count: u32,
}

impl Adaptive {
    pub(super) fn blank(settings: &AdaptiveThrottle) -> Self {
        Self {
            settings: settings.clone(),
            limits: false,
            cubic: Cubic { top: 0.0, zero_after: 0.0, last_failure: Instant::ZERO },
            bucket: Bucket { rate: 1.0, most: 1.0, tokens: 0.0, filled: Instant::ZERO },
            clocker: Clocker { rate: 0.0, measured_until: 0, count: 0 },
        }
    }

    /// When there is a token for the next attempt; none: now.
    pub(super) fn not_before(&self, now: Instant) -> Option<Instant> {
        if self.limits { self.bucket.ready(now) } else { None }
    }

    pub(super) fn starts(&mut self, situation: &Situation) {
        if self.limits {
            self.bucket.fill(situation.now);
            self.bucket.tokens -= 1.0;
        }
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        if self.settings.stages.contains(failure.stage()) {
            let measured = self.clocker.record(situation.now, &self.settings);
            let rate = if self.limits { measured.min(self.bucket.rate) } else { measured };
            self.cubic.top = rate;
            self.cubic.zero_after = (rate * (1.0 - self.settings.decrease) / self.settings.scale).cbrt();
            self.cubic.last_failure = situation.now;
            self.limits = true;
            self.set_rate(situation.now, rate * self.settings.decrease, measured);
        } else {
            self.worked(situation);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        let measured = self.clocker.record(situation.now, &self.settings);
        let since = (situation.now - self.cubic.last_failure).as_seconds() - self.cubic.zero_after;
        let rate = self.settings.scale * since.powi(3) + self.cubic.top;
        self.set_rate(situation.now, rate, measured);
    }

    fn set_rate(&mut self, now: Instant, rate: f64, measured: f64) {
        let rate = rate.min(self.settings.headroom * measured);
        self.bucket.fill(now);
        self.bucket.rate = rate.max(self.settings.min_rate);
        self.bucket.most = rate.max(1.0);
        self.bucket.tokens = self.bucket.tokens.min(self.bucket.most);
    }
}

impl Bucket {
    /// A token is there when this much of it is: rounding to microseconds may lose the rest.
    const NEARLY: f64 = 1.0 - 1e-6;

    fn at(&self, now: Instant) -> f64 {
        (self.tokens + (now - self.filled).as_seconds() * self.rate).min(self.most)
    }

    fn fill(&mut self, now: Instant) {
        self.tokens = self.at(now);
        self.filled = now;
    }

    /// When there is a token; none: now. The same instant whenever it is asked.
    fn ready(&self, now: Instant) -> Option<Instant> {
        let wait = Span::from_seconds_f64((Self::NEARLY - self.tokens) / self.rate);
        let ready = self.filled.saturating_add(wait);
        (now < ready).then_some(ready)
    }
}

impl Clocker {
    /// Counts an answer. The rate that is measured so far.
    fn record(&mut self, now: Instant, settings: &AdaptiveThrottle) -> f64 {
        let range = settings.measured_over;
        let present = now.as_micros().div_euclid(range.as_micros());
        self.count += 1;
        if present > self.measured_until {
            let time = range.as_seconds() * (present - self.measured_until) as f64;
            let latest = f64::from(self.count) / time;
            self.rate = latest * settings.smoothing + self.rate * (1.0 - settings.smoothing);
            self.count = 0;
            self.measured_until = present;
        }
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Asked, at, failure};
    use super::*;
    use crate::smtp::Stage;

    /// Answers at these seconds, `true` for a success.
    fn after(answers: &[(f64, bool)]) -> Adaptive {
        let asked = Asked::new();
        let mut throttle = Adaptive::blank(&AdaptiveThrottle::default());
        for &(seconds, success) in answers {
            if success {
                throttle.worked(&asked.retry(seconds));
            } else {
                throttle.failed(&asked.retry(seconds), failure(Stage::Greeting));
            }
        }
        throttle
    }

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    }

    /// Ten answers in each half second: 10 / 0.5 s, smoothed, then the failure and the cubic by hand.
    #[test]
    fn the_rate_falls_with_a_failure_and_rises_along_the_cubic() {
        let mut answers: Vec<(f64, bool)> = (1..10).map(|step| (f64::from(step) * 0.05, true)).collect();
        answers.push((0.5, true));
        let throttle = after(&answers);
        close(throttle.clocker.rate, 0.8 * 20.0);
        assert_eq!(throttle.not_before(at(0.5)), None, "nothing is limited yet");
        answers.push((0.6, false));
        let mut throttle = after(&answers);
        close(throttle.bucket.rate, 16.0 * 0.7);
        let zero_after = (16.0_f64 * 0.3 / 0.4).cbrt();
        close(throttle.cubic.zero_after, zero_after);
        throttle.worked(&Asked::new().retry(0.7));
        close(throttle.bucket.rate, 0.4 * (0.1 - zero_after).powi(3) + 16.0);
        throttle.worked(&Asked::new().retry(1.0));
        // Three answers in the half second: 6/s. Then one: 2/s, and the cubic says more than twice the measured.
        close(throttle.clocker.rate, 0.8 * 6.0 + 0.2 * 16.0);
        throttle.worked(&Asked::new().retry(1.5));
        close(throttle.clocker.rate, 0.8 * 2.0 + 0.2 * 8.0);
        close(throttle.bucket.rate, 2.0 * 3.2);
    }

    #[test]
    fn attempts_wait_for_their_tokens() {
        // One answer in 10 s: the least rate, one token in 2 s; the bucket was empty at time zero and full
        // at once.
        let mut throttle = after(&[(10.0, false)]);
        close(throttle.bucket.rate, 0.5);
        assert_eq!(throttle.not_before(at(10.0)), None);
        throttle.starts(&Asked::new().retry(10.0));
        let ready = throttle.not_before(at(10.0)).expect("the bucket is empty");
        assert!((ready - at(12.0)).as_micros().abs() <= 2, "{ready}");
        assert_eq!(throttle.not_before(ready), None);
        assert!(throttle.not_before(at(11.0)).is_some());
    }
}
