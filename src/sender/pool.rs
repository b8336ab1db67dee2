//! The pool of waiting mail of one route, for senders whose queue runs walk it.
//!
//! Mail that is not yet due for its own sake lies in a heap, the rest in a deque from which runs take.
//! A run therefore costs nothing for mail that is not due.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use super::runner::Order;
use crate::message::Message;
use crate::time::Instant;

/// Waiting mail of one route.
#[derive(Debug)]
pub(super) struct Pool {
    order: Order,
    later: BinaryHeap<Later>,
    /// Mail that is due for its own sake; sorted unless runs shuffle it.
    due: VecDeque<Message>,
    /// No message arrived before this; may be too early, never too late.
    oldest: Instant,
    /// No message that has not led to a warning arrived before this; may be too early.
    oldest_unwarned: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Later {
    at: Instant,
    message: Message,
}

impl Pool {
    pub(super) fn new(order: Order) -> Self {
        Self {
            order,
            later: BinaryHeap::new(),
            due: VecDeque::new(),
            oldest: Instant::NEVER,
            oldest_unwarned: Instant::NEVER,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.later.len() + self.due.len()
    }

    /// Puts a message in that is due at `at` for its own sake.
    pub(super) fn put(&mut self, at: Instant, message: Message) {
        self.oldest = self.oldest.min(message.arrival());
        if !message.was_warned() {
            self.oldest_unwarned = self.oldest_unwarned.min(message.arrival());
        }
        self.later.push(Later { at, message });
    }

    /// When the first message is due for its own sake; none if the pool is empty.
    pub(super) fn first_due(&self, now: Instant) -> Option<Instant> {
        if self.due.is_empty() { self.later.peek().map(|later| later.at) } else { Some(now) }
    }

    /// The earliest arrival there may be in the pool.
    pub(super) fn oldest(&self) -> Instant {
        self.oldest
    }

    /// The earliest arrival there may be in the pool of a message that has not led to a warning.
    pub(super) fn oldest_unwarned(&self) -> Instant {
        self.oldest_unwarned
    }

    /// Lets mail that is due by now be taken.
    pub(super) fn release(&mut self, now: Instant) {
        while let Some(later) = self.later.peek()
            && later.at <= now
        {
            let message = later.message;
            self.later.pop();
            self.insert_due(message);
        }
    }

    /// Messages that can be taken.
    pub(super) fn available(&self) -> usize {
        self.due.len()
    }

    /// Takes the message for the next step of a run: the first, or the one that `place` in
    /// `0..available()` stands for.
    pub(super) fn take(&mut self, place: usize) -> Option<Message> {
        let message = match self.order {
            Order::Random => self.due.swap_remove_back(place),
            Order::OldestFirst | Order::FewestTries => self.due.pop_front(),
        };
        self.note_empty();
        message
    }

    /// The message that goes down an open connection next, of those that wait for the host alone: Exim 4.96
    /// reads its list of waiting mail from the end (transport.c, `transport_check_waiting`), and what
    /// failed for its own sake is not in that list (smtp.c, `update_waiting`).
    pub(super) fn next_for_reuse(&self, waits: impl Fn(&Message) -> bool) -> Option<(usize, Message)> {
        let mut all = self.due.iter().copied().enumerate();
        match self.order {
            Order::Random => all.rfind(|(_, message)| waits(message)),
            Order::OldestFirst | Order::FewestTries => all.find(|(_, message)| waits(message)),
        }
    }

    /// Takes that message, found at this place.
    pub(super) fn take_for_reuse(&mut self, place: usize) -> Option<Message> {
        let message = self.due.remove(place);
        self.note_empty();
        message
    }

    /// Takes a message out that arrived at or before `latest`, if it can be taken.
    pub(super) fn take_older_than(&mut self, latest: Instant) -> Option<Message> {
        if self.oldest > latest {
            return None;
        }
        let found = self.due.iter().position(|message| message.arrival() <= latest);
        if let Some(place) = found {
            return self.due.remove(place);
        }
        let arrivals = self.due.iter().chain(self.later.iter().map(|later| &later.message));
        self.oldest = arrivals.map(Message::arrival).min().unwrap_or(Instant::NEVER);
        None
    }

    /// Marks every message that arrived at or before `latest` as warned and passes it on.
    pub(super) fn warn_older_than(&mut self, latest: Instant, mut warned: impl FnMut(Message)) {
        if self.oldest_unwarned > latest {
            return;
        }
        let mut earliest = Instant::NEVER;
        let mut look = |message: &mut Message| {
            if !message.was_warned() && message.arrival() <= latest {
                message.mark_warned();
                warned(*message);
            }
            if !message.was_warned() {
                earliest = earliest.min(message.arrival());
            }
        };
        self.due.iter_mut().for_each(&mut look);
        let mut later = std::mem::take(&mut self.later).into_vec();
        later.iter_mut().for_each(|entry| look(&mut entry.message));
        self.later = later.into();
        self.oldest_unwarned = earliest;
    }

    /// Takes everything out, in no particular order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Message> + '_ {
        self.oldest = Instant::NEVER;
        self.oldest_unwarned = Instant::NEVER;
        self.due.drain(..).chain(self.later.drain().map(|later| later.message))
    }

