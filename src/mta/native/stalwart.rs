//! Stalwart: `queue.schedule` in TOML, or a delivery schedule as JSON.
//!
//! Stalwart crates/common/src/config/smtp/queue.rs; crates/registry (`MtaDeliverySchedule`), whose durations are
//! milliseconds. Where there are several schedules, that of mail to other servers counts, `remote`. In its flat form an array is a
//! number behind a dot for each item, `retry.0 = "2m"`, and so are conditions, `retry.1.else`.

use std::collections::BTreeMap;
use std::ops::Range;

use super::assignments::{Assignment, Literal, Syntax, assignments};
use super::delays;
use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

const SYNTAX: Syntax = Syntax { comments: &["#"], headers: true };

/// What a schedule says; the first part of a path that is one of these ends its name.
const KEYS: [&str; 6] = ["retry", "notify", "expire", "expiry", "max-attempts", "queue-name"];

/// The schedule of mail to other servers, as it is shipped.
const REMOTE: &str = "remote";

/// Reads a schedule.
pub fn read(text: &str) -> Reading {
    let all = assignments(text, SYNTAX);
    let parts: Vec<(&str, &str, &Assignment)> = all.iter().filter_map(part).collect();
    let names: Vec<&str> = parts.iter().map(|&(name, _, _)| name).collect();
    let name = if names.contains(&REMOTE) { REMOTE } else { names.first().copied().unwrap_or_default() };
    let mut reader = Reader { parts, name, reading: Reading::default() };
    if let Some(others) = names.iter().find(|&&other| other != name)
        && name != REMOTE
    {
        let message = format!("there are several schedules; `{name}` is read, `{others}` is not");
        reader.reading.warn_of_all(message, "keep only the one that is meant, or call it `remote`");
    }
    reader.retry();
    reader.notify();
    reader.expire();
    reader.reading
}

/// The schedule of an assignment, its key in there, and itself.
fn part(one: &Assignment) -> Option<(&str, &str, &Assignment)> {
    let path = one.path.strip_prefix("queue.").unwrap_or(&one.path);
    let path = path.strip_prefix("schedule.").unwrap_or(path);
    let is_key = |path: &str| KEYS.contains(&path.split('.').next().unwrap_or_default());
    if is_key(path) {
        return Some(("", path, one));
    }
    let (name, key) = path.split_once('.')?;
    is_key(key).then_some((name, key, one))
}

/// A list of times, each with its place, and where the list is.
type Times = (Vec<(Span, Range<usize>)>, Range<usize>);

struct Reader<'a> {
    parts: Vec<(&'a str, &'a str, &'a Assignment)>,
    name: &'a str,
    reading: Reading,
}

