//! Long tables that are printed instead of stored: as CSV, and as JSON with the same keys.

use std::path::Path;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::error::ReportError;
use super::row::optional;
use crate::time::Span;

/// One field of a printed table.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    /// Nothing to say; `null` in JSON.
    Empty,
    /// Words.
    Text(String),
    /// How many.
    Count(usize),
    /// Any number.
    Number(f64),
    /// A time, in seconds.
    Seconds(Span),
}

/// The table as CSV. Times are exact, with up to six decimals.
pub(super) fn to_csv(columns: &[&str], rows: &[Vec<Field>]) -> Result<Vec<u8>, ReportError> {
    let path = Path::new("table");
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(columns).map_err(ReportError::csv("write", path))?;
    for row in rows {
        csv.write_record(row.iter().map(Field::text)).map_err(ReportError::csv("write", path))?;
    }
    csv.into_inner().map_err(|error| ReportError::io("write", path)(error.into_error()))
}

/// The table as a JSON array of objects whose keys are the columns.
pub(super) fn to_json(columns: &[&str], rows: &[Vec<Field>]) -> Result<String, serde_json::Error> {
    let rows: Vec<Object> = rows.iter().map(|fields| Object { columns, fields }).collect();
    serde_json::to_string_pretty(&rows).map(|text| text + "\n")
}

impl Field {
    /// As it stands in CSV.
    fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number) => optional(Some(*number)),
            Self::Seconds(span) => super::row::seconds(span.as_micros()),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Count(count) => serializer.serialize_u64(*count as u64),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Seconds(span) => serializer.serialize_f64(span.as_seconds()),
        }
    }
}

/// A row with the names of its columns.
struct Object<'a> {
    columns: &'a [&'a str],
    fields: &'a [Field],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, field) in self.columns.iter().zip(self.fields) {
            map.serialize_entry(column, field)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_json_say_the_same() {
        let columns = ["what", "t_s", "n", "share"];
        let rows = [vec![
            Field::Text("a, b".to_owned()),
            Field::Seconds(Span::from_micros(1_500_000)),
            Field::Count(3),
            Field::Empty,
        ]];
        let csv = to_csv(&columns, &rows).expect("columns and fields are as many");
        assert_eq!(String::from_utf8_lossy(&csv), "what,t_s,n,share\n\"a, b\",1.5,3,\n");
        let json = to_json(&columns, &rows).expect("plain values");
        let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(read, serde_json::json!([{ "what": "a, b", "t_s": 1.5, "n": 3, "share": null }]));
    }
}
