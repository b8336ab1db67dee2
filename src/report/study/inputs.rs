//! Section 3: the data.

use toml::{Table, Value};

use super::super::markdown::{escape, grid};
use super::{Item, Known, list};

pub(super) fn items(known: &Known<'_>) -> Vec<Item> {
    vec![sources(known), preprocessing(known), parameters(known), assumptions()]
}

/// A table of the scenario with everything filled in.
pub(super) fn table<'a>(known: &'a Known<'_>, name: &str) -> Option<&'a Table> {
    known.resolved.as_ref()?.get(name)?.as_table()
}

/// Every key below a table with its value, keys joined with dots.
pub(super) fn flat(table: &Table) -> Vec<(String, String)> {
    let below = |(key, value): (&String, &Value)| -> Vec<(String, String)> {
        let key = quoted(key);
        match value {
            Value::Table(table) => {
                let join = |(below, value)| (format!("{key}.{below}"), value);
                flat(table).into_iter().map(join).collect()
            }
            Value::String(text) => vec![(key, text.clone())],
            other => vec![(key, other.to_string())],
        }
    };
    table.iter().flat_map(below).collect()
}

/// A key as TOML has it.
fn quoted(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { format!("{key:?}") }
}

fn sources(known: &Known<'_>) -> Item {
    let policies = table(known, "policies").into_iter().flat_map(|policies| policies.iter());
    let described = policies.filter_map(|(name, policy)| {
        let source = policy.get("source")?.as_str()?;
        let confidence = policy.get("confidence").and_then(Value::as_str);
        let confidence =
            confidence.map_or(String::new(), |confidence| format!(" (confidence: {confidence})"));
        Some(format!("The policy \"{}\"{confidence}: {}", escape(name), escape(source)))
    });
    let files = known.manifest.scenario.files.iter().map(|file| {
        let lines =
            file.text.as_ref().map_or(String::new(), |text| format!(", {} lines", text.lines().count()));
        format!("The file `{}`{lines}, SHA-256 `{}`", file.name, file.sha256)
    });
    let known = list(described.chain(files));
    Item::new("3.1", "Data sources")
        .says_if((!known.is_empty()).then_some(known))
        .asks("Where do the numbers of the recipient, of the senders and of the traffic come from (sample, dates, link or DOI)?")
}

fn preprocessing(known: &Known<'_>) -> Item {
    let item = Item::new("3.2", "Pre-processing").says("The program uses what it is given as it is.");
    match known.manifest.scenario.files.is_empty() {
        true => item,
        false => item
            .asks("How were the files of item 3.1 made: anything left out, sampled, shifted or filled in?"),
    }
}

fn parameters(known: &Known<'_>) -> Item {
    let manifest = known.manifest;
    let changed = &manifest.scenario.overrides;
    let changed =
        (!changed.is_empty()).then(|| format!("Changed on the command line: `{}`.", changed.join("`, `")));
    let item = Item::new("3.3", "Input parameters");
    let Some(resolved) = &known.resolved else {
        return item
            .says("Not listed here: the manifest does not hold the scenario with everything filled in, as those of today do. It does hold its text.")
            .says_if(changed);
    };
    let mut base = resolved.clone();
    for elsewhere in ["title", "question", "policies", "variants", "expect"] {
        base.remove(elsewhere);
    }
    let mut policies = Table::new();
    for (name, policy) in table(known, "policies").into_iter().flat_map(|policies| policies.iter()) {
        let mut policy = policy.clone();
        if let Some(parts) = policy.as_table_mut() {
            parts.retain(|part, _| !["about", "source", "confidence"].contains(&part));
        }
        policies.insert(name.clone(), policy);
    }
    item.says(
        "Every parameter with its value, whether it was written or is a default; `docs/scenario-format.md` of the program says what each \
         means. Where a distribution is given, draws are independent of each other. Item 2.3 has what variants change.",
    )
    .says_if(changed)
    .says(format!("The base:\n\n{}", rows(&base)))
    .says(format!("The policies:\n\n{}", rows(&policies)))
    .asks("Why these distributions, and not others that fit as well?")
}

fn rows(table: &Table) -> String {
    let columns = ["parameter", "value"].map(str::to_owned);
    let rows: Vec<Vec<String>> = flat(table).into_iter().map(|(key, value)| vec![key, value]).collect();
    grid(&columns, &rows, columns.len())
}

fn assumptions() -> Item {
    let general = [
        "One message has one mailbox; sizes and priorities have no part.",
        "A recipient is one server; senders know one address of it and have one address each.",
        "Recipients hold no grudge: trying often has no cost but the one in item 3.3.",
        "Senders read nothing but the code and the stage of a reply.",
        "The network is one constant round trip; sending hosts lack nothing but connections.",
        "Authors do not send again because a message is late.",
        "All hosts of a population have the same policy.",
    ];
    Item::new("3.4", "Assumptions")
        .says("Of the model (all of them, with the limits of each preset, are in `docs/model.md` of the program):")
        .says(list(general.map(str::to_owned)))
        .asks("Which of these matter for this question, and which numbers of item 3.3 are guesses?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_line() {
        let table: Table = "a = 1\n[b.'c d']\ne = ['x', 2]\nf = '5m'\n".parse().unwrap();
        let flat = flat(&table);
        let flat: Vec<(&str, &str)> = flat.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(flat, [("a", "1"), ("b.\"c d\".e", "[\"x\", 2]"), ("b.\"c d\".f", "5m")]);
    }
}
