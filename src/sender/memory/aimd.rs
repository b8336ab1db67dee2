//! Additive increase, multiplicative decrease: of the connections at once, or of the rate of attempts.
//!
//! D.-M. Chiu and R. Jain, "Analysis of the increase and decrease algorithms for congestion avoidance in computer networks"
//! (1989): the linear control that converges to a fair share. What exceeds the window or the rate waits in
//! line, and nothing is counted.

use super::{Charge, Situation, Stages};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// The settings of a window of connections.
#[derive(Clone, Debug, PartialEq)]
pub struct AimdWindow {
    /// Connections at once to begin with.
    pub initial: u32,
    /// The fewest; at least 1.
    pub min: u32,
    /// The most.
    pub max: u32,
    /// What is added; above 0.
    pub increase: f64,
    /// For what it is added.
    pub per: Per,
    /// By what a failure multiplies the window; between 0 and 1.
    pub decrease: f64,
    /// The window falls at most once in this time.
    pub settle: Span,
    /// Failures at these stages close the window; others open it as successes do.
    pub stages: Stages,
}

/// For what something is added to a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Per {
    /// For a whole window of successes, a part of it for each (TCP: RFC 5681 section 3.1).
    #[default]
    Window,
    /// For each success (Netflix concurrency-limits, `AIMDLimit.java`).
    Success,
}

impl Default for AimdWindow {
    /// The numbers of TCP's congestion avoidance, between the limits of Postfix.
    fn default() -> Self {
        Self {
            initial: 5,
            min: 1,
            max: 20,
            increase: 1.0,
            per: Per::Window,
            decrease: 0.5,
            settle: Span::ZERO,
            stages: Stages::ALL,
        }
    }
}

/// The settings of a rate. Rates are per second.
#[derive(Clone, Debug, PartialEq)]
pub struct AimdRate {
    /// The rate to begin with.
    pub initial: f64,
    /// The least; above 0.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// What is added by a success; above 0.
    pub increase: f64,
    /// By what a failure multiplies the rate; between 0 and 1.
    pub decrease: f64,
    /// The rate rises at most once in this time, and falls at most once.
    pub every: Span,
    /// Failures at these stages lower the rate; others raise it as successes do.
    pub stages: Stages,
}

impl Default for AimdRate {
    /// From one a second, by a tenth of that every ten seconds, halved by failures.
    fn default() -> Self {
        Self {
            initial: 1.0,
            min: 1.0 / 60.0,
            max: 100.0,
            increase: 0.1,
            decrease: 0.5,
            every: Span::from_seconds(10),
            stages: Stages::ALL,
        }
    }
}

/// What one route remembers of a window.
#[derive(Debug)]
pub(in crate::sender) struct Window {
    settings: AimdWindow,
    size: f64,
    fell: Option<Instant>,
}

impl Window {
    pub(super) fn blank(settings: &AimdWindow) -> Self {
        Self { size: f64::from(settings.initial), fell: None, settings: settings.clone() }
    }

    /// Whole connections only.
    pub(super) fn window(&self) -> u32 {
        self.size as u32
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        let settings = &self.settings;
        if !settings.stages.contains(failure.stage()) {
            self.worked(situation);
        } else if is_due(self.fell, situation.now, settings.settle) {
            self.size = (self.size * settings.decrease).max(f64::from(settings.min));
            self.fell = Some(situation.now);
        }
        Charge::Message
    }

    /// A window that is not even half used says nothing about a larger one (`AIMDLimit.java`).
    pub(super) fn worked(&mut self, situation: &Situation) {
        let settings = &self.settings;
        if f64::from(situation.connections) * 2.0 >= self.size.floor() {
            let per = match settings.per {
                Per::Window => self.size,
                Per::Success => 1.0,
            };
            self.size = (self.size + settings.increase / per).min(f64::from(settings.max));
        }
    }
}

/// What one route remembers of a rate.
#[derive(Debug)]
pub(in crate::sender) struct Pace {
    settings: AimdRate,
    rate: f64,
    rose: Option<Instant>,
    fell: Option<Instant>,
    last: Option<Instant>,
}

impl Pace {
    pub(super) fn blank(settings: &AimdRate) -> Self {
        Self { rate: settings.initial, rose: None, fell: None, last: None, settings: settings.clone() }
    }

