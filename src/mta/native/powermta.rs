//! PowerMTA: the directives of `<domain>` blocks.
//!
//! From configurations of operators and lists of its directives; the program is closed.

use std::ops::Range;

use super::delays;
use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

const NOT_MODELLED: [(&str, &str); 6] = [
    ("backoff-retry-after", "holds in backoff mode"),
    ("backoff-max-msg-rate", "holds in backoff mode"),
    ("backoff-max-msg-per-hour", "holds in backoff mode"),
    ("max-msg-rate", "limits the rate of messages"),
    ("max-msg-per-hour", "limits the rate of messages"),
    ("max-connect-rate", "limits the rate of connections"),
];

/// Reads the directives for a domain: those of its block are stronger than those of `<domain *>`.
pub fn read(text: &str, domain: Option<&str>) -> Reading {
    let mut reading = Reading::default();
    let directives = directives(text, domain);
    let last = |name: &str| {
        let named = directives.iter().filter(|one| one.name.eq_ignore_ascii_case(name));
        // The last of the most specific.
        named.max_by_key(|one| one.specific)
    };
    if let Some(one) = last("retry-after") {
        retry_after(one, &mut reading);
    }
    for (name, key) in [
        ("bounce-after", "lifetime.age"),
        ("connect-timeout", "connections.connect_timeout"),
        ("smtp-greeting-timeout", "connections.greeting_timeout"),
    ] {
        let Some(one) = last(name) else { continue };
        match time::concatenated(one.value, None).filter(|&span| span > Span::ZERO) {
            Some(span) => reading.set(key, one.at.clone(), Value::time(span)),
            None => refuse(one, &mut reading, "a time such as 4d12h"),
        }
    }
    for (name, key) in [
        ("max-smtp-out", "connections.per_destination"),
        ("max-msg-per-connection", "connections.messages_per_connection"),
    ] {
        let Some(one) = last(name) else { continue };
        match one.value.parse::<u32>().ok().filter(|&count| count > 0) {
            Some(count) => {
                reading.set(key, one.at.clone(), Value::Count(count));
                if name == "max-msg-per-connection" {
                    let reuse = if count == 1 { "none" } else { "active" };
                    reading.set("connections.reuse", one.at.clone(), Value::word(reuse));
                }
            }
            // Unlimited; the preset may have a limit.
            None if matches!(one.value, "0" | "unlimited") && name == "max-smtp-out" => {
                reading.set(key, one.at.clone(), Value::Absent);
            }
            None => refuse(one, &mut reading, "a whole number from 1"),
        }
    }
    for (name, effect) in NOT_MODELLED {
        if let Some(one) = last(name) {
            let message = format!("`{name}` {effect}, which is not modelled");
            reading.warn(one.at.clone(), message, "the policy is as if it were not set");
        }
    }
    reading
}

struct Directive<'a> {
    name: &'a str,
    value: &'a str,
    at: Range<usize>,
    /// Whether it is for this very domain.
    specific: bool,
}

/// The directives that hold for the domain.
fn directives<'a>(text: &'a str, domain: Option<&str>) -> Vec<Directive<'a>> {
    let mut found = Vec::new();
    // The pattern of the domain block that is open.
    let mut block: Option<&str> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let line = line.split('#').next().unwrap_or_default();
        let shown = line.trim();
        if let Some(tag) = shown.strip_prefix('<') {
            let tag = tag.trim_end_matches('>').trim();
            if let Some(pattern) =
                tag.strip_prefix("domain").filter(|rest| rest.starts_with(char::is_whitespace))
            {
                block = Some(pattern.trim());
            } else if tag == "/domain" {
                block = None;
            }
            continue;
        }
        let specific = match block {
            None | Some("*") => false,
            Some(pattern) if domain.is_some_and(|domain| fits(pattern, domain)) => true,
            Some(_) => continue,
        };
        // Without a value it is empty, which is said where it means nothing.
        let (name, value) = shown.split_once(char::is_whitespace).unwrap_or((shown, ""));
        let value = value.trim();
        let from = at + (line.len() - line.trim_start().len()) + (shown.len() - value.len());
        found.push(Directive { name, value, at: from..from + value.len(), specific });
    }
    found
}

fn fits(pattern: &str, domain: &str) -> bool {
    let (pattern, domain) = (pattern.to_lowercase(), domain.to_lowercase());
    match pattern.strip_prefix('*') {
        Some(end) => domain.ends_with(end),
        None => domain == pattern,
    }
}

fn retry_after(one: &Directive<'_>, reading: &mut Reading) {
    let mut listed = Vec::new();
    for (part, at) in delays::split(one.value, one.at.start, ',') {
        match time::concatenated(part, None).filter(|&span| span > Span::ZERO) {
            Some(delay) => listed.push((delay, at)),
            None => {
                return reading.refuse(at, format!("`{part}` is no delay"), "a time such as 10m or 1h30m");
            }
        }
    }
    delays::state(reading, &listed, one.at.clone());
}

fn refuse(one: &Directive<'_>, reading: &mut Reading, expected: &str) {
    reading.refuse(one.at.clone(), format!("`{}` is `{}`", one.name, one.value), expected);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<virtual-mta a>\n<domain *>\n  retry-after 10m,10m,1h # three\n  bounce-after 4d12h\n  max-smtp-out 20\n  max-msg-rate 100/h\n</domain>\n<domain example.com>\n  retry-after 5m\n</domain>\n</virtual-mta>\n";

    #[test]
    fn blocks_of_the_domain_are_stronger() {
        let delays = |domain| match read(TEXT, domain).get("backoff.list.delays") {
            Some(Value::List(items)) => items.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((delays(None), delays(Some("Example.com")), delays(Some("x.example.com"))), (3, 1, 3));
        let reading = read(TEXT, None);
        assert_eq!(reading.get("lifetime.age"), Some(&Value::word("4d12h")));
        assert_eq!(reading.get("connections.per_destination"), Some(&Value::Count(20)));
        assert_eq!(reading.remarks.len(), 1);
    }

    #[test]
    fn mistakes_are_shown_at_their_item() {
        for (text, token) in
            [("retry-after 10m,5", "5"), ("bounce-after ever\n", "ever"), ("max-smtp-out few", "few")]
        {
            let reading = read(text, None);
            assert_eq!(reading.remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
