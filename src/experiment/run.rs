//! Running cells: one (variant, replication) each, on as many threads as there are.

use std::num::NonZeroUsize;

use rayon::prelude::*;

use super::progress::Progress;
use super::record::RunRecord;
use super::recorder::Recorder;
use crate::system::{self, Plan};

/// Events between two looks at whether to go on.
const PATIENCE: u64 = 1 << 14;

/// The records of a comparison: for each variant its replications in order, or none where the run
/// was interrupted before all of them were done.
pub type Records = Vec<Option<Vec<RunRecord>>>;

/// Simulates one cell; none when it was interrupted.
///
/// The record depends on nothing but the arguments `plan` and `replication`.
pub fn simulate(plan: &Plan, replication: u32, progress: &Progress) -> Option<RunRecord> {
    let recorder = Recorder::new(plan, replication);
    let finished = system::run(plan, replication, recorder, PATIENCE, |events| progress.go_on(events))?;
    progress.finish_cell();
    Some(finished.observer.finish(&finished.tally, &finished.under_way))
}

/// Simulates every replication of every plan on `threads` threads.
///
/// # Errors
///
/// When the operating system refuses to start threads.
pub fn simulate_all(
    plans: &[Plan],
    replications: u32,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Records, rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build()?;
    let cells: Vec<(&Plan, u32)> =
        plans.iter().flat_map(|plan| (0..replications).map(move |replication| (plan, replication))).collect();
    let mut records: Vec<Option<RunRecord>> = pool.install(|| {
        cells
            .par_iter()
            .with_max_len(1)
            .map(|(plan, replication)| simulate(plan, *replication, progress))
            .collect()
    });
    Ok(records
        .chunks_mut(replications as usize)
        .map(|variant| variant.iter_mut().map(Option::take).collect())
        .collect())
}
