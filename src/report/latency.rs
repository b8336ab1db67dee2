//! `latency.csv`: the histogram of latency of each variant and replication.
//!
//! A group of four neighbouring bins of a [`Histogram`] makes one row, which keeps the file small: a row is
//! never wider than 1/32 of its low end. Only rows that hold something are written. Read back, the
//! messages of a row are spread evenly over its four bins.

use super::row::{Fields, Row, seconds};
use crate::experiment::record::RunRecord;
use crate::stats::histogram::{Bin, Histogram};
use crate::time::Span;

/// Bins of a histogram in a row: those of a [group](Bin::group).
const MERGED: u64 = 4;

/// The messages of one replication that took between `from` and, exclusively, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBin {
    /// Which replication.
    pub replication: u32,
    /// The shortest latency that belongs here.
    pub from: Span,
    /// The shortest latency that belongs to the next row.
    pub to: Span,
    /// Delivered messages of the cohort.
    pub messages: u64,
}

impl StoredBin {
    /// The rows of one replication, in ascending order.
    pub fn all_of(replication: u32, record: &RunRecord) -> Vec<Self> {
        let mut rows: Vec<Self> = Vec::new();
        for bin in record.latency.delivered.bins() {
            let row = Self::around(replication, bin);
            match rows.last_mut().filter(|last| last.from == row.from) {
                Some(last) => last.messages += row.messages,
                None => rows.push(row),
            }
        }
        rows
    }

    /// The histogram of the rows of one replication; `None` where they are not what
    /// [`all_of`](Self::all_of) makes.
    pub fn histogram<'a>(rows: impl IntoIterator<Item = &'a Self>) -> Option<Histogram> {
        let mut bins = Vec::new();
        for row in rows {
            let (from, to) =
                (u64::try_from(row.from.as_micros()).ok()?, u64::try_from(row.to.as_micros()).ok()?);
            let width = to.checked_sub(from).filter(|width| *width > 0 && width % MERGED == 0)? / MERGED;
            let (each, extra) = (row.messages / MERGED, row.messages % MERGED);
            let counts = (0..MERGED).map(|part| (from + part * width, each + u64::from(part < extra)));
            bins.extend(counts.filter(|&(_, count)| count > 0));
        }
        Histogram::try_from(bins).ok()
    }

    /// The row of a bin.
    fn around(replication: u32, bin: Bin) -> Self {
        let (from, last) = bin.group();
        let span = |micros: u64| Span::from_micros(i64::try_from(micros).unwrap_or(i64::MAX));
        Self { replication, from: span(from), to: span(last.saturating_add(1)), messages: bin.count }
    }
}

impl Row for StoredBin {
    const FILE: &'static str = "latency.csv";

    fn columns() -> Vec<&'static str> {
        vec!["replication", "from_s", "to_s", "messages"]
    }

    fn write(&self, fields: &mut Vec<String>) {
        fields.extend([
            self.replication.to_string(),
            seconds(self.from.as_micros()),
            seconds(self.to.as_micros()),
            self.messages.to_string(),
        ]);
    }

    fn read(fields: &mut Fields<'_>) -> Result<Self, String> {
        Ok(Self {
            replication: fields.parse()?,
            from: Span::from_micros(fields.micros()?),
            to: Span::from_micros(fields.micros()?),
            messages: fields.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::samples;
    use proptest::prelude::*;

    fn rows_of(histogram: Histogram) -> Vec<StoredBin> {
        let mut record = samples::record(0);
        record.latency.delivered = histogram;
        StoredBin::all_of(0, &record)
    }

    proptest! {
        #[test]
        fn rows_make_a_histogram_that_makes_the_same_rows(values in prop::collection::vec(0u64..1 << 45, 0..200)) {
            let mut histogram = Histogram::new();
            values.iter().for_each(|&value| histogram.record(value));
            let rows = rows_of(histogram.clone());
            for row in &rows {
                let (from, to) = (row.from.as_micros(), row.to.as_micros());
                prop_assert!(to - from <= (from / 32).max(4));
                let within = values.iter().filter(|&&value| (from..to).contains(&(value as i64))).count();
                prop_assert_eq!(within as u64, row.messages);
            }
            let again = StoredBin::histogram(&rows).unwrap();
            prop_assert_eq!(again.count(), histogram.count());
            prop_assert_eq!(rows_of(again), rows);
        }
    }

    #[test]
    fn other_rows_are_refused() {
        let row = |from, to| StoredBin {
            replication: 0,
            from: Span::from_micros(from),
            to: Span::from_micros(to),
            messages: 9,
        };
        for rows in [
            vec![row(4, 4)],
            vec![row(8, 4)],
            vec![row(-4, 0)],
            vec![row(0, 6)],
            vec![row(0, i64::MAX)],
            vec![row(8, 12), row(4, 8)],
        ] {
            assert_eq!(StoredBin::histogram(&rows), None, "{rows:?}");
        }
    }
}
