//! Scans of the deferred mail, and where in their second they lie (Postfix src/qmgr/qmgr.c,
//! `qmgr_deferred_run_event`).
//!
//! Each scan asks for the next one so many seconds later. What finds nothing does nothing: a host asks to be called for the first
//! scan that finds something, and when it is called for the one after that.

use std::collections::VecDeque;

use super::asleep::Asleep;
use super::clock::WholeSeconds;
use super::desk::Desk;
use super::runner::Scan;
use super::{Senders, Step};
use crate::id::{HostId, RouteId};
use crate::message::Message;
use crate::random::Key;
use crate::time::{Instant, Span};

/// The scans of one host.
#[derive(Debug)]
pub(super) struct Scans {
    every: Span,
    /// What the clock shows at the next scan, or later.
    next: Instant,
    timers: WholeSeconds,
    /// Mail that a scan will take.
    asleep: Asleep,
    /// When the host will be looked at for the sake of its scans.
    called: Option<Instant>,
    /// When the last scan was that found something.
    last: Option<Instant>,
    /// How long after one message of the overflow the next one is let in, and when that is.
    feeds: Option<Span>,
    next_feed: Option<Instant>,
    feed_is_called: bool,
    /// Mail that found the active queue full, or that a scan lets in one after another.
    pub(super) overflow: Overflow,
}

/// Mail that is due, and in what order it is taken.
///
/// That is the order of a directory, which is that of nothing else but the same at each scan: a file keeps its name and
/// with it its place (seen in recordings of Postfix 3.7: the same few are tried first).
#[derive(Debug, Default)]
pub(super) struct Due {
    mail: Vec<(RouteId, Message)>,
    /// The upper half of each message's [`place`], and below it where the message lies in `mail`: numbers of one word are
    /// sorted in half the time that the mail itself would take.
    order: Vec<u64>,
}

const HALF: u32 = u32::BITS;

/// The place of a message in a directory. No two have the same: `tie` is one to one in the entity.
fn place(key: Key, message: &Message) -> u64 {
    key.tie(u64::from(message.id().0), 0)
}

/// Mail that waits to be let into the active queue.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    /// New mail.
    pub(super) incoming: VecDeque<(RouteId, Message)>,
    /// Mail that was due.
    pub(super) returning: VecDeque<(RouteId, Message)>,
}

impl Overflow {
    /// Messages that wait.
    pub(super) fn len(&self) -> usize {
        self.incoming.len() + self.returning.len()
    }

    /// Takes the message that is let in next: new mail first.
    pub(super) fn take(&mut self) -> Option<(RouteId, Message)> {
        self.incoming.pop_front().or_else(|| self.returning.pop_front())
    }
}

impl Due {
    fn push(&mut self, key: Key, route: RouteId, message: Message) {
        let upper_half = place(key, &message) >> HALF << HALF;
        self.order.push(upper_half | self.mail.len() as u64);
        self.mail.push((route, message));
    }

    fn sort(&mut self, key: Key) {
        let Self { mail, order } = self;
        order.sort_unstable();
        // Now and then the upper half does not tell two apart.
        let is_same = |a: &u64, b: &u64| a >> HALF == b >> HALF;
        if order.windows(2).any(|pair| is_same(&pair[0], &pair[1])) {
            let full = |entry: &u64| place(key, &mail[*entry as u32 as usize].1);
            order.chunk_by_mut(is_same).for_each(|same| same.sort_unstable_by_key(full));
        }
    }

    /// All mail, in order once it is sorted.
    fn iter(&self) -> impl Iterator<Item = (RouteId, Message)> {
        self.order.iter().map(|entry| self.mail[*entry as u32 as usize])
    }

    fn clear(&mut self) {
        self.mail.clear();
        self.order.clear();
    }
}

impl Scans {
    /// Scans of which the first is `offset` after the start.
    pub(super) fn new(scan: &Scan, offset: Span, timers: WholeSeconds) -> Self {
        let next = timers.clock().read(Instant::ZERO + offset);
        Self {
            every: scan.every,
            next,
            timers,
            asleep: Asleep::default(),
            called: None,
            last: None,
            feeds: scan.feeds,
            next_feed: None,
            feed_is_called: false,
            overflow: Overflow::default(),
        }
    }

