//! What serde says when a tree does not fit the written types, turned into words for people.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Expected, Unexpected};

use super::finding::{Finding, Kind};
use super::suggest;
use super::written::FORMAT;

/// A part of a tree that does not fit the type it is read into.
#[derive(Debug)]
pub struct Misfit {
    reason: Reason,
    span: Option<Range<usize>>,
    /// The keys on the way to it, from the inside out.
    path: Vec<String>,
}

#[derive(Debug)]
enum Reason {
    Message(String),
    Type { found: String, expected: String },
    Tag { found: String, allowed: &'static [&'static str] },
    Tags { allowed: &'static [&'static str] },
    TagAlone { tag: String },
    Key { found: String, allowed: &'static [&'static str] },
    Missing { key: &'static str },
}

/// Keys that are dealt with before a table is read into its type, but belong to it for its
/// writer: beside this key, those are allowed, too.
const ALSO_ALLOWED: [(&str, &[&str]); 2] =
    [("horizon", &["policies", "variants"]), ("backoff", &["like", "native"])];

/// What to write for keys that must be there.
const EXAMPLES: [(&str, &str); 7] = [
    ("format", "format = 1"),
    ("title", "title = \"A four-hour maintenance window\""),
    ("horizon", "horizon = \"3d\""),
    ("transaction", "transaction = { exponential = \"1s\" }"),
    ("policy", "policy = \"compared\""),
    ("backoff", "backoff = { fixed = { every = \"15m\" } }"),
    ("precision", "precision = \"5%\""),
];

impl Misfit {
    /// A value that should have been one of these tags, or a table with one of them.
    pub fn no_tag(allowed: &'static [&'static str], span: Range<usize>) -> Self {
        Self { reason: Reason::Tags { allowed }, span: Some(span), path: Vec::new() }
    }

    /// A tag that was written as a word but needs a value.
    pub fn tag_alone(tag: &str, span: Range<usize>) -> Self {
        Self { reason: Reason::TagAlone { tag: tag.to_owned() }, span: Some(span), path: Vec::new() }
    }

    /// A tag that was written with settings but has none.
    pub fn tag_without_settings(tag: &str, span: Range<usize>) -> Self {
        let message = format!("`{tag}` has no settings: write \"{tag}\"");
        Self { reason: Reason::Message(message), span: Some(span), path: Vec::new() }
    }

    /// Whether it is only the type that is wrong.
    pub fn is_type(&self) -> bool {
        matches!(self.reason, Reason::Type { .. })
    }

    /// Notes where it is, unless a place further inside is known.
    pub fn at(mut self, span: &Range<usize>) -> Self {
        self.span.get_or_insert_with(|| span.clone());
        self
    }

    /// Notes the key it is under.
    pub fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    /// In words.
    pub fn into_finding(self) -> Finding {
        let span = self.span.unwrap_or(0..0);
        let path = self.path.iter().rev().map(String::as_str).collect::<Vec<_>>().join(".");
        let owner = if path.is_empty() { "the scenario".to_owned() } else { format!("`{path}`") };
        match self.reason {
            Reason::Message(message) => {
                Finding::error(Kind::Value, span, message).label(format!("in {owner}"))
            }
            Reason::Type { found, expected } => {
                // Any other whole number would be refused a moment later.
                let expected = if path == "format" { format!("the number {FORMAT}") } else { expected };
                let message = format!("{owner} is {found}, but must be {expected}");
                Finding::error(Kind::Type, span, message).label(format!("expected {expected}"))
            }
            Reason::Tag { found, allowed } => {
                let finding = Finding::error(Kind::Type, span, format!("{owner} cannot be `{found}`"));
                with_help(finding.label("not known here"), &found, allowed)
            }
            Reason::Tags { allowed } => {
                let message = format!("{owner} must be one of {}", suggest::list(allowed));
                let example = allowed.first().copied().unwrap_or_default();
                let help =
                    format!("write the name alone, or {{ {example} = {{ ... }} }} with exactly one name");
                Finding::error(Kind::Type, span, message).label("expected exactly one name").help(help)
            }
            Reason::TagAlone { tag } => {
                Finding::error(Kind::Type, span, format!("{owner}: `{tag}` needs a value"))
                    .label("the value is missing")
                    .help(format!("write {{ {tag} = ... }}"))
            }
            Reason::Key { found, allowed } => {
                let mut allowed = allowed.to_vec();
                for (beside, more) in ALSO_ALLOWED {
                    if allowed.contains(&beside) {
                        allowed.extend(more);
                    }
                }
                let finding = Finding::error(Kind::UnknownKey, span, format!("{owner} has no key `{found}`"));
                with_help(finding.label("unknown key"), &found, &allowed)
            }
            Reason::Missing { key } => {
                Finding::error(Kind::MissingKey, span, format!("{owner} lacks the key `{key}`"))
                    .label(format!("`{key}` is missing"))
                    .help(EXAMPLES.iter().find(|(known, _)| *known == key).map_or_else(
                        || format!("add `{key} = ...`"),
                        |(_, example)| format!("add for example `{example}`"),
                    ))
            }
        }
    }
}

fn with_help(finding: Finding, found: &str, allowed: &[&str]) -> Finding {
    match suggest::help(found, allowed.iter().copied()) {
        Some(help) => finding.help(help),
        None => finding,
    }
}

impl From<Reason> for Misfit {
    fn from(reason: Reason) -> Self {
        Self { reason, span: None, path: Vec::new() }
    }
}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Reason::Message(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Self {
        Reason::Type { found: name_of(found), expected: in_words(&expected.to_string()) }.into()
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        Reason::Tag { found: found.to_owned(), allowed }.into()
    }

    fn unknown_field(found: &str, allowed: &'static [&'static str]) -> Self {
        Reason::Key { found: found.to_owned(), allowed }.into()
    }

    fn missing_field(key: &'static str) -> Self {
        Reason::Missing { key }.into()
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.reason)
    }
}

impl std::error::Error for Misfit {}

/// What was found, in the words of TOML.
fn name_of(found: Unexpected) -> String {
    match found {
        Unexpected::Bool(truth) => format!("{truth}"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the string \"{text}\""),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}

/// What was expected: Rust's names of types are nobody's words.
fn in_words(expected: &str) -> String {
    let whole = |most: u64| format!("a whole number from 0 to {most}");
    match expected {
        "u16" => whole(u16::MAX.into()),
        "u32" => whole(u32::MAX.into()),
        "u64" => "a whole number, not negative".to_owned(),
        "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a map" => "a table".to_owned(),
        "a sequence" => "an array".to_owned(),
        other if other.starts_with("struct ") => "a table".to_owned(),
        other => other.to_owned(),
    }
}
