//! The recordings that are replayed, what is compared of each, and the table in `docs/recordings.md`.

use std::fmt::Write as _;

use super::history::History;
use super::quantity::*;
use super::{recorded, simulated};

/// Replications of each scenario.
const REPLICATIONS: u32 = 1000;

/// A recording and what is compared of it.
pub(super) struct Recording {
    pub(super) name: &'static str,
    /// Totals in which chance decides.
    totals: &'static [Quantity],
    /// What the log of the program shows of a history.
    logged: fn(History) -> History,
    /// Of a message that was alone: how far an attempt may be off, in seconds.
    pub(super) tolerance: Option<f64>,
}

const FAILURE: &[Quantity] =
    &[CONNECTIONS, ATTEMPTS, SUPPRESSED, TRIED, BOUNCED, LEAST_AGE, MEAN_AGE, GREATEST_AGE];
/// Exim's log counts a message that is passed over once per queue run, which the simulation does not
/// look at one by one.
const EXIM_FAILURE: &[Quantity] = &[CONNECTIONS, ATTEMPTS, TRIED, BOUNCED, LEAST_AGE, MEAN_AGE, GREATEST_AGE];
const RECOVERY: &[Quantity] = &[
    CONNECTIONS_BEFORE,
    SUPPRESSED,
    FIRST_DELIVERY,
    LAST_DELIVERY,
    CONNECTIONS_AFTER,
    MESSAGES_PER_CONNECTION,
];
const EXIM_RECOVERY: &[Quantity] = &[
    CONNECTIONS_BEFORE,
    ATTEMPTS,
    CONNECTIONS_AFTER,
    MESSAGES_PER_CONNECTION,
    FIRST_DELIVERY,
    LAST_DELIVERY,
];

pub(super) const RECORDINGS: &[Recording] = &[
    postfix(alone("postfix-single", 1.0)),
    postfix(many("postfix-multi30", FAILURE)),
    postfix(many("postfix-multi10-rcpt", FAILURE)),
    postfix(many("postfix-recover50", RECOVERY)),
    alone("exim-single", 1.0),
    many("exim-multi20", EXIM_FAILURE),
    many("exim-multi8-rcpt", EXIM_FAILURE),
    many("exim-recover30", EXIM_RECOVERY),
    // Its clock ran a hundred times as fast: a second of the recording is 100 s.
    alone("exim-default-q30m", 100.0),
];

const fn alone(name: &'static str, tolerance: f64) -> Recording {
    Recording { name, totals: &[], logged: std::convert::identity, tolerance: Some(tolerance) }
}

const fn many(name: &'static str, totals: &'static [Quantity]) -> Recording {
    Recording { name, totals, logged: std::convert::identity, tolerance: None }
}

/// The bounces of Postfix were taken from its log, which has whole seconds.
const fn postfix(recording: Recording) -> Recording {
    Recording { logged: History::bounces_in_whole_seconds, ..recording }
}

/// A recording beside its simulations.
pub(super) struct Compared {
    pub(super) recording: &'static Recording,
    recorded: History,
    simulated: Vec<History>,
}

/// One total of a recording beside the range of the simulations.
pub(super) struct Total {
    pub(super) quantity: Quantity,
    pub(super) recorded: f64,
    pub(super) least: f64,
    pub(super) median: f64,
    pub(super) greatest: f64,
}

impl Total {
    /// Whether the recording lies in the range of all replications. That is narrower than 99 % after
    /// Bonferroni over the table, which a thousand replications could not bound.
    pub(super) fn agrees(&self) -> bool {
        (self.least..=self.greatest).contains(&self.recorded)
    }
}

/// How one message alone fares in the simulations that make as many attempts as the recording.
pub(super) struct Alone {
    pub(super) attempts: usize,
    /// The largest difference between a simulated and the recorded attempt, in the median replication.
    pub(super) deviation: f64,
    pub(super) bounce_deviation: f64,
    /// The share of all replications with the recorded number of attempts.
    pub(super) share: f64,
}

impl Compared {
    pub(super) fn new(recording: &'static Recording) -> Self {
        Self {
            recording,
            recorded: recorded::history(recording.name),
            simulated: simulated::histories(recording.name, REPLICATIONS)
                .into_iter()
                .map(recording.logged)
                .collect(),
        }
    }

    /// Totals that must agree.
    pub(super) fn totals(&self) -> impl Iterator<Item = Total> {
        self.recording.totals.iter().map(|quantity| self.total(quantity))
    }

    fn total(&self, quantity: &Quantity) -> Total {
        let mut simulated: Vec<f64> = self.simulated.iter().map(quantity.of).collect();
        simulated.sort_by(f64::total_cmp);
        Total {
            quantity: *quantity,
            recorded: (quantity.of)(&self.recorded),
            least: simulated[0],
            median: simulated[simulated.len() / 2],
            greatest: simulated[simulated.len() - 1],
        }
    }

    pub(super) fn alone(&self) -> Alone {
        let attempts = self.recorded.attempts_of(0);
        let alike = self.simulated.iter().filter(|history| history.attempts.len() == attempts.len());
        let alike: Vec<&History> = alike.collect();
        let deviations = alike.iter().map(|history| {
            let pairs = history.attempts_of(0).into_iter().zip(&attempts);
            pairs.map(|(simulated, recorded)| (simulated - recorded).abs()).fold(0.0, f64::max)
        });
        let age = |history: &History| history.bounced[0].1;
        let bounces = alike.iter().map(|history| (age(history) - age(&self.recorded)).abs());
        Alone {
            attempts: attempts.len(),
            deviation: median(deviations.collect()),
            bounce_deviation: median(bounces.collect()),
            share: alike.len() as f64 / self.simulated.len() as f64,
        }
    }
}

/// The two tables of the document.
pub(super) fn tables(compared: &[Compared]) -> String {
    let mut text = String::from(
        "| recording | attempts | replications with as many | largest deviation of an attempt, s | deviation of the bounce, s |\n|---|--:|--:|--:|--:|\n",
    );
    for one in compared.iter().filter(|one| one.recording.tolerance.is_some()) {
        let Alone { attempts, deviation, bounce_deviation, share } = one.alone();
        let (name, share) = (one.recording.name, 100.0 * share);
        writeln!(text, "| `{name}` | {attempts} | {share:.1} % | {deviation:.2} | {bounce_deviation:.2} |")
            .expect("a string takes everything");
    }
    text.push_str(
        "\n| recording | | recorded | median | least | greatest | |\n|---|---|--:|--:|--:|--:|---|\n",
    );
    for one in compared {
        for total in one.totals() {
            let verdict = if total.agrees() { "" } else { "outside" };
            let Total { quantity: Quantity { name, digits, .. }, recorded, least, median, greatest } = total;
            let recording = one.recording.name;
            writeln!(
                text,
                "| `{recording}` | {name} | {recorded:.digits$} | {median:.digits$} | {least:.digits$} | {greatest:.digits$} | {verdict} |"
            )
            .expect("a string takes everything");
        }
    }
    text
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
