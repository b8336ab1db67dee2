//! The options of a `.cf` in all its forms, or the `define`s of a `.mc` that set them.
//!
//! Sendmail sendmail/readcf.c (`setoption`, `OptionTab`, `inittimeouts`); cf/m4/proto.m4.

use std::ops::Range;

/// An option as it is set: under its long name, sub-options of `Timeout` behind a dot.
#[derive(Clone, Debug, PartialEq)]
pub struct Opt<'a> {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: &'a str,
    /// Where that is written.
    pub at: Range<usize>,
}

/// What stands for the line of a queue group among the options.
pub const QUEUE_GROUP: &str = "Q";

/// An option of a `.cf` that has an effect here.
struct Known {
    name: &'static str,
    /// So many letters of the name are enough, among all names that sendmail knows.
    enough: usize,
    /// Its name in the syntax of old.
    short: Option<char>,
}

const fn known(name: &'static str, enough: usize, short: Option<char>) -> Known {
    Known { name, enough, short }
}

const OPTIONS: [Known; 14] = [
    known("ConnectionCacheSize", 16, Some('k')),
    known("DeliveryMode", 8, Some('d')),
    known("FallbackMXhost", 9, Some('V')),
    known("FallbackSmartHost", 9, None),
    known("HostStatusDirectory", 6, None),
    known("MaxQueueAge", 9, None),
    known("MaxQueueChildren", 9, None),
    known("MaxQueueRunSize", 9, None),
    known("MinQueueAge", 4, None),
    known("QueueSortOrder", 6, None),
    known(QUEUE_TIMEOUT, 6, Some('T')),
    known("SingleThreadDelivery", 7, None),
    known("SoftBounce", 2, None),
    known(TIMEOUT, 5, Some('r')),
];

/// `QueueTimeout=5d/4h`: `Timeout.queuereturn` and `Timeout.queuewarn` in one.
const QUEUE_TIMEOUT: &str = "QueueTimeout";

/// Timeouts one by one behind a dot, or a list of them.
const TIMEOUT: &str = "Timeout";

/// Macros of a `.mc` and the options they set.
const MACROS: [(&str, &str); 20] = [
    ("confMIN_QUEUE_AGE", "MinQueueAge"),
    ("confMAX_QUEUE_AGE", "MaxQueueAge"),
    ("confQUEUE_SORT_ORDER", "QueueSortOrder"),
    ("confMAX_QUEUE_CHILDREN", "MaxQueueChildren"),
    ("confMAX_QUEUE_RUN_SIZE", "MaxQueueRunSize"),
    ("confTO_QUEUERETURN", "Timeout.queuereturn"),
    ("confTO_QUEUERETURN_NORMAL", "Timeout.queuereturn.normal"),
    ("confTO_QUEUEWARN", "Timeout.queuewarn"),
    ("confTO_QUEUEWARN_NORMAL", "Timeout.queuewarn.normal"),
    ("confTO_HOSTSTATUS", "Timeout.hoststatus"),
    ("confHOST_STATUS_DIRECTORY", "HostStatusDirectory"),
    ("confSINGLE_THREAD_DELIVERY", "SingleThreadDelivery"),
    ("confTO_CONNECT", "Timeout.connect"),
    ("confTO_ICONNECT", "Timeout.iconnect"),
    ("confTO_INITIAL", "Timeout.initial"),
    ("confDELIVERY_MODE", "DeliveryMode"),
    ("confFALLBACK_MX", "FallbackMXhost"),
    ("confFALLBACK_SMARTHOST", "FallbackSmartHost"),
    ("confMCI_CACHE_SIZE", "ConnectionCacheSize"),
    ("confSOFT_BOUNCE", "SoftBounce"),
];

