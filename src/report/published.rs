//! How what others have published came out.

use super::error::ReportError;
use super::figure::{Caption, CrowdCurve, CrowdPanel, CrowdPoint, Crowds, Look};
use super::grid::{self, Grid, Layout};
use super::human;
use super::listing::{self, Field};
use super::validation::{heading, number, paragraph};
use crate::validate::published::{
    Family, Finding, Found, MODELS, Reproduction, Verdict, conclusions, optimistic_lock,
};

/// The columns of the long form, in their order: a row for each number.
///
/// `published` and `published_error` are empty where nothing is known; `half_width` is that of the interval with
/// 95 % confidence. `z` has the errors of both sides in it, and is empty without chance. `low` and `high` are the
/// 5 % and 95 % quantiles of single runs.
pub const COLUMNS: [&str; 13] = [
    "model",
    "params",
    "quantity",
    "published",
    "published_error",
    "simulated",
    "half_width",
    "standard_error",
    "z",
    "runs",
    "low",
    "high",
    "verdict",
];

/// Confidence of the intervals that are shown.
const CONFIDENCE: f64 = 0.95;

/// What of the conclusions holds, the tables of all models, and what must be known to read them. A document shows
/// the `picture` of this name, which lies beside it.
pub fn text(reproduction: &Reproduction, picture: Option<&str>, layout: Layout) -> String {
    let mut text = heading("What others have published, reproduced", 1, layout);
    text.push_str(&paragraph(&introduction(reproduction), layout));
    let tables = tables(reproduction, layout);
    let conclusions = drawn(reproduction, layout);
    match layout {
        // The end is what is seen of a long output.
        Layout::Terminal(_) => text.extend([tables, conclusions, came_out(reproduction, layout)]),
        Layout::Markdown => {
            let picture = picture.map(|name| format!("\n![writes and time against clients]({name})\n"));
            text.extend([came_out(reproduction, layout), conclusions, picture.unwrap_or_default(), tables]);
        }
    }
    text
}

/// Why a reproduction has not passed, in a sentence.
pub fn complaint(reproduction: &Reproduction) -> String {
    let numbers = |count: usize| if count == 1 { "1 number".to_owned() } else { format!("{count} numbers") };
    let mut parts = Vec::new();
    let differ = reproduction.count(Verdict::Differs);
    if differ > 0 {
        parts.push(format!("against what is published: {} that cannot be chance", numbers(differ)));
    }
    let wide = reproduction.count(Verdict::TooWide);
    if wide > 0 {
        parts.push(format!("{} too imprecise to mean anything", numbers(wide)));
    }
    for (model, family) in reproduction.families.iter().filter(|(_, family)| !family.is_good()) {
        parts
            .push(format!("all numbers of {model} together are not as they should be: {}", together(family)));
    }
    parts.join("; ")
}

/// The long form as CSV with the header [`COLUMNS`].
///
/// # Errors
/// None that these numbers can cause.
pub fn to_csv(reproduction: &Reproduction) -> Result<Vec<u8>, ReportError> {
    listing::to_csv(&COLUMNS, &fields(reproduction))
}

/// The long form as a JSON array of objects whose keys are [`COLUMNS`].
///
/// # Errors
/// None that these numbers can cause.
pub fn to_json(reproduction: &Reproduction) -> Result<String, serde_json::Error> {
    listing::to_json(&COLUMNS, &fields(reproduction))
}

/// A table for each model.
fn tables(reproduction: &Reproduction, layout: Layout) -> String {
    let mut text = String::new();
    for model in MODELS {
        let findings: Vec<&Finding> =
            reproduction.findings.iter().filter(|finding| finding.model == model.name).collect();
        if findings.is_empty() {
            continue;
        }
        text.push_str(&heading(model.name, 2, layout));
        text.push_str(&paragraph(model.about, layout));
        let rows = findings.iter().map(|finding| row(finding)).collect();
        let columns = ["case", "number", "published", "here", "z", "runs", "verdict"];
        let columns = columns.map(str::to_owned).to_vec();
        text.push_str(&Grid { columns, rows, names: 2 }.text(layout));
    }
    text
}

fn drawn(reproduction: &Reproduction, layout: Layout) -> String {
    let drawn = conclusions::all(&reproduction.findings);
    if drawn.is_empty() {
        return String::new();
    }
    let rows = drawn
        .into_iter()
        .map(|one| vec![one.model.to_owned(), one.claim.to_owned(), one.holds.name().to_owned(), one.found]);
    let columns = ["model", "conclusion", "holds", "found here"].map(str::to_owned).to_vec();
    let table = Grid { columns, rows: rows.collect(), names: 4 }.text(layout);
    heading("What of the conclusions holds", 2, layout) + &table
}

fn came_out(reproduction: &Reproduction, layout: Layout) -> String {
    heading("What came out", 2, layout) + &grid::notes(&outcome(reproduction), layout)
}

fn introduction(reproduction: &Reproduction) -> String {
    format!(
        "Numbers that others have published, or that follow from what they have published, beside what small models \
         give on the event set, the backoffs and the statistics of this program: means of independent runs with fixed seeds \
         and their 95 % intervals. z is the difference over its standard error, that of the published number \
         included. A number differs when |z| exceeds what Student's t exceeds with probability 1e-5. A comparison counts only \
         when its standard error is at most {} of the published number, or of what is usual where that is near zero. Numbers without \
         chance must be equal but for rounding, limits within the distance that their model states.",
        human::percent(reproduction.depth.greatest_error())
    )
}

