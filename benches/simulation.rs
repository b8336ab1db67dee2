//! Whole simulations, recorded as the command records them.
//!
//! An event is an arrival, an attempt, the end of a connection or of a transaction, popped and fully
//! processed; looks of queue runs and changes of gates are not counted. Every simulation is checked:
//! its work is the same each time, no message is lost, and where theory knows the result it agrees.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};

use tempfail::experiment::progress::Progress;
use tempfail::experiment::record::RunRecord;
use tempfail::experiment::run::{simulate, simulate_all};
use tempfail::system::Plan;

mod cpu_time;
mod measurement;
mod scenarios;
use measurement::CpuTime;
use scenarios::{QUEUED_MAIL, plans, queued_mail};

const MM1: &str = include_str!("scenarios/mm1.toml");
const RETRIAL: &str = include_str!("scenarios/retrial.toml");
const MAINTENANCE_WINDOW: &str = include_str!("../scenarios/maintenance-window.toml");

/// Replication 1, because replication 0 also follows single messages.
fn simulated(plan: &Plan) -> RunRecord {
    simulate(plan, 1, &Progress::default()).expect("nobody interrupts")
}

/// Measures one cell. It must take the same work each time; the record of the first is returned.
fn measure(group: &mut BenchmarkGroup<CpuTime>, name: &str, plan: &Plan) -> RunRecord {
    let first = simulated(plan);
    let all = first.all;
    assert_eq!(all.delivered + all.bounced + all.queued + all.in_session, all.arrived, "mail was lost");
    group.throughput(Throughput::Elements(first.work.events));
    group.bench_function(name, |bencher| {
        bencher.iter(|| assert_eq!(black_box(simulated(plan)).work, first.work));
    });
    first
}

/// M/M/1, against the mean time in the system. The bound is three standard errors of a run of this length: by
/// the asymptotic variance of the M/M/1 queue (Whitt, Management Science 35(11), 1989), 2 (1+rho) rho /
/// (1-rho)^4 for the mean number in it, per mean session.
fn mm1(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("mm1");
    let record = measure(&mut group, "load-0.9", &plans(MM1, &[])[0].1);
    let (load, sessions) = (0.9f64, 360_000.0f64);
    let exact = load / (1.0 - load);
    let error = (2.0 * load * (1.0 + load) / (1.0 - load).powi(4) / sessions).sqrt();
    let found = record.queue.mean;
    assert!((found - exact).abs() < 3.0 * error, "{found} messages in the system instead of {exact}");
    group.finish();
}

/// M/M/c/c with retrials, against the exact number of attempts per message. The bounds are three
/// standard errors of a single run of this length.
fn retrial(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("retrial");
    for (slots, rate, horizon, exact, bound) in
        [(1, "0.7/s", "20h", 4.5, 0.25), (10, "7/s", "4h", 1.180_723_004_87, 0.02)]
    {
        let changes = [
            format!("recipients.mx.slots={slots}"),
            format!("recipients.mx.gates.full.connection-limit.limit={slots}"),
            format!("senders.orbit.arrivals.mail.poisson.rate={rate}"),
            format!("horizon={horizon}"),
        ];
        let record = measure(&mut group, &format!("{slots}-slots"), &plans(RETRIAL, &changes)[0].1);
        let attempts = record.load.attempts as f64 / record.all.arrived as f64;
        assert!((attempts - exact).abs() < bound, "{attempts} attempts per message instead of {exact}");
    }
    group.finish();
}

/// From a thousand to a hundred thousand messages in timers, all the time. The benchmark `cells` goes on
/// to ten millions.
fn queued_mail_in_timers(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("queued-mail");
    for (queued, horizon) in [(1_000u32, "12h"), (10_000, "4h"), (100_000, "1h")] {
        let (policy, plan) = &plans(QUEUED_MAIL, &queued_mail(queued, 200, horizon))[0];
        let record = measure(&mut group, &format!("{policy}/{queued}"), plan);
        let depth = record.queue.mean / f64::from(queued);
        assert!((0.8..1.2).contains(&depth), "the queues hold {depth} of what was meant");
    }
    group.finish();
}

/// The same recipient, and mail servers that remember it.
fn mail_servers(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("mail-servers");
    for (policy, plan) in &plans(QUEUED_MAIL, &[])[1..] {
        measure(&mut group, policy, plan);
    }
    group.finish();
}

/// One cell of a shipped scenario for each of its policies.
fn maintenance_window(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("maintenance-window");
    for (policy, plan) in &plans(MAINTENANCE_WINDOW, &[]) {
        measure(&mut group, policy, plan);
    }
    group.finish();
}

/// All policies of a shipped scenario with four replications each, on one thread and on two: what the
/// command does before it draws and prints.
fn comparison(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("comparison");
    let plans: Vec<Plan> = plans(MAINTENANCE_WINDOW, &[]).into_iter().map(|(_, plan)| plan).collect();
    let compare = |threads| {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        simulate_all(&plans, 4, threads, &Progress::default()).expect("threads can be started")
    };
    let first = compare(1);
    let events = first.iter().flatten().flatten().map(|record| record.work.events).sum();
    group.throughput(Throughput::Elements(events));
    for threads in [1, 2] {
        group.bench_function(format!("maintenance-window/{threads}-threads"), |bencher| {
            bencher.iter(|| assert!(black_box(compare(threads)) == first, "threads changed a record"));
        });
    }
    group.finish();
}

/// Short measurements: the number of samples hardly moves a median, and there are many cells.
fn settings() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = cells;
    config = settings().with_measurement(CpuTime);
    targets = mm1, retrial, queued_mail_in_timers, mail_servers, maintenance_window
}
criterion_group! {
    name = comparisons;
    config = settings();
    targets = comparison
}
criterion_main!(cells, comparisons);
