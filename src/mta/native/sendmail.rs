//! Sendmail: options of a `.cf`, or `define` of a `.mc`.
//!
//! Sendmail sendmail/readcf.c (`setoption`, `settimeout`), convtime.c, queue.c and envelope.c. Queue runs are
//! started with `sendmail -q15m`, which no configuration says.

mod options;

use std::ops::Range;

use self::options::{Opt, QUEUE_GROUP, options};
use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

/// Reads options; the last of a name counts.
pub fn read(text: &str) -> Reading {
    let mut reader = Reader { options: options(text), reading: Reading::default() };
    reader.queue();
    reader.host_status();
    reader.lifetime();
    reader.connections();
    reader.not_modelled();
    reader.reading
}

struct Reader<'a> {
    options: Vec<Opt<'a>>,
    reading: Reading,
}

impl Reader<'_> {
    fn queue(&mut self) {
        let least = self.time(&["MinQueueAge"], 'm');
        match self.time(&["MaxQueueAge"], 'm').filter(|&(most, _)| most > Span::ZERO) {
            // Skipped while now - last try < min(last try - arrival, MaxQueueAge): the age at the last try,
            // at most that; MinQueueAge is the least, if it is set.
            Some((most, at)) => {
                let (least, place) = least.unwrap_or((Span::ZERO, at.clone()));
                self.reading.set("backoff.age-doubling.min", place, Value::time(least.min(most)));
                self.reading.set("backoff.age-doubling.max", at, Value::time(most));
            }
            None => {
                if let Some((least, at)) = least {
                    self.reading.set("backoff.fixed.every", at, Value::time(least));
                }
            }
        }
        if let Some((order, at)) = self.text(&["QueueSortOrder"]) {
            let first = order.to_lowercase().chars().next();
            match first {
                Some('r') => self.reading.set("runner.queue-run.order", at, Value::word("random")),
                // By host and then by priority; and priority falls with each try.
                Some('p' | 'h') => {
                    self.reading.set("runner.queue-run.order", at, Value::word("fewest-tries"))
                }
                Some('t' | 'm' | 'f' | 'n') => {
                    self.reading.set("runner.queue-run.order", at, Value::word("oldest-first"));
                }
                _ => {
                    let message = format!("`QueueSortOrder` is `{order}`");
                    self.reading.refuse(
                        at,
                        message,
                        "priority, host, time, filename, modification, random or none",
                    );
                }
            }
        }
        if let Some((children, at)) = self.count("MaxQueueChildren").filter(|&(children, _)| children > 0) {
            self.reading.set("runner.queue-run.workers", at, Value::Count(children));
        }
    }

    /// What is known of hosts that failed.
    fn host_status(&mut self) {
        if let Some((directory, at)) = self.text(&["HostStatusDirectory"]) {
            let shared = if directory.is_empty() { "run" } else { "host" };
            self.reading.set("memory.host-status.shared", at, Value::word(shared));
        }
        if let Some((keep, at)) =
            self.time(&["Timeout.hoststatus"], 'm').filter(|&(keep, _)| keep > Span::ZERO)
        {
            self.reading.set("memory.host-status.keep", at, Value::time(keep));
        }
    }

    fn lifetime(&mut self) {
        // Without a priority it is for all, and the last that is set counts.
        let returned = self.time_or_now(&["Timeout.queuereturn", "Timeout.queuereturn.normal"], 'd');
        match returned {
            Some((None, at)) => self.reading.set("lifetime.attempts", at, Value::Count(1)),
            // Older than nothing is what was tried once and waited.
            Some((Some(age), at)) => {
                self.reading.set("lifetime.age", at, Value::time(age.max(Span::SECOND)));
            }
            None => {}
        }
        match self.time(&["Timeout.queuewarn", "Timeout.queuewarn.normal"], 'h') {
            Some((Span::ZERO, at)) => self.reading.set("lifetime.warn_after", at, Value::Absent),
            Some((age, at)) => self.reading.set("lifetime.warn_after", at, Value::time(age)),
            None => {}
        }
    }

    fn connections(&mut self) {
        for (name, key) in [
            ("Timeout.connect", "connections.connect_timeout"),
            ("Timeout.initial", "connections.greeting_timeout"),
        ] {
            if let Some((limit, at)) = self.time(&[name], 'm').filter(|&(limit, _)| limit > Span::ZERO) {
                self.reading.set(key, at, Value::time(limit));
            }
        }
        if let Some((0, at)) = self.count("ConnectionCacheSize") {
            self.reading.set("connections.reuse", at.clone(), Value::word("none"));
            self.reading.set("connections.messages_per_connection", at, Value::Count(1));
        }
    }

    fn not_modelled(&mut self) {
        if let Some((mode, at)) = self.text(&["DeliveryMode"])
            && mode.to_lowercase().starts_with(['q', 'd'])
        {
            let message = "`DeliveryMode` keeps new mail for a queue run, which is not modelled";
            self.reading.warn(at, message, "new mail is tried when it arrives");
        }
        for (name, effect) in [
            (QUEUE_GROUP, "has runs, directories and limits of its own"),
            ("MaxQueueRunSize", "lets a run look at a part of the queue"),
            ("SingleThreadDelivery", "lets processes wait for each other"),
            ("FallbackMXhost", "takes mail elsewhere when the destination refuses"),
            ("FallbackSmartHost", "takes mail elsewhere when the destination refuses"),
            ("SoftBounce", "makes 5yz replies temporary"),
            ("Timeout.iconnect", "is how long the first try waits for a connection"),
        ] {
            if let Some((_, at)) = self
                .text(&[name])
                .filter(|(value, _)| !matches!(value.to_lowercase().as_str(), "" | "0" | "false"))
            {
                let what = if name == QUEUE_GROUP { "a queue group".to_owned() } else { format!("`{name}`") };
                let message = format!("{what} {effect}, which is not modelled");
                self.reading.warn(at, message, "the policy is as if it were not set");
            }
        }
    }

    fn text(&self, names: &[&str]) -> Option<(String, Range<usize>)> {
        let found = self.options.iter().rev().find(|option| names.contains(&option.name.as_str()))?;
        Some((found.value.to_owned(), found.at.clone()))
    }

    /// A time; what lies in the past is none at all.
    fn time(&mut self, names: &[&str], bare: char) -> Option<(Span, Range<usize>)> {
        self.time_or_now(names, bare).map(|(time, at)| (time.unwrap_or(Span::ZERO), at))
    }

    /// A time, or `None` for `now` and what lies in the past. An empty one is zero (`convtime`).
    fn time_or_now(&mut self, names: &[&str], bare: char) -> Option<(Option<Span>, Range<usize>)> {
        let (text, at) = self.text(names)?;
        if text.eq_ignore_ascii_case("now") {
            return Some((None, at));
        }
        let (is_past, length) = match text.strip_prefix('-') {
            Some(length) => (true, length),
            None => (false, text.as_str()),
        };
        let span = if length.is_empty() { Some(Span::ZERO) } else { time::concatenated(length, Some(bare)) };
        match span {
            Some(span) => Some(((!is_past).then_some(span), at)),
            None => {
                let message = format!("`{}` is `{text}`, which is no time", names[0]);
                self.reading.refuse(at, message, "numbers with the units s, m, h, d and w, such as 1h30m");
                None
            }
        }
    }

    /// A number; nothing and what is less than nothing is zero (`atoi`).
    fn count(&mut self, name: &str) -> Option<(u32, Range<usize>)> {
        let (text, at) = self.text(&[name])?;
        let number = if text.is_empty() { Some(0) } else { text.parse::<i64>().ok() };
        match number.and_then(|number| u32::try_from(number.max(0)).ok()) {
            Some(number) => Some((number, at)),
            None => {
                self.reading.refuse(at, format!("`{name}` is `{text}`"), "a whole number");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cf_and_mc_say_the_same() {
        let cf = "# cf\nO MinQueueAge=30\nO Timeout.queuereturn=4d\nO Timeout.queuewarn=4\nO QueueSortOrder=Random\nO HostStatusDirectory=.hoststat\n";
        let mc = "define(`confMIN_QUEUE_AGE', `30m')dnl\ndefine(`confTO_QUEUERETURN', `4d')dnl\ndefine(`confTO_QUEUEWARN', 4h)dnl\ndefine(`confQUEUE_SORT_ORDER', `random')\ndefine(`confHOST_STATUS_DIRECTORY', `.hoststat')\n";
        for text in [cf, mc] {
            let reading = read(text);
            assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
            assert_eq!(reading.get("backoff.fixed.every"), Some(&Value::word("30m")), "{text}");
            assert_eq!(reading.get("lifetime.age"), Some(&Value::word("4d")));
            assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::word("4h")));
            assert_eq!(reading.get("runner.queue-run.order"), Some(&Value::word("random")));
            assert_eq!(reading.get("memory.host-status.shared"), Some(&Value::word("host")));
        }
    }

    #[test]
    fn with_a_greatest_age_delays_double() {
        let reading = read("O MaxQueueAge=4h\nO MinQueueAge=5m\n");
        assert_eq!(reading.get("backoff.age-doubling.max"), Some(&Value::word("4h")));
        assert_eq!(reading.get("backoff.age-doubling.min"), Some(&Value::word("5m")));
        assert_eq!(reading.get("backoff.fixed.every"), None);
    }

    #[test]
    fn mail_may_be_returned_now() {
        let reading = read("define(`confTO_QUEUERETURN', `now')dnl\n");
        assert_eq!(reading.remarks, []);
        assert_eq!(reading.get("lifetime.attempts"), Some(&Value::Count(1)));
    }

    #[test]
    fn the_last_of_a_time_with_and_without_priority_counts() {
        let reading = read("O Timeout.queuereturn.normal=3d\nO Timeout.queuereturn=2d\nOT1d/1h\n");
        assert_eq!(reading.get("lifetime.age"), Some(&Value::word("1d")));
        assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::word("1h")));
        let reading = read("O Timeout.queuereturn=2d\nO Timeout.queuereturn.normal=3d\n");
        assert_eq!(reading.get("lifetime.age"), Some(&Value::word("3d")));
    }

    #[test]
    fn nothing_is_zero_and_less_than_nothing_is_the_past() {
        let reading = read("O Timeout.queuewarn=\nO MinQueueAge=-5\nO Timeout.connect=\nOk-1\n");
        assert_eq!(reading.remarks, []);
        assert_eq!(reading.get("lifetime.warn_after"), Some(&Value::Absent));
        assert_eq!(reading.get("backoff.fixed.every"), Some(&Value::word("0s")));
        assert_eq!(reading.get("connections.connect_timeout"), None);
        assert_eq!(reading.get("connections.messages_per_connection"), Some(&Value::Count(1)));
        assert_eq!(read("O Timeout.queuereturn=0").get("lifetime.age"), Some(&Value::word("1s")));
        assert_eq!(read("O Timeout.queuereturn=-1d").get("lifetime.attempts"), Some(&Value::Count(1)));
    }

    #[test]
    fn what_matters_and_is_not_modelled_is_warned_about() {
        for (text, words) in [
            ("Qmqueue, P=/var/spool/mqueue, I=1m\n", "a queue group has runs"),
            ("OVbackup.example\n", "`FallbackMXhost` takes mail elsewhere"),
            ("O SoftBounce=True\n", "`SoftBounce` makes 5yz"),
            ("O Timeout.iconnect=5s\n", "`Timeout.iconnect` is how long"),
        ] {
            assert!(read(text).remarks[0].message.starts_with(words), "{text}");
        }
        assert_eq!(read("O Timeout.iconnect=0\nO SoftBounce=\n").remarks, []);
    }

    #[test]
    fn mistakes_are_shown_at_the_value() {
        for (text, token) in [
            ("O MinQueueAge = soon\n", "soon"),
            ("O MaxQueueChildren=x\n", "x"),
            ("O QueueSortOrder=best\n", "best"),
            ("define(`confTO_QUEUERETURN', `5y')", "5y"),
            ("O DeliveryMode=q\n", "q"),
        ] {
            assert_eq!(read(text).remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
