//! What one cell (variant, replication) leaves behind: plain numbers, from which every table and
//! picture is made without simulating again.

use crate::stats::{histogram::Histogram, quantile};
use crate::time::{Instant, Span};

/// Everything that was recorded in one run of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Messages of the whole run, by what became of them.
    pub all: Outcomes,
    /// Messages of the measured cohort, by what became of them at the horizon.
    pub cohort: Outcomes,
    /// How long the cohort took.
    pub latency: LatencyRecord,
    /// What the recipients were put through.
    pub load: LoadRecord,
    /// How long queues were.
    pub queue: QueueRecord,
    /// Work done by the simulator itself.
    pub work: WorkRecord,
    /// Counts over time, one series for each recipient.
    pub series: Vec<Series>,
    /// Every attempt of the messages that were followed; only in replication 0.
    pub attempts: Vec<AttemptRow>,
}

/// Where messages ended up. The parts always add up to `arrived`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// Messages that senders accepted, including those queued at the start.
    pub arrived: u64,
    /// Accepted by the recipient.
    pub delivered: u64,
    /// Returned to their authors.
    pub bounced: u64,
    /// Of the bounced ones, those for which the recipient was never contacted.
    pub bounced_untried: u64,
    /// Still waiting at the horizon.
    pub queued: u64,
    /// In a session at the horizon.
    pub in_session: u64,
}

/// Latency of the cohort: from arrival to the reply that ended the message.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencyRecord {
    /// Delivered messages by latency in microseconds.
    pub delivered: Histogram,
    /// Sum of min(latency, horizon - arrival) over all messages of the cohort, in microseconds;
    /// bounced ones count until the horizon.
    pub restricted_sum: u128,
    /// Sum over delivered messages of the time from arrival to the start of the accepted attempt.
    pub wait_sum: u128,
    /// Sum of squares of the same waits in seconds.
    pub wait_square_sum_s2: f64,
    /// Delivered messages whose first attempt was the accepted one.
    pub delivered_at_once: u64,
    /// Jain's fairness index over the restricted means of the hosts; none without a cohort.
    pub fairness: Option<f64>,
    /// From the end of the cohort's interval until 50, 95 and 99 % of the cohort were through;
    /// none where that was not attained before the horizon.
    pub through: [Option<Span>; 3],
}

/// Load on the recipients, over the whole run unless stated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadRecord {
    /// Messages tried, each time counted.
    pub attempts: u64,
    /// Connections opened.
    pub connections: u64,
    /// Attempts made for messages of the cohort.
    pub cohort_attempts: u64,
    /// Connections opened for messages of the cohort that had never been put off before.
    pub cohort_first_connections: u64,
    /// Connections opened for messages of the cohort that had been put off before.
    pub cohort_retry_connections: u64,
    /// Largest number of retry connections within one second of the aftermath.
    pub peak_retry_1s: u64,
    /// Largest number of retry connections within sixty seconds of the aftermath.
    pub peak_retry_60s: u64,
    /// Seconds of the aftermath in which more connections came than the recipient can serve in a
    /// second; none where its capacity is not limited, or below one connection a second.
    pub seconds_above_capacity: Option<u64>,
    /// Connections beyond that capacity, summed over the seconds of the aftermath.
    pub excess_connections: Option<f64>,
    /// Variance-to-mean ratio of retry connections per second of the aftermath (1 for a Poisson
    /// stream); none without retry connections.
    pub dispersion_1s: Option<f64>,
    /// The same for retry connections per minute.
    pub dispersion_60s: Option<f64>,
    /// Time that connections held slots.
    pub slot_time: Span,
    /// Of that, not spent on connections that delivered something.
    pub slot_time_wasted: Span,
    /// Times that mail was held back and nothing counted.
    pub held_back_waits: u64,
    /// Times that mail was held back as if refused.
    pub held_back_deferrals: u64,
    /// Delay warnings sent to authors.
    pub delay_warnings: u64,
    /// Delay warnings and bounces that were mail to the recipients themselves. They are among the messages
    /// of the whole run, never in the cohort.
    pub notices: u64,
    /// Failed attempts by stage, in the order of [`crate::smtp::Stage::ALL`].
    pub failures_by_stage: [u64; 6],
}