/// All options of a text that have an effect here, in its order.
pub fn options(text: &str) -> Vec<Opt<'_>> {
    let is_mc = text.lines().any(|line| !line.starts_with('#') && line.contains("define("));
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let line = without_comment(line).trim_end();
        if let Some(rest) = line.strip_prefix("O ") {
            long_option(text, at + line.len() - rest.len()..at + line.len(), &mut found);
        } else if let Some(rest) = line.strip_prefix('O').filter(|_| !is_mc) {
            let Some(short) = rest.chars().next() else { continue };
            if let Some(known) = OPTIONS.iter().find(|known| known.short == Some(short)) {
                let value = at + 1 + short.len_utf8()..at + line.len();
                set(text, known.name.to_owned(), value, &mut found);
            }
        } else if line.trim_start().starts_with("QUEUE_GROUP(") || (is_queue_group(line) && !is_mc) {
            set(text, QUEUE_GROUP.to_owned(), at..at + line.len(), &mut found);
        } else {
            for (name, value) in definitions(line) {
                set(text, name.to_owned(), at + value.start..at + value.end, &mut found);
            }
        }
    }
    if is_mc {
        // Whatever their order, proto.m4 writes times of a priority behind those for all.
        found.sort_by_key(|option| option.name.ends_with(".normal"));
    }
    found
}

/// A line up to the `#` that begins a comment: none at its very beginning, escaped, or of `$#`.
fn without_comment(line: &str) -> &str {
    let begins = |&(at, _): &(usize, &str)| at > 0 && !line[..at].ends_with(['\\', '$']);
    line.match_indices('#').find(begins).map_or(line, |(at, _)| &line[..at])
}

/// `Qname, ...` of a `.cf`.
fn is_queue_group(line: &str) -> bool {
    line.strip_prefix('Q').is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

/// `Name=value`, where the first letters of a name are enough.
fn long_option<'a>(text: &'a str, place: Range<usize>, found: &mut Vec<Opt<'a>>) {
    let option = &text[place.clone()];
    // Without a value it is empty.
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let (name, rest) = name.trim().split_once('.').unwrap_or((name.trim(), ""));
    let is_meant = |known: &&Known| {
        name.len() >= known.enough
            && known.name.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let Some(known) = OPTIONS.iter().find(is_meant) else { return };
    let value = place.end - value.len()..place.end;
    if known.name == TIMEOUT && !rest.is_empty() {
        set(text, timeout(rest), value, found);
    } else {
        set(text, known.name.to_owned(), value, found);
    }
}

/// The name of a timeout; those for all priorities of mail are also written with a star.
fn timeout(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    format!("{TIMEOUT}.{}", name.strip_suffix(".*").unwrap_or(&name))
}

/// Notes what an option is set to, under the names of today.
fn set<'a>(text: &'a str, name: String, place: Range<usize>, found: &mut Vec<Opt<'a>>) {
    let inside = &text[place.clone()];
    let start = place.start + inside.len() - inside.trim_start().len();
    let value = inside.trim();
    match name.as_str() {
        QUEUE_TIMEOUT => {
            let returned = value.find('/').unwrap_or(value.len());
            if returned < value.len() {
                let warned = start + returned + 1..start + value.len();
                set(text, "Timeout.queuewarn".to_owned(), warned, found);
            }
            set(text, "Timeout.queuereturn".to_owned(), start..start + returned, found);
        }
        TIMEOUT => {
            let mut at = start;
            for item in value.split(',') {
                // A number alone is for the commands after the greeting.
                if let Some((name, limit)) = item.split_once([':', '=']) {
                    let end = at + item.len();
                    set(text, timeout(name), end - limit.len()..end, found);
                }
                at += item.len() + 1;
            }
        }
        _ => found.push(Opt { name, value, at: start..start + value.len() }),
    }
}

/// Every define(`confNAME', `value') of a line up to its `dnl`: the option it sets, and where the value is.
fn definitions(line: &str) -> Vec<(&'static str, Range<usize>)> {
    let end = line.find("dnl").unwrap_or(line.len());
    let starts = line[..end].match_indices("define(").map(|(at, opening)| at + opening.len());
    starts.filter_map(|start| definition(&line[..end], start)).collect()
}

