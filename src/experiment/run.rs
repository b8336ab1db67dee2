//! Running cells: one (variant, replication) each, on as many threads as there are.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Mutex;

use rayon::prelude::*;

use super::progress::Progress;
use super::record::RunRecord;
use super::recorder::Recorder;
use crate::system::{self, Plan};
use crate::time::Instant;

/// Events between two looks at whether to go on.
const PATIENCE: u64 = 1 << 14;

/// The records of a comparison: for each variant its replications in order, or none where the run
/// was interrupted before all of them were done.
pub type Records = Vec<Option<Vec<RunRecord>>>;

/// What a variant runs: a plan for each replication.
pub trait Course: Sync {
    /// The plan of a replication.
    fn plan(&self, replication: u32) -> &Plan;
}

/// The same plan in every replication.
impl Course for Plan {
    fn plan(&self, _: u32) -> &Plan {
        self
    }
}

impl<C: Course> Course for &C {
    fn plan(&self, replication: u32) -> &Plan {
        (**self).plan(replication)
    }
}

/// Simulates one cell; none when it was interrupted.
///
/// The record depends on nothing but the arguments `plan` and `replication`.
pub fn simulate(plan: &Plan, replication: u32, progress: &Progress) -> Option<RunRecord> {
    // Preparing a cell takes milliseconds, which is long where thousands are left.
    if progress.is_interrupted() {
        return None;
    }
    let mut cell = progress.begin_cell(plan.horizon);
    let record = simulate_while(plan, replication, &mut |events, now| cell.go_on(events, now))?;
    cell.finish();
    Some(record)
}

/// Simulates one cell while `go_on`, which is told every some thousand events how many those were and which
/// instant is reached, says yes; none when it said no.
///
/// Whoever measures this measures what a comparison does: it is compiled here once, with the whole simulator
/// and the recorder in sight of the compiler.
pub fn simulate_while(
    plan: &Plan,
    replication: u32,
    go_on: &mut dyn FnMut(u64, Instant) -> bool,
) -> Option<RunRecord> {
    let finished = system::run(plan, replication, Recorder::new(plan, replication), PATIENCE, go_on)?;
    Some(finished.observer.finish(&finished.tally, &finished.under_way))
}

/// Simulates every replication of every plan on `threads` threads and keeps all records.
///
/// # Errors
///
/// When the operating system refuses to start threads.
pub fn simulate_all<C: Course>(
    plans: &[C],
    replications: u32,
    threads: NonZeroUsize,
    progress: &Progress,
) -> Result<Records, rayon::ThreadPoolBuildError> {
    let mut records: Records = plans.iter().map(|_| None).collect();
    simulate_each(plans, 0..replications, threads, progress, |variant, whole| {
        records[variant] = Some(whole)
    })?;
    Ok(records)
}

/// What was simulated in rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounds {
    /// For each variant its replications in order, as many for each; none where an interruption came
    /// before the end of the first round.
    pub records: Records,
    /// Replications of each variant at the end of each round that was finished.
    pub ends: Vec<u32>,
    /// Whether an interruption ended it: what was under way of a later round is not kept.
    pub interrupted: bool,
}

/// Simulates every plan in rounds, the same replications of each: at first `first`, and after each
/// round as many in all as `next` says, until it says none. `next` sees the records so far, of each
/// variant and in order, and nothing else: so how many there will be depends on neither threads nor time.
///
/// # Errors
///
/// When the operating system refuses to start threads.
pub fn simulate_rounds<C: Course>(
    plans: &[C],
    first: u32,
    threads: NonZeroUsize,
    progress: &Progress,
    mut next: impl FnMut(&[Vec<RunRecord>]) -> Option<u32>,
) -> Result<Rounds, rayon::ThreadPoolBuildError> {
    let mut records: Vec<Vec<RunRecord>> = plans.iter().map(|_| Vec::new()).collect();
    let mut ends = Vec::new();
    let mut wanted = Some(first);
    let before = progress.cells_done();
    while let Some(end) = wanted {
        let start = ends.last().copied().unwrap_or_default();
        progress.expect_cells(before + plans.len() as u64 * u64::from(end));
        let mut round: Records = plans.iter().map(|_| None).collect();
        simulate_each(plans, start..end, threads, progress, |variant, whole| round[variant] = Some(whole))?;
        if round.iter().any(Option::is_none) {
            let records = if ends.is_empty() { round } else { records.into_iter().map(Some).collect() };
            return Ok(Rounds { records, ends, interrupted: true });
        }
        records.iter_mut().zip(round.into_iter().flatten()).for_each(|(all, more)| all.extend(more));
        ends.push(end);
        wanted = next(&records).filter(|&more| more > end);
    }
    Ok(Rounds { records: records.into_iter().map(Some).collect(), ends, interrupted: false })
}

