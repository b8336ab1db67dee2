//! A run told as a story: one line for each thing that happens.

use std::fmt;

use crate::id::{Line, RecipientId};
use crate::message::Message;
use crate::sender::Held;
use crate::smtp::{Failure, Stage};
use crate::system::{Happening, Observer, Place, Tally};
use crate::time::{Instant, Span};

/// An observer that writes a line for every happening.
///
/// The first error of the writer is kept and ends the story; the run goes on.
pub struct Story<W> {
    out: W,
    recipients: Vec<String>,
    /// The number of each open connection, by its place in the table of connections.
    connections: Vec<u64>,
    opened: u64,
    lines: u64,
    limit: u64,
    cut: bool,
    error: Option<fmt::Error>,
}

impl<W: fmt::Write> Story<W> {
    /// A story of at most `limit` lines written to `out`; recipients are called by these names.
    pub fn new(out: W, recipients: Vec<String>, limit: u64) -> Self {
        Self { out, recipients, connections: Vec::new(), opened: 0, lines: 0, limit, cut: false, error: None }
    }

    /// Whether no more lines will be written.
    pub fn is_over(&self) -> bool {
        self.cut || self.error.is_some()
    }

    /// The writer, and the number of lines that were written to it.
    pub fn into_inner(self) -> (W, u64) {
        (self.out, self.lines)
    }

    /// Tells what became of all mail at the end of the run.
    pub fn end(&mut self, horizon: Instant, tally: &Tally) {
        let Tally { arrived, delivered, bounced, queued, in_session, .. } = tally;
        let mut text = format!("the run ends: of {arrived} messages {delivered} are delivered");
        for (count, what) in [(bounced, "bounced"), (queued, "waiting"), (in_session, "under way")] {
            if *count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        self.line(horizon, "", format_args!("{text}"));
    }

    fn line(&mut self, now: Instant, place: &str, text: fmt::Arguments<'_>) {
        // That the story goes on is known only when there is more to tell.
        self.cut = self.lines >= self.limit;
        if self.is_over() {
            return;
        }
        self.error = writeln!(self.out, "{:>16}  {place:<20} {text}", clock(now)).err();
        self.lines += 1;
    }

    fn between(&mut self, now: Instant, Place { host, recipient }: Place, text: fmt::Arguments<'_>) {
        let place = format!("host {} > {}", host.0, self.recipients[recipient.index()]);
        self.line(now, &place, text);
    }

    fn told_of(&mut self, now: Instant, at: Place, message: &Message, text: fmt::Arguments<'_>) {
        self.between(now, at, format_args!("message {} {text}", message.id().0));
    }

    /// Gives a connection the next number of the story: places in the table of connections are used again.
    fn open(&mut self, line: Line) -> u64 {
        if self.connections.len() <= line.index() {
            self.connections.resize(line.index() + 1, 0);
        }
        self.opened += 1;
        self.connections[line.index()] = self.opened;
        self.opened
    }

    fn number(&self, line: Line) -> u64 {
        self.connections.get(line.index()).copied().unwrap_or_default()
    }

    fn slots(&mut self, now: Instant, recipient: RecipientId, in_use: u32, open: Option<u32>) {
        let place = self.recipients[recipient.index()].clone();
        match open {
            Some(0) if in_use == 0 => self.line(now, &place, format_args!("no slot is open")),
            Some(0) => self.line(now, &place, format_args!("no slot is open, {in_use} still in use")),
            Some(open) => self.line(now, &place, format_args!("{in_use} of {open} slots in use")),
            None => self.line(now, &place, format_args!("{in_use} slots in use")),
        }
    }
}

impl<W: fmt::Write> Observer for Story<W> {
    fn observe(&mut self, now: Instant, happening: Happening) {
        use Happening as H;
        match happening {
            H::Arrived { message, at, .. } if message.id().is_notice() => {
                self.told_of(now, at, &message, format_args!("is a notice to be sent"));
            }
            H::Arrived { message, at, .. } => match message.age(now) {
                Span::ZERO => self.told_of(now, at, &message, format_args!("arrives")),
                age => {
                    let age = short(age);
                    self.told_of(now, at, &message, format_args!("has been in the queue for {age}"));
                }
            },
            H::Connected { line, at, message } => {
                let number = self.open(line);
                self.told_of(now, at, &message, format_args!("{}: connection {number}", tried(&message)));
            }
            H::Reused { line, at, message } => {
                let (number, tried) = (self.number(line), tried(&message));
                self.told_of(now, at, &message, format_args!("{tried}: connection {number}, still open"));
            }
            H::Greeted { line, at } => {
                self.between(now, at, format_args!("connection {} is greeted", self.number(line)))
            }
            H::Delivered { message, at, .. } => {
                let age = short(message.age(now));
                self.told_of(now, at, &message, format_args!("is delivered, {age} after it arrived"));
            }
            H::Failed { message, at, failure, .. } => {
                self.told_of(now, at, &message, format_args!("fails: {}", reason(failure)));
            }
            H::HeldBack { message, at, held } => {
                let how = match held {
                    Held::Wait => "is held back: it is not yet time to try this recipient",
                    Held::Defer => "is put off as if refused, without a connection",
                };
                self.told_of(now, at, &message, format_args!("{how}"));
            }
            H::Waits { message, at, due } => {
                let wait = short(due - now);
                self.told_of(now, at, &message, format_args!("waits {wait}, until {}", clock(due)));
            }
            H::Bounced { message, at, why } => {
                self.told_of(now, at, &message, format_args!("bounces: {why}"))
            }
            H::Warned { message, at } => {
                self.told_of(now, at, &message, format_args!("is late: its author is warned"));
            }
            H::Closed { line, at, delivered, .. } => {
                let number = self.number(line);
                self.between(now, at, format_args!("connection {number} closes, {delivered} delivered"));
            }
            H::Slots { recipient, in_use, open } => self.slots(now, recipient, in_use, open),
            H::Run { host } => {
                self.line(now, &format!("host {}", host.0), format_args!("a queue run begins"))
            }
            H::Flushed { host } => {
                self.line(now, &format!("host {}", host.0), format_args!("the queue is flushed"))
            }
        }
    }
}

fn tried(message: &Message) -> &'static str {
    if message.was_deferred() { "is tried again" } else { "is tried" }
}

fn reason(failure: Failure) -> String {
    match (failure.stage(), failure.code()) {
        (Stage::Refused, _) => "the connection is refused".to_owned(),
        (Stage::Timeout, _) => "nobody answers in time".to_owned(),
        (Stage::Greeting, Some(code)) => format!("{code} at the greeting"),
        (Stage::Greeting, None) => "the connection is lost at the greeting".to_owned(),
        (stage, Some(code)) => format!("{code} after {}", stage.name().to_uppercase()),
        (stage, None) => format!("the connection is lost after {}", stage.name().to_uppercase()),
    }
}

/// Whole milliseconds, like the clock, so that the two add up.
fn short(span: Span) -> Span {
    Span::from_micros(span.as_micros().div_euclid(1_000) * 1_000)
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
    #[test]
    fn the_clock_reads_like_one() {
        assert_eq!(clock(Instant::ZERO + Span::from_micros(3_723_004_000)), "01:02:03.004");
        assert_eq!(clock(Instant::ZERO + Span::from_seconds(90_000)), "1d 01:00:00.000");
        assert_eq!(clock(Instant::from_micros(-1_000_000)), "-1d 23:59:59.000");
    }
}
