//! One cell at a time: how long it takes and how much memory it needs, from a thousand to ten million
//! queued messages, and to a hundred million where that is asked for.
//!
//! An event is an arrival, an attempt, the end of a connection or of a transaction, popped and fully
//! processed with the time series, histograms and counters of an ordinary run. Looks of queue runs and waits are not events; the time per attempt includes them. An attempt that is
//! suppressed, as Postfix does for a dead site, is all of an attempt but its connection: the time per attempt is given
//! with and without those.
//!
//! A message that is queued at the start is an event too, but takes longer than others: the attempts it
//! was kept for are gone through. So each cell is run up to its first second, and what that takes is left out of times per
//! event and per attempt. The time per event is also given with it, from the plan to the record.
//!
//! Each cell runs at least five times. The events are the same each time, so of each stretch of some thousand
//! events the shortest time counts, by the time of day: what else a machine does can only add to that. The time that a
//! thread is said to have spent on a processor is no such bound: on a virtual machine it stands still now and then, to make
//! up for time that the host took away, and whole runs then seem to take half of what they took.
//!
//! ```sh
//! cargo bench --bench cells                              # the sizes of the tables
//! cargo bench --bench cells -- "full jitter" 1000000 2h  # a policy, messages queued, horizon
//! cargo bench --bench cells -- exim 100000 2h 1000       # and hosts
//! cargo bench --bench cells -- "full jitter" 100 24h 200 10000  # and how many queued the recipient is made for
//! cargo bench --bench cells -- once exim 100000 2h       # one run, for a program that counts instructions
//! cargo bench --bench cells -- two 1000000 1h            # two replications at once, beside one
//! ```

use std::time::Instant;

use peak_alloc::PeakAlloc;

use tempfail::experiment::record::RunRecord;
use tempfail::experiment::run::simulate_while;
use tempfail::system::Plan;

mod scenarios;
use scenarios::{QUEUED_MAIL, plans, queued_mail};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// From this size on, memory per queued message is asserted: what does not grow with it hardly counts.
const LARGE: u32 = 1_000_000;
/// Most bytes per queued message at the horizon, everything counted.
const MOST_BYTES: f64 = 24.0;
/// Most bytes per queued message at any time.
const MOST_BYTES_AT_PEAK: f64 = 28.0;

/// How often a cell runs.
#[derive(Clone, Copy)]
enum Runs {
    Once,
    /// At least five times, and for at least five seconds.
    Often,
}

impl Runs {
    fn enough(self, done: u32, seconds: f64) -> bool {
        match self {
            Self::Once => true,
            Self::Often => done >= 5 && seconds >= 5.0,
        }
    }
}

/// By then what is queued at the start is queued.
const START: &str = "1s";

#[derive(Clone, Copy)]
struct Cell<'a> {
    policy: &'a str,
    /// Messages queued at the start, and kept queued.
    queued: u32,
    horizon: &'a str,
    hosts: u32,
    /// The recipient takes, and new mail comes, as if so many were queued.
    scale: u32,
}

const fn cell(policy: &'static str, queued: u32, horizon: &'static str, hosts: u32) -> Cell<'static> {
    Cell { policy, queued, horizon, hosts, scale: queued }
}

/// Nothing is left in the queues after a while: two thirds of the attempts deliver, as they do with Postfix.
const LITTLE_QUEUED: Cell = Cell { scale: 10_000, ..cell("full jitter", 100, "24h", 200) };

/// A horizon holds some millions of events.
const TABLE: [Cell; 14] = [
    cell("full jitter", 1_000, "24h", 200),
    cell("full jitter", 10_000, "24h", 200),
    cell("full jitter", 100_000, "4h", 200),
    cell("full jitter", 1_000_000, "2h", 200),
    cell("full jitter", 10_000_000, "1h", 200),
    cell("full jitter", 1_000_000, "1h", 10_000),
    cell("full jitter", 1_000_000, "1h", 100_000),
    LITTLE_QUEUED,
    cell("postfix", 10_000, "24h", 200),
    cell("postfix", 100_000, "4h", 200),
    cell("postfix", 1_000_000, "2h", 200),
    cell("exim", 10_000, "24h", 200),
    cell("exim", 100_000, "4h", 200),
    cell("exim", 1_000_000, "2h", 200),
];

const QUICK: [Cell; 2] = [cell("full jitter", 10_000, "40m", 200), cell("full jitter", LARGE, "1m", 200)];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse().expect("a number");
    if let ["two", queued, horizon] = *arguments {
        let queued = number(queued);
        return two_at_once(Cell { policy: "full jitter", queued, horizon, hosts: 200, scale: queued });
    }
    println!(
        "policy,queued,scale,hosts,horizon,events,looks,attempts,suppressed,delivered,seconds,seconds_of_start,ns_per_event,\
         ns_per_event_with_start,ns_per_attempt,ns_per_attempt_or_suppressed,bytes_per_message,peak_bytes_per_message"
    );
    let (runs, arguments) = match &arguments[..] {
        ["once", arguments @ ..] => (Runs::Once, arguments),
        arguments => (Runs::Often, arguments),
    };
    match *arguments {
        [policy, queued, horizon, ref more @ ..] if more.len() <= 2 => {
            let queued = number(queued);
            let hosts = more.first().map_or(200, |hosts| number(hosts));
            let scale = more.get(1).map_or(queued, |scale| number(scale));
            measure(Cell { policy, queued, horizon, hosts, scale }, runs);
        }
        _ if std::env::args().any(|argument| argument == "--test") => QUICK.into_iter().for_each(|cell| {
            measure(cell, Runs::Once);
        }),
        _ => TABLE.into_iter().for_each(|cell| check_deliveries(&measure(cell, Runs::Often))),
    }
}

