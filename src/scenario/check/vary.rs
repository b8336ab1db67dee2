//! What is drawn anew for each replication: its keys and ranges. Whether the keys exist and take such values is found by
//! trying, see [`worlds`](crate::scenario::worlds).

use std::ops::Range as Place;

use super::judge::Judge;
use crate::quantity::{RangeError, Scale};
use crate::scenario::finding::{Finding, Kind};
use crate::scenario::overrides;
use crate::scenario::spanned::Spanned;
use crate::scenario::tree::Node;
use crate::scenario::variant::Scenario;
use crate::scenario::written::{Between, Plain, Varied};

/// Tables whose keys may differ from replication to replication.
const VARIABLE: [&str; 3] = ["recipients", "senders", "policies"];

/// Judges `vary`.
pub fn vary(judge: &mut Judge, scenario: &Scenario) {
    let mut earlier: Vec<&Spanned<String>> = Vec::new();
    for (key, varied) in &scenario.base.vary {
        if let Some(path) = path(judge, key) {
            if let Some(other) = earlier.iter().find(|other| overrides::is_below(key, other)) {
                judge.contradiction(
                    key.place(),
                    format!("`{key}` is drawn twice"),
                    (other.place(), "it is drawn here, too"),
                    "leave one of the two out",
                );
            }
            not_in_variants(judge, key, &path, scenario);
        }
        earlier.push(key);
        match varied {
            Varied::Between(between) => range(judge, key, between),
            Varied::Among(values) => list(judge, key, values),
        }
    }
}

fn path(judge: &mut Judge, key: &Spanned<String>) -> Option<Vec<String>> {
    let Some(path) = overrides::path(key) else {
        let message = format!("`{}` is no key", **key);
        judge.value(key.place(), message, "write it as for --set, for example \"recipients.mx.slots\"");
        return None;
    };
    if !VARIABLE.contains(&path[0].as_str()) || path.len() < 2 {
        let message = format!("`{}` cannot be drawn for each replication", **key);
        judge.add(
            Finding::error(Kind::Contradiction, key.place(), message)
                .label("the same in all of them")
                .help("keys below `recipients`, `senders` and `policies` can be"),
        );
        return None;
    }
    Some(path)
}

/// All variants meet the same world.
fn not_in_variants(judge: &mut Judge, key: &Spanned<String>, path: &[String], scenario: &Scenario) {
    for (name, variation) in &scenario.variants {
        if let Some(place) = changed_at(&variation.patch, path) {
            judge.contradiction(
                key.place(),
                format!("`{key}` is drawn, and the variant `{name}` sets it"),
                (place, "set here"),
                "all variants meet the same worlds: leave one of the two out",
            );
        }
    }
}

/// Where a patch changes what lies at the path, or something around it.
fn changed_at(patch: &Node, path: &[String]) -> Option<Place<usize>> {
    let mut node = patch;
    for key in path {
        if node.as_table().is_none() {
            return Some(node.span.clone());
        }
        node = node.get(key)?;
    }
    Some(node.span.clone())
}

fn range(judge: &mut Judge, key: &Spanned<String>, between: &Between) {
    for end in [&between.from, &between.to] {
        if end.amount().is_none() {
            judge.value(
                end.place(),
                format!("{} cannot be an end of a range", end.as_change()),
                format!(
                    "write a duration, a rate, a share or a number; words go into a list, \"{}\" = [\"a\", \"b\"]",
                    **key
                ),
            );
            return;
        }
    }
    let help = match between.range() {
        Ok(_) => return,
        Err(RangeError::Dimensions) => "write both ends in the same kind of unit",
        Err(RangeError::Order) => "write the smaller end first; leave `vary` out for what is always the same",
        Err(RangeError::LogFromZero) => "write a smallest value above zero, or leave `scale` out",
    };
    let place = if *between.scale == Scale::Log { &between.from } else { &between.to }.place();
    if let Err(error) = between.range() {
        judge.value(place, format!("this makes no range: {error}"), help);
    }
}

fn list(judge: &mut Judge, key: &Spanned<String>, values: &[Spanned<Plain>]) {
    if values.len() < 2 {
        let message = format!("there is nothing to draw from for `{key}`");
        judge.value(key.place(), message, "write at least two values");
    }
    for (place, value) in values.iter().enumerate() {
        if let Some(other) = values[..place].iter().find(|other| *other == value) {
            judge.contradiction(
                value.place(),
                format!("{} is listed twice", value.as_change()),
                (other.place(), "listed here, too"),
                "all values of a list are equally likely",
            );
        }
    }
}
