//! A concurrency window that moves with feedback, and a dead state (Postfix).
//!
//! Postfix src/qmgr/qmgr_queue.c (`qmgr_queue_throttle`, `qmgr_queue_unthrottle`), qmgr_deliver.c
//! (`qmgr_deliver_update`), qmgr_entry.c (`qmgr_entry_done`).

use super::{Answer, Charge, Situation, Stages};
use crate::smtp::Failure;
use crate::time::{Instant, Span};

/// The settings of a window with feedback.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadSite {
    /// Connections at once to begin with (`initial_destination_concurrency`); at least 1.
    pub window: u32,
    /// Most connections at once (`default_destination_concurrency_limit`).
    pub limit: u32,
    /// Failures in a row, each weighed by one over the window, that make a site dead
    /// (`default_destination_concurrency_failed_cohort_limit`); 0: never.
    pub cohorts: f64,
    /// What a delivery adds (`default_destination_concurrency_positive_feedback`).
    pub positive: Feedback,
    /// What a failure takes away (`default_destination_concurrency_negative_feedback`).
    pub negative: Feedback,
    /// By how much the window moves when enough feedback has come together; at least 1.
    pub hysteresis: u32,
    /// How long a dead site is left alone (`minimal_backoff_time`).
    pub retry_after: Span,
    /// Failures at these stages are the site's.
    pub stages: Stages,
    /// What being held back does to a message.
    pub suppressed: Suppressed,
}

/// Feedback on a window (qmgr_feedback.c): a number from 0 to 1, over what it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feedback {
    /// Always the same.
    Fixed(f64),
    /// Over the window.
    OverConcurrency(f64),
    /// Over the square root of the window.
    OverRootOfConcurrency(f64),
}

/// What being held back does to a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
// As wide as an instant: see `Answer`.
#[repr(i64)]
pub enum Suppressed {
    /// It is put off as after its last failure, by its age where the backoff goes by age; no attempt is
    /// counted (Postfix).
    #[default]
    Ages,
    /// It counts as a failed attempt.
    Counts,
    /// It stays due, until the site is tried again.
    Unchanged,
}

impl Default for DeadSite {
    /// The defaults of Postfix.
    fn default() -> Self {
        Self {
            window: 5,
            limit: 20,
            cohorts: 1.0,
            positive: Feedback::Fixed(1.0),
            negative: Feedback::Fixed(1.0),
            hysteresis: 1,
            retry_after: Span::from_seconds(300),
            stages: Stages::HOST,
            suppressed: Suppressed::Ages,
        }
    }
}

impl Feedback {
    fn at(self, window: u32) -> f64 {
        match self {
            Self::Fixed(value) => value,
            Self::OverConcurrency(value) => value / f64::from(window),
            Self::OverRootOfConcurrency(value) => value / f64::from(window).sqrt(),
        }
    }
}

/// What one route remembers.
#[derive(Debug)]
pub(in crate::sender) struct Site {
    settings: DeadSite,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Alive(Window),
    Dead { until: Instant },
}

/// The window and the feedback that has come together so far.
#[derive(Clone, Copy, Debug)]
struct Window {
    size: u32,
    success: f64,
    failure: f64,
    fail_cohorts: f64,
}

impl Window {
    fn new(size: u32) -> Self {
        Self { size, success: 0.0, failure: 0.0, fail_cohorts: 0.0 }
    }
}

impl Site {
    pub(super) fn blank(settings: &DeadSite) -> Self {
        Self { state: State::Alive(Window::new(settings.window)), settings: settings.clone() }
    }

    pub(super) fn is_alive(&self) -> bool {
        matches!(self.state, State::Alive(_))
    }

    pub(super) fn ask(&mut self, situation: &Situation) -> Answer {
        self.end_death(situation);
        match self.state {
            State::Dead { .. } => Answer::Defer(self.settings.suppressed),
            State::Alive(_) => Answer::Go,
        }
    }

    /// After a 421 that answers MAIL, RCPT or DATA Postfix finds its connection closed, but has no recipient
    /// left to blame that on: smtp_trouble.c, `smtp_bulk_fail`, reports a site only with a recipient.
    pub(super) fn failed(&mut self, situation: &Situation, failure: Failure) -> Charge {
        self.end_death(situation);
        if self.settings.stages.contains(failure.stage()) {
            self.shrink(situation);
        } else {
            // The site works; only this message was refused.
            self.worked(situation);
        }
        Charge::Message
    }

