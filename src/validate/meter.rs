//! What theory speaks of and a record does not keep: tails of waits, and time averages over the
//! cohort's interval.

use crate::id::Line;
use crate::smtp::Stage;
use crate::system::{Happening, Observer, Plan};
use crate::time::{Instant, Span};

/// What a meter looks at besides what it always counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Watch {
    /// Waits longer than each of these are counted.
    pub(super) waits: Vec<Span>,
    /// Attempts earlier than each of these after the start of the cohort's interval are counted.
    pub(super) attempts: Vec<Span>,
    /// The queue is looked at just before the first instant and every so often after it.
    pub(super) looks: Option<(Instant, Span)>,
    /// Connections wait in silence at the recipient: a wait ends with the greeting.
    pub(super) backlog: bool,
}

/// Notes one run.
pub(super) struct Meter {
    watch: Watch,
    from: Instant,
    until: Instant,
    since: Instant,
    /// Messages that are not under way, and that are; of these, those nobody has greeted.
    waiting: u64,
    under_way: u64,
    silent: u64,
    /// Arrivals of the messages that lie on the lines, with a backlog.
    lines: Vec<Instant>,
    next_look: Option<Instant>,
    drain: Drained,
    /// What was counted.
    pub(super) counts: Counts,
}

/// What a meter has counted; times are in seconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Length of the cohort's interval.
    pub(super) length: f64,
    /// Over that interval: integrals of the messages waiting, of their square, of those in sessions, of
    /// the time in which none waits, of sessions while some wait.
    pub(super) waiting: f64,
    pub(super) waiting_square: f64,
    pub(super) busy: f64,
    pub(super) none_waiting: f64,
    pub(super) busy_while_waiting: f64,
    /// Looks at the queue, and the messages seen waiting and in all.
    pub(super) looks: u64,
    pub(super) seen_waiting: u64,
    pub(super) seen: u64,
    /// Delivered messages of the cohort that waited, and that waited longer than the limits, with those
    /// of them that were put off before.
    pub(super) waited: u64,
    pub(super) late: Vec<(u64, u64)>,
    /// Attempts within the limits.
    pub(super) attempts: Vec<u64>,
    /// Connections of messages of the cohort that were greeted, of which some waited, and their waits.
    pub(super) greeted: u64,
    pub(super) greeted_waits: f64,
    /// Age at which messages of the cohort were given up, summed.
    pub(super) given_up_after: f64,
    /// First and later attempts of messages of the cohort that were refused; sessions that were cut
    /// are not.
    pub(super) blocked_first: u64,
    pub(super) blocked_later: u64,
    /// What had come of the mail when all was gone for the first time after the cohort's interval.
    pub(super) drained: Option<Drained>,
}

/// The first instant after the cohort's interval at which all mail is gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drained {
    /// Seconds from the end of the interval.
    pub(super) after: f64,
    /// Messages that had arrived by then, the time they spent, and the most there were at a time.
    pub(super) messages: u64,
    pub(super) time_in_system: f64,
    pub(super) peak: u64,
}

impl Meter {
    pub(super) fn new(plan: &Plan, watch: Watch) -> Self {
        let (from, until) = (plan.measure.cohort.start, plan.measure.cohort.end);
        let counts = Counts {
            length: (until - from).as_seconds(),
            late: vec![(0, 0); watch.waits.len()],
            attempts: vec![0; watch.attempts.len()],
            ..Counts::default()
        };
        Self {
            next_look: watch.looks.map(|(first, _)| first),
            watch,
            from,
            until,
            since: Instant::ZERO,
            waiting: 0,
            under_way: 0,
            silent: 0,
            lines: Vec::new(),
            drain: Drained { after: 0.0, messages: 0, time_in_system: 0.0, peak: 0 },
            counts,
        }
    }

    /// Notes that nothing more happens up to the horizon.
    pub(super) fn finish(mut self, horizon: Instant) -> Counts {
        self.advance(horizon);
        self.counts
    }

    /// Brings the integrals up to now.
    fn advance(&mut self, now: Instant) {
        self.look(now);
        // An outage in which no mail came has nothing to drain.
        if now > self.until {
            self.note_drained(self.until.max(self.since));
        }
        self.drain.time_in_system += (now - self.since).as_seconds() * (self.waiting + self.under_way) as f64;
        let (from, until) = (self.since.max(self.from), now.min(self.until));
        if until > from {
            let time = (until - from).as_seconds();
            let waiting = (self.waiting + self.silent) as f64;
            let busy = (self.under_way - self.silent) as f64;
            let counts = &mut self.counts;
            counts.waiting += time * waiting;
            counts.waiting_square += time * waiting * waiting;
            counts.busy += time * busy;
            if waiting > 0.0 {
                counts.busy_while_waiting += time * busy;
            } else {
                counts.none_waiting += time;
            }
        }
        self.since = now;
    }

