//! What theory speaks of and a record does not keep: distributions of waits, and time averages over
//! the cohort's interval.

use tempfail::smtp::Stage;
use tempfail::system::{Happening, Observer, Plan};
use tempfail::time::{Instant, Span};

/// Notes one run.
pub struct Meter {
    from: Instant,
    until: Instant,
    since: Instant,
    /// Messages that are not in a session, and in one.
    waiting: u64,
    busy: u64,
    waiting_time: f64,
    waiting_square_time: f64,
    busy_time: f64,
    /// Instants of attempts, from the start of the cohort's interval, within it.
    pub attempts_at: Vec<Span>,
    /// Waits of the delivered messages of the cohort, and whether they were put off before.
    pub waits: Vec<(Span, bool)>,
    /// Age at which messages of the cohort were given up, summed, in seconds.
    pub given_up_after: f64,
    /// First and later attempts of messages of the cohort that were refused; sessions that were cut
    /// are not.
    pub blocked_first: u64,
    pub blocked_later: u64,
    /// From the start of the cohort's interval until all mail was gone at an instant after its end,
    /// the messages that had arrived by then, and the time they spent in seconds.
    pub drained: Option<Drained>,
    arrived: u64,
    time_in_system: f64,
}

#[derive(Clone, Copy, Debug)]
pub struct Drained {
    pub after_end: Span,
    pub messages: u64,
    pub time_in_system: f64,
}

/// Time averages over the cohort's interval.
pub struct Averages {
    pub waiting: f64,
    pub waiting_square: f64,
    pub busy: f64,
}

impl Meter {
    pub fn new(plan: &Plan) -> Self {
        Self {
            from: plan.measure.cohort.start,
            until: plan.measure.cohort.end,
            since: Instant::ZERO,
            waiting: 0,
            busy: 0,
            waiting_time: 0.0,
            waiting_square_time: 0.0,
            busy_time: 0.0,
            attempts_at: Vec::new(),
            waits: Vec::new(),
            given_up_after: 0.0,
            blocked_first: 0,
            blocked_later: 0,
            drained: None,
            arrived: 0,
            time_in_system: 0.0,
        }
    }

    pub fn averages(&self) -> Averages {
        let length = self.length();
        Averages {
            waiting: self.waiting_time / length,
            waiting_square: self.waiting_square_time / length,
            busy: self.busy_time / length,
        }
    }

    /// Length of the cohort's interval in seconds.
    pub fn length(&self) -> f64 {
        (self.until - self.from).as_seconds()
    }

    fn advance(&mut self, now: Instant) {
        self.time_in_system += (now - self.since).as_seconds() * (self.waiting + self.busy) as f64;
        let (from, until) = (self.since.max(self.from), now.min(self.until));
        if until > from {
            let time = (until - from).as_seconds();
            let waiting = self.waiting as f64;
            self.waiting_time += time * waiting;
            self.waiting_square_time += time * waiting * waiting;
            self.busy_time += time * self.busy as f64;
        }
        self.since = now;
    }

    fn is_measured(&self, arrival: Instant) -> bool {
        (self.from..self.until).contains(&arrival)
    }

    fn note_drained(&mut self, now: Instant) {
        if self.drained.is_none() && now >= self.until && self.waiting + self.busy == 0 {
            let (messages, time_in_system) = (self.arrived, self.time_in_system);
            self.drained = Some(Drained { after_end: now - self.until, messages, time_in_system });
        }
    }
}

impl Observer for Meter {
    fn observe(&mut self, now: Instant, happening: Happening) {
        match happening {
            Happening::Arrived { .. } => {
                self.advance(now);
                self.waiting += 1;
                self.arrived += 1;
            }
            Happening::Connected { .. } | Happening::Reused { .. } => {
                self.advance(now);
                self.waiting -= 1;
                self.busy += 1;
                if self.is_measured(now) {
                    self.attempts_at.push(now - self.from);
                }
            }
            Happening::Delivered { message, started, .. } => {
                self.advance(now);
                self.busy -= 1;
                if self.is_measured(message.arrival()) {
                    self.waits.push((started - message.arrival(), message.was_deferred()));
                }
                self.note_drained(now);
            }
            Happening::Failed { message, failure, .. } => {
                self.advance(now);
                self.busy -= 1;
                self.waiting += 1;
                if self.is_measured(message.arrival()) && failure.stage != Stage::Data {
                    *(if message.was_deferred() {
                        &mut self.blocked_later
                    } else {
                        &mut self.blocked_first
                    }) += 1;
                }
            }
            Happening::Bounced { message, .. } => {
                self.advance(now);
                self.waiting -= 1;
                if self.is_measured(message.arrival()) {
                    self.given_up_after += message.age(now).as_seconds();
                }
            }
            _ => {}
        }
    }
}
