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
    /// When the sink recovered, in seconds from the start; infinite where it never did.
    recovery: f64,
    /// What the log of the program shows of a history.
    logged: fn(History) -> History,
    /// Where each attempt is known, or each connection: how far it may be off, in seconds.
    pub(super) tolerance: Option<f64>,
    /// The least share of replications that must have as many. The rest has its clock a fraction of a
    /// second off, so that some look comes earlier or later; with more messages that is more often so.
    pub(super) share: f64,
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
/// All mail in each pass, a connection for each message. When the passes are is the same in all replications, so that
/// the recording cannot lie in a range.
const PASSES: &[Quantity] = &[CONNECTIONS_BEFORE, CONNECTIONS_AFTER];

/// Messages that bounce on arrival have no age that a simulation without processes could know.
const EXPIRED: &[Quantity] = &[CONNECTIONS, ATTEMPTS, TRIED, BOUNCED, MEAN_AGE, GREATEST_AGE];

pub(super) const RECORDINGS: &[Recording] = &[
    postfix(alone("postfix-single", 1.0)),
    postfix(many("postfix-multi30", FAILURE)),
    postfix(many("postfix-multi10-rcpt", FAILURE)),
    postfix(recovers(60.582, many("postfix-recover50", RECOVERY))),
    many("postfix-limit2", FAILURE),
    many("postfix-feedback", FAILURE),
    recovers(100.231, many("postfix-arrivals", RECOVERY)),
    recovers(60.041, many("postfix-recover100", RECOVERY)),
    alone("postfix-rate", 1.0),
    recovers(60.524, many("postfix-rate-dead", RECOVERY)),
    recovers(60.960, many("postfix-rate-retry", RECOVERY)),
    alone("exim-single", 1.0),
    many("exim-multi20", EXIM_FAILURE),
    many("exim-multi8-rcpt", EXIM_FAILURE),
    recovers(60.876, many("exim-recover30", EXIM_RECOVERY)),
    recovers(60.927, many("exim-recover100", EXIM_RECOVERY)),
    recovers(68.292, many("exim-recover20", EXIM_RECOVERY)),
    recovers(60.749, many("exim-recover40-rcpt", EXIM_RECOVERY)),
    many("exim-classes", EXIM_FAILURE),
    many("exim-expired", EXPIRED),
    // Its clock ran a hundred times as fast: a second of the recording is 100 s.
    alone("exim-default-q30m", 100.0),
    alone("sendmail-single", 1.0),
    watched("sendmail-multi8", 1.0),
    watched("sendmail-hoststatus", 1.0),
    watched("sendmail-maxage", 1.0),
    watched("sendmail-rcpt", 1.0),
    // In more than a third of the replications it hears of its message twice, or of the bounce.
    Recording { share: 0.55, ..alone("nullmailer-single", 1.0) },
    recovers(60.567, many("nullmailer-multi", PASSES)),
    // The same clock.
    alone("opensmtpd-single", 100.0),
    watched("opensmtpd-multi5", 100.0),
    watched("opensmtpd-multi10", 100.0),
    watched("opensmtpd-recover10", 100.0),
];

const fn alone(name: &'static str, tolerance: f64) -> Recording {
    let logged = std::convert::identity;
    let recovery = f64::INFINITY;
    Recording { name, totals: &[], recovery, logged, tolerance: Some(tolerance), share: 0.8 }
}

/// Several messages of which only the connections are known.
const fn watched(name: &'static str, tolerance: f64) -> Recording {
    Recording { totals: &[CONNECTIONS], share: 0.5, ..alone(name, tolerance) }
}

const fn many(name: &'static str, totals: &'static [Quantity]) -> Recording {
    let (recovery, logged) = (f64::INFINITY, std::convert::identity);
    Recording { name, totals, recovery, logged, tolerance: None, share: 0.0 }
}

/// A sink that recovers.
const fn recovers(recovery: f64, recording: Recording) -> Recording {
    Recording { recovery, ..recording }
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

/// How attempts fare, one by one, in the simulations that make as many as the recording.
pub(super) struct Alone {
    pub(super) attempts: usize,
    /// The largest difference between a simulated and the recorded attempt, in the median replication.
    pub(super) deviation: f64,
    /// None where the recording does not tell.
    pub(super) bounce_deviation: Option<f64>,
    /// The share of all replications with the recorded number of attempts.
    pub(super) share: f64,
}

impl Compared {
    pub(super) fn new(recording: &'static Recording) -> Self {
        let with_recovery = |history| History { recovery: recording.recovery, ..history };
        Self {
            recording,
            recorded: with_recovery(recorded::history(recording.name)),
            simulated: simulated::histories(recording.name, REPLICATIONS)
                .into_iter()
                .map(|history| with_recovery((recording.logged)(history)))
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
        let recorded = self.times(&self.recorded);
        let counts = |times: &[Vec<f64>]| times.iter().map(Vec::len).collect::<Vec<_>>();
        let of = |history| (history, self.times(history));
        let alike = self.simulated.iter().map(of).filter(|(_, times)| counts(times) == counts(&recorded));
        let alike: Vec<(&History, Vec<Vec<f64>>)> = alike.collect();
        let deviations = alike.iter().map(|(_, times)| {
            let pairs = times.iter().flatten().zip(recorded.iter().flatten());
            pairs.map(|(simulated, recorded)| (simulated - recorded).abs()).fold(0.0, f64::max)
        });
        let bounces: Option<Vec<f64>> = self.recorded.bounce().map(|recorded| {
            let simulated = alike.iter().map(|(history, _)| history.bounce());
            simulated.map(|simulated| simulated.map_or(f64::INFINITY, |age| (age - recorded).abs())).collect()
        });
        Alone {
            attempts: recorded.iter().map(Vec::len).sum(),
            deviation: median(deviations.collect()),
            bounce_deviation: bounces.map(median),
            share: alike.len() as f64 / self.simulated.len() as f64,
        }
    }

    /// The attempts of each message, of those too that the program itself wrote. Where only the recipient
    /// was watched, nobody knows whose attempts they were: then all connections.
    fn times(&self, history: &History) -> Vec<Vec<f64>> {
        if self.recorded.attempts.is_empty() {
            return vec![history.connections.clone()];
        }
        (0..self.recorded.injected.len()).map(|message| history.attempts_of(message)).collect()
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
        let bounce =
            bounce_deviation.map_or("not recorded".to_owned(), |deviation| format!("{deviation:.2}"));
        writeln!(text, "| `{name}` | {attempts} | {share:.1} % | {deviation:.2} | {bounce} |")
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
