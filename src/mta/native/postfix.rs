//! Postfix: `main.cf`, or what `postconf -n` prints.
//!
//! Postfix src/qmgr/qmgr.c, qmgr_transport.c and qmgr_feedback.c; src/global/mail_params.h, conv_time.c and
//! mail_conf_time.c; src/smtp/smtp.h. A time without a unit has the unit of the parameter's default.

mod concurrency;
mod main_cf;

use std::ops::Range;

use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;
use main_cf::{MainCf, Token};

/// Reads a configuration for the mail of one transport; without one, that of `default_transport`.
pub fn read(text: &str, transport: Option<&str>) -> Reading {
    let mut reading = Reading::default();
    let file = MainCf::parse(text, &mut reading);
    let mut reader = Reader { file: &file, transport: String::new(), reading: &mut reading };
    reader.transport = match transport {
        Some(transport) => transport.to_owned(),
        None => reader.default_transport(),
    };
    reader.schedule();
    reader.lifetime();
    reader.concurrency();
    reader.connections();
    reader.not_modelled();
    reading
}

/// The defaults of parameters that others are often set from.
const DEFAULTS: [(&str, &str); 15] = [
    ("queue_run_delay", "300s"),
    (MINIMAL, "300s"),
    (MAXIMAL, "4000s"),
    ("maximal_queue_lifetime", "5d"),
    ("bounce_queue_lifetime", "5d"),
    ("delay_warning_time", "0h"),
    ("initial_destination_concurrency", INITIAL),
    ("default_destination_concurrency_limit", LIMIT),
    ("default_destination_concurrency_failed_cohort_limit", "1"),
    ("default_destination_concurrency_positive_feedback", "1"),
    ("default_destination_concurrency_negative_feedback", "1"),
    ("default_destination_rate_delay", "0s"),
    ("default_process_limit", PROCESSES),
    ("qmgr_message_active_limit", "20000"),
    ("default_transport", "smtp"),
];

const MINIMAL: &str = "minimal_backoff_time";
const MAXIMAL: &str = "maximal_backoff_time";
const INITIAL: &str = "5";
const LIMIT: &str = "20";
const PROCESSES: &str = "100";

/// Parameters with an effect that is not modelled, and what they do.
const NOT_MODELLED: [(&str, &str); 8] = [
    ("transport_maps", "may send mail by other transports, which have limits of their own"),
    ("sender_dependent_default_transport_maps", "may send mail by other transports"),
    ("defer_transports", "holds mail back until the queue is flushed"),
    ("smtp_fallback_relay", "takes mail elsewhere when the destination refuses"),
    ("smtp_connection_cache_destinations", "keeps connections open without demand"),
    ("smtp_reply_filter", "may change replies"),
    ("smtp_delivery_status_filter", "may change deferrals into bounces, and the other way round"),
    ("default_delivery_status_filter", "may change deferrals into bounces, and the other way round"),
];

struct Reader<'a> {
    file: &'a MainCf,
    transport: String,
    reading: &'a mut Reading,
}

