//! Sendmail: `O Name=value` of a `.cf`, or `define` of a `.mc`.
//!
//! Sendmail sendmail/readcf.c (`setoption`, `settimeout`), convtime.c and queue.c; cf/m4/proto.m4. Queue runs are
//! started with `sendmail -q15m`, which no configuration says.

use std::ops::Range;

use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

/// Reads options; the last of a name counts.
pub fn read(text: &str) -> Reading {
    let mut reader = Reader { options: options(text), reading: Reading::default() };
    reader.queue();
    reader.host_status();
    reader.lifetime();
    reader.connections();
    reader.not_modelled();
    reader.reading
}

/// Options of a `.cf` and the macros that set them in a `.mc`.
const MACROS: [(&str, &str); 17] = [
    ("confMIN_QUEUE_AGE", "MinQueueAge"),
    ("confMAX_QUEUE_AGE", "MaxQueueAge"),
    ("confQUEUE_SORT_ORDER", "QueueSortOrder"),
    ("confMAX_QUEUE_CHILDREN", "MaxQueueChildren"),
    ("confMAX_QUEUE_RUN_SIZE", "MaxQueueRunSize"),
    ("confTO_QUEUERETURN", "Timeout.queuereturn"),
    ("confTO_QUEUERETURN_NORMAL", "Timeout.queuereturn.normal"),
    ("confTO_QUEUEWARN", "Timeout.queuewarn"),
    ("confTO_QUEUEWARN_NORMAL", "Timeout.queuewarn.normal"),
    ("confTO_HOSTSTATUS", "Timeout.hoststatus"),
    ("confHOST_STATUS_DIRECTORY", "HostStatusDirectory"),
    ("confSINGLE_THREAD_DELIVERY", "SingleThreadDelivery"),
    ("confTO_CONNECT", "Timeout.connect"),
    ("confTO_INITIAL", "Timeout.initial"),
    ("confDELIVERY_MODE", "DeliveryMode"),
    ("confFALLBACK_MX", "FallbackMXhost"),
    ("confMCI_CACHE_SIZE", "ConnectionCacheSize"),
];

struct Opt<'a> {
    name: &'a str,
    value: &'a str,
    at: Range<usize>,
}

fn options(text: &str) -> Vec<Opt<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let line = line.trim_end();
        let options = if let Some(rest) = line.strip_prefix("O ") {
            // Without a value it is empty, which is said where it means nothing.
            let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
            vec![(name.trim(), line.len() - value.len()..line.len())]
        } else if line.strip_prefix('Q').is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
            vec![(QUEUE_GROUP, 0..line.len())]
        } else {
            definitions(line)
        };
        for (name, value) in options {
            let from =
                at + value.start + (line[value.clone()].len() - line[value.clone()].trim_start().len());
            let value = line[value].trim();
            found.push(Opt { name, value, at: from..from + value.len() });
        }
    }
    found
}

/// What stands for the line of a queue group among the options.
const QUEUE_GROUP: &str = "Q";

/// Every define(`confNAME', `value') of a line up to its `dnl`: the option it sets, and where the value is.
fn definitions(line: &str) -> Vec<(&'static str, Range<usize>)> {
    let end = line.find("dnl").unwrap_or(line.len());
    if line[..end].trim_start().starts_with("QUEUE_GROUP(") {
        return vec![(QUEUE_GROUP, 0..end)];
    }
    let starts = line[..end].match_indices("define(").map(|(at, opening)| at + opening.len());
    starts.filter_map(|start| definition(&line[..end], start)).collect()
}

/// The definition whose arguments begin at `start`.
fn definition(line: &str, start: usize) -> Option<(&'static str, Range<usize>)> {
    let (name, value) = line[start..].split_once(',')?;
    let name = name.trim().trim_start_matches('`').trim_end_matches('\'');
    let option = MACROS.iter().find(|(known, _)| *known == name).map(|&(_, option)| option)?;
    let value = value.trim_start();
    let (value, end) = match value.strip_prefix('`') {
        Some(quoted) => (quoted, '\''),
        None => (value, ')'),
    };
    let start = line.len() - value.len();
    Some((option, start..start + value.find(end).unwrap_or(value.len())))
}

struct Reader<'a> {
    options: Vec<Opt<'a>>,
    reading: Reading,
}

