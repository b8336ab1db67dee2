//! Mail that sleeps until a scan may take it.
//!
//! Nobody looks at such mail between scans. So it needs no event for each message, and no order but that of the stretches of time
//! in which it is due: a scan takes whole stretches, and looks through the one that is not over.

use std::collections::VecDeque;

use crate::id::RouteId;
use crate::message::Message;
use crate::time::{Instant, Span};

/// Stretches are 2^28 microseconds long, four and a half minutes: scans come about as often.
const STRETCH: u32 = 28;

/// A stretch that is at most so many later than the last one that is listed, or earlier than the first, is listed with all that lie
/// between.
const NEAR: i64 = 15;

/// Longer lists are not kept: they are filled for so long that a new one costs next to nothing, and a full queue should not take memory
/// for the rest of the run.
const SHORT: usize = 64;

/// The sleeping mail of one host.
#[derive(Debug, Default)]
pub(super) struct Asleep {
    /// In order of time. Empty ones are listed too, unless many follow each other: so the place of a stretch is most often known,
    /// where a search would have to wait for each of its steps.
    stretches: VecDeque<Stretch>,
    len: usize,
    /// When the first message may be taken; none when there is no mail.
    first: Option<Instant>,
    /// Short lists of stretches that are over, for others: about as many begin as end.
    spare: Vec<Vec<Sleeper>>,
}

/// The mail of one stretch, in no order.
#[derive(Debug)]
struct Stretch {
    /// The upper bits of its instants.
    number: i64,
    mail: Vec<Sleeper>,
}

/// A message, and how long after the start of its stretch it may be taken, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Sleeper {
    offset: u32,
    route: RouteId,
    message: Message,
}

impl Asleep {
    /// Messages that sleep.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// When the first of them may be taken.
    #[inline]
    pub(super) fn first(&self) -> Option<Instant> {
        self.first
    }

    /// Lets a message sleep until `until`.
    #[inline]
    pub(super) fn push(&mut self, until: Instant, route: RouteId, message: Message) {
        let (number, offset) = (until.as_micros() >> STRETCH, until.as_micros() & ((1 << STRETCH) - 1));
        let first = self.stretches.front().map_or(number, |first| first.number);
        let place = match self.stretches.get((number - first) as usize) {
            Some(stretch) if stretch.number == number => (number - first) as usize,
            _ => self.find(number),
        };
        self.stretches[place].mail.push(Sleeper { offset: offset as u32, route, message });
        self.len += 1;
        self.first = Some(self.first.map_or(until, |first| first.min(until)));
    }

    /// The place of a stretch, which is listed from now on.
    #[inline(never)]
    fn find(&mut self, number: i64) -> usize {
        while let Some(last) = self.stretches.back().map(|last| last.number)
            && (1..=NEAR).contains(&(number - last))
        {
            self.list(self.stretches.len(), last + 1);
        }
        while let Some(first) = self.stretches.front().map(|first| first.number)
            && (1..=NEAR).contains(&(first - number))
        {
            self.list(0, first - 1);
        }
        let place = self.stretches.partition_point(|stretch| stretch.number < number);
        if self.stretches.get(place).is_none_or(|stretch| stretch.number != number) {
            self.list(place, number);
        }
        place
    }

    fn list(&mut self, place: usize, number: i64) {
        let mail = self.spare.pop().unwrap_or_default();
        self.stretches.insert(place, Stretch { number, mail });
    }

    /// Takes all that may be taken by now, in no order.
    pub(super) fn take(&mut self, now: Instant, mut take: impl FnMut(RouteId, Message)) {
        let present = now.as_micros() >> STRETCH;
        let mut take = |Sleeper { route, message, .. }: Sleeper| take(route, message);
        while let Some(stretch) = self.stretches.front_mut().filter(|stretch| stretch.number <= present) {
            self.len -= stretch.mail.len();
            if stretch.number == present {
                let limit = (now - stretch.start()).as_micros() as u32;
                stretch.mail.extract_if(.., |sleeper| sleeper.offset <= limit).for_each(&mut take);
                self.len += stretch.mail.len();
                break;
            }
            stretch.mail.drain(..).for_each(&mut take);
            self.drop_first();
        }
        while self.stretches.front().is_some_and(|stretch| stretch.mail.is_empty()) {
            self.drop_first();
        }
        self.first = self.stretches.front().map(Stretch::first);
    }

