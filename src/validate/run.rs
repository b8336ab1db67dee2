//! Running all trials, with as many replications as their rows need.

use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::Problem;
use super::estimate::Estimate;
use super::family::Family;
use super::finding::{Finding, Found, Verdict, allowed, judge_estimate, judge_number};
use super::models::trials;
use super::quantity::{Claim, Sums};
use super::table::Configuration;
use super::trial::{Asked, Method, Trial};
use crate::experiment::progress::Progress;

/// Replications from which it is judged how many it takes.
const PILOT: usize = 20;

/// Events that these may take, whatever the effort: where one replication is that long, there are fewer of them.
const PILOT_EVENTS: u64 = 100_000_000;

/// Replications without which nothing can be said of an error.
const LEAST: usize = 4;

/// How often more replications are added to these, for an error is an estimate itself.
const STEPS: usize = 4;

/// More replications than the pilot says, for the same reason.
const RESERVE: f64 = 1.15;

/// How precise the rows must be, and how much work that may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Largest standard error of a mean or a share, as a part of the exact value.
    pub mean: f64,
    /// The same of tails, second moments and variances.
    pub tail: f64,
    /// A standard error that is small enough whatever the exact value.
    pub absolute: f64,
    /// Most events for one scenario.
    pub events: u64,
    /// Whether a row that is too imprecise to mean anything is as bad as one that differs.
    pub demands_all: bool,
}

impl Effort {
    /// Minutes.
    pub const WHOLE: Self =
        Self { mean: 0.003, tail: 0.005, absolute: 1e-4, events: 5_000_000_000, demands_all: true };
    /// Seconds: only faults of several per cent are found.
    pub const QUICK: Self =
        Self { mean: 0.015, tail: 0.03, absolute: 1e-3, events: 10_000_000, demands_all: false };
}

/// A whole run: how every row came out.
#[derive(Clone, Debug)]
pub struct Validation {
    /// What was asked for.
    pub effort: Effort,
    /// The rows in the order of the table's configurations.
    pub findings: Vec<Finding>,
    /// What one row of each configuration says; none for few.
    pub family: Option<Family>,
    /// Configurations that were not run, because of an interruption.
    pub left_out: usize,
}

impl Validation {
    /// Runs all configurations, one after the other, until it is interrupted. The numbers depend on neither the
    /// order nor the threads.
    ///
    /// # Errors
    ///
    /// When a row means nothing to any model, before anything is run; when threads cannot be started.
    pub fn run(
        configurations: &[Configuration],
        effort: Effort,
        threads: NonZeroUsize,
        progress: &Progress,
    ) -> Result<Self, Problem> {
        let all = configurations.iter().map(trials).collect::<Result<Vec<Vec<Trial>>, Problem>>()?;
        progress.expect_cells(all.len() as u64);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
        let pool = pool.map_err(|error| Problem::new(error.to_string()))?;
        let mut validation = Self { effort, findings: Vec::new(), family: None, left_out: all.len() };
        let mut family = Vec::new();
        for (configuration, trials) in configurations.iter().zip(&all) {
            let examined = trials
                .iter()
                .map(|trial| pool.install(|| examine(configuration, trial, &effort, progress)))
                .collect::<Option<Vec<Examined>>>();
            let Some(examined) = examined else { break };
            family.extend(examined.first().and_then(|(_, z)| *z));
            let mut found: Vec<Finding> = examined.into_iter().flat_map(|(rows, _)| rows).collect();
            found.sort_by_key(|finding| finding.row.line);
            validation.findings.append(&mut found);
            validation.left_out -= 1;
            progress.finish_cell();
        }
        validation.family = Family::of(&family);
        Ok(validation)
    }

    /// Whether every row was run, and every one that was tested came out well, and all together; with
    /// [`Effort::demands_all`] every row must have been tested.
    pub fn passed(&self) -> bool {
        let well = |finding: &Finding| finding.verdict.is_good() || finding.verdict == Verdict::TooWide;
        let family = self.family.is_none_or(|family| family.is_good());
        family && self.left_out == 0 && !self.is_inconclusive() && self.findings.iter().all(well)
    }

    /// Whether rows were too imprecise that should not have been.
    pub fn is_inconclusive(&self) -> bool {
        self.effort.demands_all && self.untested() > 0
    }

    /// Rows that were too imprecise to say anything.
    pub fn untested(&self) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == Verdict::TooWide).count()
    }
}

/// The findings of a trial, and z of its first row with chance in it, with the replications it is from.
type Examined = (Vec<Finding>, Option<(f64, usize)>);

/// Runs a trial; none when it was interrupted. Rows that differ are run again, once, with other random numbers.
fn examine(
    configuration: &Configuration,
    trial: &Trial,
    effort: &Effort,
    progress: &Progress,
) -> Option<Examined> {
    let found = match trial.method {
        Method::Exact => exact(trial, progress),
        Method::Replications => replicate(trial, 0, 1, effort, progress),
    };
    let mut rows = findings(configuration, trial, found.transpose()?, effort);
    let family = rows.iter().zip(&trial.asked).find_map(|(finding, asked)| family_z(finding, asked));
    let differs = |rows: &[Finding]| rows.iter().any(|finding| finding.verdict == Verdict::Differs);
    if trial.method == Method::Replications && differs(&rows) {
        let again = replicate(trial, 1, 3, effort, progress).transpose()?;
        for (finding, next) in rows.iter_mut().zip(findings(configuration, trial, again, effort)) {
            if finding.verdict == Verdict::Differs {
                *finding = Finding { again: true, ..next };
            }
        }
    }
    Some((rows, family))
}

