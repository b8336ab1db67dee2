//! A made-up record to test with.

use super::record::{
    AttemptResult, AttemptRow, Bin, LatencyRecord, LoadRecord, Outcomes, QueueRecord, RunRecord, Series,
    WorkRecord,
};
use crate::smtp::{Code, Failure, Stage};
use crate::stats::histogram::Histogram;
use crate::time::{Instant, Span};

/// A run of 100 messages of which 98 were delivered, after 1 s to 98 s and `extra` seconds more.
pub fn record(extra: u64) -> RunRecord {
    let mut delivered = Histogram::new();
    (1..=98).for_each(|second| delivered.record((second + extra) * 1_000_000));
    let outcomes =
        Outcomes { arrived: 100, delivered: 98, bounced: 1, bounced_untried: 0, queued: 1, in_session: 0 };
    RunRecord {
        all: outcomes,
        cohort: outcomes,
        latency: LatencyRecord {
            delivered,
            restricted_sum: u128::from(5_000 + 100 * extra) * 1_000_000,
            wait_sum: 4_000_000_000,
            wait_square_sum_s2: 300_000.0,
            delivered_at_once: 40,
            fairness: Some(0.9),
            through: [Some(Span::from_seconds(30)), Some(Span::from_micros(60_123_456)), None],
        },
        load: LoadRecord {
            attempts: 350,
            connections: 300,
            cohort_attempts: 350,
            cohort_first_connections: 50,
            cohort_retry_connections: 250,
            seconds_above_capacity: Some(3),
            excess_connections: Some(4.5),
            dispersion_1s: None,
            slot_time: Span::from_seconds(200),
            slot_time_wasted: Span::from_seconds(50),
            failures_by_stage: [0, 0, 250, 0, 0, 0],
            ..LoadRecord::default()
        },
        queue: QueueRecord { deepest: 70, mean: 12.5, usual_after: Some(Span::from_seconds(90)) },
        work: WorkRecord { events: 1_000, looks: 10 },
        series: vec![series(extra)],
        attempts: attempts(),
    }
}

fn series(extra: u64) -> Series {
    let bin = |connections| Bin { connections, slots_in_use: 0.1, ..Bin::default() };
    Series {
        recipient: "mx".to_owned(),
        step: Span::from_seconds(60),
        bins: vec![bin(10 + extra), bin(0), bin(7)],
    }
}

fn attempts() -> Vec<AttemptRow> {
    let failure = Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE));
    let silence = Failure::new(Stage::Timeout, None);
    let row = |attempt, second: i64, what| AttemptRow {
        message: 7,
        host: 3,
        recipient: 0,
        arrival: Instant::from_micros(-1_500_000),
        attempt,
        at: Instant::from_micros(second * 1_000_000),
        until: Instant::from_micros(second * 1_000_000 + 50_000),
        what,
    };
    vec![
        row(1, 1, AttemptResult::Failed(failure)),
        row(1, 2, AttemptResult::HeldBack),
        row(1, 3, AttemptResult::Suppressed),
        row(2, 4, AttemptResult::Failed(silence)),
        row(3, 5, AttemptResult::Delivered),
        row(4, 6, AttemptResult::Bounced),
        row(5, 7, AttemptResult::Unfinished),
    ]
}
