//! What is known of a number, and how well.

/// A number that is to be reproduced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// The number.
    pub value: f64,
    /// How well it is known.
    pub precision: Precision,
}

/// How well a number is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// As exactly as it is written: a formula.
    Exact,
    /// A limit that is approached: this near.
    Within(f64),
    /// A mean with this standard error.
    Error(f64),
    /// A mean of so many runs whose spread was not noted. They are runs of the same model, so it is taken from ours.
    Runs(u32),
}

impl Known {
    /// A number from a formula.
    pub const fn exact(value: f64) -> Self {
        Self { value, precision: Precision::Exact }
    }

    /// The mean of so many runs with this standard deviation.
    pub fn mean(value: f64, deviation: f64, runs: f64) -> Self {
        Self { value, precision: Precision::Error(deviation / runs.sqrt()) }
    }

    /// The standard error of the number, where runs of the model have this standard deviation.
    pub fn error(&self, deviation: f64) -> f64 {
        match self.precision {
            Precision::Exact | Precision::Within(_) => 0.0,
            Precision::Error(error) => error,
            Precision::Runs(runs) => deviation / f64::from(runs).sqrt(),
        }
    }

    /// How far it may be off for other reasons than chance: rounding, and the distance from a limit.
    pub fn tolerance(&self) -> f64 {
        // Tables have five digits or more, and simulated times are whole microseconds.
        let rounding = 1e-5 * self.value.abs() + 2e-6;
        match self.precision {
            Precision::Within(distance) => distance.max(rounding),
            Precision::Exact | Precision::Error(_) | Precision::Runs(_) => rounding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_from_the_table_or_from_our_own_spread() {
        assert_eq!(Known::exact(2.0).error(3.0), 0.0);
        assert_eq!(Known::mean(2.0, 4.0, 16.0).error(3.0), 1.0);
        assert_eq!(Known { value: 2.0, precision: Precision::Runs(9) }.error(3.0), 1.0);
        assert_eq!(Known { value: 2.0, precision: Precision::Within(0.5) }.tolerance(), 0.5);
    }
}
