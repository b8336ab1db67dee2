//! The progress bar, and what happens on an interruption.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

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
    let bar = if terminal.shows_progress() { bar() } else { ProgressBar::hidden() };
    let result = std::thread::scope(|scope| {
        let working = scope.spawn(|| work(&progress));
        loop {
            // Asked first: whatever ends by an interruption ends after it was heard.
            let finished = working.is_finished();
            // Some work grows as its results come in.
            bar.set_length(progress.cells() * Progress::PARTS);
            bar.set_position(progress.parts_done());
            bar.set_message(standing(&progress, &bar));
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

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {msg}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Cells, simulated time, events, how many a second on all threads together, and how long it may still take.
fn standing(progress: &Progress, bar: &ProgressBar) -> String {
    let cells = format!("{}/{} cells", progress.cells_done(), progress.cells());
    let simulated = match progress.simulated().as_seconds() / 86_400.0 {
        0.0 => String::new(),
        days => format!(", {days:.1} days simulated"),
    };
    let millions = progress.events() as f64 / 1e6;
    let rate = millions / bar.elapsed().as_secs_f64().max(1e-3);
    let left = match progress.parts_done() {
        0 => String::new(),
        _ => format!(", {} left", HumanDuration(bar.eta())),
    };
    format!("{cells}{simulated}, {millions:.1} million events at {rate:.1} million/s{left}")
}
