//! Exim: the main options, the SMTP transport and the retry section.
//!
//! Exim src/readconf.c; src/transports/smtp.c. Queue runs are started with `exim -q30m`, which no
//! configuration says.

mod instances;
mod lines;
mod retry;

use std::ops::Range;

use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;
use instances::{Hosts, hosts_of, smtp_transport};
use lines::Line;

/// Reads a configuration, or its retry section alone, for mail to a domain by an SMTP transport.
pub fn read(text: &str, domain: Option<&str>, transport: Option<&str>) -> Reading {
    let mut reading = Reading::default();
    let mut sections = lines::sections(text, &mut reading);
    if let [only] = sections.as_mut_slice()
        && only.lines.first().is_some_and(|line| line.text().starts_with('*'))
    {
        only.name = Some("retry".to_owned());
    }
    let named = |name: &str| sections.iter().find(|section| section.name.as_deref() == Some(name));
    let main = sections.iter().filter(|section| section.name.is_none()).flat_map(|section| &section.lines);
    let main: Vec<&Line> = main.collect();
    let whole_file = sections.len() > 1 && sections[1].name.as_deref() != Some("retry") || !main.is_empty();
    Options { lines: main }.main(&mut reading);
    let used = named("transports").and_then(|section| smtp_transport(section, transport, &mut reading));
    let hosts = match (used, named("routers")) {
        (Some(transport), Some(section)) => hosts_of(section, transport),
        _ => Hosts::Exchangers,
    };
    match named("retry") {
        Some(section) => {
            let at = section.lines.first().map_or(text.len()..text.len(), Line::whole);
            retry::choose(&section.lines, domain, hosts, &mut reading).state(at, &mut reading);
        }
        None if whole_file => {
            retry::Chosen::default().state(text.len()..text.len(), &mut reading);
        }
        None => {}
    }
    reading
}

/// No number of messages or runners that anyone has.
const UNLIMITED_MESSAGES: u32 = 1_000_000;
const UNLIMITED_RUNNERS: u32 = 1_000;

/// The options of one part of a configuration, a line each.
struct Options<'a> {
    lines: Vec<&'a Line>,
}

/// The value of an option.
struct Written {
    text: String,
    at: Range<usize>,
}

