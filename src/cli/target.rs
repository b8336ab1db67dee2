//! Where `compare` puts its results.

use std::path::{Path, PathBuf};

use super::args::Compare;
use super::terminal::Terminal;
use crate::report::manifest::Extent;
use crate::scenario::{Scenario, VariantSpec};

/// The directory that the user names, or else `results/NAME`: a first look at a part of a scenario must
/// not cost an earlier result that took hours, and goes to `results/NAME.trial`.
pub(super) fn of(
    arguments: &Compare,
    scenario: &Scenario,
    variants: &[VariantSpec<'_>],
    terminal: &Terminal,
) -> PathBuf {
    if let Some(out) = &arguments.out {
        return out.clone();
    }
    let usual = Path::new("results").join(&scenario.name);
    let replications = scenario.base.replications.at_most();
    let Some(there) = Extent::of_result(&usual) else { return usual };
    let has = |name: &String| variants.iter().any(|variant| variant.name == *name);
    let left_out = there.variants.iter().filter(|name| !has(name)).count();
    let more = match (there.replications > replications, left_out) {
        (false, 0) => return usual,
        (true, _) => format!("{} replications, more than the {replications} of this run", there.replications),
        (false, 1) => "a variant that this run leaves out".to_owned(),
        (false, left_out) => format!("{left_out} variants that this run leaves out"),
    };
    let trial = Path::new("results").join(format!("{}.trial", scenario.name));
    terminal.say(&format!(
        "note: {} holds {more}; this run goes to {} (--out {} would replace the other)",
        usual.display(),
        trial.display(),
        usual.display(),
    ));
    trial
}
