//! The quantities of the tables: how each follows from what was recorded of a run.

use super::meter::{Counts, Drained, Watch};
use super::table::Row;
use crate::experiment::record::RunRecord;
use crate::scenario::did_you_mean;
use crate::time::Span;

/// What one replication left.
pub(super) struct Seen {
    pub(super) record: RunRecord,
    pub(super) counts: Counts,
}

/// What one replication contributes to an estimate: sums over messages, or over time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) sum: f64,
    /// Sum of squares; used for variances only.
    pub(super) squares: f64,
    /// How many, or how long.
    pub(super) weight: f64,
}

impl Sums {
    fn ratio(sum: f64, weight: f64) -> Self {
        Self { sum, squares: 0.0, weight }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            squares: self.squares + other.squares,
            weight: self.weight + other.weight,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            sum: self.sum - other.sum,
            squares: self.squares - other.squares,
            weight: self.weight - other.weight,
        }
    }
}

/// How an estimate is made of the sums of all replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistic {
    /// A mean or a share.
    Mean,
    /// A second moment or the probability of a tail: needs more data for the same precision.
    Tail,
    /// A variance.
    Variance,
}

impl Statistic {
    pub(super) fn of(self, sums: Sums) -> f64 {
        let mean = sums.sum / sums.weight;
        match self {
            Self::Mean | Self::Tail => mean,
            Self::Variance => sums.squares / sums.weight - mean * mean,
        }
    }
}

/// What is known: a value, or a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Equal,
    AtLeast,
    AtMost,
}

/// A row of a table, ready to be estimated.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    measure: Measure,
    pub(super) statistic: Statistic,
    pub(super) claim: Claim,
    /// The exact value of what is estimated.
    pub(super) exact: f64,
}

#[derive(Clone, Debug)]
enum Measure {
    Named(fn(&Seen) -> Sums),
    Later { than: Span, whose: Whose },
    AttemptsWithin(Span),
}

/// Over whom the probability of a long wait is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Delivered,
    Hit,
}

impl Quantity {
    /// The quantity of a row; none where nothing of that name is known.
    ///
    /// A quantile q of a share p is looked at through P(wait > q) = 1 - p, because an estimate of a
    /// quantile is biased and a share is not.
    pub(super) fn of(row: &Row) -> Option<Self> {
        let equal = |measure, statistic| Self { measure, statistic, claim: Claim::Equal, exact: row.value };
        let name = row.quantity.as_str();
        if let Some(share) = name.strip_prefix("wait_quantile_p") {
            let share: f64 = share.parse().ok()?;
            let measure = Measure::Later { than: span(row.value)?, whose: Whose::Delivered };
            // The law of waits has an atom at zero: a quantile of zero says that no more than that wait.
            let claim = if row.value > 0.0 { Claim::Equal } else { Claim::AtMost };
            return Some(Self { exact: 1.0 - share, claim, ..equal(measure, Statistic::Tail) });
        }
        if let Some(rest) = name.strip_prefix("P(delay>").or_else(|| name.strip_prefix("P(wait>")) {
            let (limit, condition) = rest.split_once(')')?;
            let whose = match condition {
                "" | "_delivered" | "_accepted" => Whose::Delivered,
                "_given_hit" => Whose::Hit,
                _ => return None,
            };
            let measure = Measure::Later { than: span(limit.parse().ok()?)?, whose };
            return Some(equal(measure, Statistic::Tail));
        }
        if let Some(rest) = name.strip_prefix("attempts_per_lambda_in_[a,a+") {
            let within = span(rest.strip_suffix(')')?.parse().ok()?)?;
            return Some(equal(Measure::AttemptsWithin(within), Statistic::Mean));
        }
        let (_, statistic, measure) = NAMED.iter().find(|(known, ..)| *known == name)?;
        let claim = if name.starts_with("fluid_") { Claim::AtLeast } else { Claim::Equal };
        Some(Self { claim, ..equal(Measure::Named(*measure), *statistic) })
    }

    /// The question whether a name that is much like this one was meant.
    pub(super) fn nearest(name: &str) -> Option<String> {
        did_you_mean(name, NAMED.iter().map(|(known, ..)| *known))
    }