/// Simulates these replications of every plan on `threads` threads, and hands over the records of
/// a variant (its place and its replications in order) as soon as they and those of all variants
/// before it are there. Cells begin in the order of the variants, so that only a few variants
/// are held at a time; what is whole behind a gap after an interruption comes last.
///
/// # Errors
///
/// When the operating system refuses to start threads.
pub fn simulate_each<C: Course>(
    plans: &[C],
    replications: Range<u32>,
    threads: NonZeroUsize,
    progress: &Progress,
    hand_over: impl FnMut(usize, Vec<RunRecord>) + Send,
) -> Result<(), rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build()?;
    let gathering = Mutex::new(Gathering::new(plans.len(), replications.clone(), hand_over));
    let cells = (0..plans.len())
        .flat_map(|variant| replications.clone().map(move |replication| (variant, replication)));
    let cells = cells.take_while(|_| !progress.is_interrupted());
    // The bridge takes cells in their order; splitting a list would begin in its middle.
    pool.install(|| {
        cells.par_bridge().for_each(|(variant, replication)| {
            let record = simulate(plans[variant].plan(replication), replication, progress);
            // A thread that failed while it held the lock has ended the run.
            if let (Some(record), Ok(mut gathering)) = (record, gathering.lock()) {
                gathering.add(variant, replication, record);
            }
        });
    });
    if let Ok(gathering) = gathering.into_inner() {
        gathering.finish();
    }
    Ok(())
}

/// Records that wait until their variant can be handed over.
struct Gathering<F> {
    variants: Vec<Waiting>,
    /// The first replication.
    first: u32,
    /// The first variant that was not handed over.
    next: usize,
    hand_over: F,
}

/// The records of a variant that are there, by replication, and how many are not.
struct Waiting {
    records: Vec<Option<RunRecord>>,
    missing: u32,
}

impl<F: FnMut(usize, Vec<RunRecord>)> Gathering<F> {
    fn new(variants: usize, replications: Range<u32>, hand_over: F) -> Self {
        let none = || Waiting { records: Vec::new(), missing: replications.len() as u32 };
        let variants = (0..variants).map(|_| none()).collect();
        Self { variants, first: replications.start, next: 0, hand_over }
    }

    fn add(&mut self, variant: usize, replication: u32, record: RunRecord) {
        let waiting = &mut self.variants[variant];
        let place = (replication - self.first) as usize;
        if waiting.records.len() <= place {
            waiting.records.resize_with(place + 1, || None);
        }
        waiting.records[place] = Some(record);
        waiting.missing -= 1;
        while self.variants.get(self.next).is_some_and(|waiting| waiting.missing == 0) {
            self.pass_on(self.next);
            self.next += 1;
        }
    }

    fn finish(mut self) {
        for variant in self.next..self.variants.len() {
            if self.variants[variant].missing == 0 {
                self.pass_on(variant);
            }
        }
    }

    fn pass_on(&mut self, variant: usize) {
        let records = std::mem::take(&mut self.variants[variant].records);
        (self.hand_over)(variant, records.into_iter().flatten().collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::samples::record;

    #[test]
    fn variants_are_handed_over_in_order_and_whole() {
        let mut passed = Vec::new();
        let mut gathering = Gathering::new(4, 5..7, |variant, records: Vec<RunRecord>| {
            passed.push((variant, records));
        });
        // The third variant is never whole, as after an interruption.
        for (variant, replication) in [(1, 1), (1, 0), (0, 1), (3, 0), (2, 1), (0, 0), (3, 1)] {
            gathering.add(variant, 5 + replication, record(10 * variant as u64 + u64::from(replication)));
        }
        assert_eq!(gathering.next, 2, "two are passed on before the end");
        gathering.finish();
        let expected =
            [0, 1, 3].map(|variant| (variant as usize, vec![record(10 * variant), record(10 * variant + 1)]));
        assert_eq!(passed, expected);
    }
}