    fn insert_due(&mut self, message: Message) {
        let tries_count = match self.order {
            Order::Random => return self.due.push_back(message),
            Order::OldestFirst => false,
            Order::FewestTries => true,
        };
        let key = |message: &Message| {
            (if tries_count { message.failures() } else { 0 }, message.arrival(), message.id())
        };
        let place = self.due.partition_point(|other| key(other) < key(&message));
        self.due.insert(place, message);
    }

    fn note_empty(&mut self) {
        if self.len() == 0 {
            self.oldest = Instant::NEVER;
            self.oldest_unwarned = Instant::NEVER;
        }
    }
}

impl Later {
    fn key(&self) -> (Instant, Instant, u32) {
        (self.at, self.message.arrival(), self.message.id().0)
    }
}

/// Sooner is greater, because the heap of the standard library yields the greatest.
impl Ord for Later {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
    }
}

impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Later {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MessageId;
    use crate::time::Span;

    fn at(seconds: i64) -> Instant {
        Instant::ZERO + Span::from_seconds(seconds)
    }

    fn pool(order: Order) -> Pool {
        let mut pool = Pool::new(order);
        for (id, (arrival, due)) in [(5, 10), (1, 10), (3, 20), (2, 10)].into_iter().enumerate() {
            pool.put(at(due), Message::new(MessageId(id as u32), at(arrival)));
        }
        pool
    }

    #[test]
    fn only_due_mail_can_be_taken() {
        let mut pool = pool(Order::OldestFirst);
        assert_eq!((pool.available(), pool.first_due(at(0))), (0, Some(at(10))));
        pool.release(at(10));
        let taken: Vec<_> = std::iter::from_fn(|| pool.take(0)).map(|message| message.id().0).collect();
        assert_eq!(taken, [1, 3, 0]);
        assert_eq!((pool.len(), pool.first_due(at(10))), (1, Some(at(20))));
    }

    #[test]
    fn old_mail_is_found_and_warned_of_once() {
        let mut pool = pool(Order::Random);
        pool.release(at(30));
        let mut warned = Vec::new();
        pool.warn_older_than(at(2), |message| warned.push(message.id().0));
        pool.warn_older_than(at(2), |message| warned.push(message.id().0));
        warned.sort_unstable();
        assert_eq!(warned, [1, 3]);
        assert_eq!(pool.take_older_than(at(1)).map(|message| message.id().0), Some(1));
        assert_eq!(pool.take_older_than(at(1)), None);
        assert_eq!(pool.oldest(), at(2));
    }
}