    /// Looks at the queue at all instants that are due and lie in the cohort's interval.
    fn look(&mut self, now: Instant) {
        let Some((_, every)) = self.watch.looks else { return };
        while let Some(at) = self.next_look.filter(|at| *at <= now && *at <= self.until) {
            if at > self.from {
                self.counts.looks += 1;
                self.counts.seen_waiting += self.waiting;
                self.counts.seen += self.waiting + self.under_way;
            }
            self.next_look = Some(at + every);
        }
    }

    fn is_measured(&self, arrival: Instant) -> bool {
        (self.from..self.until).contains(&arrival)
    }

    /// A message of the cohort has waited for so long.
    fn note_wait(&mut self, wait: Span, was_deferred: bool) {
        self.counts.waited += u64::from(wait > Span::ZERO);
        for (limit, (all, deferred)) in self.watch.waits.iter().zip(&mut self.counts.late) {
            *all += u64::from(wait > *limit);
            *deferred += u64::from(wait > *limit && was_deferred);
        }
    }

    fn note_drained(&mut self, now: Instant) {
        if self.counts.drained.is_none() && now >= self.until && self.waiting + self.under_way == 0 {
            self.counts.drained = Some(Drained { after: (now - self.until).as_seconds(), ..self.drain });
        }
    }

    /// A connection begins, or carries another message: a wait is over unless there is a backlog.
    fn connected(&mut self, now: Instant, line: Line, arrival: Instant) {
        self.waiting -= 1;
        self.under_way += 1;
        if self.watch.backlog {
            self.silent += 1;
            let place = line.0 as usize;
            self.lines.resize(self.lines.len().max(place + 1), Instant::ZERO);
            self.lines[place] = arrival;
        }
        if self.is_measured(now) {
            for (limit, count) in self.watch.attempts.iter().zip(&mut self.counts.attempts) {
                *count += u64::from(now - self.from < *limit);
            }
        }
    }

    fn greeted(&mut self, now: Instant, line: Line) {
        self.silent -= 1;
        let arrival = self.lines[line.0 as usize];
        if self.is_measured(arrival) {
            self.counts.greeted += 1;
            self.counts.greeted_waits += (now - arrival).as_seconds();
            self.note_wait(now - arrival, false);
        }
    }
}

impl Observer for Meter {
    fn observe(&mut self, now: Instant, happening: Happening) {
        match happening {
            Happening::Arrived { .. } => {
                self.advance(now);
                self.waiting += 1;
                self.drain.messages += 1;
                self.drain.peak = self.drain.peak.max(self.waiting + self.under_way);
            }
            Happening::Connected { line, message, .. } | Happening::Reused { line, message, .. } => {
                self.advance(now);
                self.connected(now, line, message.arrival());
            }
            Happening::Greeted { line, .. } if self.watch.backlog => {
                self.advance(now);
                self.greeted(now, line);
            }
            Happening::Delivered { message, started, .. } => {
                self.advance(now);
                self.under_way -= 1;
                if self.is_measured(message.arrival()) && !self.watch.backlog {
                    self.note_wait(started - message.arrival(), message.was_deferred());
                }
                self.note_drained(now);
            }
            Happening::Failed { message, failure, .. } => {
                self.advance(now);
                self.under_way -= 1;
                self.waiting += 1;
                let unheard = matches!(failure.stage(), Stage::Refused | Stage::Timeout | Stage::Greeting);
                if self.watch.backlog && unheard {
                    self.silent -= 1;
                }
                if self.is_measured(message.arrival()) && failure.stage() != Stage::Data {
                    let counts = &mut self.counts;
                    let later = message.was_deferred();
                    *(if later { &mut counts.blocked_later } else { &mut counts.blocked_first }) += 1;
                }
            }
            Happening::Bounced { message, .. } => {
                self.advance(now);
                self.waiting -= 1;
                if self.is_measured(message.arrival()) {
                    self.counts.given_up_after += message.age(now).as_seconds();
                }
            }
            _ => {}
        }
    }
}
