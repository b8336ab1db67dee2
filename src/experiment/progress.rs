//! What the threads of a running experiment tell the outside, and the one thing it may tell them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far an experiment is, shared between the threads that simulate, the one that shows it and
/// the one that hears an interruption.
///
/// All accesses are relaxed: the numbers are for the eye, and an interruption may be heard a little
/// later. No result depends on anything in here.
#[derive(Debug, Default)]
pub struct Progress {
    cells: AtomicU64,
    cells_done: AtomicU64,
    events: AtomicU64,
    interrupted: AtomicBool,
}

impl Progress {
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

    /// Events processed, as far as [`advance`](Self::advance) was told.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Says how many cells there will be, once that is known.
    pub fn expect_cells(&self, cells: u64) {
        self.cells.store(cells, Ordering::Relaxed);
    }

    /// Counts events of a cell under way, and says whether it should go on.
    pub fn advance(&self, events: u64) -> bool {
        self.events.fetch_add(events, Ordering::Relaxed);
        !self.is_interrupted()
    }

    /// Counts a finished cell.
    pub fn cell_done(&self) {
        self.cells_done.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks for an end: cells under way stop the next time they [`advance`](Self::advance).
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
    }

    /// Whether an end was asked for.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
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
                    assert!(progress.advance(10));
                    progress.cell_done();
                });
            }
        });
        assert_eq!((progress.cells_done(), progress.cells(), progress.events()), (4, 4, 40));
        assert!(!progress.is_interrupted());
        progress.interrupt();
        assert!(!progress.advance(1));
    }
}
