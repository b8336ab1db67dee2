//! How the rows of a table of exact values came out.

use super::error::ReportError;
use super::grid::{self, Grid, Layout};
use super::human;
use super::listing::{self, Field};
use super::markdown;
use crate::validate::models::MODELS;
use crate::validate::{Effort, Finding, Found, Validation, Verdict};

/// The columns of the long form, in their order: a row for each row of the table.
///
/// `exact` is what was to be found: for a quantile the share beyond it. `half_width` is that of the
/// interval with 95 % confidence; it and `z` are empty where there is no chance in the number. `again`
/// says that the row differed at first and was run again.
pub const COLUMNS: [&str; 14] = [
    "model",
    "params",
    "quantity",
    "value",
    "exact",
    "simulated",
    "half_width",
    "standard_error",
    "z",
    "replications",
    "verdict",
    "again",
    "reason",
    "source",
];

/// Confidence of the intervals that are shown.
const CONFIDENCE: f64 = 0.95;

/// The tables, one for each model, and what must be known to read them.
pub fn text(validation: &Validation, layout: Layout) -> String {
    let mut text = heading("The simulator against exact theory", 1, layout);
    text.push_str(&paragraph(&introduction(validation), layout));
    for model in MODELS {
        let findings: Vec<&Finding> =
            validation.findings.iter().filter(|finding| finding.model == model.name).collect();
        if findings.is_empty() {
            continue;
        }
        text.push_str(&heading(model.name, 2, layout));
        text.push_str(&paragraph(&about(model.about, &findings), layout));
        let rows = findings.iter().map(|finding| row(finding)).collect();
        let columns = ["parameters", "quantity", "exact", "simulated", "z", "runs", "verdict"];
        let columns = columns.map(str::to_owned).to_vec();
        text.push_str(&Grid { columns, rows, names: 2 }.text(layout));
    }
    text.push_str(&heading("What came out", 2, layout));
    text + &grid::notes(&outcome(validation), layout)
}

/// Why a validation has not passed, in a sentence.
pub fn complaint(validation: &Validation) -> String {
    let count = |wanted: fn(&Verdict) -> bool| {
        validation.findings.iter().filter(|finding| wanted(&finding.verdict)).count()
    };
    let rows = |count: usize| if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    let mut parts = Vec::new();
    if validation.left_out > 0 {
        parts.push(format!("interrupted before {} more scenarios were run", validation.left_out));
    }
    let differ = count(|verdict| matches!(verdict, Verdict::Differs));
    if differ > 0 {
        parts.push(format!("against theory: {} that cannot be chance", rows(differ)));
    }
    let broken = count(|verdict| matches!(verdict, Verdict::NotRun(_)));
    if broken > 0 {
        parts.push(format!("{} could not be run", rows(broken)));
    }
    if validation.is_inconclusive() {
        parts.push(format!("{} too imprecise to mean anything", rows(validation.untested())));
    }
    if validation.family.is_some_and(|family| !family.is_good()) {
        parts.push("all rows together are not as they should be".to_owned());
    }
    parts.join("; ")
}

/// The long form as CSV with the header [`COLUMNS`].
///
/// # Errors
/// None that these numbers can cause.
pub fn to_csv(validation: &Validation) -> Result<Vec<u8>, ReportError> {
    listing::to_csv(&COLUMNS, &fields(validation))
}

/// The long form as a JSON array of objects whose keys are [`COLUMNS`].
///
/// # Errors
/// None that these numbers can cause.
pub fn to_json(validation: &Validation) -> Result<String, serde_json::Error> {
    listing::to_json(&COLUMNS, &fields(validation))
}

fn introduction(validation: &Validation) -> String {
    let Effort { mean, tail, absolute, .. } = validation.effort;
    format!(
        "Exact values of queueing models beside what the simulator gives for the same scenario: an estimate with its \
         95 % interval from independent replications with fixed seeds, and z = (simulated - exact) / standard \
         error. A row differs when |z| exceeds what Student's t exceeds with probability 1e-4, twice: then with \
         other random numbers and three times as many. A row counts as tested only when the standard error is at most {} \
         of the exact value, {} for tails, second moments and variances, or {absolute} in absolute numbers. Where \
         nothing is left to chance the numbers must be equal to nine digits. Rows called fluid are limits \
         without chance, and bounds from below; a quantile of zero is a bound from above on the share that waits. Times \
         are in seconds.",
        human::percent(mean),
        human::percent(tail),
    )
}

