//! ZoneMTA: `deferTimes` and `maxQueueTime` of the `queue` settings, in milliseconds.
//!
//! ZoneMTA lib/sender.js, lib/mail-queue.js and config/default.js.

use super::assignments::{Literal, Syntax, assignments, last};
use super::delays;
use super::reading::{Reading, Value};
use super::time;

const SYNTAX: Syntax = Syntax { comments: &["//", "#"], headers: true };

/// Reads settings in TOML, JavaScript or JSON.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let all = assignments(text, SYNTAX);
    if let Some((defer, _)) = last(&all, "deferTimes") {
        match &defer.value {
            Literal::List(items) if !items.is_empty() => {
                let mut listed = Vec::new();
                for (item, at) in items {
                    match delay(item) {
                        Some(delay) => listed.push((delay, at.clone())),
                        None => {
                            reading.refuse(at.clone(), "this is no delay", "a whole number of milliseconds")
                        }
                    }
                }
                delays::state(&mut reading, &listed, defer.at.clone());
                delays::state_attempts(&mut reading, items.len(), defer.at.clone());
            }
            _ => reading.refuse(defer.at.clone(), "`deferTimes` is no list of delays", "numbers in brackets"),
        }
    }
    if let Some((age, _)) = last(&all, "maxQueueTime") {
        match delay(&age.value) {
            Some(age_limit) => reading.set("lifetime.age", age.at.clone(), Value::time(age_limit)),
            None => {
                reading.refuse(age.at.clone(), "`maxQueueTime` is no time", "a whole number of milliseconds")
            }
        }
    }
    reading
}

fn delay(literal: &Literal) -> Option<crate::time::Span> {
    match literal {
        Literal::Number(millis) => time::milliseconds(*millis),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_milliseconds_in_every_language() {
        for text in [
            "[queue]\ndeferTimes = [300_000, 420000] # two\nmaxQueueTime = 86400000\n",
            "module.exports = { queue: { deferTimes: [5 * 60 * 1000, 7 * 60 * 1000], maxQueueTime: 24 * 3600 * 1000 } };",
            "{\"queue\": {\"deferTimes\": [300000, 420000], \"maxQueueTime\": 86400000}}",
        ] {
            let reading = read(text);
            assert!(reading.remarks.is_empty(), "{text}: {:?}", reading.remarks);
            let Some(Value::List(delays)) = reading.get("backoff.list.delays") else { panic!("{text}") };
            assert_eq!((&delays[0].value, &delays[1].value), (&Value::word("5m"), &Value::word("7m")));
            assert_eq!(reading.get("lifetime.attempts"), Some(&Value::Count(3)));
            assert_eq!(reading.get("lifetime.age"), Some(&Value::word("1d")));
        }
    }

    #[test]
    fn other_values_are_refused_at_their_place() {
        for (text, token) in
            [("deferTimes = [1, '5m']", "5m"), ("deferTimes = 7", "7"), ("maxQueueTime: soon", "soon")]
        {
            let reading = read(text);
            assert_eq!(reading.remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
