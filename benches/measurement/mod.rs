//! Lets criterion measure the time on a processor.

use criterion::measurement::{Measurement, ValueFormatter, WallTime};

use crate::cpu_time::nanoseconds;

/// Time that the measuring thread spends on a processor; printed as criterion prints the time of day.
pub struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = f64;
    type Value = f64;

    fn start(&self) -> f64 {
        nanoseconds()
    }

    fn end(&self, start: f64) -> f64 {
        nanoseconds() - start
    }

    fn add(&self, first: &f64, second: &f64) -> f64 {
        first + second
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        // It has nanoseconds too.
        WallTime.formatter()
    }
}
