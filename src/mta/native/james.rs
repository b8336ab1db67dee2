//! James: `delayTime` and `maxRetries` of the `RemoteDelivery` mailet.
//!
//! James server/mailet/mailets/.../remote/delivery/Delay.java and DelaysAndMaxRetry.java. Where the delays are fewer
//! than the retries the last one repeats; where they are more there are as many retries.

use std::ops::Range;

use super::delays;
use super::reading::{Reading, Value};
use super::time;
use crate::time::Span;

/// `RemoteDeliveryConfiguration.DEFAULT_MAX_RETRY`.
const RETRIES: u32 = 5;

/// `Delay.DEFAULT_DELAY_TIME`.
const DELAY: Span = Span::from_seconds(6 * 3_600);

/// Reads the elements of a mailet.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let retries = elements(text, "maxRetries").last().map(|(written, at)| {
        let number = written.trim().parse::<u32>().ok();
        if number.is_none() {
            reading.refuse(at.clone(), format!("`maxRetries` is `{}`", written.trim()), "a whole number");
        }
        (number.unwrap_or(RETRIES), at.clone())
    });
    let mut listed = Vec::new();
    let written: Vec<(&str, Range<usize>)> = elements(text, "delayTime").collect();
    for (list, at) in &written {
        for (part, place) in delays::split(list, at.start, ',').filter(|(part, _)| !part.is_empty()) {
            match repeated(part) {
                Some((delay, times)) if listed.len() + times <= delays::MOST => {
                    listed.extend(std::iter::repeat_n((delay, place), times));
                }
                Some(_) => {
                    return refused(reading, place, "these are more than 10000 delays", "fewer of them");
                }
                None => {
                    let message = format!("`{part}` is no delay");
                    return refused(reading, place, &message, "a time such as `15 minutes` or `3*2 hours`");
                }
            }
        }
    }
    let Some(at) = written.first().map(|(_, at)| at.clone()).or(retries.as_ref().map(|(_, at)| at.clone()))
    else {
        return reading;
    };
    if listed.is_empty() {
        listed.push((DELAY, at.clone()));
    }
    let most = retries.map_or(RETRIES, |(retries, _)| retries);
    let count = listed.len().max(usize::try_from(most).unwrap_or(usize::MAX));
    delays::state(&mut reading, &listed, at.clone());
    delays::state_attempts(&mut reading, count, at.clone());
    reading.set("lifetime.age", at, Value::Absent);
    reading
}

fn refused(mut reading: Reading, at: Range<usize>, message: &str, expected: &str) -> Reading {
    reading.refuse(at, message, expected);
    reading
}

/// `15 minutes` or `3*15 minutes`; a number alone is in milliseconds.
fn repeated(part: &str) -> Option<(Span, usize)> {
    let (times, delay) = part.split_once('*').map_or(("1", part), |(times, delay)| (times.trim(), delay));
    Some((time::in_words(delay, Some(1))?, times.parse().ok()?))
}

/// The contents of all elements of a name, comments apart, each with its place.
fn elements<'a>(text: &'a str, name: &str) -> impl Iterator<Item = (&'a str, Range<usize>)> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find(&open)?;
            let comment = text[at..].find("<!--").map(|found| at + found).filter(|&found| found < start);
            if let Some(comment) = comment {
                at = comment + text[comment..].find("-->").unwrap_or(text.len() - comment);
                continue;
            }
            let from = start + open.len();
            let end = from + text[from..].find(&close)?;
            at = end;
            return Some((&text[from..end], from..end));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(reading: &Reading) -> (usize, Option<&Value>) {
        let Some(Value::List(delays)) = reading.get("backoff.list.delays") else { panic!("{reading:?}") };
        (delays.len(), reading.get("lifetime.attempts"))
    }

    #[test]
    fn delays_and_retries_are_made_to_agree() {
        let text = "<mailet><!-- <delayTime>1 day</delayTime> --><delayTime>1*15 minutes, 2*4 hours</delayTime><maxRetries>2</maxRetries>";
        assert_eq!(shown(&read(text)), (3, Some(&Value::Count(4))));
        let text =
            "<delayTime>5 minutes</delayTime>\n<delayTime>100000</delayTime><maxRetries> 7 </maxRetries>";
        assert_eq!(shown(&read(text)), (2, Some(&Value::Count(8))));
        assert_eq!(shown(&read("<maxRetries>7</maxRetries>")), (1, Some(&Value::Count(8))));
        assert_eq!(read("<mailet/>"), Reading::default());
    }

    #[test]
    fn mistakes_are_shown_at_their_item() {
        for (text, token) in [
            ("<delayTime>5 minutes, often</delayTime>", "often"),
            ("<delayTime>x*5 minutes</delayTime>", "x*5 minutes"),
            ("<maxRetries>some</maxRetries>", "some"),
        ] {
            assert_eq!(read(text).remarks[0].at.clone().map(|at| &text[at]), Some(token), "{text}");
        }
    }
}
