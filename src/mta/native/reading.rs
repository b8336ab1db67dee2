//! What a native configuration says, in the words of a policy table, with the place of every word.

use std::ops::Range;

use crate::time::Span;

/// What was read from a native configuration.
///
/// Places are ranges of bytes in its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Parts of the policy that it states, in its order; a later one of the same key counts.
    pub settings: Vec<Setting>,
    /// What is wrong with it, and what is passed over though it would matter.
    pub remarks: Vec<Remark>,
}

/// One key of a policy table that a native configuration states.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The key, with dots: `backoff.age-doubling.min`.
    pub key: &'static str,
    /// Its value.
    pub item: Item,
}

/// A value with the place of what says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The place.
    pub at: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A value of a policy table.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string, durations among them.
    Text(String),
    /// A whole number.
    Count(u32),
    /// Any other number.
    Number(f64),
    /// A truth value.
    Truth(bool),
    /// An array.
    List(Vec<Item>),
    /// A table.
    Table(Vec<(&'static str, Item)>),
    /// The key must not be there, whatever the preset has.
    Absent,
}

/// Something to tell the one who wrote the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// Whether it can be used all the same.
    pub gravity: Gravity,
    /// Where; `None` if it is about what is missing.
    pub at: Option<Range<usize>>,
    /// One line that says what is the matter.
    pub message: String,
    /// What to say at the place itself.
    pub label: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
}

/// Whether a configuration can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// The program itself would not take it, or nothing can be made of it.
    Error,
    /// Something in it has an effect that is not modelled.
    Warning,
}

impl Reading {
    /// Notes what a key of the policy is.
    pub(super) fn set(&mut self, key: &'static str, at: Range<usize>, value: Value) {
        self.settings.push(Setting { key, item: Item { at, value } });
    }

    /// Notes something that cannot be used, and what was expected in its place.
    pub(super) fn refuse(&mut self, at: Range<usize>, message: impl Into<String>, expected: &str) {
        let label = Some(format!("expected {expected}"));
        let message = message.into();
        self.remarks.push(Remark { gravity: Gravity::Error, at: Some(at), message, label, help: None });
    }

    /// Notes an effect that is not modelled.
    pub(super) fn warn(&mut self, at: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.remarks.push(Remark {
            gravity: Gravity::Warning,
            at: Some(at),
            message: message.into(),
            label: None,
            help: Some(help.into()),
        });
    }

    /// Notes something about the whole.
    pub(super) fn warn_of_all(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.remarks.push(Remark {
            gravity: Gravity::Warning,
            at: None,
            message: message.into(),
            label: None,
            help: Some(help.into()),
        });
    }

    /// Whether something cannot be used.
    pub fn has_errors(&self) -> bool {
        self.remarks.iter().any(|remark| remark.gravity == Gravity::Error)
    }

    /// The last value stated for a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.settings.iter().rev().find(|setting| setting.key == key).map(|setting| &setting.item.value)
    }
}

impl Value {
    /// A duration.
    pub(super) fn time(span: Span) -> Self {
        Self::Text(span.to_string())
    }

    /// A word of the scenario format.
    pub(super) fn word(word: &str) -> Self {
        Self::Text(word.to_owned())
    }
}
