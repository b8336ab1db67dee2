//! Populations of sending hosts.

use super::judge::Judge;
use super::policy;
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::spanned::Spanned;
use crate::scenario::written::{Destination, MessageShare, Population, PopulationPolicy, WrittenScenario};
use crate::time::Instant;

/// The most hosts of a population.
const MOST_HOSTS: u32 = 1_000_000;

/// Judges all populations, and that somebody sends to somebody.
pub fn populations(judge: &mut Judge, written: &WrittenScenario) {
    if written.recipients.is_empty() {
        let finding = Finding::error(Kind::MissingKey, 0..0, "there is no recipient");
        judge.add(finding.help("add a table such as [recipients.mx]"));
    }
    let compared = |population: &Population| matches!(*population.policy, PopulationPolicy::Compared);
    if !written.senders.values().any(compared) {
        let finding = match written.senders.values().next() {
            None => Finding::error(Kind::MissingKey, 0..0, "nobody sends"),
            Some(first) => {
                let message = "no population uses the compared policies, so that all variants are the same";
                Finding::error(Kind::Contradiction, first.policy.place(), message)
            }
        };
        judge.add(finding.help("give a population `policy = \"compared\"`"));
    }
    for (name, population) in &written.senders {
        self::population(judge, name, population, written);
    }
    let own = written.senders.values().filter_map(|population| match &*population.policy {
        PopulationPolicy::Own { policy, .. } => Some(policy),
        PopulationPolicy::Compared => None,
    });
    for own in own {
        policy::policy(judge, own);
    }
}

fn population(judge: &mut Judge, name: &Spanned<String>, population: &Population, written: &WrittenScenario) {
    judge.at_least(&population.hosts, 1, "the number of hosts");
    if *population.hosts > MOST_HOSTS {
        let message = format!("{} hosts are too many to keep apart", population.hosts);
        judge.value(population.hosts.place(), message, format!("write at most {MOST_HOSTS}"));
    }
    if let MessageShare::Zipf(exponent) = &*population.share {
        judge.within(exponent, 0.0..=10.0, "the exponent");
    }
    destination(judge, name, population, written);
    if population.arrivals.is_empty() {
        let finding =
            Finding::error(Kind::Size, name.place(), format!("the population `{name}` has no mail to send"));
        judge.add(
            finding.help(format!("add for example `senders.{name}.arrivals.mail.poisson.rate = \"10/min\"`")),
        );
    }
    for flush in population.flushes.values() {
        judge.duration(&flush.at);
        if Instant::ZERO.saturating_add(flush.at.span()) >= written.end() {
            judge.unused(flush.at.place(), "this flush lies beyond the horizon", "write an earlier time");
        }
        if let Some(rate) = &flush.rate {
            judge.rate(rate, rate.place());
        }
    }
}

fn destination(
    judge: &mut Judge,
    name: &Spanned<String>,
    population: &Population,
    written: &WrittenScenario,
) {
    let known = || written.recipients.keys().map(|name| name.as_str());
    let Some(to) = &population.to else {
        if written.recipients.len() > 1 {
            let message = format!("nothing says to which recipient the population `{name}` sends");
            let names: Vec<&str> = known().collect();
            let help = format!("add for example `to = \"{}\"`", names.first().copied().unwrap_or_default());
            judge.add(Finding::error(Kind::MissingKey, name.place(), message).help(help));
        }
        return;
    };
    match &**to {
        Destination::One(one) => {
            if !written.recipients.contains_key(one.as_str()) {
                judge.unknown(to.place(), "recipient", one, known());
            }
        }
        Destination::Weights(weights) => {
            for (one, weight) in weights {
                if !written.recipients.contains_key(one.as_str()) {
                    judge.unknown(one.place(), "recipient", one, known());
                }
                judge.within(weight, 0.0..=1e9, "a weight");
            }
            if weights.values().all(|weight| **weight == 0.0) {
                judge.value(to.place(), "all weights are zero", "give at least one recipient a weight");
            }
        }
    }
}