impl<'a> Reader<'a> {
    fn last(&self, key: &str) -> Option<&'a Assignment> {
        let found = self.parts.iter().rev().find(|&&(name, known, _)| name == self.name && known == key);
        found.map(|&(_, _, one)| one)
    }

    fn retry(&mut self) {
        let Some((delays, at)) = self.list("retry") else { return };
        if delays.is_empty() {
            return self.reading.refuse(at, "there are no delays", "a list such as [2m, 5m, 1h]");
        }
        delays::state(&mut self.reading, &delays, at);
    }

    fn notify(&mut self) {
        let Some((times, at)) = self.list("notify") else { return };
        match times.as_slice() {
            [] => self.reading.set("lifetime.warn_after", at, Value::Absent),
            [(first, _), more @ ..] => {
                self.reading.set("lifetime.warn_after", at, Value::time(*first));
                if let Some((_, second)) = more.first() {
                    let message = "only the first delay notification is modelled";
                    self.reading.warn(second.clone(), message, "the others are passed over");
                }
            }
        }
    }

    fn expire(&mut self) {
        for key in ["expire", "expiry.expire"] {
            let Some(one) = self.last(key) else { continue };
            match delay(&one.value) {
                Some(age) => self.reading.set("lifetime.age", one.at.clone(), Value::time(age)),
                None => self.reading.refuse(one.at.clone(), "this is no time", "a time such as 3d"),
            }
        }
        for key in ["max-attempts", "expiry.maxAttempts"] {
            let Some(one) = self.last(key) else { continue };
            let count = match &one.value {
                Literal::Number(number) => u32::try_from(*number).ok().filter(|&count| count > 0),
                _ => None,
            };
            match count {
                Some(count) => {
                    self.reading.set("lifetime.attempts", one.at.clone(), Value::Count(count));
                    self.reading.set("lifetime.age", one.at.clone(), Value::Absent);
                    self.reading.set("lifetime.when", one.at.clone(), Value::word("after-attempt"));
                }
                None => self.reading.refuse(
                    one.at.clone(),
                    "this is no number of attempts",
                    "a whole number from 1",
                ),
            }
        }
    }

    /// A list of times in one of its forms: a list of strings, a list in a string, a string for each item, objects with a
    /// `duration`, or the `else` of an expression.
    fn list(&mut self, key: &str) -> Option<Times> {
        if let Some(condition) = self.under(key, &["if", "then", "else"]) {
            let message = format!("the conditions of `{key}` are not evaluated");
            let Some((otherwise, at)) = self.under(key, &["else"]) else {
                self.reading.warn(condition.1, message, "without an `else` the default counts");
                return None;
            };
            self.reading.warn(at.clone(), message, "its `else` counts");
            return self.times(&otherwise, at);
        }
        if let Some((items, at)) = self.items(key) {
            return self.times(&items, at);
        }
        let whole = self.last(key)?;
        let prefix = format!("{key}.intervals.");
        let of_objects = |&&(name, known, _): &&(&str, &str, &Assignment)| {
            name == self.name && known.starts_with(&prefix) && known.ends_with(".duration")
        };
        let objects: Vec<&Assignment> =
            self.parts.iter().filter(of_objects).map(|&(_, _, one)| one).collect();
        if !objects.is_empty() || self.last(&format!("{key}.intervals")).is_some() {
            let items: Vec<_> = objects.iter().map(|one| (one.value.clone(), one.at.clone())).collect();
            return self.times(&Literal::List(items), whole.at.clone());
        }
        if self.last(&format!("{key}.@type")).is_some() {
            // `Default`, as the preset has it.
            return None;
        }
        self.times(&whole.value, whole.at.clone())
    }

    /// The items that are written one by one, by their numbers.
    fn items(&self, key: &str) -> Option<(Literal, Range<usize>)> {
        let mut items = BTreeMap::new();
        for &(name, known, one) in &self.parts {
            let number = known.strip_prefix(key).and_then(|rest| rest.strip_prefix('.'));
            if let Some(number) = number.and_then(|rest| rest.parse::<u32>().ok())
                && name == self.name
            {
                items.insert(number, (one.value.clone(), one.at.clone()));
            }
        }
        let items: Vec<_> = items.into_values().collect();
        let start = items.iter().map(|(_, at)| at.start).min()?;
        let end = items.iter().map(|(_, at)| at.end).max()?;
        Some((Literal::List(items), start..end))
    }

    /// What is last written under one of these names below a key, with or without the number of an item between.
    fn under(&self, key: &str, names: &[&str]) -> Option<(Literal, Range<usize>)> {
        let found = self.parts.iter().rev().find_map(|&(name, known, _)| {
            let rest = known.strip_prefix(key)?.strip_prefix('.')?;
            let (number, below) = rest.split_once('.').unwrap_or(("", rest));
            let rest = if number.parse::<u32>().is_ok() { below } else { rest };
            let first = rest.split('.').next()?;
            // The name itself, without what is behind it.
            let path = &known[..known.len() - rest.len() + first.len()];
            (name == self.name && names.contains(&first)).then_some(path)
        })?;
        self.last(found).map(|one| (one.value.clone(), one.at.clone())).or_else(|| self.items(found))
    }

    fn times(&mut self, value: &Literal, at: Range<usize>) -> Option<Times> {
        let items: Vec<(Literal, Range<usize>)> = match value {
            Literal::List(items) => items.clone(),
            Literal::Text(text) => {
                let inside = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
                let start = at.start + inside.and_then(|inside| text.find(inside)).unwrap_or(0);
                let parts =
                    delays::split(inside.unwrap_or(text), start, ',').filter(|(part, _)| !part.is_empty());
                parts.map(|(part, at)| (Literal::Text(part.to_owned()), at)).collect()
            }
            Literal::Number(_) | Literal::Other => vec![(value.clone(), at.clone())],
        };
        let mut times = Vec::new();
        for (item, at) in items {
            match delay(&item) {
                Some(span) => times.push((span, at)),
                None => {
                    self.reading.refuse(at, "this is no time", "a time such as 5m");
                    return None;
                }
            }
        }
        Some((times, at))
    }
}

