//! The lines of an Exim configuration: continuations, macros, conditions, sections.
//!
//! Exim src/readconf.c (`get_config_line`, `macros_expand`).

use std::ops::Range;

use indexmap::IndexMap;

use crate::mta::native::reading::Reading;

/// A logical line with a place for each of its bytes.
#[derive(Clone, Debug, Default)]
pub struct Line {
    text: String,
    /// Where each byte of the text is written; the place of a macro for what it stands for.
    places: Vec<Range<usize>>,
    /// Where its end is.
    end: usize,
}

/// The lines of one section; `main` before the first `begin`.
#[derive(Debug)]
pub struct Section {
    /// What stands after `begin`; `None` for the main section.
    pub name: Option<String>,
    /// Its lines, without comments and empty ones.
    pub lines: Vec<Line>,
}

impl Line {
    /// The text, continuations joined and macros replaced.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a part of the text is written.
    pub fn place(&self, part: Range<usize>) -> Range<usize> {
        let start = self.places.get(part.start).map_or(self.end, |place| place.start);
        match self.places.get(part.start..part.end) {
            Some([.., last]) => start..last.end.max(start),
            _ => start..start,
        }
    }

    /// Where all of it is written.
    pub fn whole(&self) -> Range<usize> {
        self.place(0..self.text.len())
    }

    fn push(&mut self, piece: &str, start: usize) {
        self.text.push_str(piece);
        self.places.extend((start..start + piece.len()).map(|at| at..at + 1));
        self.end = start + piece.len();
    }

    /// The line with every macro replaced by its value.
    fn expanded(&self, macros: &IndexMap<String, String>) -> Self {
        let mut out = Self { end: self.end, ..Self::default() };
        let mut at = 0;
        while at < self.text.len() {
            let rest = &self.text[at..];
            let word = rest.find(|letter: char| !is_name(letter)).unwrap_or(rest.len());
            match macros.get(&rest[..word]) {
                Some(value) => {
                    let place = self.place(at..at + word);
                    out.text.push_str(value);
                    out.places.extend(std::iter::repeat_n(place, value.len()));
                    at += word;
                }
                None => {
                    let letter = rest.chars().next().map_or(1, char::len_utf8);
                    let length = word.max(letter);
                    out.text.push_str(&rest[..length]);
                    out.places.extend_from_slice(&self.places[at..at + length]);
                    at += length;
                }
            }
        }
        out
    }
}

/// The sections of a configuration, in its order.
pub fn sections(text: &str, reading: &mut Reading) -> Vec<Section> {
    let mut sections = vec![Section { name: None, lines: Vec::new() }];
    let mut macros: IndexMap<String, String> = IndexMap::new();
    // Of each open `.ifdef`: whether its lines count, and whether any branch has.
    let mut conditions: Vec<(bool, bool)> = Vec::new();
    for raw in logical_lines(text) {
        let counts = conditions.iter().all(|&(now, _)| now);
        if let Some(directive) = raw.text.strip_prefix('.') {
            let (word, rest) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
            match word {
                "include" | "include_if_exists" if counts => {
                    let message = format!("`.{word}` is not followed");
                    reading.warn(raw.whole(), message, "copy the lines in if they matter");
                }
                _ => condition(word, rest.trim(), &macros, &mut conditions),
            }
            continue;
        }
        if !counts {
            continue;
        }
        let in_main = sections.len() == 1;
        if let Some((name, value)) = definition(&raw.text).filter(|_| in_main) {
            let expanded =
                Line { text: value.to_owned(), places: raw.places[..value.len()].to_vec(), end: 0 };
            macros.insert(name.to_owned(), expanded.expanded(&macros).text);
            continue;
        }
        let line = raw.expanded(&macros);
        let begins = line.text.strip_prefix("begin").filter(|rest| rest.starts_with(char::is_whitespace));
        match begins {
            Some(name) => sections.push(Section { name: Some(name.trim().to_owned()), lines: Vec::new() }),
            None => sections.last_mut().expect("the main section is there").lines.push(line),
        }
    }
    sections
}

fn condition(word: &str, name: &str, macros: &IndexMap<String, String>, open: &mut Vec<(bool, bool)>) {
    let defined = macros.contains_key(name);
    match (word, open.last_mut()) {
        ("ifdef", _) => open.push((defined, defined)),
        ("ifndef", _) => open.push((!defined, !defined)),
        ("elifdef", Some((now, any))) => *now = defined && !*any,
        ("elifndef", Some((now, any))) => *now = !defined && !*any,
        ("else", Some((now, any))) => *now = !*any,
        ("endif", Some(_)) => {
            open.pop();
        }
        _ => {}
    }
    if let Some((now, any)) = open.last_mut() {
        *any |= *now;
    }
}

/// `NAME = value` or `NAME == value`, which begins with a capital.
fn definition(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|letter: char| !is_name(letter))?;
    let value = text[end..].trim_start().strip_prefix('=')?;
    let value = value.strip_prefix('=').unwrap_or(value).trim();
    text.starts_with(|letter: char| letter.is_ascii_uppercase()).then_some((&text[..end], value))
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Lines without comments; a backslash at the end joins the next, whose indent does not count.
fn logical_lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut open: Option<Line> = None;
    let mut start = 0;
    for piece in text.split_inclusive('\n') {
        let shown = piece.trim_start();
        let at = start + piece.len() - shown.len();
        start += piece.len();
        let shown = shown.trim_end();
        // A comment does not end a line that goes on; an empty line does.
        if shown.starts_with('#') || shown.is_empty() && open.is_none() {
            continue;
        }
        let mut line = open.take().unwrap_or_default();
        match shown.strip_suffix('\\') {
            Some(begun) => {
                line.push(begun, at);
                open = Some(line);
            }
            None => {
                line.push(shown, at);
                lines.push(line);
            }
        }
    }
    lines.extend(open);
    lines.retain(|line| !line.text.trim().is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(Option<String>, Vec<String>)> {
        let lines = |section: Section| section.lines.iter().map(|line| line.text().to_owned()).collect();
        sections(text, &mut Reading::default())
            .into_iter()
            .map(|section| (section.name.clone(), lines(section)))
            .collect()
    }

    #[test]
    fn continuations_macros_and_conditions() {
        let text = "TIME = 15m\n.ifdef OTHER\na = 1\n.else\na = TIME\n.endif\nx = 1 \\\n  # no\n  2\n\nbegin retry\n* * \\\n  F,2h,TIME\n";
        assert_eq!(
            texts(text),
            [
                (None, vec!["a = 15m".to_owned(), "x = 1 2".to_owned()]),
                (Some("retry".to_owned()), vec!["* * F,2h,15m".to_owned()])
            ]
        );
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "T = 15m\nbegin retry\n* * F,2h,\\\n   T; G,3h,1m,2\n";
        let sections = sections(text, &mut Reading::default());
        let line = &sections[1].lines[0];
        let shown = |part: &str| {
            let at = line.text().find(part).expect(part);
            text[line.place(at..at + part.len())].to_owned()
        };
        assert_eq!(shown("F,2h"), "F,2h");
        assert_eq!(shown("15m"), "T");
        assert_eq!(shown("G,3h"), "G,3h");
        assert_eq!(line.place(99..99).start, text.len() - 1);
    }

    #[test]
    fn what_is_not_closed_is_no_trouble() {
        for text in [".endif\na = 1\n", ".else\n", "a = 1\\", "begin", "\\\n\\\n", "A\u{e4}=1\nA\u{e4}"] {
            texts(text);
        }
    }
}
