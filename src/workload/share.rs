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
    Weighted {
        /// Cumulative shares; the last is 1.
        cumulative: Vec<f64>,
    },
}

impl Share {
    /// Shares in proportion to `weights`, which must hold a positive number and no negative one.
    pub fn weighted(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let cumulative = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum / total
            })
            .collect();
        Self::Weighted { cumulative }
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
            Self::Weighted { cumulative } => {
                let at = draw.unit();
                (cumulative.partition_point(|share| *share <= at) as u32).min(cumulative.len() as u32 - 1)
            }
        }
    }

    /// Whether a taker has any share at all.
    pub fn includes(&self, taker: u32) -> bool {
        match self {
            Self::Equal { takers } => taker < *takers,
            Self::Weighted { cumulative } => {
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
