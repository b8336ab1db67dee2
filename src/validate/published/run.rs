//! Running all cases.

use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::case::{Case, Depth, Seen};
use super::family::Family;
use super::finding::{Finding, Found, Verdict};
use super::{MODELS, Problem};
use crate::experiment::progress::Progress;
use crate::random::Key;

/// The seed of everything here. It is fixed, so that the page can be made again.
const SEED: u64 = 421;

/// How everything came out.
#[derive(Clone, Debug)]
pub struct Reproduction {
    /// How much was run.
    pub depth: Depth,
    /// The numbers in the order of the cases.
    pub findings: Vec<Finding>,
    /// All numbers of a model together, for models with enough independent cases.
    pub families: Vec<(&'static str, Family)>,
}

impl Reproduction {
    /// Runs all cases; none when it was interrupted. Numbers depend on the case alone, neither on the others nor
    /// on the threads.
    ///
    /// # Errors
    ///
    /// When threads cannot be started, or a case gives something that is no number.
    pub fn run(
        cases: &[Case],
        depth: Depth,
        threads: NonZeroUsize,
        progress: &Progress,
    ) -> Result<Option<Self>, Problem> {
        progress.expect_cells(cases.len() as u64);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
        let pool = pool.map_err(|error| Problem::new(error.to_string()))?;
        let mut findings = Vec::new();
        for case in cases {
            let Some(seen) = pool.install(|| repeat(case, progress)) else { return Ok(None) };
            for (place, asked) in case.asked.iter().enumerate() {
                let values: Vec<f64> =
                    seen.iter().map(|one| one.values.get(place).copied().unwrap_or(f64::NAN)).collect();
                let found = Found::of(&values).ok_or_else(|| {
                    Problem::new(format!("{}, {}: no {}", case.model, case.label, asked.quantity))
                })?;
                findings.push(Finding::new(case, asked, found, depth));
            }
            progress.finish_cell();
        }
        let families = MODELS.iter().filter(|model| model.independent);
        let families = families.filter_map(|model| Some((model.name, Family::of(model.name, &findings)?)));
        Ok(Some(Self { depth, families: families.collect(), findings }))
    }

    /// Whether every number agrees that could be compared, and all of a model together; in a whole run none may
    /// be too imprecise.
    pub fn passed(&self) -> bool {
        let good = |finding: &Finding| match finding.verdict {
            Verdict::Equal | Verdict::Agrees | Verdict::Alone => true,
            Verdict::TooWide => self.depth == Depth::Quick,
            Verdict::Differs => false,
        };
        self.findings.iter().all(good) && self.families.iter().all(|(_, family)| family.is_good())
    }

    /// How many numbers came out so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }
}

/// All runs of a case, in their order; none when it was interrupted.
fn repeat(case: &Case, progress: &Progress) -> Option<Vec<Seen>> {
    let run = |replication: u32| {
        if progress.is_interrupted() {
            return None;
        }
        let key = Key::new(SEED, replication).named(case.model).named(&case.label);
        let seen = case.experiment.run(key);
        progress.go_on(seen.events);
        Some(seen)
    };
    (0..case.runs).into_par_iter().map(run).collect()
}
