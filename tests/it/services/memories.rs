//! Memories of services in whole runs.

use tempfail::experiment::record::RunRecord;
use tempfail::scenario::{PolicyChoice, Scenario};

use super::{with_policy, written};
use crate::support::{plans, records, scenario};

/// All kinds of memory, with settings other than the defaults.
const MEMORIES: [&str; 9] = [
    "retry-budget = {}",
    "retry-budget = { capacity = 1, per_first_try = 0.2, per_success = 0, per_retry = 1, per_failure = 0, above = 0, forget = '5m' }",
    "retry-budget = { capacity = 50, per_late_success = 5, per_retry = 5, per_failure = 0, above = 0, refill = '2/min', suppressed = 'ages', stages = ['greeting'] }",
    "circuit-breaker = { trips.consecutive = 3, open_for = '5m', factor = 2.0, max_open_for = '20m' }",
    "circuit-breaker = { trips.share-of-calls = { share = '50%', calls = 10, at_least = 5 }, probes = 3, suppressed = 'unchanged' }",
    "circuit-breaker = { trips.share-in-time = { share = '10%', time = '30m', at_least = 10 }, suppressed = 'ages' }",
    "client-throttle = { ratio = 1.5, window = '20m' }",
    "adaptive-throttle = { min_rate = '1/min', decrease = 0.5, scale = 1e-6, measured_over = '1m' }",
    "aimd-rate = { initial = '10/min', min = '1/min', max = '1/s', increase = '1/min', every = '1m' }",
];

const BACKOFF: &str = "backoff.exponential = { initial = '30s', max = '10m', jitter = 'full' }";

fn policy(memory: &str) -> String {
    format!("{{ {BACKOFF}, memory.{memory} }}")
}

fn run(policy: &str, threads: usize) -> Vec<RunRecord> {
    let plans = plans(&scenario(&with_policy(policy), &[])).into_iter().map(|(_, plan)| plan);
    records(&plans.collect::<Vec<_>>(), 2, threads).remove(0)
}

/// Each memory spares the server some of the retries that an outage costs, delivers all mail in the end, and
/// does it the same way each time.
#[test]
fn each_memory_spares_retries_and_delivers() {
    let without = run(&format!("{{ {BACKOFF} }}"), 1);
    for memory in MEMORIES {
        let found = run(&policy(memory), 1);
        assert_eq!(found, run(&policy(memory), 2), "{memory}");
        for (record, plain) in found.iter().zip(&without) {
            assert_eq!(record.all.arrived, plain.all.arrived);
            assert!(record.all.delivered * 100 >= record.all.arrived * 99, "{memory}: {:?}", record.all);
            let (spared, usual) = (record.load.connections, plain.load.connections);
            assert!(spared * 10 < usual * 9, "{memory}: {spared} connections, {usual} without");
        }
    }
}

/// However much fails, a budget that first tries fill bounds what retries add: M. Brooker's token bucket, where
/// retries are a tenth of the first tries, and what the full bucket of each host allows at first.
#[test]
fn a_budget_bounds_the_load_of_retries() {
    let budget = "retry-budget = { capacity = 5, per_first_try = 0.1, per_success = 0, per_retry = 1, per_failure = 0, above = 1 }";
    let text = with_policy(&format!("{{ {BACKOFF}, lifetime.attempts = 5, memory.{budget} }}"));
    let window = "gates.window.maintenance.when.once = { from = '1h', until = '2h' }";
    let (hosts, share) = (10.0, 0.1);
    for probability in ["60%", "100%"] {
        let gate = format!("gates.noise.unreliable.probability = '{probability}'");
        let plan = plans(&scenario(&text.replace(window, &gate), &[])).remove(0).1;
        let record = &records(&[plan], 1, 1)[0][0];
        let first = record.all.arrived as f64;
        let retries = record.load.connections as f64 - first;
        // A retry takes one token of more than one, so some is left: fewer than 5 beyond what was earned. At
        // the end of all at most one is left, and at most one was lost while the bucket was full.
        let beyond = retries - share * first;
        assert!((3.0 * hosts..5.0 * hosts).contains(&beyond), "{probability}: {retries} after {first}");
    }
}

/// A window says how much at once, not how often.
#[test]
fn a_window_opens_and_closes() {
    let memory = "aimd-window = { initial = 1, max = 3, settle = '1m' }";
    let record = &run(&policy(memory), 1)[0];
    assert_eq!(record.all.delivered + record.all.queued + record.all.in_session, record.all.arrived);
    // What is not delivered at the horizon is what has just arrived.
    assert!(record.all.queued < 20, "{:?}", record.all);
}

/// What `resolved` writes reads as the same policies.
#[test]
fn policies_of_services_survive_being_written() {
    let backoffs = [
        "count-power = { spread = '10s', parts = 3, max = '1d', jitter = { lengthened = '5%' } }",
        "smooth-exponential = { base = '5m', max = '4h' }",
        "finagle-equal = { start = '5m', max = '4h' }",
        "finagle-exponential = { start = '5m', max = '4h' }",
        "exponential = { initial = '5m', max = '4h', jitter = 'decorrelated-below-cap' }",
        "exponential = { initial = '5m', max = '4h', jitter = 'decorrelated-rising' }",
    ];
    let backoffs = backoffs.map(|backoff| format!("{{ backoff.{backoff}, lifetime.attempts = 9 }}"));
    let window = "aimd-window = { per = 'success', decrease = 0.9 }";
    let memories = MEMORIES.iter().chain([&window]).map(|memory| policy(memory));
    for text in backoffs.into_iter().chain(memories) {
        let once = scenario(&with_policy(&text), &[]);
        let again = scenario(&once.resolved().expect("it can be written"), &[]);
        assert_eq!(only(&once), only(&again), "{text}");
    }
}

fn only(scenario: &Scenario) -> Option<&PolicyChoice> {
    scenario.policies.get("p")
}

/// A memory patches key by key, and what opens a breaker is replaced whole.
#[test]
fn variants_of_memories_keep_what_they_do_not_name() {
    let base = "memory.circuit-breaker = { trips.consecutive = 3, open_for = '5m' }";
    let text = format!(
        "{{ {BACKOFF}, {base} }}\nq = {{ like = 'p', memory.circuit-breaker.trips.share-of-calls = {{ share = '50%', calls = 4 }} }}"
    );
    let scenario = scenario(&with_policy(&text), &[]);
    let Some(PolicyChoice::Policy(patched)) = scenario.policies.get("q") else { panic!("q is missing") };
    let expected =
        "circuit-breaker = { trips.share-of-calls = { share = '50%', calls = 4 }, open_for = '5m' }";
    assert_eq!(patched.memory, written(&policy(expected)).memory);
}
