//! Whether there is memory enough for what is asked, before it is begun.
//!
//! An estimate from below of what is large: a run that is refused could not have been finished, one that is
//! not refused may still fail, for how long queues become under overload is what is simulated.

use std::fs;
use std::num::NonZeroUsize;

use super::failure::Failure;
use super::load::Loaded;
use super::terminal::Terminal;
use crate::experiment::record::Bin;
use crate::id::RecipientId;
use crate::random::Key;
use crate::recipient::When;
use crate::scenario::lower::expected_messages;
use crate::scenario::{Finding, Findings, Kind};
use crate::sender;
use crate::stats::histogram::Histogram;
use crate::system::{Plan, Senders};
use crate::time::{Instant, Span};
use crate::workload::Source;

/// Bytes of a waiting message with its place in the event set or in a queue.
const WAITING: f64 = 40.0;

/// Bytes of a histogram whose counts reach from microseconds to days.
const HISTOGRAM: f64 = (size_of::<Histogram>() + 8 * 5_000) as f64;

/// Bytes of a number in a counter of connections per second.
const COUNTER: f64 = 8.0;

/// Windows of a schedule that are looked at; periodic ones are all alike.
const WINDOWS: usize = 100;

/// Refuses what needs more memory than there is. Where the system does not say how much that is,
/// nothing is refused.
pub(super) fn enough(
    loaded: &Loaded,
    plans: &[Plan],
    replications: u32,
    threads: NonZeroUsize,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let Some(available) = available() else { return Ok(()) };
    let needs = Needs::of(plans, f64::from(replications), threads.get() as f64);
    if needs.sum() <= available {
        return Ok(());
    }
    let message = format!(
        "this would need about {} of memory, and {} are available",
        bytes(needs.sum()),
        bytes(available)
    );
    let mut findings = Findings::default();
    let place = loaded.scenario.base.horizon.place();
    findings.push(Finding::error(Kind::Size, place, message).help(needs.remedy()));
    Err(Failure::Scenario(findings.render(&loaded.sources, terminal.paint())))
}

/// What takes memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Needs {
    /// Mail that waits at one time, in all cells that run at one time.
    mail: f64,
    /// Counts over time.
    series: f64,
    /// Histograms of all cells, for the summary.
    histograms: f64,
    /// Sending hosts and their queues.
    hosts: f64,
}

impl Needs {
    fn of(plans: &[Plan], replications: f64, threads: f64) -> Self {
        let running = threads.min(plans.len() as f64 * replications);
        let greatest = |of: fn(&Plan) -> f64| plans.iter().map(of).fold(0.0, f64::max);
        Self {
            mail: running * WAITING * greatest(waiting),
            // The records of a variant are kept until its last replication is done.
            series: (replications + running) * greatest(steps) + running * greatest(seconds),
            histograms: plans.len() as f64 * replications * HISTOGRAM,
            hosts: running * greatest(hosts),
        }
    }

    fn sum(&self) -> f64 {
        self.mail + self.series + self.histograms + self.hosts
    }

    /// What helps against the greatest part.
    fn remedy(&self) -> String {
        let (mail, series, histograms) = (bytes(self.mail), bytes(self.series), bytes(self.histograms));
        if self.hosts >= self.mail.max(self.series).max(self.histograms) {
            let hosts = bytes(self.hosts);
            format!(
                "{hosts} of it are hosts and their queues: write fewer `hosts`, or fewer recipients in `to`"
            )
        } else if self.mail >= self.series.max(self.histograms) {
            format!("{mail} of it is waiting mail: let fewer messages wait at once, or use fewer threads")
        } else if self.series >= self.histograms {
            format!(
                "{series} of it are counts over time: write a longer `measure.series_step`, fewer \
                 `replications` or an earlier `horizon`"
            )
        } else {
            format!("{histograms} of it are histograms of latency: write fewer `replications`")
        }
    }
}

/// Bytes of the sending hosts of one cell.
fn hosts(plan: &Plan) -> f64 {
    let populations = plan.populations.iter().map(|population| {
        let routes = population.recipients.len() as f64 * sender::ROUTE_BYTES as f64;
        f64::from(population.hosts) * (sender::HOST_BYTES as f64 + routes)
    });
    populations.sum()
}

/// Bytes of the series of one cell.
fn steps(plan: &Plan) -> f64 {
    let steps = (plan.horizon - Instant::ZERO).as_seconds() / plan.measure.series_step.as_seconds();
    steps * plan.recipients.len() as f64 * size_of::<Bin>() as f64
}