impl Reader<'_> {
    fn default_transport(&mut self) -> String {
        let written = self.token("default_transport").map(|token| token.text);
        let name = written.as_deref().and_then(|text| text.split(':').next()).unwrap_or_default().trim();
        if name.is_empty() { "smtp".to_owned() } else { name.to_owned() }
    }

    fn schedule(&mut self) {
        if let Some((every, at)) = self.time("queue_run_delay", 's', 1) {
            self.reading.set("runner.scan.every", at, Value::time(every));
        }
        let (least, most) = (self.time(MINIMAL, 's', 1), self.time(MAXIMAL, 's', 1));
        if let Some((least, at)) = least.clone() {
            self.reading.set("backoff.age-doubling.min", at.clone(), Value::time(least));
            // A dead site is left alone for as long (qmgr_queue_throttle).
            self.reading.set("memory.dead-site.retry_after", at, Value::time(least));
        }
        if let Some((most, at)) = most.clone() {
            self.reading.set("backoff.age-doubling.max", at, Value::time(most));
        }
        if !self.reading.has_errors() {
            self.least_wins(least, most);
        }
        if let Some((active, at)) = self.count("qmgr_message_active_limit", 1) {
            self.reading.set("runner.scan.active", at, Value::Count(active));
        }
    }

    /// The least delay wins over the greatest (`qmgr_active_done_3_generic`).
    fn least_wins(&mut self, least: Option<(Span, Range<usize>)>, most: Option<(Span, Range<usize>)>) {
        let Some(at) = least.as_ref().or(most.as_ref()).map(|(_, at)| at.clone()) else { return };
        let default = |name: &str| {
            let written = DEFAULTS.iter().find(|(known, _)| *known == name);
            written.and_then(|(_, text)| conv_time(text, 's')).map_or(Span::ZERO, |(span, _)| span)
        };
        let least = least.map_or(default(MINIMAL), |(span, _)| span);
        if least > most.map_or(default(MAXIMAL), |(span, _)| span) {
            let message = format!("`{MINIMAL}` is above `{MAXIMAL}`: all delays are `{MINIMAL}`");
            self.reading.warn(at.clone(), message, "exchange them, if that is not meant");
            self.reading.set("backoff.age-doubling.max", at, Value::time(least));
        }
    }

    fn lifetime(&mut self) {
        match self.time("maximal_queue_lifetime", 'd', 0) {
            // Mail is returned after the first attempt.
            Some((Span::ZERO, at)) => self.reading.set("lifetime.attempts", at, Value::Count(1)),
            Some((age, at)) => self.reading.set("lifetime.age", at, Value::time(age)),
            None => {}
        }
        match self.time("delay_warning_time", 'h', 0) {
            Some((Span::ZERO, at)) => self.reading.set("lifetime.warn_after", at, Value::Absent),
            Some((age, at)) => self.reading.set("lifetime.warn_after", at, Value::time(age)),
            None => {}
        }
    }

    fn connections(&mut self) {
        let client = if self.transport == "lmtp" { "lmtp" } else { "smtp" };
        for (end, key) in [
            ("_connect_timeout", "connections.connect_timeout"),
            ("_helo_timeout", "connections.greeting_timeout"),
        ] {
            match self.time(&format!("{client}{end}"), 's', 0) {
                Some((Span::ZERO, at)) => self.reading.warn(
                    at,
                    "without a limit of its own the operating system's holds, which is not modelled",
                    "write a time, or override it in the scenario",
                ),
                Some((limit, at)) => self.reading.set(key, at, Value::time(limit)),
                None => {}
            }
        }
        if self.reading.get("connections.reuse").is_none() {
            self.connection_cache(client);
        }
    }

    fn connection_cache(&mut self, client: &str) {
        if let Some((false, at)) = self.truth(&format!("{client}_connection_cache_on_demand")) {
            self.reading.set("connections.reuse", at.clone(), Value::word("none"));
            self.reading.set("connections.messages_per_connection", at, Value::Count(1));
            return;
        }
        if let Some((count, at)) = self.count(&format!("{client}_connection_reuse_count_limit"), 0)
            && count > 0
        {
            // The first use is no reuse.
            let messages = count.saturating_add(1);
            self.reading.set("connections.messages_per_connection", at, Value::Count(messages));
        }
        if let Some((idle, at)) = self.time(&format!("{client}_connection_cache_time_limit"), 's', 1) {
            self.reading.set("connections.idle", at, Value::time(idle));
        }
        if let Some((age, at)) = self.time(&format!("{client}_connection_reuse_time_limit"), 's', 1) {
            self.reading.set("connections.reuse_for", at, Value::time(age));
        }
    }

    fn not_modelled(&mut self) {
        for (name, effect) in NOT_MODELLED {
            if let Some(token) = self.token(name).filter(|token| !token.text.is_empty()) {
                self.passed_over(name, token.at, effect);
            }
        }
        let end = "_transport_rate_delay";
        let delay =
            self.of_transport(end, &format!("default{end}"), |reader, name| reader.time(name, 's', 0));
        if let Some((_, at)) = delay.filter(|&(delay, _)| delay > Span::ZERO) {
            self.passed_over("transport_rate_delay", at, "lets all destinations wait for each other");
        }
        let end = "_destination_recipient_limit";
        let limit = self.of_transport(end, &format!("default{end}"), |reader, name| reader.count(name, 0));
        if let Some((1, at)) = limit {
            self.passed_over(end.trim_start_matches('_'), at, "of 1 counts connections for each mailbox");
        }
        if let Some((true, at)) = self.truth("soft_bounce") {
            self.passed_over("soft_bounce", at, "tries again after a 5yz reply");
        }
    }

    fn passed_over(&mut self, name: &str, at: Range<usize>, effect: &str) {
        let message = format!("`{name}` {effect}, which is not modelled");
        self.reading.warn(at, message, "the policy is as if it were not set");
    }

    /// What is set for the transport of the policy, or else for all.
    fn of_transport<T>(
        &mut self,
        end: &str,
        general: &str,
        read: impl Fn(&mut Self, &str) -> Option<T>,
    ) -> Option<T> {
        let transport = self.transport.clone();
        self.of(&transport, end, general, read)
    }

    /// What is set for a transport, or else for all.
    fn of<T>(
        &mut self,
        transport: &str,
        end: &str,
        general: &str,
        read: impl Fn(&mut Self, &str) -> Option<T>,
    ) -> Option<T> {
        let own = format!("{transport}{end}");
        let name = if self.file.names().any(|name| name == own) { own.as_str() } else { general };
        read(self, name)
    }

    fn token(&mut self, name: &str) -> Option<Token> {
        match self.file.get(name, &DEFAULTS)? {
            Ok(token) => Some(token),
            Err((at, expression)) => {
                let message = format!("`{name}` is set to an expression that is not evaluated: {expression}");
                self.reading.refuse(at, message, "a value, or the name of a parameter that has one");
                None
            }
        }
    }

    fn time(&mut self, name: &str, bare: char, least: u64) -> Option<(Span, Range<usize>)> {
        let token = self.token(name)?;
        let Some((span, read)) = conv_time(&token.text, bare) else {
            let message = format!("`{name}` is `{}`, which is no time", token.text);
            self.reading.refuse(token.at, message, "a whole number with one of the units s, m, h, d and w");
            return None;
        };
        if span.as_micros() < i64::try_from(least).unwrap_or(1) * 1_000_000 {
            let message = format!("`{name}` is `{}`, which Postfix does not take", token.text);
            self.reading.refuse(token.at, message, &format!("at least {least}s"));
            return None;
        }
        if read < token.text.len() {
            let message = format!("Postfix reads `{}` as `{}`", token.text, &token.text[..read]);
            let help = "a time is one number with one letter for its unit";
            self.reading.warn(token.at.clone(), message, help);
        }
        Some((span, token.at))
    }

    fn count(&mut self, name: &str, least: u32) -> Option<(u32, Range<usize>)> {
        let token = self.token(name)?;
        let number = token.text.parse::<u32>().ok().filter(|&number| i32::try_from(number).is_ok());
        match number.filter(|&number| number >= least) {
            Some(number) => Some((number, token.at)),
            None => {
                let message = format!("`{name}` is `{}`, which Postfix does not take", token.text);
                self.reading.refuse(token.at, message, &format!("a whole number from {least}"));
                None
            }
        }
    }

    fn truth(&mut self, name: &str) -> Option<(bool, Range<usize>)> {
        let token = self.token(name)?;
        match token.text.to_lowercase().as_str() {
            "yes" => Some((true, token.at)),
            "no" => Some((false, token.at)),
            _ => {
                let message = format!("`{name}` is `{}`", token.text);
                self.reading.refuse(token.at, message, "`yes` or `no`");
                None
            }
        }
    }
}