impl Options<'_> {
    fn main(&self, reading: &mut Reading) {
        if let Some((most, at)) = self.time("retry_interval_max", reading) {
            reading.set("backoff.exim-rule.max_interval", at, Value::time(most));
        }
        if let Some((runners, at)) = self.count("queue_run_max", reading) {
            let workers = if runners == 0 { UNLIMITED_RUNNERS } else { runners };
            reading.set("runner.queue-run.workers", at, Value::Count(workers));
        }
        if let Some(written) = self.value("delay_warning") {
            delay_warning(&written, reading);
        }
        if let Some((forget, at)) =
            self.time("retry_data_expire", reading).filter(|&(time, _)| time > Span::ZERO)
        {
            reading.set("memory.host-record.forget_after", at, Value::time(forget));
        }
        for name in ["queue_only", "queue_domains", "queue_smtp_domains"] {
            if let Some(written) = self.value(name).filter(|written| !is_no(&written.text)) {
                let message = format!("`{name}` keeps new mail for a queue run, which is not modelled");
                reading.warn(written.at, message, "new mail is tried when it arrives");
            }
        }
    }

    fn smtp(&self, reading: &mut Reading) {
        if let Some((messages, at)) = self.count("connection_max_messages", reading) {
            let most = if messages == 0 { UNLIMITED_MESSAGES } else { messages };
            reading.set("connections.messages_per_connection", at.clone(), Value::Count(most));
            let reuse = if most == 1 { "none" } else { "waiting" };
            reading.set("connections.reuse", at, Value::word(reuse));
        }
        if let Some((most, at)) = self.count("max_parallel", reading).filter(|&(most, _)| most > 0) {
            reading.set("connections.total", at, Value::Count(most));
        }
        for (name, key) in [
            ("connect_timeout", "connections.connect_timeout"),
            ("command_timeout", "connections.greeting_timeout"),
        ] {
            match self.time(name, reading) {
                Some((Span::ZERO, at)) => {
                    let message =
                        format!("without a `{name}` the operating system's holds, which is not modelled");
                    reading.warn(at, message, "write a time, or override it in the scenario");
                }
                Some((limit, at)) => reading.set(key, at, Value::time(limit)),
                None => {}
            }
        }
        if let Some(written) = self.value("serialize_hosts").filter(|written| !written.text.is_empty()) {
            if written.text == "*" {
                reading.set("connections.per_destination", written.at, Value::Count(1));
            } else {
                let message = "which hosts have one connection at a time is not evaluated";
                reading.warn(
                    written.at,
                    message,
                    "write `*`, or `connections.per_destination = 1` in the scenario",
                );
            }
        }
        if let Some(written) = self.value("delay_after_cutoff") {
            let delays = !is_no(&written.text);
            reading.set("memory.host-record.delay_after_cutoff", written.at, Value::Truth(delays));
        }
        if let Some(written) = self.value("fallback_hosts").filter(|written| !written.text.is_empty()) {
            let message = "`fallback_hosts` take mail when the destination refuses, which is not modelled";
            reading.warn(written.at, message, "the policy is as if there were none");
        }
    }

    /// The value of an option, the last one written; `yes` and `no` of those that are only named.
    fn value(&self, name: &str) -> Option<Written> {
        self.lines.iter().rev().find_map(|line| {
            let text = line.text();
            let start = text.strip_prefix("hide ").map_or(0, |rest| text.len() - rest.trim_start().len());
            let end = text[start..].find(|letter: char| letter.is_whitespace() || letter == '=');
            let end = end.map_or(text.len(), |length| start + length);
            let whole = |word: &str| Some(Written { text: word.to_owned(), at: line.place(start..end) });
            let found = &text[start..end];
            let rest = text[end..].trim_start();
            if rest.is_empty() {
                let not = found.strip_prefix("no_").or_else(|| found.strip_prefix("not_"));
                return match not {
                    Some(not) if not == name => whole("no"),
                    _ if found == name => whole("yes"),
                    _ => None,
                };
            }
            let value = rest.strip_prefix('=').filter(|_| found == name)?.trim_start();
            let from = text.len() - value.len();
            let unquoted = value.strip_prefix('"').and_then(|inside| inside.strip_suffix('"'));
            Some(Written {
                text: unquoted.unwrap_or(value).trim().to_owned(),
                at: line.place(from..text.len()),
            })
        })
    }

    fn time(&self, name: &str, reading: &mut Reading) -> Option<(Span, Range<usize>)> {
        let written = self.value(name)?;
        match time::concatenated(&written.text, Some('s')) {
            Some(span) => Some((span, written.at)),
            None => {
                let message = format!("`{name}` is `{}`, which is no time", written.text);
                reading.refuse(written.at, message, "a time such as 30m or 1h30m");
                None
            }
        }
    }

    fn count(&self, name: &str, reading: &mut Reading) -> Option<(u32, Range<usize>)> {
        let written = self.value(name)?;
        match written.text.parse::<u32>().ok().filter(|&number| i32::try_from(number).is_ok()) {
            Some(number) => Some((number, written.at)),
            None if written.text.contains('$') => {
                let message = format!("`{name}` is an expansion, which is not evaluated");
                reading.warn(written.at, message, "write a number if it matters");
                None
            }
            None => {
                let message = format!("`{name}` is `{}`", written.text);
                reading.refuse(written.at, message, "a whole number");
                None
            }
        }
    }
}

