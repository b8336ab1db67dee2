//! The syntax of `main.cf`: logical lines, `name = value`, `$name`.
//!
//! Postfix src/util/readlline.c, split_nameval.c, mac_parse.c and mac_expand.c.

use std::ops::Range;

use indexmap::IndexMap;

use crate::mta::native::reading::Reading;

/// All parameters that a text sets; the last setting of a name counts.
#[derive(Debug)]
pub struct MainCf {
    settings: IndexMap<String, Token>,
}

/// A text with the place it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The text, continuation lines joined.
    pub text: String,
    /// Where it is written.
    pub at: Range<usize>,
}

/// `$name` in the value of `$name`, or nearly so: no real configuration is nested so deeply.
const DEEPEST: usize = 20;

/// No value that a parameter of interest can have is longer; doubling by `$name$name` ends here.
const LONGEST: usize = 10_000;

impl MainCf {
    /// Takes a text apart. Lines that Postfix would not take are refused.
    pub fn parse(text: &str, reading: &mut Reading) -> Self {
        let mut settings = IndexMap::new();
        for line in logical_lines(text) {
            match name_and_value(&line) {
                Ok((name, value)) => {
                    settings.insert(name, value);
                }
                Err((at, message)) => reading.refuse(at, message, "`name = value`"),
            }
        }
        Self { settings }
    }

    /// The value of a parameter with all `$name` replaced; `None` if it is not set.
    ///
    /// # Errors
    /// The place of a value with an expression that is not evaluated, and which.
    pub fn get(
        &self,
        name: &str,
        defaults: &[(&str, &str)],
    ) -> Option<Result<Token, (Range<usize>, String)>> {
        let written = self.settings.get(name)?;
        let text = self.expand(&written.text, defaults, 0);
        Some(match text {
            Ok(text) => Ok(Token { text: text.trim().to_owned(), at: written.at.clone() }),
            Err(expression) => Err((written.at.clone(), expression)),
        })
    }

    /// The names of the parameters that are set, each with its place.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.settings.keys().map(String::as_str)
    }

    fn expand(&self, text: &str, defaults: &[(&str, &str)], depth: usize) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
                continue;
            }
            let (reference, after) = reference(rest).ok_or_else(|| format!("${rest}"))?;
            if depth == DEEPEST || out.len() > LONGEST {
                return Err(format!("${}", reference.name));
            }
            out += &self.replaced(&reference, defaults, depth + 1)?;
            rest = after;
        }
        out.push_str(rest);
        if out.len() > LONGEST { Err("a text that grows without end".to_owned()) } else { Ok(out) }
    }

    fn replaced(
        &self,
        reference: &Reference,
        defaults: &[(&str, &str)],
        depth: usize,
    ) -> Result<String, String> {
        let name = reference.name;
        let written = self.settings.get(name).map(|token| token.text.as_str());
        let default = || defaults.iter().find(|(known, _)| *known == name).map(|&(_, value)| value);
        let value = written.or_else(default).unwrap_or_default();
        let value = self.expand(value, defaults, depth)?;
        match reference.choice {
            None => Ok(value),
            Some((set, unset)) => self.expand(if value.is_empty() { unset } else { set }, defaults, depth),
        }
    }
}

/// `$name`, or `${name?set}`, `${name:unset}`, `${name?{set}:{unset}}`.
struct Reference<'a> {
    name: &'a str,
    /// What stands for it if it has a value, and if not.
    choice: Option<(&'a str, &'a str)>,
}

/// The reference at the start of a text, after its `$`, and what follows it.
fn reference(text: &str) -> Option<(Reference<'_>, &str)> {
    let closing = match text.chars().next()? {
        '{' => '}',
        '(' => ')',
        _ => {
            let (name, rest) = text.split_at(end_of_name(text));
            return (!name.is_empty()).then_some((Reference { name, choice: None }, rest));
        }
    };
    let end = matching(text, closing)?;
    let inside = text[1..end].trim();
    let (name, rest) = inside.split_at(end_of_name(inside));
    let choice = match rest.trim_start().chars().next() {
        None => None,
        Some('?') => Some(alternatives(rest.trim_start()[1..].trim_start())?),
        Some(':') => Some(("", braced(rest.trim_start()[1..].trim_start())?.0)),
        Some(_) => return None,
    };
    (!name.is_empty()).then_some((Reference { name, choice }, &text[end + 1..]))
}

/// `{set}:{unset}`, `{set}` or bare `set`.
fn alternatives(text: &str) -> Option<(&str, &str)> {
    let (set, rest) = braced(text)?;
    match rest.trim_start().strip_prefix(':') {
        Some(unset) => Some((set, braced(unset.trim_start())?.0)),
        None => Some((set, "")),
    }
}

/// A part in braces, or all of the text, and what follows it.
fn braced(text: &str) -> Option<(&str, &str)> {
    if !text.starts_with('{') {
        return Some((text, ""));
    }
    let end = matching(text, '}')?;
    Some((text[1..end].trim(), &text[end + 1..]))
}

