//! The progress bar, and what happens on an interruption.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::failure::Failure;
use super::terminal::Terminal;
use crate::experiment::progress::Progress;

/// Runs `work` while a bar shows how far it is and an interruption asks it to stop.
pub(super) fn watched<T: Send>(
    cells: u64,
    terminal: &Terminal,
    work: impl FnOnce(&Progress) -> T + Send,
) -> Result<T, Failure> {
    let progress = Arc::new(Progress::new(cells));
    let interrupted = Arc::new(AtomicBool::new(false));
    let (asked, heard) = (Arc::clone(&progress), Arc::clone(&interrupted));
    let handler = move || {
        heard.store(true, Ordering::Relaxed);
        asked.interrupt();
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::Threads(format!("cannot listen for interruptions: {error}")))?;
    let bar = if terminal.shows_progress() { bar(cells) } else { ProgressBar::hidden() };
    let result = std::thread::scope(|scope| {
        let working = scope.spawn(|| work(&progress));
        loop {
            // Asked first: whatever ends by an interruption ends after it was heard.
            let finished = working.is_finished();
            // Some work grows as its results come in.
            bar.set_length(progress.cells());
            bar.set_position(progress.cells_done());
            bar.set_message(format!("{:.1} million events", progress.events() as f64 / 1e6));
            // Said once, and at once: what is finished has yet to be written.
            if interrupted.swap(false, Ordering::Relaxed) {
                bar.suspend(|| terminal.say("interrupted, finishing up"));
            }
            if finished {
                break;
            }
            std::thread::sleep(Duration::from_millis(40));
        }
        working.join()
    });
    bar.finish_and_clear();
    result.map_err(|_| {
        Failure::Threads("a thread of the simulation ended in a fault; please report it".to_owned())
    })
}

fn bar(cells: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} cells  {msg}  {eta} left");
    ProgressBar::new(cells).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