    /// All names.
    pub(super) fn names() -> String {
        let mut names: Vec<&str> = NAMED.iter().map(|(known, ..)| *known).collect();
        names.extend(PATTERNS);
        names.join(", ")
    }

    /// Tells a meter what this needs.
    pub(super) fn watch(&self, watch: &mut Watch) {
        match self.measure {
            Measure::Later { than, .. } => watch.waits.push(than),
            Measure::AttemptsWithin(within) => watch.attempts.push(within),
            Measure::Named(_) => {}
        }
    }

    /// The instants after the start of the cohort's interval, in seconds, that a grid of arrivals must hit.
    pub(super) fn limit(&self) -> Option<f64> {
        match self.measure {
            Measure::AttemptsWithin(within) => Some(within.as_seconds()),
            Measure::Later { .. } | Measure::Named(_) => None,
        }
    }

    /// What a replication contributes.
    pub(super) fn sums(&self, seen: &Seen, watch: &Watch) -> Sums {
        let Seen { record, counts } = seen;
        match self.measure {
            Measure::Named(measure) => measure(seen),
            Measure::Later { than, whose } => {
                let place = watch.waits.iter().position(|limit| *limit == than);
                let (all, hit) = place.map_or((0, 0), |place| counts.late[place]);
                match whose {
                    Whose::Delivered if watch.backlog => Sums::ratio(all as f64, counts.greeted as f64),
                    Whose::Delivered => Sums::ratio(all as f64, record.cohort.delivered as f64),
                    Whose::Hit => Sums::ratio(hit as f64, hit_and_delivered(seen)),
                }
            }
            Measure::AttemptsWithin(within) => {
                let place = watch.attempts.iter().position(|limit| *limit == within);
                let attempts = place.map_or(0, |place| counts.attempts[place]);
                Sums::ratio(attempts as f64 * counts.length, arrived(seen))
            }
        }
    }
}

fn span(seconds: f64) -> Option<Span> {
    (0.0..1e9).contains(&seconds).then(|| Span::from_seconds_f64(seconds))
}

/// Names with a number in them.
const PATTERNS: [&str; 7] = [
    "wait_quantile_p0.9",
    "P(wait>1)",
    "P(wait>1)_accepted",
    "P(delay>1)",
    "P(delay>1)_delivered",
    "P(delay>1)_given_hit",
    "attempts_per_lambda_in_[a,a+1)",
];