fn end_of_name(text: &str) -> usize {
    text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len())
}

/// Where the bracket that opens a text is closed.
fn matching(text: &str, closing: char) -> Option<usize> {
    let opening = text.chars().next()?;
    let mut open = 0_usize;
    for (at, letter) in text.char_indices() {
        if letter == opening {
            open += 1;
        } else if letter == closing {
            open -= 1;
            if open == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The pieces of a line with its continuations, each with its place, without line ends.
type Line<'a> = Vec<(usize, &'a str)>;

/// Lines that begin with white space go on with the one before; comments and empty lines do not end it.
fn logical_lines(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive('\n') {
        let at = start;
        start += piece.len();
        let piece = piece.trim_end();
        let shown = piece.trim_start();
        if shown.is_empty() || shown.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(line) if piece.starts_with(char::is_whitespace) => line.push((at, piece)),
            _ => lines.push(vec![(at, piece)]),
        }
    }
    lines
}

fn name_and_value(line: &Line<'_>) -> Result<(String, Token), (Range<usize>, String)> {
    let (start, first) = line[0];
    let place = |from: usize, to: usize| start + from..start + to;
    let indent = first.len() - first.trim_start().len();
    let name_length = first[indent..]
        .find(|letter: char| letter.is_whitespace() || letter == '=')
        .unwrap_or(first.len() - indent);
    let name = &first[indent..indent + name_length];
    let after = &first[indent + name_length..];
    if name.is_empty() {
        return Err((place(indent, first.len()), "a parameter without a name".to_owned()));
    }
    if !after.trim_start().starts_with('=') {
        let message = format!("after `{name}` there is no equals sign");
        return Err((place(indent, indent + name_length), message));
    }
    let equals = indent + name_length + (after.len() - after.trim_start().len());
    let value = &first[equals + 1..];
    let from = start + equals + 1 + (value.len() - value.trim_start().len());
    let pieces: Vec<&str> = std::iter::once(value).chain(line[1..].iter().map(|&(_, piece)| piece)).collect();
    let text = pieces.concat().trim().to_owned();
    let (last_start, last) = line[line.len() - 1];
    let from = if value.trim().is_empty() && line.len() > 1 {
        line[1].0 + (line[1].1.len() - line[1].1.trim_start().len())
    } else {
        from
    };
    let end = (last_start + last.len()).max(from);
    Ok((name.to_owned(), Token { text, at: from..end }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> MainCf {
        let mut reading = Reading::default();
        let parsed = MainCf::parse(text, &mut reading);
        assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
        parsed
    }

    fn value(text: &str, name: &str) -> Option<String> {
        parse(text).get(name, &[("known", "7s")]).map(|found| found.expect("it is evaluated").text)
    }

    #[test]
    fn lines_go_on_after_white_space_and_comments() {
        let text = "a = 1\n# b = 2\n\n\tand 2\n   # no\n and 3\nc=x\na2 =\n 5s\n";
        assert_eq!(value(text, "a").as_deref(), Some("1\tand 2 and 3"));
        assert_eq!(value(text, "c").as_deref(), Some("x"));
        assert_eq!(value(text, "b"), None);
        let parsed = parse(text);
        let token = parsed.get("a2", &[]).expect("set").expect("plain");
        assert_eq!(&text[token.at], "5s");
        let token = parsed.get("c", &[]).expect("set").expect("plain");
        assert_eq!(&text[token.at], "x");
    }

    #[test]
    fn names_are_replaced() {
        let text = "x = 5\na = ${x}m$$\nb = $(x)$x\nc = $known\nd = ${nothing?1}${nothing:2}${x?3}${x:4}\n\
                    e = ${nothing ? {1} : {$x}}\nx = 6\n";
        let values: Vec<String> =
            ["a", "b", "c", "d", "e"].iter().map(|name| value(text, name).expect("set")).collect();
        assert_eq!(values, ["6m$", "66", "7s", "23", "6"]);
    }

    #[test]
    fn what_is_not_evaluated_is_said() {
        let parsed = parse("a = $a\nb = ${{1} == {1} ? {x} : {y}}\nc = $b\nd = ${x\ne = $\n");
        for name in ["a", "b", "c", "d", "e"] {
            assert!(parsed.get(name, &[]).expect("set").is_err(), "{name}");
        }
        let bomb: String =
            (0..30).map(|n| format!("x{} = $x{n}$x{n}\n", n + 1)).chain(["x0 = aa\n".to_owned()]).collect();
        assert!(parse(&bomb).get("x30", &[]).expect("set").is_err());
    }

    #[test]
    fn lines_without_an_equals_sign_are_refused() {
        let mut reading = Reading::default();
        MainCf::parse("a = 1\nqueue_run_delay 300s\n= 5\n", &mut reading);
        let places: Vec<_> =
            reading.remarks.iter().map(|remark| remark.at.clone().expect("a place")).collect();
        assert_eq!(places, [6..21, 27..30]);
    }
}
