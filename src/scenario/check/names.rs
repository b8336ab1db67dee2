//! Names that a user gives: they stand in tables, files and messages.

use super::judge::Judge;
use crate::scenario::spanned::Spanned;
use crate::scenario::variant::Scenario;
use crate::scenario::written::WrittenScenario;

/// Judges the names of policies and variants.
pub fn compared(judge: &mut Judge, scenario: &Scenario) {
    scenario.policies.keys().for_each(|name| self::name(judge, name, "a policy"));
    scenario.variants.keys().for_each(|name| self::name(judge, name, "a variant"));
}

/// Judges the names inside one variant.
pub fn parts(judge: &mut Judge, written: &WrittenScenario) {
    for (name, recipient) in &written.recipients {
        self::name(judge, name, "a recipient");
        recipient.gates.keys().for_each(|name| self::name(judge, name, "a gate"));
    }
    for (name, population) in &written.senders {
        self::name(judge, name, "a population");
        population.arrivals.keys().for_each(|name| self::name(judge, name, "a source of mail"));
        population.flushes.keys().for_each(|name| self::name(judge, name, "a flush"));
    }
}

/// Refuses names that nobody can see, and those that would break a line or steer a terminal.
pub fn name(judge: &mut Judge, name: &Spanned<String>, what: &str) {
    if name.trim().is_empty() {
        let message = format!("the name of {what} is empty");
        judge.value(name.place(), message, "give it a name");
    } else if name.chars().any(char::is_control) {
        let message = format!("the name of {what} has control characters in it");
        judge.value(name.place(), message, "leave out line ends, tabs and escapes");
    }
}
