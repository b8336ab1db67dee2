//! What the threads of a running experiment tell the outside, and the one thing it may tell them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far an experiment is, shared between the threads that simulate, the one that shows it and
/// the one that hears an interruption.
///
/// All accesses are relaxed: the numbers are for the eye, and a cell that starts just after an
/// interruption does no harm. No result depends on anything in here.
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

    /// Counts a finished cell.
    pub fn finish_cell(&self) {
        self.cells_done.fetch_add(1, Ordering::Relaxed);
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
}
