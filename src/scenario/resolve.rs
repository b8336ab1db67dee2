//! Policies: names and `like` resolved to whole tables.

use indexmap::IndexMap;

use super::deserialize::from_tree;
use super::finding::{Finding, Findings, Kind};
use super::merge;
use super::native::{self, NATIVE};
use super::source::Sources;
use super::spanned::Spanned;
use super::suggest;
use super::tree::{self, Node, Table, Value};
use super::written::Policy;
use crate::mta::{self, PresetKind};

/// A compared policy: the reference, or one that a sender could have.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyChoice {
    /// The reference that no real policy can be.
    Clairvoyant,
    /// A policy with all its parts.
    Policy(Box<Policy>),
}

/// The tables of all policies that a scenario can name.
pub struct Policies {
    own: Table,
    presets: IndexMap<&'static str, Known>,
}

/// What a name stands for.
#[derive(Clone)]
enum Known {
    Clairvoyant,
    Table(Node),
}

/// What resolving needs besides the tables.
pub struct Desk<'a> {
    /// Where configurations are found that policies name.
    pub sources: &'a mut Sources,
    /// Where warnings about them are left.
    pub remarks: Findings,
}

/// The key of a policy table that names the one it starts from.
const LIKE: &str = "like";

/// What is said of a policy as it is, and no longer true of one that is only like it.
pub(super) const DESCRIPTION: [&str; 3] = ["about", "source", "confidence"];

impl Policies {
    /// The presets, and the policies that a scenario defines itself.
    ///
    /// # Errors
    /// If the text of a preset is no TOML, which a test rules out.
    pub fn new(own: Table, sources: &mut Sources) -> Result<Self, Finding> {
        let mut presets = IndexMap::new();
        for preset in mta::presets() {
            let known = match preset.kind {
                PresetKind::Clairvoyant(_) => Known::Clairvoyant,
                PresetKind::Table(text) => {
                    let text = sources.add(format!("preset {}", preset.name), text);
                    Known::Table(tree::parse(text)?)
                }
            };
            presets.insert(preset.name, known);
        }
        Ok(Self { own, presets })
    }

    /// All policies that the scenario defines itself, in its order.
    ///
    /// # Errors
    /// The first name that does not exist, circle of `like`, or part that does not fit.
    pub fn own(&self, desk: &mut Desk<'_>) -> Result<IndexMap<Spanned<String>, PolicyChoice>, Findings> {
        let resolve = |(name, node): (&Spanned<String>, &Node)| {
            let choice = match self.known(node, &mut vec![name], desk)? {
                Known::Clairvoyant => PolicyChoice::Clairvoyant,
                Known::Table(table) => {
                    PolicyChoice::Policy(Box::new(from_tree(&table, &["policies", name])?))
                }
            };
            Ok((name.clone(), choice))
        };
        self.own.iter().map(resolve).collect()
    }

    /// The whole table of the policy that a population names or states.
    ///
    /// # Errors
    /// As [`Policies::own`]; and the reference is no policy that a population can have.
    pub fn of_population(&self, policy: &Node, desk: &mut Desk<'_>) -> Result<Node, Findings> {
        match self.known(policy, &mut Vec::new(), desk)? {
            Known::Table(table) => Ok(table),
            Known::Clairvoyant => Err(Finding::error(
                Kind::Contradiction,
                policy.span.clone(),
                "the clairvoyant is no policy that senders can have",
            )
            .label("not here")
            .help("compare it: name it in [policies], and let the population be \"compared\"")
            .into()),
        }
    }

