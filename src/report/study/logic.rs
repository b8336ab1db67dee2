//! Section 2: how the model works.

use toml::{Table, Value};

use super::super::markdown::escape;
use super::inputs::{self, flat};
use super::{Item, Known, list};
use crate::experiment::summary::Role;

pub(super) fn items(known: &Known<'_>) -> Vec<Item> {
    vec![
        diagram(),
        base(),
        scenarios(known),
        algorithms(known),
        entities(known),
        activities(),
        resources(known),
        queues(known),
        boundaries(known),
    ]
}

/// Drawn with characters, so that it needs no other file.
const DIAGRAM: &str = "```text
arrival -> queue of the host -> attempt: connect -> greeting -> MAIL, RCPT, DATA -> delivered
                 ^                          |          |             |
                 |                          '----------'-------------'  refused, timeout, 4yz
                 |                                     |
                 '---- wait, as the policy says <------'---------------> bounced, if it gives up
```";

fn diagram() -> Item {
    Item::new("2.1", "Base model overview diagram")
        .says(DIAGRAM)
        .asks("Is a diagram of this scenario needed, with its recipients, senders and windows?")
}

fn base() -> Item {
    Item::new("2.2", "Base model logic").says(
        "Messages arrive at sending hosts and are tried at once. An attempt is a connection to the recipient, or a further message over one that is \
         open. The recipient has slots for connections at the same time, and gates that refuse: at connecting, by silence, at the greeting \
         or after MAIL, RCPT or DATA. After a failure the host's policy decides in five parts when the message is tried again: a backoff (how \
         long), a memory (what the host remembers of the recipient), a runner (when waiting mail is looked at), a lifetime (when it \
         gives up) and connections (how much at once). `docs/model.md` of the program states the model in full.",
    )
}

fn scenarios(known: &Known<'_>) -> Item {
    let changes =
        known.resolved.as_ref().and_then(|resolved| resolved.get("variants")).and_then(Value::as_table);
    let item = Item::new("2.3", "Scenario logic");
    let Some(changes) = changes else {
        return item.says("The variants differ in nothing but the policy of the compared senders.");
    };
    let change = |(name, change): (&String, &Value)| {
        let mut change = change.as_table().cloned().unwrap_or_default();
        let about = change.remove("about").and_then(|about| about.as_str().map(str::to_owned));
        let keys: Vec<String> =
            flat(&change).into_iter().map(|(key, value)| format!("`{key}` = `{value}`")).collect();
        let what = if keys.is_empty() { "as the base".to_owned() } else { keys.join(", ") };
        let about = about.map_or(String::new(), |about| format!(" ({})", escape(&about)));
        format!("{}{about}: {what}", escape(name))
    };
    item.says("Besides the policy of the compared senders, the variants change:")
        .says(list(changes.iter().map(change)))
}

fn algorithms(known: &Known<'_>) -> Item {
    let policies = inputs::table(known, "policies").into_iter().flat_map(|policies| policies.iter());
    let parts = policies.map(|(name, policy)| match policy {
        Value::Table(policy) => {
            let part = |key: &str| policy.get(key).map(|part| format!("{key} {}", kind(part)));
            let parts: Vec<String> = ["backoff", "memory", "runner"].into_iter().filter_map(part).collect();
            let about = policy.get("about").and_then(Value::as_str);
            let about = about.map_or(String::new(), |about| format!("{}; ", escape(about)));
            format!("{}: {about}{}", escape(name), parts.join(", "))
        }
        _ => format!(
            "{}: a free queue in front of each recipient that starts a transfer whenever a slot is open",
            escape(name)
        ),
    });
    Item::new("2.4", "Algorithms")
        .says("The policies that are compared, each with the kinds of its parts; item 3.3 has all their parameters.")
        .says(list(parts))
        .says_if(clairvoyant(known))
}

fn clairvoyant(known: &Known<'_>) -> Option<String> {
    let role = known.manifest.variants.iter().map(|entry| entry.role).find(|role| *role != Role::Compared)?;
    let text = match role == Role::Bound {
        true => {
            "No policy can have a smaller restricted mean than the clairvoyant here: it is a proven bound."
        }
        false => {
            "The clairvoyant is a reference here and no proven bound: sessions under way when a window begins may \
             finish, or transaction times are drawn anew."
        }
    };
    Some(text.to_owned())
}

/// The tag of a part, or the word that stands for it.
fn kind(part: &Value) -> String {
    match part {
        Value::Table(part) => part.keys().next().cloned().unwrap_or_default(),
        Value::String(word) => word.clone(),
        other => other.to_string(),
    }
}

fn entities(known: &Known<'_>) -> Item {
    let senders = inputs::table(known, "senders").into_iter().flat_map(|senders| senders.iter());
    let hosts = senders.map(|(name, population)| {
        let hosts = population.get("hosts").map_or("1".to_owned(), Value::to_string);
        format!("Sending hosts \"{}\": {hosts}", escape(name))
    });
    Item::new("2.5.1", "Components: entities")
        .says(
            "Messages: each with a sending host, a recipient, the instant of its arrival, a transaction time, the number of its \
             failures, its last delay and whether it was put off before. Connections: each between a host and a recipient, with one \
             message at a time and a phase.",
        )
        .says(list(hosts))
}

fn activities() -> Item {
    Item::new("2.5.2", "Components: activities").says(list(
        [
            "Waiting at the sender: from a failure until the policy has the message tried again, or gives it up.",
            "Connecting: a round trip, and a wait for the acceptor or in the backlog where the recipient has them.",
            "Set-up (greeting, HELO, TLS): once per connection, with a slot.",
            "Transaction: once per message, with the slot; at its end the message is delivered, or refused for good.",
            "Idle hold: a finished connection may keep its slot for a while.",
        ]
        .map(str::to_owned),
    ))
}

fn resources(known: &Known<'_>) -> Item {
    let slots = known.manifest.recipients.iter().map(|recipient| {
        let slots = recipient.slots.map_or("unlimited".to_owned(), |slots| slots.to_string());
        let rate = recipient.capacity_per_s.map_or(String::new(), |rate| {
            format!(", which serve {} connections per second", super::super::human::number(rate))
        });
        format!(
            "Slots of the recipient \"{}\": {slots}{rate}. Connections hold them.",
            escape(&recipient.name)
        )
    });
    let own = "Connections of each sending host: in all and per recipient, as the policies limit them (item 3.3). Attempts hold them."
        .to_owned();
    Item::new("2.5.3", "Components: resources").says(list(slots.chain([own])))
}

fn queues(known: &Known<'_>) -> Item {
    let gates = inputs::table(known, "recipients").into_iter().flat_map(|recipients| recipients.iter());
    let backlogs = gates.filter_map(|(name, recipient)| {
        let gates = recipient.get("gates")?.as_table()?;
        let backlog = gates.values().filter_map(Value::as_table).find_map(|gate| gate.get("backlog"))?;
        let length = backlog.get("length").map_or("unlimited".to_owned(), Value::to_string);
        Some(format!(
            "Backlog of the recipient \"{}\": first come first served, length {length}.",
            escape(name)
        ))
    });
    let fixed = [
        "Waiting mail of a host: in the order in which the policy has it tried, which is that of due times for timers and scans, and \
         of the queue run otherwise.",
        "Due mail of a host for one recipient: first come first served, until a connection is free.",
        "Reneging: a message leaves the queue when its lifetime ends; a connection leaves the backlog when its sender's patience does.",
        "Balking: the recipient's gates refuse connections; nobody stays away by himself.",
    ];
    Item::new("2.5.4", "Components: queues").says(list(fixed.map(str::to_owned).into_iter().chain(backlogs)))
}

fn boundaries(known: &Known<'_>) -> Item {
    let senders = inputs::table(known, "senders").into_iter().flat_map(|senders| senders.iter());
    let sources = senders.flat_map(|(name, population)| {
        let arrivals =
            population.get("arrivals").and_then(Value::as_table).cloned().unwrap_or_else(Table::new);
        let source = move |(source, kind): (String, Value)| {
            let written = kind.as_table().map_or(String::new(), |kind| {
                flat(kind)
                    .into_iter()
                    .map(|(key, value)| format!("`{key}` = `{value}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            });
            format!("Arrivals \"{}\" at \"{}\": {written}", escape(&source), escape(name))
        };
        arrivals.into_iter().map(source)
    });
    Item::new("2.5.5", "Components: entry and exit points")
        .says("Mail enters at the sending hosts, independently of what becomes of earlier mail. Poisson streams whose rate changes with time are drawn by inverting the cumulative rate.")
        .says(list(sources))
        .says(
            "It leaves when it is accepted by the recipient, rejected for good, or given up by its sender (bounced); what waits or is in a session at the \
             horizon is counted as unfinished.",
        )
}
