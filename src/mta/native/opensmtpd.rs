//! OpenSMTPD: `smtpd.conf`.
//!
//! OpenSMTPD usr.sbin/smtpd/parse.y (`delaytonum`) and limit.c.

use std::ops::Range;

use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

/// The limits that bound connections to one server, with their defaults (limit.c).
const CONNECTIONS: [(&str, u32); 3] =
    [("max-conn-per-host", 10), ("max-conn-per-route", 5), ("max-conn-per-domain", 100)];

/// Reads the queue's settings and the limits of the transfer agent.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut limits: Vec<(Word<'_>, Word<'_>)> = Vec::new();
    for line in lines(text) {
        let words: Vec<&str> = line.iter().map(|word| word.text).collect();
        match words.as_slice() {
            ["queue", "ttl", _, ..] => age(&line[2], &mut reading),
            ["action", .., "ttl", _] if words.contains(&"relay") => age(&line[line.len() - 1], &mut reading),
            ["bounce", "warn-interval", _, ..] => warn_interval(&line[2..], &mut reading),
            ["queue", "ttl"] | ["bounce", "warn-interval"] => {
                let (first, last) = (&line[0], &line[1]);
                let message = format!("`{} {}` has no value", first.text, last.text);
                reading.refuse(first.at.start..last.at.end, message, "a time such as 4d after it");
            }
            ["limit", "mta", "for", "domain", ..] => {
                let message = "limits of single domains are not read";
                reading.warn(
                    line[0].at.start..line[line.len() - 1].at.end,
                    message,
                    "write them for all domains",
                );
            }
            ["limit", "mta", ..] => {
                let pairs = line[2..].chunks_exact(2);
                if let [name] = pairs.remainder() {
                    let message = format!("`{}` has no value", name.text);
                    reading.refuse(name.at.range(), message, "a whole number after it");
                }
                limits.extend(pairs.map(|pair| (pair[0], pair[1])));
            }
            _ => {}
        }
    }
    self::limits(&limits, &mut reading);
    reading
}

#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    at: At,
}

#[derive(Clone, Copy)]
struct At {
    start: usize,
    end: usize,
}

impl At {
    fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// The words of each line; a backslash at the end joins the next, `#` begins a comment.
fn lines(text: &str) -> Vec<Vec<Word<'_>>> {
    let mut lines: Vec<Vec<Word<'_>>> = Vec::new();
    let (mut start, mut joined) = (0, false);
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let shown = line.split('#').next().unwrap_or_default().trim_end();
        let (shown, goes_on) = shown.strip_suffix('\\').map_or((shown, false), |shown| (shown, true));
        let mut words = Vec::new();
        let mut from = 0;
        let is_break = |letter: char| letter.is_whitespace() || matches!(letter, ',' | '{' | '}' | '"');
        for part in shown.split(is_break) {
            if !part.is_empty() {
                words.push(Word { text: part, at: At { start: at + from, end: at + from + part.len() } });
            }
            // All breaks are a byte long, but for exotic white space.
            from += part.len() + shown[from + part.len()..].chars().next().map_or(0, char::len_utf8);
        }
        match lines.last_mut().filter(|_| joined) {
            Some(line) => line.extend(words),
            None => lines.push(words),
        }
        joined = goes_on;
    }
    lines
}

/// A number with one unit, s, m, h or d.
fn delay(word: &Word<'_>, reading: &mut Reading) -> Option<Span> {
    let one_unit =
        word.text.bytes().filter(|byte| !byte.is_ascii_digit()).count() == 1 && !word.text.ends_with('w');
    let span = time::concatenated(word.text, None).filter(|&span| one_unit && span > Span::ZERO);
    if span.is_none() {
        let message = format!("`{}` is no time", word.text);
        reading.refuse(word.at.range(), message, "a whole number with one of the units s, m, h and d");
    }
    span
}

fn age(word: &Word<'_>, reading: &mut Reading) {
    if let Some(span) = delay(word, reading) {
        reading.set("lifetime.age", word.at.range(), Value::time(span));
    }
}

fn warn_interval(words: &[Word<'_>], reading: &mut Reading) {
    if let Some(span) = delay(&words[0], reading) {
        reading.set("lifetime.warn_after", words[0].at.range(), Value::time(span));
    }
    if let Some(second) = words.get(1) {
        let message = "only the first delay warning is modelled";
        reading.warn(second.at.range(), message, "the others are passed over");
    }
}

fn limits(written: &[(Word<'_>, Word<'_>)], reading: &mut Reading) {
    let mut last = |name: &str, least: u32| {
        let (_, value) = written.iter().rev().find(|(key, _)| key.text == name)?;
        match value.text.parse::<u32>().ok().filter(|&number| number >= least) {
            Some(number) => Some((number, value.at.range())),
            None => {
                let message = format!("`{name}` is `{}`", value.text);
                reading.refuse(value.at.range(), message, &format!("a whole number from {least}"));
                None
            }
        }
    };
    let connections = CONNECTIONS.map(|(name, default)| (last(name, 1), default));
    let messages = last("session-mail-max", 1);
    let pace = last("conn-delay-route", 0);
    let least =
        connections.iter().map(|(set, default)| set.as_ref().map_or(*default, |(count, _)| *count)).min();
    let place = connections.iter().find_map(|(set, _)| set.as_ref().map(|(_, at)| at.clone()));
    if let Some((least, at)) = least.zip(place) {
        reading.set("connections.per_destination", at, Value::Count(least));
    }
    if let Some((messages, at)) = messages {
        let reuse = if messages == 1 { "none" } else { "active" };
        reading.set("connections.messages_per_connection", at.clone(), Value::Count(messages));
        reading.set("connections.reuse", at, Value::word(reuse));
    }
    if let Some((seconds, at)) = pace {
        reading.set("connections.pace", at, Value::time(Span::from_seconds(seconds.into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_and_limits() {
        let text = "# smarthost\nqueue ttl 2d\nbounce warn-interval { 4h, 1d }\nlimit mta max-conn-per-host 3 \\\n  conn-delay-route 0\naction \"out\" relay host smtp://127.0.0.1\n";
        let reading = read(text);
        assert_eq!(reading.get("lifetime.age"), Some(&Value::word("2d")));
        assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::word("4h")));
        assert_eq!(reading.get("connections.per_destination"), Some(&Value::Count(3)));
        assert_eq!(reading.get("connections.pace"), Some(&Value::word("0s")));
        assert_eq!(reading.remarks.len(), 1, "{:?}", reading.remarks);
        let own = read("queue ttl 2d\naction \"x\" relay ttl 1d\n");
        assert_eq!(own.get("lifetime.age"), Some(&Value::word("1d")));
        assert_eq!(read(""), Reading::default());
    }

    #[test]
    fn mistakes_are_shown_at_their_word() {
        for (text, token) in [
            ("queue ttl 1h30m\n", "1h30m"),
            ("queue ttl 4w\n", "4w"),
            ("bounce warn-interval soon\n", "soon"),
            ("limit mta session-mail-max 0\n", "0"),
        ] {
            assert_eq!(read(text).remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
