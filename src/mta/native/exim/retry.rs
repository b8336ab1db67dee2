//! The retry section: a pattern, an error and a rule in each line; the first line that fits counts.
//!
//! Exim src/readconf.c (`readconf_retries`, `readconf_retry_error`) and src/retry.c (`retry_find_config`).

use std::ops::Range;

use super::instances::Hosts;
use super::lines::Line;
use crate::mta::native::reading::{Item, Reading, Value};
use crate::sender::backoff::EximRule;

/// The lines of a retry section that count for a domain.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Lines for some errors, before the one for all.
    pub classes: Vec<(String, Rule)>,
    /// The line for all errors.
    pub all: Option<Rule>,
}

/// The right-hand side of a line.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The text; empty means that nothing is tried again.
    pub text: String,
    /// Where it is written.
    pub at: Range<usize>,
}

/// Whether a pattern is for a domain.
enum Fits {
    Yes,
    No,
    /// It is for some of its addresses, or cannot be evaluated.
    Unknown,
}

/// Chooses the lines for a domain; without one those for all domains.
pub fn choose(lines: &[Line], domain: Option<&str>, hosts: Hosts, reading: &mut Reading) -> Chosen {
    let mut chosen = Chosen::default();
    for line in lines {
        let Some(parts) = parts(line, reading) else { continue };
        // Exim reads the whole section: mistakes count in lines that do not fit, too.
        if chosen.all.is_some() {
            continue;
        }
        match fits(&parts.pattern, domain) {
            Fits::Yes => {}
            Fits::No => continue,
            Fits::Unknown => {
                let message = format!("the pattern `{}` is not evaluated", parts.pattern);
                reading.warn(parts.pattern_at, message, "the line is passed over");
                continue;
            }
        }
        if let Some(at) = parts.senders {
            reading.warn(at, "senders are not modelled", "the line is passed over");
            continue;
        }
        match class(&parts.error, hosts) {
            Class::All => chosen.all = Some(parts.rule),
            Class::Of(error) => chosen.classes.push((error, parts.rule)),
            Class::Never => {}
        }
    }
    chosen
}

/// A line taken apart.
struct Parts {
    pattern: String,
    pattern_at: Range<usize>,
    error: String,
    senders: Option<Range<usize>>,
    rule: Rule,
}

fn parts(line: &Line, reading: &mut Reading) -> Option<Parts> {
    let text = line.text();
    let (pattern, mut at) = quoted_or_word(text, 0);
    let pattern_at = line.place(0..at);
    at = skip_blanks(text, at);
    let error_end = text[at..].find(char::is_whitespace).map_or(text.len(), |length| at + length);
    let error = &text[at..error_end];
    if error.is_empty() {
        reading.refuse(line.whole(), "a retry rule without an error", "a pattern, an error and a rule");
        return None;
    }
    if let Err(expected) = check_error(error) {
        let message = format!("`{error}` is no error of retry rules");
        reading.refuse(line.place(at..error_end), message, expected);
        return None;
    }
    at = skip_blanks(text, error_end);
    let mut senders = None;
    if let Some(rest) = text[at..].strip_prefix("senders") {
        let equals = at + "senders".len() + (rest.len() - rest.trim_start().len());
        if !text[equals..].starts_with('=') {
            reading.refuse(line.place(at..at + 7), "`senders` needs a list", "`senders = `");
            return None;
        }
        let (_, end) = quoted_or_word(text, skip_blanks(text, equals + 1));
        senders = Some(line.place(at..end));
        at = skip_blanks(text, end);
    }
    let rule = &text[at..];
    if !rule.is_empty()
        && let Err(error) = EximRule::parse(rule, EximRule::DEFAULT_MAX_INTERVAL)
    {
        let place = line.place(at + error.at.start..at + error.at.end);
        reading.refuse(place, "this is no retry rule", error.expected);
        return None;
    }
    Some(Parts {
        pattern,
        pattern_at,
        error: error.to_lowercase(),
        senders,
        rule: Rule { text: rule.to_owned(), at: line.place(at..text.len()) },
    })
}

/// A string in quotation marks or up to the next blank, and where it ends.
fn quoted_or_word(text: &str, at: usize) -> (String, usize) {
    let rest = &text[at..];
    let Some(inside) = rest.strip_prefix('"') else {
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        return (rest[..length].to_owned(), at + length);
    };
    let mut string = String::new();
    let mut letters = inside.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return (string, at + 1 + place + 1),
            '\\' => string.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => string.push(letter),
        }
    }
    (string, text.len())
}

fn skip_blanks(text: &str, at: usize) -> usize {
    at + text[at..].len() - text[at..].trim_start().len()
}

