//! The visible list of metrics: every number that a run is reduced to, in the order of the
//! columns of `runs.csv`. Names are stable; a new metric is one entry here and one line in the
//! documentation of results.

use super::record::{Outcomes, RunRecord};
pub use crate::metric::Unit;
use Better::{Higher, Lower, Neither};
use Unit::{Count, PerMessage, Ratio, Seconds, Share, SquareSeconds};

/// One number that every run has, or does not have where it was not attained or has no meaning.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name in tables; ends in the unit where there is one.
    pub name: &'static str,
    /// What it is counted in.
    pub unit: Unit,
    /// What it says, in one phrase.
    pub about: &'static str,
    /// Which direction is the better one.
    pub better: Better,
    /// Whether verdicts are given on it; all others are descriptive.
    pub primary: bool,
    of: fn(&RunRecord) -> Option<f64>,
}

/// Which direction of a metric is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Neither is: it describes.
    Neither,
}

impl Metric {
    /// The number of a run; `None` where it was not attained or has no meaning.
    pub fn of(&self, record: &RunRecord) -> Option<f64> {
        (self.of)(record).filter(|value| value.is_finite())
    }

    const fn new(
        name: &'static str,
        unit: Unit,
        better: Better,
        of: fn(&RunRecord) -> Option<f64>,
        about: &'static str,
    ) -> Self {
        Self { name, unit, about, better, primary: false, of }
    }

    const fn primary(self) -> Self {
        Self { primary: true, ..self }
    }
}

/// All metrics of a run, in the order of [`METRICS`].
pub fn values(record: &RunRecord) -> Vec<Option<f64>> {
    METRICS.iter().map(|metric| metric.of(record)).collect()
}

/// The place of a metric in [`METRICS`].
///
/// ```
/// use tempfail::experiment::metric::{METRICS, position};
///
/// assert!(METRICS[position("restricted_mean_s").unwrap()].primary);
/// assert_eq!(position("mean of the survivors"), None);
/// ```
pub fn position(name: &str) -> Option<usize> {
    METRICS.iter().position(|metric| metric.name == name)
}

