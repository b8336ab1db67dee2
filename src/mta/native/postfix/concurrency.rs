//! How many deliveries to a destination there are at a time.
//!
//! Postfix src/qmgr/qmgr_transport.c (`qmgr_transport_create`) and qmgr_feedback.c.

use std::ops::Range;

use super::main_cf::Token;
use super::{INITIAL, LIMIT, Reader};
use crate::mta::native::reading::Value;
use crate::time::Span;

/// Where there is no limit of processes either, the messages of the active queue are one.
const ACTIVE: u32 = 20_000;

/// Measured with Postfix 3.7: a scan lets in about a message a millisecond, and hears in between what has
/// happened. Without a delay between deliveries that makes no difference: what comes after a site has died is
/// put off as well.
const FEEDS: Span = Span::from_micros(1_000);

impl Reader<'_> {
    /// The window of connections, its feedback and its death.
    pub fn concurrency(&mut self) {
        let processes = self.count("default_process_limit", 0);
        let all = processes.as_ref().map_or(100, |&(count, _)| if count == 0 { ACTIVE } else { count });
        if let Some((_, at)) = &processes {
            self.reading.set("connections.total", at.clone(), Value::Count(all));
        }
        let limit = self.of_transport(
            "_destination_concurrency_limit",
            "default_destination_concurrency_limit",
            |reader, name| reader.count(name, 0),
        );
        let limit = limit.map(|(count, at)| (if count == 0 { all } else { count }, at));
        let initial = self.of_transport(
            "_initial_destination_concurrency",
            "initial_destination_concurrency",
            |reader, name| reader.count(name, 1),
        );
        self.window(limit, initial);
        for (end, key) in [
            ("_destination_concurrency_positive_feedback", "memory.dead-site.positive"),
            ("_destination_concurrency_negative_feedback", "memory.dead-site.negative"),
        ] {
            let general = format!("default{end}");
            let written = self.of_transport(end, &general, |reader, name| reader.token(name));
            if let Some(token) = written {
                self.feedback(key, &token);
            }
        }
        let end = "_destination_concurrency_failed_cohort_limit";
        let cohorts = self.of_transport(end, &format!("default{end}"), |reader, name| reader.count(name, 0));
        if let Some((count, at)) = cohorts {
            self.reading.set("memory.dead-site.cohorts", at, Value::Number(f64::from(count)));
        }
        self.rate_delay();
    }

    /// The window begins at no more than its limit (`qmgr_transport_create`).
    fn window(&mut self, limit: Option<(u32, Range<usize>)>, initial: Option<(u32, Range<usize>)>) {
        let default = |text: &str| text.parse().unwrap_or(u32::MAX);
        if let Some((limit, at)) = &limit {
            self.reading.set("memory.dead-site.limit", at.clone(), Value::Count(*limit));
            self.reading.set("connections.per_destination", at.clone(), Value::Count(*limit));
        }
        let most = limit.as_ref().map_or(default(LIMIT), |(limit, _)| *limit);
        let begins = initial.as_ref().map_or(default(INITIAL), |(initial, _)| *initial);
        let place = match (&initial, &limit) {
            (Some((_, at)), _) => at.clone(),
            (None, Some((_, at))) if begins > most => at.clone(),
            _ => return,
        };
        self.reading.set("memory.dead-site.window", place, Value::Count(begins.min(most)));
    }

    /// A number from 0 to 1, alone or over something; Postfix takes anything else for 1.
    fn feedback(&mut self, key: &'static str, token: &Token) {
        let (numerator, over) = token.text.split_once('/').unwrap_or((&token.text, "1"));
        let (numerator, over) = (numerator.trim(), over.trim());
        let number =
            |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        let (divisor, over) = match over {
            "concurrency" => (Some(1.0), "/concurrency".to_owned()),
            "sqrt_concurrency" => (Some(1.0), "/sqrt-concurrency".to_owned()),
            "1" => (Some(1.0), String::new()),
            other => {
                let divisor = number(other).filter(|divisor| *divisor > 0.0);
                (divisor, divisor.map_or(String::new(), |divisor| format!("/{divisor}")))
            }
        };
        let value = number(numerator).zip(divisor).filter(|(value, divisor)| value / divisor <= 1.0);
        let feedback = match value {
            Some((value, _)) => format!("{value}{over}"),
            None => {
                let message = format!("Postfix ignores the feedback `{}` and uses 1", token.text);
                let help = "write a number from 0 to 1, `number / number`, `1 / concurrency` or `1 / sqrt_concurrency`";
                self.reading.warn(token.at.clone(), message, help);
                "1".to_owned()
            }
        };
        self.reading.set(key, token.at.clone(), Value::Text(feedback));
    }

    /// With a delay between deliveries they go one at a time (`qmgr_transport_create`).
    fn rate_delay(&mut self) {
        if let Some((delay, at)) = self.rate_delay_of("retry") {
            self.reading.set("connections.rest_suspended", at, Value::time(delay));
        }
        let transport = self.transport.clone();
        let Some((delay, at)) = self.rate_delay_of(&transport) else { return };
        for key in ["memory.dead-site.window", "memory.dead-site.limit", "connections.per_destination"] {
            self.reading.set(key, at.clone(), Value::Count(1));
        }
        self.reading.set("runner.scan.feeds", at.clone(), Value::time(FEEDS));
        self.reading.set("connections.rest", at, Value::time(delay));
    }

    fn rate_delay_of(&mut self, transport: &str) -> Option<(Span, Range<usize>)> {
        let end = "_destination_rate_delay";
        let delay =
            self.of(transport, end, &format!("default{end}"), |reader, name| reader.time(name, 's', 0));
        delay.filter(|&(delay, _)| delay > Span::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::reading::Reading;
    use super::*;

    fn read(text: &str) -> Reading {
        super::super::read(text, None)
    }

    fn text(word: &str) -> Value {
        Value::word(word)
    }

    #[test]
    fn feedback_in_all_its_forms() {
        for (written, expected, remarks) in [
            ("1", "1", 0),
            ("0.125", "0.125", 0),
            ("1 / concurrency", "1/concurrency", 0),
            ("1/sqrt_concurrency", "1/sqrt-concurrency", 0),
            ("1 / 8", "1/8", 0),
            ("0", "0", 0),
            ("1e-3", "0.001", 0),
            ("2/concurrency", "1", 1),
            ("1/x", "1", 1),
        ] {
            let file = format!("smtp_destination_concurrency_positive_feedback = {written}\n");
            let reading = read(&file);
            assert_eq!(reading.get("memory.dead-site.positive"), Some(&text(expected)), "{written}");
            assert_eq!(reading.remarks.len(), remarks, "{written}");
            assert!(!reading.has_errors());
        }
    }

    #[test]
    fn limits_of_the_transport_come_before_the_general_ones() {
        let file = "default_destination_concurrency_limit = 10\nrelay_destination_concurrency_limit = 3\n\
                    default_destination_concurrency_negative_feedback = 1/8\n";
        let relay = super::super::read(file, Some("relay"));
        assert_eq!(relay.get("memory.dead-site.limit"), Some(&Value::Count(3)));
        assert_eq!(relay.get("memory.dead-site.window"), Some(&Value::Count(3)));
        assert_eq!(relay.get("memory.dead-site.negative"), Some(&text("1/8")));
        let smtp = read(file);
        assert_eq!(smtp.get("connections.per_destination"), Some(&Value::Count(10)));
        assert_eq!(smtp.get("memory.dead-site.window"), None);
        let default = read(&format!("{file}default_transport = relay:[mx.example]\n"));
        assert_eq!(default.get("memory.dead-site.limit"), Some(&Value::Count(3)));
    }

    #[test]
    fn no_limit_is_the_limit_of_processes() {
        let reading = read("smtp_destination_concurrency_limit = 0\ndefault_process_limit = 50\n");
        assert_eq!(reading.get("connections.per_destination"), Some(&Value::Count(50)));
        let delayed = read("smtp_destination_rate_delay = 1s\n");
        assert_eq!(delayed.get("memory.dead-site.limit"), Some(&Value::Count(1)));
        assert_eq!(delayed.get("connections.rest"), Some(&text("1s")));
        assert_eq!(delayed.remarks, []);
        assert_eq!(delayed.get("runner.scan.feeds"), Some(&text("1ms")));
        assert_eq!(delayed.get("connections.rest_suspended"), None);
        let for_all = read("default_destination_rate_delay = 1s\n");
        assert_eq!(for_all.get("connections.rest"), Some(&text("1s")));
        assert_eq!(for_all.get("connections.rest_suspended"), Some(&text("1s")));
        let not_retry = read("default_destination_rate_delay = 1s\nretry_destination_rate_delay = 0s\n");
        assert_eq!(not_retry.get("connections.rest"), Some(&text("1s")));
        assert_eq!(not_retry.get("connections.rest_suspended"), None);
    }
}