/// A time as `conv_time` reads it, which stops after the first letter, and how far that was.
fn conv_time(text: &str, bare: char) -> Option<(Span, usize)> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let number: i32 = text[..digits].parse().ok()?;
    let letter = text[digits..].chars().next();
    let seconds = u64::try_from(number).ok()?.checked_mul(time::unit(letter.unwrap_or(bare))?)?;
    let seconds = i32::try_from(seconds).ok()?;
    Some((time::seconds(u64::try_from(seconds).ok()?)?, digits + letter.map_or(0, char::len_utf8)))
}

#[cfg(test)]
mod tests {
    use super::super::reading::Gravity;
    use super::*;

    fn read(text: &str) -> Reading {
        super::read(text, None)
    }

    fn shown(reading: &Reading) -> Vec<(&'static str, Value)> {
        reading.settings.iter().map(|setting| (setting.key, setting.item.value.clone())).collect()
    }

    fn text(word: &str) -> Value {
        Value::word(word)
    }

    #[test]
    fn an_empty_file_says_nothing() {
        assert_eq!(read(""), Reading::default());
        assert_eq!(read("# nothing\nmyhostname = x.example\n"), Reading::default());
    }

    #[test]
    fn units_are_those_of_the_defaults() {
        let reading = read("maximal_queue_lifetime = 2\ndelay_warning_time = 4\nqueue_run_delay = 90\n");
        assert_eq!(
            shown(&reading),
            [
                ("runner.scan.every", text("1m30s")),
                ("lifetime.age", text("2d")),
                ("lifetime.warn_after", text("4h"))
            ]
        );
    }

