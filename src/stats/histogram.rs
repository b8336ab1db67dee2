//! Counts of integers in a fixed log-linear layout.
//!
//! The layout is that of an HDR histogram: below 256 every value has its own bin; above, each
//! octave is divided into 128 bins of equal width. A bin is therefore never wider than 1/128 of its
//! low end, and its middle never further than 1/256 (0.4 %) from any value in it. The layout has no
//! parameters, so that histograms of different runs, versions and machines can be added. Nothing
//! here may change it: result files depend on it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Each octave has 2^7 bins.
const BITS: u32 = 7;
/// Values below this have a bin each.
const LINEAR: u64 = 1 << (BITS + 1);

/// Neighbouring bins in a group.
const GROUP: u64 = 4;

/// Counts of `u64` values to a relative precision of 0.4 %.
///
/// Written as the pairs (low end, count) of the bins that hold something, in ascending order.
///
/// ```
/// use tempfail::stats::histogram::Histogram;
///
/// let mut delays = Histogram::new();
/// for delay in [0, 0, 200, 300_000_000] {
///     delays.record(delay);
/// }
/// assert_eq!(delays.count(), 4);
/// assert_eq!(delays.value_at_rank(3), Some(200.0));
/// let last = delays.value_at_rank(4).unwrap();
/// assert!((last / 300e6 - 1.0).abs() < 0.004);
/// assert_eq!(delays.value_at_rank(5), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<(u64, u64)>", try_from = "Vec<(u64, u64)>")]
pub struct Histogram {
    /// By bin, up to the highest that holds something.
    counts: Vec<u64>,
    total: u64,
}

/// One bin of a [`Histogram`] that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The lowest value that belongs here.
    pub low: u64,
    /// The highest value that belongs here.
    pub high: u64,
    /// How many values there are.
    pub count: u64,
}

impl Bin {
    /// The middle of the bin: what stands for every value in it.
    pub fn middle(&self) -> f64 {
        self.low as f64 + (self.high - self.low) as f64 / 2.0
    }

    /// The lowest and the highest value of the group of four neighbouring bins that this one belongs to,
    /// which is no wider than 1/32 of its low end. Result files keep groups and not bins.
    pub const fn group(&self) -> (u64, u64) {
        // Groups begin at multiples of their width, because octaves do.
        let width = (self.high - self.low + 1) * GROUP;
        let low = self.low / width * width;
        (low, low + (width - 1))
    }

    /// Where the `rank`-th value of the bin (from 1) would be if its values were spread evenly.
    fn spread(&self, rank: u64) -> f64 {
        let part = (rank as f64 - 0.5) / self.count as f64;
        self.low as f64 + (self.high - self.low) as f64 * part
    }
}

impl Histogram {
    /// A histogram of nothing, which needs no memory.
    pub const fn new() -> Self {
        Self { counts: Vec::new(), total: 0 }
    }

    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        let index = index_of(value);
        if index >= self.counts.len() {
            self.grow(index);
        }
        self.counts[index] += 1;
        self.total += 1;
    }

    /// Adds all that another histogram counted.
    pub fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
    }

    /// How many values were counted.
    pub const fn count(&self) -> u64 {
        self.total
    }

    /// The bins that hold something, in ascending order.
    pub fn bins(&self) -> impl Iterator<Item = Bin> {
        self.counts.iter().enumerate().filter(|&(_, &count)| count > 0).map(|(index, &count)| {
            let (low, high) = bounds_of(index);
            Bin { low, high, count }
        })
    }

    /// The value of a rank (1 is the smallest), to 0.4 %; exact below 256. `None` for rank zero
    /// and beyond the last.
    pub fn value_at_rank(&self, rank: u64) -> Option<f64> {
        self.locate(rank).map(|(bin, _)| bin.middle())
    }

    /// The same, with the values of a bin spread evenly over it, to 0.8 %.
    ///
    /// It moves with every rank where [`value_at_rank`](Self::value_at_rank) stands still or jumps
    /// by a whole bin: what an estimate of a quantile's variability needs, not what a reader does.
    pub fn spread_value_at_rank(&self, rank: u64) -> Option<f64> {
        self.locate(rank).map(|(bin, within)| bin.spread(within))
    }

    /// The lowest and the highest value of the group of bins that holds the value of a rank: all that
    /// is known of it where a histogram was kept in groups.
    pub fn group_at_rank(&self, rank: u64) -> Option<(u64, u64)> {
        self.locate(rank).map(|(bin, _)| bin.group())
    }

    /// The bin of a rank, and the rank in the bin.
    fn locate(&self, rank: u64) -> Option<(Bin, u64)> {
        let mut within = rank.checked_sub(1)?;
        self.bins().find_map(|bin| {
            if within < bin.count {
                return Some((bin, within + 1));
            }
            within -= bin.count;
            None
        })
    }

    #[cold]
    fn grow(&mut self, index: usize) {
        self.counts.resize(index + 1, 0);
    }
}

/// A list of bins that is no histogram of this layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// No bin starts at this value.
    NotABin(u64),
    /// The bin at this value does not come after the one before it.
    Order(u64),
    /// The bin at this value is empty, or too many values for a 64 bit count came before it.
    Count(u64),
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABin(low) => write!(f, "no bin of a histogram starts at {low}"),
            Self::Order(low) => write!(f, "the bin at {low} of a histogram is out of order"),
            Self::Count(low) => write!(f, "the bin at {low} of a histogram has an impossible count"),
        }
    }
}

impl std::error::Error for LayoutError {}

