//! Tables as CSV: one trait for the rows of a file, one writer and one reader for all of them.
//!
//! Every row begins with the key of its variant. Numbers are written as the shortest decimal that
//! reads back as the same number, times in seconds with as many decimals as they have, up to six.
//! So a table that is read and written again is the same, byte for byte.

use std::fs::File;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::ReportError;

/// Names of a variant: the first columns of every table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantKey {
    /// The composite name, unique in an experiment.
    pub variant: String,
    /// Name of the policy.
    pub policy: String,
    /// Name of what else is changed, if anything is.
    pub change: Option<String>,
}

/// The columns of a [`VariantKey`].
pub const KEY_COLUMNS: [&str; 3] = ["variant", "policy", "change"];

/// A row of a table, without the key.
pub trait Row: Sized {
    /// Name of the file.
    const FILE: &'static str;

    /// Names of the columns after the key.
    fn columns() -> Vec<&'static str>;

    /// Pushes one field for each column.
    fn write(&self, fields: &mut Vec<String>);

    /// Takes one field for each column.
    fn read(fields: &mut Fields<'_>) -> Result<Self, String>;
}

/// All columns of a table, key first.
pub fn columns<R: Row>() -> Vec<&'static str> {
    KEY_COLUMNS.into_iter().chain(R::columns()).collect()
}

/// Writes a table row by row.
pub struct TableWriter<R> {
    path: PathBuf,
    csv: csv::Writer<File>,
    fields: Vec<String>,
    rows: PhantomData<R>,
}

impl<R: Row> TableWriter<R> {
    /// Creates the file of these rows in a directory and writes the names of its columns.
    pub fn create(directory: &Path) -> Result<Self, ReportError> {
        let path = directory.join(R::FILE);
        let mut csv = csv::Writer::from_path(&path).map_err(ReportError::csv("create", &path))?;
        csv.write_record(columns::<R>()).map_err(ReportError::csv("write", &path))?;
        Ok(Self { path, csv, fields: Vec::new(), rows: PhantomData })
    }

    /// Writes rows of one variant.
    pub fn write<'a>(
        &mut self,
        key: &VariantKey,
        rows: impl IntoIterator<Item = &'a R>,
    ) -> Result<(), ReportError>
    where
        R: 'a,
    {
        for row in rows {
            self.fields.clear();
            self.fields.extend([key.variant.clone(), key.policy.clone()]);
            self.fields.push(key.change.clone().unwrap_or_default());
            row.write(&mut self.fields);
            self.csv.write_record(&self.fields).map_err(ReportError::csv("write", &self.path))?;
        }
        Ok(())
    }

    /// Hands everything written so far to the system, and returns the length of the file.
    pub fn flush(&mut self) -> Result<u64, ReportError> {
        self.csv.flush().map_err(ReportError::io("write", &self.path))?;
        let length = self.csv.get_ref().metadata().map(|facts| facts.len());
        length.map_err(ReportError::io("measure", &self.path))
    }

    /// Gives up writing, and cuts the file to a length at which it was whole.
    pub fn cut(self, length: u64) -> Result<(), ReportError> {
        // It writes what it still holds, if it can; that belongs to what is cut off.
        drop(self.csv);
        let file = File::options().write(true).open(&self.path);
        file.and_then(|file| file.set_len(length)).map_err(ReportError::io("cut", &self.path))
    }
}

/// Reads the table of these rows from a directory: for each of the keys its rows, in the order of
/// the file. A row with another key is an error.
pub fn read_table<R: Row>(directory: &Path, keys: &[VariantKey]) -> Result<Vec<Vec<R>>, ReportError> {
    let path = directory.join(R::FILE);
    let file = File::open(&path).map_err(ReportError::io("read", &path))?;
    let mut csv = csv::Reader::from_reader(file);
    let columns = columns::<R>();
    let headers = csv.headers().map_err(ReportError::csv("read", &path))?;
    if headers.iter().ne(columns.iter().copied()) {
        let what = format!("the columns should be {}", columns.join(","));
        return Err(ReportError::table(&path, Some(1), what));
    }
    let mut tables: Vec<Vec<R>> = keys.iter().map(|_| Vec::new()).collect();
    let mut record = csv::StringRecord::new();
    while csv.read_record(&mut record).map_err(ReportError::csv("read", &path))? {
        let line = record.position().map(csv::Position::line);
        let mut fields = Fields::of(&record, &columns);
        let (place, row) =
            read_row(&mut fields, keys).map_err(|what| ReportError::table(&path, line, what))?;
        tables[place].push(row);
    }
    Ok(tables)
}

