//! The scenario as it was read, and the variants that are compared in it.

use indexmap::IndexMap;

use super::finding::Findings;
use super::resolve::{DESCRIPTION, PolicyChoice};
use super::spanned::Spanned;
use super::trace_file::TraceRow;
use super::tree::{Node, Value};
use super::written::WrittenScenario;

/// A scenario with everything resolved: what [`check`](super::check) judges and a run starts from.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The name of the file, without its directory and extension.
    pub name: String,
    /// The scenario as it is without variants.
    pub base: WrittenScenario,
    /// The compared policies by name, in their order.
    pub policies: IndexMap<Spanned<String>, PolicyChoice>,
    /// Other changes, crossed with the policies; may be empty.
    pub variants: IndexMap<Spanned<String>, Variation>,
    /// The rows of every trace file by its name.
    pub traces: IndexMap<String, Vec<TraceRow>>,
    /// Warnings about configurations that its policies come from.
    pub remarks: Findings,
}

/// A named change of the scenario, applied.
#[derive(Clone, Debug)]
pub struct Variation {
    /// One line that says what it is.
    pub about: Option<String>,
    /// The scenario with the change.
    pub scenario: WrittenScenario,
    pub(super) patch: Node,
}

/// One of the things that are compared: a policy in the scenario or in one variation of it.
#[derive(Clone, Debug)]
pub struct VariantSpec<'a> {
    /// The name in all results: `policy`, `variant` or `policy @ variant`.
    pub name: String,
    /// The compared policy.
    pub policy_name: &'a str,
    /// The variation, where there are some.
    pub variant_name: Option<&'a str>,
    /// What the variation is.
    pub about: Option<&'a str>,
    /// What is simulated.
    pub scenario: &'a WrittenScenario,
    /// How the compared populations retry.
    pub policy: &'a PolicyChoice,
}

impl VariantSpec<'_> {
    /// Whether this is the reference that no real policy can be.
    pub fn is_clairvoyant(&self) -> bool {
        *self.policy == PolicyChoice::Clairvoyant
    }

    /// What is simulated for this variant as TOML: the scenario with its change and all defaults, without what is only
    /// said about it, and the policy as `compared`. Two variants with the same text, and the same recorded arrivals, are the same.
    ///
    /// # Errors
    /// If a number cannot be written as TOML, which no scenario that was read contains.
    pub fn resolved(&self) -> Result<String, toml::ser::Error> {
        let mut document = toml::Table::try_from(self.scenario)?;
        for words in ["title", "question", "compare", "expect"] {
            document.remove(words);
        }
        document.insert("compared".to_owned(), policy_value(self.policy)?);
        let populations = document.get_mut("senders").and_then(toml::Value::as_table_mut);
        let own = populations.into_iter().flat_map(|populations| populations.iter_mut());
        own.filter_map(|(_, population)| population.get_mut("policy")).for_each(undescribe);
        document.get_mut("compared").into_iter().for_each(undescribe);
        toml::to_string(&document)
    }
}

impl Scenario {
    /// All variants: policies by policies, and each in every variation.
    pub fn variants(&self) -> Vec<VariantSpec<'_>> {
        let mut variants = Vec::new();
        for (policy_name, policy) in &self.policies {
            if self.variants.is_empty() {
                variants.push(VariantSpec {
                    name: policy_name.to_string(),
                    policy_name,
                    variant_name: None,
                    about: None,
                    scenario: &self.base,
                    policy,
                });
            }
            for (variant_name, variation) in &self.variants {
                let name = match self.policies.len() {
                    1 => variant_name.to_string(),
                    _ => format!("{policy_name} @ {variant_name}"),
                };
                variants.push(VariantSpec {
                    name,
                    policy_name,
                    variant_name: Some(variant_name),
                    about: variation.about.as_deref(),
                    scenario: &variation.scenario,
                    policy,
                });
            }
        }
        variants
    }

    /// The name of the variant all others are compared with: as written, or else the first that is
    /// not the clairvoyant; `None` if there is no other.
    pub fn baseline(&self) -> Option<String> {
        match &self.base.compare.baseline {
            Some(written) => Some(written.to_string()),
            None => self
                .variants()
                .into_iter()
                .find(|variant| !variant.is_clairvoyant())
                .map(|variant| variant.name),
        }
    }

    /// The scenario as TOML with all defaults, names and `like` filled in; it reads as the same
    /// scenario, but for the names of the populations' own policies.
    ///
    /// # Errors
    /// If a number cannot be written as TOML, which no scenario that was read contains.
    pub fn resolved(&self) -> Result<String, toml::ser::Error> {
        let mut document = toml::Table::try_from(&self.base)?;
        let mut policies = toml::Table::new();
        for (name, choice) in &self.policies {
            policies.insert(name.to_string(), policy_value(choice)?);
        }
        document.insert("policies".to_owned(), policies.into());
        let mut variants = toml::Table::new();
        for (name, variation) in &self.variants {
            let mut patch = toml::Table::new();
            patch.extend(variation.about.clone().map(|about| ("about".to_owned(), about.into())));
            if let toml::Value::Table(changes) = plain(&variation.patch) {
                patch.extend(changes);
            }
            variants.insert(name.to_string(), patch.into());
        }
        if !variants.is_empty() {
            document.insert("variants".to_owned(), variants.into());
        }
        toml::to_string(&document)
    }
}

/// Takes from a policy what is only said about it.
fn undescribe(policy: &mut toml::Value) {
    for words in DESCRIPTION {
        policy.as_table_mut().and_then(|policy| policy.remove(words));
    }
}

fn policy_value(choice: &PolicyChoice) -> Result<toml::Value, toml::ser::Error> {
    match choice {
        PolicyChoice::Clairvoyant => Ok(toml::Value::from("clairvoyant")),
        PolicyChoice::Policy(policy) => toml::Value::try_from(policy),
    }
}

/// The node without its places.
fn plain(node: &Node) -> toml::Value {
    match &node.value {
        Value::String(text) => toml::Value::from(text.as_str()),
        Value::Integer(number) => toml::Value::from(i64::try_from(*number).unwrap_or(i64::MAX)),
        Value::Float(number) => toml::Value::from(*number),
        Value::Boolean(truth) => toml::Value::from(*truth),
        // No key takes one, so that a scenario with one was never read.
        Value::Datetime(time) => toml::Value::from(time.as_str()),
        Value::Array(items) => toml::Value::Array(items.iter().map(plain).collect()),
        Value::Table(table) => {
            table.iter().map(|(key, below)| (key.to_string(), plain(below))).collect::<toml::Table>().into()
        }
    }
}
