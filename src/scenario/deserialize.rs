//! Reads a spanned tree into the written types.
//!
//! The `toml` crate could do it from a text, but not from a tree that several texts were merged
//! into. Three things are special here: a [`Spanned`](super::Spanned) gets its place; where a
//! tagged value may be `constant`, a bare string is short for that; and a tag alone is short for
//! one with no settings.

use std::ops::Range;

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer, UsizeDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::finding::Finding;
use super::misfit::Misfit;
use super::spanned;
use super::tree::{Node, Value};

/// The tag that a bare string stands for, where it is among the tags.
const SHORT_FORM: &str = "constant";

/// Reads a tree into a type. `within` are the keys on the way to the tree, for messages.
///
/// # Errors
/// The first thing that does not fit, with its place.
pub fn from_tree<'de, T: Deserialize<'de>>(node: &'de Node, within: &[&str]) -> Result<T, Finding> {
    T::deserialize(Reader(node)).map_err(|misfit| {
        let place = within.iter().rev().fold(misfit, |misfit, key| misfit.under(key));
        place.into_finding()
    })
}

/// Reads one node.
#[derive(Clone, Copy)]
struct Reader<'de>(&'de Node);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.0.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visit_integer(*number, visitor),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(truth) => visitor.visit_bool(*truth),
            Value::Datetime(_) => Err(serde::de::Error::custom("a date or time of day means nothing here")),
            Value::Array(items) => visitor.visit_seq(Items(items.iter())),
            Value::Table(table) => visitor.visit_map(Entries { entries: table.iter(), next: None }),
        }
        .map_err(|misfit: Misfit| misfit.at(&self.0.span))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        tags: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let span = &self.0.span;
        let tagged = match &self.0.value {
            Value::String(word) if tags.contains(&SHORT_FORM) && !tags.contains(&word.as_str()) => {
                Tagged { tag: SHORT_FORM, tag_span: span, value: Some(self.0) }
            }
            Value::String(word) => Tagged { tag: word, tag_span: span, value: None },
            Value::Table(table) if table.len() == 1 => {
                let (key, value) = table.first().expect("it has one entry");
                return visitor
                    .visit_enum(Tagged { tag: key, tag_span: &key.place(), value: Some(value) })
                    .map_err(|misfit| misfit.at(&value.span));
            }
            _ => return Err(Misfit::no_tag(tags, span.clone())),
        };
        visitor.visit_enum(tagged).map_err(|misfit| misfit.at(span))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == spanned::NAME {
            return visitor.visit_seq(Placed::new(&self.0.span, self));
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple map struct identifier ignored_any
    }
}

fn visit_integer<'de, V: Visitor<'de>>(number: i128, visitor: V) -> Result<V::Value, Misfit> {
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => visitor.visit_i64(number),
        (_, Ok(number)) => visitor.visit_u64(number),
        _ => Err(serde::de::Error::custom("this number is too large")),
    }
}

/// Reads a key.
struct Key<'de> {
    name: &'de str,
    span: Range<usize>,
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_borrowed_str(self.name).map_err(|misfit: Misfit| misfit.at(&self.span))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_seq(Placed::new(&self.span, BorrowedStrDeserializer::new(self.name)))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple map struct enum identifier ignored_any
    }
}

/// Hands out the start, the end and the value of a spanned value.
struct Placed<D> {
    places: std::array::IntoIter<usize, 2>,
    value: Option<D>,
}

impl<D> Placed<D> {
    fn new(span: &Range<usize>, value: D) -> Self {
        Self { places: [span.start, span.end].into_iter(), value: Some(value) }
    }
}

impl<'de, D: Deserializer<'de, Error = Misfit>> SeqAccess<'de> for Placed<D> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        if let Some(place) = self.places.next() {
            let place: UsizeDeserializer<Misfit> = place.into_deserializer();
            return seed.deserialize(place).map(Some);
        }
        self.value.take().map(|value| seed.deserialize(value)).transpose()
    }
}

struct Items<'de>(std::slice::Iter<'de, Node>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let read = |item: &'de Node| seed.deserialize(Reader(item)).map_err(|misfit| misfit.at(&item.span));
        self.0.next().map(read).transpose()
    }
}

struct Entries<'de> {
    entries: indexmap::map::Iter<'de, super::Spanned<String>, Node>,
    next: Option<(&'de str, &'de Node)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.next = Some((key, value));
        seed.deserialize(Key { name: key, span: key.place() }).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        let (key, value) = self.next.take().expect("serde asks for a key before its value");
        // A conversion that fails after the value was read knows no place by itself.
        seed.deserialize(Reader(value)).map_err(|misfit| misfit.at(&value.span).under(key))
    }
}

/// A tagged value; none where the tag stands alone.
struct Tagged<'de, 'a> {
    tag: &'de str,
    tag_span: &'a Range<usize>,
    value: Option<&'de Node>,
}