/// Simulates and prints one cell.
fn measure(cell: Cell, runs: Runs) -> RunRecord {
    let (start, started) = shortest(&plan(Cell { horizon: START, ..cell }), runs, || {});
    let plan = plan(cell);
    let before = MEMORY.current_usage();
    let mut used = 0;
    MEMORY.reset_peak_usage();
    let (record, seconds) = shortest(&plan, runs, || used = MEMORY.current_usage() - before);
    let peak = MEMORY.peak_usage() - before;
    let bytes = used as f64 / (record.all.queued + record.all.in_session) as f64;
    let peak = peak as f64 / record.queue.deepest as f64;
    let suppressed = |record: &RunRecord| record.load.held_back_deferrals;
    let attempts = |record: &RunRecord| record.load.attempts;
    let per = |count: &dyn Fn(&RunRecord) -> u64| {
        (seconds - started) * 1e9 / (count(&record) - count(&start)) as f64
    };
    println!(
        "{},{},{},{},{},{},{},{},{},{},{seconds:.2},{started:.2},{:.1},{:.1},{:.1},{:.1},{bytes:.1},{peak:.1}",
        cell.policy,
        cell.queued,
        cell.scale,
        cell.hosts,
        cell.horizon,
        record.work.events,
        record.work.looks,
        attempts(&record),
        suppressed(&record),
        record.all.delivered,
        per(&|record| record.work.events),
        seconds * 1e9 / record.work.events as f64,
        per(&attempts),
        per(&|record| attempts(record) + suppressed(record)),
    );
    check(&record, cell, bytes, peak);
    record
}

#[expect(clippy::disallowed_methods, reason = "times are what is measured here")]
fn now() -> Instant {
    Instant::now()
}

/// One replication, and the seconds that each stretch of some thousand events took. `now_and_then` is called after each.
fn simulate(plan: &Plan, replication: u32, mut now_and_then: impl FnMut()) -> (RunRecord, Vec<f64>) {
    let mut stretches = Vec::new();
    let mut last = now();
    let mut note = || {
        let end = now();
        stretches.push((end - last).as_secs_f64());
        last = end;
    };
    let record = simulate_while(plan, replication, &mut |_, _| {
        now_and_then();
        note();
        true
    });
    note();
    (record.expect("nobody interrupts"), stretches)
}

/// One replication, and the seconds it takes: of each stretch the shortest of all runs. `now_and_then` is called as
/// the first goes on.
fn shortest(plan: &Plan, runs: Runs, now_and_then: impl FnMut()) -> (RunRecord, f64) {
    let (record, mut shortest) = simulate(plan, 1, now_and_then);
    let mut spent: f64 = shortest.iter().sum();
    let mut done = 1;
    while !runs.enough(done, spent) {
        let (_, stretches) = simulate(plan, 1, || {});
        assert_eq!(stretches.len(), shortest.len(), "the work is not the same");
        for (shortest, again) in shortest.iter_mut().zip(stretches) {
            spent += again;
            *shortest = shortest.min(again);
        }
        done += 1;
    }
    (record, shortest.iter().sum())
}

/// How much two replications at once gain over one after the other: what caches and memory leave of a factor of two.
fn two_at_once(cell: Cell) {
    let plan = plan(cell);
    let seconds = |replication| simulate(&plan, replication, || {}).1.iter().sum::<f64>();
    let alone = seconds(1);
    let [first, second] = std::thread::scope(|scope| {
        [1, 2].map(|replication| scope.spawn(move || seconds(replication))).map(|thread| thread.join())
    });
    let together = first.expect("it ran").max(second.expect("it ran"));
    println!("queued,horizon,seconds_alone,seconds_of_each_of_two,gain");
    println!("{},{},{alone:.2},{together:.2},{:.2}", cell.queued, cell.horizon, 2.0 * alone / together);
}

/// A simulation of nothing but refusals would be no measure.
fn check_deliveries(record: &RunRecord) {
    let delivered = record.all.delivered as f64 / record.load.attempts as f64;
    assert!(delivered >= 0.1, "only {delivered} of the attempts delivered something");
}

fn check(record: &RunRecord, cell: Cell, bytes: f64, peak: f64) {
    let all = &record.all;
    assert_eq!(all.delivered + all.bounced + all.queued + all.in_session, all.arrived, "mail was lost");
    if cell.policy != "full jitter" || cell.scale != cell.queued {
        return;
    }
    let depth = record.queue.mean / f64::from(cell.queued);
    assert!((0.7..1.3).contains(&depth), "queues hold {depth} of what was meant");
    if cell.queued >= LARGE && cell.hosts == 200 {
        assert!(bytes <= MOST_BYTES, "{bytes} bytes per queued message");
        assert!(peak <= MOST_BYTES_AT_PEAK, "{peak} bytes per queued message at the peak");
    }
}

fn plan(cell: Cell) -> Plan {
    let mut changes = queued_mail(cell.scale, cell.hosts, cell.horizon);
    changes.push(format!("senders.sites.arrivals.queued.queued.messages={}", cell.queued));
    let plans = plans(QUEUED_MAIL, &changes);
    plans.into_iter().find(|(name, _)| name == cell.policy).expect("a policy of the scenario").1
}
