//! What a scenario expects of its results, and whether the results show it.
//!
//! A claim is met where its whole interval lies where the claim says, violated where none of it does, and
//! not decided between. All claims of a scenario are judged together: the intervals are simultaneous
//! (Bonferroni), so that with the confidence of the comparison no claim that holds is called violated and none
//! that does not is called met.

mod compared;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::compared::Compared;
use super::metric::{Unit, position};
use super::summary::{POOLED, Plan, Role, Runs, pooled_latency};
use crate::quantity::Share;
use crate::scenario::Spanned;
use crate::scenario::written::WrittenScenario;
use crate::stats::holm::simultaneous_confidence;
use crate::stats::summary::{Interval, mean_interval};

/// What a scenario expects of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What it is called.
    pub name: String,
    /// The variant it is about; none: each that is compared.
    pub variant: Option<String>,
    /// The metric.
    pub metric: String,
    /// What is said of it.
    pub claim: Claim,
}

/// What is said of a metric. Parts are from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Claim {
    /// Its mean lies between these, in its unit.
    Between {
        /// Not below this.
        at_least: Option<f64>,
        /// Not above this.
        at_most: Option<f64>,
    },
    /// Its mean is below that of another variant.
    Below {
        /// The other.
        other: String,
        /// By at least this part of the other's mean.
        by: f64,
    },
    /// Its mean is above that of another variant.
    Above {
        /// The other.
        other: String,
        /// By at least this part of the other's mean.
        by: f64,
    },
    /// Its mean is practically that of another variant.
    SameAs {
        /// The other.
        other: String,
        /// They are at most this part of the other's mean apart.
        within: f64,
    },
}

impl Claim {
    fn other(&self) -> Option<&str> {
        match self {
            Self::Between { .. } => None,
            Self::Below { other, .. } | Self::Above { other, .. } | Self::SameAs { other, .. } => Some(other),
        }
    }
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Met,
    /// It does not.
    Violated,
    /// That takes more replications, or cannot be said at all.
    NotDecided,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Met => "met",
            Self::Violated => "violated",
            Self::NotDecided => "not decided",
        })
    }
}

/// An expectation of one variant, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was expected.
    pub expectation: Expectation,
    /// Of which variant.
    pub variant: String,
    /// What was found, and what follows from it.
    pub found: Found,
    /// Whether the claim holds.
    pub state: State,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// The metric itself, in its unit, with its simultaneous interval.
    Value(f64, Interval),
    /// The difference to the other variant, in the unit of the metric.
    Difference(f64, Interval),
    /// The difference to the other variant as a part of its mean.
    Change(f64, Interval),
    /// The metric has a value in so many replications of so many only.
    Attained(usize, usize),
    /// A quantile that has no interval: that takes more replications.
    WithoutInterval(f64),
    /// The other variant's mean cannot be told from zero, and nothing is a part of nothing.
    PartOfNothing,
    /// One of the variants was not simulated.
    LeftOut,
}

/// The expectations of a scenario.
pub fn of(written: &WrittenScenario) -> Vec<Expectation> {
    let usual = written.compare.smallest_difference.fraction();
    let expectations = written.expect.iter().map(|(name, one)| {
        let unit = crate::metric::unit(&one.metric).unwrap_or(Unit::Ratio);
        let part = |share: &Option<Spanned<Share>>, usual: f64| {
            share.as_ref().map_or(usual, |share| share.fraction())
        };
        let claim = match (&one.below, &one.above, &one.same_as) {
            (Some(other), ..) => Claim::Below { other: other.to_string(), by: part(&one.by, 0.0) },
            (_, Some(other), _) => Claim::Above { other: other.to_string(), by: part(&one.by, 0.0) },
            (.., Some(other)) => Claim::SameAs { other: other.to_string(), within: part(&one.within, usual) },
            (None, None, None) => Claim::Between {
                at_least: one.at_least.as_ref().and_then(|threshold| threshold.in_unit(unit)),
                at_most: one.at_most.as_ref().and_then(|threshold| threshold.in_unit(unit)),
            },
        };
        Expectation {
            name: name.to_string(),
            variant: one.variant.as_ref().map(|variant| variant.to_string()),
            metric: one.metric.to_string(),
            claim,
        }
    });
    expectations.collect()
}

