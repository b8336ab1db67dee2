//! A TOML text as a tree of owned values with their places: what patches are merged in.

use std::ops::Range;

use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Kind};
use super::source::Text;
use super::spanned::Spanned;

/// A table in the order of the file.
pub type Table = IndexMap<Spanned<String>, Node>;

/// A value with its place in the [`Sources`](super::Sources).
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The place.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A TOML value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    String(String),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A truth value.
    Boolean(bool),
    /// A date or time, which no key of a scenario takes.
    Datetime(String),
    /// An array.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
}

impl Node {
    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The table, if it is one, to be changed.
    pub fn as_table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The node under a key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_table()?.get(key)
    }
}

/// Reads a whole text.
///
/// # Errors
/// The first mistake in the syntax.
pub fn parse(text: &Text) -> Result<Node, Finding> {
    let document = DeTable::parse(text.as_str()).map_err(|error| syntax_error(&error, text))?;
    let span = document.span();
    Ok(node(DeValue::Table(document.into_inner()), span, text.start()))
}

/// Reads one value; `None` if it is none in the sense of TOML.
pub fn parse_value(value: &str, start: usize) -> Option<Node> {
    let parsed = DeValue::parse(value).ok()?;
    let span = parsed.span();
    Some(node(parsed.into_inner(), span, start))
}

fn syntax_error(error: &toml::de::Error, text: &Text) -> Finding {
    let inside = error.span().unwrap_or(0..0);
    let span = inside.start + text.start()..inside.end + text.start();
    let finding = Finding::error(Kind::Syntax, span, format!("this is not TOML: {}", error.message()));
    match error.message() {
        "duplicate key" => finding.help("a key or table stands once: leave one out, or join the two"),
        _ => finding,
    }
}

/// Shifts all places by the start of the text, and makes everything owned.
fn node(value: DeValue, span: Range<usize>, start: usize) -> Node {
    let shift = |span: Range<usize>| span.start + start..span.end + start;
    let value = match value {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => {
            // TOML promises 64 bits; the parser lets longer ones through. Saturated, they are out
            // of every range.
            let parsed = i128::from_str_radix(number.as_str(), number.radix());
            Value::Integer(parsed.unwrap_or(i128::MAX))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(truth),
        DeValue::Datetime(time) => Value::Datetime(time.to_string()),
        DeValue::Array(array) => Value::Array(
            array
                .into_iter()
                .map(|item| {
                    let span = item.span();
                    node(item.into_inner(), span, start)
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(
            table
                .into_iter()
                .map(|(key, item)| {
                    let span = item.span();
                    let name = Spanned::new(shift(key.span()), key.into_inner().into_owned());
                    (name, node(item.into_inner(), span, start))
                })
                .collect(),
        ),
    };
    Node { span: shift(span), value }
}

#[cfg(test)]
mod tests {
    use super::super::Sources;
    use super::*;

    #[test]
    fn places_point_at_the_tokens_of_the_right_text() {
        let mut sources = Sources::new();
        sources.add("other", "x = 1");
        let text = sources.add("main", "[a.b]\nc.d = [1, 'two']\n").clone();
        let tree = parse(&text).expect("valid");
        let shown = |span: &Range<usize>| {
            let (text, inside) = sources.locate(span).expect("a place");
            format!("{}:{}", text.name(), &text.as_str()[inside])
        };
        let c = tree.get("a").and_then(|a| a.get("b")).and_then(Node::as_table).expect("a.b");
        let (key, c) = c.first().expect("c");
        assert_eq!(shown(&key.place()), "main:c");
        let d = c.get("d").expect("d");
        assert_eq!(shown(&d.span), "main:[1, 'two']");
        let Value::Array(items) = &d.value else { panic!("{d:?}") };
        assert_eq!(shown(&items[1].span), "main:'two'");
        assert_eq!(shown(&tree.get("a").expect("a").get("b").expect("b").span), "main:[a.b]");
    }

    #[test]
    fn numbers_of_all_kinds() {
        let value = |text: &str| parse_value(text, 1).map(|node| node.value);
        assert_eq!(value("0x1_0"), Some(Value::Integer(16)));
        assert_eq!(value("-1"), Some(Value::Integer(-1)));
        assert_eq!(value("1_0.5"), Some(Value::Float(10.5)));
        assert_eq!(value("inf"), Some(Value::Float(f64::INFINITY)));
        assert_eq!(value("99999999999999999999999999999999999999999999"), Some(Value::Integer(i128::MAX)));
        assert_eq!(value("5m"), None);
    }

    #[test]
    fn a_syntax_error_points_into_its_text() {
        let mut sources = Sources::new();
        sources.add("other", "x = 1");
        let text = sources.add("main", "a = 1\nb = = 2\n").clone();
        let error = parse(&text).expect_err("not TOML");
        let (found, inside) = sources.locate(&error.span.expect("a place")).expect("a text");
        assert_eq!((found.name(), inside), ("main", 10..11));
    }
}