impl From<Histogram> for Vec<(u64, u64)> {
    fn from(histogram: Histogram) -> Self {
        histogram.bins().map(|bin| (bin.low, bin.count)).collect()
    }
}

impl TryFrom<Vec<(u64, u64)>> for Histogram {
    type Error = LayoutError;

    fn try_from(bins: Vec<(u64, u64)>) -> Result<Self, LayoutError> {
        let mut histogram = Self::new();
        for (low, count) in bins {
            let index = index_of(low);
            if bounds_of(index).0 != low {
                return Err(LayoutError::NotABin(low));
            }
            if index < histogram.counts.len() {
                return Err(LayoutError::Order(low));
            }
            let total = histogram.total.checked_add(count).filter(|_| count > 0);
            histogram.total = total.ok_or(LayoutError::Count(low))?;
            histogram.grow(index);
            histogram.counts[index] = count;
        }
        Ok(histogram)
    }
}

/// The bin of a value: the number of the octave, then the seven bits after the leading one.
#[inline]
const fn index_of(value: u64) -> usize {
    let octave = (value | (LINEAR - 1)).ilog2() - BITS;
    ((octave as usize) << BITS) + (value >> octave) as usize
}

/// The lowest and the highest value of a bin.
const fn bounds_of(index: usize) -> (u64, u64) {
    let octave = (index >> BITS).saturating_sub(1);
    let low = ((index - (octave << BITS)) as u64) << octave;
    (low, low + ((1 << octave) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Result files depend on these numbers.
    #[test]
    fn the_layout_is_fixed() {
        for (value, index, bounds) in [
            (0, 0, (0, 0)),
            (255, 255, (255, 255)),
            (256, 256, (256, 257)),
            (511, 383, (510, 511)),
            (512, 384, (512, 515)),
            (1_000_000, 1780, (999_424, 1_003_519)),
            (300_000_000, 2831, (299_892_736, 301_989_887)),
            (u64::MAX, 7423, (u64::MAX - (1 << 56) + 1, u64::MAX)),
        ] {
            assert_eq!(index_of(value), index, "{value}");
            assert_eq!(bounds_of(index), bounds, "{value}");
        }
    }

    #[test]
    fn bins_adjoin() {
        for index in 1..=7423 {
            assert_eq!(bounds_of(index).0, bounds_of(index - 1).1 + 1);
        }
    }

    #[test]
    fn ranks_walk_through_the_bins() {
        let mut histogram = Histogram::new();
        for value in [10, 10, 10, 1024] {
            histogram.record(value);
        }
        assert_eq!(histogram.value_at_rank(0), None);
        assert_eq!(histogram.value_at_rank(3), Some(10.0));
        assert_eq!(histogram.value_at_rank(4), Some(1027.5));
        assert_eq!(histogram.value_at_rank(5), None);
        assert_eq!(histogram.spread_value_at_rank(4), Some(1027.5));
        assert_eq!(Histogram::new().value_at_rank(1), None);
    }

    #[test]
    fn groups_are_four_bins() {
        let group = |value: u64| {
            let mut histogram = Histogram::new();
            histogram.record(value);
            histogram.group_at_rank(1)
        };
        assert_eq!([0, 3, 4, 255].map(group), [(0, 3), (0, 3), (4, 7), (252, 255)].map(Some));
        assert_eq!([256, 511, 512].map(group), [(256, 263), (504, 511), (512, 527)].map(Some));
        assert_eq!(group(1_000_000_000), Some((989_855_744, 1_006_632_959)));
        assert_eq!(group(u64::MAX), Some((u64::MAX - (1 << 58) + 1, u64::MAX)));
    }

    #[test]
    fn written_as_pairs_and_read_back() {
        let mut histogram = Histogram::new();
        for value in [0, 0, 300_000_000] {
            histogram.record(value);
        }
        let text = serde_json::to_string(&histogram).unwrap();
        assert_eq!(text, "[[0,2],[299892736,1]]");
        assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), histogram);
    }

    #[test]
    fn other_layouts_are_refused() {
        let read = |bins: &[(u64, u64)]| Histogram::try_from(bins.to_vec());
        assert_eq!(read(&[(257, 1)]), Err(LayoutError::NotABin(257)));
        assert_eq!(read(&[(5, 1), (4, 1)]), Err(LayoutError::Order(4)));
        assert_eq!(read(&[(5, 1), (5, 1)]), Err(LayoutError::Order(5)));
        assert_eq!(read(&[(5, 0)]), Err(LayoutError::Count(5)));
        assert_eq!(read(&[(5, u64::MAX), (6, 1)]), Err(LayoutError::Count(6)));
    }

    proptest! {
        #[test]
        fn every_value_is_in_its_bin(value: u64, shift in 0u32..64) {
            let value = value >> shift;
            let (low, high) = bounds_of(index_of(value));
            prop_assert!(low <= value && value <= high);
            prop_assert!((high - low) as f64 <= low as f64 / 128.0);
        }

        #[test]
        fn merging_is_recording_both(a: Vec<u32>, b: Vec<u16>) {
            let (mut first, mut second, mut both) = (Histogram::new(), Histogram::new(), Histogram::new());
            for &value in &a {
                first.record(value.into());
                both.record(value.into());
            }
            for &value in &b {
                second.record(value.into());
                both.record(value.into());
            }
            second.merge(&first);
            first.merge(&Histogram::new());
            prop_assert_eq!(&second, &both);
            prop_assert_eq!(both.bins().map(|bin| bin.count).sum::<u64>(), both.count());
            let read = Histogram::try_from(Vec::from(both.clone()));
            prop_assert_eq!(read, Ok(both));
        }
    }
}
