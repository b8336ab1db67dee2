//! A policy by itself, outside of any scenario.

use super::check::check_policy;
use super::deserialize::from_tree;
use super::finding::{Finding, Findings, Kind};
use super::resolve::{Desk, Policies};
use super::source::Sources;
use super::tree::{self, Table};
use super::written::Policy;

/// Reads a policy table that is a text of its own, and judges it. Gives the warnings, too.
///
/// Files that it names must be among the sources.
///
/// ```
/// use tempfail::scenario::{Sources, read_policy};
///
/// let mut sources = Sources::new();
/// sources.add("main.cf", "minimal_backoff_time = 10m\n");
/// sources.add("ours", "native = { postfix = { file = 'main.cf' } }");
/// let (ours, warnings) = read_policy(&mut sources, "ours")?;
/// assert_eq!(ours.backoff.tag(), "age-doubling");
/// assert!(warnings.is_empty());
/// # Ok::<(), tempfail::scenario::Findings>(())
/// ```
///
/// # Errors
/// The first mistake of syntax or types, or else everything that is wrong with it.
pub fn read_policy(sources: &mut Sources, main: &str) -> Result<(Policy, Findings), Findings> {
    let Some(text) = sources.find(main) else {
        return Err(Finding::error(Kind::File, 0..0, format!("there is no text `{main}`")).into());
    };
    let tree = tree::parse(text)?;
    let policies = Policies::new(Table::new(), sources)?;
    let mut desk = Desk { sources, remarks: Findings::default() };
    let table = policies.of_population(&tree, &mut desk)?;
    let policy: Policy = from_tree(&table, &[])?;
    let mut findings = desk.remarks;
    findings.extend(check_policy(&policy).iter().cloned());
    if findings.has_errors() { Err(findings) } else { Ok((policy, findings)) }
}
