//! Policies that come from a program's own configuration: `native = { postfix = { file = "main.cf" } }`.
//!
//! The text is read by [`mta::native`](crate::mta::native) into keys of a policy table, which are merged into the
//! program's preset as `like` merges them. They keep their places: what `check` finds wrong with a
//! value is shown where the configuration states it.

use std::ops::Range;

use super::deserialize::from_tree;
use super::finding::{Finding, Findings, Kind};
use super::merge;
use super::source::Sources;
use super::spanned::Spanned;
use super::tree::{Node, Table, Value};
use super::written::{Native, NativeText};
use crate::mta::native::{self, Dialect, Gravity, Item, Options, Reading, Remark};

/// The key of a policy table that names a configuration.
pub const NATIVE: &str = "native";

/// The key under which it names a file.
pub const FILE: &str = "file";

/// A configuration that was read.
pub struct Configuration {
    /// Of which program.
    pub dialect: Dialect,
    /// What it states, as a policy table.
    changes: Node,
    /// Keys that must not be there.
    absent: Vec<&'static str>,
    /// What it has that would matter and is not modelled.
    pub remarks: Findings,
}

/// Reads what a `native` key names. Inline texts that are not written as they are, with escapes, become
/// texts of their own, named by `owner`.
///
/// # Errors
/// Everything in the configuration that cannot be used, or that there is none.
pub fn read(node: &Node, owner: &str, sources: &mut Sources) -> Result<Configuration, Findings> {
    let written: Native = from_tree(node, &[owner, NATIVE])?;
    let (dialect, text) = written.parts();
    refuse_other_options(dialect, text)?;
    let start = place_text(dialect, text, owner, node, sources)?;
    let string = |text: &Option<Spanned<String>>| text.as_ref().map(ToString::to_string);
    let options = Options { transport: string(&text.transport), domain: string(&text.domain) };
    let reading = dialect.read(start.text(sources, text), &options);
    let remarks = findings(&reading, start.offset, node);
    if reading.has_errors() {
        return Err(remarks);
    }
    let mut configuration = Configuration::new(dialect, &reading, start.offset, node);
    configuration.remarks = remarks;
    if let Some(interval) = &text.queue_interval {
        let item = Node { span: interval.place(), value: Value::String(interval.to_string()) };
        insert(&mut configuration.changes, "runner.queue-run.every", item);
    }
    Ok(configuration)
}

impl Configuration {
    fn new(dialect: Dialect, reading: &Reading, offset: usize, node: &Node) -> Self {
        let mut changes = Node { span: node.span.clone(), value: Value::Table(Table::new()) };
        let mut absent = Vec::new();
        for setting in &reading.settings {
            match self::node(&setting.item, offset) {
                Some(item) => {
                    absent.retain(|key| *key != setting.key);
                    insert(&mut changes, setting.key, item);
                }
                None => absent.push(setting.key),
            }
        }
        Self { dialect, changes, absent, remarks: Findings::default() }
    }

    /// Changes a policy table, that of the program's preset, to what the configuration states.
    pub fn apply(&self, base: &mut Node) {
        merge::patch_policy(base, &self.changes);
        for key in &self.absent {
            let (path, last) = key.rsplit_once('.').unwrap_or(("", key));
            let mut segments = path.split('.').filter(|segment| !segment.is_empty());
            let found = segments.try_fold(&mut *base, |node, segment| node.as_table_mut()?.get_mut(segment));
            if let Some(table) = found.and_then(Node::as_table_mut) {
                table.shift_remove(last);
            }
        }
    }
}

/// Where a configuration lies among the sources.
struct Place {
    offset: usize,
    /// The name of the text; `None` for one that stands in the scenario as it is.
    name: Option<String>,
}

impl Place {
    fn text<'a>(&self, sources: &'a Sources, written: &'a NativeText) -> &'a str {
        let named = self.name.as_deref().and_then(|name| sources.text(name));
        named.or(written.text.as_ref().map(|text| text.as_str())).unwrap_or_default()
    }
}