/// Every metric. "Message" without more is a message of the measured cohort.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    Metric::new("restricted_mean_s", Seconds, Lower, RunRecord::restricted_mean_s,
        "mean of min(latency, horizon - arrival) over all messages, bounced ones until the horizon").primary(),
    Metric::new("retry_connections_per_message", PerMessage, Lower, RunRecord::retry_connections_per_message,
        "connections opened for messages that had been put off before").primary(),
    Metric::new("latency_p50_s", Seconds, Lower, |r| r.latency_quantile_s(0.50),
        "latency within which half of all messages were delivered"),
    Metric::new("latency_p90_s", Seconds, Lower, |r| r.latency_quantile_s(0.90),
        "latency within which 90 % of all messages were delivered"),
    Metric::new("latency_p95_s", Seconds, Lower, |r| r.latency_quantile_s(0.95),
        "latency within which 95 % of all messages were delivered"),
    Metric::new("latency_p99_s", Seconds, Lower, |r| r.latency_quantile_s(0.99),
        "latency within which 99 % of all messages were delivered"),
    Metric::new("mean_wait_s", Seconds, Neither, RunRecord::mean_wait_s,
        "time from arrival to the start of the accepted attempt, delivered messages only"),
    Metric::new("mean_square_wait_s2", SquareSeconds, Neither, mean_square_wait,
        "mean of the squares of the same times"),
    Metric::new("delivered_at_once_share", Share, Higher, |r| of_cohort(r, r.latency.delivered_at_once),
        "messages delivered by their first attempt"),
    Metric::new("through_50_s", Seconds, Lower, |r| through(r, 0),
        "from the end of the cohort's interval until half of the messages were through"),
    Metric::new("through_95_s", Seconds, Lower, |r| through(r, 1),
        "from the end of the cohort's interval until 95 % of the messages were through"),
    Metric::new("through_99_s", Seconds, Lower, |r| through(r, 2),
        "from the end of the cohort's interval until 99 % of the messages were through"),
    Metric::new("fairness", Ratio, Higher, |r| r.latency.fairness,
        "Jain's index over the restricted means of the sending hosts, 1 where all are alike"),

    Metric::new("cohort_messages", Count, Neither, |r| count(r.cohort.arrived),
        "messages of the measured cohort"),
    Metric::new("cohort_delivered", Count, Higher, |r| count(r.cohort.delivered),
        "of these, accepted by the recipient"),
    Metric::new("cohort_bounced", Count, Lower, |r| count(r.cohort.bounced),
        "of these, returned to their authors"),
    Metric::new("cohort_bounced_untried", Count, Lower, |r| count(r.cohort.bounced_untried),
        "of the bounced ones, those for which the recipient was never contacted"),
    Metric::new("cohort_unfinished", Count, Lower, |r| unfinished(&r.cohort),
        "of these, waiting or in a session at the horizon"),
    Metric::new("delivered_share", Share, Higher, |r| of_cohort(r, r.cohort.delivered),
        "messages accepted by the recipient"),
    Metric::new("bounced_share", Share, Lower, |r| of_cohort(r, r.cohort.bounced),
        "messages returned to their authors"),
    Metric::new("all_messages", Count, Neither, |r| count(r.all.arrived),
        "messages of the whole run, in the cohort or not"),
    Metric::new("all_delivered", Count, Higher, |r| count(r.all.delivered),
        "of these, accepted by the recipient"),
    Metric::new("all_bounced", Count, Lower, |r| count(r.all.bounced),
        "of these, returned to their authors"),
    Metric::new("all_bounced_untried", Count, Lower, |r| count(r.all.bounced_untried),
        "of the bounced ones, those for which the recipient was never contacted"),
    Metric::new("all_queued", Count, Lower, |r| count(r.all.queued),
        "of all messages, waiting at the horizon"),
    Metric::new("all_in_session", Count, Neither, |r| count(r.all.in_session),
        "of all messages, in a session at the horizon"),

    Metric::new("attempts", Count, Lower, |r| count(r.load.attempts),
        "attempts of the whole run"),
    Metric::new("connections", Count, Lower, |r| count(r.load.connections),
        "connections of the whole run"),
    Metric::new("cohort_attempts", Count, Lower, |r| count(r.load.cohort_attempts),
        "attempts made for messages of the cohort"),
    Metric::new("cohort_first_connections", Count, Neither, |r| count(r.load.cohort_first_connections),
        "connections opened for messages that had never been put off"),
    Metric::new("cohort_retry_connections", Count, Lower, |r| count(r.load.cohort_retry_connections),
        "connections opened for messages that had been put off before"),
    Metric::new("attempts_per_message", PerMessage, Lower, RunRecord::attempts_per_message,
        "attempts made for messages of the cohort"),
    Metric::new("connections_per_message", PerMessage, Lower, connections_per_message,
        "connections opened for messages of the cohort, first and retry"),
    Metric::new("peak_retry_connections_1s", Count, Lower, |r| count(r.load.peak_retry_1s),
        "largest number of retry connections within one second of the aftermath"),
    Metric::new("peak_retry_connections_60s", Count, Lower, |r| count(r.load.peak_retry_60s),
        "largest number of retry connections within sixty seconds of the aftermath"),
    Metric::new("above_capacity_s", Seconds, Lower, |r| r.load.seconds_above_capacity.and_then(count),
        "seconds of the aftermath with more connections than can be served in a second"),
    Metric::new("excess_connections", Count, Lower, |r| r.load.excess_connections,
        "connections beyond that capacity, summed over the seconds of the aftermath"),
    Metric::new("dispersion_1s", Ratio, Lower, |r| r.load.dispersion_1s,
        "variance-to-mean ratio of retry connections per second of the aftermath, 1 for a Poisson stream"),
    Metric::new("dispersion_60s", Ratio, Lower, |r| r.load.dispersion_60s,
        "the same for retry connections per minute"),
    Metric::new("slot_time_s", Seconds, Lower, |r| Some(r.load.slot_time.as_seconds()),
        "time that connections held slots, summed over slots"),
    Metric::new("wasted_slot_time_s", Seconds, Lower, |r| Some(r.load.slot_time_wasted.as_seconds()),
        "of that, not spent on connections that delivered something"),
    Metric::new("wasted_slot_time_share", Share, Lower, wasted_share,
        "the same as a part of the time that connections held slots"),
    Metric::new("held_back_waits", Count, Neither, |r| count(r.load.held_back_waits),
        "times that mail was held back and nothing counted"),
    Metric::new("held_back_deferrals", Count, Neither, |r| count(r.load.held_back_deferrals),
        "times that mail was held back as if refused"),
    Metric::new("delay_warnings", Count, Lower, |r| count(r.load.delay_warnings),
        "delay warnings sent to authors"),
    Metric::new("notices", Count, Lower, |r| count(r.load.notices),
        "delay warnings and bounces that were mail to the recipients"),
    Metric::new("failures_refused", Count, Lower, |r| count(r.load.failures_by_stage[0]),
        "failed attempts: the TCP connect was refused"),
    Metric::new("failures_timeout", Count, Lower, |r| count(r.load.failures_by_stage[1]),
        "failed attempts: nothing answered in time"),
    Metric::new("failures_greeting", Count, Lower, |r| count(r.load.failures_by_stage[2]),
        "failed attempts: at the greeting"),
    Metric::new("failures_mail", Count, Lower, |r| count(r.load.failures_by_stage[3]),
        "failed attempts: after MAIL"),
    Metric::new("failures_rcpt", Count, Lower, |r| count(r.load.failures_by_stage[4]),
        "failed attempts: after RCPT"),
    Metric::new("failures_data", Count, Lower, |r| count(r.load.failures_by_stage[5]),
        "failed attempts: after DATA or the end of the data"),

    Metric::new("queue_deepest", Count, Lower, |r| count(r.queue.deepest),
        "largest number of undelivered messages"),
    Metric::new("queue_mean", Count, Lower, |r| Some(r.queue.mean),
        "undelivered messages, averaged over the whole run"),
    Metric::new("queue_usual_after_s", Seconds, Lower, |r| r.queue.usual_after.map(|span| span.as_seconds()),
        "from the end of the cohort's interval until no more is undelivered than at the worst before it"),

    Metric::new("events", Count, Neither, |r| count(r.work.events),
        "arrivals, attempts, ends of connections and of transactions, as processed"),
    Metric::new("looks", Count, Neither, |r| count(r.work.looks),
        "looks of queue runs and scans, gate and window changes, as processed"),
];

