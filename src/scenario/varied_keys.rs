//! The keys of the table `vary`: in quotes, or as nested tables; both mean the same.

use super::spanned::Spanned;
use super::tree::{Node, Table};

/// Joins nested keys of `vary` to the dotted keys that they stand for: below a table without `from` and `to` the
/// key goes on.
pub fn join(tree: &mut Node) {
    let vary = tree.as_table_mut().and_then(|root| root.get_mut("vary"));
    let Some(table) = vary.and_then(Node::as_table_mut) else { return };
    let mut joined = Table::new();
    for (key, below) in std::mem::take(table) {
        match goes_on(&below) {
            true => collect(&quoted(&key), below, &mut joined),
            false => {
                joined.insert(key, below);
            }
        }
    }
    *table = joined;
}

fn goes_on(node: &Node) -> bool {
    node.as_table().is_some_and(|table| {
        !table.is_empty() && !["from", "to", "scale"].iter().any(|key| table.contains_key(*key))
    })
}

fn collect(above: &str, node: Node, joined: &mut Table) {
    let super::tree::Value::Table(table) = node.value else { return };
    for (key, below) in table {
        let path = format!("{above}.{}", quoted(&key));
        if goes_on(&below) {
            collect(&path, below, joined);
        } else {
            joined.insert(Spanned::new(key.place(), path), below);
        }
    }
}

/// A key as it must stand in a dotted one.
fn quoted(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => toml::Value::from(key).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sources, tree};
    use super::*;

    #[test]
    fn nested_and_quoted_keys_mean_the_same() {
        let text = "
            [vary]
            'recipients.mx.slots' = [1, 2]
            recipients.mx.round_trip = { from = '1s', to = '2s' }
            policies.'a, b'.clock = ['1s', '2s']
        ";
        let mut tree = tree::parse(Sources::new().add("t", text)).expect("valid TOML");
        join(&mut tree);
        let keys: Vec<String> = tree
            .get("vary")
            .and_then(Node::as_table)
            .expect("a table")
            .keys()
            .map(|key| key.to_string())
            .collect();
        assert_eq!(keys, ["recipients.mx.slots", "recipients.mx.round_trip", "policies.\"a, b\".clock"]);
    }
}
