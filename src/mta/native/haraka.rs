//! Haraka: `outbound.ini`.
//!
//! Haraka outbound/config.js (`set_temp_fail_intervals`) and outbound/hmail.js (`temp_fail`).

use std::ops::Range;

use super::delays;
use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

/// Reads the settings before the first section.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let settings = settings(text);
    let last = |name: &str| settings.iter().rev().find(|setting| setting.name == name);
    match (last("temp_fail_intervals").filter(|setting| !setting.value.is_empty()), last("maxTempFailures")) {
        // The list is stronger than the number.
        (Some(intervals), _) => temp_fail_intervals(intervals, &mut reading),
        (None, Some(failures)) => max_temp_failures(failures, &mut reading),
        (None, None) => {}
    }
    if let Some(setting) = last("concurrency_max") {
        count(setting, &mut reading, "connections.total");
    }
    if let Some(setting) = last("connect_timeout") {
        match setting.value.parse().ok().filter(|&number| number > 0).and_then(time::seconds) {
            Some(limit) => reading.set("connections.connect_timeout", setting.at.clone(), Value::time(limit)),
            None => refuse(setting, &mut reading, "a whole number of seconds from 1"),
        }
    }
    reading
}

struct Setting<'a> {
    name: &'a str,
    value: &'a str,
    at: Range<usize>,
}

fn settings(text: &str) -> Vec<Setting<'_>> {
    let mut settings = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let shown = line.trim();
        if shown.starts_with('[') && shown != "[main]" {
            break;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| !shown.starts_with([';', '#'])) else {
            continue;
        };
        let from = at + name.len() + 1 + (value.len() - value.trim_start().len());
        let value = value.trim();
        settings.push(Setting { name: name.trim(), value, at: from..from + value.len() });
    }
    settings
}

/// `1m, 5m*2, 1h*3`: as many attempts as delays, and one more.
fn temp_fail_intervals(setting: &Setting<'_>, reading: &mut Reading) {
    let at = setting.at.clone();
    if setting.value.eq_ignore_ascii_case("none") {
        return reading.set("lifetime.attempts", at, Value::Count(1));
    }
    let mut delays = Vec::new();
    for (part, place) in delays::split(setting.value, at.start, ',') {
        match interval(part) {
            Ok((delay, times)) if delays.len() + times <= delays::MOST => {
                delays.extend(std::iter::repeat_n((delay, place), times));
            }
            Ok(_) => return reading.refuse(place, "these are more than 10000 delays", "fewer of them"),
            Err(expected) => {
                let message = format!("`{part}` is no delay; Haraka would fall back to its defaults");
                return reading.refuse(place, message, expected);
            }
        }
    }
    delays::state(reading, &delays, at.clone());
    delays::state_attempts(reading, delays.len(), at);
}

fn interval(part: &str) -> Result<(Span, usize), &'static str> {
    let written: String = part.to_lowercase().chars().filter(|letter| !letter.is_whitespace()).collect();
    let (delay, times) = written.split_once('*').unwrap_or((&written, "1"));
    let times: usize = times.parse().ok().filter(|&times| times > 0).ok_or("a whole number after the `*`")?;
    let digits = delay.trim_end_matches(['s', 'm', 'h', 'd']);
    if delay.len() != digits.len() + 1 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a whole number with one of the units s, m, h and d");
    }
    let delay = time::concatenated(delay, None).ok_or("a delay of at most ten years")?;
    if delay < Span::from_seconds(5) { Err("at least 5s") } else { Ok((delay, times)) }
}

/// Without a list the delays are 2^(n+5) seconds.
fn max_temp_failures(setting: &Setting<'_>, reading: &mut Reading) {
    let Some(failures) = setting.value.parse::<u32>().ok().filter(|&failures| failures > 0) else {
        return refuse(setting, reading, "a whole number from 1");
    };
    let at = || setting.at.clone();
    reading.set("backoff.exponential.initial", at(), Value::word("64s"));
    reading.set("backoff.exponential.factor", at(), Value::Number(2.0));
    reading.set("lifetime.attempts", at(), Value::Count(failures));
}

fn count(setting: &Setting<'_>, reading: &mut Reading, key: &'static str) {
    match setting.value.parse::<u32>().ok().filter(|&number| number > 0) {
        Some(number) => reading.set(key, setting.at.clone(), Value::Count(number)),
        None => refuse(setting, reading, "a whole number from 1"),
    }
}

fn refuse(setting: &Setting<'_>, reading: &mut Reading, expected: &str) {
    let message = format!("`{}` is `{}`", setting.name, setting.value);
    reading.refuse(setting.at.clone(), message, expected);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_repeated() {
        let reading = read(
            "; x\ntemp_fail_intervals=1m, 5m*2, 1h*3\nmaxTempFailures = 3\n[other]\nconcurrency_max=0\n",
        );
        let Some(Value::List(delays)) = reading.get("backoff.list.delays") else { panic!("{reading:?}") };
        let delays: Vec<String> = delays.iter().map(|item| format!("{:?}", item.value)).collect();
        assert_eq!(delays.len(), 6);
        assert_eq!((delays[2].as_str(), delays[5].as_str()), ("Text(\"5m\")", "Text(\"1h\")"));
        assert_eq!(reading.get("lifetime.attempts"), Some(&Value::Count(7)));
        assert!(reading.remarks.is_empty(), "{:?}", reading.remarks);
    }

    #[test]
    fn none_is_one_attempt_and_a_number_is_powers_of_two() {
        assert_eq!(read("temp_fail_intervals=none").get("lifetime.attempts"), Some(&Value::Count(1)));
        let powers = read("maxTempFailures=5\ntemp_fail_intervals=\n");
        assert_eq!(powers.get("lifetime.attempts"), Some(&Value::Count(5)));
        assert_eq!(powers.get("backoff.exponential.initial"), Some(&Value::word("64s")));
    }

    #[test]
    fn mistakes_are_shown_at_their_item() {
        for (text, token) in [
            ("temp_fail_intervals=1m, 60 min", "60 min"),
            ("temp_fail_intervals=1m,5m*x", "5m*x"),
            ("temp_fail_intervals = 4s", "4s"),
            ("temp_fail_intervals=1m,,5m", ""),
            ("temp_fail_intervals=1m*99999999", "1m*99999999"),
            ("maxTempFailures=lots", "lots"),
            ("connect_timeout=0", "0"),
        ] {
            let reading = read(text);
            let [remark] = reading.remarks.as_slice() else { panic!("{text}: {:?}", reading.remarks) };
            assert_eq!(remark.at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