    /// Messages that wait for a scan, or for room.
    pub(super) fn len(&self) -> usize {
        self.asleep.len() + self.overflow.len()
    }

    /// Takes all that waits for a scan, in no order.
    pub(super) fn wake_all(&mut self) -> impl Iterator<Item = (RouteId, Message)> + use<> {
        self.asleep.drain()
    }

    /// Whether a scan at `at` would find anything.
    fn would_find(&self, at: Instant) -> bool {
        self.asleep.first().is_some_and(|first| first <= at)
    }

    /// Something happens to the host now. Whether that sets a scan off, which is not done then.
    #[inline]
    pub(super) fn is_set_off(&mut self, now: Instant) -> bool {
        let is_due = self.next <= now;
        if !is_due {
            self.timers.stir(now);
        }
        is_due
    }

    /// When a timer goes off for which the clock has to show `due`, if nothing else happens.
    pub(super) fn goes_off(&self, due: Instant) -> Instant {
        self.timers.goes_off(due)
    }

    /// Takes the next message of the overflow, or else says when to come back for it, unless that is known.
    pub(super) fn let_in(&mut self, now: Instant) -> Result<(RouteId, Message), Option<Instant>> {
        if let Some(at) = self.next_feed.filter(|at| now < *at) {
            let is_known = std::mem::replace(&mut self.feed_is_called, true);
            return Err((!is_known).then_some(at));
        }
        let message = self.overflow.take().ok_or(None)?;
        self.next_feed = self.feeds.map(|feeds| now.saturating_add(feeds));
        self.feed_is_called = false;
        Ok(message)
    }

    /// The first scan at or after `from`, if nothing happens until then.
    fn expected(&self, from: Instant) -> Instant {
        let coming = self.timers.goes_off(self.next);
        if coming >= from || from >= FAR {
            return coming.max(from);
        }
        from.ceil_to(self.period(), coming - Instant::ZERO)
    }

    /// The time between scans while nothing happens.
    fn period(&self) -> Span {
        self.every + self.timers.lateness(self.every)
    }

    /// Passes over scans before `now` that found nothing.
    fn catch_up(&mut self, now: Instant) {
        // A timer never goes off before the second for which it is set.
        if self.next < now && self.timers.goes_off(self.next) < now {
            debug_assert!(!self.would_find(now - Span::MICROSECOND), "a scan that finds something is called");
            let passed = self.expected(now) - self.period();
            self.next = self.timers.clock().read(passed) + self.every;
            self.timers.stir(passed);
        }
    }

    /// When to look for the next scan that finds something: when the second of that scan begins, and then when its timer
    /// goes off; not before there is something to take.
    fn next_call(&self, now: Instant) -> Option<Instant> {
        let timer = if now < self.next { self.next } else { self.timers.goes_off(self.next) };
        self.asleep.first().map(|first| first.max(timer))
    }
}

impl Senders {
    /// When mail of this route that sleeps until `until` is looked at, as far as that is known now: at the
    /// next scan, where there are scans.
    #[inline]
    pub fn expected_look(&self, route: RouteId, until: Instant) -> Instant {
        let scans = &self.hosts[self.host_of(route).index()].scans;
        scans.as_ref().map_or(until, |scans| scans.expected(until))
    }

    /// Begins the scan that may be due, and asks to be called for the next one.
    pub(super) fn look_for_scan(&mut self, now: Instant, host: HostId) {
        let Some(scans) = &mut self.hosts[host.index()].scans else { return };
        if scans.called != Some(now) {
            return;
        }
        if scans.would_find(now) {
            scans.catch_up(now);
            if scans.timers.goes_off(scans.next) <= now {
                self.stir(now, host);
            }
        }
        let Some(scans) = &mut self.hosts[host.index()].scans else { return };
        scans.called = scans.next_call(now);
        if let Some(at) = scans.called {
            self.steps.push(Step::Look { host, at });
        }
    }