    fn drop_first(&mut self) {
        let mail = self.stretches.pop_front().map(|stretch| stretch.mail);
        self.spare.extend(mail.filter(|mail| (1..=SHORT).contains(&mail.capacity())));
    }

    /// Takes all mail, in no order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (RouteId, Message)> + use<> {
        let mail = std::mem::take(self).stretches.into_iter().flat_map(|stretch| stretch.mail);
        mail.map(|sleeper| (sleeper.route, sleeper.message))
    }
}

impl Stretch {
    fn start(&self) -> Instant {
        Instant::from_micros(self.number << STRETCH)
    }

    /// When the first message of it may be taken.
    fn first(&self) -> Instant {
        let offset = self.mail.iter().map(|sleeper| sleeper.offset).min().unwrap_or(0);
        self.start() + Span::from_micros(i64::from(offset))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::id::MessageId;

    const LENGTH: i64 = 1 << STRETCH;

    /// Before time zero, at both ends of stretches, within one, and far off.
    #[test]
    fn mail_is_taken_at_its_instant_and_not_before() {
        let instants = [-LENGTH - 1, -1, 0, 5, 9, 9, LENGTH - 1, LENGTH, 2 * LENGTH, 900 * LENGTH + 3];
        let mut asleep = Asleep::default();
        assert_eq!(asleep.first(), None);
        for (id, micros) in (0..10).zip(instants).rev() {
            asleep.push(
                Instant::from_micros(micros),
                RouteId(id % 3),
                Message::new(MessageId(id), Instant::ZERO),
            );
            assert_eq!(asleep.first(), Some(Instant::from_micros(micros)));
        }
        let mut left = instants.as_slice();
        for now in instants.into_iter().flat_map(|micros| [micros - 1, micros]) {
            let count = left.iter().filter(|micros| **micros <= now).count();
            let mut taken = Vec::new();
            asleep.take(Instant::from_micros(now), |route, message| taken.push((message.id().0, route)));
            taken.sort_unstable();
            let first = (instants.len() - left.len()) as u32;
            let expected: Vec<_> = (first..first + count as u32).map(|id| (id, RouteId(id % 3))).collect();
            assert_eq!(taken, expected, "at {now}");
            left = &left[count..];
            assert_eq!(asleep.len(), left.len());
            assert_eq!(asleep.first(), left.first().map(|micros| Instant::from_micros(*micros)));
        }
    }

    proptest! {
        /// Beside a plain list, with mail that sleeps for moments, for stretches and for many stretches.
        #[test]
        fn scans_take_what_is_due_in_any_order(
            steps in vec((0i64..4, prop_oneof![0..LENGTH, 0..20 * LENGTH, 0..200 * LENGTH]), 1..200),
        ) {
            let (mut asleep, mut plain, mut now) = (Asleep::default(), Vec::new(), 0);
            for (id, (kind, wait)) in (0..).zip(steps) {
                if kind > 0 {
                    let until = Instant::from_micros(now + wait);
                    asleep.push(until, RouteId(0), Message::new(MessageId(id), Instant::ZERO));
                    plain.push((until.as_micros(), id));
                } else {
                    now += wait / 8;
                    let mut taken = Vec::new();
                    asleep.take(Instant::from_micros(now), |_, message| taken.push(message.id().0));
                    taken.sort_unstable();
                    let due: Vec<u32> = plain.extract_if(.., |(until, _)| *until <= now).map(|it| it.1).collect();
                    prop_assert_eq!(taken, due);
                }
                let first = plain.iter().map(|(until, _)| Instant::from_micros(*until)).min();
                prop_assert_eq!((asleep.len(), asleep.first()), (plain.len(), first));
            }
        }
    }

    #[test]
    fn all_mail_can_be_taken_at_once() {
        let mut asleep = Asleep::default();
        for id in 0..100 {
            let until = Instant::from_micros(i64::from(id) * LENGTH / 7);
            asleep.push(until, RouteId(id), Message::new(MessageId(id), Instant::ZERO));
        }
        let mut all: Vec<u32> = asleep.drain().map(|(route, _)| route.0).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..100));
        assert_eq!((asleep.len(), asleep.first()), (0, None));
    }
}
