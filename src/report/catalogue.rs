//! Policies with their parameters, units and sources: the list of what is built in.

mod table;

use super::error::ReportError;
use super::listing::{self, Field};
use super::parameter::{Parameter, Value, parameters};
use crate::scenario::written::Policy;

pub use table::table;

/// The columns of the long form, in their order.
///
/// `part` is one of the five parts of a policy, `clock` or `about`; `unit` is `s`, `%`, `1` for a plain
/// number, or `text`.
pub const COLUMNS: [&str; 6] = ["policy", "part", "parameter", "value", "unit", "source"];

/// A policy of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    name: &'static str,
    /// The heading it stands under.
    group: &'static str,
    about: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The reference, which has no parameters.
    Clairvoyant,
    /// Its table in the scenario format, and what that says.
    Policy { text: &'static str, policy: Box<Policy>, parameters: Vec<Parameter> },
}

impl Entry {
    /// The reference that no real policy can be.
    pub fn clairvoyant(name: &'static str, group: &'static str, about: &str) -> Self {
        Self { name, group, about: about.to_owned(), kind: Kind::Clairvoyant }
    }

    /// A policy, and its table as it stands in the scenario format. Entries of one group stand together.
    ///
    /// # Errors
    /// If a number cannot be written as TOML, which no policy that was read contains.
    pub fn of(
        name: &'static str,
        group: &'static str,
        text: &'static str,
        policy: &Policy,
    ) -> Result<Self, toml::ser::Error> {
        let parameters = parameters(policy)?;
        let about = policy.about.clone().unwrap_or_default();
        let policy = Box::new(policy.clone());
        Ok(Self { name, group, about, kind: Kind::Policy { text, policy, parameters } })
    }
}

/// The policies whole, as they can be pasted into a scenario.
pub fn in_full(entries: &[Entry]) -> String {
    let texts: Vec<String> = entries.iter().map(pasteable).collect();
    texts.join("\n")
}

/// The long form as CSV, with the columns [`COLUMNS`].
///
/// # Errors
/// None that a policy can cause.
pub fn to_csv(entries: &[Entry]) -> Result<Vec<u8>, ReportError> {
    listing::to_csv(&COLUMNS, &rows(entries))
}

/// The long form as a JSON array of objects whose keys are [`COLUMNS`].
///
/// # Errors
/// None that a policy can cause.
pub fn to_json(entries: &[Entry]) -> Result<String, serde_json::Error> {
    listing::to_json(&COLUMNS, &rows(entries))
}

fn rows(entries: &[Entry]) -> Vec<Vec<Field>> {
    entries.iter().flat_map(rows_of).collect()
}

fn rows_of(entry: &Entry) -> Vec<Vec<Field>> {
    let about =
        [Parameter::text("about", "group", entry.group), Parameter::text("about", "about", &entry.about)];
    let (parameters, source) = match &entry.kind {
        Kind::Clairvoyant => (about.to_vec(), None),
        Kind::Policy { policy, parameters, .. } => {
            let confidence = confidence(parameters).map(|word| Parameter::text("about", "confidence", word));
            let numbers =
                parameters.iter().filter(|parameter| !DESCRIPTION.contains(&parameter.part.as_str()));
            (about.into_iter().chain(confidence).chain(numbers.cloned()).collect(), policy.source.clone())
        }
    };
    let row = |parameter: Parameter| {
        let unit = parameter.value.unit().to_owned();
        let source = source.clone().map_or(Field::Empty, Field::Text);
        let [policy, part, name] = [entry.name.to_owned(), parameter.part, parameter.name].map(Field::Text);
        vec![policy, part, name, parameter.value.field(), Field::Text(unit), source]
    };
    parameters.into_iter().map(row).collect()
}

/// What a policy says about itself as a whole.
const DESCRIPTION: [&str; 3] = ["about", "source", "confidence"];

fn confidence(parameters: &[Parameter]) -> Option<&str> {
    parameters.iter().find_map(|parameter| match &parameter.value {
        Value::Text(word) if parameter.part == "confidence" => Some(word.as_str()),
        _ => None,
    })
}

/// The table of a policy under its name in a scenario.
fn pasteable(entry: &Entry) -> String {
    let name = entry.name;
    let Kind::Policy { text, .. } = &entry.kind else {
        return format!("[policies]\n# {}\n{name} = \"{name}\"\n", entry.about);
    };
    let mut whole = format!("[policies.{name}]\n");
    for line in text.lines() {
        match line.strip_prefix('[') {
            Some(table) => whole += &format!("[policies.{name}.{table}\n"),
            None => whole += &format!("{line}\n"),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{PolicyChoice, preset};

    const POSTFIX: &str = include_str!("../mta/presets/postfix.toml");

    fn postfix() -> Policy {
        match preset("postfix") {
            Some(PolicyChoice::Policy(policy)) => *policy,
            other => panic!("{other:?}"),
        }
    }

    fn entries() -> Vec<Entry> {
        let postfix = Entry::of("postfix", "Programs", POSTFIX, &postfix()).expect("it can be written");
        vec![postfix, Entry::clairvoyant("clairvoyant", "References", "knows it all")]
    }

    #[test]
    fn the_whole_text_says_the_same_under_the_name_of_the_policy() {
        let text = in_full(&entries());
        let document: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let preset: toml::Table = POSTFIX.parse().expect("it is TOML");
        assert_eq!(document["policies"]["postfix"].as_table(), Some(&preset));
        assert_eq!(document["policies"]["clairvoyant"].as_str(), Some("clairvoyant"));
    }

    #[test]
    fn the_long_form_has_units_and_defaults() {
        let csv = to_csv(&entries()).expect("nothing can fail");
        let csv = String::from_utf8(csv).expect("it is text");
        for line in [
            "postfix,about,group,Programs,text,",
            "postfix,about,confidence,measured,text,",
            "postfix,backoff,kind,age-doubling,text,",
            "postfix,backoff,max,4000,s,",
            "postfix,backoff,jitter,none,text,",
            "postfix,memory,window,5,1,",
            "postfix,memory,stages.1,refused,text,",
            "postfix,clock,clock,1,s,",
            "clairvoyant,about,about,knows it all,text,",
        ] {
            assert!(csv.lines().any(|found| found.starts_with(line)), "{line}\n{csv}");
        }
    }
}
