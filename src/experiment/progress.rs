//! What the threads of a running experiment tell the outside, and the one thing it may tell them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::time::{Instant, Span};

/// How far an experiment is, shared between the threads that simulate, the one that shows it and
/// the one that hears an interruption.
///
/// All accesses are relaxed: the numbers are for the eye, and a cell that starts just after an
/// interruption does no harm. No result depends on anything in here.
#[derive(Debug, Default)]
pub struct Progress {
    cells: AtomicU64,
    cells_done: AtomicU64,
    parts_done: AtomicU64,
    events: AtomicU64,
    simulated: AtomicU64,
    interrupted: AtomicBool,
}

/// How far one cell is.
#[derive(Debug)]
pub struct CellProgress<'a> {
    progress: &'a Progress,
    horizon: Instant,
    reached: Instant,
    /// Parts that were counted.
    parts: u64,
}

impl Progress {
    /// So many parts are a whole cell.
    pub const PARTS: u64 = 1000;

    /// Nothing done yet of so many cells.
    pub fn new(cells: u64) -> Self {
        Self { cells: AtomicU64::new(cells), ..Self::default() }
    }

    /// Cells in all.
    pub fn cells(&self) -> u64 {
        self.cells.load(Ordering::Relaxed)
    }

    /// Cells finished.
    pub fn cells_done(&self) -> u64 {
        self.cells_done.load(Ordering::Relaxed)
    }

    /// How much is done in [parts](Self::PARTS) of cells, those under way counted by how much of their time is
    /// simulated.
    pub fn parts_done(&self) -> u64 {
        self.parts_done.load(Ordering::Relaxed)
    }

    /// Time simulated so far, in all cells together.
    pub fn simulated(&self) -> Span {
        Span::from_micros(self.simulated.load(Ordering::Relaxed) as i64)
    }

    /// Events processed so far, in cells under way too.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Says how many cells there will be, once that is known.
    pub fn expect_cells(&self, cells: u64) {
        self.cells.store(cells, Ordering::Relaxed);
    }

    /// Counts events that a cell has processed, and says whether it should go on.
    pub fn go_on(&self, events: u64) -> bool {
        self.events.fetch_add(events, Ordering::Relaxed);
        !self.is_interrupted()
    }

    /// Follows a cell that is simulated up to `horizon`.
    pub fn begin_cell(&self, horizon: Instant) -> CellProgress<'_> {
        CellProgress { progress: self, horizon, reached: Instant::ZERO, parts: 0 }
    }

    /// Counts a finished cell that nobody followed.
    pub fn finish_cell(&self) {
        self.begin_cell(Instant::ZERO).finish();
    }

    /// Asks for an end: cells under way stop soon and leave nothing, no other begins.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Whether an end was asked for.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl CellProgress<'_> {
    /// Counts events that were processed and the time up to `now`; says whether the cell should go on.
    pub fn go_on(&mut self, events: u64, now: Instant) -> bool {
        self.reach(now);
        let share = self.reached.as_seconds() / self.horizon.as_seconds();
        self.count((share * Progress::PARTS as f64) as u64);
        self.progress.go_on(events)
    }

    /// Counts the cell as finished.
    pub fn finish(mut self) {
        self.reach(self.horizon);
        self.count(Progress::PARTS);
        self.progress.cells_done.fetch_add(1, Ordering::Relaxed);
    }

    fn reach(&mut self, now: Instant) {
        let reached = now.clamp(self.reached, self.horizon);
        self.progress.simulated.fetch_add((reached - self.reached).as_micros() as u64, Ordering::Relaxed);
        self.reached = reached;
    }

    /// Parts in all that are done now.
    fn count(&mut self, parts: u64) {
        let before = std::mem::replace(&mut self.parts, parts);
        self.progress.parts_done.fetch_add(parts - before, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_all_threads_are_counted() {
        let progress = Progress::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    assert!(progress.go_on(10));
                    progress.finish_cell();
                });
            }
        });
        assert_eq!((progress.cells_done(), progress.cells(), progress.events()), (4, 4, 40));
        assert!(!progress.is_interrupted());
        progress.interrupt();
        assert!(progress.is_interrupted() && !progress.go_on(1));
    }

    #[test]
    fn a_cell_under_way_counts_by_its_time() {
        let progress = Progress::new(2);
        let day = Span::from_seconds(86_400);
        let mut cell = progress.begin_cell(Instant::ZERO + day);
        assert!(cell.go_on(5, Instant::ZERO + day / 4));
        assert_eq!((progress.parts_done(), progress.simulated()), (Progress::PARTS / 4, day / 4));
        // The last event before a look may lie where the one before it did.
        assert!(cell.go_on(5, Instant::ZERO + day / 4));
        cell.finish();
        assert_eq!((progress.parts_done(), progress.simulated()), (Progress::PARTS, day));
        progress.finish_cell();
        assert_eq!((progress.parts_done(), progress.cells_done()), (2 * Progress::PARTS, 2));
        assert_eq!((progress.simulated(), progress.events()), (day, 10));
    }
}