    /// Resolves a node that is a name or a table. `under_way` are the names of the scenario's
    /// own policies that led here.
    fn known<'a>(
        &'a self,
        node: &'a Node,
        under_way: &mut Vec<&'a str>,
        desk: &mut Desk<'_>,
    ) -> Result<Known, Findings> {
        match &node.value {
            Value::String(name) => self.named(name, node, under_way, desk),
            Value::Table(table) if table.contains_key(NATIVE) => {
                self.configured(node, table, under_way, desk)
            }
            Value::Table(table) if table.contains_key(LIKE) => self.alike(node, table, under_way, desk),
            Value::Table(_) => Ok(Known::Table(node.clone())),
            _ => Err(Finding::error(
                Kind::Type,
                node.span.clone(),
                "this is neither a policy nor the name of one",
            )
            .label("expected a name or a table")
            .help("write for example \"postfix\", or { like = \"postfix\", ... }")
            .into()),
        }
    }

    fn named<'a>(
        &'a self,
        name: &'a str,
        at: &'a Node,
        under_way: &mut Vec<&'a str>,
        desk: &mut Desk<'_>,
    ) -> Result<Known, Findings> {
        // A policy may have the name of the preset it starts from.
        let itself = under_way.last() == Some(&name);
        if let Some(own) = self.own.get(name).filter(|_| !itself) {
            if under_way.contains(&name) {
                let circle = format!("{} -> {name}", under_way.join(" -> "));
                return Err(Finding::error(
                    Kind::Contradiction,
                    at.span.clone(),
                    "policies like each other in a circle",
                )
                .label(circle)
                .help("one of them must be stated without the others")
                .into());
            }
            under_way.push(name);
            return self.known(own, under_way, desk);
        }
        if let Some(preset) = self.presets.get(name) {
            return Ok(preset.clone());
        }
        if itself {
            return Err(Finding::error(
                Kind::Contradiction,
                at.span.clone(),
                format!("`{name}` is only said to be like itself"),
            )
            .label("there is no built-in policy of this name")
            .help("name another policy here, or state all parts")
            .into());
        }
        let own = self.own.keys().map(|key| key.as_str()).filter(|own| !under_way.contains(own));
        Err(Finding::error(Kind::UnknownName, at.span.clone(), format!("there is no policy `{name}`"))
            .label("unknown policy")
            .help(policy_help(name, own))
            .into())
    }

    fn alike<'a>(
        &'a self,
        node: &'a Node,
        table: &'a Table,
        under_way: &mut Vec<&'a str>,
        desk: &mut Desk<'_>,
    ) -> Result<Known, Findings> {
        let like = &table[LIKE];
        let Value::String(name) = &like.value else {
            return Err(Finding::error(Kind::Type, like.span.clone(), "`like` must name a policy")
                .label("expected the name of a policy")
                .help("write for example `like = \"postfix\"`")
                .into());
        };
        let Known::Table(mut base) = self.named(name, like, under_way, desk)? else {
            return Err(Finding::error(
                Kind::Contradiction,
                like.span.clone(),
                "nothing can be like the clairvoyant",
            )
            .label("it has no parts to change")
            .into());
        };
        patch(&mut base, node, LIKE);
        Ok(Known::Table(base))
    }

    /// A policy that a program's own configuration states, on top of the program's preset.
    fn configured(
        &self,
        node: &Node,
        table: &Table,
        under_way: &[&str],
        desk: &mut Desk<'_>,
    ) -> Result<Known, Findings> {
        let native = &table[NATIVE];
        if let Some((like, _)) = table.get_key_value(LIKE) {
            let message = "a policy cannot be like another and come from a configuration";
            return Err(Finding::error(Kind::Contradiction, like.place(), message)
                .related(native.span.clone(), "the configuration, which starts from its program's preset")
                .help("keep one of them; other keys of the policy change what the configuration says")
                .into());
        }
        let owner = under_way.last().map_or("policy".to_owned(), |name| format!("policies.{name}"));
        let configuration = native::read(native, &owner, desk.sources)?;
        desk.remarks.extend(configuration.remarks.iter().cloned());
        let Some(Known::Table(preset)) = self.presets.get(configuration.dialect.name()) else {
            let message = format!("there is no preset `{}` to start from", configuration.dialect.name());
            return Err(Finding::error(Kind::UnknownName, native.span.clone(), message).into());
        };
        let mut base = preset.clone();
        configuration.apply(&mut base);
        patch(&mut base, node, NATIVE);
        Ok(Known::Table(base))
    }
}

/// Patches a whole table with the rest of one that names where it starts from.
fn patch(base: &mut Node, node: &Node, origin: &str) {
    let mut changes = node.clone();
    if let (Some(base), Some(changes)) = (base.as_table_mut(), changes.as_table_mut()) {
        base.retain(|key, _| !DESCRIPTION.contains(&key.as_str()));
        changes.shift_remove(origin);
    }
    merge::patch_policy(base, &changes);
    // The table the user wrote is the place to complain about.
    base.span = node.span.clone();
}

/// What to do about a name that neither a preset nor one of these policies of a scenario has.
///
/// ```
/// use tempfail::scenario::policy_help;
///
/// assert_eq!(policy_help("postfx", []), "did you mean `postfix`?");
/// assert_eq!(policy_help("mime", ["mine"]), "did you mean `mine`?");
/// ```
pub fn policy_help<'a>(name: &str, own: impl IntoIterator<Item = &'a str>) -> String {
    let own: Vec<&str> = own.into_iter().collect();
    let built_in = mta::presets().iter().map(|preset| preset.name);
    match suggest::nearest(name, own.iter().copied().chain(built_in)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None if own.is_empty() => "`tempfail policies` lists what is built in".to_owned(),
        None => {
            let own = suggest::list(&own);
            format!("the scenario has {own}, and `tempfail policies` lists what is built in")
        }
    }
}

