//! Assignments in whatever looks like TOML, JSON, JavaScript or Lua: `name = value`, `"name": value`.
//!
//! Not a reader of these languages: only what a person writes for a setting is understood, literals and
//! products of numbers; everything else is passed over.

use std::ops::Range;

/// One assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Its name after those of the tables it is in, with dots.
    pub path: String,
    /// What is assigned.
    pub value: Literal,
    /// Where that is written; inside the quotation marks of a string.
    pub at: Range<usize>,
}

/// What is assigned.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// A string, as it is written.
    Text(String),
    /// A whole number, or a product of them.
    Number(u64),
    /// A list, each item with its place.
    List(Vec<(Literal, Range<usize>)>),
    /// Anything else.
    Other,
}

/// What differs between languages.
#[derive(Clone, Copy, Debug)]
pub struct Syntax {
    /// What begins a comment.
    pub comments: &'static [&'static str],
    /// Whether `[name]` at the start of a line begins a table.
    pub headers: bool,
}

/// Deeper nesting is nobody's configuration.
const DEEPEST: usize = 40;

/// All assignments of a text, in its order.
pub fn assignments(text: &str, syntax: Syntax) -> Vec<Assignment> {
    let tokens = tokens(text, syntax);
    let mut parser =
        Parser { text, tokens: &tokens, at: 0, header: String::new(), found: Vec::new(), syntax };
    while parser.at < tokens.len() {
        let prefix = parser.header.clone();
        parser.statement(&prefix, 0);
    }
    parser.found
}

/// The last assignment of a name, and whether others say something else.
pub fn last<'a>(all: &'a [Assignment], name: &str) -> Option<(&'a Assignment, bool)> {
    let named = |one: &&Assignment| one.path.rsplit('.').next() == Some(name);
    let last = all.iter().rev().find(named)?;
    Some((last, all.iter().filter(named).any(|one| one.value != last.value)))
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word,
    Text,
    Number,
    Mark(char),
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    at: Range<usize>,
}

fn tokens(text: &str, syntax: Syntax) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = letter.len_utf8();
        if letter.is_whitespace() {
            at += length;
        } else if rest.starts_with("/*") && syntax.comments.contains(&"//") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if syntax.comments.iter().any(|mark| rest.starts_with(mark)) {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if matches!(letter, '"' | '\'' | '`') {
            let inside = end_of_string(&rest[1..], letter);
            tokens.push(Token { kind: Kind::Text, at: at + 1..at + 1 + inside });
            at += (inside + 2).min(rest.len());
        } else if letter.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
            let end = end.unwrap_or(rest.len());
            tokens.push(Token { kind: Kind::Number, at: at..at + end });
            at += end;
        } else if letter.is_alphabetic() || matches!(letter, '_' | '@') {
            let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | '@'));
            let end = end.unwrap_or(rest.len());
            tokens.push(Token { kind: Kind::Word, at: at..at + end });
            at += end;
        } else {
            tokens.push(Token { kind: Kind::Mark(letter), at: at..at + length });
            at += length;
        }
    }
    tokens
}

/// How long a string is, up to its closing quotation mark or the end of the text.
fn end_of_string(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return at;
        }
        if letter == '\\' {
            letters.next();
        }
    }
    text.len()
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    header: String,
    found: Vec<Assignment>,
    syntax: Syntax,
}

