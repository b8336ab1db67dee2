//! Policies whose delays do not depend on the recipient, by the parameters `retry_policy`, `retry_base`
//! and so on; and the grid of phases on which those without chance are exact.

use super::super::Problem;
use super::super::parameters::Parameters;
use super::super::setting::duration;
use super::keys::lifetime;
use crate::scenario::did_you_mean;

/// Most messages on a grid.
const MOST_CELLS: u64 = 200_000;

/// Delays of a policy that are looked at; later ones are no shorter, or never come.
const DELAYS: usize = 64;

/// The values of `retry_policy`.
const POLICIES: [&str; 10] = [
    "fixed",
    "linear",
    "exponential",
    "full_jitter",
    "equal_jitter",
    "decorrelated",
    "uniform",
    "exp",
    "exp_distributed",
    "schedule",
];

/// A policy of the parameters.
pub(super) struct Delays {
    /// Its keys.
    pub(super) keys: String,
    /// The longest delay in the mean, in seconds.
    pub(super) longest: f64,
    /// The delays in order, the last one repeated; none where they are drawn.
    fixed: Option<Vec<f64>>,
}

impl Delays {
    /// Reads the policy that is called `retry_policy`.
    pub(super) fn of(parameters: &Parameters) -> Result<Self, Problem> {
        let name = parameters
            .text("retry_policy")
            .ok_or_else(|| Problem::new("the parameter retry_policy is missing"))?;
        let cap = parameters.optional("retry_cap")?;
        let base = || parameters.positive("retry_base");
        let max = cap.map_or(String::new(), |cap| format!(", max = '{}'", duration(cap)));
        let least = |delay: f64| cap.map_or(delay, |cap| delay.min(cap));
        let exponential = |jitter: &str| {
            let factor = parameters.optional("retry_mult")?.unwrap_or(2.0);
            let initial = duration(base()?);
            Ok(format!(
                "exponential = {{ initial = '{initial}', factor = {factor:?}{max}, jitter = '{jitter}' }}"
            ))
        };
        let growing = || {
            let (factor, base) = (parameters.optional("retry_mult")?.unwrap_or(2.0), base()?);
            Ok((0..DELAYS as i32).map(|k| least(base * factor.powi(k))).collect::<Vec<f64>>())
        };
        let (backoff, delays, drawn) = match name {
            "fixed" => (format!("fixed.every = '{}'", duration(base()?)), vec![base()?], false),
            "linear" => {
                let step = base()?;
                let delays = (1..=DELAYS).map(|k| least(step * k as f64)).collect();
                (format!("linear = {{ step = '{}'{max} }}", duration(step)), delays, false)
            }
            "exponential" => (exponential("none")?, growing()?, false),
            "full_jitter" => (exponential("full")?, growing()?, true),
            "equal_jitter" => (exponential("equal")?, growing()?, true),
            "decorrelated" => (exponential("decorrelated")?, growing()?, true),
            "uniform" => (
                format!("fixed = {{ every = '{}', jitter = 'full' }}", duration(base()?)),
                vec![base()?],
                true,
            ),
            "exp" | "exp_distributed" => {
                let mean = parameters.positive("retry_mean")?;
                (
                    format!("fixed = {{ every = '{}', jitter = 'exponential' }}", duration(mean)),
                    vec![mean],
                    true,
                )
            }
            "schedule" => {
                let delays = list(parameters)?;
                let written: Vec<String> =
                    delays.iter().map(|delay| format!("'{}'", duration(*delay))).collect();
                (format!("list.delays = [{}]", written.join(", ")), delays, false)
            }
            other => {
                let problem = parameters.wrong("retry_policy", format!("no retry_policy is called {other}"));
                let all = format!("there are {}", POLICIES.join(", "));
                return Err(problem.help(did_you_mean(other, POLICIES).unwrap_or(all)));
            }
        };
        let limit = parameters.text("max_attempts").map(|_| parameters.count("max_attempts")).transpose()?;
        let shortest = delays.iter().copied().fold(f64::INFINITY, f64::min);
        let bounded = cap.is_some() || name != "linear" && !name.ends_with("jitter") && name != "exponential";
        // Delays without a bound outgrow everything soon enough.
        let longest = if bounded { delays.iter().copied().fold(0.0, f64::max) } else { shortest * 1e3 };
        let keys = format!("{{ backoff.{backoff}, {} }}", lifetime(shortest, limit));
        Ok(Self { keys, longest, fixed: (!drawn).then_some(delays) })
    }

    /// The number of equal cells of `length` seconds such that arrivals in their middles give all
    /// means exactly: the cell divides every delay and all `marks`. None where delays are drawn, or
    /// the cells would be too small.
    ///
    /// What comes of a message is constant between two sums of delays, counted back from the end of
    /// an outage.
    pub(super) fn cells(&self, length: f64, marks: &[f64]) -> Option<u32> {
        let delays = self.fixed.as_ref()?;
        let micros = |seconds: f64| {
            let micros = seconds * 1e6;
            // What the format cannot write is rounded.
            let whole = (micros - micros.round()).abs() < 1e-3 && micros < 1e15;
            whole.then_some(micros.round() as u64)
        };
        let mut cell = micros(length)?;
        for time in delays.iter().take_while(|delay| **delay <= 1e8).chain(marks) {
            cell = greatest_common_divisor(cell, micros(*time)?);
        }
        let cells = micros(length)? / cell;
        // The middle of a cell is a whole number of microseconds, too.
        (cell.is_multiple_of(2) && cells <= MOST_CELLS).then_some(cells as u32)
    }
}

fn list(parameters: &Parameters) -> Result<Vec<f64>, Problem> {
    let text =
        parameters.text("retry_list").ok_or_else(|| Problem::new("the parameter retry_list is missing"))?;
    let delays = text.split('|').map(|delay| delay.parse().ok().filter(|delay: &f64| *delay > 0.0));
    delays.collect::<Option<Vec<f64>>>().ok_or_else(|| {
        parameters.wrong("retry_list", "retry_list must be seconds above 0 with | between them")
    })
}

fn greatest_common_divisor(one: u64, other: u64) -> u64 {
    let (mut one, mut other) = (one, other);
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(parameters: &str) -> Delays {
        Delays::of(&Parameters::parse(parameters).unwrap()).unwrap()
    }

    #[test]
    fn a_grid_divides_all_delays() {
        let doubling = delays("retry_policy=exponential;retry_base=60;retry_mult=2;retry_cap=900");
        // 60, 120, 240, 480, 900 and 3600 have 60 in common, 600 too, 1790 only 10.
        assert_eq!(doubling.cells(3600.0, &[600.0]), Some(60));
        assert_eq!(doubling.cells(3600.0, &[1790.0]), Some(360));
        let listed = delays("retry_policy=schedule;retry_list=300|700");
        assert_eq!(listed.cells(3600.0, &[]), Some(36));
    }

    #[test]
    fn there_is_none_where_delays_are_drawn_or_cells_too_small() {
        assert_eq!(delays("retry_policy=uniform;retry_base=60").cells(600.0, &[]), None);
        assert_eq!(delays("retry_policy=fixed;retry_base=0.000001").cells(600.0, &[]), None);
        assert_eq!(delays("retry_policy=fixed;retry_base=7.0001").cells(600.0, &[]), None);
    }
}
