//! What was published as a conclusion, and where it holds: drawn from the findings alone, so that it is said anew
//! with every run.

use std::collections::BTreeMap;

use super::finding::{Finding, Found};
use super::optimistic_lock::clients_and_strategy;
use super::{batch, collapse, optimistic_lock, retry_budgets};

/// Differences of fewer standard errors are not called differences: 3.89 are exceeded by chance once in ten
/// thousand comparisons, and there are about a hundred.
const CLEAR: f64 = 3.89;

/// The share of runs that must go as concluded.
const NEARLY_ALL: f64 = 0.99;

/// A published conclusion and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    /// The model it is about.
    pub model: &'static str,
    /// What was concluded.
    pub claim: &'static str,
    /// Whether it holds.
    pub holds: Holds,
    /// What was found, with numbers.
    pub found: String,
}

/// Whether a conclusion holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Wherever it was looked at.
    Everywhere,
    /// Here and not there.
    InPart,
    /// Nowhere.
    Nowhere,
}

impl Holds {
    /// In a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "yes",
            Self::InPart => "in part",
            Self::Nowhere => "no",
        }
    }

    /// Whether it holds nowhere at all, and at how many places it does not.
    fn of(nowhere: bool, not: usize) -> Self {
        match (nowhere, not) {
            (true, _) => Self::Nowhere,
            (false, 0) => Self::Everywhere,
            (false, _) => Self::InPart,
        }
    }

    fn of_all<const N: usize>(parts: [bool; N]) -> Self {
        let not = parts.iter().filter(|holds| !**holds).count();
        Self::of(not == N, not)
    }
}

/// All conclusions of which the findings say something.
pub fn all(findings: &[Finding]) -> Vec<Conclusion> {
    let strategies = Strategies::of(findings).conclusions();
    let numbers = Numbers(findings);
    let others = numbers.budgets().into_iter().chain(numbers.collapse()).chain(numbers.batch());
    strategies.into_iter().chain(others).collect()
}

/// The optimistic lock: what was found by clients, strategy and number.
struct Strategies<'a>(BTreeMap<(u32, &'a str, &'a str), &'a Found>);

impl<'a> Strategies<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let places = findings.iter().filter_map(|finding| {
            let (clients, strategy) = clients_and_strategy(finding)?;
            Some(((clients, strategy, finding.quantity.as_str()), &finding.found))
        });
        Self(places.collect())
    }

    fn conclusions(&self) -> Vec<Conclusion> {
        let claims = [
            ("Full jitter makes fewer calls than decorrelated jitter", "calls", "FullJitter", "Decorr"),
            ("Full jitter takes somewhat more time than decorrelated jitter", "time", "Decorr", "FullJitter"),
            ("Equal jitter makes somewhat more calls than full jitter", "calls", "FullJitter", "EqualJitter"),
            ("Equal jitter takes much more time than full jitter", "time", "FullJitter", "EqualJitter"),
            (
                "Without jitter exponential backoff makes more calls than with full jitter",
                "calls",
                "FullJitter",
                "Exponential",
            ),
            (
                "Without jitter it takes much more time than with full jitter",
                "time",
                "FullJitter",
                "Exponential",
            ),
            (
                "Not said there: to try again at once takes least time, for calls that fail cost the server nothing",
                "time",
                "None",
                "Decorr",
            ),
        ];
        claims
            .into_iter()
            .filter_map(|(claim, quantity, less, more)| self.compare(claim, quantity, less, more))
            .collect()
    }

    /// Whether one strategy has less of something than another, by the number of clients.
    fn compare(&self, claim: &'static str, quantity: &str, less: &str, more: &str) -> Option<Conclusion> {
        let [mut so, mut otherwise, mut unclear] = [const { Vec::new() }; 3];
        let mut sizes = Vec::new();
        let mut ratios = Vec::new();
        for ((clients, ..), one) in self.0.iter().filter(|((_, s, q), _)| *s == less && *q == quantity) {
            let other = self.0.get(&(*clients, more, quantity))?;
            let z = (other.mean - one.mean) / other.error().hypot(one.error());
            let place = match (z.abs() >= CLEAR, z > 0.0) {
                (true, true) => &mut so,
                (true, false) => &mut otherwise,
                (false, _) => &mut unclear,
            };
            place.push(sizes.len());
            sizes.push(*clients);
            ratios.push(format!("{:+.1} % with {clients}", (other.mean / one.mean - 1.0) * 100.0));
        }
        let (first, last) = (ratios.first()?, ratios.last()?);
        let part = |words: &str, places: &[usize]| {
            (!places.is_empty()).then(|| format!("{words} {} clients", ranges(places, &sizes)))
        };
        let parts = [
            part("so with", &so),
            part("the other way round with", &otherwise),
            part("not distinguishable with", &unclear),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let found = format!(
            "{}; {quantity} of {more} against those of {less}: {first} clients, {last}",
            parts.join(", ")
        );
        let holds = Holds::of(so.is_empty(), otherwise.len() + unclear.len());
        Some(Conclusion { model: optimistic_lock::MODEL.name, claim, holds, found })
    }
}

