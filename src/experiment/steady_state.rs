//! The long run: how much of the beginning to leave out, and whether there is a steady state at all.
//!
//! Judged from a pilot, replications of its own that are not measured: what is left out of the measured ones
//! must not depend on how they came out (replication and deletion: A. M. Law, "Simulation Modeling and
//! Analysis" (2015), section 9.5.2). The series is the number of undelivered messages, averaged over the pilot, cut by
//! the rule MSER-5. All variants leave out the same, the longest of their warm-ups, because they are compared on the
//! same mail.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use super::progress::Progress;
use super::record::RunRecord;
use super::run::simulate_each;
use crate::stats::summary::{mean, mean_interval};
use crate::stats::warm_up::mser;
use crate::system;
use crate::time::{Instant, Span};

/// The first replication of the pilot: far from those that are measured.
const FIRST: u32 = 1 << 31;

/// Steps in a batch of the rule.
const BATCH: NonZeroUsize = NonZeroUsize::new(5).expect("five is not zero");

/// A queue grows if its slope is above zero with this confidence (two-sided), over the pilot ...
const CONFIDENCE: f64 = 0.98;

/// ... and if over the second half of the interval it gains this share of its mean there. One that grows
/// evenly from nothing gains two thirds.
const GAIN: f64 = 0.25;

/// What the pilot said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SteadyState {
    /// Replications of the pilot.
    pub pilot: u32,
    /// Arrivals before this are left out, in seconds from the start.
    pub from_s: f64,
    /// Arrivals from this on are not measured either: they may be cut off by the horizon.
    pub until_s: f64,
    /// The variants, in the order of all tables.
    pub variants: Vec<Settling>,
}

/// How a variant settles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settling {
    /// Its name.
    pub variant: String,
    /// The end of its own warm-up, in seconds from the start; none where there is none to believe.
    pub warm_up_s: Option<f64>,
    /// Whether it settles.
    pub state: State,
}

/// Whether a variant settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It does.
    Settled,
    /// Not in the first half of the interval: the run is too short to tell.
    TooLong,
    /// Undelivered mail grows on and on: there is no steady state.
    Growing,
}

impl SteadyState {
    /// The variants whose long-run means mean nothing.
    pub fn unsettled(&self) -> Vec<String> {
        let unsettled = self.variants.iter().filter(|one| one.state != State::Settled);
        unsettled.map(|one| one.variant.clone()).collect()
    }

    /// Lets a plan measure what comes after the warm-up.
    pub fn apply(&self, plan: &mut system::Plan) {
        let at = |seconds: f64| Instant::ZERO + Span::from_seconds_f64(seconds);
        let measure = &mut plan.measure;
        let before = (measure.cohort.end - measure.cohort.start).as_seconds();
        measure.cohort = at(self.from_s)..at(self.until_s);
        measure.aftermath = measure.cohort.clone();
        // Traffic of the long run is even enough for a sample.
        measure.expected_messages *= (self.until_s - self.from_s) / before;
    }
}

