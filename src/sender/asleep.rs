//! Mail that sleeps until a scan may take it.
//!
//! Nobody looks at such mail between scans. So it needs no event for each message, and no order but that of the stretches of time
//! in which it is due: a scan takes whole stretches, and looks through the one that is not over.

use crate::id::RouteId;
use crate::message::Message;
use crate::time::{Instant, Span};

/// Stretches are 2^28 microseconds long, four and a half minutes: scans come about as often.
const STRETCH: u32 = 28;

/// The sleeping mail of one host.
#[derive(Debug, Default)]
pub(super) struct Asleep {
    /// Those that are not empty, the first one last.
    stretches: Vec<Stretch>,
    len: usize,
    /// When the first message may be taken; none when there is no mail.
    first: Option<Instant>,
    /// The list of a stretch that is over, for the next one: about as many begin as end.
    spare: Vec<Sleeper>,
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
        let sleeper = Sleeper { offset: offset as u32, route, message };
        let likely = self.likely_place(number);
        match self.stretches.get_mut(likely).filter(|stretch| stretch.number == number) {
            Some(stretch) => stretch.mail.push(sleeper),
            None => self.search_and_push(number, sleeper),
        }
        self.len += 1;
        self.first = Some(self.first.map_or(until, |first| first.min(until)));
    }

    /// The place of a stretch if none is missing between the first one and that. Most often none is, and a search would have
    /// to wait for each of its steps.
    fn likely_place(&self, number: i64) -> usize {
        let first = self.stretches.last().map_or(number, |first| first.number);
        (self.stretches.len() as i64 - 1 - (number - first)) as usize
    }

    #[inline(never)]
    fn search_and_push(&mut self, number: i64, sleeper: Sleeper) {
        let place = self.stretches.partition_point(|stretch| stretch.number > number);
        match self.stretches.get_mut(place).filter(|stretch| stretch.number == number) {
            Some(stretch) => stretch.mail.push(sleeper),
            None => {
                let mut mail = std::mem::take(&mut self.spare);
                mail.push(sleeper);
                self.stretches.insert(place, Stretch { number, mail });
            }
        }
    }

    /// Takes all that may be taken by now, in no order.
    pub(super) fn take(&mut self, now: Instant, mut take: impl FnMut(RouteId, Message)) {
        let present = now.as_micros() >> STRETCH;
        let mut take = |Sleeper { route, message, .. }: Sleeper| take(route, message);
        while let Some(mut stretch) = self.stretches.pop_if(|stretch| stretch.number < present) {
            self.len -= stretch.mail.len();
            stretch.mail.drain(..).for_each(&mut take);
            self.spare = stretch.mail;
        }
        if let Some(stretch) = self.stretches.last_mut().filter(|stretch| stretch.number == present) {
            let limit = (now - stretch.start()).as_micros() as u32;
            self.len -= stretch.mail.len();
            stretch.mail.extract_if(.., |sleeper| sleeper.offset <= limit).for_each(&mut take);
            self.len += stretch.mail.len();
        }
        self.stretches.pop_if(|stretch| stretch.mail.is_empty());
        self.first = self.stretches.last().map(Stretch::first);
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
