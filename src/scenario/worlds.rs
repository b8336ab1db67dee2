//! Scenarios with something drawn: the same text with the drawn values put in.

use super::check::{self, Checked};
use super::finding::{Finding, Findings, Kind};
use super::overrides;
use super::read;
use super::source::Sources;
use super::variant::Scenario;

/// Reads and judges a scenario in which drawn values, texts such as `recipients.mx.slots=20`, have taken the place
/// of the written ones. They come after the other `changes`.
///
/// # Errors
///
/// As [`load`](super::load).
pub fn load_world(
    sources: &mut Sources,
    main: &str,
    changes: &[String],
    drawn: &[String],
) -> Result<Checked, Findings> {
    let scenario = read::read_drawn(sources, main, changes, drawn)?;
    check::judged(scenario)
}

/// Tries what can be drawn: every key at both ends of its range or with all values of its list, the others as they
/// are written. So a key that does not exist is found before anything is drawn.
///
/// # Errors
///
/// What is wrong at the first of them.
pub(super) fn try_extremes(
    sources: &mut Sources,
    main: &str,
    changes: &[String],
    scenario: &Scenario,
) -> Result<(), Findings> {
    for (key, varied) in &scenario.base.vary {
        if let Some(change) = changes.iter().find(|change| overrides::is_below(key, change)) {
            let finding = Finding::error(
                Kind::Contradiction,
                key.place(),
                format!("`{key}` is drawn, and `--set {change}` sets it"),
            );
            let help = "change the range with --set vary.'KEY'.from=..., or take the key out of `vary`";
            return Err(finding.label("drawn for each replication").help(help).into());
        }
        for value in varied.extremes() {
            let drawn = [format!("{}={value}", **key)];
            load_world(sources, main, changes, &drawn)
                .map_err(|findings| findings.also_at(key.place(), "drawn for each replication"))?;
        }
    }
    Ok(())
}
