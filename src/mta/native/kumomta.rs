//! KumoMTA: `kumo.make_queue_config` and `kumo.make_egress_path` in Lua, or the TOML of its helpers.
//!
//! KumoMTA crates/kumod/src/queue/config.rs and queue.rs; crates/kumo-api-types/src/egress_path.rs.

use std::ops::Range;

use super::assignments::{Assignment, Literal, Syntax, assignments, last};
use super::reading::{Item, Reading, Value};
use super::time;
use crate::time::Span;

const SYNTAX: Syntax = Syntax { comments: &["--", "#"], headers: true };

const NOT_MODELLED: [(&str, &str); 4] = [
    ("max_message_rate", "limits the rate of messages"),
    ("max_connection_rate", "limits the rate of connections"),
    ("source_selection_rate", "limits the rate of connections"),
    ("max_ready", "limits how much mail is ready at once"),
];

/// Reads literal settings; what is computed is not evaluated.
pub fn read(text: &str) -> Reading {
    let mut reader = Reader { all: assignments(text, SYNTAX), reading: Reading::default() };
    for (name, key) in [
        ("retry_interval", "backoff.exponential.initial"),
        ("max_retry_interval", "backoff.exponential.max"),
        ("max_age", "lifetime.age"),
        ("connect_timeout", "connections.connect_timeout"),
        ("banner_timeout", "connections.greeting_timeout"),
    ] {
        if let Some((span, at)) = reader.time(name) {
            if name == "retry_interval" {
                reader.reading.set("backoff.exponential.jitter", at.clone(), jitter(span, &at));
            }
            reader.reading.set(key, at, Value::time(span));
        }
    }
    let failures = reader.count("consecutive_connection_failures_before_delay");
    if let Some((failures, at)) = failures {
        reader.reading.set("memory.consecutive-failures.failures", at, Value::Count(failures));
    }
    if let Some((limit, at)) = reader.count("connection_limit") {
        reader.reading.set("connections.per_destination", at, Value::Count(limit));
    }
    if let Some((most, at)) = reader.count("max_deliveries_per_connection") {
        let reuse = if most == 1 { "none" } else { "active" };
        reader.reading.set("connections.messages_per_connection", at.clone(), Value::Count(most));
        reader.reading.set("connections.reuse", at, Value::word(reuse));
    }
    for (name, effect) in NOT_MODELLED {
        if let Some(one) = reader.one(name) {
            let message = format!("`{name}` {effect}, which is not modelled");
            reader.reading.warn(one.at, message, "the policy is as if it were not set");
        }
    }
    reader.reading
}

/// A twentieth of the first delay, at most a minute, half of it either way (`delay_for_attempt`).
fn jitter(initial: Span, at: &Range<usize>) -> Value {
    let half = (initial / 40).min(Span::from_seconds(30));
    Value::Table(vec![("uniform", Item { at: at.clone(), value: Value::time(half) })])
}

struct Reader {
    all: Vec<Assignment>,
    reading: Reading,
}

impl Reader {
    /// The last assignment of a name.
    fn one(&mut self, name: &str) -> Option<Assignment> {
        let (one, others_differ) = last(&self.all, name)?;
        if others_differ {
            let message = format!("`{name}` is set more than once, and differently");
            self.reading.warn(
                one.at.clone(),
                message,
                "the last one counts; keep only the queue that is meant",
            );
        }
        Some(one.clone())
    }

    fn time(&mut self, name: &str) -> Option<(Span, Range<usize>)> {
        let one = self.one(name)?;
        let span = match &one.value {
            Literal::Text(text) => time::in_words(text, None),
            Literal::Number(seconds) => time::seconds(*seconds),
            Literal::List(_) | Literal::Other => None,
        };
        match span.filter(|&span| span > Span::ZERO) {
            Some(span) => Some((span, one.at)),
            None => self.refused(name, one.at, "a time such as '20 minutes', or a number of seconds"),
        }
    }

    fn count(&mut self, name: &str) -> Option<(u32, Range<usize>)> {
        let one = self.one(name)?;
        let count = match &one.value {
            Literal::Number(number) => u32::try_from(*number).ok(),
            _ => None,
        };
        match count.filter(|&count| count > 0) {
            Some(count) => Some((count, one.at)),
            None => self.refused(name, one.at, "a whole number from 1"),
        }
    }

    fn refused<T>(&mut self, name: &str, at: Range<usize>, expected: &str) -> Option<T> {
        self.reading.refuse(at, format!("`{name}` is not understood"), expected);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lua_and_toml() {
        let lua = "kumo.on('get_queue_config', function(domain)\n  return kumo.make_queue_config {\n    -- retry_interval = '1 hour',\n    retry_interval = '10 minutes', max_retry_interval = 3600, max_age = '2 days' }\nend)\nkumo.make_egress_path { connection_limit = 10 }";
        let toml = "[queue.default]\nretry_interval = \"10m\" # x\nmax_retry_interval = '1h'\nmax_age = '48 hours'\n[path]\nconnection_limit = 10\n";
        for text in [lua, toml] {
            let reading = read(text);
            assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
            assert_eq!(reading.get("backoff.exponential.initial"), Some(&Value::word("10m")));
            assert_eq!(reading.get("backoff.exponential.max"), Some(&Value::word("1h")));
            assert_eq!(reading.get("lifetime.age"), Some(&Value::word("2d")));
            assert_eq!(reading.get("connections.per_destination"), Some(&Value::Count(10)));
        }
    }

    #[test]
    fn doubts_and_mistakes_are_shown() {
        let text = "retry_interval = 'often'\nmax_age = f(x)\nconnection_limit = 5\nconnection_limit = 6\nmax_ready = 9\n";
        let reading = read(text);
        let places: Vec<&str> =
            reading.remarks.iter().map(|remark| &text[remark.at.clone().expect("a place")]).collect();
        assert_eq!(places, ["often", "f", "6", "9"]);
        assert_eq!(reading.get("connections.per_destination"), Some(&Value::Count(6)));
    }
}