/// Reads a preset as it stands, for lists of policies.
///
/// ```
/// use tempfail::scenario::{PolicyChoice, preset};
///
/// let Some(PolicyChoice::Policy(postfix)) = preset("postfix") else { panic!() };
/// assert!(postfix.about.is_some());
/// assert_eq!(preset("clairvoyant"), Some(PolicyChoice::Clairvoyant));
/// assert_eq!(preset("nobody"), None);
/// ```
pub fn preset(name: &str) -> Option<PolicyChoice> {
    match mta::preset(name)?.kind {
        PresetKind::Clairvoyant(_) => Some(PolicyChoice::Clairvoyant),
        PresetKind::Table(text) => {
            let tree = tree::parse(Sources::new().add(name, text)).ok()?;
            from_tree(&tree, &[]).ok().map(|policy| PolicyChoice::Policy(Box::new(policy)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Paint;
    use super::super::written::{Backoff, Memory};
    use super::*;

    fn resolved(text: &str) -> Result<IndexMap<Spanned<String>, PolicyChoice>, String> {
        let mut sources = Sources::new();
        let tree = tree::parse(sources.add("t", text)).expect("valid TOML");
        let own = tree.as_table().cloned().expect("a table");
        let policies = Policies::new(own, &mut sources).expect("presets are TOML");
        let mut desk = Desk { sources: &mut sources, remarks: Findings::default() };
        policies.own(&mut desk).map_err(|finding| finding.render(&sources, Paint::Plain))
    }

    fn policy(text: &str, name: &str) -> Policy {
        match resolved(text).expect(text).get(name) {
            Some(PolicyChoice::Policy(policy)) => (**policy).clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_preset_reads() {
        for preset in mta::presets() {
            let found = super::preset(preset.name).unwrap_or_else(|| panic!("{} does not read", preset.name));
            if let PolicyChoice::Policy(policy) = found {
                assert!(policy.about.is_some() && policy.source.is_some(), "{}", preset.name);
                assert!(policy.confidence.is_some(), "{}", preset.name);
            }
        }
    }

    #[test]
    fn like_patches_parts_and_drops_the_description() {
        let text = "patient = { like = 'postfix', backoff = { age-doubling = { min = '15m' } } }
            more = { like = 'patient', memory = 'none', about = 'mine' }";
        let patient = policy(text, "patient");
        let Backoff::AgeDoubling(backoff) = &*patient.backoff else { panic!("{patient:?}") };
        assert_eq!(backoff.min.to_string(), "15m");
        assert_eq!(backoff.max.map(|max| max.to_string()).as_deref(), Some("1h6m40s"));
        assert_eq!((patient.about, patient.confidence), (None, None));
        assert!(matches!(*patient.memory, Memory::DeadSite(_)));
        let more = policy(text, "more");
        assert_eq!(more.backoff, patient.backoff);
        assert_eq!((more.about.as_deref(), &*more.memory), (Some("mine"), &Memory::None));
    }

    #[test]
    fn a_name_alone_is_the_policy_itself() {
        let PolicyChoice::Policy(exim) = preset("exim").expect("exim") else { panic!() };
        assert_eq!(policy("exim = 'exim'\nother = 'exim'", "other"), *exim);
        let changed = policy("exim = { like = 'exim', clock = '2s' }\nother = 'exim'", "other");
        assert_eq!(changed.clock.map(|clock| clock.to_string()).as_deref(), Some("2s"));
        let clairvoyant = resolved("best = 'clairvoyant'").expect("it is known");
        assert_eq!(clairvoyant.get("best"), Some(&PolicyChoice::Clairvoyant));
    }

    #[test]
    fn circles_and_unknown_names_are_refused() {
        let circle = resolved("a = 'b'\nb = { like = 'c' }\nc = 'a'").expect_err("a circle");
        assert!(circle.contains("a -> b -> c -> a"), "{circle}");
        let unknown = resolved("a = 'postfx'").expect_err("unknown");
        assert!(unknown.contains("did you mean `postfix`?"), "{unknown}");
        let itself = resolved("a = 'a'").expect_err("no preset a");
        assert!(itself.contains("`a` is only said to be like itself"), "{itself}");
        let like = resolved("a = { like = 'clairvoyant' }").expect_err("not patchable");
        assert!(like.contains("nothing can be like the clairvoyant"), "{like}");
    }

    #[test]
    fn a_misfit_in_a_patch_names_the_policy_and_points_at_the_patch() {
        let shown =
            resolved("p = { like = 'postfix', runner = { scan = { every = 3 } } }").expect_err("a number");
        assert!(shown.contains("in `policies.p.runner.scan.every`"), "{shown}");
        assert!(shown.contains("t:1:53"), "{shown}");
        let lacking = resolved("p = { clock = '1s' }").expect_err("no backoff");
        assert!(lacking.contains("`policies.p` lacks the key `backoff`"), "{lacking}");
    }
}
