//! `export`: a policy as configuration of a program.

use std::collections::BTreeMap;

use super::args::{Export, Target};
use super::failure::Failure;
use super::policy_argument::{find, label, scenario_of, unknown};
use super::terminal::Terminal;
use crate::export::{ExportError, export};
use crate::mta::native::Dialect;
use crate::scenario::PolicyChoice;
use crate::scenario::written::Policy;

pub(super) fn run(arguments: &Export, terminal: &Terminal) -> Result<(), Failure> {
    let own = scenario_of(arguments.scenario.as_ref(), terminal)?;
    let name = arguments.policy.as_str();
    let policy = match find(name, own.as_ref(), terminal)? {
        Some(PolicyChoice::Policy(policy)) => policy,
        Some(PolicyChoice::Clairvoyant) => {
            let why = "is the clairvoyant, which no program can be";
            return Err(Failure::Usage(format!("\"{name}\" {why}")));
        }
        None => return Err(Failure::Usage(unknown(name, own.as_ref()))),
    };
    match arguments.to.dialect() {
        Some(dialect) => native(&policy, dialect, terminal),
        None => terminal.print(&table(&label(name), &policy)?),
    }
}

/// The policy as it stands in a scenario, with all that its defaults say.
fn table(name: &str, policy: &Policy) -> Result<String, Failure> {
    let policies = BTreeMap::from([("policies", BTreeMap::from([(name, policy)]))]);
    toml::to_string(&policies).map_err(|error| Failure::Scenario(error.to_string()))
}

fn native(policy: &Policy, dialect: Dialect, terminal: &Terminal) -> Result<(), Failure> {
    let exported = export(policy, dialect).map_err(|error| match error {
        ExportError::Backoff { .. } => Failure::Inexpressible(error.to_string()),
        other => Failure::Scenario(other.to_string()),
    })?;
    terminal.print(&exported.text)?;
    for lost in &exported.lost {
        terminal.say(&format!("warning: {}: {lost}", dialect.name()));
    }
    Ok(())
}

impl Target {
    /// The program; `None` for the scenario format.
    fn dialect(self) -> Option<Dialect> {
        match self {
            Self::Postfix => Some(Dialect::Postfix),
            Self::Exim => Some(Dialect::Exim),
            Self::Sendmail => Some(Dialect::Sendmail),
            Self::Haraka => Some(Dialect::Haraka),
            Self::Kumomta => Some(Dialect::KumoMta),
            Self::Stalwart => Some(Dialect::Stalwart),
            Self::Scenario => None,
        }
    }
}
