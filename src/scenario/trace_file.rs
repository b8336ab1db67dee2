//! Arrivals listed in a CSV file.

use std::ops::Range;

use super::finding::{Finding, Kind};
use super::source::Text;
use super::suggest;
use crate::time::{Instant, Span};

/// One message of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// When it arrives.
    pub at: Instant,
    /// At which host of the population, from 0; `None` leaves it to the population's share.
    pub host: Option<u32>,
    /// For which recipient; `None` leaves it to the population's destination.
    pub recipient: Option<String>,
    /// The line in the file.
    pub place: Range<usize>,
}

const TIME: &str = "t_seconds";
const HOST: &str = "host";
const RECIPIENT: &str = "recipient";

/// Reads a trace: CSV with a header, a column `t_seconds` and, if wanted, `host` and `recipient`.
///
/// Rows need not be in order of time.
///
/// # Errors
/// The first line that is not of this form.
pub(super) fn parse(text: &Text) -> Result<Vec<TraceRow>, Finding> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_str().as_bytes());
    let header = reader.headers().map_err(|error| not_csv(text, &error))?.clone();
    let columns = Columns::find(&header, text)?;
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| not_csv(text, &error))? {
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let place = line_from(text, start);
        rows.push(columns.row(&record, place)?);
    }
    Ok(rows)
}

/// Which column is where.
struct Columns {
    time: usize,
    host: Option<usize>,
    recipient: Option<usize>,
}

impl Columns {
    fn find(header: &csv::StringRecord, text: &Text) -> Result<Self, Finding> {
        let known = [TIME, HOST, RECIPIENT];
        let place = line_from(text, 0);
        let refuse = |message: String| Err(Finding::error(Kind::File, place.clone(), message));
        if let Some(other) = header.iter().find(|name| !known.contains(name)) {
            return refuse(format!("a trace has no column `{other}`")).map_err(|finding| {
                let help = suggest::help(other, known).unwrap_or_default();
                finding.label("the header").help(help)
            });
        }
        let twice =
            header.iter().enumerate().find(|(place, name)| header.iter().take(*place).any(|it| it == *name));
        if let Some((_, twice)) = twice {
            return refuse(format!("the column `{twice}` occurs twice"))
                .map_err(|finding| finding.label("the header").help("leave one of them out"));
        }
        let at = |wanted: &str| header.iter().position(|name| name == wanted);
        let Some(time) = at(TIME) else {
            return refuse(format!("a trace needs a column `{TIME}`")).map_err(|finding| {
                finding.label("this is no header").help("write the names of the columns in the first line")
            });
        };
        Ok(Self { time, host: at(HOST), recipient: at(RECIPIENT) })
    }

    fn row(&self, record: &csv::StringRecord, place: Range<usize>) -> Result<TraceRow, Finding> {
        let field = |column: usize| record.get(column).unwrap_or_default();
        let optional = |column: Option<usize>| column.map(field).filter(|field| !field.is_empty());
        let refuse = |name: &str, found: &str, expected: &str| {
            Finding::error(
                Kind::File,
                place.clone(),
                format!("`{name}` is `{found}`, but must be {expected}"),
            )
            .label(format!("expected {expected}"))
        };
        let written = field(self.time);
        let seconds = written.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0);
        let seconds = seconds.ok_or_else(|| refuse(TIME, written, "a number of seconds, not negative"))?;
        if seconds > LATEST_SECONDS {
            return Err(refuse(TIME, written, &format!("at most {LATEST_SECONDS} seconds, ten years")));
        }
        let host = optional(self.host)
            .map(|written| written.parse().map_err(|_| refuse(HOST, written, "the number of a host, from 0")))
            .transpose()?;
        let recipient = optional(self.recipient).map(str::to_owned);
        Ok(TraceRow { at: Instant::ZERO + Span::from_seconds_f64(seconds), host, recipient, place })
    }
}

/// Ten years: far beyond any horizon, and far from the limits of the clock.
const LATEST_SECONDS: f64 = 3.2e8;

/// The place of the line that starts at a byte of the text, without its end.
fn line_from(text: &Text, start: usize) -> Range<usize> {
    let rest = text.as_str().get(start..).unwrap_or_default();
    let skipped = rest.len() - rest.trim_start().len();
    let length = rest.trim_start().lines().next().map_or(0, str::len);
    let start = text.start() + start + skipped;
    start..start + length
}

fn not_csv(text: &Text, error: &csv::Error) -> Finding {
    let start = error.position().map_or(0, |position| position.byte() as usize);
    let (what, remedy) = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let fields = if *len == 1 { "field" } else { "fields" };
            let what = format!("this line has {len} {fields}, but the header has {expected_len}");
            (what, "write as many fields as the header has, empty ones between commas")
        }
        _ => ("this is not CSV".to_owned(), "write a line for each message, with commas between its fields"),
    };
    Finding::error(Kind::File, line_from(text, start), what).label("here").help(remedy)
}

#[cfg(test)]
mod tests {
    use super::super::{Paint, Sources};
    use super::*;

    fn read(text: &str) -> Result<Vec<TraceRow>, String> {
        let mut sources = Sources::new();
        let text = sources.add("mail.csv", text).clone();
        parse(&text).map_err(|finding| finding.render(&sources, Paint::Plain))
    }

    #[test]
    fn columns_in_any_order_and_optional() {
        let rows = read("host,t_seconds,recipient\n3, 1.5,mx\n,0,\n").expect("a trace");
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].at, Instant::from_micros(1_500_000));
        assert_eq!((rows[0].host, rows[0].recipient.as_deref()), (Some(3), Some("mx")));
        assert_eq!((rows[1].host, rows[1].recipient.as_deref()), (None, None));
        assert_eq!(read("t_seconds\n"), Ok(Vec::new()));
    }

    #[test]
    fn mistakes_are_shown_in_their_line() {
        for (text, message, line) in [
            ("1.0\n2.0\n", "a trace has no column `1.0`", "mail.csv:1:1"),
            ("host\n1\n", "a trace needs a column `t_seconds`", "mail.csv:1:1"),
            ("", "a trace needs a column `t_seconds`", "mail.csv:1:1"),
            ("t_seconds\n1\n\n-2\n", "`t_seconds` is `-2`", "mail.csv:4:1"),
            (
                "t_seconds\n1e300\n",
                "`t_seconds` is `1e300`, but must be at most 320000000 seconds, ten years",
                "mail.csv:2:1",
            ),
            ("host,t_seconds,host\n1,2,3\n", "the column `host` occurs twice", "mail.csv:1:1"),
            ("t_seconds\nNaN\n", "`t_seconds` is `NaN`", "mail.csv:2:1"),
            ("t_seconds,host\n1,x\n", "`host` is `x`", "mail.csv:2:1"),
            ("t_seconds,host\n1,1\n2\n", "1 field, but the header has 2", "mail.csv:3:1"),
            ("t_second\n", "did you mean `t_seconds`?", "mail.csv:1:1"),
        ] {
            let shown = read(text).expect_err(text);
            assert!(shown.contains(message) && shown.contains(line), "{text:?}: {shown}");
        }
    }
}
