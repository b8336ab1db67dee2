//! How messages are spread over hosts or over recipients.

use crate::random::Draw;

/// The probability with which a message falls to each of several takers.
#[derive(Clone, Debug, PartialEq)]
pub enum Share {
    /// The same for all of them.
    Equal {
        /// How many there are; at least one.
        takers: u32,
    },
    /// In proportion to stated weights.
    Weighted(Weights),
}

/// Cumulative shares, the last of which is 1, and where to begin a search among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    cumulative: Vec<f64>,
    /// For each of as many equal parts of [0, 1): how many shares end before it. From there it is one step in the mean,
    /// however many takers there are (Chen and Asau, AIIE Transactions 6(2), 1974).
    guide: Vec<u32>,
}

impl Weights {
    fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let cumulative: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum / total
            })
            .collect();
        let parts = cumulative.len();
        let before = |part: usize| {
            let start = part as f64 / parts as f64;
            cumulative.partition_point(|share| *share <= start) as u32
        };
        Self { guide: (0..parts).map(before).collect(), cumulative }
    }

    /// The first taker whose cumulative share is greater than `at`, or the last.
    fn taker(&self, at: f64) -> u32 {
        let last = self.cumulative.len() - 1;
        let part = (at * self.guide.len() as f64) as usize;
        let mut taker = self.guide[part.min(last)] as usize;
        // The product may have been rounded up to the next part.
        while taker > 0 && self.cumulative[taker - 1] > at {
            taker -= 1;
        }
        while taker < last && self.cumulative[taker] <= at {
            taker += 1;
        }
        taker as u32
    }
}

impl Share {
    /// Shares in proportion to `weights`, which must hold a positive number and no negative one.
    pub fn weighted(weights: &[f64]) -> Self {
        Self::Weighted(Weights::new(weights))
    }

    /// Zipf's law: the k-th taker's share is proportional to 1 / k^exponent.
    pub fn zipf(takers: u32, exponent: f64) -> Self {
        let weights: Vec<f64> = (1..=takers).map(|rank| f64::from(rank).powf(-exponent)).collect();
        Self::weighted(&weights)
    }

    /// Picks a taker, numbered from 0.
    pub fn pick(&self, draw: &mut Draw) -> u32 {
        match self {
            Self::Equal { takers: 1 } => 0,
            Self::Equal { takers } => (draw.unit() * f64::from(*takers)) as u32,
            Self::Weighted(weights) => weights.taker(draw.unit()),
        }
    }

    /// Whether a taker has any share at all.
    pub fn includes(&self, taker: u32) -> bool {
        match self {
            Self::Equal { takers } => taker < *takers,
            Self::Weighted(Weights { cumulative, .. }) => {
                let taker = taker as usize;
                let before = if taker == 0 { 0.0 } else { cumulative[taker - 1] };
                cumulative[taker] > before
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Key, Purpose};

    #[test]
    fn the_guide_leads_to_where_a_search_would() {
        let many: Vec<f64> = (0..1000).map(|i| f64::from(i % 7) * 1.1f64.powi(i % 90)).collect();
        for weights in [&many[..], &[3.0], &[0.0, 1.0, 0.0], &[1e-9, 1.0, 1e-9, 1e9, 0.0, 0.0]] {
            let weights = Weights::new(weights);
            let shares = &weights.cumulative;
            let beside = |at: f64| [at.next_down(), at, at.next_up()];
            let parts = (0..shares.len()).flat_map(|part| beside(part as f64 / shares.len() as f64));
            let edges = shares.iter().flat_map(|share| beside(*share));
            for at in parts.chain(edges).filter(|at| (0.0..1.0).contains(at)) {
                let searched = shares.partition_point(|share| *share <= at).min(shares.len() - 1);
                assert_eq!(weights.taker(at), searched as u32, "at {at}");
            }
        }
    }

    /// 100 000 picks: each count within 4.4 standard deviations (error probability 1e-5 each).
    #[test]
    fn picks_follow_the_shares() {
        let share = Share::zipf(3, 1.0);
        let n = 100_000;
        let mut counts = [0u32; 3];
        for i in 0..n {
            counts[share.pick(&mut Key::new(1, 0).draw(Purpose::Host, i, 0)) as usize] += 1;
        }
        for (rank, count) in counts.into_iter().enumerate() {
            let p = 1.0 / (rank + 1) as f64 / (1.0 + 0.5 + 1.0 / 3.0);
            let deviation = (f64::from(count) - n as f64 * p) / (n as f64 * p * (1.0 - p)).sqrt();
            assert!(deviation.abs() < 4.4, "rank {rank}: {deviation}");
        }
    }

    #[test]
    fn a_taker_without_weight_is_never_picked() {
        let share = Share::weighted(&[0.0, 1.0, 0.0]);
        assert!((0..1000).all(|i| share.pick(&mut Key::new(1, 0).draw(Purpose::Host, i, 0)) == 1));
        assert!(!share.includes(0) && share.includes(1) && !share.includes(2));
    }
}
