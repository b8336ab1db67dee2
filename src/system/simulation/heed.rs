//! What senders and recipients answer, put on the agenda.

use super::Simulation;
use crate::engine::Engine;
use crate::id::{RecipientId, RouteId};
use crate::message::Message;
use crate::recipient::{self, Internal};
use crate::sender::{self, Notices};
use crate::system::connections::{Connection, Phase};
use crate::system::event::{Event, Waiting};
use crate::system::observer::{Happening, Observer};
use crate::time::Instant;

impl<E: Engine, O: Observer> Simulation<'_, E, O> {
    /// Does what senders decided. With scans, most that they are told of decides nothing yet.
    #[inline(always)]
    pub(super) fn heed_senders(&mut self, now: Instant) {
        if self.senders.has_decided() {
            self.carry_out(now);
        }
    }

    #[inline(never)]
    fn carry_out(&mut self, now: Instant) {
        while let Some(step) = self.senders.next() {
            match step {
                sender::Step::Connect { route, message, keep } => self.connect(now, route, message, keep),
                sender::Step::Resume { line, message, keep } => self.resume(now, line, message, keep),
                sender::Step::HangUp { line } => {
                    if let Some(recipient) = self.hang_up(now, line) {
                        self.heed_recipient(recipient, now);
                    }
                }
                sender::Step::Sleep { until, message } => self.sleep(now, until, message),
                sender::Step::Queued { message, due } => self.note_wait(now, message, due),
                sender::Step::Run { host, at } => self.schedule(at.max(now), Event::Run { host }),
                sender::Step::Look { host, at } => self.schedule(at.max(now), Event::Look { host }),
                sender::Step::Began { host } => self.observer.observe(now, Happening::Run { host }),
                sender::Step::Bounced { message, why } => {
                    self.tally.bounced += 1;
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::Bounced { message, at, why });
                    self.notify(now, &message);
                }
                sender::Step::HeldBack { message, held } => {
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::HeldBack { message, at, held });
                }
                sender::Step::Warned { message } => {
                    let at = self.feed.place(&message);
                    self.observer.observe(now, Happening::Warned { message, at });
                    self.notify(now, &message);
                }
            }
        }
    }

    /// From `now` on a message waits for a timer.
    #[inline(always)]
    pub(super) fn sleep(&mut self, now: Instant, until: Instant, message: Message) {
        let due = until.max(now);
        self.note_wait(now, message, due);
        self.waiting.push(due, Waiting(message));
    }

    /// A message waits that is due at `due`.
    #[inline(always)]
    fn note_wait(&mut self, now: Instant, message: Message, due: Instant) {
        if O::NOTES_WAITS {
            let at = self.feed.place(&message);
            let due = self.senders.expected_look(self.feed.ids.route(message.id()), due);
            self.observer.observe(now, Happening::Waits { message, at, due });
        }
    }

    #[inline(always)]
    pub(super) fn connect(&mut self, now: Instant, route: RouteId, message: Message, keep: bool) {
        let mut tried = message;
        tried.mark_tried();
        let at = self.feed.layout.place(route);
        let line = self.connections.vacant();
        self.tally.events += 1;
        self.observer.observe(now, Happening::Connected { line, at, message });
        let recipient = &mut self.recipients[at.recipient.index()];
        let refused = recipient.connect(now, line, at.host, message.id(), message.failures());
        // Made where it is needed: one that is written piece by piece and then copied costs a processor a dozen cycles.
        let connection = || Connection::new(now, route, at, tried, keep);
        if !refused.is_some_and(|refused| self.fail_ahead(line, &connection(), refused)) {
            self.connections.open(connection());
            if let Some(refused) = refused {
                self.refuse(line, refused);
            }
        }
        self.heed_recipient(at.recipient, now);
    }

    /// A notice about a message becomes a message itself, if notices go to the same recipient.
    fn notify(&mut self, now: Instant, about: &Message) {
        let at = self.feed.place(about);
        let notices = self.senders.policy(at.host).lifetime.notices;
        // Notices have no sender to whom another one could be sent.
        if notices == Notices::Elsewhere || about.id().is_notice() {
            return;
        }
        let route = self.feed.ids.route(about.id());
        let Some(id) = self.feed.ids.next_notice(route) else { return };
        let mut message = Message::new(id, now);
        message.mark_warned();
        let population = self.feed.layout.hosts[at.host.index()].population;
        self.tally.arrived += 1;
        self.tally.events += 1;
        self.observer.observe(now, Happening::Arrived { message, at, population });
        self.senders.arrive(now, route, message);
    }

    /// Does what a recipient decided.
    pub(super) fn heed_recipient(&mut self, recipient: RecipientId, now: Instant) {
        while let Some(step) = self.recipients[recipient.index()].next() {
            match step {
                recipient::Step::Greeted { line, at } => self.accept(now, line, at),
                recipient::Step::Refused { line, refused } => self.refuse(line, refused),
                recipient::Step::Ends { line, at, outcome } => {
                    self.enter(line, Phase::Transaction(outcome), at)
                }
                recipient::Step::Silent { line, patience } => self.wait_in_silence(now, line, patience),
                recipient::Step::Cut { line } => self.cut(now, line),
                recipient::Step::Call { at, what } => self.call(recipient, at, what),
            }
        }
        self.tell_slots(recipient, now);
    }

    fn call(&mut self, recipient: RecipientId, at: Instant, what: Internal) {
        self.schedule(at, Event::Recipient { recipient, what });
    }

    fn tell_slots(&mut self, recipient: RecipientId, now: Instant) {
        if let Some((in_use, open)) = self.recipients[recipient.index()].changed_slots() {
            self.observer.observe(now, Happening::Slots { recipient, in_use, open });
        }
    }
}
