//! What two policies do differently.

use std::fmt;

use super::delays;
use crate::scenario::written::Policy;
use crate::time::Span;

/// One key of a policy with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key, with dots.
    pub key: String,
    /// What was asked for; `None` if the key is not there.
    pub asked: Option<String>,
    /// What comes of it.
    pub comes: Option<String>,
}

/// Parts of which one of several kinds is chosen.
const TAGGED: [&str; 5] = ["backoff", "memory", "runner", "jitter", "phase"];

/// What is said of a policy, and is no part of what it does.
const DESCRIPTION: [&str; 3] = ["about", "source", "confidence"];

/// How a program is made inside, which none of them lets set and which matters below a second.
const INSIDE: [&str; 3] = ["clock", "connections.hand_over", "runner.queue-run.look"];

/// All keys in which two policies differ. Backoffs that come to the same delays are alike, however
/// they are written.
pub fn between(asked: &Policy, comes: &Policy) -> Vec<Difference> {
    let table = |policy: &Policy| toml::Table::try_from(policy).unwrap_or_default();
    let (mut one, mut other) = (table(asked), table(comes));
    for key in DESCRIPTION {
        one.remove(key);
        other.remove(key);
    }
    if same_delays(asked, comes) {
        one.remove("backoff");
        other.remove("backoff");
    }
    let mut found = Vec::new();
    tables(&one, &other, "", &mut found);
    found.retain(|difference| !INSIDE.contains(&difference.key.as_str()));
    found
}

/// Whether a message that always fails is put off alike, for as long as both try. Programs count whole
/// seconds: less than one, or than a thousandth, is no difference.
fn same_delays(one: &Policy, other: &Policy) -> bool {
    let (Some(one), Some(other)) = (delays::all(one), delays::all(other)) else { return false };
    let alike = |(one, other): (&Span, &Span)| {
        let apart = (one.as_micros() - other.as_micros()).abs();
        apart < 1_000_000 || apart < one.as_micros() / 1_000
    };
    one.iter().zip(&other).all(alike)
}

fn tables(one: &toml::Table, other: &toml::Table, path: &str, found: &mut Vec<Difference>) {
    let more = other.keys().filter(|key| !one.contains_key(*key));
    for key in one.keys().chain(more) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        values(one.get(key), other.get(key), key, path, found);
    }
}

fn values(
    one: Option<&toml::Value>,
    other: Option<&toml::Value>,
    key: &str,
    path: String,
    found: &mut Vec<Difference>,
) {
    if one == other {
        return;
    }
    if let (Some(toml::Value::Table(one)), Some(toml::Value::Table(other))) = (one, other) {
        // Another kind is said in one line; the same kind, or a part with keys of its own, key by key.
        if !TAGGED.contains(&key) || one.keys().eq(other.keys()) {
            return tables(one, other, &path, found);
        }
    }
    let shown = |value: Option<&toml::Value>| value.map(|value| self::shown(value, key));
    found.push(Difference { key: path, asked: shown(one), comes: shown(other) });
}

fn shown(value: &toml::Value, key: &str) -> String {
    match value {
        toml::Value::Table(table) if TAGGED.contains(&key) => {
            table.keys().next().cloned().unwrap_or_default()
        }
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, asked, comes } = self;
        match (asked, comes) {
            (Some(asked), Some(comes)) => write!(f, "`{key}` is {asked}, but comes to {comes}"),
            (Some(asked), None) => write!(f, "`{key}` is {asked}, but cannot be set"),
            (None, Some(comes)) => write!(f, "`{key}` is not set, but comes to {comes}"),
            (None, None) => write!(f, "`{key}` differs"),
        }
    }
}