/// Sizes at these places, in order, those that are neighbours as ranges.
fn ranges(places: &[usize], sizes: &[u32]) -> String {
    let neighbours = places.chunk_by(|one, next| one + 1 == *next);
    let words = neighbours.map(|range| match *range {
        [first, .., last] => format!("{} to {}", sizes[first], sizes[last]),
        [only] => sizes[only].to_string(),
        [] => String::new(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What was found by model, case and number.
struct Numbers<'a>(&'a [Finding]);

impl Numbers<'_> {
    fn mean(&self, model: &str, case: &str, quantity: &str) -> Option<&Found> {
        let wanted = |one: &&Finding| one.model == model && one.case == case && one.quantity == quantity;
        self.0.iter().find(wanted).map(|finding| &finding.found)
    }

    fn budgets(&self) -> Vec<Conclusion> {
        let load = |failure: &str, strategy: &str| {
            let case = format!("failure={failure};strategy={strategy}");
            self.mean(retry_budgets::MODEL.name, &case, "load").map(|found| found.mean)
        };
        let bucket = || {
            let rare = [load("0.01", "adaptive_10pct")?, load("0.01", "three_retries")?];
            let often = [load("0.5", "adaptive_10pct")?, load("0.5", "three_retries")?];
            let as_said = [(rare[0] - rare[1]).abs() < 0.005, often[0] < 1.15];
            Some(Conclusion {
                model: retry_budgets::MODEL.name,
                claim: "A token bucket lets retries be while failures are rare, and limits them to its tenth when they \
                        are many",
                holds: Holds::of_all(as_said),
                found: format!(
                    "load {:.4} instead of {:.4} with 1 % of failures, {:.3} instead of {:.3} with 50 %: a tenth, and the \
                     four tokens above one that each client has at first",
                    rare[0], rare[1], often[0], often[1]
                ),
            })
        };
        let breaker = || {
            let low = [load("0.05", "breaker_10pct")?, load("0.05", "three_retries")?];
            let high = load("0.5", "breaker_10pct")?;
            let as_said = [(low[0] - low[1]).abs() < 0.005, high < 1.01];
            Some(Conclusion {
                model: retry_budgets::MODEL.name,
                claim: "A circuit breaker that allows a tenth of failures lets retries be below that rate, and ends them \
                        above",
                holds: Holds::of_all(as_said),
                found: format!(
                    "load {high:.4} with 50 % of failures; but {:.4} instead of {:.4} with 5 %, because it counts from a client's \
                     first call and opens by chance",
                    low[0], low[1]
                ),
            })
        };
        [bucket(), breaker()].into_iter().flatten().collect()
    }

    fn collapse(&self) -> Vec<Conclusion> {
        let claims = [
            (
                "A spike leaves clients without backoff with a server that stays collapsed",
                "spike_no_backoff",
                0.0,
            ),
            ("With backoff and jitter the server recovers from it", "spike_backoff_and_jitter", 1.0),
            ("The ramp is too much without backoff", "ramp_no_backoff", 0.0),
            ("The ramp is too much with backoff, too", "ramp_backoff_and_jitter", 0.0),
        ];
        let conclusion = |(claim, run, share): (&'static str, &str, f64)| {
            let of_run = |quantity| self.mean(collapse::MODEL.name, &format!("run={run}"), quantity);
            let (recovers, late) = (of_run(collapse::RECOVERS)?, of_run("successes, 50 to 80 s")?);
            let as_said = 1.0 - (recovers.mean - share).abs();
            Some(Conclusion {
                model: collapse::MODEL.name,
                claim,
                holds: Holds::of(as_said == 0.0, usize::from(as_said < NEARLY_ALL)),
                found: format!(
                    "the server recovers in {:.0} of {} runs; from 50 s to 80 s it serves {:.1} requests a second in the mean, \
                     {:.1} to {:.1} in nine of ten runs",
                    recovers.mean * recovers.runs as f64,
                    recovers.runs,
                    late.mean,
                    late.most.0,
                    late.most.1
                ),
            })
        };
        claims.into_iter().filter_map(conclusion).collect()
    }

    /// What windows that grow more slowly than by doubling save, and cost.
    fn batch(&self) -> Option<Conclusion> {
        let of = |algorithm: &str, packets: u32, quantity| {
            let case = format!("algorithm={algorithm};n={packets}");
            self.mean(batch::MODEL.name, &case, quantity).map(|found| found.mean)
        };
        let packets = [16_384, 64].into_iter().find(|packets| of("BEB", *packets, "attempts").is_some())?;
        let against =
            |algorithm, quantity| Some(of(algorithm, packets, quantity)? / of("BEB", packets, quantity)?);
        let mut slower = 0;
        let mut parts = Vec::new();
        for algorithm in ["LogLogBackoff", "Sawtooth", "Quadratic"] {
            let [slots, attempts] = [against(algorithm, "makespan")?, against(algorithm, "attempts")?];
            slower += usize::from(slots >= 1.0);
            parts
                .push(format!("{algorithm} {slots:.2} times the slots and {attempts:.1} times the attempts"));
        }
        Some(Conclusion {
            model: batch::MODEL.name,
            claim: "Windows that grow more slowly than by doubling get a batch through sooner",
            holds: Holds::of(slower == parts.len(), slower),
            found: format!("with {packets} packets, against doubling: {}", parts.join(", ")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::published::Verdict;

    fn finding(case: &str, quantity: &str, mean: f64) -> Finding {
        Finding {
            model: optimistic_lock::MODEL.name,
            case: case.to_owned(),
            quantity: quantity.to_owned(),
            known: None,
            found: Found { mean, deviation: 10.0, runs: 100, most: (mean, mean) },
            verdict: Verdict::Alone,
        }
    }

    #[test]
    fn a_conclusion_is_said_to_hold_where_it_does() {
        let calls = |clients: u32, full: f64, decorrelated: f64| {
            [("FullJitter", full), ("Decorr", decorrelated)].map(|(strategy, mean)| {
                finding(&format!("clients={clients};strategy={strategy}"), "calls", mean)
            })
        };
        let findings = [calls(10, 39.0, 30.0), calls(20, 100.0, 101.0), calls(90, 700.0, 800.0)].concat();
        let drawn = all(&findings);
        assert_eq!(drawn.len(), 1);
        assert_eq!(drawn[0].holds, Holds::InPart);
        assert_eq!(
            drawn[0].found,
            "so with 90 clients, the other way round with 10 clients, not distinguishable with 20 clients; calls of \
             Decorr against those of FullJitter: -23.1 % with 10 clients, +14.3 % with 90"
        );
        assert_eq!(all(&findings[4..])[0].holds, Holds::Everywhere);
        assert_eq!(all(&findings[..2])[0].holds, Holds::Nowhere);
        assert!(all(&[]).is_empty());
    }
}
