//! Reading quantities with serde: from texts only, and with the remedy for everything else.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

use super::error::{Problem, Quantity, QuantityError};

/// Reads a quantity from a text. Bare numbers get the message they would get as a text: that a
/// unit is missing, and which ones to try.
pub fn deserialize<'de, D, T>(deserializer: D, quantity: Quantity) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = QuantityError>,
{
    deserializer.deserialize_str(TextVisitor { quantity, result: PhantomData })
}

/// The first space in a text, or that there is none at all: what every quantity refuses alike.
pub fn refuse_empty_and_spaces(text: &str, quantity: Quantity) -> Result<(), QuantityError> {
    let error = |problem, range, remedy| Err(QuantityError { quantity, problem, range, remedy });
    if text.trim().is_empty() {
        return error(Problem::Empty, 0..text.len(), format!("for example {}", quantity.examples()));
    }
    match text.char_indices().find(|(_, letter)| letter.is_whitespace()) {
        Some((start, space)) => {
            let joined: String = text.split_whitespace().collect();
            error(Problem::Space, start..start + space.len_utf8(), format!("{joined:?}"))
        }
        None => Ok(()),
    }
}

struct TextVisitor<T> {
    quantity: Quantity,
    result: PhantomData<T>,
}

impl<T: FromStr<Err = QuantityError>> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.quantity, f)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}