/// The definition whose arguments begin at `start`.
fn definition(line: &str, start: usize) -> Option<(&'static str, Range<usize>)> {
    let (name, value) = line[start..].split_once(',')?;
    let name = name.trim().trim_start_matches('`').trim_end_matches('\'');
    let option = MACROS.iter().find(|(known, _)| *known == name).map(|&(_, option)| option)?;
    let value = value.trim_start();
    let (value, end) = match value.strip_prefix('`') {
        Some(quoted) => (quoted, '\''),
        None => (value, ')'),
    };
    let start = line.len() - value.len();
    Some((option, start..start + value.find(end).unwrap_or(value.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        options(text).iter().map(|option| format!("{}={}", option.name, &text[option.at.clone()])).collect()
    }

    #[test]
    fn options_have_long_and_short_names() {
        assert_eq!(shown("OT5d/4h\n"), ["Timeout.queuewarn=4h", "Timeout.queuereturn=5d"]);
        assert_eq!(shown("O QueueTimeout=5d\n"), ["Timeout.queuereturn=5d"]);
        assert_eq!(
            shown("Orqueuereturn=3d, connect:1m,1h\nOk0\nOdq\nOVbackup\nOLevel\n"),
            [
                "Timeout.queuereturn=3d",
                "Timeout.connect=1m",
                "ConnectionCacheSize=0",
                "DeliveryMode=q",
                "FallbackMXhost=backup"
            ]
        );
        assert_eq!(shown("O Timeout.QueueReturn.* = 2d\n"), ["Timeout.queuereturn=2d"]);
    }

    #[test]
    fn comments_end_a_line() {
        assert_eq!(shown("O MinQueueAge=15m\t# often\n#O MaxQueueAge=1h\n"), ["MinQueueAge=15m"]);
        assert_eq!(shown("define(`confMIN_QUEUE_AGE', `15m') # often\n"), ["MinQueueAge=15m"]);
        assert_eq!(shown("OVa\\#b\n"), ["FallbackMXhost=a\\#b"]);
    }

    #[test]
    fn the_first_letters_of_a_name_are_enough_where_no_other_begins_so() {
        assert_eq!(shown("O minqueue=15m\nO Timeo.initial=1m\n"), ["MinQueueAge=15m", "Timeout.initial=1m"]);
        // MinFreeBlocks, TimeZoneSpec.
        assert_eq!(shown("O Min=15m\nO Time.initial=1m\n"), Vec::<String>::new());
    }

    #[test]
    fn definitions_share_a_line_and_end_at_dnl() {
        let text = "define(`confMIN_QUEUE_AGE',`27m')define(`confMAX_QUEUE_AGE', `2h')dnl define(`confMIN_QUEUE_AGE',`1m')\n";
        assert_eq!(shown(text), ["MinQueueAge=27m", "MaxQueueAge=2h"]);
        let text = "define(`confTO_QUEUEWARN_NORMAL',2h)\ndefine(`confTO_QUEUEWARN',1h)\n";
        assert_eq!(shown(text), ["Timeout.queuewarn=1h", "Timeout.queuewarn.normal=2h"]);
        // Only a `.cf` has short names.
        assert_eq!(shown("Order of runs\ndefine(`confTO_CONNECT', 1m)\n"), ["Timeout.connect=1m"]);
    }

    #[test]
    fn queue_groups_are_found() {
        assert_eq!(shown("Qmqueue, P=/q\n"), ["Q=Qmqueue, P=/q"]);
        assert_eq!(shown("QUEUE_GROUP(`mqueue', `P=/q')dnl\n"), ["Q=QUEUE_GROUP(`mqueue', `P=/q')dnl"]);
    }
}
