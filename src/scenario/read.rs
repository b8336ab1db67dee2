//! From the texts to a scenario: parse, patch, resolve, and fit into types.

use std::path::Path;

use indexmap::IndexMap;

use super::deserialize::from_tree;
use super::finding::{Finding, Findings, Kind};
use super::native;
use super::overrides;
use super::resolve::{Desk, Policies};
use super::source::Sources;
use super::spanned::Spanned;
use super::trace_file::{self, TraceRow};
use super::tree::{self, Node, Table, Value};
use super::varied_keys;
use super::written::{Arrivals, PopulationPolicy, WrittenScenario};
use super::{Scenario, Variation};

/// What a variant cannot change, because variants would no longer be comparable.
const COMMON: [&str; 11] = [
    "format",
    "title",
    "question",
    "seed",
    "replications",
    "horizon",
    "compare",
    "expect",
    "vary",
    "policies",
    "variants",
];

/// Reads the scenario of a name among the sources, changed by `--set` texts in their order.
///
/// The texts of presets and changes are added to the sources, so that findings can show them.
///
/// # Errors
/// The first mistake in the syntax, the keys or the types. [`check`](super::check) says what else
/// is wrong.
pub fn read(sources: &mut Sources, main: &str, changes: &[String]) -> Result<Scenario, Findings> {
    read_drawn(sources, main, changes, &[])
}

/// The same with values that were drawn, which come after the changes.
///
/// # Errors
/// As [`read`].
pub(super) fn read_drawn(
    sources: &mut Sources,
    main: &str,
    changes: &[String],
    drawn: &[String],
) -> Result<Scenario, Findings> {
    let mut tree = changed_tree(sources, main, changes)?;
    for value in drawn {
        overrides::apply(&mut tree, &sources.add("drawn", value.as_str()).clone())?;
    }
    let own = take_table(&mut tree, "policies")?;
    let variants = take_table(&mut tree, "variants")?;
    let policies = Policies::new(own, sources)?;
    let mut desk = Desk { sources, remarks: Findings::default() };
    let compared = policies.own(&mut desk)?;
    let base = fit(tree.clone(), &policies, &[], &mut desk)?;
    let mut read = IndexMap::new();
    for (name, patch) in variants {
        let mut variation = variation(&tree, &name, patch, &policies, &mut desk)?;
        variation.scenario.measure_like(&base);
        read.insert(name, variation);
    }
    let remarks = desk.remarks;
    let name = Path::new(main).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut scenario = Scenario {
        name: name.unwrap_or_else(|| main.to_owned()),
        base,
        policies: compared,
        variants: read,
        traces: IndexMap::new(),
        remarks,
    };
    scenario.traces = traces(&scenario, sources)?;
    Ok(scenario)
}

/// The files that a scenario names, as written in it: what must be added to the sources before
/// [`read`]. Empty if the scenario does not even parse, which [`read`] will say.
pub fn files_named(sources: &Sources, main: &str, changes: &[String]) -> Vec<String> {
    let mut files = Vec::new();
    if let Ok(tree) = changed_tree(&mut sources.clone(), main, changes) {
        collect_files(&tree, "", &mut files);
    }
    files
}

fn changed_tree(sources: &mut Sources, main: &str, changes: &[String]) -> Result<Node, Finding> {
    let Some(text) = sources.find(main) else {
        let why = sources.why_unreadable(main).unwrap_or("there is no such text");
        return Err(Finding::error(Kind::File, 0..0, format!("cannot read `{main}`: {why}")));
    };
    let mut tree = tree::parse(text)?;
    for change in changes {
        overrides::apply(&mut tree, sources.add("--set", change.as_str()))?;
    }
    varied_keys::join(&mut tree);
    Ok(tree)
}

/// Takes a table of names out of the scenario.
fn take_table(tree: &mut Node, key: &str) -> Result<Table, Finding> {
    match tree.as_table_mut().and_then(|table| table.shift_remove(key)) {
        None => Ok(Table::new()),
        Some(Node { value: Value::Table(table), .. }) => Ok(table),
        Some(other) => Err(Finding::error(Kind::Type, other.span, format!("`{key}` must be a table"))
            .label("expected a table of names")),
    }
}

