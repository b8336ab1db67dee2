//! What outages cost a message, for several policies side by side.

use super::error::ReportError;
use super::figure::{Caption, Look, Outages, Recovering};
use super::grid::{self, Grid, Layout};
use super::human;
use super::listing::{self, Field};
use crate::sender::outage::{Basis, Cost, Effect, Recovery};
use crate::time::Span;

/// The columns of the long form, in their order: a row for each policy and length of outage.
///
/// `start_*` are about the message that arrives as the outage begins, the others about messages that
/// arrive at any instant of it; errors are standard errors. A wait is empty where no message is delivered,
/// an error where the mean is exact, `survives_s` where mail is never given up. `drawn_messages` is the
/// number that was averaged over; empty: exact.
pub const COLUMNS: [&str; 12] = [
    "policy",
    "outage_s",
    "start_wait_s",
    "start_error_s",
    "start_bounced_share",
    "mean_wait_s",
    "mean_error_s",
    "worst_wait_s",
    "bounced_share",
    "warnings",
    "survives_s",
    "drawn_messages",
];

/// What the cells of [`table`] say.
pub const LEGEND: &str = "the extra wait once the server is back, of a message that arrives as the outage begins / mean / \
                          worst of all arrivals during it; or that the first is bounced, and in brackets the share of all \
                          that are";

/// A policy and what outages do to its mail.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// Name of the policy.
    pub policy: String,
    /// The numbers; for each policy for the same lengths of outages.
    pub recovery: Recovery,
}

/// A row for each policy with a column for each outage, and what must be known to read it.
pub fn table(recovered: &[Recovered], layout: Layout) -> String {
    let lengths = recovered.first().map(|one| one.recovery.effects.as_slice()).unwrap_or_default();
    let outages = lengths.iter().map(|effect| effect.lasts.to_string());
    let last = ["longest without bounce", "warnings"].map(str::to_owned);
    let columns = std::iter::once("policy".to_owned()).chain(outages).chain(last).collect();
    let rows = recovered.iter().map(row).collect();
    let mut notes = vec![format!("Cells: {LEGEND}.")];
    notes.push(
        "Warnings: delay warnings to the author of the message that arrives as the outage begins, for each \
         outage."
            .to_owned(),
    );
    notes.extend(drawn_note(recovered));
    Grid { columns, rows, names: 1 }.text(layout) + "\n" + &grid::notes(&notes, layout)
}

/// The long form as CSV, with the columns [`COLUMNS`].
///
/// # Errors
/// None that these numbers can cause.
pub fn to_csv(recovered: &[Recovered]) -> Result<Vec<u8>, ReportError> {
    listing::to_csv(&COLUMNS, &fields(recovered))
}

/// The long form as a JSON array of objects whose keys are [`COLUMNS`].
///
/// # Errors
/// None that these numbers can cause.
pub fn to_json(recovered: &[Recovered]) -> Result<String, serde_json::Error> {
    listing::to_json(&COLUMNS, &fields(recovered))
}

/// The mean extra wait against the length of the outage as PNG; `asked` are the lengths to be marked.
pub fn picture(recovered: &[Recovered], asked: &[Span], meaning: &str, seed: u64) -> Vec<u8> {
    let curves = recovered.iter().enumerate().map(|(place, one)| {
        let mut effects: Vec<&Effect> = one.recovery.effects.iter().collect();
        effects.sort_by_key(|effect| effect.lasts);
        effects.dedup_by_key(|effect| effect.lasts);
        let whole = effects.iter().take_while(|effect| effect.during.bounced == 0.0);
        let points: Vec<(Span, Span)> = whole
            .filter_map(|effect| Some((effect.lasts, Span::from_seconds_f64(effect.during.mean?))))
            .collect();
        let gives_up = points.len() < effects.len();
        Recovering { name: one.policy.clone(), look: Look::Variant(place), points, gives_up }
    });
    let figure = Outages { curves: curves.collect(), asked: asked.to_vec() };
    figure.render(&Caption {
        title: "How much longer mail waits once the server is back".to_owned(),
        subtitle: format!("{meaning} A cross: in longer outages mail is given up."),
        notes: vec![("Seed".to_owned(), seed.to_string())],
    })
}

fn row(one: &Recovered) -> Vec<String> {
    let recovery = &one.recovery;
    let mark = if recovery.basis == Basis::Exact { "" } else { "~" };
    let mut cells = vec![one.policy.clone()];
    cells.extend(recovery.effects.iter().map(|effect| cell(effect, mark)));
    cells.push(match recovery.survives {
        Some(longest) => format!("{mark}{}", short(longest.as_seconds())),
        None => "any length".to_owned(),
    });
    let warnings: Vec<String> = recovery.effects.iter().map(|one| human::number(one.warnings)).collect();
    cells.push(if recovery.effects.iter().all(|one| one.warnings == 0.0) {
        "none".to_owned()
    } else {
        warnings.join(", ")
    });
    cells
}

/// The costs of one outage: `40m / 35m / 1.2h`, or how much is bounced, as in `bounced (67 %)`.
fn cell(effect: &Effect, mark: &str) -> String {
    let start = match effect.at_start {
        Cost { mean: Some(wait), bounced: 0.0, .. } => short(wait),
        Cost { mean: Some(_), bounced, .. } => format!("{} bounced", percent(bounced)),
        Cost { mean: None, .. } => "bounced".to_owned(),
    };
    let during = &effect.during;
    if during.bounced > 0.0 {
        return format!("{mark}{start} ({})", percent(during.bounced));
    }
    let [mean, worst] = [during.mean, during.worst.map(Span::as_seconds)].map(|wait| wait.map(short));
    format!("{mark}{start} / {} / {}", mean.unwrap_or_default(), worst.unwrap_or_default())
}

