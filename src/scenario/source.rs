//! The texts a scenario is made of, in one space of byte offsets.

use std::ops::Range;

use indexmap::IndexMap;

/// All texts that a scenario comes from: the user's file, presets, `--set` and traces.
///
/// Every text has its own range of offsets, so that a range alone says which text it lies in, also
/// after parts of several texts were merged. Nothing here opens a file: whoever calls brings the
/// texts.
///
/// ```
/// use tempfail::scenario::Sources;
///
/// let mut sources = Sources::new();
/// sources.add("down.toml", "format = 1\n");
/// assert_eq!(sources.text("down.toml"), Some("format = 1\n"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: Vec<Text>,
    unreadable: IndexMap<String, String>,
}

/// One text of the [`Sources`].
#[derive(Clone, Debug)]
pub struct Text {
    name: String,
    text: String,
    start: usize,
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text under the name that a user knows it by: a path, or `--set`.
    ///
    /// A later text of the same name hides an earlier one from [`Sources::text`], but places in
    /// the earlier one stay valid.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> &Text {
        // Offset 0 belongs to no text: 0..0 is the place of what was never written. And one more
        // offset than bytes, so that the end of a text is not the start of the next.
        let start = self.texts.last().map_or(1, |last| last.range().end + 1);
        self.texts.push(Text { name: name.into(), text: text.into(), start });
        self.texts.last().expect("one was just added")
    }

    /// Notes that a file the scenario names could not be read, and why: the reader then says so
    /// where it is named.
    pub fn add_unreadable(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.unreadable.insert(name.into(), reason.into());
    }

    /// The text of this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.find(name).map(|found| found.text.as_str())
    }

    /// The text of this name with its place.
    pub(super) fn find(&self, name: &str) -> Option<&Text> {
        self.texts.iter().rev().find(|text| text.name == name)
    }

    /// Why the file of this name could not be read.
    pub(super) fn why_unreadable(&self, name: &str) -> Option<&str> {
        self.unreadable.get(name).map(String::as_str)
    }

    /// The text that a range lies in, and the range inside it; `None` for what was never written.
    pub fn locate(&self, span: &Range<usize>) -> Option<(&Text, Range<usize>)> {
        let text = self.texts.iter().find(|text| (text.start..=text.range().end).contains(&span.start))?;
        let inside = |offset: usize| floor_char(&text.text, offset.saturating_sub(text.start));
        Some((text, inside(span.start)..inside(span.end.max(span.start))))
    }
}

impl Text {
    /// The name given to it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The offset of its first byte among all texts.
    pub fn start(&self) -> usize {
        self.start
    }

    fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The last character boundary of `text` not after `offset`.
fn floor_char(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_finds_its_text() {
        let mut sources = Sources::new();
        let first = sources.add("a", "12").start();
        let second = sources.add("b", "ü3").start();
        let place = |span| sources.locate(&span).map(|(text, inside)| (text.name(), inside));
        assert_eq!(place(first..first + 2), Some(("a", 0..2)));
        assert_eq!(place(first + 2..first + 2), Some(("a", 2..2)));
        assert_eq!(place(second..second + 2), Some(("b", 0..2)));
        // Not on a character boundary, and beyond the end.
        assert_eq!(place(second + 1..second + 9), Some(("b", 0..3)));
        assert_eq!(place(0..0), None);
        assert_eq!(place(99..100), None);
    }

    #[test]
    fn the_last_text_of_a_name_counts() {
        let mut sources = Sources::new();
        let early = sources.add("--set", "a=1").start();
        sources.add("--set", "b=2");
        assert_eq!(sources.text("--set"), Some("b=2"));
        assert_eq!(sources.locate(&(early..early + 1)).map(|(text, _)| text.as_str()), Some("a=1"));
    }
}