/// Judges all expectations of the variants that were declared, whether or not they were simulated: a family must not
/// shrink after the fact.
pub fn judge(
    expectations: &[Expectation],
    declared: &[(&str, Role)],
    simulated: &[Runs],
    plan: &Plan,
) -> Vec<Outcome> {
    let claims: Vec<(&Expectation, &str)> =
        expectations.iter().flat_map(|one| about(one, declared).map(move |variant| (one, variant))).collect();
    let confidence = simultaneous_confidence(plan.confidence, claims.len());
    let plan = Plan { confidence, ..plan.clone() };
    let judged = claims.into_iter().map(|(expectation, variant)| {
        let (found, state) = judge_one(expectation, variant, simulated, &plan);
        Outcome { expectation: expectation.clone(), variant: variant.to_owned(), found, state }
    });
    judged.collect()
}

/// The variants that an expectation is about.
fn about<'a>(expectation: &'a Expectation, declared: &'a [(&'a str, Role)]) -> impl Iterator<Item = &'a str> {
    let compared = declared.iter().filter(|(_, role)| *role == Role::Compared).map(|(name, _)| *name);
    let all = expectation.variant.is_none();
    let others = compared.filter(move |name| all && expectation.claim.other() != Some(name));
    expectation.variant.as_deref().into_iter().chain(others)
}

fn judge_one(expectation: &Expectation, variant: &str, simulated: &[Runs], plan: &Plan) -> (Found, State) {
    let find = |name: &str| simulated.iter().find(|runs| runs.variant == name);
    let Some(ours) = find(variant) else { return (Found::LeftOut, State::NotDecided) };
    let metric = &expectation.metric;
    let against = |other: &str, judge: &dyn Fn(Compared) -> (Found, State)| match find(other) {
        None => (Found::LeftOut, State::NotDecided),
        Some(theirs) => match Compared::of(metric, ours, theirs, plan.confidence) {
            Ok(compared) => judge(compared),
            Err(found) => (found, State::NotDecided),
        },
    };
    match &expectation.claim {
        Claim::Between { at_least, at_most } => {
            let found = value(metric, ours, plan);
            (found, state(found, *at_least, *at_most, is_later_where_missing(metric)))
        }
        Claim::Below { other, by } => against(other, &|compared| compared.below(*by)),
        Claim::Above { other, by } => against(other, &|compared| compared.above(*by)),
        Claim::SameAs { other, within } => against(other, &|compared| compared.same(*within)),
    }
}

/// A metric of a variant, or a quantile over all its replications.
fn value(name: &str, runs: &Runs, plan: &Plan) -> Found {
    let all = runs.runs.len();
    if let Some(&quantile) = POOLED.iter().find(|quantile| quantile.name == name) {
        let pooled = pooled_latency(quantile, runs, plan);
        return match (pooled.value_s, pooled.interval_s) {
            (Some(value), Some(interval)) => Found::Value(value, interval),
            (Some(value), None) => Found::WithoutInterval(value),
            (None, _) => Found::Attained(0, all),
        };
    }
    let Some(place) = position(name) else { return Found::Attained(0, all) };
    let values: Vec<f64> = runs.runs.iter().filter_map(|run| run.values[place]).collect();
    match mean_interval(&values, plan.confidence) {
        Some(estimate) if values.len() == all => Found::Value(estimate.mean, estimate.interval()),
        _ => Found::Attained(values.len(), all),
    }
}

fn state(found: Found, at_least: Option<f64>, at_most: Option<f64>, later_where_missing: bool) -> State {
    match found {
        Found::Value(_, interval) => between(interval, at_least, at_most),
        // Later than any bound in at least one replication, and so is the mean.
        Found::Attained(..) if later_where_missing && at_most.is_some() => State::Violated,
        _ => State::NotDecided,
    }
}