impl<'de, 'a> EnumAccess<'de> for Tagged<'de, 'a> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Misfit> {
        let tag = seed.deserialize(Key { name: self.tag, span: self.tag_span.clone() })?;
        Ok((tag, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'de, '_> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.value {
            None => Ok(()),
            Some(_) => Err(Misfit::tag_without_settings(self.tag, self.tag_span.clone())),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        if let Some(value) = self.value {
            let read = seed.deserialize(Reader(value));
            // The short form has no key of its own to name.
            return read.map_err(
                |misfit| {
                    if *self.tag_span == value.span { misfit } else { misfit.under(self.tag) }
                },
            );
        }
        seed.deserialize(NoSettings { tag_span: self.tag_span }).map_err(|misfit| {
            if misfit.is_type() {
                return Misfit::tag_alone(self.tag, self.tag_span.clone());
            }
            misfit.under(self.tag)
        })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::tag_alone(self.tag, self.tag_span.clone()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::tag_alone(self.tag, self.tag_span.clone()))
    }
}

/// Reads the settings of a tag that stands alone: an empty table.
struct NoSettings<'a> {
    tag_span: &'a Range<usize>,
}

impl<'de> Deserializer<'de> for NoSettings<'_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let nothing = MapDeserializer::<_, Misfit>::new(std::iter::empty::<(&str, &str)>());
        visitor.visit_map(nothing).map_err(|misfit| misfit.at(self.tag_span))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == spanned::NAME {
            let span = self.tag_span.clone();
            return visitor.visit_seq(Placed::new(&span, self));
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::super::written::{Backoff, Distribution, Lifetime, Memory, Policy, Recipient};
    use super::super::{Paint, Sources};
    use super::*;
    use crate::scenario::tree;
    use serde::de::DeserializeOwned;

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        #[derive(Debug, serde::Deserialize)]
        struct Root<T> {
            x: T,
        }
        let mut sources = Sources::new();
        let text = sources.add("t", text).clone();
        let tree = tree::parse(&text).expect("valid TOML");
        let root: Result<Root<T>, Finding> = from_tree(&tree, &[]);
        root.map(|root| root.x).map_err(|finding| finding.render(&sources, Paint::Plain))
    }

    fn refused<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> Vec<String> {
        let shown = read::<T>(text).expect_err(text);
        let worth = |line: &&str| line.contains("error") || line.contains("^") || line.contains("help");
        shown.lines().filter(worth).map(|line| line.trim_start_matches([' ', '|', '=']).to_owned()).collect()
    }

    #[test]
    fn short_forms() {
        assert!(matches!(read("x = '2s'"), Ok(Distribution::Constant(_))));
        assert!(matches!(read("x = { constant = '2s' }"), Ok(Distribution::Constant(_))));
        assert!(matches!(read("x = 'immediate'"), Ok(Backoff::Immediate)));
        assert_eq!(read("x = 'dead-site'"), Ok(Memory::DeadSite(Default::default())));
        assert!(read::<Lifetime>("x = 'by-rule'").is_ok());
    }

    #[test]
    fn places_of_values() {
        let text = "x = { backoff = { fixed = { every = '5m' } } }";
        let policy: Policy = read(text).expect("a policy");
        let Backoff::Fixed(fixed) = &*policy.backoff else { panic!("{policy:?}") };
        let start = 1 + text.find("'5m'").expect("it is there");
        assert_eq!(fixed.every.place(), start..start + 4);
        assert_eq!(policy.memory.place(), 0..0);
        let recipient: Recipient =
            read("x.transaction = '1s'\nx.gates.g = { backlog = {} }").expect("a recipient");
        assert_eq!(recipient.gates.first().map(|(key, _)| key.place()), Some(30..31));
    }

    #[test]
    fn misfits_in_words() {
        assert_eq!(
            refused::<Backoff>("x = { fixd = { every = '5m' } }"),
            ["error: `x` cannot be `fixd`", "^^^^ not known here", "help: did you mean `fixed`?"]
        );
        assert_eq!(
            refused::<Backoff>("x = { fixed = { evry = '5m' } }"),
            ["error: `x.fixed` has no key `evry`", "^^^^ unknown key", "help: did you mean `every`?"]
        );
        assert_eq!(
            refused::<Backoff>("x = 'fixed'"),
            [
                "error: `x.fixed` lacks the key `every`",
                "^^^^^^^ `every` is missing",
                "help: add `every = ...`"
            ]
        );
        assert_eq!(
            refused::<Distribution>("x = 'exponential'"),
            [
                "error: `x`: `exponential` needs a value",
                "^^^^^^^^^^^^^ the value is missing",
                "help: write { exponential = ... }"
            ]
        );
        assert_eq!(
            refused::<Backoff>("x = { immediate = {} }"),
            ["error: `immediate` has no settings: write \"immediate\"", "^^^^^^^^^ in `x`"]
        );
        assert_eq!(
            refused::<Distribution>("x = '2'"),
            ["error: a duration needs a unit: \"2s\" or \"2m\"", "^^^ in `x`"]
        );
        assert_eq!(
            refused::<Distribution>("x = { gamma = { mean = '2s', shape = true } }"),
            ["error: `x.gamma.shape` is true, but must be a number", "^^^^ expected a number"]
        );
        assert_eq!(
            refused::<Memory>("x = { dead-site = { window = -1 } }"),
            [
                "error: `x.dead-site.window` is the number -1, but must be a whole number from 0 to 4294967295",
                "^^ expected a whole number from 0 to 4294967295"
            ]
        );
        assert!(refused::<Backoff>("x = { fixed = {}, linear = {} }")[0].contains("must be one of"));
        assert_eq!(refused::<Backoff>("x = 3")[1], "^ expected exactly one name");
    }
}