fn variation(
    base: &Node,
    name: &str,
    mut patch: Node,
    policies: &Policies,
    desk: &mut Desk<'_>,
) -> Result<Variation, Findings> {
    let within = ["variants", name];
    let Some(changes) = patch.as_table_mut() else {
        return Err(Finding::error(Kind::Type, patch.span, format!("the variant `{name}` must be a table"))
            .label("expected what it changes")
            .help("write for example { recipients.mx.slots = 50 }")
            .into());
    };
    let about = changes.shift_remove("about").map(|about| from_tree(&about, &["variants", name, "about"]));
    if let Some((key, _)) = changes.iter().find(|(key, _)| COMMON.contains(&key.as_str())) {
        return Err(Finding::error(
            Kind::Contradiction,
            key.place(),
            format!("a variant cannot change `{key}`"),
        )
        .label("the same for all variants")
        .help("variants change recipients, senders and measure; policies are crossed with them")
        .into());
    }
    let mut tree = base.clone();
    super::merge::takes_away(&tree, &patch)?;
    super::merge::patch_scenario(&mut tree, &patch);
    Ok(Variation { about: about.transpose()?, scenario: fit(tree, policies, &within, desk)?, patch })
}

/// Fits a tree without policies and variants into the written types.
fn fit(
    mut tree: Node,
    policies: &Policies,
    within: &[&str],
    desk: &mut Desk<'_>,
) -> Result<WrittenScenario, Findings> {
    let names = resolve_populations(&mut tree, policies, desk)?;
    let mut scenario: WrittenScenario = from_tree(&tree, within)?;
    for (population, policy_name) in names {
        let population = scenario.senders.get_mut(population.as_str());
        if let Some(PopulationPolicy::Own { name, .. }) = population.map(|found| found.policy.get_mut()) {
            *name = Some(policy_name);
        }
    }
    Ok(scenario)
}

/// Replaces the policies of the populations, unless compared, by whole tables. Gives the
/// populations that name one, and the name.
fn resolve_populations(
    tree: &mut Node,
    policies: &Policies,
    desk: &mut Desk<'_>,
) -> Result<Vec<(String, String)>, Findings> {
    let mut names = Vec::new();
    let senders = tree.as_table_mut().and_then(|root| root.get_mut("senders"));
    let Some(senders) = senders.and_then(Node::as_table_mut) else { return Ok(names) };
    for (population, table) in senders {
        let Some(policy) = table.as_table_mut().and_then(|table| table.get_mut("policy")) else { continue };
        match policy.as_str() {
            Some("compared") => continue,
            Some(name) => names.push((population.to_string(), name.to_owned())),
            None => {}
        }
        let span = policy.span.clone();
        *policy = policies.of_population(policy, desk)?;
        policy.span = span;
    }
    Ok(names)
}

fn traces(scenario: &Scenario, sources: &Sources) -> Result<IndexMap<String, Vec<TraceRow>>, Findings> {
    let mut traces = IndexMap::new();
    let mut findings = Findings::default();
    let all = scenario.variants.values().map(|variation| &variation.scenario).chain([&scenario.base]);
    let sources_of_mail =
        all.flat_map(|written| written.senders.values()).flat_map(|one| one.arrivals.values());
    for source in sources_of_mail {
        let Arrivals::Trace(trace) = &**source else { continue };
        if traces.contains_key(trace.file.as_str()) {
            continue;
        }
        match trace_rows(&trace.file, sources) {
            Ok(rows) => {
                traces.insert(trace.file.to_string(), rows);
            }
            Err(finding) => findings.push(finding),
        }
    }
    if findings.is_empty() { Ok(traces) } else { Err(findings) }
}

fn trace_rows(file: &Spanned<String>, sources: &Sources) -> Result<Vec<TraceRow>, Finding> {
    if let Some(text) = sources.find(file) {
        return trace_file::parse(text);
    }
    let why = sources.why_unreadable(file).unwrap_or("it was not given");
    Err(Finding::error(Kind::File, file.place(), format!("cannot read the trace `{file}`: {why}"))
        .label("named here")
        .help("the path is relative to the scenario file"))
}

