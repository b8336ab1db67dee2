//! Outages of a recipient without limits, and a greylist: any policy whose delays are independent.
//!
//! The first attempt of a message that arrives u before the end fails if u > 0; so does the n-th
//! retry if the first n delays add up to less than u. With u uniform on (0, L] the mean delay is the
//! sum of E[d_n] P(S_{n-1} < u), and so on; sums of uniform delays by inclusion and exclusion
//! (Feller II, 1971, section I.9). A greylist is the same with u = G for all.

use super::super::Problem;
use super::super::setting::{Mail, Setting, duration};
use super::super::table::{Configuration, Row};
use super::super::trial::{Method, Trial};
use super::keys::{MESSAGES, instant_server, rest};
use super::phases::Delays;

/// When the single outage begins; not a multiple of any delay.
const START: f64 = 1_234.0;

/// Rows of this name are about at most so many attempts.
const LIMITED: &str = "p_expired_given_hit_maxatt";

/// One outage. Rows that limit attempts are trials of their own.
pub(super) fn once(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { parameters, rows, .. } = configuration;
    let (limited, others): (Vec<Row>, Vec<Row>) =
        rows.iter().cloned().partition(|row| row.quantity.starts_with(LIMITED));
    let mut parts = vec![Configuration { rows: others, ..configuration.clone() }];
    for row in limited {
        let parameters = parameters.with("max_attempts", row.quantity.trim_start_matches(LIMITED));
        let rows = vec![Row { quantity: "p_expired_given_hit".to_owned(), ..row }];
        parts.push(Configuration { parameters, rows, ..configuration.clone() });
    }
    parts.iter().filter(|part| !part.rows.is_empty()).map(in_outage).collect()
}

fn in_outage(configuration: &Configuration) -> Result<Trial, Problem> {
    let Configuration { parameters, .. } = configuration;
    let length = parameters.positive("L")?;
    let delays = Delays::of(parameters)?;
    let (from, until) = (START, START + length);
    let window = format!("from = '{}', until = '{}'", duration(from), duration(until));
    let gate = instant_server(&format!("window.maintenance.when.once = {{ {window} }}"));
    let margin = 2.0 * length + 100.0 * delays.longest;
    scattered(configuration, &delays, gate, (from, until), margin, &[])
}

/// An outage at the start of every period.
pub(super) fn periodic(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { parameters, .. } = configuration;
    let [period, length] = [parameters.positive("P")?, parameters.positive("L")?];
    if length >= period {
        return Err(parameters.wrong("L", "L must be less than P"));
    }
    let delays = Delays::of(parameters)?;
    let times = format!("first = '0s', every = '{}', lasts = '{}'", duration(period), duration(length));
    let gate = instant_server(&format!("window.maintenance.when.periodic = {{ {times} }}"));
    // A retry that comes anywhere in the period meets no outage with probability 1 - L/P.
    let margin = 60.0 * (period + delays.longest) / (1.0 - length / period);
    // Whole periods, or the shares of time would be wrong.
    let cohort = (period, 3.0 * period);
    Ok(vec![scattered(configuration, &delays, gate, cohort, margin, &[length, period])?])
}

/// A greylist that accepts messages of the age G.
pub(super) fn greylist(configuration: &Configuration) -> Result<Vec<Trial>, Problem> {
    let Configuration { parameters, .. } = configuration;
    let age = parameters.positive("G")?;
    let delays = Delays::of(parameters)?;
    let gate =
        instant_server(&format!("known.greylist = {{ delay = '{}', forget = '3650d' }}", duration(age)));
    let margin = 2.0 * age + 100.0 * delays.longest;
    Ok(vec![scattered(configuration, &delays, gate, (0.0, age), margin, &[])?])
}

/// Arrivals on a grid where that is exact, else anywhere in the interval.
fn scattered(
    configuration: &Configuration,
    delays: &Delays,
    recipient: String,
    cohort: (f64, f64),
    margin: f64,
    marks: &[f64],
) -> Result<Trial, Problem> {
    let Configuration { model, parameters, rows } = configuration;
    let margin = rest(margin, cohort.1);
    let setting = Setting::only(Mail::Scattered(MESSAGES as u32), cohort, margin)
        .recipient(recipient)
        .policy(delays.keys.as_str());
    let mut trial = Trial::new(model, parameters, rows, setting)?;
    let limits = trial.asked.iter().filter_map(|asked| asked.quantity.limit());
    let marks: Vec<f64> = marks.iter().copied().chain(limits).collect();
    if let Some(cells) = delays.cells(cohort.1 - cohort.0, &marks) {
        trial.setting.mail = Mail::Grid(cells);
        return Ok(trial.with_method(Method::Exact));
    }
    Ok(trial)
}