fn about(about: &str, findings: &[&Finding]) -> String {
    let mut sources: Vec<&str> = Vec::new();
    for finding in findings {
        let source = finding.row.source.trim();
        if !source.is_empty() && !sources.contains(&source) {
            sources.push(source);
        }
    }
    let sources =
        if sources.is_empty() { String::new() } else { format!(" Sources: {}.", sources.join("; ")) };
    let mut letters = about.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.{sources}", letters.as_str())
}

fn row(finding: &Finding) -> Vec<String> {
    let (simulated, z, runs) = match &finding.found {
        Found::Nothing => (String::new(), String::new(), String::new()),
        Found::Number(value) => (number(*value), String::new(), "1".to_owned()),
        Found::Estimate(estimate) => (
            human::within(estimate.value, estimate.half_width(CONFIDENCE)),
            estimate.z(finding.exact).map_or(String::new(), |z| format!("{z:+.2}")),
            estimate.replications.to_string(),
        ),
    };
    let quantity = match finding.row.quantity.strip_prefix("wait_quantile_p") {
        Some(_) => format!("{} = {}: share beyond", finding.row.quantity, number(finding.row.value)),
        None => finding.row.quantity.clone(),
    };
    let verdict = match (&finding.verdict, finding.again) {
        (Verdict::NotRun(reason), _) => format!("not run: {reason}"),
        (verdict, true) => format!("{}, run again", verdict.name()),
        (verdict, false) => verdict.name().to_owned(),
    };
    vec![
        finding.parameters.to_string().replace(';', "; "),
        quantity,
        number(finding.exact),
        simulated,
        z,
        runs,
        verdict,
    ]
}

/// Seven significant digits, without zeros at the end.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = 6 - value.abs().log10().floor() as i32;
    let text = format!("{value:.*}", digits.clamp(0, 12) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn outcome(validation: &Validation) -> Vec<String> {
    const ALL: [&str; 6] = ["equal", "agrees", "bound holds", "differs", "not tested", "not run"];
    let count = |name: &str| validation.findings.iter().filter(|one| one.verdict.name() == name).count();
    let counts = ALL.map(|name| (name, count(name)));
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let mut notes = vec![format!("{} rows: {}.", validation.findings.len(), parts.join(", "))];
    if let Some(family) = &validation.family {
        let (low, high) = family.range;
        notes.push(format!(
            "One row of each of {} scenarios with chance in it: {} have z within the quantiles for 95 % ({low} to {high} \
             in 99.9 % of all cases, if the simulator is correct); their mean z is {:+.3} (at most {:.3} from 0).",
            family.size, family.inside, family.mean, family.greatest_mean
        ));
    }
    let verdict = if validation.passed() { "passed".to_owned() } else { complaint(validation) };
    notes.push(format!("Verdict: {verdict}."));
    notes
}

pub(super) fn heading(title: &str, level: usize, layout: Layout) -> String {
    match layout {
        Layout::Terminal(_) if level == 1 => String::new(),
        Layout::Terminal(_) => format!("\n{title}\n"),
        Layout::Markdown if level == 1 => format!("# {title}\n\n"),
        Layout::Markdown => format!("\n{} {}\n\n", "#".repeat(level), markdown::escape(title)),
    }
}

pub(super) fn paragraph(text: &str, layout: Layout) -> String {
    match layout {
        Layout::Terminal(_) => grid::notes(&[text.to_owned()], layout),
        Layout::Markdown => format!("{}\n\n", markdown::escape(text)),
    }
}

fn fields(validation: &Validation) -> Vec<Vec<Field>> {
    let field = |value: Option<f64>| value.map_or(Field::Empty, Field::Number);
    let line = |finding: &Finding| {
        let estimate = finding.found.estimate();
        let reason = match &finding.verdict {
            Verdict::NotRun(reason) => Field::Text(reason.clone()),
            _ => Field::Empty,
        };
        vec![
            Field::Text(finding.model.clone()),
            Field::Text(finding.parameters.to_string()),
            Field::Text(finding.row.quantity.clone()),
            Field::Number(finding.row.value),
            Field::Number(finding.exact),
            field(finding.found.value()),
            field(estimate.map(|estimate| estimate.half_width(CONFIDENCE))),
            field(estimate.map(|estimate| estimate.error)),
            field(estimate.and_then(|estimate| estimate.z(finding.exact))),
            estimate.map_or(Field::Empty, |estimate| Field::Count(estimate.replications)),
            Field::Text(finding.verdict.name().to_owned()),
            Field::Text(if finding.again { "yes" } else { "no" }.to_owned()),
            reason,
            Field::Text(finding.row.source.clone()),
        ]
    };
    validation.findings.iter().map(line).collect()
}