/// Files are named by sources of mail, `trace = { file }`, and by policies, `native = { PROGRAM = { file } }`.
fn collect_files(node: &Node, under: &str, files: &mut Vec<String>) {
    let Some(table) = node.as_table() else { return };
    for (key, below) in table {
        let names_one = key.as_str() == "trace" || under == native::NATIVE;
        let file = below.get(native::FILE).and_then(Node::as_str);
        match file.filter(|_| names_one) {
            Some(file) if !files.iter().any(|known| known == file) => files.push(file.to_owned()),
            Some(_) => {}
            None => collect_files(below, key, files),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Paint;
    use super::super::written::{Answer, Gate};
    use super::*;

    const SCENARIO: &str = r#"
format = 1
title = "t"
horizon = "1d"
[recipients.mx]
transaction = "1s"
gates.window.maintenance.when.once = { from = "1h", until = "2h" }
[senders.s]
policy = "compared"
arrivals.a.poisson.rate = "1/s"
[senders.others]
policy = "mine"
arrivals.a.trace.file = "mail.csv"
[policies]
mine = { like = "postfix", clock = "2s" }
clairvoyant = "clairvoyant"
[variants]
same = {}
refused = { recipients.mx.gates.window.maintenance.answer = "refuse", about = "stopped" }
"#;

    fn sources() -> Sources {
        let mut sources = Sources::new();
        sources.add("dir/down.toml", SCENARIO);
        sources.add("mail.csv", "t_seconds\n1\n");
        sources
    }

    fn read_with(changes: &[&str]) -> Result<Scenario, String> {
        let mut sources = sources();
        let changes: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
        read(&mut sources, "dir/down.toml", &changes)
            .map_err(|findings| findings.render(&sources, Paint::Plain))
    }

    fn answer(scenario: &WrittenScenario) -> Answer {
        match &**scenario.recipients["mx"].gates.get("window").expect("a window") {
            Gate::Maintenance(maintenance) => *maintenance.answer,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn variants_are_policies_crossed_with_variations() {
        let scenario = read_with(&[]).expect("a scenario");
        assert_eq!(scenario.name, "down");
        let names: Vec<String> = scenario.variants().into_iter().map(|variant| variant.name).collect();
        assert_eq!(names, ["mine @ same", "mine @ refused", "clairvoyant @ same", "clairvoyant @ refused"]);
        assert_eq!(scenario.baseline().as_deref(), Some("mine @ same"));
        let refused = &scenario.variants["refused"];
        assert_eq!(refused.about.as_deref(), Some("stopped"));
        assert_eq!((answer(&refused.scenario), answer(&scenario.base)), (Answer::Refuse, Answer::Greeting));
        assert_eq!(scenario.traces["mail.csv"].len(), 1);
    }

    #[test]
    fn populations_have_resolved_policies_with_their_name() {
        let scenario = read_with(&[]).expect("a scenario");
        let PopulationPolicy::Own { name, policy } = &*scenario.base.senders["others"].policy else {
            panic!()
        };
        assert_eq!(name.as_deref(), Some("mine"));
        assert_eq!(policy.clock.map(|clock| clock.to_string()).as_deref(), Some("2s"));
    }

    #[test]
    fn changes_come_before_variants_and_reach_into_presets() {
        let changes = ["horizon=2d", "policies.mine.backoff.age-doubling.min=15m", "seed=7"];
        let scenario = read_with(&changes).expect("a scenario");
        assert_eq!(scenario.variants["same"].scenario.horizon.to_string(), "2d");
        assert_eq!(scenario.base.seed, 7);
        let unknown = read_with(&["horizont=2d"]).expect_err("no such key");
        assert!(unknown.contains("--set:1:1") && unknown.contains("did you mean `horizon`?"), "{unknown}");
        let wrong = read_with(&["horizon=2"]).expect_err("no unit");
        assert!(wrong.contains("--set:1:9") && wrong.contains("needs a unit"), "{wrong}");
    }

    #[test]
    fn the_resolved_text_reads_as_the_same_scenario() {
        let scenario = read_with(&[]).expect("a scenario");
        let text = scenario.resolved().expect("it is TOML");
        let mut sources = sources();
        sources.add("again.toml", text.as_str());
        let again = read(&mut sources, "again.toml", &[])
            .unwrap_or_else(|findings| panic!("{}\n{text}", findings.render(&sources, Paint::Plain)));
        assert_eq!(again.policies, scenario.policies);
        assert_eq!(again.base.recipients, scenario.base.recipients);
        assert_eq!(
            again.variants["refused"].scenario.recipients,
            scenario.variants["refused"].scenario.recipients
        );
        assert_eq!(again.resolved().expect("it is TOML"), text);
    }

    #[test]
    fn files_are_named_and_their_absence_is_shown_where() {
        let mut sources = sources();
        assert_eq!(files_named(&sources, "dir/down.toml", &[]), ["mail.csv"]);
        sources.add_unreadable("other.csv", "permission denied");
        let changes = ["senders.others.arrivals.a.trace.file=other.csv".to_owned()];
        let findings = read(&mut sources, "dir/down.toml", &changes).expect_err("unreadable");
        let shown = findings.render(&sources, Paint::Plain);
        assert!(shown.contains("cannot read the trace `other.csv`: permission denied"), "{shown}");
        assert!(shown.contains("--set:1:38"), "{shown}");
        let absent = read(&mut Sources::new(), "x.toml", &[]).expect_err("no text");
        assert_eq!(absent.to_string(), "cannot read `x.toml`: there is no such text");
    }

    #[test]
    fn variants_leave_alone_what_they_are_compared_by() {
        let wrong = read_with(&["variants.same.seed=3"]).expect_err("seeds are common");
        assert!(wrong.contains("a variant cannot change `seed`"), "{wrong}");
        let misfit = read_with(&["variants.same.recipients.mx.slots=many"]).expect_err("no number");
        assert!(misfit.contains("`variants.same.recipients.mx.slots` is the string"), "{misfit}");
    }
}