impl Parser<'_> {
    fn kind(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// Reads an assignment, or passes one token over.
    fn statement(&mut self, prefix: &str, depth: usize) {
        if self.syntax.headers && depth == 0 && self.kind(0) == Some(&Kind::Mark('[')) && self.at_line_start()
        {
            return self.table_header();
        }
        let named = matches!(self.kind(0), Some(Kind::Word | Kind::Text | Kind::Number));
        let assigned = matches!(self.kind(1), Some(Kind::Mark('=' | ':')));
        let compared = self.kind(2) == Some(&Kind::Mark('='));
        if !named || !assigned || compared {
            self.at += 1;
            return;
        }
        let name = &self.text[self.tokens[self.at].at.clone()];
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        self.at += 2;
        let place = self.found.len();
        if let Some((value, at)) = self.value(&path, depth) {
            self.found.insert(place, Assignment { path, value, at });
        }
    }

    fn at_line_start(&self) -> bool {
        let start = self.tokens[self.at].at.start;
        self.text[..start].rsplit('\n').next().is_some_and(|before| before.trim().is_empty())
    }

    fn table_header(&mut self) {
        let mut names = Vec::new();
        self.at += 1;
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.kind {
                Kind::Mark(']') => break,
                Kind::Mark(_) => {}
                _ => names.push(&self.text[token.at.clone()]),
            }
        }
        self.header = names.join(".");
    }

    fn value(&mut self, path: &str, depth: usize) -> Option<(Literal, Range<usize>)> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token.kind {
            Kind::Text => Some((Literal::Text(self.text[token.at.clone()].to_owned()), token.at)),
            Kind::Number => Some(self.product(token.at)),
            Kind::Mark(open @ ('[' | '{')) if depth < DEEPEST => {
                let closing = if open == '[' { ']' } else { '}' };
                Some(self.list(path, closing, token.at.start, depth + 1))
            }
            _ => Some((Literal::Other, token.at)),
        }
    }

    /// `5 * 60 * 1000`, after its first factor.
    fn product(&mut self, first: Range<usize>) -> (Literal, Range<usize>) {
        let number = |at: Range<usize>| self.text[at].replace('_', "").parse::<u64>().ok();
        let mut product = number(first.clone());
        let mut place = first;
        while self.kind(0) == Some(&Kind::Mark('*')) && self.kind(1) == Some(&Kind::Number) {
            let factor = self.tokens[self.at + 1].at.clone();
            product = product.zip(number(factor.clone())).and_then(|(a, b)| a.checked_mul(b));
            place.end = factor.end;
            self.at += 2;
        }
        (product.map_or(Literal::Other, Literal::Number), place)
    }

    /// The items up to a closing bracket; assignments among them are found, too.
    fn list(&mut self, path: &str, closing: char, start: usize, depth: usize) -> (Literal, Range<usize>) {
        let mut items = Vec::new();
        while let Some(token) = self.tokens.get(self.at) {
            match &token.kind {
                Kind::Mark(mark) if *mark == closing => {
                    let end = token.at.end;
                    self.at += 1;
                    return (Literal::List(items), start..end);
                }
                Kind::Mark('[' | '{') => items.extend(self.value(path, depth)),
                Kind::Mark(_) => self.at += 1,
                _ if matches!(self.kind(1), Some(Kind::Mark('=' | ':'))) => self.statement(path, depth),
                _ => items.extend(self.value(path, depth)),
            }
        }
        (Literal::List(items), start..self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: Syntax = Syntax { comments: &["#"], headers: true };
    const SCRIPT: Syntax = Syntax { comments: &["//", "--"], headers: false };

    fn shown(text: &str, syntax: Syntax) -> Vec<String> {
        let literal = |literal: &Literal| match literal {
            Literal::Text(text) => format!("'{text}'"),
            Literal::Number(number) => number.to_string(),
            Literal::List(items) => format!("{} items", items.len()),
            Literal::Other => "?".to_owned(),
        };
        assignments(text, syntax).iter().map(|one| format!("{}={}", one.path, literal(&one.value))).collect()
    }

    #[test]
    fn tables_lists_and_products() {
        let toml = "a = 1 # b = 2\n[queue.schedule]\nretry = ['2m', \"5m\"]\nx = { y = 'z' }\n";
        assert_eq!(
            shown(toml, TOML),
            ["a=1", "queue.schedule.retry=2 items", "queue.schedule.x=0 items", "queue.schedule.x.y='z'"]
        );
        let script = "module.exports = { queue: { deferTimes: [5 * 60 * 1000, 7], /* x: 1 */ } }; -- y = 1\nif a == 1 then";
        assert_eq!(
            shown(script, SCRIPT),
            [
                "module.exports=0 items",
                "module.exports.queue=0 items",
                "module.exports.queue.deferTimes=2 items"
            ]
        );
        assert_eq!(shown("{\"a\": {\"b\": [{\"c\": 7}]}}", SCRIPT)[2], "a.b.c=7");
    }

    #[test]
    fn places_are_inside_quotation_marks() {
        let text = "x = { a = 'two words', b = 2*3 }";
        let all = assignments(text, SCRIPT);
        let places: Vec<&str> = all.iter().map(|one| &text[one.at.clone()]).collect();
        assert_eq!(places, ["{ a = 'two words', b = 2*3 }", "two words", "2*3"]);
    }

    #[test]
    fn what_is_not_closed_is_no_trouble() {
        for text in [
            "a = [",
            "a = {",
            "a = '",
            "a = '\\",
            "[",
            "a =",
            "a = 99999999999999999999",
            "=",
            "\u{fc} = \u{fc}",
        ] {
            shown(text, TOML);
        }
        shown(&"a = {".repeat(1000), TOML);
        shown(&"[".repeat(1000), TOML);
    }
}