/// Bytes of the counters per second of one cell that runs.
fn seconds(plan: &Plan) -> f64 {
    let aftermath = &plan.measure.aftermath;
    let seconds = (aftermath.end.max(aftermath.start) - aftermath.start).as_seconds();
    seconds * (1 + plan.recipients.len()) as f64 * COUNTER
}

/// About how many messages surely wait at the same time: those that are queued at the start or come
/// at once, and those that arrive while their recipient is closed.
fn waiting(plan: &Plan) -> f64 {
    let sources = || plan.populations.iter().flat_map(|population| &population.sources);
    let at_once = sources().filter_map(|named| match named.source {
        Source::Burst { at, over: Span::ZERO, .. } => Some(at),
        Source::Queued { .. } => Some(Instant::ZERO),
        _ => None,
    });
    let at_once = at_once.map(|at| {
        let instant = at..at + Span::from_micros(1);
        sources().map(|named| expected_messages(&named.source, &instant)).sum::<f64>()
    });
    let recipients = (0..).map(RecipientId).take(plan.recipients.len());
    recipients.map(|recipient| while_closed(plan, recipient)).chain(at_once).fold(0.0, f64::max)
}

/// The most mail that arrives for a recipient while a maintenance window closes all of it.
fn while_closed(plan: &Plan, recipient: RecipientId) -> f64 {
    let key = Key::new(plan.seed, 0);
    let lifetime = lifetime(plan);
    let closed = plan.recipients[recipient.index()].settings.maintenance().map(|(_, gate)| gate);
    let closed = closed.filter(|gate| gate.capacity == 0.0 && !matches!(gate.when, When::Random { .. }));
    let windows = closed.flat_map(|gate| gate.when.windows(key).take(WINDOWS));
    let senders = || plan.populations.iter().filter(|population| population.recipients.contains(&recipient));
    let mail = windows.filter(|window| window.start < plan.horizon).map(|window| {
        let end = window.end.min(plan.horizon);
        let end = lifetime.map_or(end, |lifetime| end.min(window.start.saturating_add(lifetime)));
        let arrives = senders().map(|population| {
            let sources = population.sources.iter();
            let all: f64 = sources.map(|named| expected_messages(&named.source, &(window.start..end))).sum();
            // As if equal weights were written: this is about the order of magnitude.
            all / population.recipients.len() as f64
        });
        arrives.sum::<f64>()
    });
    mail.fold(0.0, f64::max)
}

/// The age at which the least patient policy gives up; none: some never do, or the clairvoyant waits.
fn lifetime(plan: &Plan) -> Option<Span> {
    match &plan.senders {
        Senders::Clairvoyant => None,
        Senders::ByPolicy(policies) => policies.iter().filter_map(|policy| policy.greatest_age()).min(),
    }
}

/// Memory that the system could give, in bytes: the least of what the machine has, what the process may
/// have (`ulimit -v`) and what its container may have. None where the system says nothing of the kind.
fn available() -> Option<f64> {
    let file = |path: &str| fs::read_to_string(path).ok();
    let machine = file("/proc/meminfo").and_then(|facts| of_machine(&facts));
    let process = file("/proc/self/limits").and_then(|limits| of_process(&limits));
    // Within a container its own group is the root; version 2, and version 1.
    let container = [
        ("/sys/fs/cgroup", ["memory.max", "memory.current", "memory.stat"]),
        ("/sys/fs/cgroup/memory", ["memory.limit_in_bytes", "memory.usage_in_bytes", "memory.stat"]),
    ];
    let container = container.map(|(directory, names)| {
        let [most, used, kinds] = names.map(|name| file(&format!("{directory}/{name}")));
        of_container(&most?, &used?, &kinds.unwrap_or_default())
    });
    [machine, process].into_iter().chain(container).flatten().reduce(f64::min)
}