    #[test]
    fn what_postfix_would_not_take_is_refused_at_the_value() {
        for (file, token) in [
            ("minimal_backoff_time = soon\n", "soon"),
            ("minimal_backoff_time = 0\n", "0"),
            ("queue_run_delay = -5s\n", "-5s"),
            ("default_process_limit = many\n", "many"),
            ("smtp_connection_cache_on_demand = maybe\n", "maybe"),
            ("maximal_backoff_time = 1w1\nmaximal_backoff_time = ${x", "${x"),
        ] {
            let reading = read(file);
            let [remark] = reading.remarks.as_slice() else { panic!("{file}: {:?}", reading.remarks) };
            assert_eq!(remark.gravity, Gravity::Error);
            assert_eq!(remark.at.clone().map(|at| &file[at]), Some(token), "{file}");
        }
    }

    #[test]
    fn the_least_delay_wins_over_the_greatest() {
        for file in ["minimal_backoff_time = 2h\n", "minimal_backoff_time = 2h\nmaximal_backoff_time = 1h\n"]
        {
            let reading = read(file);
            assert!(!reading.has_errors() && reading.remarks.len() == 1, "{:?}", reading.remarks);
            assert_eq!(reading.get("backoff.age-doubling.max"), Some(&text("2h")));
        }
        let reading = read("maximal_backoff_time = 60\n");
        assert_eq!(reading.remarks[0].at.clone().map(|at| at.start), Some(23));
        assert_eq!(reading.get("backoff.age-doubling.max"), Some(&text("5m")));
    }

    #[test]
    fn what_would_matter_is_warned_about() {
        let reading =
            read("transport_maps = hash:/etc/postfix/transport\nsmtp_fallback_relay =\nsoft_bounce = yes\n");
        let messages: Vec<&str> = reading.remarks.iter().map(|remark| remark.message.as_str()).collect();
        assert_eq!(messages.len(), 2, "{messages:?}");
        assert!(messages[0].starts_with("`transport_maps` may send mail"), "{messages:?}");
        let reading = read("minimal_backoff_time = 1h30m\n");
        assert!(reading.remarks[0].message.contains("as `1h`"), "{:?}", reading.remarks);
        assert_eq!(reading.get("backoff.age-doubling.min"), Some(&text("1h")));
    }
}
