//! What one sending host did, recorded or simulated: in one form, so that both are counted alike.

use tempfail::id::Line;
use tempfail::message::Message;
use tempfail::sender::Held;
use tempfail::smtp::Stage;
use tempfail::system::{Happening, Observer};
use tempfail::time::Instant;

/// What one sending host did. Times are seconds from the start; messages are numbered by arrival.
#[derive(Debug, Default)]
pub(super) struct History {
    /// When each message was handed to the host.
    pub(super) injected: Vec<f64>,
    /// When the recipient took up each connection; refused ones it never saw.
    pub(super) connections: Vec<f64>,
    /// All attempts in order of time.
    pub(super) attempts: Vec<Attempt>,
    /// Attempts that were suppressed as long as the destination counted as dead.
    pub(super) suppressed: u32,
    /// Messages that were returned, with their age then.
    pub(super) bounced: Vec<(usize, f64)>,
    /// When the recipient recovered, in seconds from the start, where it did.
    pub(super) recovery: f64,
}

/// One message tried once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Attempt {
    pub(super) message: usize,
    /// When it was over, in seconds from the start.
    pub(super) at: f64,
    pub(super) delivered: bool,
}

impl History {
    /// Messages that were delivered, with the time of that.
    pub(super) fn deliveries(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.delivered)
    }

    /// As a log shows it that dates bounces with whole seconds.
    pub(super) fn bounces_in_whole_seconds(mut self) -> Self {
        for (message, age) in &mut self.bounced {
            let injected = self.injected[*message];
            *age = (injected + *age).floor() - injected;
        }
        self
    }

    /// The attempts of one message, in seconds after the first message was injected.
    pub(super) fn attempts_of(&self, message: usize) -> Vec<f64> {
        let own = self.attempts.iter().filter(|attempt| attempt.message == message);
        own.map(|attempt| attempt.at - self.injected[0]).collect()
    }

    /// The age at which the first message was returned, if that is known.
    pub(super) fn bounce(&self) -> Option<f64> {
        self.bounced.iter().find(|(message, _)| *message == 0).map(|(_, age)| *age)
    }
}

/// Writes the history of a simulation with one host.
#[derive(Debug, Default)]
pub(super) struct Historian {
    pub(super) history: History,
    /// Identities of messages in the order of their arrival.
    arrived: Vec<u32>,
    /// The connection that was opened last for each message.
    opened: Vec<Option<Line>>,
    /// The lines of `history.connections`.
    lines: Vec<Line>,
}

impl Historian {
    fn number(&self, message: &Message) -> usize {
        let place = self.arrived.iter().position(|id| *id == message.id().0);
        place.expect("a message arrives before anything else happens to it")
    }

    /// A port that was closed: the recipient did not see this connection.
    fn forget_connection(&mut self, message: usize) {
        let line = self.opened[message].take().expect("an attempt needs a connection");
        let place = self.lines.iter().rposition(|known| *known == line).expect("it was noted");
        self.lines.remove(place);
        self.history.connections.remove(place);
    }
}

impl Observer for Historian {
    fn observe(&mut self, now: Instant, happening: Happening) {
        let at = now.as_seconds();
        match happening {
            Happening::Arrived { message, .. } => {
                self.arrived.push(message.id().0);
                self.opened.push(None);
                self.history.injected.push(at);
            }
            Happening::Connected { line, message, .. } => {
                let number = self.number(&message);
                self.opened[number] = Some(line);
                self.lines.push(line);
                self.history.connections.push(at);
            }
            Happening::Delivered { message, .. } => {
                let message = self.number(&message);
                self.history.attempts.push(Attempt { message, at, delivered: true });
            }
            Happening::Failed { message, failure, .. } => {
                let message = self.number(&message);
                self.history.attempts.push(Attempt { message, at, delivered: false });
                if failure.stage() == Stage::Refused {
                    self.forget_connection(message);
                }
            }
            Happening::HeldBack { held: Held::Defer, .. } => self.history.suppressed += 1,
            Happening::Bounced { message, .. } => {
                let message = self.number(&message);
                self.history.bounced.push((message, at - self.history.injected[message]));
            }
            _ => {}
        }
    }
}