/// Undelivered mail at the senders.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueueRecord {
    /// Largest number of undelivered messages.
    pub deepest: u64,
    /// Mean number of undelivered messages over the whole run.
    pub mean: f64,
    /// From the end of the cohort's interval until no more messages are undelivered than at the
    /// worst before it began; none where that was not attained.
    pub usual_after: Option<Span>,
}

/// How much the simulator did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkRecord {
    /// Arrivals, attempts, ends of connections and of transactions, popped and fully processed.
    pub events: u64,
    /// Looks of queue runs and scans, gate and window changes: reported apart.
    pub looks: u64,
}

/// Counts at one recipient in equal steps of time from the start of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name of the recipient.
    pub recipient: String,
    /// Length of a step.
    pub step: Span,
    /// The steps in order; the last one may be cut by the horizon.
    pub bins: Vec<Bin>,
}

/// One step of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// Connections opened.
    pub connections: u64,
    /// Of those, for messages that had been put off before.
    pub retry_connections: u64,
    /// Attempts that failed.
    pub deferrals: u64,
    /// Messages delivered.
    pub deliveries: u64,
    /// Undelivered messages at the end of the step.
    pub undelivered: u64,
    /// Slots in use, averaged over the step.
    pub slots_in_use: f64,
}

/// What happened to a followed message at one instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttemptRow {
    /// The message.
    pub message: u32,
    /// The sending host.
    pub host: u32,
    /// Index of the recipient.
    pub recipient: u32,
    /// When the message arrived.
    pub arrival: Instant,
    /// Which attempt of this message, from 1; for mail held back, the number made so far.
    pub attempt: u32,
    /// When this happened: the start of the attempt, or the instant of holding back or bouncing.
    pub at: Instant,
    /// When the answer reached the sender.
    pub until: Instant,
    /// What happened.
    pub what: AttemptResult,
}

/// What became of an attempt, or what happened instead of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptResult {
    /// Accepted by the recipient.
    Delivered,
    /// Failed, to be tried again or bounced.
    Failed(crate::smtp::Failure),
    /// Held back, nothing counted.
    HeldBack,
    /// Held back as if refused.
    Suppressed,
    /// Returned to the author.
    Bounced,
    /// Under way when the scenario ended.
    Unfinished,
}

impl RunRecord {
    /// The restricted mean of the cohort in seconds; none when the cohort is empty.
    pub fn restricted_mean_s(&self) -> Option<f64> {
        per(self.latency.restricted_sum as f64 / 1e6, self.cohort.arrived)
    }

    /// Retry connections for each message of the cohort; none when the cohort is empty.
    pub fn retry_connections_per_message(&self) -> Option<f64> {
        per(self.load.cohort_retry_connections as f64, self.cohort.arrived)
    }

    /// Attempts for each message of the cohort; none when the cohort is empty.
    pub fn attempts_per_message(&self) -> Option<f64> {
        per(self.load.cohort_attempts as f64, self.cohort.arrived)
    }

    /// Mean time from arrival to the start of the accepted attempt over the delivered messages of
    /// the cohort, in seconds; none when nothing was delivered.
    pub fn mean_wait_s(&self) -> Option<f64> {
        per(self.latency.wait_sum as f64 / 1e6, self.cohort.delivered)
    }

    /// The latency in seconds within which a share `p` of the whole cohort was delivered; none
    /// where that was not attained.
    pub fn latency_quantile_s(&self, p: f64) -> Option<f64> {
        quantile::of_histogram(&self.latency.delivered, self.cohort.arrived, p).map(|micros| micros / 1e6)
    }
}

fn per(sum: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}