/// Whether a metric that has no value in a replication was not attained before the horizon, and is not without
/// meaning.
fn is_later_where_missing(name: &str) -> bool {
    let is_quantile = name.starts_with("latency_p") || name.starts_with("pooled_latency_p");
    is_quantile || name.starts_with("through_") || name == "queue_usual_after_s"
}

fn between(interval: Interval, at_least: Option<f64>, at_most: Option<f64>) -> State {
    let least = at_least.unwrap_or(f64::NEG_INFINITY);
    let most = at_most.unwrap_or(f64::INFINITY);
    if interval.high < least || interval.low > most {
        State::Violated
    } else if interval.low >= least && interval.high <= most {
        State::Met
    } else {
        State::NotDecided
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::samples;
    use crate::experiment::summary::Run;
    use crate::stats::samples::Normals;

    fn plan() -> Plan {
        Plan { baseline: "a".to_owned(), confidence: 0.95, smallest_difference: 0.02, unsettled: Vec::new() }
    }

    /// Thirty replications with these restricted means.
    fn runs(variant: &str, role: Role, means: &[f64]) -> Runs {
        let record = samples::record(0);
        let values = crate::experiment::metric::values(&record);
        let place = position("restricted_mean_s").unwrap();
        let run = |(replication, &mean): (usize, &f64)| {
            let mut values = values.clone();
            values[place] = Some(mean);
            let latency = record.latency.delivered.clone();
            Run { replication: replication as u32, values, latency }
        };
        Runs { variant: variant.to_owned(), role, runs: means.iter().enumerate().map(run).collect() }
    }

    /// "a" at 100, "b" a fifth below it with a noise of its own, "c" the same as "a" but for a little.
    fn simulated() -> Vec<Runs> {
        let mut normals = Normals::new(4);
        let a: Vec<f64> = normals.take(30).iter().map(|z| 100.0 + 5.0 * z).collect();
        let b: Vec<f64> = a.iter().zip(normals.take(30)).map(|(a, z)| 0.8 * a + z).collect();
        let c: Vec<f64> = a.iter().zip(normals.take(30)).map(|(a, z)| a + 0.2 * z).collect();
        vec![
            runs("a", Role::Compared, &a),
            runs("b", Role::Compared, &b),
            runs("c", Role::Compared, &c),
            runs("ideal", Role::Bound, &[1.0; 30]),
        ]
    }

    fn expectation(variant: Option<&str>, metric: &str, claim: Claim) -> Expectation {
        let (name, variant) = ("it".to_owned(), variant.map(str::to_owned));
        Expectation { name, variant, metric: metric.to_owned(), claim }
    }

    fn states(expectations: &[Expectation]) -> Vec<State> {
        let simulated = simulated();
        let declared: Vec<(&str, Role)> = simulated.iter().map(|runs| (&*runs.variant, runs.role)).collect();
        judge(expectations, &declared, &simulated, &plan()).into_iter().map(|one| one.state).collect()
    }

    fn state_of(variant: &str, metric: &str, claim: Claim) -> State {
        states(&[expectation(Some(variant), metric, claim)])[0]
    }

    #[test]
    fn numbers_are_judged_by_the_whole_interval() {
        let mean = |claim| state_of("a", "restricted_mean_s", claim);
        let most = |at_most| Claim::Between { at_least: None, at_most: Some(at_most) };
        let least = |at_least| Claim::Between { at_least: Some(at_least), at_most: None };
        assert_eq!([most(110.0), most(90.0), most(100.0)].map(mean), EACH);
        assert_eq!([least(90.0), least(110.0), least(100.0)].map(mean), EACH);
        let both = |low, high| Claim::Between { at_least: Some(low), at_most: Some(high) };
        assert_eq!([both(90.0, 110.0), both(110.0, 120.0), both(99.5, 110.0)].map(mean), EACH);
    }

    const EACH: [State; 3] = [State::Met, State::Violated, State::NotDecided];

    #[test]
    fn other_variants_are_judged_in_pairs() {
        let mean = |variant| move |claim| state_of(variant, "restricted_mean_s", claim);
        let below = |by| Claim::Below { other: "a".to_owned(), by };
        assert_eq!([below(0.0), below(0.3), below(0.2)].map(mean("b")), EACH);
        assert_eq!(mean("c")(below(0.0)), State::NotDecided);
        assert_eq!(mean("ideal")(below(0.0)), State::Met);
        let above = |by| Claim::Above { other: "b".to_owned(), by };
        assert_eq!([above(0.0), above(0.3), above(0.25)].map(mean("a")), EACH);
        let same = |within| Claim::SameAs { other: "a".to_owned(), within };
        assert_eq!([same(0.01), same(0.000_1)].map(mean("c")), [State::Met, State::NotDecided]);
        assert_eq!(mean("b")(same(0.02)), State::Violated);
        assert_eq!(mean("a")(same(0.0)), State::Met, "of itself, as far as numbers go");
    }

    #[test]
    fn what_was_not_attained_is_later_than_any_bound() {
        let most = |at_most| Claim::Between { at_least: None, at_most: Some(at_most) };
        // Only 98 of 100 messages were delivered.
        assert_eq!(state_of("a", "latency_p99_s", most(1e9)), State::Violated);
        assert_eq!(state_of("a", "pooled_latency_p99_s", most(1e9)), State::Violated);
        assert_eq!(state_of("a", "pooled_latency_p50_s", most(1e9)), State::Met);
        let least = Claim::Between { at_least: Some(1.0), at_most: None };
        assert_eq!(state_of("a", "latency_p99_s", least), State::NotDecided);
        let below = Claim::Below { other: "b".to_owned(), by: 0.0 };
        assert_eq!(state_of("a", "latency_p99_s", below), State::NotDecided);
    }

    #[test]
    fn without_a_variant_each_compared_one_is_meant() {
        let most = Claim::Between { at_least: None, at_most: Some(90.0) };
        let below = Claim::Below { other: "a".to_owned(), by: 0.0 };
        let expectations =
            [expectation(None, "restricted_mean_s", most), expectation(None, "restricted_mean_s", below)];
        let (violated, met, open) = (State::Violated, State::Met, State::NotDecided);
        assert_eq!(states(&expectations), [violated, met, violated, met, open], "a, b, c, and b, c below a");
    }

    #[test]
    fn what_was_left_out_is_not_decided_but_counted() {
        let simulated = simulated();
        let most = Claim::Between { at_least: None, at_most: Some(110.0) };
        let declared = [("a", Role::Compared), ("missing", Role::Compared)];
        let found = judge(&[expectation(None, "restricted_mean_s", most)], &declared, &simulated, &plan());
        assert_eq!(found[1].found, Found::LeftOut);
        let Found::Value(mean, interval) = found[0].found else { panic!("{found:?}") };
        let values: Vec<f64> = simulated[0].runs.iter().map(|run| run.values[0].unwrap()).collect();
        let each = mean_interval(&values, 0.975).unwrap();
        assert_eq!((mean, interval), (each.mean, each.interval()));
    }

    #[test]
    fn no_claim_about_parts_of_nothing_is_decided() {
        let mut simulated = simulated();
        let place = position("restricted_mean_s").unwrap();
        simulated[0].runs.iter_mut().for_each(|run| run.values[place] = Some(0.0));
        let below = Claim::Below { other: "a".to_owned(), by: 0.1 };
        let found = judge(
            &[expectation(Some("b"), "restricted_mean_s", below)],
            &[("a", Role::Compared), ("b", Role::Compared)],
            &simulated,
            &plan(),
        );
        assert_eq!((found[0].found, found[0].state), (Found::PartOfNothing, State::NotDecided));
    }
}
