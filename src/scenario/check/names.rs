//! Names that a user gives: they stand in tables, files and messages.

use super::judge::Judge;
use crate::scenario::spanned::Spanned;
use crate::scenario::variant::Scenario;
use crate::scenario::written::WrittenScenario;

/// Judges the title and the names of policies and variants.
pub fn compared(judge: &mut Judge, scenario: &Scenario) {
    self::name(judge, &scenario.base.title, "the title");
    scenario.policies.keys().for_each(|name| self::name(judge, name, "the name of a policy"));
    scenario.variants.keys().for_each(|name| self::name(judge, name, "the name of a variant"));
}

/// Judges the names inside one variant.
pub fn parts(judge: &mut Judge, written: &WrittenScenario) {
    for (name, recipient) in &written.recipients {
        self::name(judge, name, "the name of a recipient");
        recipient.gates.keys().for_each(|name| self::name(judge, name, "the name of a gate"));
    }
    for (name, population) in &written.senders {
        self::name(judge, name, "the name of a population");
        population.arrivals.keys().for_each(|name| self::name(judge, name, "the name of a source of mail"));
        population.flushes.keys().for_each(|name| self::name(judge, name, "the name of a flush"));
    }
}

/// Refuses names that nobody can see, and those that would break a line or steer a terminal; `what` says which name
/// it is.
pub fn name(judge: &mut Judge, name: &Spanned<String>, what: &str) {
    if name.trim().is_empty() {
        let message = format!("{what} is empty");
        judge.value(name.place(), message, "write a word or more");
    } else if name.chars().any(char::is_control) {
        let message = format!("{what} has control characters in it");
        judge.value(name.place(), message, "leave out line ends, tabs and escapes");
    }
}