fn row(finding: &Finding) -> Vec<String> {
    let known = finding.known.map_or(String::new(), |known| {
        match finding.known.map_or(0.0, |known| known.error(finding.found.deviation)) {
            0.0 => number(known.value),
            // As many standard errors as the interval of a large sample has.
            error => human::within(known.value, 1.96 * error),
        }
    });
    let here = match finding.found.half_width(CONFIDENCE) {
        Some(half_width) => human::within(finding.found.mean, half_width),
        None => number(finding.found.mean),
    };
    vec![
        finding.case.replace(';', "; "),
        finding.quantity.clone(),
        known,
        here,
        finding.z().map_or(String::new(), |z| format!("{z:+.2}")),
        finding.found.runs.to_string(),
        finding.verdict.name().to_owned(),
    ]
}

fn outcome(reproduction: &Reproduction) -> Vec<String> {
    const ALL: [Verdict; 5] =
        [Verdict::Equal, Verdict::Agrees, Verdict::Differs, Verdict::TooWide, Verdict::Alone];
    let counts = ALL.map(|verdict| (verdict.name(), reproduction.count(verdict)));
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let mut notes = vec![format!("{} numbers: {}.", reproduction.findings.len(), parts.join(", "))];
    for (model, family) in &reproduction.families {
        notes.push(format!("{model}: {}.", together(family)));
    }
    let verdict = if reproduction.passed() { "passed".to_owned() } else { complaint(reproduction) };
    notes.push(format!("Verdict: {verdict}."));
    notes
}

fn together(family: &Family) -> String {
    let (low, high) = family.range;
    format!(
        "{} z of {} cases with root mean square {:.3} ({low:.2} to {high:.2} is allowed), mean {:+.3} and largest {:.2}",
        family.size, family.cases, family.root_mean_square, family.mean, family.largest
    )
}

fn fields(reproduction: &Reproduction) -> Vec<Vec<Field>> {
    let field = |value: Option<f64>| value.map_or(Field::Empty, Field::Number);
    let line = |finding: &Finding| {
        let found = &finding.found;
        vec![
            Field::Text(finding.model.to_owned()),
            Field::Text(finding.case.clone()),
            Field::Text(finding.quantity.clone()),
            field(finding.known.map(|known| known.value)),
            field(finding.known.map(|known| known.error(found.deviation))),
            Field::Number(found.mean),
            field(found.half_width(CONFIDENCE)),
            Field::Number(found.error()),
            field(finding.z()),
            Field::Count(found.runs),
            Field::Number(found.most.0),
            Field::Number(found.most.1),
            Field::Text(finding.verdict.name().to_owned()),
        ]
    };
    reproduction.findings.iter().map(line).collect()
}

/// The graph of the optimistic lock as PNG: calls and time against the number of clients, with intervals.
pub fn picture(reproduction: &Reproduction) -> Vec<u8> {
    let panel = |quantity: &str, name: &str| {
        let curve = |(number, (strategy, _)): (usize, &(&str, &str))| CrowdCurve {
            name: (*strategy).to_owned(),
            look: Look::Variant(number),
            points: curve(reproduction, strategy, quantity),
        };
        CrowdPanel {
            quantity: name.to_owned(),
            curves: optimistic_lock::STRATEGIES.iter().enumerate().map(curve).collect(),
        }
    };
    let figure = Crowds {
        sizes: "clients that start together".to_owned(),
        panels: vec![panel("calls", "writes"), panel("time", "ms until the last is done")],
    };
    let of_clients =
        reproduction.findings.iter().filter(|one| optimistic_lock::clients_and_strategy(one).is_some());
    let runs = of_clients.map(|finding| finding.found.runs);
    let runs = match (runs.clone().min().unwrap_or_default(), runs.max().unwrap_or_default()) {
        (least, most) if least == most => format!("{most} runs"),
        (least, most) => format!("{least} to {most} runs"),
    };
    let caption = Caption {
        title: "The backoff graph of the AWS Architecture Blog, with intervals".to_owned(),
        subtitle: format!(
            "Clients that each change the same row once, under optimistic locking; {runs} for each point. Pale ribbons: \
             between the 5 % and 95 % quantiles of single runs. Dark: 95 % intervals of the means, mostly \
             narrower than the line."
        ),
        notes: Vec::new(),
    };
    figure.render(&caption)
}

fn curve(reproduction: &Reproduction, strategy: &str, quantity: &str) -> Vec<CrowdPoint> {
    let points = reproduction.findings.iter().filter_map(|finding| {
        let (clients, of) = optimistic_lock::clients_and_strategy(finding)?;
        let half_width = finding.found.half_width(CONFIDENCE)?;
        let Found { mean, most, .. } = finding.found;
        let interval = (mean - half_width, mean + half_width);
        (of == strategy && finding.quantity == quantity).then_some(CrowdPoint {
            size: f64::from(clients),
            mean,
            interval,
            most,
        })
    });
    points.collect()
}
