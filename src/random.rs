//! Random numbers that belong to what they decide, never to the order of events.
//!
//! A draw is a pure function of (seed, replication, purpose, entity, index): all variants of a
//! scenario therefore meet the same mail and the same outages, whatever each of them does with it.
//! The generator is Philox2x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
//! as 1, 2, 3", SC 2011): counter-based, portable and with published test vectors.

use rand::TryRng;
use std::convert::Infallible;

use crate::time::Span;

/// Name and version of the generator and of the way keys are made, as manifests record it.
pub const GENERATOR: &str = "philox2x64-10, keys v1";

/// What a draw decides. The numbers are part of the format of results: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// When mail of a source arrives.
    Arrival = 1,
    /// Which host an arriving message belongs to.
    Host = 2,
    /// Which recipient an arriving message is for.
    Recipient = 3,
    /// The state of a Markov-modulated source.
    Modulation = 4,
    /// Age of a message that is already queued at the start.
    QueuedAge = 5,
    /// Set-up time of the connection that carries a message's attempt.
    Setup = 10,
    /// Transaction time of a message.
    Transaction = 11,
    /// Whether a gate fails an attempt by chance.
    GateNoise = 12,
    /// Whether a message is rejected for good, or already known to a greylist.
    GateIdentity = 13,
    /// How long a recipient stays up or down.
    Outage = 14,
    /// Jitter of a retry delay.
    Jitter = 20,
    /// Jitter of a delay that a host's own record asks for.
    HostJitter = 21,
    /// Phase of a host's clock and of its queue runs.
    Phase = 22,
    /// Order in which a queue run looks at waiting mail.
    RunOrder = 23,
    /// Jitter of the pause of a whole queue.
    Pause = 24,
    /// Whether a memory holds a message back.
    HeldBack = 25,
    /// How long it takes until a refusal is booked.
    Booking = 26,
    /// How fast a queue run passes over mail.
    Walk = 27,
    /// Whether a program hears of a new message twice.
    HeardTwice = 28,
    /// Which messages are followed attempt by attempt.
    Sample = 30,
    /// The value of a key that is drawn for each replication.
    World = 40,
}

/// The key of one replication: every draw in it starts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of replication `replication` under the master seed `seed`.
    pub fn new(seed: u64, replication: u32) -> Self {
        Self(mix(mix(seed) ^ u64::from(replication).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// A key that belongs to one named thing, so that adding another thing changes no draw of this.
    pub fn named(self, name: &str) -> Self {
        let mut hash = self.0;
        for byte in name.bytes() {
            hash = mix(hash ^ u64::from(byte));
        }
        Self(mix(hash ^ name.len() as u64))
    }

    /// The stream of random numbers of one decision.
    ///
    /// `entity` names whom it concerns (up to 56 bits), `index` which of that entity's decisions of
    /// this purpose it is (up to 48 bits), for example the attempt.
    #[inline(always)]
    pub fn draw(self, purpose: Purpose, entity: u64, index: u64) -> Draw {
        debug_assert!(entity < 1 << 56 && index < 1 << 48);
        Draw { key: self.0, counter: [index << 16, (purpose as u64) << 56 | entity], spare: None }
    }

    /// A number for breaking ties without favouring low ids.
    pub fn tie(self, entity: u64, index: u64) -> u64 {
        mix(self.0 ^ mix(entity << 32 ^ index))
    }
}

/// The random numbers of one decision, in order. Usable with `rand` and `rand_distr`.
#[derive(Clone, Debug)]
pub struct Draw {
    key: u64,
    counter: [u64; 2],
    spare: Option<u64>,
}

impl Draw {
    /// Uniform on [0, 1) with 53 bits.
    #[inline(always)]
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Exponential with mean 1 by inversion: one word for one number and monotone in it, so that
    /// common random numbers keep their effect (a ziggurat would use a variable number of words).
    pub fn exponential(&mut self) -> f64 {
        -(-self.unit()).ln_1p()
    }

    /// A span between zero and `most`, uniformly.
    #[inline(always)]
    pub fn span_up_to(&mut self, most: Span) -> Span {
        most.scale(self.unit())
    }

    /// The stream of the same entity's decision before this one, from its beginning; none for the first.
    pub fn before(&self) -> Option<Self> {
        let index = (self.counter[0] >> 16).checked_sub(1)?;
        Some(Self { key: self.key, counter: [index << 16, self.counter[1]], spare: None })
    }

    #[inline(always)]
    fn word(&mut self) -> u64 {
        if let Some(word) = self.spare.take() {
            return word;
        }
        let [first, second] = philox2x64_10(self.counter, self.key);
        self.counter[0] = self.counter[0].wrapping_add(1);
        self.spare = Some(second);
        first
    }
}

impl TryRng for Draw {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        for chunk in destination.chunks_mut(8) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// One block of Philox2x64 with ten rounds; constants from the paper's table 2.
#[inline]
fn philox2x64_10(counter: [u64; 2], key: u64) -> [u64; 2] {
    const MULTIPLIER: u64 = 0xd2b7_4407_b1ce_6e93;
    const WEYL: u64 = 0x9e37_79b9_7f4a_7c15;
    let [mut low, mut high] = counter;
    let mut round_key = key;
    for _ in 0..10 {
        let product = u128::from(MULTIPLIER) * u128::from(low);
        // The brackets put what is known early together: the rounds wait for each other.
        low = (product >> 64) as u64 ^ (round_key ^ high);
        high = product as u64;
        round_key = round_key.wrapping_add(WEYL);
    }
    [low, high]
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection that mixes all bits.
const fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers distributed with the authors' Random123 library.
    #[test]
    fn philox_agrees_with_the_published_vectors() {
        assert_eq!(philox2x64_10([0, 0], 0), [0xca00_a045_9843_d731, 0x66c2_4222_c9a8_45b5]);
        assert_eq!(
            philox2x64_10([u64::MAX, u64::MAX], u64::MAX),
            [0x65b0_21d6_0cd8_310f, 0x4d02_f322_2f86_df20]
        );
        assert_eq!(
            philox2x64_10([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344], 0xa409_3822_299f_31d0),
            [0x0a5e_742c_2997_341c, 0xb0f8_83d3_8000_de5d]
        );
    }

    #[test]
    fn a_draw_depends_on_nothing_but_its_name() {
        let key = Key::new(421, 3);
        let mut first = key.draw(Purpose::Jitter, 17, 2);
        let unrelated = key.draw(Purpose::Jitter, 18, 2).unit();
        let mut again = key.draw(Purpose::Jitter, 17, 2);
        assert_eq!(first.unit(), again.unit());
        assert_ne!(first.unit(), unrelated);
        let mut before = key.draw(Purpose::Jitter, 17, 3).before().expect("the third decision has a second");
        assert_eq!(before.unit(), key.draw(Purpose::Jitter, 17, 2).unit());
        assert!(key.draw(Purpose::Jitter, 17, 0).before().is_none());
        assert_ne!(key, Key::new(421, 4));
        assert_ne!(key.named("a"), key.named("b"));
    }

    /// 200 000 exponentials: the mean lies within 4.4 standard errors (error probability 1e-5).
    #[test]
    fn exponentials_have_mean_one() {
        let key = Key::new(7, 0);
        let n = 200_000;
        let sum: f64 = (0..n).map(|i| key.draw(Purpose::Arrival, i, 0).exponential()).sum();
        assert!((sum / n as f64 - 1.0).abs() < 4.4 / (n as f64).sqrt());
    }
}