fn delay(literal: &Literal) -> Option<Span> {
    match literal {
        Literal::Text(text) => time::in_words(text.trim_matches(['"', '\'']), None),
        Literal::Number(millis) => time::milliseconds(*millis),
        Literal::List(_) | Literal::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(reading: &Reading) -> Vec<String> {
        let Some(Value::List(items)) = reading.get("backoff.list.delays") else { panic!("{reading:?}") };
        let word = |item: &super::super::reading::Item| match &item.value {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        items.iter().map(word).collect()
    }

    #[test]
    fn the_same_schedule_in_all_forms() {
        for text in [
            "queue.schedule.retry = \"[2m, 5m]\"\nqueue.schedule.notify = '[1d]'\nqueue.schedule.expire = '3d'\n",
            "[queue.schedule]\nretry = ['2m', '5m'] # two\nnotify = '1d'\nexpire = \"3d\"\n",
            "[queue.schedule.dsn]\nretry = ['1m']\n[queue.schedule.remote]\nretry = ['2m', '5m']\nnotify = ['1d']\nexpire = '3d'\n",
            "{\"name\": \"remote\", \"retry\": {\"@type\": \"Custom\", \"intervals\": {\"0\": {\"duration\": 120000}, \
             \"1\": {\"duration\": 300000}}}, \"notify\": {\"@type\": \"Custom\", \"intervals\": {\"0\": {\"duration\": \
             86400000}}}, \"expiry\": {\"@type\": \"Ttl\", \"expire\": 259200000}}",
        ] {
            let reading = read(text);
            assert!(reading.remarks.is_empty(), "{text}: {:?}", reading.remarks);
            assert_eq!(delays(&reading), ["2m", "5m"], "{text}");
            assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::word("1d")), "{text}");
            assert_eq!(reading.get("lifetime.age"), Some(&Value::word("3d")), "{text}");
        }
    }

    #[test]
    fn the_flat_form_numbers_its_items() {
        for text in [
            "queue.schedule.retry.1 = '5m'\nqueue.schedule.retry.0 = '2m'\n",
            "queue.schedule.retry.0.if = 'x'\nqueue.schedule.retry.0.then = '1m'\nqueue.schedule.retry.1.else.0 = '2m'\n\
             queue.schedule.retry.1.else.1 = '5m'\n",
            "queue.schedule.retry.0000.if = 'x'\nqueue.schedule.retry.0001.else = '[2m, 5m]'\n",
        ] {
            assert_eq!(delays(&read(text)), ["2m", "5m"], "{text}");
        }
        let without = read("queue.schedule.retry.0.if = 'x'\nqueue.schedule.retry.0.then = '1m'\n");
        assert_eq!((without.settings.len(), without.remarks.len()), (0, 1));
    }

    #[test]
    fn defaults_conditions_and_attempts() {
        assert_eq!(read("{\"retry\": {\"@type\": \"Default\"}}"), Reading::default());
        let conditions = read(
            "[queue.schedule]\nretry = [{ if = 'x', then = '[1m]' }, { else = '[3m]' }]\nmax-attempts = 4\n",
        );
        assert_eq!(delays(&conditions), ["3m"]);
        assert_eq!(conditions.remarks.len(), 1);
        assert_eq!(conditions.get("lifetime.attempts"), Some(&Value::Count(4)));
        let several = read("[queue.schedule.a]\nretry=['1m']\n[queue.schedule.b]\nretry=['2m']\n");
        assert_eq!((delays(&several), several.remarks.len()), (vec!["1m".to_owned()], 1));
    }

    #[test]
    fn mistakes_are_shown_at_their_item() {
        for (text, token) in [
            ("queue.schedule.retry = '[2m, soon]'", "soon"),
            ("queue.schedule.retry = []", "[]"),
            ("queue.schedule.expire = 'x'", "x"),
            ("queue.schedule.max-attempts = 0", "0"),
        ] {
            let reading = read(text);
            assert_eq!(reading.remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