/// Whether Exim knows an error, and else what it expects.
fn check_error(error: &str) -> Result<(), &'static str> {
    const KNOWN: &str = "`*`, `refused`, `timeout`, `timeout_connect`, `lost_connection`, `mail_4xx`, `rcpt_4xx`, \
                         `data_4xx`, `auth_failed`, `tls_required`, `quota` or `lookup`";
    let error = error.to_lowercase();
    let (name, rest) = error.split_once('_').unwrap_or((error.as_str(), ""));
    match (name, rest) {
        ("*" | "lookup", "") | ("auth", "failed") | ("lost", "connection") | ("tls", "required") => Ok(()),
        ("refused", "" | "a" | "mx") => Ok(()),
        ("refused", _) => Err("`refused`, `refused_A` or `refused_MX`"),
        ("timeout", "" | "a" | "mx" | "connect" | "connect_a" | "connect_mx" | "dns") => Ok(()),
        ("timeout", _) => Err("`timeout`, `timeout_A`, `timeout_MX` or `timeout_connect`"),
        ("quota", "") => Ok(()),
        ("quota", time) if crate::mta::native::time::concatenated(time, Some('s')).is_some() => Ok(()),
        ("quota", _) => Err("`quota`, or `quota_` and a time"),
        ("mail" | "rcpt" | "data", code) => match code.as_bytes() {
            [b'4', b'x', b'x'] => Ok(()),
            [b'4', tens, ones] if tens.is_ascii_digit() && (ones.is_ascii_digit() || *ones == b'x') => Ok(()),
            _ => Err("`4xx`, `4dx` or `4dd` after the command, where d is a digit"),
        },
        _ => Err(KNOWN),
    }
}

/// What an error of a retry rule means to the model.
enum Class {
    All,
    Of(String),
    /// Nothing that happens here: no host here needs TLS or passwords, or is a mailbox with a quota; and all come from
    /// MX records, or none.
    Never,
}

fn class(error: &str, hosts: Hosts) -> Class {
    let (own, other) = match hosts {
        Hosts::Exchangers => ("_mx", "_a"),
        Hosts::Listed => ("_a", "_mx"),
    };
    match error {
        "*" => Class::All,
        "timeout_dns" => Class::Of("timeout".to_owned()),
        "auth_failed" | "tls_required" | "lookup" => Class::Never,
        quota if quota.starts_with("quota") => Class::Never,
        error if error.ends_with(other) => Class::Never,
        error => Class::Of(error.strip_suffix(own).unwrap_or(error).to_owned()),
    }
}

/// Whether a pattern, an item or a list of an address list, is for all addresses of a domain.
fn fits(pattern: &str, domain: Option<&str>) -> Fits {
    let mut last_negated = false;
    for item in pattern.split(':').map(str::trim).filter(|item| !item.is_empty()) {
        let (negated, item) = match item.strip_prefix('!') {
            Some(item) => (true, item.trim()),
            None => (false, item),
        };
        last_negated = negated;
        match (item_fits(item, domain), negated) {
            (Fits::Yes, false) => return Fits::Yes,
            (Fits::Yes, true) => return Fits::No,
            (Fits::Unknown, _) => return Fits::Unknown,
            (Fits::No, _) => {}
        }
    }
    // A list that ends with an exception is for all others.
    if last_negated && domain.is_some() { Fits::Yes } else { Fits::No }
}

fn item_fits(item: &str, domain: Option<&str>) -> Fits {
    if matches!(item, "*" | "*@*") {
        return Fits::Yes;
    }
    let Some(domain) = domain.map(str::to_lowercase) else { return Fits::No };
    if item.starts_with(['^', '+', '@']) || item.contains(';') {
        return Fits::Unknown;
    }
    let item = item.to_lowercase();
    let (local, wanted) = item.rsplit_once('@').unwrap_or(("*", &item));
    let same = match wanted.strip_prefix('*') {
        Some(end) => domain.ends_with(end),
        None => domain == wanted,
    };
    match (same, local) {
        (false, _) => Fits::No,
        (true, "*") => Fits::Yes,
        (true, _) => Fits::Unknown,
    }
}

impl Chosen {
    /// Adds what was chosen to a reading.
    pub fn state(self, section: Range<usize>, reading: &mut Reading) {
        if reading.has_errors() {
            // What the mistakes hide is not known.
            return;
        }
        let all = self.all.filter(|all| !all.text.is_empty());
        let classes: Vec<Item> = self.classes.into_iter().filter_map(|class| item(class, reading)).collect();
        match all {
            Some(all) => reading.set("backoff.exim-rule.rule", all.at, Value::Text(all.text)),
            None if classes.is_empty() => return no_retries(section, reading),
            None => {
                let message = "no rule is for all errors (`*`): what has no class here is not tried again";
                reading.warn(section.clone(), message, EXAMPLE);
                reading.set("backoff.exim-rule.rule", section, Value::Absent);
            }
        }
        if let Some(at) = classes.first().zip(classes.last()).map(|(first, last)| first.at.start..last.at.end)
        {
            reading.set("backoff.exim-rule.classes", at, Value::List(classes));
        }
    }
}

/// A line for one class of errors, as an item of a policy table.
fn item((error, rule): (String, Rule), reading: &mut Reading) -> Option<Item> {
    let Rule { text, at } = rule;
    if text.is_empty() {
        let message = format!("that `{error}` alone is not tried again is not modelled");
        reading.warn(at, message, "the lines after it count for it, too");
        return None;
    }
    let words = |text: String| Item { at: at.clone(), value: Value::Text(text) };
    let value = Value::Table(vec![("error", words(error)), ("rule", words(text))]);
    Some(Item { at: at.clone(), value })
}

const EXAMPLE: &str =
    "add a line such as `* * F,2h,15m; G,16h,1h,1.5; F,4d,6h`, or say for which `domain` rules are chosen";

/// Without a rule every message is returned after its first attempt.
fn no_retries(at: Range<usize>, reading: &mut Reading) {
    reading.set("lifetime.attempts", at.clone(), Value::Count(1));
    reading.set("lifetime.when", at.clone(), Value::word("after-attempt"));
    reading.warn(at, "no rule is for all errors (`*`): Exim would not try again", EXAMPLE);
}