    /// When the next attempt may begin, one over the rate after the last; none: now.
    pub(super) fn not_before(&self, now: Instant) -> Option<Instant> {
        let next = self.last?.saturating_add(Span::from_seconds_f64(1.0 / self.rate));
        (now < next).then_some(next)
    }

    pub(super) fn starts(&mut self, situation: &Situation) {
        self.last = Some(situation.now);
    }

    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        let settings = &self.settings;
        if !settings.stages.contains(failure.stage()) {
            self.worked(situation);
        } else if is_due(self.fell, situation.now, settings.every) {
            self.rate = (self.rate * settings.decrease).max(settings.min);
            self.fell = Some(situation.now);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        if is_due(self.rose, situation.now, self.settings.every) {
            self.rate = (self.rate + self.settings.increase).min(self.settings.max);
            self.rose = Some(situation.now);
        }
    }
}

fn is_due(last: Option<Instant>, now: Instant, every: Span) -> bool {
    last.is_none_or(|last| now - last >= every)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Asked, at, failure};
    use super::*;
    use crate::smtp::Stage;

    #[test]
    fn a_window_grows_by_one_for_each_window_of_successes() {
        let mut asked = Asked::new();
        asked.connections = 5;
        let mut window = Window::blank(&AimdWindow { initial: 4, ..AimdWindow::default() });
        let mut sizes = Vec::new();
        for _ in 0..5 {
            window.worked(&asked.retry(0.0));
            sizes.push((window.size * 1000.0).round());
        }
        // 4 + 1/4 + 1/4.25 + ...
        assert_eq!(sizes, [4250.0, 4485.0, 4708.0, 4921.0, 5124.0]);
        assert_eq!(window.window(), 5);
        window.failed(&asked.retry(0.0), failure(Stage::Greeting));
        assert_eq!(window.window(), 2);
        (0..9).for_each(|_| {
            window.failed(&asked.retry(0.0), failure(Stage::Greeting));
        });
        assert_eq!(window.window(), 1);
        asked.connections = 0;
        window.worked(&asked.retry(0.0));
        assert_eq!(window.window(), 1, "an idle window does not grow");
    }

    /// `AIMDLimit` of Netflix: 20 to 200, one more per success, nine tenths after a failure.
    #[test]
    fn a_window_may_grow_with_each_success_and_settle_after_a_fall() {
        let mut asked = Asked::new();
        asked.connections = 200;
        let settings = AimdWindow {
            initial: 20,
            min: 20,
            max: 22,
            per: Per::Success,
            decrease: 0.9,
            settle: Span::from_seconds(5),
            ..AimdWindow::default()
        };
        let mut window = Window::blank(&AimdWindow { min: 10, ..settings });
        let mut sizes = Vec::new();
        for (seconds, success) in
            [(0.0, true), (0.0, true), (0.0, true), (1.0, false), (5.0, false), (6.0, false)]
        {
            if success {
                window.worked(&asked.retry(seconds));
            } else {
                window.failed(&asked.retry(seconds), failure(Stage::Data));
            }
            sizes.push(window.window());
        }
        assert_eq!(sizes, [21, 22, 22, 19, 19, 17]);
    }

    #[test]
    fn a_rate_spaces_attempts_and_changes_by_steps() {
        let asked = Asked::new();
        let mut pace = Pace::blank(&AimdRate::default());
        assert_eq!(pace.not_before(at(0.0)), None);
        pace.starts(&asked.retry(0.0));
        assert_eq!(pace.not_before(at(0.2)), Some(at(1.0)));
        assert_eq!(pace.not_before(at(1.0)), None);
        let mut rates = Vec::new();
        for (seconds, success) in [
            (1.0, true),
            (2.0, true),
            (11.0, true),
            (11.5, false),
            (12.0, false),
            (21.5, false),
            (22.0, true),
        ] {
            if success {
                pace.worked(&asked.retry(seconds));
            } else {
                pace.failed(&asked.retry(seconds), failure(Stage::Refused));
            }
            rates.push((pace.rate * 1000.0).round());
        }
        assert_eq!(rates, [1100.0, 1100.0, 1200.0, 600.0, 600.0, 300.0, 400.0]);
    }
}