/// Runs the pilot of all plans, whose names come in the same order; none when it was interrupted. Their cohort
/// must be the interval that may be measured, from the start.
///
/// # Errors
///
/// When the operating system refuses to start threads.
pub fn find(
    plans: &[system::Plan],
    names: &[String],
    pilot: u32,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Option<SteadyState>, rayon::ThreadPoolBuildError> {
    let mut found: Vec<Option<(State, Option<f64>)>> = plans.iter().map(|_| None).collect();
    simulate_each(plans, FIRST..FIRST + pilot, threads, progress, |place, records| {
        let measure = &plans[place].measure;
        let steps = (measure.cohort.end - Instant::ZERO).as_micros() / measure.series_step.as_micros();
        let series: Vec<Vec<f64>> =
            records.iter().map(|record| undelivered(record, steps as usize)).collect();
        let (state, steps) = judge(&series);
        found[place] = Some((state, steps.map(|steps| steps as f64 * measure.series_step.as_seconds())));
    })?;
    let Some(found) = found.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let until_s = plans.first().map_or(0.0, |plan| plan.measure.cohort.end.as_seconds());
    let longest = found.iter().filter_map(|(_, warm_up)| *warm_up).reduce(f64::max);
    let settling = |(name, (state, warm_up_s)): (&String, (State, Option<f64>))| Settling {
        variant: name.clone(),
        warm_up_s,
        state,
    };
    Ok(Some(SteadyState {
        pilot,
        // Where none settles there is nothing to be right about; half is shown.
        from_s: longest.unwrap_or(until_s / 2.0),
        until_s,
        variants: names.iter().zip(found).map(settling).collect(),
    }))
}

/// Undelivered messages at the ends of the first steps, for all recipients together.
fn undelivered(record: &RunRecord, steps: usize) -> Vec<f64> {
    let at = |step: usize| -> u64 {
        record.series.iter().filter_map(|series| series.bins.get(step)).map(|bin| bin.undelivered).sum()
    };
    (0..steps).map(|step| at(step) as f64).collect()
}

/// Judges the series of the replications of a variant: its state, and the steps of its warm-up.
fn judge(replications: &[Vec<f64>]) -> (State, Option<usize>) {
    if grows(replications) {
        return (State::Growing, None);
    }
    let steps = replications.first().map_or(0, Vec::len);
    let average = |step: usize| {
        let values: Vec<f64> = replications.iter().map(|series| series[step]).collect();
        mean(&values).unwrap_or_default()
    };
    let series: Vec<f64> = (0..steps).map(average).collect();
    match mser(&series, BATCH).filter(|warm_up| warm_up.is_trusted()) {
        Some(warm_up) => (State::Settled, Some(warm_up.deleted)),
        None => (State::TooLong, None),
    }
}

/// Whether the second half of the series rises, in all likelihood and by much.
fn grows(replications: &[Vec<f64>]) -> bool {
    let second_half = |series: &Vec<f64>| series[series.len() / 2..].to_vec();
    let halves: Vec<Vec<f64>> = replications.iter().map(second_half).collect();
    let gains: Vec<f64> = halves.iter().filter_map(|half| Some(slope(half)? * half.len() as f64)).collect();
    let levels: Vec<f64> = halves.iter().filter_map(|half| mean(half)).collect();
    let (Some(gain), Some(level)) = (mean_interval(&gains, CONFIDENCE), mean(&levels)) else { return false };
    gain.interval().low > 0.0 && gain.mean > GAIN * level
}

/// The slope of the least-squares line per step.
fn slope(series: &[f64]) -> Option<f64> {
    let centre = (series.len() as f64 - 1.0) / 2.0;
    let level = mean(series)?;
    let products: f64 =
        series.iter().zip(0..).map(|(value, step)| (f64::from(step) - centre) * (value - level)).sum();
    let squares: f64 = (0..series.len()).map(|step| (step as f64 - centre).powi(2)).sum();
    (squares > 0.0).then(|| products / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten series of 200 steps with a little noise that repeats after 7 steps, shifted from one to the next.
    fn replications(level: fn(usize) -> f64) -> Vec<Vec<f64>> {
        let noise = |replication: usize, step: usize| ((3 * step + replication) % 7) as f64 - 3.0;
        (0..10)
            .map(|replication| (0..200).map(|step| level(step) + noise(replication, step)).collect())
            .collect()
    }

    #[test]
    fn what_settles_loses_its_beginning() {
        let (state, steps) = judge(&replications(|step| if step < 40 { 2.0 * step as f64 } else { 80.0 }));
        assert_eq!(state, State::Settled);
        assert!((30..=45).contains(&steps.unwrap()), "{steps:?}");
    }

    #[test]
    fn what_grows_has_no_steady_state() {
        assert_eq!(judge(&replications(|step| 5.0 * step as f64)), (State::Growing, None));
        assert_eq!(judge(&replications(|step| 20.0 + step as f64)), (State::Growing, None));
    }

    #[test]
    fn what_settles_late_is_not_believed() {
        let late = replications(|step| if step < 140 { 500.0 - 3.0 * step as f64 } else { 80.0 });
        assert_eq!(judge(&late), (State::TooLong, None));
    }

    #[test]
    fn slopes_are_per_step() {
        assert!((slope(&[1.0, 3.0, 5.0, 7.0]).unwrap() - 2.0).abs() < 1e-12);
        assert_eq!((slope(&[]), slope(&[1.0])), (None, None));
    }
}