fn count(number: u64) -> Option<f64> {
    Some(number as f64)
}

fn of_cohort(record: &RunRecord, part: u64) -> Option<f64> {
    let all = record.cohort.arrived;
    (all > 0).then(|| part as f64 / all as f64)
}

fn unfinished(outcomes: &Outcomes) -> Option<f64> {
    count(outcomes.queued + outcomes.in_session)
}

fn through(record: &RunRecord, place: usize) -> Option<f64> {
    record.latency.through[place].map(|span| span.as_seconds())
}

fn mean_square_wait(record: &RunRecord) -> Option<f64> {
    let delivered = record.cohort.delivered;
    (delivered > 0).then(|| record.latency.wait_square_sum_s2 / delivered as f64)
}

fn connections_per_message(record: &RunRecord) -> Option<f64> {
    of_cohort(record, record.load.cohort_first_connections + record.load.cohort_retry_connections)
}

fn wasted_share(record: &RunRecord) -> Option<f64> {
    let held = record.load.slot_time.as_seconds();
    (held > 0.0).then(|| record.load.slot_time_wasted.as_seconds() / held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::samples;
    use crate::experiment::summary::POOLED;
    use crate::metric::{NAMES, is_pooled};
    use crate::smtp::Stage;

    #[test]
    fn names_are_unique_and_say_their_unit() {
        for (place, metric) in METRICS.iter().enumerate() {
            assert_eq!(position(metric.name), Some(place), "{}", metric.name);
            let ends = match metric.unit {
                Seconds => "_s",
                SquareSeconds => "_s2",
                Share => "_share",
                PerMessage => "_per_message",
                Count | Ratio => "",
            };
            assert!(metric.name.ends_with(ends), "{}", metric.name);
        }
        let primary: Vec<&str> = METRICS.iter().filter(|metric| metric.primary).map(|m| m.name).collect();
        assert_eq!(primary, ["restricted_mean_s", "retry_connections_per_message"]);
    }

    /// Scenarios know metrics by these names.
    #[test]
    fn the_list_of_names_is_that_of_the_metrics() {
        let metrics = METRICS.iter().map(|metric| (metric.name, metric.unit));
        let pooled = POOLED.iter().map(|quantile| (quantile.name, Seconds));
        assert_eq!(NAMES, metrics.chain(pooled).collect::<Vec<_>>());
        assert!(POOLED.iter().all(|quantile| is_pooled(quantile.name)));
        assert!(!METRICS.iter().any(|metric| is_pooled(metric.name)));
    }

    #[test]
    fn failures_are_in_the_order_of_the_stages() {
        let mut record = samples::record(0);
        for (place, stage) in Stage::ALL.into_iter().enumerate() {
            record.load.failures_by_stage[place] = 100 + place as u64;
            let metric = position(&format!("failures_{stage}")).unwrap();
            assert_eq!(METRICS[metric].of(&record), Some(100.0 + place as f64));
        }
    }

    #[test]
    fn what_has_no_meaning_has_no_value() {
        let mut record = samples::record(0);
        record.cohort = Outcomes::default();
        record.load.slot_time = crate::time::Span::ZERO;
        record.load.seconds_above_capacity = None;
        for name in [
            "restricted_mean_s",
            "latency_p50_s",
            "mean_wait_s",
            "wasted_slot_time_share",
            "above_capacity_s",
        ] {
            assert_eq!(METRICS[position(name).unwrap()].of(&record), None, "{name}");
        }
    }

    #[test]
    fn values_of_a_run() {
        let record = samples::record(0);
        let value = |name| METRICS[position(name).unwrap()].of(&record);
        assert_eq!(value("cohort_messages"), Some(100.0));
        assert_eq!(value("delivered_share"), Some(0.98));
        assert_eq!(value("retry_connections_per_message"), Some(2.5));
        assert_eq!(value("latency_p99_s"), None, "only 98 % were delivered");
        assert_eq!(values(&record).len(), METRICS.len());
    }
}
