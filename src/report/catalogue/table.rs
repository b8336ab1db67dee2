//! All policies at a glance: a table for each group.

use comfy_table::{ColumnConstraint, Width};

use super::{Entry, Kind, confidence};
use crate::quantity::{Duration, short};
use crate::report::parameter::{KIND, Parameter, Value};
use crate::report::tables::{self, Style};
use crate::scenario::Spanned;
use crate::scenario::written::{Backoff, GiveUp, Lifetime, Policy, Runner};

/// The columns; the others that a policy has are in the long forms.
const COLUMNS: [&str; 5] = ["policy", "tries again", "gives up", "known from", "source"];

/// The width where there is no terminal to say it.
const USUAL_WIDTH: u16 = 100;

/// A source is shortened to this many lines of a terminal; the long forms have it whole.
const SOURCE_LINES: usize = 3;

/// A table for each group, folded to the width of the terminal.
pub fn table(entries: &[Entry], style: Style) -> String {
    let longest = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let width = style.width.unwrap_or(USUAL_WIDTH);
    let style = Style { width: Some(width), ..style };
    let widths = Widths::new(longest, width);
    let groups = entries.chunk_by(|one, next| one.group == next.group);
    let tables = groups.map(|group| {
        format!("{}\n{}\n", tables::heading(group[0].group, style), rows(group, style, &widths))
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn rows(entries: &[Entry], style: Style, widths: &Widths) -> String {
    let mut table = tables::empty(style);
    table.set_header(COLUMNS);
    for entry in entries {
        let (retries, end, known, source) = match &entry.kind {
            Kind::Clairvoyant => (String::new(), String::new(), "", entry.about.as_str()),
            Kind::Policy { policy, parameters, .. } => (
                retries(policy, parameters),
                lifetime(&policy.lifetime),
                confidence(parameters).unwrap_or_default(),
                policy.source.as_deref().unwrap_or_default(),
            ),
        };
        let source = shortened(source, widths.text(4) * SOURCE_LINES);
        table.add_row([entry.name, &retries, &end, known, &source]);
    }
    // All groups have the same columns below each other.
    for (column, &width) in table.column_iter_mut().zip(&widths.0) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    table.trim_fmt()
}

/// How wide the columns of a terminal are, with a blank at both sides.
struct Widths([u16; 5]);

impl Widths {
    /// Names and the words of confidence stay whole; what is left is shared by the two long columns.
    fn new(longest_name: usize, width: u16) -> Self {
        let name = u16::try_from(longest_name).unwrap_or(u16::MAX).saturating_add(2);
        let (end, known, between) = (13, 15, 4);
        let left = width.saturating_sub(name.saturating_add(end + known + between)).max(24);
        Self([name, left / 2, end, known, left - left / 2])
    }

    /// The letters that a line of a column holds.
    fn text(&self, column: usize) -> usize {
        usize::from(self.0[column]).saturating_sub(2)
    }
}

/// At most so many letters, cut between words.
fn shortened(text: &str, most: usize) -> String {
    const ELLIPSIS: &str = " ...";
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    for word in text.split(' ') {
        let blank = usize::from(!short.is_empty());
        if short.chars().count() + blank + word.chars().count() + ELLIPSIS.len() > most {
            break;
        }
        short += &" "[..blank];
        short += word;
    }
    short.trim_end_matches([',', ';', ':']).to_owned() + ELLIPSIS
}

/// The kind of a part.
fn kind<'a>(part: &str, parameters: &'a [Parameter]) -> Option<&'a str> {
    parameters.iter().find_map(|parameter| match &parameter.value {
        Value::Text(kind) if parameter.part == part && parameter.name == KIND => Some(kind.as_str()),
        _ => None,
    })
}

/// The three parts that say when mail is tried again, without those that are as simple as can be.
fn retries(policy: &Policy, parameters: &[Parameter]) -> String {
    let memory = kind("memory", parameters).filter(|&kind| kind != "none").map(str::to_owned);
    let runner = (*policy.runner != Runner::Timer).then(|| runner(&policy.runner));
    let parts: Vec<String> =
        [Some(backoff(&policy.backoff, parameters)), memory, runner].into_iter().flatten().collect();
    parts.join("; ")
}

/// The kind and the parameters, without a jitter that is none.
fn backoff(backoff: &Backoff, parameters: &[Parameter]) -> String {
    let no_jitter = Value::Text("none".to_owned());
    let own = parameters.iter().filter(|parameter| parameter.part == "backoff" && parameter.name != KIND);
    let named = own.filter(|parameter| parameter.name != "jitter" || parameter.value != no_jitter);
    let named =
        named.filter(|parameter| !["delays.", "steps."].iter().any(|row| parameter.name.starts_with(row)));
    let named =
        named.map(|parameter| format!("{} {}", parameter.name.replace('.', " "), parameter.value.shown()));
    let rows = match backoff {
        Backoff::List(part) => delays(&part.delays),
        Backoff::AgeSteps(part) => {
            part.steps.iter().map(|step| format!("{} below {}", *step.every, *step.younger_than)).collect()
        }
        _ => Vec::new(),
    };
    let values: Vec<String> = rows.into_iter().chain(named).collect();
    let kind = backoff.tag();
    if values.is_empty() { kind.to_owned() } else { format!("{kind}: {}", values.join(", ")) }
}

/// The entries of a list, each row of equal ones as one: `4h x11`.
fn delays(delays: &[Spanned<Duration>]) -> Vec<String> {
    let rows = delays.chunk_by(|one, next| one.span() == next.span());
    rows.map(|row| match row {
        [delay] => delay.to_string(),
        row => format!("{} x{}", *row[0], row.len()),
    })
    .collect()
}

fn runner(runner: &Runner) -> String {
    match runner {
        Runner::Timer => "timer".to_owned(),
        Runner::Scan(scan) => format!("scan every {}", short(scan.every.span())),
        Runner::QueueRun(run) => format!("queue-run every {}", short(run.every.span())),
        Runner::OnePause(_) => "one-pause".to_owned(),
    }
}

fn lifetime(lifetime: &Lifetime) -> String {
    let age = lifetime.age.as_ref().map(|age| short(age.span()));
    let attempts = lifetime.attempts.as_ref().map(|attempts| format!("{} attempts", **attempts));
    let by_rule = (*lifetime.when == GiveUp::ByRule).then(|| "by-rule".to_owned());
    let limits: Vec<String> = [age, attempts, by_rule].into_iter().flatten().collect();
    if limits.is_empty() { "unlimited".to_owned() } else { limits.join(" or ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{PolicyChoice, preset};

    fn entry(name: &'static str, group: &'static str) -> Entry {
        match preset(name) {
            Some(PolicyChoice::Policy(policy)) => Entry::of(name, group, "", &policy).expect("plain values"),
            other => panic!("{other:?}"),
        }
    }

    fn entries() -> Vec<Entry> {
        let reference = Entry::clairvoyant("clairvoyant", "References", "knows it all");
        vec![entry("postfix", "Programs"), entry("zonemta", "Programs"), reference]
    }

    #[test]
    fn a_line_says_the_essence() {
        let text = table(&entries(), Style { colours: false, width: Some(300) });
        for part in [
            "Programs\n",
            "age-doubling: min 5m, max 4000s",
            "4000s; dead-site; scan every 5m ",
            "  measured  ",
            "measured with 3.7",
            "list: 5m, 7m, 8m, 25m, 1h15m, 2h, 4h x11 ",
            "18 attempts",
            "\nReferences\n",
            "knows it all\n",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn the_list_fits_the_terminal_and_says_how_sure_it_is() {
        for width in [80, 100, 140] {
            let text =
                table(&entries(), Style { colours: false, width: Some(width).filter(|&width| width != 100) });
            for line in text.lines() {
                assert!(line.chars().count() <= usize::from(width), "{line}");
            }
            assert!(text.contains("measured") && text.contains("Postfix"), "{text}");
        }
    }

    #[test]
    fn texts_are_cut_between_words() {
        assert_eq!(shortened("one two", 7), "one two");
        assert_eq!(shortened("one, two three four", 14), "one, two ...");
        assert_eq!(shortened("one, two three four", 9), "one ...");
        assert_eq!(shortened("extraordinary", 9), " ...");
    }
}