type Named = (&'static str, Statistic, fn(&Seen) -> Sums);

/// The names of the tables.
const NAMED: &[Named] = &[
    ("p_block_first", Statistic::Mean, |s| Sums::ratio(s.counts.blocked_first as f64, arrived(s))),
    ("p_block", Statistic::Mean, |s| Sums::ratio(s.counts.blocked_first as f64, arrived(s))),
    ("p_first_attempt_fails", Statistic::Mean, |s| Sums::ratio(s.counts.blocked_first as f64, arrived(s))),
    ("p_block_retry", Statistic::Mean, |s| Sums::ratio(s.counts.blocked_later as f64, retries(s))),
    ("p_delivered", Statistic::Mean, |s| Sums::ratio(delivered(s), arrived(s))),
    ("p_expired", Statistic::Mean, |s| Sums::ratio(s.record.cohort.bounced as f64, arrived(s))),
    ("p_expired_given_hit", Statistic::Mean, |s| Sums::ratio(s.record.cohort.bounced as f64, hit(s))),
    ("p_wait", Statistic::Mean, |s| Sums::ratio(s.counts.waited as f64, delivered(s))),
    ("p_wait_given_accepted", Statistic::Mean, |s| {
        Sums::ratio(s.counts.waited as f64, s.counts.greeted as f64)
    }),
    ("mean_wait_accepted", Statistic::Mean, |s| Sums::ratio(s.counts.greeted_waits, s.counts.greeted as f64)),
    ("attempts_per_message", Statistic::Mean, |s| Sums::ratio(attempts(s), arrived(s))),
    ("mean_attempts", Statistic::Mean, |s| Sums::ratio(attempts(s), arrived(s))),
    ("mean_attempts_given_hit", Statistic::Mean, |s| {
        Sums::ratio(attempts(s) - (arrived(s) - hit(s)), hit(s))
    }),
    ("mean_delay", Statistic::Mean, mean_wait),
    ("mean_delay_all", Statistic::Mean, mean_wait),
    ("mean_delay_delivered", Statistic::Mean, mean_wait),
    ("mean_delay_delivered_all", Statistic::Mean, mean_wait),
    ("mean_wait", Statistic::Mean, mean_wait),
    ("mean_wait_to_service_start", Statistic::Mean, mean_wait),
    ("mean_delay_given_hit", Statistic::Mean, |s| Sums::ratio(waits(s), hit_and_delivered(s))),
    ("mean_delay_delivered_given_hit", Statistic::Mean, |s| Sums::ratio(waits(s), hit_and_delivered(s))),
    ("second_moment_delay", Statistic::Tail, |s| Sums::ratio(squares(s), delivered(s))),
    ("second_moment_delay_delivered", Statistic::Tail, |s| Sums::ratio(squares(s), delivered(s))),
    ("second_moment_delay_given_hit", Statistic::Tail, |s| Sums::ratio(squares(s), hit_and_delivered(s))),
    ("var_wait", Statistic::Variance, |s| Sums { sum: waits(s), squares: squares(s), weight: delivered(s) }),
    ("var_orbit", Statistic::Variance, |s| Sums {
        sum: s.counts.waiting,
        squares: s.counts.waiting_square,
        weight: s.counts.length,
    }),
    ("mean_orbit_time_per_message", Statistic::Mean, mean_orbit_time),
    ("mean_time_in_queue_per_message", Statistic::Mean, mean_orbit_time),
    ("mean_sojourn", Statistic::Mean, |s| Sums::ratio(sojourns(s), arrived(s))),
    ("mean_orbit", Statistic::Mean, |s| Sums::ratio(s.counts.waiting, s.counts.length)),
    ("mean_queue", Statistic::Mean, |s| Sums::ratio(s.counts.waiting, s.counts.length)),
    ("mean_busy", Statistic::Mean, |s| Sums::ratio(s.counts.busy, s.counts.length)),
    ("mean_in_system", Statistic::Mean, |s| Sums::ratio(s.counts.waiting + s.counts.busy, s.counts.length)),
    ("P_orbit_empty", Statistic::Mean, |s| Sums::ratio(s.counts.none_waiting, s.counts.length)),
    // The orbit seen by the busy server is geometric with the ratio r.
    ("stability_r", Statistic::Mean, |s| Sums::ratio(s.counts.busy_while_waiting, s.counts.busy)),
    ("mean_orbit_at_outage_end", Statistic::Mean, |s| {
        Sums::ratio(s.counts.seen_waiting as f64, s.counts.looks as f64)
    }),
    ("mean_in_system_at_outage_end", Statistic::Mean, |s| {
        Sums::ratio(s.counts.seen as f64, s.counts.looks as f64)
    }),
    ("goodput", Statistic::Mean, |s| Sums::ratio(delivered(s), s.counts.length)),
    ("retry_rate", Statistic::Mean, |s| Sums::ratio(retries(s), s.counts.length)),
    ("exact_mean_drain_time_MG1", Statistic::Mean, |s| drained(s, |d| d.after)),
    ("exact_MM1_total_sojourn_until_empty", Statistic::Mean, |s| drained(s, |d| d.time_in_system)),
    ("exact_MM1_mean_messages_until_empty", Statistic::Mean, |s| drained(s, |d| d.messages as f64)),
    ("infinite_capacity_mean_delay_arrived_in_outage", Statistic::Mean, mean_wait),
    ("fluid_drain_time", Statistic::Mean, |s| drained(s, |d| d.after)),
    ("fluid_peak_backlog", Statistic::Mean, |s| drained(s, |d| d.peak as f64)),
    ("fluid_total_delay", Statistic::Mean, |s| drained(s, |d| d.time_in_system)),
    ("fluid_affected_messages", Statistic::Mean, |s| drained(s, |d| d.messages as f64)),
    ("fluid_mean_delay_affected", Statistic::Mean, |s| Sums {
        weight: drained(s, |d| d.messages as f64).sum,
        ..drained(s, |d| d.time_in_system)
    }),
    ("fluid_mean_delay_arrived_in_outage", Statistic::Mean, |s| Sums::ratio(sojourns(s), arrived(s))),
];

fn arrived(seen: &Seen) -> f64 {
    seen.record.cohort.arrived as f64
}

fn delivered(seen: &Seen) -> f64 {
    seen.record.cohort.delivered as f64
}

/// Messages whose first attempt was not the accepted one.
fn hit(seen: &Seen) -> f64 {
    (seen.record.cohort.arrived - seen.record.latency.delivered_at_once) as f64
}

fn hit_and_delivered(seen: &Seen) -> f64 {
    (seen.record.cohort.delivered - seen.record.latency.delivered_at_once) as f64
}

fn attempts(seen: &Seen) -> f64 {
    seen.record.load.cohort_attempts as f64
}

fn retries(seen: &Seen) -> f64 {
    attempts(seen) - arrived(seen)
}

/// Waits of the delivered messages up to the start of the accepted attempt, summed.
fn waits(seen: &Seen) -> f64 {
    seen.record.latency.wait_sum as f64 / 1e6
}

fn squares(seen: &Seen) -> f64 {
    seen.record.latency.wait_square_sum_s2
}

/// Times up to the accepting reply, summed.
fn sojourns(seen: &Seen) -> f64 {
    seen.record.latency.restricted_sum as f64 / 1e6
}

fn mean_wait(seen: &Seen) -> Sums {
    Sums::ratio(waits(seen), delivered(seen))
}

fn mean_orbit_time(seen: &Seen) -> Sums {
    Sums::ratio(waits(seen) + seen.counts.given_up_after, arrived(seen))
}

/// A number of the drained queue, one per replication.
fn drained(seen: &Seen, number: fn(&Drained) -> f64) -> Sums {
    seen.counts
        .drained
        .as_ref()
        .map_or(Sums::ratio(f64::NAN, 1.0), |drained| Sums::ratio(number(drained), 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::{REFERENCE, read};

    #[test]
    fn every_quantity_of_the_reference_is_known() {
        let rows: Vec<Row> = read(REFERENCE).unwrap().into_iter().flat_map(|one| one.rows).collect();
        let unknown: Vec<&str> = rows
            .iter()
            .filter(|row| Quantity::of(row).is_none())
            .map(|row| row.quantity.as_str())
            .filter(|name| !name.starts_with("p_expired_given_hit_maxatt"))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn quantiles_become_shares_and_limits_without_chance_bounds() {
        let row = |quantity: &str, value| {
            Quantity::of(&Row { line: 2, quantity: quantity.to_owned(), value, source: String::new() })
        };
        let quantile = row("wait_quantile_p0.9", 10.4).unwrap();
        assert!((quantile.exact - 0.1).abs() < 1e-12);
        assert_eq!(quantile.claim, Claim::Equal);
        assert_eq!(row("wait_quantile_p0.5", 0.0).unwrap().claim, Claim::AtMost);
        for pattern in PATTERNS {
            assert!(row(pattern, 1.0).is_some(), "{pattern}");
        }
        assert_eq!(row("fluid_drain_time", 1.0).unwrap().claim, Claim::AtLeast);
        assert_eq!(row("mean_wait", 1.0).unwrap().claim, Claim::Equal);
        for unknown in ["mean_weight", "P(wait>x)", "P(wait>1)_today", "wait_quantile_p"] {
            assert!(row(unknown, 1.0).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_variance_is_that_of_all_sums_together() {
        let sums = Sums { sum: 6.0, squares: 20.0, weight: 3.0 };
        assert!((Statistic::Variance.of(sums) - (20.0 / 3.0 - 4.0)).abs() < 1e-12);
        assert_eq!(sums.plus(sums).minus(sums), sums);
    }
}