    /// Something happens to the host, which sets off the scan of this second.
    #[inline]
    pub(super) fn stir(&mut self, now: Instant, host: HostId) {
        if self.hosts[host.index()].scans.as_mut().is_some_and(|scans| scans.is_set_off(now)) {
            self.set_off(now, host);
        }
    }

    /// The scan that is due begins, unless it was over before now because it found nothing.
    #[inline(never)]
    pub(super) fn set_off(&mut self, now: Instant, host: HostId) {
        let Some(scans) = &mut self.hosts[host.index()].scans else { return };
        scans.catch_up(now);
        if !scans.is_set_off(now) {
            return;
        }
        scans.timers.stir(now);
        scans.next = scans.timers.clock().read(now) + scans.every;
        if !scans.would_find(now) {
            return;
        }
        let (mut due, key) = (std::mem::take(&mut self.due), self.key);
        scans.asleep.take(now, |route, message| due.push(key, route, message));
        due.sort(key);
        if scans.feeds.is_some() {
            scans.overflow.returning.extend(due.iter());
            self.note_scan(now, host);
            self.feed(now, host);
        } else {
            self.note_scan(now, host);
            self.admit_all(now, host, due.iter());
        }
        // The list is used again.
        due.clear();
        self.due = due;
    }

    /// Lets waiting mail into the active queue while there is room: new mail first.
    #[inline]
    pub(super) fn feed(&mut self, now: Instant, host: HostId) {
        if self.hosts[host.index()].scans.as_ref().is_some_and(|scans| scans.overflow.len() > 0) {
            self.let_in(now, host);
        }
    }

    #[inline(never)]
    fn let_in(&mut self, now: Instant, host: HostId) {
        let limit = self.policy(host).runner.most_active();
        loop {
            let state = &mut self.hosts[host.index()];
            if limit.is_some_and(|limit| state.active >= limit) {
                return;
            }
            let Some(scans) = &mut state.scans else { return };
            match scans.let_in(now) {
                Ok((route, message)) => {
                    if let Some(answer) = self.desk(now, route).activate(message)
                        && self.line_up(now, route, message, &answer)
                    {
                        self.dispatch(now, route);
                    }
                }
                Err(Some(at)) => return self.steps.push(Step::Look { host, at }),
                Err(None) => return,
            }
        }
    }

    fn note_scan(&mut self, now: Instant, host: HostId) {
        let Some(scans) = &mut self.hosts[host.index()].scans else { return };
        if scans.last.replace(now) != Some(now) {
            self.steps.push(Step::Began { host });
        }
    }
}

impl Desk<'_> {
    /// Lets a message wait until a scan may take it at `until`. The host asks to be called for that scan, unless it is called
    /// before.
    #[inline(always)]
    pub(super) fn sleep_until_scan(&mut self, until: Instant, message: Message) {
        let Some(scans) = &mut self.host.scans else { return };
        scans.asleep.push(until, self.route, message);
        if self.tells_waits {
            self.steps.push(Step::Queued { message, due: until });
        }
        let at = until.max(scans.next);
        if scans.called.is_none_or(|called| at < called) {
            scans.called = Some(at);
            self.steps.push(Step::Look { host: self.queue.host, at });
        }
    }
}

/// Beyond this nothing is rounded, so that rounding cannot overflow.
const FAR: Instant = Instant::from_micros(i64::MAX / 2);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MessageId;

    /// Among so many messages a few share the upper half of their places: 4.7 pairs are expected.
    #[test]
    fn mail_is_taken_in_the_order_of_its_places() {
        let (key, mut due) = (Key::new(1, 0), Due::default());
        let mail: Vec<Message> = (0..200_000).map(|id| Message::new(MessageId(id), Instant::ZERO)).collect();
        mail.iter().for_each(|message| due.push(key, RouteId(message.id().0 % 7), *message));
        due.sort(key);
        let mut places: Vec<(u64, u32)> =
            mail.iter().map(|message| (place(key, message), message.id().0)).collect();
        places.sort_unstable();
        assert!(due.iter().eq(places.iter().map(|(_, id)| (RouteId(id % 7), mail[*id as usize]))));
        assert!(places.windows(2).any(|pair| pair[0].0 >> HALF == pair[1].0 >> HALF));
    }
}
