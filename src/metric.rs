//! The names of what is measured, and what each is counted in: words that scenarios and results share.

/// What a metric is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds of simulated time.
    Seconds,
    /// Squares of them.
    SquareSeconds,
    /// A part of a whole, from 0 to 1.
    Share,
    /// For each message of the cohort.
    PerMessage,
    /// A number of things.
    Count,
    /// A number without a unit.
    Ratio,
}

impl Unit {
    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::SquareSeconds => "s2",
            Self::Share => "share",
            Self::PerMessage => "per message",
            Self::Count => "count",
            Self::Ratio => "ratio",
        }
    }
}

/// Every metric and its unit, in the order of tables; then the quantiles of latency that are taken over all
/// replications together.
#[rustfmt::skip]
pub const NAMES: &[(&str, Unit)] = &[
    ("restricted_mean_s", Unit::Seconds),
    ("retry_connections_per_message", Unit::PerMessage),
    ("latency_p50_s", Unit::Seconds),
    ("latency_p90_s", Unit::Seconds),
    ("latency_p95_s", Unit::Seconds),
    ("latency_p99_s", Unit::Seconds),
    ("mean_wait_s", Unit::Seconds),
    ("mean_square_wait_s2", Unit::SquareSeconds),
    ("delivered_at_once_share", Unit::Share),
    ("through_50_s", Unit::Seconds),
    ("through_95_s", Unit::Seconds),
    ("through_99_s", Unit::Seconds),
    ("fairness", Unit::Ratio),
    ("cohort_messages", Unit::Count),
    ("cohort_delivered", Unit::Count),
    ("cohort_bounced", Unit::Count),
    ("cohort_bounced_untried", Unit::Count),
    ("cohort_unfinished", Unit::Count),
    ("delivered_share", Unit::Share),
    ("bounced_share", Unit::Share),
    ("all_messages", Unit::Count),
    ("all_delivered", Unit::Count),
    ("all_bounced", Unit::Count),
    ("all_bounced_untried", Unit::Count),
    ("all_queued", Unit::Count),
    ("all_in_session", Unit::Count),
    ("attempts", Unit::Count),
    ("connections", Unit::Count),
    ("cohort_attempts", Unit::Count),
    ("cohort_first_connections", Unit::Count),
    ("cohort_retry_connections", Unit::Count),
    ("attempts_per_message", Unit::PerMessage),
    ("connections_per_message", Unit::PerMessage),
    ("peak_retry_connections_1s", Unit::Count),
    ("peak_retry_connections_60s", Unit::Count),
    ("above_capacity_s", Unit::Seconds),
    ("excess_connections", Unit::Count),
    ("dispersion_1s", Unit::Ratio),
    ("dispersion_60s", Unit::Ratio),
    ("slot_time_s", Unit::Seconds),
    ("wasted_slot_time_s", Unit::Seconds),
    ("wasted_slot_time_share", Unit::Share),
    ("held_back_waits", Unit::Count),
    ("held_back_deferrals", Unit::Count),
    ("delay_warnings", Unit::Count),
    ("notices", Unit::Count),
    ("failures_refused", Unit::Count),
    ("failures_timeout", Unit::Count),
    ("failures_greeting", Unit::Count),
    ("failures_mail", Unit::Count),
    ("failures_rcpt", Unit::Count),
    ("failures_data", Unit::Count),
    ("queue_deepest", Unit::Count),
    ("queue_mean", Unit::Count),
    ("queue_usual_after_s", Unit::Seconds),
    ("events", Unit::Count),
    ("looks", Unit::Count),
    ("pooled_latency_p50_s", Unit::Seconds),
    ("pooled_latency_p90_s", Unit::Seconds),
    ("pooled_latency_p95_s", Unit::Seconds),
    ("pooled_latency_p99_s", Unit::Seconds),
];

/// How many of the [`NAMES`] at the end are quantiles over all replications together.
const POOLED: usize = 4;

/// The unit of a metric; `None` where there is none of this name.
///
/// ```
/// use tempfail::metric::{Unit, unit};
///
/// assert_eq!(unit("restricted_mean_s"), Some(Unit::Seconds));
/// assert_eq!(unit("mean of the survivors"), None);
/// ```
pub fn unit(name: &str) -> Option<Unit> {
    NAMES.iter().find(|(known, _)| *known == name).map(|&(_, unit)| unit)
}

/// Whether this is a quantile over all replications together, which no single replication has.
pub fn is_pooled(name: &str) -> bool {
    NAMES[NAMES.len() - POOLED..].iter().any(|(known, _)| *known == name)
}