/// A list of times; one of zero, or none, means no warning.
fn delay_warning(written: &Written, reading: &mut Reading) {
    let items = written.text.split(':').map(str::trim).filter(|item| !item.is_empty());
    let times: Option<Vec<Span>> = items.map(|item| time::concatenated(item, Some('s'))).collect();
    let at = written.at.clone();
    match times.as_deref() {
        None => {
            let message = format!("`delay_warning` is `{}`", written.text);
            reading.refuse(at, message, "times between colons, such as 4h:24h");
        }
        Some([] | [Span::ZERO]) => reading.set("lifetime.warn_after", at, Value::Absent),
        Some([first, more @ ..]) => {
            reading.set("lifetime.warn_after", at.clone(), Value::time(*first));
            if !more.is_empty() {
                reading.warn(at, "only the first delay warning is modelled", "the others are passed over");
            }
        }
    }
}

fn is_no(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "no" | "false" | "")
}

#[cfg(test)]
mod tests {
    use super::super::reading::{Gravity, Item};
    use super::*;

    const FILE: &str = "\
primary_hostname = client.test
queue_run_max = 3
delay_warning = 4h:24h
retry_interval_max = 12h
no_queue_only
begin transports
local:
  driver = appendfile
smtp:
  driver = smtp
  connection_max_messages = 20
  hosts_try_chunking =
begin retry
# patterns come first
*.example.com  rcpt_421  F,1h,5m
user@example.com * F,1h,1m
*.example.com  *   F,3h,10m
*   refused    F,30m,5m
*   *          F,2h,15m; G,16h,1h,1.5; \\
               F,4d,6h
";

    fn all(text: &str, domain: Option<&str>) -> Reading {
        read(text, domain, None)
    }

    fn rule(reading: &Reading) -> Option<&str> {
        match reading.get("backoff.exim-rule.rule") {
            Some(Value::Text(rule)) => Some(rule),
            _ => None,
        }
    }

