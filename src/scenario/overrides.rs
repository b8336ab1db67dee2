//! `--set KEY=VALUE`: changes of a scenario from the command line.

use super::finding::{Finding, Kind};
use super::merge;
use super::source::Text;
use super::spanned::Spanned;
use super::suggest;
use super::tree::{self, Node, Value};

/// Tables whose keys are names, and the word for one of what they name. The path to them counts,
/// with `*` for any name.
const NAMED: [(&[&str], &str); 8] = [
    (&["expect"], "expectation"),
    (&["recipients"], "recipient"),
    (&["recipients", "*", "gates"], "gate"),
    (&["senders"], "population"),
    (&["senders", "*", "arrivals"], "source of mail"),
    (&["senders", "*", "flushes"], "flush"),
    (&["policies"], "policy"),
    (&["variants"], "variant"),
];

/// Applies one change, a text such as `horizon=2d`, to the tree of the scenario.
///
/// The key is a dotted key of TOML; the value is one of TOML, or else taken as a string.
///
/// # Errors
/// If the text is none of that form, or the key goes through a name that does not exist. Whether
/// the last key exists and the value suits it is for the reader to say.
pub fn apply(tree: &mut Node, change: &Text) -> Result<(), Finding> {
    let (mut key, value) = split(change)?;
    known_names(tree, &key)?;
    *leaf(&mut key) = value;
    merge::takes_away(tree, &key)?;
    merge::patch_scenario(tree, &key);
    Ok(())
}

/// Whether a text has the form of a change, whatever it changes.
///
/// ```
/// use tempfail::scenario::is_change;
///
/// assert!(is_change("policies.'a, b'.clock=1s"));
/// assert!(!is_change("horizon") && !is_change("=2d"));
/// ```
pub fn is_change(text: &str) -> bool {
    split(super::Sources::new().add("--set", text)).is_ok()
}

/// Whether two keys, each alone or in a change, are the same or one lies below the other: then both change the
/// same thing.
///
/// ```
/// use tempfail::scenario::is_below;
///
/// assert!(is_below("recipients.mx", "recipients.'mx'.slots=5"));
/// assert!(!is_below("recipients.mx.slots", "recipients.mx.setup"));
/// ```
pub fn is_below(one: &str, other: &str) -> bool {
    let path_of = |text: &str| path(text).or_else(|| parts(text).map(|parts| parts.path));
    let (Some(one), Some(other)) = (path_of(one), path_of(other)) else { return false };
    one.starts_with(&other) || other.starts_with(&one)
}

/// A change taken apart.
pub(super) struct Parts {
    /// The key as it is written.
    pub key: String,
    /// The keys it consists of.
    pub path: Vec<String>,
    /// What stands after the equals sign.
    pub value: String,
}

/// Takes a text of the form of a change apart; `None` if it is of another form.
pub(super) fn parts(text: &str) -> Option<Parts> {
    text.match_indices('=').find_map(|(at, _)| {
        let key = path(&text[..at])?;
        Some(Parts { key: text[..at].trim().to_owned(), path: key, value: text[at + 1..].trim().to_owned() })
    })
}

/// The keys that a dotted key consists of; `None` if it is none.
pub(super) fn path(key: &str) -> Option<Vec<String>> {
    let tree = parse_key(&format!("{key}=0"), 1)?;
    let mut path = Vec::new();
    let mut node = &tree;
    while let Some((key, below)) = node.as_table().and_then(|table| table.first()) {
        path.push(key.to_string());
        node = below;
    }
    Some(path)
}

/// The key as nested tables around a placeholder, and the value.
fn split(change: &Text) -> Result<(Node, Node), Finding> {
    let text = change.as_str();
    let start = change.start();
    let whole = start..start + text.len();
    // A quoted key may have an equals sign in it: take the first that leaves a whole key.
    for (at, _) in text.match_indices('=') {
        let assignment = format!("{}=0", &text[..at]);
        let Some(key) = parse_key(&assignment, start) else { continue };
        let written = text[at + 1..].trim();
        let place = start + text.len() - text[at + 1..].trim_start().len();
        let value = tree::parse_value(written, place).unwrap_or_else(|| Node {
            span: place..place + written.len(),
            value: Value::String(written.to_owned()),
        });
        return Ok((key, value));
    }
    Err(Finding::error(Kind::Syntax, whole, "this sets nothing")
        .label("expected KEY=VALUE")
        .help("write for example `--set horizon=2d`; names with spaces or commas need quotes"))
}

fn parse_key(assignment: &str, start: usize) -> Option<Node> {
    let mut sources = super::Sources::new();
    let mut tree = tree::parse(sources.add("", assignment)).ok()?;
    shift(&mut tree, start - 1);
    (tree.as_table()?.len() == 1).then_some(tree)
}