fn family_z(finding: &Finding, asked: &Asked) -> Option<(f64, usize)> {
    let estimate = finding.found.estimate()?;
    let has_chance = asked.quantity.claim == Claim::Equal && finding.verdict != Verdict::Equal;
    let z = estimate.z(finding.exact).filter(|_| has_chance)?;
    Some((z, estimate.replications))
}

/// What a trial gave for each of its rows.
type Founds = Result<Vec<Found>, Problem>;

fn findings(configuration: &Configuration, trial: &Trial, founds: Founds, effort: &Effort) -> Vec<Finding> {
    let finding = |(place, asked): (usize, &Asked)| {
        let (found, verdict) = match &founds {
            Err(problem) => (Found::Nothing, Verdict::NotRun(problem.to_string())),
            Ok(founds) => (founds[place], judge(asked, &founds[place], effort)),
        };
        Finding {
            model: configuration.model.clone(),
            parameters: configuration.parameters.clone(),
            row: asked.row.clone(),
            exact: asked.quantity.exact,
            found,
            verdict,
            again: false,
        }
    };
    trial.asked.iter().enumerate().map(finding).collect()
}

fn judge(asked: &Asked, found: &Found, effort: &Effort) -> Verdict {
    match found {
        Found::Number(value) => judge_number(&asked.quantity, *value),
        Found::Estimate(estimate) => judge_estimate(&asked.quantity, estimate, effort),
        Found::Nothing => Verdict::NotRun("nothing of this kind happened".to_owned()),
    }
}

/// One run without chance; none when it was interrupted.
fn exact(trial: &Trial, progress: &Progress) -> Result<Option<Vec<Found>>, Problem> {
    let Some(seen) = trial.run(&trial.plan(0)?, 0, progress)? else { return Ok(None) };
    let sums = trial.sums(&seen);
    let number = |(asked, sums): (&Asked, Sums)| {
        let value = asked.quantity.statistic.of(sums);
        if value.is_finite() { Found::Number(value) } else { Found::Nothing }
    };
    Ok(Some(trial.asked.iter().zip(sums).map(number).collect()))
}

/// As many replications as all rows need, times `more`; none when it was interrupted.
fn replicate(
    trial: &Trial,
    round: u32,
    more: usize,
    effort: &Effort,
    progress: &Progress,
) -> Result<Option<Vec<Found>>, Problem> {
    let plan = trial.plan(round)?;
    let mut all: Vec<Vec<Sums>> = Vec::new();
    let mut events = 0;
    let mut wanted = LEAST * more;
    for step in 0..=STEPS {
        let runs: Vec<_> = (all.len() as u32..wanted as u32)
            .into_par_iter()
            .with_max_len(1)
            .map(|replication| trial.run(&plan, replication, progress))
            .map(|seen| seen.map(|seen| seen.map(|seen| (trial.sums(&seen), seen.record.work.events))))
            .collect::<Result<_, Problem>>()?;
        for run in runs {
            let Some((sums, cost)) = run else { return Ok(None) };
            all.push(sums);
            events += cost;
        }
        let each = (events / all.len() as u64).max(1);
        wanted = match step {
            0 => pilot(each, effort) * more,
            _ => needed(trial, &all, effort)
                .saturating_mul(more)
                .min((effort.events * more as u64 / each) as usize),
        };
    }
    Ok(Some(
        estimates(trial, &all).into_iter().map(|one| one.map_or(Found::Nothing, Found::Estimate)).collect(),
    ))
}

/// Replications of the pilot, where one takes so many events.
fn pilot(each: u64, effort: &Effort) -> usize {
    ((effort.events.max(PILOT_EVENTS) / each) as usize).clamp(LEAST, PILOT)
}

/// Replications with which the errors of all rows are likely to be small enough.
fn needed(trial: &Trial, all: &[Vec<Sums>], effort: &Effort) -> usize {
    let errors = trial
        .asked
        .iter()
        .zip(estimates(trial, all))
        .filter_map(|(asked, estimate)| Some(estimate?.error / allowed(&asked.quantity, effort)));
    let worst = errors.fold(0.0, f64::max);
    if worst <= 1.0 { all.len() } else { (all.len() as f64 * worst * worst * RESERVE).ceil() as usize }
}

fn estimates(trial: &Trial, all: &[Vec<Sums>]) -> Vec<Option<Estimate>> {
    let of = |(place, asked): (usize, &Asked)| {
        let sums: Vec<Sums> = all.iter().map(|one| one[place]).collect();
        Estimate::of(asked.quantity.statistic, &sums)
    };
    trial.asked.iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pilot_is_smaller_where_a_replication_is_long() {
        assert_eq!(pilot(1, &Effort::QUICK), PILOT);
        assert_eq!(pilot(PILOT_EVENTS / 10, &Effort::QUICK), 10);
        assert_eq!(pilot(u64::MAX, &Effort::QUICK), LEAST);
        assert_eq!(pilot(PILOT_EVENTS / 10, &Effort::WHOLE), PILOT);
    }
}