    pub(super) fn worked(&mut self, situation: &Situation) {
        self.end_death(situation);
        let settings = &self.settings;
        let State::Alive(window) = &mut self.state else {
            return self.revive(situation.connections);
        };
        window.fail_cohorts = 0.0;
        // The window stays within reach of the connections there are.
        if settings.limit > window.size && window.size < situation.connections + settings.window {
            let step = f64::from(settings.hysteresis);
            let feedback = settings.positive.at(window.size);
            window.success += feedback;
            while feedback > 0.0 && window.success + feedback / 2.0 >= step {
                window.size += settings.hysteresis;
                window.success -= step;
                window.failure = 0.0;
            }
            window.size = window.size.min(settings.limit);
        }
    }

    pub(super) fn window(&self) -> Option<u32> {
        match self.state {
            State::Alive(window) => Some(window.size),
            // Nothing is asked for but what revives it.
            State::Dead { .. } => None,
        }
    }

    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        match self.state {
            State::Dead { until } if now < until => Some(until),
            _ => None,
        }
    }

    /// Postfix forgets a queue that is empty and not dead.
    pub(super) fn idle(&mut self) {
        if let State::Alive(_) = self.state {
            self.state = State::Alive(Window::new(self.settings.window));
        }
    }

    /// A destination that rests after each delivery is not dead after it (`qmgr_entry_done`): what is in line
    /// when the delivery fails is put off, and what comes later waits for its turn.
    pub(super) fn rests(&mut self, connections: u32) {
        if let State::Dead { .. } = self.state {
            self.revive(connections);
        }
    }

    fn shrink(&mut self, situation: &Situation) {
        let settings = &self.settings;
        let State::Alive(window) = &mut self.state else { return };
        window.fail_cohorts += 1.0 / f64::from(window.size);
        if settings.cohorts > 0.0 && window.fail_cohorts >= settings.cohorts {
            let until = situation.now.saturating_add(settings.retry_after);
            self.state = State::Dead { until };
            return;
        }
        let step = f64::from(settings.hysteresis);
        let feedback = settings.negative.at(window.size);
        window.failure -= feedback;
        while feedback > 0.0 && window.failure - feedback / 2.0 < 0.0 {
            window.size = window.size.saturating_sub(settings.hysteresis);
            window.success = 0.0;
            window.failure += step;
        }
        window.size = window.size.max(1);
    }

    /// The timer of a dead site goes off before anything else of its second is heard.
    fn end_death(&mut self, situation: &Situation) {
        if matches!(self.state, State::Dead { until } if situation.now >= until) {
            self.revive(situation.connections);
        }
    }

    /// Back from the dead: as many connections as there are, or as to begin with.
    fn revive(&mut self, connections: u32) {
        let size = if connections > 0 { connections } else { self.settings.window };
        self.state = State::Alive(Window::new(size));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MessageId;
    use crate::message::Message;
    use crate::random::Key;
    use crate::sender::runner::Phase;
    use crate::sender::tests::policies::postfix;
    use crate::sender::{Clock, Policy};
    use crate::smtp::{Code, Stage};

    const REFUSED: Failure = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));

    /// A site and what is told of it.
    struct Told {
        site: Site,
        policy: Policy,
        now: Instant,
        connections: u32,
    }

    impl Told {
        fn new(settings: DeadSite) -> Self {
            let policy = postfix(300, 4000, 300, 432_000, Phase::Random);
            Self { site: Site::blank(&settings), policy, now: Instant::ZERO, connections: 5 }
        }

        /// The window after something was told.
        fn tell(&mut self, tell: impl FnOnce(&mut Site, &Situation)) -> Option<u32> {
            let message = Message::new(MessageId(0), Instant::ZERO);
            let (now, clock, connections) = (self.now, Clock::EXACT, self.connections);
            let (policy, message) = (&self.policy, &message);
            let (run, lasted, key) = (None, Span::ZERO, Key::new(0, 0));
            let situation = Situation { now, clock, policy, message, connections, run, lasted, key };
            tell(&mut self.site, &situation);
            self.site.window()
        }

        fn fails<const N: usize>(&mut self) -> [Option<u32>; N] {
            std::array::from_fn(|_| {
                self.tell(|site, situation| {
                    site.failed(situation, REFUSED);
                })
            })
        }

        fn works<const N: usize>(&mut self) -> [Option<u32>; N] {
            std::array::from_fn(|_| self.tell(Site::worked))
        }
    }

    fn site(positive: Feedback, negative: Feedback, cohorts: f64) -> Told {
        Told::new(DeadSite { positive, negative, cohorts, ..DeadSite::default() })
    }

    /// The first failure takes effect at once, and with a feedback of 1 twice (the loop in
    /// `qmgr_queue_throttle`): -1, then 0, then 1.
    #[test]
    fn negative_feedback_of_one() {
        let mut told = site(Feedback::Fixed(1.0), Feedback::Fixed(1.0), 0.0);
        assert_eq!(told.fails(), [3, 2, 1, 1].map(Some));
        let mut told = site(Feedback::Fixed(1.0), Feedback::Fixed(1.0), 1.0);
        // 1/5 + 1/3 + 1/2
        assert_eq!(told.fails(), [Some(3), Some(2), None]);
    }

    /// 1/5 down at once leaves 4/5; then 1/4 each: 0.55, 0.30, and 0.05 is less than 1/8.
    #[test]
    fn negative_feedback_of_less_than_one() {
        let mut told = site(Feedback::Fixed(1.0), Feedback::OverConcurrency(1.0), 0.0);
        assert_eq!(told.fails(), [4, 4, 4, 3].map(Some));
        // 3/4, 2/4, 1/4, then 0 is less than 1/8.
        let mut told = site(Feedback::Fixed(1.0), Feedback::Fixed(0.25), 0.0);
        assert_eq!(told.fails(), [4, 4, 4, 3, 3].map(Some));
        // 1/sqrt(5) leaves 0.553; 1/sqrt(4) then 0.053, less than 1/4.
        let mut told = site(Feedback::Fixed(1.0), Feedback::OverRootOfConcurrency(1.0), 0.0);
        assert_eq!(told.fails(), [4, 3].map(Some));
    }

    /// Without feedback a cohort is a window of failures in a row.
    #[test]
    fn cohorts_of_failures_kill_and_a_success_begins_anew() {
        let mut told = site(Feedback::Fixed(0.0), Feedback::Fixed(0.0), 1.5);
        assert_eq!(told.fails::<7>()[6], Some(5));
        assert_eq!(told.works(), [Some(5)]);
        assert_eq!(told.fails::<7>()[6], Some(5));
        assert_eq!(told.fails(), [None]);
        assert_eq!(told.site.blocked_until(Instant::ZERO), Some(Instant::ZERO + Span::from_seconds(300)));
    }

    /// The window opens while it is less than the connections there are and five more.
    #[test]
    fn positive_feedback_stays_within_reach() {
        let mut told = site(Feedback::Fixed(1.0), Feedback::Fixed(1.0), 1.0);
        assert_eq!(told.works(), [6, 7, 8, 9, 10, 10].map(Some));
        // Four times 1/5 and half of it are less than 1; 5/6 and 1/12 too.
        let mut told = site(Feedback::OverConcurrency(1.0), Feedback::Fixed(1.0), 1.0);
        assert_eq!(told.works(), [5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7].map(Some));
    }

    /// Three at a time, as soon as three have come together.
    #[test]
    fn a_step_may_be_longer() {
        let mut told = Told::new(DeadSite { hysteresis: 3, cohorts: 0.0, ..DeadSite::default() });
        assert_eq!(told.works(), [5, 5, 8, 8, 8, 11].map(Some));
        assert_eq!(told.fails(), [8, 8, 5].map(Some));
    }

    #[test]
    fn a_dead_site_comes_back_with_the_connections_there_are() {
        let mut told = site(Feedback::Fixed(1.0), Feedback::Fixed(1.0), 1.0);
        told.fails::<3>();
        told.now = Instant::ZERO + Span::from_seconds(300);
        told.connections = 0;
        assert_eq!(told.tell(|site, situation| assert_eq!(site.ask(situation), Answer::Go)), Some(5));
        // A success, while it is dead, of a delivery that was under way.
        told.fails::<3>();
        told.connections = 2;
        assert_eq!(told.works(), [Some(2)]);
    }
}
