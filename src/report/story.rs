//! A run told as a story: one line for each thing that happens.

use std::fmt;

use crate::message::Message;
use crate::sender::Held;
use crate::smtp::{Failure, Stage};
use crate::system::{Happening, Observer, Place};
use crate::time::Instant;

/// An observer that writes a line for every happening.
///
/// The first error of the writer is kept and ends the story; the run goes on.
pub struct Story<W> {
    out: W,
    recipients: Vec<String>,
    lines: u64,
    limit: u64,
    cut: bool,
    error: Option<fmt::Error>,
}

impl<W: fmt::Write> Story<W> {
    /// A story of at most `limit` lines written to `out`; recipients are called by these names.
    pub fn new(out: W, recipients: Vec<String>, limit: u64) -> Self {
        Self { out, recipients, lines: 0, limit, cut: false, error: None }
    }

    /// Whether no more lines will be written.
    pub fn is_over(&self) -> bool {
        self.cut || self.error.is_some()
    }

    /// The writer, and the number of lines that were written to it.
    pub fn into_inner(self) -> (W, u64) {
        (self.out, self.lines)
    }

    fn line(&mut self, now: Instant, at: Option<Place>, text: fmt::Arguments<'_>) {
        // That the story goes on is known only when there is more to tell.
        self.cut = self.lines >= self.limit;
        if self.is_over() {
            return;
        }
        let place = match at {
            Some(Place { host, recipient }) => {
                format!("host {} > {}", host.0, self.recipients[recipient.index()])
            }
            None => String::new(),
        };
        self.error = writeln!(self.out, "{:>16}  {place:<20} {text}", clock(now)).err();
        self.lines += 1;
    }
}

impl<W: fmt::Write> Observer for Story<W> {
    fn observe(&mut self, now: Instant, happening: Happening) {
        use Happening as H;
        match happening {
            H::Arrived { message, at, .. } => {
                self.line(now, Some(at), format_args!("{} arrives", name(&message)))
            }
            H::Connected { line, at, message } => self.line(
                now,
                Some(at),
                format_args!("{} opens connection {}{}", name(&message), line.0, again(&message)),
            ),
            H::Reused { line, at, message } => self.line(
                now,
                Some(at),
                format_args!("{} goes down open connection {}{}", name(&message), line.0, again(&message)),
            ),
            H::Greeted { line, at } => {
                self.line(now, Some(at), format_args!("connection {} is greeted", line.0))
            }
            H::Delivered { message, at, .. } => {
                let age = message.age(now);
                self.line(
                    now,
                    Some(at),
                    format_args!("{} is delivered, {age} after its arrival", name(&message)),
                );
            }
            H::Failed { message, at, failure, .. } => {
                self.line(now, Some(at), format_args!("{} fails: {}", name(&message), reason(failure)));
            }
            H::HeldBack { message, at, held } => {
                let how = match held {
                    Held::Wait => "is held back: it is not yet time to try this recipient",
                    Held::Defer => "is put off as if refused, without a connection",
                };
                self.line(now, Some(at), format_args!("{} {how}", name(&message)));
            }
            H::Waits { message, at, due } => {
                let wait = due - now;
                self.line(
                    now,
                    Some(at),
                    format_args!("{} waits {wait}, until {}", name(&message), clock(due)),
                );
            }
            H::Bounced { message, at, why } => {
                self.line(now, Some(at), format_args!("{} bounces: {why}", name(&message)));
            }
            H::Warned { message, at } => {
                self.line(
                    now,
                    Some(at),
                    format_args!("{}: the author is warned of the delay", name(&message)),
                );
            }
            H::Closed { line, at, delivered, .. } => {
                self.line(now, Some(at), format_args!("connection {} closes, {delivered} delivered", line.0));
            }
            H::Slots { recipient, in_use, open } => {
                let place = &self.recipients[recipient.index()];
                let place = match open {
                    Some(open) => format!("{place}: {in_use} of {open} slots in use"),
                    None => format!("{place}: {in_use} slots in use"),
                };
                self.line(now, None, format_args!("{place}"));
            }
            H::Run { host } => self.line(now, None, format_args!("host {} begins a queue run", host.0)),
            H::Flushed { host } => self.line(now, None, format_args!("host {} is flushed", host.0)),
        }
    }
}

fn name(message: &Message) -> String {
    format!("message {}", message.id.0)
}

fn again(message: &Message) -> &'static str {
    if message.was_deferred() { " again" } else { "" }
}

fn reason(failure: Failure) -> String {
    match (failure.stage, failure.code) {
        (Stage::Refused, _) => "the connection is refused".to_owned(),
        (Stage::Timeout, _) => "nobody answers in time".to_owned(),
        (stage, Some(code)) => format!("{code} at {stage}"),
        (stage, None) => format!("the connection is lost at {stage}"),
    }
}

/// Hours, minutes and seconds to the millisecond, with days where there are any.
fn clock(at: Instant) -> String {
    let millis = at.as_micros().div_euclid(1_000);
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (hours, rest) = (rest / 3_600_000, rest % 3_600_000);
    let (minutes, rest) = (rest / 60_000, rest % 60_000);
    let day = if days == 0 { String::new() } else { format!("{days}d ") };
    format!("{day}{hours:02}:{minutes:02}:{:02}.{:03}", rest / 1_000, rest % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    #[test]
    fn the_clock_reads_like_one() {
        assert_eq!(clock(Instant::ZERO + Span::from_micros(3_723_004_000)), "01:02:03.004");
        assert_eq!(clock(Instant::ZERO + Span::from_seconds(90_000)), "1d 01:00:00.000");
        assert_eq!(clock(Instant::from_micros(-1_000_000)), "-1d 23:59:59.000");
    }
}
