//! How often intervals cover exactly known values.

use super::error::ReportError;
use super::grid::{self, Grid, Layout};
use super::listing::{self, Field};
use super::validation::{heading, paragraph};
use crate::validate::coverage::{Coverage, GOOD};

/// The columns of the long form, in their order. `below` and `above` are intervals that lie on that
/// side of the exact value, `none` runs without an interval; `promised` says whether theory promises the
/// nominal coverage for so many replications.
pub const COLUMNS: [&str; 9] =
    ["what", "interval", "replications", "runs", "covered", "below", "above", "none", "promised"];

/// The table, and what must be known to read it.
pub fn text(measured: &[Coverage], layout: Layout) -> String {
    let runs = measured.first().map_or(0, Coverage::runs);
    let columns = ["what", "interval", "replications", "covered", "below", "above", "none", "promised"];
    let row = |one: &Coverage| {
        let share = 100.0 * f64::from(one.covered) / f64::from(one.runs().max(1));
        vec![
            one.row.what.to_owned(),
            one.row.interval.to_owned(),
            one.row.replications.to_owned(),
            format!("{} ({share:.1} %)", one.covered),
            one.below.to_string(),
            one.above.to_string(),
            one.none.to_string(),
            if one.row.promised { "yes" } else { "no" }.to_owned(),
        ]
    };
    let rows = measured.iter().map(row).collect();
    let mut text = heading("How often intervals of 95 % cover", 2, layout);
    text.push_str(&paragraph(&introduction(runs), layout));
    text.push_str(&Grid { columns: columns.map(str::to_owned).to_vec(), rows, names: 2 }.text(layout));
    text.push('\n');
    let verdict =
        complaint(measured).unwrap_or_else(|| "all promised intervals cover as they should".to_owned());
    text + &grid::notes(&[format!("Verdict: {verdict}.")], layout)
}

/// What is wrong, in a sentence; none where nothing is.
pub fn complaint(measured: &[Coverage]) -> Option<String> {
    let bad: Vec<&Coverage> = measured.iter().filter(|one| !one.is_good()).collect();
    let worst = bad.first()?;
    Some(format!(
        "{} of the promised intervals cover too seldom or too often, first \"{}\" with {} of {} instead of {} to {}",
        bad.len(),
        worst.row.what,
        worst.covered,
        worst.runs(),
        GOOD.start(),
        GOOD.end()
    ))
}

fn introduction(runs: u32) -> String {
    format!(
        "Each line is an experiment whose exact value is known, repeated {runs} times with independent random numbers and \
         fixed seeds. An interval that covers in 95 % of all cases does so in {} to {} of 400 runs with probability 0.99: that \
         is demanded where theory promises it. Below and above count the intervals that miss the exact value on that \
         side. Elsewhere the count says what an interval is worth. M/M/1 at 0.9 is a queue at 90 % of its capacity, \
         1000 waits that depend on each other in each replication (100 where it stops at a precision).",
        GOOD.start(),
        GOOD.end()
    )
}

/// The table as CSV.
pub fn to_csv(measured: &[Coverage]) -> Result<Vec<u8>, ReportError> {
    listing::to_csv(&COLUMNS, &fields(measured))
}

/// The table as JSON: an array of objects whose keys are the [`COLUMNS`].
pub fn to_json(measured: &[Coverage]) -> Result<String, serde_json::Error> {
    listing::to_json(&COLUMNS, &fields(measured))
}

fn fields(measured: &[Coverage]) -> Vec<Vec<Field>> {
    let count = |count: u32| Field::Count(count as usize);
    let line = |one: &Coverage| {
        vec![
            Field::Text(one.row.what.to_owned()),
            Field::Text(one.row.interval.to_owned()),
            Field::Text(one.row.replications.to_owned()),
            count(one.runs()),
            count(one.covered),
            count(one.below),
            count(one.above),
            count(one.none),
            Field::Text(if one.row.promised { "yes" } else { "no" }.to_owned()),
        ]
    };
    measured.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::coverage::Row;

    fn measured(covered: u32, promised: bool) -> Coverage {
        let row = Row { what: "a mean", interval: "Student's t", replications: "30", promised };
        Coverage { row, covered, below: 400 - covered - 1, above: 1, none: 0 }
    }

    #[test]
    fn what_covers_too_seldom_or_too_often_is_a_fault_where_it_is_promised() {
        assert_eq!(complaint(&[measured(380, true), measured(330, false)]), None);
        let said = complaint(&[measured(380, true), measured(367, true), measured(391, true)]).unwrap();
        assert!(
            said.starts_with("2 of the promised") && said.contains("367 of 400 instead of 368 to 390"),
            "{said}"
        );
    }

    #[test]
    fn every_form_has_every_count() {
        let all = [measured(380, true)];
        let text = text(&all, Layout::Markdown);
        assert!(text.contains("| a mean | Student's t | 30 | 380 (95.0 %) | 19 | 1 | 0 | yes |"), "{text}");
        let csv = String::from_utf8(to_csv(&all).unwrap()).unwrap();
        assert!(csv.ends_with("a mean,Student's t,30,400,380,19,1,0,yes\n"), "{csv}");
        assert!(to_json(&all).unwrap().contains("\"below\": 19"));
    }
}
