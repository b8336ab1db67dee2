//! Time that the calling thread spent on a processor: unlike the time of day, hardly any business of the other
//! programs on the machine.

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds on a processor so far.
pub fn nanoseconds() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("every thread has this clock");
    time.tv_sec() as f64 * 1e9 + time.tv_nsec() as f64
}
