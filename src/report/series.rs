//! `series.csv`: what each recipient was put through over time, summarised over the replications.

use super::row::{Fields, Row, seconds};
use crate::experiment::record::{Bin, RunRecord};
use crate::stats::{quantile, summary};
use crate::time::Instant;

/// One step of time at one recipient.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredStep {
    /// Name of the recipient.
    pub recipient: String,
    /// When the step begins.
    pub start: Instant,
    /// Connections opened.
    pub connections: Spread,
    /// Of those, for messages that had been put off before.
    pub retry_connections: Spread,
    /// Attempts that failed.
    pub deferrals: Spread,
    /// Messages delivered.
    pub deliveries: Spread,
    /// Undelivered messages at the end of the step.
    pub undelivered: Spread,
    /// Slots in use, averaged over the step.
    pub slots_in_use: Spread,
}

/// A number over the replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The smallest that a tenth of the replications do not exceed.
    pub p10: f64,
    /// The smallest that nine tenths of the replications do not exceed.
    pub p90: f64,
}

impl StoredStep {
    /// Summarises the series of all replications of a variant, recipient after recipient.
    pub fn all_of(records: &[RunRecord]) -> Vec<Self> {
        let Some(first) = records.first() else { return Vec::new() };
        let mut steps = Vec::new();
        for (recipient, series) in first.series.iter().enumerate() {
            let mut start = Instant::ZERO;
            for step in 0..series.bins.len() {
                let bins: Vec<&Bin> = records
                    .iter()
                    .filter_map(|record| record.series.get(recipient)?.bins.get(step))
                    .collect();
                steps.push(Self::of(&series.recipient, start, &bins));
                start += series.step;
            }
        }
        steps
    }

    fn of(recipient: &str, start: Instant, bins: &[&Bin]) -> Self {
        Self {
            recipient: recipient.to_owned(),
            start,
            connections: Spread::of(bins, |bin| bin.connections as f64),
            retry_connections: Spread::of(bins, |bin| bin.retry_connections as f64),
            deferrals: Spread::of(bins, |bin| bin.deferrals as f64),
            deliveries: Spread::of(bins, |bin| bin.deliveries as f64),
            undelivered: Spread::of(bins, |bin| bin.undelivered as f64),
            slots_in_use: Spread::of(bins, |bin| bin.slots_in_use),
        }
    }

    fn spreads(&self) -> [Spread; 6] {
        [
            self.connections,
            self.retry_connections,
            self.deferrals,
            self.deliveries,
            self.undelivered,
            self.slots_in_use,
        ]
    }
}

impl Spread {
    fn of(bins: &[&Bin], quantity: fn(&Bin) -> f64) -> Self {
        let mut values: Vec<f64> = bins.iter().map(|bin| quantity(bin)).collect();
        values.sort_by(f64::total_cmp);
        let share = |p| quantile::of_sorted(&values, values.len() as u64, p).unwrap_or_default();
        Self { mean: summary::mean(&values).unwrap_or_default(), p10: share(0.1), p90: share(0.9) }
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, String> {
        Ok(Self { mean: fields.parse()?, p10: fields.parse()?, p90: fields.parse()? })
    }
}

impl Row for StoredStep {
    const FILE: &'static str = "series.csv";

    #[rustfmt::skip]
    fn columns() -> Vec<&'static str> {
        vec![
            "recipient", "t_s",
            "connections_mean", "connections_p10", "connections_p90",
            "retry_connections_mean", "retry_connections_p10", "retry_connections_p90",
            "deferrals_mean", "deferrals_p10", "deferrals_p90",
            "deliveries_mean", "deliveries_p10", "deliveries_p90",
            "undelivered_mean", "undelivered_p10", "undelivered_p90",
            "slots_in_use_mean", "slots_in_use_p10", "slots_in_use_p90",
        ]
    }

    fn write(&self, fields: &mut Vec<String>) {
        fields.extend([self.recipient.clone(), seconds(self.start.as_micros())]);
        for spread in self.spreads() {
            fields.extend([spread.mean, spread.p10, spread.p90].map(|value| value.to_string()));
        }
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, String> {
        Ok(Self {
            recipient: fields.text()?.to_owned(),
            start: Instant::from_micros(fields.micros()?),
            connections: Spread::read(fields)?,
            retry_connections: Spread::read(fields)?,
            deferrals: Spread::read(fields)?,
            deliveries: Spread::read(fields)?,
            undelivered: Spread::read(fields)?,
            slots_in_use: Spread::read(fields)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::samples;

    #[test]
    fn steps_are_summarised_over_replications() {
        let records: Vec<RunRecord> = (0..10).map(samples::record).collect();
        let steps = StoredStep::all_of(&records);
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[0].connections, Spread { mean: 14.5, p10: 10.0, p90: 18.0 });
        assert_eq!(steps[2].connections, Spread { mean: 7.0, p10: 7.0, p90: 7.0 });
        assert_eq!(steps[1].slots_in_use.mean, 0.1);
        assert_eq!(steps[2].start, Instant::from_micros(120_000_000));
        assert!(StoredStep::all_of(&[]).is_empty());
    }
}