fn read_row<R: Row>(fields: &mut Fields<'_>, keys: &[VariantKey]) -> Result<(usize, R), String> {
    let [variant, policy, change] = [fields.text()?, fields.text()?, fields.text()?];
    let is_it = |key: &VariantKey| {
        key.variant == variant && key.policy == policy && key.change.as_deref().unwrap_or_default() == change
    };
    let place = keys.iter().position(is_it);
    let place = place.ok_or_else(|| format!("the manifest does not name the variant \"{variant}\""))?;
    Ok((place, R::read(fields)?))
}

/// The fields of a row, taken one after the other.
pub struct Fields<'a> {
    record: &'a csv::StringRecord,
    columns: &'a [&'a str],
    next: usize,
}

impl<'a> Fields<'a> {
    /// All fields of a row of a table with these columns.
    pub(super) fn of(record: &'a csv::StringRecord, columns: &'a [&'a str]) -> Self {
        Self { record, columns, next: 0 }
    }

    /// The next field as it is.
    pub fn text(&mut self) -> Result<&'a str, String> {
        let field = self.record.get(self.next).ok_or("a field is missing")?;
        self.next += 1;
        Ok(field)
    }

    /// The next field as a number or another type that reads itself.
    pub fn parse<T: FromStr>(&mut self) -> Result<T, String> {
        let text = self.text()?;
        text.parse().map_err(|_| self.unexpected(text))
    }

    /// The next field, which may be empty.
    pub fn optional<T: FromStr>(&mut self) -> Result<Option<T>, String> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.unexpected(text))
    }

    /// The next field, a time in seconds, in microseconds.
    pub fn micros(&mut self) -> Result<i64, String> {
        let text = self.text()?;
        micros_of(text).ok_or_else(|| self.unexpected(text))
    }

    /// The complaint about the field that was just taken.
    pub fn unexpected(&self, text: &str) -> String {
        let column = self.next.checked_sub(1).and_then(|last| self.columns.get(last));
        format!("\"{text}\" makes no sense as {}", column.unwrap_or(&"a field"))
    }
}

/// Microseconds as seconds with as many decimals as needed.
pub fn seconds(micros: i64) -> String {
    let (whole, part) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    let sign = if micros < 0 { "-" } else { "" };
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{part:06}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

/// A number that may be missing; empty if it is.
pub fn optional(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The inverse of [`seconds`]: exact, unlike the way over a floating-point number.
fn micros_of(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 6 {
        return None;
    }
    let part: i64 = format!("{decimals:0<6}").parse().ok()?;
    let micros = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(part)?;
    Some(sign * micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn seconds_are_short_and_exact() {
        for (micros, text) in
            [(0, "0"), (1, "0.000001"), (-1_500_000, "-1.5"), (60_000_000, "60"), (299_892_736, "299.892736")]
        {
            assert_eq!(seconds(micros), text);
            assert_eq!(micros_of(text), Some(micros));
        }
        for text in ["", "-", "1.", ".5", "1.0000001", "1e3", "x", "99999999999999"] {
            assert_eq!(micros_of(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn all_instants_read_back(micros in -(1i64 << 62)..1 << 62) {
            prop_assert_eq!(micros_of(&seconds(micros)), Some(micros));
        }

        #[test]
        fn all_numbers_read_back(value: f64) {
            prop_assume!(value.is_finite());
            prop_assert_eq!(optional(Some(value)).parse::<f64>().unwrap().to_bits(), value.to_bits());
        }
    }
}