    fn classes(reading: &Reading) -> Vec<String> {
        let Some(Value::List(classes)) = reading.get("backoff.exim-rule.classes") else { return Vec::new() };
        let word = |(_, item): &(&str, Item)| match &item.value {
            Value::Text(text) => text.clone(),
            other => panic!("{other:?}"),
        };
        let class = |item: &Item| match &item.value {
            Value::Table(table) => table.iter().map(word).collect::<Vec<_>>().join("="),
            other => panic!("{other:?}"),
        };
        classes.iter().map(class).collect()
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let reading = all(FILE, None);
        assert_eq!(rule(&reading), Some("F,2h,15m; G,16h,1h,1.5; F,4d,6h"));
        assert_eq!(classes(&reading), ["refused=F,30m,5m"]);
        assert_eq!(reading.get("runner.queue-run.workers"), Some(&Value::Count(3)));
        assert_eq!(reading.get("backoff.exim-rule.max_interval"), Some(&Value::word("12h")));
        assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::word("4h")));
        assert_eq!(reading.get("connections.messages_per_connection"), Some(&Value::Count(20)));
        assert_eq!(reading.remarks.len(), 1, "the second warning: {:?}", reading.remarks);
        let there = all(FILE, Some("mx.example.com"));
        assert_eq!(rule(&there), Some("F,3h,10m"));
        assert_eq!(classes(&there), ["rcpt_421=F,1h,5m"]);
    }

    #[test]
    fn rules_for_listed_hosts_count_where_a_router_lists_them() {
        let file = |driver: &str, list: &str| {
            format!(
                "begin routers\nout:\n  driver = {driver}\n  route_list = {list}\n  transport = smtp\n\
                 begin transports\nsmtp:\n  driver = smtp\n\
                 begin retry\n* refused_A F,1h,1m\n* timeout_connect_MX F,2h,2m\n* * F,1d,1h\n"
            )
        };
        let listed = all(&file("manualroute", "* 127.0.0.1"), None);
        assert_eq!(classes(&listed), ["refused=F,1h,1m"]);
        for (driver, list) in [("dnslookup", "*"), ("manualroute", "* example.com/mx")] {
            assert_eq!(classes(&all(&file(driver, list), None)), ["timeout_connect=F,2h,2m"], "{driver}");
        }
    }

    #[test]
    fn expansions_are_warned_about() {
        let reading = all("queue_run_max = ${if eq{a}{b}{3}{7}}\nbegin retry\n* * F,1h,5m\n", None);
        assert!(!reading.has_errors());
        assert!(reading.remarks[0].message.contains("expansion"), "{:?}", reading.remarks);
    }

    #[test]
    fn a_section_alone_will_do() {
        for text in ["* * F,1h,5m\n", "begin retry\n* * F,1h,5m"] {
            let reading = all(text, None);
            assert_eq!(rule(&reading), Some("F,1h,5m"), "{text}");
            assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
        }
    }

    #[test]
    fn without_a_rule_nothing_is_tried_again() {
        for text in ["a = 1\nbegin routers\n", "begin retry\n", "begin retry\nx.example * F,1h,5m\n", "* *\n"]
        {
            let reading = all(text, None);
            assert_eq!(reading.get("lifetime.attempts"), Some(&Value::Count(1)), "{text}");
            assert_eq!(reading.remarks.len(), 1, "{text}");
        }
        assert_eq!(all("", None), Reading::default());
        // Refused connects are tried again, and nothing else is.
        let some = all("* refused F,1h,5m\n", None);
        assert_eq!(some.get("backoff.exim-rule.rule"), Some(&Value::Absent));
        assert_eq!((classes(&some).len(), some.remarks.len()), (1, 1));
    }

    #[test]
    fn mistakes_are_shown_at_their_token() {
        for (text, token) in [
            ("* * F,2h,15x\n", "x"),
            ("* rcpt_4 F,2h,15m\n", "rcpt_4"),
            ("* refused_B F,2h,15m\n", "refused_B"),
            ("* nonsense F,2h,15m\n", "nonsense"),
            ("*\n", "*"),
            ("* * F,2h,15m; G,16h,\\\n  1h\n", "G,16h,\\\n  1h"),
            ("T = 15q\nbegin retry\n* * F,2h,T\n", "T"),
            ("* * senders F,2h,15m", "senders"),
            ("queue_run_max = few\nbegin retry\n* * F,2h,15m\n", "few"),
        ] {
            let reading = all(text, None);
            let error = reading.remarks.iter().find(|remark| remark.gravity == Gravity::Error);
            let at = error.unwrap_or_else(|| panic!("{text}: {:?}", reading.remarks)).at.clone();
            assert_eq!(&text[at.expect("a place")], token, "{text}");
        }
    }

    #[test]
    fn patterns_that_are_not_evaluated_are_passed_over_with_a_warning() {
        let text = "begin retry\n^re * F,1h,1m\n+list * F,1h,2m\nu@a.example * F,1h,3m\n\"!b.example : a.example\" * F,1h,4m\n* * F,1h,5m\n";
        let a = all(text, Some("a.example"));
        assert_eq!(rule(&a), Some("F,1h,4m"));
        assert_eq!(a.remarks.len(), 3);
        let b = all(text, Some("B.example"));
        assert_eq!((rule(&b), b.remarks.len()), (Some("F,1h,5m"), 2));
        let any = all(text, None);
        assert_eq!((rule(&any), any.remarks.len()), (Some("F,1h,5m"), 0));
        let senders = all("* * senders=\"a@x : b@y\" F,1h,1m\n* * F,1h,5m\n", None);
        assert_eq!((rule(&senders), senders.remarks.len()), (Some("F,1h,5m"), 1));
    }

    #[test]
    fn the_transport_can_be_named() {
        let text = "begin transports\na:\n driver = smtp\n connect_timeout = 1m\nremote_smtp:\n  driver = smtp\n  connect_timeout = 2m\nbegin retry\n* * F,1h,5m\n";
        let timeout = |name| match read(text, None, name).get("connections.connect_timeout") {
            Some(Value::Text(time)) => time.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!((timeout(None), timeout(Some("a"))), ("2m".to_owned(), "1m".to_owned()));
        assert!(read(text, None, Some("b")).has_errors());
    }
}
