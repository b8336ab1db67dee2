//! What is wrong with a table, or with a model and its parameters.

use std::fmt;
use std::ops::Range;

use crate::scenario::{Finding, Kind, Paint, Sources};

/// A sentence about it, with the line of the table and the words in it where these are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    line: Option<u64>,
    words: Option<String>,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { line: None, words: None, message: message.into(), help: None }
    }

    /// The same with a line, unless it has one.
    pub(super) fn at_line(self, line: u64) -> Self {
        Self { line: self.line.or(Some(line)), ..self }
    }

    /// The same with the words of the line that are wrong, as they are written there.
    pub(super) fn at_words(self, words: impl Into<String>) -> Self {
        Self { words: Some(words.into()), ..self }
    }

    /// The same with a way to mend it.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// Draws the problem with its line of `table`, a file that is called `name`, and a caret under the words
    /// that are wrong: under the whole line where it is not known which, or where they are not in it.
    pub fn render(&self, name: &str, table: &str, paint: Paint) -> String {
        let mut sources = Sources::new();
        let start = sources.add(name, table).start();
        let place = self.line.and_then(|line| self.place(table, line));
        let place = place.map_or(0..0, |place| place.start + start..place.end + start);
        let finding = Finding::error(Kind::File, place.clone(), self.message.as_str());
        let finding = match &self.help {
            Some(help) => finding.help(help.as_str()),
            None => finding,
        };
        // Without a place nothing else would name the file.
        let finding = match place == (0..0) {
            true => Finding { message: format!("{name}: {}", self.message), ..finding },
            false => finding,
        };
        finding.render(&sources, paint)
    }

    /// The bytes of the table that are wrong.
    fn place(&self, table: &str, line: u64) -> Option<Range<usize>> {
        let before = usize::try_from(line.checked_sub(1)?).ok()?;
        let start = table.split_inclusive('\n').take(before).map(str::len).sum::<usize>();
        let line = table.get(start..)?.lines().next()?;
        let words = self.words.as_deref().and_then(|words| find(line, words));
        let words = words.unwrap_or(0..line.len());
        Some(start + words.start..start + words.end)
    }
}

/// Where the words stand by themselves: not as a part of a longer name or number.
fn find(line: &str, words: &str) -> Option<Range<usize>> {
    let ends = |letter: Option<char>| letter.is_none_or(|letter| " \t,;\"".contains(letter));
    let alone =
        |at: &usize| ends(line[..*at].chars().next_back()) && ends(line[*at + words.len()..].chars().next());
    let at = line.match_indices(words).map(|(at, _)| at).filter(|_| !words.is_empty()).find(alone)?;
    Some(at..at + words.len())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "model,params,value\nloss,lambda=1;a=12,1\n";

    fn drawn(problem: Problem) -> String {
        problem.render("table.csv", TABLE, Paint::Plain)
    }

    #[test]
    fn the_words_are_shown_in_their_line() {
        let problem = Problem::new("it is 1").at_words("1").at_line(2).help("write 2");
        assert_eq!(
            drawn(problem),
            "\
error: it is 1
 --> table.csv:2:20
  |
2 | loss,lambda=1;a=12,1
  |                    ^
  |
  = help: write 2"
        );
    }

    #[test]
    fn without_words_it_is_the_line_and_without_a_line_the_file() {
        let whole = "2 | loss,lambda=1;a=12,1\n  | ^^^^^^^^^^^^^^^^^^^^";
        assert!(drawn(Problem::new("no").at_line(2)).ends_with(whole));
        // Parts of a number are not meant.
        assert!(drawn(Problem::new("no").at_words("a=1").at_line(2)).ends_with(whole));
        assert_eq!(drawn(Problem::new("no").at_words("a=1")), "error: table.csv: no");
        assert!(drawn(Problem::new("no").at_line(9)).starts_with("error: table.csv: no"));
    }
}
