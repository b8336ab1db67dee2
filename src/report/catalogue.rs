//! Policies with their parameters, units and sources: the list of what is built in.

use comfy_table::{ColumnConstraint, Table};

use super::error::ReportError;
use super::listing::{self, Field};
use super::parameter::{KIND, Parameter, Value, parameters};
use super::tables::{self, Style};
use crate::quantity::short;
use crate::scenario::written::{Connections, GiveUp, Lifetime, Policy, Runner};

/// The columns of the long form, in their order.
///
/// `part` is one of the five parts of a policy, `clock` or `about`; `unit` is `s`, `%`, `1` for a plain
/// number, or `text`.
pub const COLUMNS: [&str; 6] = ["policy", "part", "parameter", "value", "unit", "source"];

/// A policy of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    name: &'static str,
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
    pub fn clairvoyant(name: &'static str, about: &str) -> Self {
        Self { name, about: about.to_owned(), kind: Kind::Clairvoyant }
    }

    /// A policy, and its table as it stands in the scenario format.
    ///
    /// # Errors
    /// If a number cannot be written as TOML, which no policy that was read contains.
    pub fn of(name: &'static str, text: &'static str, policy: &Policy) -> Result<Self, toml::ser::Error> {
        let parameters = parameters(policy)?;
        let about = policy.about.clone().unwrap_or_default();
        Ok(Self { name, about, kind: Kind::Policy { text, policy: Box::new(policy.clone()), parameters } })
    }
}

/// The columns of the list; the last two only where there is room.
const HEADINGS: [&str; 7] = ["policy", "backoff", "memory", "runner", "lifetime", "connections", "clock"];

/// The width from which on words need not be broken to show all columns.
const FOR_ALL_COLUMNS: u16 = 100;

/// All policies at a glance: a line each, and below what they are and where their numbers come from.
pub fn table(entries: &[Entry], style: Style) -> String {
    let mut table: Table = tables::empty(style);
    let columns = match style.width {
        Some(width) if width < FOR_ALL_COLUMNS => &HEADINGS[..HEADINGS.len() - 2],
        _ => &HEADINGS[..],
    };
    table.set_header(columns);
    for entry in entries {
        match &entry.kind {
            Kind::Clairvoyant => table.add_row([entry.name]),
            Kind::Policy { policy, parameters, .. } => {
                table.add_row(cells(entry.name, policy, parameters).into_iter().take(columns.len()))
            }
        };
    }
    // Names are looked for and must stay whole; the numbers beside them may be folded.
    for index in [0, 2] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut text = table.trim_fmt() + "\n\n";
    for entry in entries {
        text += &tables::wrap(&description(entry), style);
        text.push('\n');
    }
    text
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
    let about = Parameter::text("about", "about", &entry.about);
    let (parameters, source) = match &entry.kind {
        Kind::Clairvoyant => (vec![about], None),
        Kind::Policy { policy, parameters, .. } => {
            let confidence = confidence(parameters).map(|word| Parameter::text("about", "confidence", word));
            let numbers =
                parameters.iter().filter(|parameter| !DESCRIPTION.contains(&parameter.part.as_str()));
            ([about].into_iter().chain(confidence).chain(numbers.cloned()).collect(), policy.source.clone())
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

/// The kind of a part.
fn kind<'a>(part: &str, parameters: &'a [Parameter]) -> Option<&'a str> {
    parameters.iter().find_map(|parameter| match &parameter.value {
        Value::Text(kind) if parameter.part == part && parameter.name == KIND => Some(kind.as_str()),
        _ => None,
    })
}

fn cells(name: &str, policy: &Policy, parameters: &[Parameter]) -> [String; 7] {
    [
        name.to_owned(),
        backoff(parameters),
        kind("memory", parameters).unwrap_or_default().to_owned(),
        runner(&policy.runner),
        lifetime(&policy.lifetime),
        connections(&policy.connections),
        policy.clock.as_ref().map_or_else(|| "exact".to_owned(), |clock| short(clock.span())),
    ]
}

/// The kind and the parameters, without a jitter that is none.
fn backoff(parameters: &[Parameter]) -> String {
    let kind = kind("backoff", parameters).unwrap_or_default();
    let no_jitter = Value::Text("none".to_owned());
    let values = parameters.iter().filter(|parameter| parameter.part == "backoff" && parameter.name != KIND);
    let values = values.filter(|parameter| parameter.name != "jitter" || parameter.value != no_jitter);
    let values: Vec<String> =
        values.map(|parameter| format!("{} {}", parameter.name, parameter.value.shown())).collect();
    if values.is_empty() { kind.to_owned() } else { format!("{kind}: {}", values.join(", ")) }
}

fn runner(runner: &Runner) -> String {
    match runner {
        Runner::Timer => "timer".to_owned(),
        Runner::Scan(scan) => format!("scan every {}", short(scan.every.span())),
        Runner::QueueRun(run) => format!("queue-run every {}", short(run.every.span())),
        Runner::OnePause => "one-pause".to_owned(),
    }
}

fn lifetime(lifetime: &Lifetime) -> String {
    let age = lifetime.age.as_ref().map(|age| short(age.span()));
    let attempts = lifetime.attempts.as_ref().map(|attempts| format!("{} attempts", **attempts));
    let by_rule = (*lifetime.when == GiveUp::ByRule).then(|| "by-rule".to_owned());
    let limits: Vec<String> = [age, attempts, by_rule].into_iter().flatten().collect();
    if limits.is_empty() { "unlimited".to_owned() } else { limits.join(" or ") }
}

fn connections(connections: &Connections) -> String {
    let each = connections.per_destination.as_ref().map(|limit| format!("{} each", **limit));
    let all = connections.total.as_ref().map(|limit| format!("{} in all", **limit));
    let limits: Vec<String> = [each, all].into_iter().flatten().collect();
    if limits.is_empty() { "unlimited".to_owned() } else { limits.join(", ") }
}

fn description(entry: &Entry) -> String {
    let mut text = format!("{}: {}", entry.name, entry.about);
    if let Kind::Policy { policy, parameters, .. } = &entry.kind {
        text += &policy.source.as_ref().map(|source| format!(". Source: {source}")).unwrap_or_default();
        text += &confidence(parameters).map(|word| format!(" [{word}]")).unwrap_or_default();
    }
    text
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
        let postfix = Entry::of("postfix", POSTFIX, &postfix()).expect("it can be written");
        vec![postfix, Entry::clairvoyant("clairvoyant", "knows it all")]
    }

    #[test]
    fn a_line_says_the_essence() {
        let text = table(&entries(), Style { colours: false, width: None });
        for part in [
            "age-doubling: min 5m, max 4000s",
            "dead-site",
            "scan every 5m",
            "5d",
            "20 each, 100 in all",
            "measured with 3.7 [measured]",
            "postfix: Postfix with its defaults. Source: Postfix src/",
            "clairvoyant: knows it all\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
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
    fn the_list_fits_the_terminal() {
        for line in table(&entries(), Style { colours: false, width: Some(80) }).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn the_long_form_has_units_and_defaults() {
        let csv = to_csv(&entries()).expect("nothing can fail");
        let csv = String::from_utf8(csv).expect("it is text");
        for line in [
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