/// A share to whole per cent, where no part is called none and no part all.
fn percent(share: f64) -> String {
    match share {
        few if few > 0.0 && few < 0.01 => "under 1 %".to_owned(),
        most if most > 0.99 && most < 1.0 => "over 99 %".to_owned(),
        share => format!("{:.0} %", share * 100.0),
    }
}

/// A time for a cell, in one unit: seconds up to two minutes, minutes up to 100, hours up to 48.
fn short(seconds: f64) -> String {
    match seconds {
        0.0 => "0".to_owned(),
        few if few < 119.5 => format!("{few:.0}s"),
        some if some < 6_000.0 => format!("{:.0}m", some / 60.0),
        many if many < 172_800.0 => trimmed(many / 3_600.0, "h"),
        most => trimmed(most / 86_400.0, "d"),
    }
}

fn trimmed(number: f64, unit: &str) -> String {
    let text = format!("{number:.1}");
    format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
}

/// How the numbers of policies that draw lots came about, and how far off they may be.
fn drawn_note(recovered: &[Recovered]) -> Option<String> {
    let mut messages = None;
    let mut largest: f64 = 0.0;
    for one in recovered {
        let Basis::Drawn { messages: drawn } = one.recovery.basis else { continue };
        messages = Some(drawn);
        for cost in one.recovery.effects.iter().flat_map(|effect| [effect.at_start, effect.during]) {
            if let (Some(error), Some(mean)) = (cost.error, cost.mean)
                && mean > 0.0
            {
                largest = largest.max(error / mean);
            }
        }
    }
    messages.map(|messages| {
        format!(
            "~: averaged over {messages} drawn messages, with standard errors of at most {}; extremes are those \
             that were drawn. All else is exact.",
            human::percent(largest)
        )
    })
}

fn fields(recovered: &[Recovered]) -> Vec<Vec<Field>> {
    let number = |value: Option<f64>| value.map_or(Field::Empty, Field::Number);
    let span = |value: Option<Span>| value.map_or(Field::Empty, Field::Seconds);
    let rows = |one: &Recovered| -> Vec<Vec<Field>> {
        let drawn = match one.recovery.basis {
            Basis::Exact => Field::Empty,
            Basis::Drawn { messages } => Field::Count(messages as usize),
        };
        let effects = one.recovery.effects.iter();
        effects
            .map(|effect| {
                vec![
                    Field::Text(one.policy.clone()),
                    Field::Seconds(effect.lasts),
                    number(effect.at_start.mean),
                    number(effect.at_start.error),
                    Field::Number(effect.at_start.bounced),
                    number(effect.during.mean),
                    number(effect.during.error),
                    span(effect.during.worst),
                    Field::Number(effect.during.bounced),
                    Field::Number(effect.warnings),
                    span(one.recovery.survives),
                    drawn.clone(),
                ]
            })
            .collect()
    };
    recovered.iter().flat_map(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(bounced: f64, mean: Option<f64>, worst: Option<i64>) -> Cost {
        Cost { bounced, mean, error: mean.map(|mean| mean / 100.0), worst: worst.map(Span::from_seconds) }
    }

    fn recovered(basis: Basis) -> Vec<Recovered> {
        let hours = |hours: i64| Span::from_seconds(3600 * hours);
        let effects = vec![
            Effect {
                lasts: hours(1),
                at_start: cost(0.0, Some(2400.0), Some(2400)),
                during: cost(0.0, Some(95.0), Some(16_200)),
                warnings: 0.0,
            },
            Effect {
                lasts: hours(24),
                at_start: cost(1.0, None, None),
                during: cost(0.6701, Some(900.0), Some(16_200)),
                warnings: 1.0,
            },
        ];
        let recovery = Recovery { basis, effects, survives: Some(hours(9)) };
        vec![Recovered { policy: "mine".to_owned(), recovery }]
    }

    #[test]
    fn a_row_says_what_each_outage_costs() {
        let text = table(&recovered(Basis::Exact), Layout::Markdown);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "| policy | 1h | 1d | longest without bounce | warnings |");
        assert_eq!(lines[2], "| mine | 40m / 95s / 4.5h | bounced (67 %) | 9h | 0, 1 |");
        assert!(!text.contains('~'), "{text}");
        let drawn = table(&recovered(Basis::Drawn { messages: 50 }), Layout::Markdown);
        assert!(drawn.contains("| ~40m / 95s / 4.5h |") && drawn.contains("at most 1 %"), "{drawn}");
    }

    #[test]
    fn the_long_form_is_exact() {
        let csv = String::from_utf8(to_csv(&recovered(Basis::Exact)).expect("plain values")).expect("text");
        let second = csv.lines().nth(2).expect("a header and two rows");
        assert_eq!(second, "mine,86400,,,1,900,9,16200,0.6701,1,32400,");
        let json = to_json(&recovered(Basis::Drawn { messages: 50 })).expect("plain values");
        let read: Vec<serde_json::Value> = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!((&read[0]["start_wait_s"], &read[0]["drawn_messages"]), (&2400.0.into(), &50.into()));
    }

    #[test]
    fn times_have_one_unit() {
        let texts = [0.0, 95.0, 2400.0, 44_608.0, 432_000.0, 86_400.0].map(short);
        assert_eq!(texts, ["0", "95s", "40m", "12.4h", "5d", "24h"]);
        assert_eq!([0.0001, 0.67012, 0.9999, 1.0].map(percent), ["under 1 %", "67 %", "over 99 %", "100 %"]);
    }
}