fn place_text(
    dialect: Dialect,
    written: &NativeText,
    owner: &str,
    node: &Node,
    sources: &mut Sources,
) -> Result<Place, Finding> {
    match (&written.file, &written.text) {
        (Some(file), None) => match sources.find(file) {
            Some(text) => Ok(Place { offset: text.start(), name: Some(file.to_string()) }),
            None => {
                let why = sources.why_unreadable(file).unwrap_or("it was not given");
                let message = format!("cannot read the configuration `{file}`: {why}");
                Err(Finding::error(Kind::File, file.place(), message)
                    .label("named here")
                    .help("the path is relative to the scenario file"))
            }
        },
        (None, Some(text)) => {
            if let Some(offset) = as_it_is(text, sources) {
                return Ok(Place { offset, name: None });
            }
            let name = format!("{owner}.{NATIVE}.{}.text", dialect.name());
            if sources.text(&name) != Some(text.as_str()) {
                sources.add(name.as_str(), text.as_str());
            }
            let offset = sources.find(&name).map_or(0, |text| text.start());
            Ok(Place { offset, name: Some(name) })
        }
        (file, _) => {
            let message = if file.is_some() {
                "there is a file and a text; one of them must be it"
            } else {
                "there is no configuration"
            };
            let help = format!("write for example {{ {} = {{ file = \"...\" }} }}", dialect.name());
            Err(Finding::error(Kind::MissingKey, node.span.clone(), message)
                .label("expected `file` or `text`")
                .help(help))
        }
    }
}

/// Where a string begins that stands between its quotation marks without escapes.
fn as_it_is(text: &Spanned<String>, sources: &Sources) -> Option<usize> {
    let span = text.place();
    let (source, inside) = sources.locate(&span)?;
    let raw = source.as_str().get(inside.clone())?;
    let quotes = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quotes| raw.starts_with(quotes))?;
    let content = raw.get(quotes.len()..raw.len().checked_sub(quotes.len())?)?;
    // A line end right after three quotation marks is none of the text's.
    let content = if quotes.len() == 3 { content.strip_prefix('\n').unwrap_or(content) } else { content };
    let offset = raw.len() - quotes.len() - content.len();
    (content == text.as_str()).then_some(span.start + offset)
}

fn refuse_other_options(dialect: Dialect, written: &NativeText) -> Result<(), Finding> {
    let transport = written.transport.as_ref().filter(|_| !dialect.has_transports()).map(Spanned::place);
    let domain = written.domain.as_ref().filter(|_| !dialect.has_domains()).map(Spanned::place);
    let interval =
        written.queue_interval.as_ref().filter(|_| !dialect.has_queue_interval()).map(Spanned::place);
    let all = [("transport", transport), ("domain", domain), ("queue_interval", interval)];
    match all.into_iter().find_map(|(key, place)| place.map(|place| (key, place))) {
        Some((key, place)) => {
            let message = format!("`{key}` means nothing to {}", dialect.name());
            Err(Finding::error(Kind::UnknownKey, place, message).label("not here").help("leave it out"))
        }
        None => Ok(()),
    }
}

fn findings(reading: &Reading, offset: usize, node: &Node) -> Findings {
    let mut in_order: Vec<&Remark> = reading.remarks.iter().collect();
    in_order.sort_by_key(|remark| remark.at.as_ref().map(|at| at.start));
    let mut findings = Findings::default();
    findings.extend(in_order.into_iter().map(|remark| finding(remark, offset, node)));
    findings
}

fn finding(remark: &Remark, offset: usize, node: &Node) -> Finding {
    let place = remark.at.as_ref().map_or(node.span.clone(), |at| shifted(at, offset));
    let (kind, warning) = match remark.gravity {
        Gravity::Error => (Kind::Value, false),
        Gravity::Warning => (Kind::Unused, true),
    };
    let mut finding = Finding::error(kind, place, remark.message.as_str());
    finding.label.clone_from(&remark.label);
    finding.help.clone_from(&remark.help);
    if warning { finding.as_warning() } else { finding }
}

