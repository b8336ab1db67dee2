//! The parameters of a policy, flat: one value each with its unit.

use super::listing::Field;
use crate::quantity::{Duration, Share, short};
use crate::scenario::written::Policy;
use crate::time::Span;

/// One number or word of a policy.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    /// The key in the policy's table.
    pub(super) part: String,
    /// The key in the part, or [`KIND`].
    pub(super) name: String,
    /// What it is set to.
    pub(super) value: Value,
}

/// What a parameter is set to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Span(Span),
    Share(Share),
    Number(f64),
    Text(String),
}

/// The parts of a policy whose kind is a word of its own in front of the parameters.
const WITH_KIND: [&str; 3] = ["backoff", "memory", "runner"];

/// All parameters with what a file may leave out, in the order of the format.
pub(super) fn parameters(policy: &Policy) -> Result<Vec<Parameter>, toml::ser::Error> {
    let mut parameters = Vec::new();
    for (part, value) in &toml::Table::try_from(policy)? {
        match value {
            toml::Value::Table(kinds) if WITH_KIND.contains(&part.as_str()) => {
                for (kind, below) in kinds {
                    parameters.push(Parameter::text(part, KIND, kind));
                    collect(part, "", below, &mut parameters);
                }
            }
            toml::Value::String(kind) if WITH_KIND.contains(&part.as_str()) => {
                parameters.push(Parameter::text(part, KIND, kind));
            }
            toml::Value::Table(_) => collect(part, "", value, &mut parameters),
            // A part that is a single value has the name of the part.
            _ => collect(part, part, value, &mut parameters),
        }
    }
    Ok(parameters)
}

/// The name of the parameter that says which member of a part it is.
pub(super) const KIND: &str = "kind";

/// The values below a node; names of tables and numbers of list entries are joined with dots.
fn collect(part: &str, name: &str, value: &toml::Value, parameters: &mut Vec<Parameter>) {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                collect(part, &below(key), value, parameters);
            }
        }
        toml::Value::Array(values) => {
            for (number, value) in (1..).zip(values) {
                collect(part, &below(&format!("{number}")), value, parameters);
            }
        }
        value => {
            let value = Value::of(value);
            parameters.push(Parameter { part: part.to_owned(), name: name.to_owned(), value });
        }
    }
}

impl Parameter {
    /// A parameter that is a word.
    pub(super) fn text(part: &str, name: &str, text: &str) -> Self {
        Self { part: part.to_owned(), name: name.to_owned(), value: Value::Text(text.to_owned()) }
    }
}

impl Value {
    /// Texts that are quantities become what they say.
    fn of(value: &toml::Value) -> Self {
        match value {
            toml::Value::Integer(number) => Self::Number(*number as f64),
            toml::Value::Float(number) => Self::Number(*number),
            toml::Value::String(text) => {
                let span = text.parse::<Duration>().map(|duration| Self::Span(duration.span()));
                let share = || text.parse::<Share>().map(Self::Share);
                span.or_else(|_| share()).unwrap_or_else(|_| Self::Text(text.clone()))
            }
            other => Self::Text(other.to_string()),
        }
    }

    /// `s`, `%`, `1` for a plain number, or `text`.
    pub(super) fn unit(&self) -> &'static str {
        match self {
            Self::Span(_) => "s",
            Self::Share(_) => "%",
            Self::Number(_) => "1",
            Self::Text(_) => "text",
        }
    }

    /// As a field of a table, in the unit.
    pub(super) fn field(self) -> Field {
        match self {
            Self::Span(span) => Field::Seconds(span),
            Self::Share(share) => Field::Number(share.percent()),
            Self::Number(number) => Field::Number(number),
            Self::Text(text) => Field::Text(text),
        }
    }

    /// As people read it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Span(span) => short(*span),
            Self::Share(share) => share.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_in_per_cent() {
        let value = Value::of(&toml::Value::from("12.5%"));
        assert_eq!((value.unit(), value.shown().as_str()), ("%", "12.5%"));
        assert_eq!(value.field(), Field::Number(12.5));
    }
}
