//! One cell at a time: how long it takes and how much memory it needs, from a thousand to a hundred
//! million queued messages.
//!
//! An event is an arrival, an attempt, the end of a connection or of a transaction, popped and fully
//! processed with the time series, histograms and counters of an ordinary run. Time is what the thread spent on a
//! processor, from the plan to the record, without reading the scenario. Looks of queue runs and waits are
//! not events; the time per attempt includes them.
//!
//! ```sh
//! cargo bench --bench cells                                # the sizes of the tables
//! cargo bench --bench cells -- "full jitter" 1000000 40m   # a policy, messages queued, horizon
//! ```

use peak_alloc::PeakAlloc;

use tempfail::experiment::progress::Progress;
use tempfail::experiment::record::RunRecord;
use tempfail::experiment::run::simulate;
use tempfail::scenario::{Sources, lower, read};
use tempfail::system::Plan;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const QUEUED_MAIL: &str = include_str!("scenarios/queued-mail.toml");

/// Policy, messages queued and horizon. A horizon holds some millions of events.
const TABLE: [(&str, u32, &str); 8] = [
    ("full jitter", 1_000, "48h"),
    ("full jitter", 10_000, "8h"),
    ("full jitter", 100_000, "2h"),
    ("full jitter", 1_000_000, "1h"),
    ("full jitter", 10_000_000, "20m"),
    ("postfix", 10_000, "8h"),
    ("exim", 10_000, "8h"),
    ("exim", 100_000, "2h"),
];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("policy,queued,events,looks,attempts,delivered,seconds,ns_per_event,ns_per_attempt,bytes,peak");
    match arguments.as_slice() {
        [policy, queued, horizon] => cell(policy, queued.parse().expect("a number"), horizon),
        _ if std::env::args().any(|argument| argument == "--test") => cell("full jitter", 10_000, "40m"),
        _ => TABLE.into_iter().for_each(|(policy, queued, horizon)| cell(policy, queued, horizon)),
    }
}

/// Simulates and prints one cell.
fn cell(policy: &str, queued: u32, horizon: &str) {
    let plan = plan(policy, queued, horizon);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let started = cpu_seconds();
    let record = simulate(&plan, 1, &Progress::default()).expect("nobody interrupts");
    let seconds = cpu_seconds() - started;
    let peak = (MEMORY.peak_usage() - before) as f64;
    check(&record, policy, queued);
    let per = |count: u64| seconds * 1e9 / count as f64;
    let deepest = record.queue.deepest as f64;
    println!(
        "{policy},{queued},{},{},{},{},{seconds:.2},{:.1},{:.1},{:.2},{:.2}",
        record.work.events,
        record.work.looks,
        record.load.attempts,
        record.all.delivered,
        per(record.work.events),
        per(record.load.attempts),
        peak / deepest,
        record.queue.deepest,
    );
}

fn check(record: &RunRecord, policy: &str, queued: u32) {
    let all = &record.all;
    assert_eq!(all.delivered + all.bounced + all.queued + all.in_session, all.arrived, "mail was lost");
    let depth = record.queue.mean / f64::from(queued);
    assert!(policy != "full jitter" || (0.8..1.2).contains(&depth), "queues hold {depth} of what was meant");
}

fn plan(policy: &str, queued: u32, horizon: &str) -> Plan {
    const FILE: &str = "scenario.toml";
    let changes = [
        format!("senders.sites.arrivals.queued.queued.messages={queued}"),
        format!("senders.sites.arrivals.fresh.poisson.rate={}/min", queued / 200),
        format!("recipients.mx.gates.rate.connection-rate.rate={}/min", queued / 1_000 * 6),
        format!("horizon={horizon}"),
    ];
    let mut sources = Sources::new();
    sources.add(FILE, QUEUED_MAIL);
    let scenario = read(&mut sources, FILE, &changes).expect("the scenario reads");
    let variants = scenario.variants();
    let variant = variants.iter().find(|variant| variant.name == policy).expect("a policy of the scenario");
    lower::plan(&scenario, variant).expect("the scenario can be lowered")
}

/// Seconds this thread spent on a processor: unlike the time of day, no business of other programs.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds: f64 = text.split(' ').next().and_then(|word| word.parse().ok()).expect("a number");
    nanoseconds * 1e-9
}