fn shifted(at: &Range<usize>, offset: usize) -> Range<usize> {
    at.start + offset..at.end + offset
}

/// A value as a node of the tree; `None` for one that must not be there.
fn node(item: &Item, offset: usize) -> Option<Node> {
    let value = match &item.value {
        native::Value::Text(text) => Value::String(text.clone()),
        native::Value::Count(count) => Value::Integer((*count).into()),
        native::Value::Number(number) => Value::Float(*number),
        native::Value::Truth(truth) => Value::Boolean(*truth),
        native::Value::List(items) => {
            Value::Array(items.iter().filter_map(|item| self::node(item, offset)).collect())
        }
        native::Value::Table(entries) => {
            let entry = |(key, item): &(&'static str, Item)| {
                let name = Spanned::new(shifted(&item.at, offset), (*key).to_owned());
                self::node(item, offset).map(|node| (name, node))
            };
            Value::Table(entries.iter().filter_map(entry).collect())
        }
        native::Value::Absent => return None,
    };
    Some(Node { span: shifted(&item.at, offset), value })
}

/// Puts a value under a key with dots; tables on the way are made, and have its place. Where a kind was
/// stated before, another takes its place.
fn insert(root: &mut Node, key: &str, item: Node) {
    let place = item.span.clone();
    let nested = key.split('.').rev().fold(item, |inner, segment| {
        let name = Spanned::new(place.clone(), segment.to_owned());
        Node { span: place.clone(), value: Value::Table(Table::from_iter([(name, inner)])) }
    });
    let span = root.span.clone();
    merge::patch_policy(root, &nested);
    root.span = span;
}

#[cfg(test)]
mod tests {
    use super::super::written::{Backoff, Memory, Policy, Runner};
    use super::super::{Checked, Paint, PolicyChoice, files_named, load};
    use super::*;

    const MAIN_CF: &str = "# ours\nminimal_backoff_time = 10m\nqueue_run_delay = 2m\nsoft_bounce = yes\n";

    fn scenario(policies: &str) -> String {
        format!(
            "format = 1\ntitle = 't'\nhorizon = '1d'\nrecipients.mx.transaction = '1s'\n\
             senders.s = {{ policy = 'compared', arrivals.a.poisson.rate = '1/min' }}\n[policies]\n{policies}\n"
        )
    }

    fn loaded(policies: &str) -> Result<(Checked, String), String> {
        let mut sources = Sources::new();
        sources.add("my.toml", scenario(policies));
        for file in files_named(&sources, "my.toml", &[]) {
            match file.as_str() {
                "main.cf" => drop(sources.add(file, MAIN_CF)),
                _ => sources.add_unreadable(file, "no such file"),
            }
        }
        match load(&mut sources, "my.toml", &[]) {
            Ok(checked) => {
                let warnings = checked.warnings.render(&sources, Paint::Plain);
                Ok((checked, warnings))
            }
            Err(findings) => Err(findings.render(&sources, Paint::Plain)),
        }
    }

    fn policy(policies: &str, name: &str) -> Policy {
        let (checked, _) = loaded(policies).unwrap_or_else(|findings| panic!("{findings}"));
        match &checked.scenario.policies[name] {
            PolicyChoice::Policy(policy) => (**policy).clone(),
            PolicyChoice::Clairvoyant => panic!("the clairvoyant has no configuration"),
        }
    }