fn of_machine(facts: &str) -> Option<f64> {
    let line = facts.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// Addresses that a process may use; `unlimited` is no number.
fn of_process(limits: &str) -> Option<f64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What a control group may have more than it has; `max` is no number. Cached files count as used, but give way.
fn of_container(most: &str, used: &str, kinds: &str) -> Option<f64> {
    let [most, used] = [most, used].map(|text| text.trim().parse::<f64>().ok());
    let cached = kinds.lines().find_map(|line| line.strip_prefix("file ").or(line.strip_prefix("cache ")));
    let cached: f64 = cached.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or(0.0);
    Some((most? - (used? - cached).max(0.0)).max(0.0))
}

/// Bytes for people.
fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut shown = bytes / 1e3;
    let mut unit = 0;
    while shown >= 1e3 && unit + 1 < UNITS.len() {
        shown /= 1e3;
        unit += 1;
    }
    format!("{shown:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Sources, load, lower};

    const SCENARIO: &str = "
        format = 1
        title = 'a day'
        horizon = '1d'
        measure = { series_step = '1m', aftermath = { from = '2h', until = '3h' } }
        recipients.mx.transaction = '1s'
        recipients.mx.gates.down.maintenance.when.once = { from = '1h', until = '2h' }
        senders.sites = { policy = 'compared', arrivals.mail.poisson.rate = '10/s' }
        policies = { postfix = 'postfix', exim = 'exim' }
    ";

    fn needs(changes: &[&str], replications: u32) -> Needs {
        let mut sources = Sources::new();
        sources.add("day.toml", SCENARIO);
        let changes: Vec<String> = changes.iter().map(|change| change.to_string()).collect();
        let scenario = load(&mut sources, "day.toml", &changes).expect("it is valid").scenario;
        let plans: Vec<Plan> = scenario
            .variants()
            .iter()
            .map(|variant| lower::plan(&scenario, variant).expect("it was checked"))
            .collect();
        Needs::of(&plans, f64::from(replications), 2.0)
    }

    #[test]
    fn mail_of_an_outage_waits() {
        assert_eq!(needs(&[], 30).mail, 2.0 * 36_000.0 * WAITING);
        // Postfix and Exim keep mail for five and four days.
        let days = ["horizon=20d", "recipients.mx.gates.down.maintenance.when.once.until=18d"];
        assert_eq!(needs(&days, 30).mail, 2.0 * 5.0 * 864_000.0 * WAITING);
    }

    #[test]
    fn mail_that_is_there_at_once_waits() {
        let queued = "senders.sites.arrivals.old={ queued = { messages = 3000000, age = '1h' } }";
        let burst = "senders.sites.arrivals.news={ burst = { messages = 1000000, at = '0s' } }";
        // The stream adds less than a message in this instant.
        assert_eq!(needs(&[queued, burst], 30).mail.round(), 2.0 * 4e6 * WAITING);
    }

    #[test]
    fn series_grow_with_steps_and_replications() {
        let step = size_of::<Bin>() as f64;
        assert_eq!(needs(&[], 30).series, 32.0 * 1440.0 * step + 2.0 * 3600.0 * 2.0 * COUNTER);
        let longer = needs(&["horizon=10d"], 3000);
        assert_eq!(longer.series, 3002.0 * 14_400.0 * step + 2.0 * 3600.0 * 2.0 * COUNTER);
        assert!(longer.remedy().contains("series_step"), "{}", longer.remedy());
        assert!(needs(&["measure.series_step=6h"], 30).remedy().contains("waiting mail"));
        assert!(needs(&["measure.series_step=6h"], 90_000).remedy().contains("fewer `replications`"));
    }

    #[test]
    fn hosts_and_their_queues_take_room() {
        let many = needs(&["senders.sites.hosts=1000000"], 30);
        assert_eq!(many.hosts, 2.0 * 1e6 * (sender::HOST_BYTES + sender::ROUTE_BYTES) as f64);
        assert!(many.remedy().contains("fewer `hosts`"), "{}", many.remedy());
    }

    #[test]
    fn the_least_limit_counts() {
        assert_eq!(of_machine("MemTotal: 9 kB\nMemAvailable:      2 kB\n"), Some(2048.0));
        let limits = |most: &str| {
            of_process(&format!("Max data size   3 4 bytes\nMax address space  {most}  unlimited bytes\n"))
        };
        assert_eq!((limits("4096"), limits("unlimited")), (Some(4096.0), None));
        assert_eq!(of_container("5000\n", "2000\n", ""), Some(3000.0));
        assert_eq!(of_container("5000\n", "2000\n", "anon 900\nfile 1100\n"), Some(4100.0));
        assert_eq!(of_container("max\n", "2000\n", ""), None);
    }

    #[test]
    fn bytes_are_short() {
        assert_eq!(bytes(1_500.0), "1.5 kB");
        assert_eq!(bytes(6.4e15), "6.4 PB");
    }
}
