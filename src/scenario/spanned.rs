//! Values with the place they were written at.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::{Deref, Range};

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// The name under which a [`Spanned`] asks the deserializer of this module's tree for a place.
pub(super) const NAME: &str = "tempfail::Spanned";

/// A value with its place in the [`Sources`](super::Sources); it acts like the value.
///
/// Comparing and hashing look at the value only.
///
/// ```
/// use tempfail::scenario::Spanned;
///
/// let limit = Spanned::new(4..6, 10_u32);
/// assert_eq!(*limit + 1, 11);
/// assert_eq!(limit, Spanned::from(10));
/// assert!(Spanned::from(10).place().is_empty());
/// ```
#[derive(Clone, Copy, Default)]
pub struct Spanned<T> {
    start: usize,
    end: usize,
    value: T,
}

impl<T> Spanned<T> {
    /// A value written at this range of bytes.
    pub const fn new(span: Range<usize>, value: T) -> Self {
        Self { start: span.start, end: span.end, value }
    }

    /// A value that was not written: a default, or one made by a program. Its place is `0..0`.
    pub const fn unwritten(value: T) -> Self {
        Self::new(0..0, value)
    }

    /// The range of bytes; `0..0` if it was not written.
    pub const fn place(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The value, to be changed; the place stays.
    pub const fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> From<T> for Spanned<T> {
    fn from(value: T) -> Self {
        Self::unwritten(value)
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: Hash> Hash for Spanned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

/// Lets maps with spanned keys be asked with a plain `&str`.
impl Borrow<str> for Spanned<String> {
    fn borrow(&self) -> &str {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Spanned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T: Serialize> Serialize for Spanned<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

/// Only the deserializer of the scenario tree knows places; it hands out (start, end, value).
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(NAME, 3, PlaceAndValue(PhantomData))
    }
}

struct PlaceAndValue<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PlaceAndValue<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
        let start = parts.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let end = parts.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
        let value = parts.next_element()?.ok_or_else(|| A::Error::invalid_length(2, &self))?;
        Ok(Spanned { start, end, value })
    }
}