    #[test]
    fn a_file_changes_the_preset_and_other_keys_change_the_file() {
        let text = "ours = { native = { postfix = { file = 'main.cf' } }, clock = '2s', runner = { scan = { slack = '0s' } } }";
        let ours = policy(text, "ours");
        let Backoff::AgeDoubling(backoff) = &*ours.backoff else { panic!("{ours:?}") };
        assert_eq!(
            (backoff.min.to_string(), backoff.max.map(|max| max.to_string())),
            ("10m".into(), Some("1h6m40s".into()))
        );
        let Memory::DeadSite(site) = &*ours.memory else { panic!("{ours:?}") };
        assert_eq!(site.retry_after.to_string(), "10m");
        let Runner::Scan(scan) = &*ours.runner else { panic!("{ours:?}") };
        assert_eq!((scan.every.to_string(), scan.slack.to_string()), ("2m".into(), "0s".into()));
        assert_eq!((ours.about, ours.clock.map(|clock| clock.to_string())), (None, Some("2s".into())));
    }

    #[test]
    fn others_can_be_like_it() {
        let text = "ours.native.postfix.file = 'main.cf'\nmore = { like = 'ours', clock = '2s' }";
        assert_eq!(policy(text, "more").backoff, policy(text, "ours").backoff);
    }

    #[test]
    fn an_empty_configuration_is_the_preset() {
        for dialect in Dialect::ALL {
            if crate::mta::preset(dialect.name()).is_none() {
                continue;
            }
            let text = format!("a = {{ native = {{ {} = {{ text = '' }} }} }}\nb = '{0}'", dialect.name());
            let preset = policy(&text, "b");
            let described = Policy { about: None, source: None, confidence: None, ..preset };
            assert_eq!(policy(&text, "a"), described, "{}", dialect.name());
        }
    }

    #[test]
    fn warnings_and_mistakes_point_into_the_configuration() {
        let (_, warnings) = loaded("ours.native.postfix.file = 'main.cf'").expect("it can be run");
        assert!(warnings.contains("main.cf:4:15") && warnings.contains("`soft_bounce`"), "{warnings}");
        let quoted = loaded("p.native.postfix.text = '''\nqueue_run_delay = soon\n'''").expect_err("no time");
        assert!(quoted.contains("my.toml:8:19"), "{quoted}");
        let escaped =
            loaded("p.native.postfix.text = \"a = 1\\nqueue_run_delay = soon\"").expect_err("no time");
        assert!(escaped.contains("policies.p.native.postfix.text:2:19"), "{escaped}");
        // What only the whole can say is shown there, too.
        let both = "p.native.kumomta.text = '''\nretry_interval = \"2h\"\nmax_retry_interval = \"1h\"\n'''";
        let ordered = loaded(both).expect_err("above the greatest");
        assert!(ordered.contains("is above the greatest") && ordered.contains("my.toml:8:19"), "{ordered}");
    }

    #[test]
    fn what_is_no_configuration_is_explained() {
        for (policy, message) in [
            ("native = 'postfix'", "there is no configuration"),
            ("native = { postfix = {} }", "there is no configuration"),
            ("native = { postfix = { file = 'a', text = 'b' } }", "one of them"),
            ("native = { postfx = { file = 'a' } }", "did you mean `postfix`?"),
            (
                "native = { postfix = { file = 'gone.cf' } }",
                "cannot read the configuration `gone.cf`: no such file",
            ),
            ("native = { postfix = { text = '', domain = 'x' } }", "`domain` means nothing to postfix"),
            ("native = { exim = { text = '', queue_interval = 'x' } }", "a number is missing"),
            ("like = 'exim', native = { exim = { text = '' } }", "cannot be like another"),
        ] {
            let shown = loaded(&format!("p = {{ {policy} }}")).expect_err(policy);
            assert!(shown.contains(message), "{policy}: {shown}");
        }
    }

    #[test]
    fn the_interval_of_queue_runs_is_added() {
        let exim = policy("p.native.exim = { text = '* * F,1h,5m', queue_interval = '7m' }", "p");
        let Runner::QueueRun(run) = &*exim.runner else { panic!("{exim:?}") };
        assert_eq!(run.every.to_string(), "7m");
        let Backoff::EximRule(rule) = &*exim.backoff else { panic!("{exim:?}") };
        assert_eq!(rule.rule.as_ref().map(|rule| rule.as_str()), Some("F,1h,5m"));
    }
}