/// Moves all places of a chain of tables.
fn shift(node: &mut Node, by: usize) {
    node.span = node.span.start + by..node.span.end + by;
    if let Some(table) = node.as_table_mut() {
        *table = std::mem::take(table)
            .into_iter()
            .map(|(key, mut below)| {
                shift(&mut below, by);
                let span = key.place();
                (Spanned::new(span.start + by..span.end + by, key.into_inner()), below)
            })
            .collect();
    }
}

/// The innermost node of a chain of tables.
fn leaf(node: &mut Node) -> &mut Node {
    if node.as_table().is_none_or(|table| table.is_empty()) {
        return node;
    }
    let table = node.as_table_mut().expect("just seen");
    leaf(table.values_mut().next().expect("not empty"))
}

/// Refuses a key that goes on below a name which does not exist; a name at the end of the key is
/// a new one.
fn known_names(tree: &Node, key: &Node) -> Result<(), Finding> {
    let mut path: Vec<&str> = Vec::new();
    let (mut here, mut key) = (Some(tree), key);
    while let Some((name, below)) = key.as_table().and_then(|table| table.first()) {
        let goes_on = below.as_table().is_some_and(|table| !table.is_empty());
        let table = here.and_then(Node::as_table);
        let found = table.and_then(|table| table.get(name.as_str()));
        if let (Some(word), None, true) = (what_is_named(&path), found, goes_on) {
            let names = table.into_iter().flatten().map(|(name, _)| name.as_str());
            let finding =
                Finding::error(Kind::UnknownName, name.place(), format!("there is no {word} `{name}`"));
            let finding = finding.label("unknown name");
            return Err(match suggest::help(name, names) {
                Some(help) => finding.help(help),
                None => finding,
            });
        }
        path.push(name);
        (here, key) = (found, below);
    }
    Ok(())
}

fn what_is_named(path: &[&str]) -> Option<&'static str> {
    let matches = |named: &[&str]| {
        named.len() == path.len() && named.iter().zip(path).all(|(&named, &key)| named == "*" || named == key)
    };
    NAMED.iter().find(|(named, _)| matches(named)).map(|&(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::super::{Paint, Sources};
    use super::*;

    const SCENARIO: &str =
        "horizon = '3d'\nrecipients.mx.gates.window.backlog = {}\npolicies.'a, b=c' = 'exim'\n";

    fn set(change: &str) -> Result<Node, String> {
        let mut sources = Sources::new();
        let mut tree = tree::parse(sources.add("t", SCENARIO)).expect("valid TOML");
        let change = sources.add("--set", change).clone();
        match apply(&mut tree, &change) {
            Ok(()) => Ok(tree),
            Err(finding) => Err(finding.render(&sources, Paint::Plain)),
        }
    }

    fn value(tree: &Node, path: &[&str]) -> Value {
        path.iter().fold(tree, |node, key| node.get(key).expect(key)).value.clone()
    }

    #[test]
    fn values_are_toml_or_bare_strings() {
        let text = |text: &str| Value::String(text.to_owned());
        for (change, expected) in [
            ("horizon=2d", text("2d")),
            ("horizon = '2d'", text("2d")),
            ("horizon=400/min", text("400/min")),
            ("horizon=5", Value::Integer(5)),
            ("horizon=", text("")),
        ] {
            assert_eq!(value(&set(change).expect(change), &["horizon"]), expected, "{change}");
        }
        let tree = set("policies.'a, b=c'.clock=1s").expect("a quoted name");
        assert_eq!(value(&tree, &["policies", "a, b=c", "like"]), text("exim"));
        let new = set("policies.new=qmail").expect("a new policy");
        assert_eq!(value(&new, &["policies", "new"]), text("qmail"));
        let weights = set("recipients.mx.gates.window.backlog={length = 3}").expect("a table");
        assert_eq!(
            value(&weights, &["recipients", "mx", "gates", "window", "backlog", "length"]),
            Value::Integer(3)
        );
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest() {
        let shown = set("recipients.mx.gates.windov.backlog.length=3").expect_err("no such gate");
        assert!(shown.contains("there is no gate `windov`"), "{shown}");
        assert!(shown.contains("--> --set:1:21"), "{shown}");
        assert!(shown.contains("did you mean `window`?"), "{shown}");
        let shown = set("recipients.mx.gates.windov=off").expect_err("no such gate");
        assert!(shown.contains("there is no gate `windov` that could be taken away from `mx`"), "{shown}");
        assert!(shown.contains("--> --set:1:21") && shown.contains("did you mean `window`?"), "{shown}");
        set("recipients.mx.gates.window=off").expect("it is there");
        let shown = set("senders.s.hosts=3").expect_err("no such population");
        assert!(shown.contains("there is no population `s`"), "{shown}");
    }

    #[test]
    fn what_sets_nothing_is_refused() {
        for change in ["horizon", "=3", "a b=3", ""] {
            assert!(set(change).expect_err(change).contains("expected KEY=VALUE"), "{change}");
        }
    }
}
