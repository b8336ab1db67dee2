//! Patches: how variants, `like` and `--set` change a tree.

use super::finding::{Finding, Kind};
use super::spanned::Spanned;
use super::suggest;
use super::tree::{Node, Table, Value};

/// What a key holds decides how a patch of it is merged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// A plain value, or a table whose keys are merged one by one.
    Plain,
    /// A table of names that a user gave to parts of this kind.
    Names(&'static Place),
    /// One of several kinds, with the tag that names it: replaced whole when the tag differs.
    Tagged,
    /// A table whose keys belong together: replaced whole.
    Whole,
    /// A policy: the name of one can be patched, too, and then it is the `like` of the patch.
    Policy,
}

/// The place under a key. The same word never means two kinds of places in the format.
fn place(key: &str) -> Place {
    match key {
        "backoff" | "jitter" | "memory" | "runner" | "share" | "when" | "shape" => Place::Tagged,
        "setup" | "transaction" | "age" | "slowdown" | "trips" => Place::Tagged,
        "gates" | "arrivals" => Place::Names(&Place::Tagged),
        "policies" => Place::Names(&Place::Policy),
        "recipients" | "senders" | "flushes" => Place::Names(&Place::Plain),
        "policy" => Place::Policy,
        "to" | "native" => Place::Whole,
        _ => Place::Plain,
    }
}

/// The word that stands for the compared policy, which is none that could be patched.
const COMPARED: &str = "compared";

/// What takes the place of a gate that is taken away.
const OFF: &str = "off";

/// Refuses to take away a gate that is not there: its name is misspelt, and the one that was meant would stay.
///
/// # Errors
/// If a gate of the patch is `"off"`, and the base has none of that name.
pub fn takes_away(base: &Node, patch: &Node) -> Result<(), Finding> {
    let recipients = patch.get("recipients").and_then(Node::as_table);
    for (recipient, changes) in recipients.into_iter().flatten() {
        let there = base.get("recipients").and_then(|all| all.get(recipient)?.get("gates")?.as_table());
        for (name, gate) in changes.get("gates").and_then(Node::as_table).into_iter().flatten() {
            if gate.as_str() != Some(OFF) || there.is_some_and(|gates| gates.contains_key(name.as_str())) {
                continue;
            }
            let message = format!("there is no gate `{name}` that could be taken away from `{recipient}`");
            let finding = Finding::error(Kind::UnknownName, name.place(), message).label("unknown name");
            let known = there.into_iter().flatten().map(|(name, _)| name.as_str());
            return Err(match suggest::help(name, known) {
                Some(help) => finding.help(help),
                None => finding.help("leave it out"),
            });
        }
    }
    Ok(())
}

/// Merges a patch into the whole of a scenario.
pub fn patch_scenario(base: &mut Node, patch: &Node) {
    patch_node(base, patch, Place::Plain);
}

/// Merges a patch into a policy table.
pub fn patch_policy(base: &mut Node, patch: &Node) {
    patch_node(base, patch, Place::Policy);
}

fn patch_node(base: &mut Node, patch: &Node, place: Place) {
    let Value::Table(changes) = &patch.value else {
        *base = patch.clone();
        return;
    };
    if let Place::Policy = place {
        name_to_like(base);
    }
    match (&mut base.value, place) {
        (Value::Table(table), Place::Plain | Place::Names(_) | Place::Policy) => {
            patch_table(table, changes, place);
        }
        (Value::Table(table), Place::Tagged) if same_tag(table, changes) => {
            patch_table(table, changes, Place::Plain);
        }
        _ => base.value = patch.value.clone(),
    }
    // What is wrong with the whole now is more likely the fault of the patch.
    base.span = patch.span.clone();
}

fn patch_table(table: &mut Table, changes: &Table, place: Place) {
    for (key, change) in changes {
        let below = match place {
            Place::Names(&below) => below,
            _ => self::place(key),
        };
        match table.get_mut(key.as_str()) {
            Some(old) => patch_node(old, change, below),
            None => {
                table.insert(key.clone(), change.clone());
            }
        }
    }
}

/// Whether both name the same kind, so that the settings can be merged.
fn same_tag(table: &Table, changes: &Table) -> bool {
    table.len() == 1 && changes.len() == 1 && table.keys().eq(changes.keys())
}

/// A policy that is given by name is patched as one that is like it.
fn name_to_like(base: &mut Node) {
    if base.as_str().is_some_and(|name| name != COMPARED) {
        let span = base.span.clone();
        let like = Spanned::new(span.clone(), "like".to_owned());
        let name = std::mem::replace(base, Node { span, value: Value::Table(Table::new()) });
        if let Some(table) = base.as_table_mut() {
            table.insert(like, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Sources, tree};
    use super::*;

    fn parse(text: &str) -> Node {
        tree::parse(Sources::new().add("t", text)).expect("valid TOML")
    }

    /// The values alone, in one line.
    fn shown(node: &Node) -> String {
        match &node.value {
            Value::String(text) => format!("{text:?}"),
            Value::Integer(number) => number.to_string(),
            Value::Table(table) => {
                let entries: Vec<String> =
                    table.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
                format!("{{{}}}", entries.join(","))
            }
            other => format!("{other:?}"),
        }
    }

    fn patched(base: &str, patch: &str) -> String {
        let mut base = parse(base);
        patch_scenario(&mut base, &parse(patch));
        shown(&base)
    }

    #[test]
    fn plain_tables_merge_key_by_key_in_the_order_of_the_base() {
        assert_eq!(patched("a.x = 1\na.y = 2\nb = 3", "a.y = 5\na.z = 6"), "{a={x=1,y=5,z=6},b=3}");
    }

    #[test]
    fn tagged_parts_are_replaced_when_the_tag_differs() {
        let gates = "recipients.mx.gates.g.maintenance = { code = 421, when = { once = 1 } }";
        assert_eq!(
            patched(gates, "recipients.mx.gates.g.maintenance.code = 450"),
            "{recipients={mx={gates={g={maintenance={code=450,when={once=1}}}}}}}"
        );
        assert_eq!(
            patched(gates, "recipients.mx.gates.g.maintenance.when.random = 2"),
            "{recipients={mx={gates={g={maintenance={code=421,when={random=2}}}}}}}"
        );
        assert_eq!(
            patched(gates, "recipients.mx.gates.g.backlog = {}"),
            "{recipients={mx={gates={g={backlog={}}}}}}"
        );
        assert_eq!(
            patched("senders.s.arrivals.a.poisson = 1", "senders.s.arrivals.b.burst = 2"),
            "{senders={s={arrivals={a={poisson=1},b={burst=2}}}}}"
        );
    }

    #[test]
    fn weights_are_replaced_whole() {
        assert_eq!(
            patched("senders.s.to = { a = 1, b = 2 }", "senders.s.to.a = 3"),
            "{senders={s={to={a=3}}}}"
        );
    }

    #[test]
    fn a_named_policy_is_patched_as_one_like_it() {
        assert_eq!(
            patched("policies.p = 'postfix'", "policies.p.backoff.age-doubling.min = '15m'"),
            r#"{policies={p={like="postfix",backoff={age-doubling={min="15m"}}}}}"#
        );
        assert_eq!(
            patched("senders.s.policy = 'compared'", "senders.s.policy.backoff = 'immediate'"),
            r#"{senders={s={policy={backoff="immediate"}}}}"#
        );
        assert_eq!(patched("policies.p.like = 'a'", "policies.p = 'exim'"), r#"{policies={p="exim"}}"#);
    }
}