impl Reader<'_> {
    fn queue(&mut self) {
        let least = self.time("MinQueueAge", 'm');
        match self.time("MaxQueueAge", 'm').filter(|&(most, _)| most > Span::ZERO) {
            // Skipped while now - last try < min(last try - arrival, MaxQueueAge): the age at the last try,
            // at most that; MinQueueAge is the least, if it is set.
            Some((most, at)) => {
                let (least, place) = least.unwrap_or((Span::ZERO, at.clone()));
                self.reading.set("backoff.age-doubling.min", place, Value::time(least.min(most)));
                self.reading.set("backoff.age-doubling.max", at, Value::time(most));
            }
            None => {
                if let Some((least, at)) = least {
                    self.reading.set("backoff.fixed.every", at, Value::time(least));
                }
            }
        }
        if let Some((order, at)) = self.text("QueueSortOrder") {
            let first = order.to_lowercase().chars().next();
            match first {
                Some('r') => self.reading.set("runner.queue-run.order", at, Value::word("random")),
                // By host and then by priority; and priority falls with each try.
                Some('p' | 'h') => {
                    self.reading.set("runner.queue-run.order", at, Value::word("fewest-tries"))
                }
                Some('t' | 'm' | 'f' | 'n') => {
                    self.reading.set("runner.queue-run.order", at, Value::word("oldest-first"));
                }
                _ => {
                    let message = format!("`QueueSortOrder` is `{order}`");
                    self.reading.refuse(
                        at,
                        message,
                        "priority, host, time, filename, modification, random or none",
                    );
                }
            }
        }
        if let Some((children, at)) = self.count("MaxQueueChildren", 0).filter(|&(children, _)| children > 0)
        {
            self.reading.set("runner.queue-run.workers", at, Value::Count(children));
        }
    }

    /// What is known of hosts that failed.
    fn host_status(&mut self) {
        if let Some((directory, at)) = self.text("HostStatusDirectory") {
            let shared = if directory.is_empty() { "run" } else { "host" };
            self.reading.set("memory.host-status.shared", at, Value::word(shared));
        }
        if let Some((keep, at)) = self.time("Timeout.hoststatus", 'm').filter(|&(keep, _)| keep > Span::ZERO)
        {
            self.reading.set("memory.host-status.keep", at, Value::time(keep));
        }
    }

    fn lifetime(&mut self) {
        let name = ["Timeout.queuereturn.normal", "Timeout.queuereturn"]
            .into_iter()
            .find(|name| self.text(name).is_some());
        match name.and_then(|name| self.text(name).zip(Some(name))) {
            // Mail is returned after its first try (envelope.c, `dropenvelope`: `NOW`).
            Some(((text, at), _)) if text.eq_ignore_ascii_case("now") => {
                self.reading.set("lifetime.attempts", at, Value::Count(1));
            }
            Some((_, name)) => {
                if let Some((age, at)) = self.time(name, 'd') {
                    self.reading.set("lifetime.age", at, Value::time(age));
                }
            }
            None => {}
        }
        let warned = self.time("Timeout.queuewarn", 'h');
        match self.time("Timeout.queuewarn.normal", 'h').or(warned) {
            Some((Span::ZERO, at)) => self.reading.set("lifetime.warn_after", at, Value::Absent),
            Some((age, at)) => self.reading.set("lifetime.warn_after", at, Value::time(age)),
            None => {}
        }
    }

    fn connections(&mut self) {
        for (name, key) in [
            ("Timeout.connect", "connections.connect_timeout"),
            ("Timeout.initial", "connections.greeting_timeout"),
        ] {
            if let Some((limit, at)) = self.time(name, 'm').filter(|&(limit, _)| limit > Span::ZERO) {
                self.reading.set(key, at, Value::time(limit));
            }
        }
        if let Some((0, at)) = self.count("ConnectionCacheSize", 0) {
            self.reading.set("connections.reuse", at.clone(), Value::word("none"));
            self.reading.set("connections.messages_per_connection", at, Value::Count(1));
        }
    }

    fn not_modelled(&mut self) {
        if let Some((mode, at)) = self.text("DeliveryMode")
            && mode.to_lowercase().starts_with(['q', 'd'])
        {
            let message = "`DeliveryMode` keeps new mail for a queue run, which is not modelled";
            self.reading.warn(at, message, "new mail is tried when it arrives");
        }
        for (name, effect) in [
            (QUEUE_GROUP, "has runs, directories and limits of its own"),
            ("MaxQueueRunSize", "lets a run look at a part of the queue"),
            ("SingleThreadDelivery", "lets processes wait for each other"),
            ("FallbackMXhost", "takes mail elsewhere when the destination refuses"),
        ] {
            if let Some((_, at)) = self
                .text(name)
                .filter(|(value, _)| !matches!(value.to_lowercase().as_str(), "" | "0" | "false"))
            {
                let what = if name == QUEUE_GROUP { "a queue group".to_owned() } else { format!("`{name}`") };
                let message = format!("{what} {effect}, which is not modelled");
                self.reading.warn(at, message, "the policy is as if it were not set");
            }
        }
    }

    fn text(&self, name: &str) -> Option<(String, Range<usize>)> {
        let found = self.options.iter().rev().find(|option| option.name.eq_ignore_ascii_case(name))?;
        Some((found.value.to_owned(), found.at.clone()))
    }

    fn time(&mut self, name: &str, bare: char) -> Option<(Span, Range<usize>)> {
        let (text, at) = self.text(name)?;
        match time::concatenated(&text, Some(bare)) {
            Some(span) => Some((span, at)),
            None => {
                let message = format!("`{name}` is `{text}`, which is no time");
                self.reading.refuse(at, message, "numbers with the units s, m, h, d and w, such as 1h30m");
                None
            }
        }
    }

    fn count(&mut self, name: &str, least: u32) -> Option<(u32, Range<usize>)> {
        let (text, at) = self.text(name)?;
        match text.parse::<u32>().ok().filter(|&number| number >= least) {
            Some(number) => Some((number, at)),
            None => {
                let message = format!("`{name}` is `{text}`");
                self.reading.refuse(at, message, &format!("a whole number from {least}"));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cf_and_mc_say_the_same() {
        let cf = "# cf\nO MinQueueAge=30\nO Timeout.queuereturn=4d\nO Timeout.queuewarn=4\nO QueueSortOrder=Random\nO HostStatusDirectory=.hoststat\n";
        let mc = "define(`confMIN_QUEUE_AGE', `30m')dnl\ndefine(`confTO_QUEUERETURN', `4d')dnl\ndefine(`confTO_QUEUEWARN', 4h)dnl\ndefine(`confQUEUE_SORT_ORDER', `random')\ndefine(`confHOST_STATUS_DIRECTORY', `.hoststat')\n";
        for text in [cf, mc] {
            let reading = read(text);
            assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
            assert_eq!(reading.get("backoff.fixed.every"), Some(&Value::word("30m")), "{text}");
            assert_eq!(reading.get("lifetime.age"), Some(&Value::word("4d")));
            assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::word("4h")));
            assert_eq!(reading.get("runner.queue-run.order"), Some(&Value::word("random")));
            assert_eq!(reading.get("memory.host-status.shared"), Some(&Value::word("host")));
        }
    }

    #[test]
    fn with_a_greatest_age_delays_double() {
        let reading = read("O MaxQueueAge=4h\nO MinQueueAge=5m\n");
        assert_eq!(reading.get("backoff.age-doubling.max"), Some(&Value::word("4h")));
        assert_eq!(reading.get("backoff.age-doubling.min"), Some(&Value::word("5m")));
        assert_eq!(reading.get("backoff.fixed.every"), None);
    }

    #[test]
    fn definitions_share_a_line_and_end_at_dnl() {
        let reading = read(
            "define(`confMIN_QUEUE_AGE',`27m')define(`confMAX_QUEUE_AGE', `2h')dnl define(`confMIN_QUEUE_AGE',`1m')\n",
        );
        assert_eq!(reading.get("backoff.age-doubling.min"), Some(&Value::word("27m")));
        assert_eq!(reading.get("backoff.age-doubling.max"), Some(&Value::word("2h")));
    }

    #[test]
    fn mail_may_be_returned_now() {
        let reading = read("define(`confTO_QUEUERETURN', `now')dnl\n");
        assert_eq!(reading.remarks, []);
        assert_eq!(reading.get("lifetime.attempts"), Some(&Value::Count(1)));
    }

    #[test]
    fn queue_groups_are_warned_about() {
        for text in [
            "Qmqueue, P=/var/spool/mqueue, I=1m\n",
            "QUEUE_GROUP(`mqueue', `P=/var/spool/mqueue, I=1m')dnl\n",
        ] {
            assert!(read(text).remarks[0].message.starts_with("a queue group has runs"), "{text}");
        }
    }

    #[test]
    fn mistakes_are_shown_at_the_value() {
        for (text, token) in [
            ("O MinQueueAge = soon\n", "soon"),
            ("O MaxQueueChildren=x\n", "x"),
            ("O QueueSortOrder=best\n", "best"),
            ("define(`confTO_QUEUERETURN', `5y')", "5y"),
            ("O DeliveryMode=q\n", "q"),
        ] {
            assert_eq!(read(text).remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
