//! The delays of service libraries against an independent program's.

use std::sync::Arc;

use super::case::{Asked, Case, Depth, Experiment, Seen};
use super::known::Known;
use super::{Model, Problem, texts};
use crate::random::{Key, Purpose};
use crate::sender::{Policy, RetryRecord};
use crate::time::Instant;

/// The model.
pub(super) const MODEL: Model = Model {
    name: "delays",
    about: "Mean delays of policies of service libraries before each of the first twelve retries, in seconds. The published numbers are \
            means of 40 000 chains drawn by an independent program from the sources of the libraries, with their \
            standard errors; where a formula gives the mean, that. The last policies of the same program, Celery's whole \
            seconds and Recurly's formula, are not built in.",
    independent: false,
    cases,
};

/// What is known of the delays: means, standard deviations and supports, in seconds.
pub const TABLE: &str = include_str!("data/delays.csv");

/// The laws of the table in the scenario format.
pub const LAWS: &[(&str, &str)] = &[
    ("aws-full", "exponential = { initial = '10s', max = '2000s', jitter = 'full' }"),
    ("aws-equal", "exponential = { initial = '10s', max = '2000s', jitter = 'equal' }"),
    ("aws-decorrelated", "exponential = { initial = '5s', max = '2000s', jitter = 'decorrelated' }"),
    (
        "decorrelated-below-cap",
        "exponential = { initial = '5s', max = '2000s', jitter = 'decorrelated-below-cap' }",
    ),
    (
        "decorrelated-rising",
        "exponential = { initial = '5s', max = '2000s', jitter = 'decorrelated-rising' }",
    ),
    ("grpc", "exponential = { initial = '100ms', max = '1s', jitter = { proportional = '20%' } }"),
    ("polly", "smooth-exponential = { base = '2s' }"),
    ("polly-linear", "linear = { step = '2s', jitter = { proportional = '25%' } }"),
    (
        "rust-backoff",
        "exponential = { initial = '500ms', factor = 1.5, max = '60s', jitter = { proportional = '50%' } }",
    ),
    ("tower", "exponential = { initial = '50ms', jitter = { lengthened = '99%' } }"),
    ("botocore", "exponential = { initial = '1s', max = '20s', jitter = 'full' }"),
    ("sidekiq", "count-power = { unit = '1s', power = 4, plus = '15s', spread = '10s', parts = 10 }"),
    ("temporal", "exponential = { initial = '1s', max = '100s' }"),
    ("backon", "exponential = { initial = '1s', max = '60s', jitter = { lengthened = '100%' } }"),
    ("svix", "list = { delays = ['5s', '5m', '30m', '2h', '5h', '10h'] }"),
    ("finagle", "finagle-equal = { start = '5s', max = '300s' }"),
    ("finagle-exponential", "finagle-exponential = { start = '5s', max = '300s' }"),
    ("envoy", "exponential = { initial = '25ms', max = '250ms', jitter = 'full' }"),
];

/// The delays of a message that always fails.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    policy: Arc<Policy>,
    retries: u32,
}

fn cases(depth: Depth) -> Result<Vec<Case>, Problem> {
    let table = texts::Table::read(TABLE)?;
    let case = |(law, backoff): &(&str, &str)| {
        let mut asked = Vec::new();
        for row in table.rows().filter(|row| row.text("law") == *law) {
            let mean = row.number("mean")?;
            let known = match row.text("draws") {
                "" => Known::exact(mean),
                _ => Known::mean(mean, row.number("sd")?, row.number("draws")?),
            };
            asked.push(Asked::new(format!("retry {}", row.text("retry")), Some(known)));
        }
        Ok(Case {
            model: MODEL.name,
            label: format!("law={law}"),
            experiment: Experiment::Chain(Chain {
                policy: texts::backoff(&format!("{{ {backoff} }}"))?,
                retries: asked.len() as u32,
            }),
            asked,
            runs: depth.pick(40_000, 4000),
        })
    };
    LAWS.iter().map(case).collect()
}

impl Chain {
    /// The delays in seconds.
    pub(super) fn run(&self, key: Key) -> Seen {
        let mut record = RetryRecord { failures: 0, ..RetryRecord::first(Instant::ZERO) };
        let mut now = Instant::ZERO;
        let mut values = Vec::new();
        for failures in 1..=self.retries {
            record.failures = failures;
            let mut draw = key.draw(Purpose::Jitter, 0, u64::from(failures));
            record.previous_delay = self.policy.backoff.delay(&record, now, &mut draw);
            record.last_try = now;
            now += record.previous_delay;
            values.push(record.previous_delay.as_seconds());
        }
        Seen { values, events: u64::from(self.retries) }
    }
}
