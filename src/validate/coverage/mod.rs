//! How often the intervals of this program cover what they should: experiments whose true values are known
//! exactly, each repeated with independent random numbers.
//!
//! An interval of 95 % that is right covers in 368 to 390 of 400 runs with probability 0.99. That is demanded
//! where theory promises it, of means and paired means of nearly normal numbers. Where it only promises the
//! limit of many replications, as of pooled quantiles and of means of a busy queue, the count is published:
//! whoever reads an interval should know what it is worth.

mod outage;
mod queue;
mod stopping;

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::Problem;
use crate::experiment::progress::Progress;
use crate::stats::summary::Interval;

/// The confidence of all intervals that are examined.
const CONFIDENCE: f64 = 0.95;

/// How often each experiment is repeated.
pub const RUNS: u32 = 400;

/// Counts out of [`RUNS`] that a right interval has with probability 0.99 (exact binomial).
pub const GOOD: RangeInclusive<u32> = 368..=390;

/// What one interval of an experiment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What is estimated, of what.
    pub what: &'static str,
    /// How the interval is made.
    pub interval: &'static str,
    /// Replications that it is made of, in words.
    pub replications: &'static str,
    /// Whether theory promises its coverage for so many replications.
    pub promised: bool,
}

/// How one interval came out, over all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// What it was about.
    pub row: Row,
    /// Intervals that hold the true value.
    pub covered: u32,
    /// Intervals that lie below it altogether.
    pub below: u32,
    /// Intervals that lie above it altogether.
    pub above: u32,
    /// Runs without an interval.
    pub none: u32,
}

impl Coverage {
    /// Runs in all.
    pub const fn runs(&self) -> u32 {
        self.covered + self.below + self.above + self.none
    }

    /// Whether it covers as often as is promised, if anything is.
    pub fn is_good(&self) -> bool {
        !self.row.promised || GOOD.contains(&self.covered)
    }

    fn add(&mut self, shot: Shot) {
        *match shot {
            Shot::Covered => &mut self.covered,
            Shot::Below => &mut self.below,
            Shot::Above => &mut self.above,
            Shot::None => &mut self.none,
        } += 1;
    }
}

/// What became of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shot {
    Covered,
    Below,
    Above,
    None,
}

impl Shot {
    /// Where an interval lies by the true value.
    fn of(interval: Option<Interval>, truth: f64) -> Self {
        match interval {
            None => Self::None,
            Some(interval) if interval.contains(truth) => Self::Covered,
            Some(interval) if interval.high < truth => Self::Below,
            Some(_) => Self::Above,
        }
    }
}

/// The shots of one run, one for each row; none when it was interrupted.
type Shots = Result<Option<Vec<Shot>>, Problem>;

/// Some intervals that are made of the same numbers.
struct Experiment {
    rows: &'static [Row],
    run: fn(u32, &Progress) -> Shots,
}

/// All of them, in the order of the table.
const EXPERIMENTS: [Experiment; 7] = [
    Experiment { rows: &outage::ROWS, run: outage::run },
    Experiment { rows: &queue::QUIET, run: queue::quiet },
    Experiment { rows: &queue::BUSY_30, run: queue::busy::<30> },
    Experiment { rows: &queue::BUSY_100, run: queue::busy::<100> },
    Experiment { rows: &queue::BUSY_300, run: queue::busy::<300> },
    Experiment { rows: &stopping::USUAL, run: stopping::usual },
    Experiment { rows: &stopping::LOOSE, run: stopping::loose },
];

/// Repeats every experiment so many times; none when it was interrupted. The counts do not depend on the threads.
///
/// # Errors
///
/// When a scenario of these experiments cannot be run, and when threads cannot be started.
pub fn measure(
    runs: u32,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Option<Vec<Coverage>>, Problem> {
    progress.expect_cells(EXPERIMENTS.len() as u64 * u64::from(runs));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
    let pool = pool.map_err(|error| Problem::new(error.to_string()))?;
    let mut found = Vec::new();
    for experiment in &EXPERIMENTS {
        let once = |run: u32| {
            if progress.is_interrupted() {
                return Ok(None);
            }
            let shots = (experiment.run)(run, progress);
            progress.finish_cell();
            shots
        };
        let all: Vec<Option<Vec<Shot>>> =
            pool.install(|| (0..runs).into_par_iter().with_max_len(1).map(once).collect::<Result<_, _>>())?;
        let Some(all) = all.into_iter().collect::<Option<Vec<Vec<Shot>>>>() else { return Ok(None) };
        found.extend(experiment.rows.iter().enumerate().map(|(place, &row)| {
            let mut coverage = Coverage { row, covered: 0, below: 0, above: 0, none: 0 };
            all.iter().for_each(|shots| coverage.add(shots[place]));
            coverage
        }));
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_beside_the_truth_are_counted_by_their_side() {
        let interval = |low, high| Some(Interval { low, high });
        let shots = [interval(1.0, 2.0), interval(0.0, 0.5), interval(1.5, 2.0), None];
        assert_eq!(
            shots.map(|shot| Shot::of(shot, 1.0)),
            [Shot::Covered, Shot::Below, Shot::Above, Shot::None]
        );
    }

    /// With so few runs only gross faults show: of five right intervals none or one covers with probability 3e-5.
    #[test]
    fn every_row_is_measured_and_threads_change_nothing() {
        let found = |threads| {
            let threads = NonZeroUsize::new(threads).unwrap();
            measure(5, threads, &Progress::default()).unwrap().unwrap()
        };
        let one = found(1);
        assert_eq!(one, found(3));
        assert_eq!(one.len(), EXPERIMENTS.iter().map(|experiment| experiment.rows.len()).sum::<usize>());
        for coverage in one {
            assert_eq!(coverage.runs(), 5);
            assert!(coverage.covered > 1, "{coverage:?}");
        }
    }
}
