//! Scenario texts at random. Six hours, about two thousand messages.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Anything that a file can say, but for traces.
pub fn scenario() -> impl Strategy<Value = String> {
    (heads(), recipients(laws(), gates()), populations(), policies(), any::<bool>()).prop_map(
        |(head, recipients, populations, policies, crossed)| {
            let variants =
                if crossed { "[variants.calm]\n[variants.other]\nrecipients.mx0.slots = 2\n" } else { "" };
            format!("{head}{recipients}{populations}[policies]\n{policies}{variants}")
        },
    )
}

/// A scenario in which the clairvoyant is a bound in every run: transactions are equally long,
/// sessions are cut, and all mail is measured.
pub fn bounded_scenario() -> impl Strategy<Value = String> {
    bounded(vec!["transaction = '1s'", "transaction = '20s'", "transaction = '0s'"])
}

/// A scenario in which the clairvoyant is a bound of means, though not of every run: lengths differ, but
/// what is left of one is never likely to be longer than a whole one.
pub fn bounded_in_the_mean() -> impl Strategy<Value = String> {
    bounded(vec![
        "transaction = { exponential = '3s' }",
        "transaction = { exponential = '30s' }",
        "transaction = { uniform = { from = '0s', to = '30s' } }",
        "transaction = { gamma = { mean = '10s', shape = 2.0 } }",
    ])
}

fn bounded(lengths: Vec<&'static str>) -> impl Strategy<Value = String> {
    let lengths = select(lengths);
    let head = (0u32..1000).prop_map(|seed| start(seed, "measure.cohort = { from = '0s', until = '6h' }\n"));
    (head, recipients(lengths.prop_map(str::to_owned).boxed(), bounded_gates()), populations(), policies())
        .prop_map(|(head, recipients, populations, policies)| {
            format!("{head}{recipients}{populations}[policies]\nclairvoyant = 'clairvoyant'\n{policies}")
        })
}

fn start(seed: u32, measure: &str) -> String {
    format!("format = 1\ntitle = 't'\nhorizon = '6h'\nseed = {seed}\n{measure}")
}

fn heads() -> BoxedStrategy<String> {
    let measures = select(vec![
        "",
        "measure.cohort = { from = '1h', until = '2h' }\n",
        "measure = { cohort = { from = '0s', until = '1s' }, series_step = '7m' }\n",
        "measure = { aftermath = { from = '1h', until = '6h' }, sample = 5 }\n",
    ]);
    (0u32..1000, measures).prop_map(|(seed, measure)| start(seed, measure)).boxed()
}

fn laws() -> BoxedStrategy<String> {
    select(vec![
        "transaction = '1s'",
        "transaction = '0s'",
        "transaction = { exponential = '3s' }",
        "transaction = { gamma = { mean = '10s', shape = 0.5 } }",
        "transaction = { lognormal = { median = '380ms', sigma = 1.11 } }",
        "transaction = { empirical = ['1s', '5s', '60s'] }",
        "transaction = { uniform = { from = '0s', to = '30s' } }\nidle_hold = '5s'",
        "transaction = '2s'\nsetup = { exponential = '1s' }",
    ])
    .prop_map(str::to_owned)
    .boxed()
}

fn recipients(laws: BoxedStrategy<String>, gates: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let slots = prop_oneof![Just(String::new()), (1u32..40).prop_map(|slots| format!("slots = {slots}\n"))];
    let trips = select(vec!["1us", "1ms", "50ms", "2s"]);
    let one = (slots, trips, laws, gates).prop_map(|(slots, trip, law, gates)| {
        // Without slots nobody waits for one.
        let slots = if slots.is_empty() && gates.contains("backlog") { "slots = 3\n" } else { &slots };
        format!("{slots}round_trip = '{trip}'\n{law}\n{gates}")
    });
    prop::collection::vec(one, 1..3)
        .prop_map(|all| (0..).zip(all).map(|(index, one)| format!("[recipients.mx{index}]\n{one}")).collect())
        .boxed()
}

/// Windows of every kind.
const WHEN: [&str; 5] = [
    "when.once = { from = '1h', until = '2h' }",
    "when.once = { from = '0s', until = '9h' }",
    "when.windows = [{ from = '10m', until = '20m' }, { from = '3h', until = '4h' }]",
    "when.periodic = { first = '5m', every = '30m', lasts = '10m' }",
    "when.random = { up = '40m', down = '10m' }",
];

fn gates() -> BoxedStrategy<String> {
    let uses = select(vec!["", ", uses = 'slot'", ", uses = 'slot', takes = '3s'", ", takes = '30ms'"]);
    let limits = (1u32..20, uses.clone())
        .prop_map(|(limit, uses)| format!("gates.limit.connection-limit = {{ limit = {limit}{uses} }}"));
    let clients = (1u32..4, uses.clone())
        .prop_map(|(limit, uses)| format!("gates.client.client-limit = {{ limit = {limit}{uses} }}"));
    let backlogs = (1u32..30).prop_map(|length| format!("gates.backlog.backlog.length = {length}"));
    let shapes = select(vec!["", ", shape = 'fixed-window'", ", shape.token-bucket.burst = 2.5"]);
    let counts = select(vec!["", ", counts = 'attempts'", ", scope = 'client'"]);
    let rates = (select(vec!["5/min", "1/s", "0.3/s", "100/h"]), shapes, counts, uses);
    let connection_rates = rates.clone().prop_map(|(rate, shape, counts, uses)| {
        format!("gates.connections.connection-rate = {{ rate = '{rate}'{shape}{counts}{uses} }}")
    });
    let message_rates =
        (rates, select(vec!["mail", "rcpt", "data"])).prop_map(|((rate, shape, counts, uses), stage)| {
            format!(
                "gates.messages.message-rate = {{ rate = '{rate}', stage = '{stage}'{shape}{counts}{uses} }}"
            )
        });
    let others = select(vec![
        "gates.few.messages-per-connection.limit = 2",
        "gates.slow.slowdown.by-connections = { from = 2, to = 10, factor = 4.0 }",
        "gates.slow.slowdown.in-windows = { when.random = { up = '1h', down = '20m' }, factor = 10.0 }",
        "gates.noise.unreliable = { probability = '20%' }",
        "gates.noise.unreliable = { probability = '10%', stage = 'data', code = 451 }",
        "gates.noise.unreliable = { probability = '5%', stage = 'timeout' }",
        "gates.never.reject.share = '5%'",
        "gates.grey.greylist = { delay = '5m', known = '30%' }",
        "gates.grey.greylist = { delay = '10m', forget = '20m', stage = 'data' }",
    ])
    .prop_map(str::to_owned);
    let chosen = [
        windows("").boxed(),
        limits.boxed(),
        clients.boxed(),
        backlogs.boxed(),
        connection_rates.boxed(),
        message_rates.boxed(),
        others.boxed(),
    ];
    some_of(chosen.to_vec())
}

fn windows(sessions: &'static str) -> impl Strategy<Value = String> {
    let answers = select(vec!["greeting", "refuse", "timeout", "mail", "rcpt", "data"]);
    let more =
        select(vec!["", ", capacity = '30%'", ", reopen = { over = '20m', steps = 3 }", ", takes = '10ms'"]);
    let sessions = if sessions.is_empty() { vec!["", ", sessions = 'cut'"] } else { vec![sessions] };
    (select(WHEN.to_vec()), answers, more, select(sessions)).prop_map(|(when, answer, more, sessions)| {
        format!("gates.window.maintenance = {{ {when}, answer = '{answer}'{more}{sessions} }}")
    })
}

fn bounded_gates() -> BoxedStrategy<String> {
    let others = select(vec![
        "gates.limit.connection-limit.limit = 3",
        "gates.client.client-limit.limit = 2",
        "gates.noise.unreliable = { probability = '20%' }",
        "gates.never.reject.share = '5%'",
        "gates.grey.greylist = { delay = '5m', known = '30%' }",
        "gates.messages.message-rate.rate = '10/min'",
        "gates.backlog.backlog.length = 10",
    ]);
    some_of(vec![windows(", sessions = 'cut'").boxed(), others.prop_map(str::to_owned).boxed()])
}

/// Lines of some of these, each at most once. A key that comes twice counts as written last.
fn some_of(all: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    let most = all.len();
    subsequence(all, 0..=most)
        .prop_flat_map(|chosen| chosen)
        .prop_map(|lines| lines.into_iter().map(|line| line + "\n").collect())
        .boxed()
}

fn populations() -> BoxedStrategy<String> {
    let mail = select(vec![
        "arrivals.a.poisson.rate = '5/min'",
        "arrivals.a.poisson = { rate = '10/min', from = '1h', until = '3h' }",
        "arrivals.a.burst = { messages = 500, at = '10m' }",
        "arrivals.a.burst = { messages = 800, at = '1h', over = '30m' }",
        "arrivals.a.markov-modulated = { rates = ['1/min', '30/min'], stays = ['20m', '5m'] }",
        "arrivals.a.daily = { rate = '3/min', profile = [0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }",
        "arrivals.a.queued = { messages = 300, age = { uniform = { from = '0s', to = '2h' } } }",
        "arrivals.a.poisson.rate = '2/min'\narrivals.b.burst = { messages = 200, at = '2h' }",
    ]);
    let more = select(vec![
        "",
        "share.zipf = 1.2",
        "flushes.f.at = '2h'",
        "flushes.f = { at = '90m', rate = '2/s', clear_host_state = true }",
    ]);
    let one =
        (1u32..20, mail, more).prop_map(|(hosts, mail, more)| format!("hosts = {hosts}\n{mail}\n{more}\n"));
    let others = prop::option::of((one.clone(), select(vec!["postfix", "exim", "qmail", "full-jitter"])));
    (one, others)
        .prop_map(|(one, other)| {
            let other = other
                .map(|(one, policy)| format!("[senders.others]\npolicy = '{policy}'\n{one}"))
                .unwrap_or_default();
            format!("[senders.ours]\npolicy = 'compared'\n{one}{other}")
        })
        .boxed()
}

/// Two policies: one of an MTA, and one put together from parts.
fn policies() -> BoxedStrategy<String> {
    let presets = select(vec![
        "postfix",
        "exim",
        "qmail",
        "courier",
        "exchange",
        "mailman3",
        "postal",
        "rfc5321",
        "decorrelated-jitter",
        "linear",
    ]);
    (presets, composed())
        .prop_map(|(preset, composed)| format!("known = '{preset}'\nown = {{ {composed} }}\n"))
        .boxed()
}

fn composed() -> impl Strategy<Value = String> {
    let backoffs = select(vec![
        "backoff = 'immediate', lifetime.attempts = 20",
        "backoff.fixed = { every = '1m', jitter = 'full' }",
        "backoff.fixed = { every = '5m', jitter = { proportional = '20%' } }",
        "backoff.fixed = { every = '2m', jitter = { uniform = '3m' } }",
        "backoff.linear = { step = '30s', max = '20m', jitter = 'equal' }",
        "backoff.exponential = { initial = '10s', max = '1h', jitter = 'decorrelated' }",
        "backoff.exponential = { initial = '30s', factor = 1.5, jitter = 'exponential' }",
        "backoff.polynomial = { unit = '20s' }",
        "backoff.milestones = { unit = '20s' }, lifetime = { age = '2h', notices = 'same-recipient' }",
        "backoff.fixed.every = '90s', lifetime = { age = '20m', warn_after = '5m', warn_when = 'next-try', notices = 'same-recipient' }",
        "backoff.age-doubling = { min = '1m', max = '30m', jitter = { additive = '10s' } }",
        "backoff.age-steps = { steps = [{ younger_than = '10m', every = '1m' }], then = '15m' }",
        "backoff.list = { delays = ['1m', '5m', '1h'] }, lifetime = { attempts = 4 }",
        "backoff.fixed.every = '3m', lifetime = { age = '1h', when = 'next-try', warn_after = '10m' }",
        "backoff.fixed.every = '3m', lifetime = { age = '30m', when = 'before-attempt' }",
        "backoff.exponential = { initial = '1m', max = '30m', jitter = 'decorrelated-below-cap' }",
        "backoff.exponential = { initial = '1m', max = '30m', jitter = 'decorrelated-rising' }",
        "backoff.fixed = { every = '2m', jitter = { lengthened = '50%' } }",
        "backoff.count-power = { unit = '5s', power = 2.5, plus = '15s', spread = '30s', parts = 5 }",
        "backoff.smooth-exponential = { base = '20s', max = '30m' }",
        "backoff.finagle-equal = { start = '10s', max = '10m' }",
        "backoff.finagle-exponential = { start = '30s', max = '10m' }",
        "backoff.fixed.every = '7m', lifetime = { age = '31m', when = 'at-age' }",
        "backoff.exponential = { initial = '1m', max = '30m', jitter = { compounding = '25%' } }, lifetime = { age = '2h', when = 'at-age' }",
        "backoff.exponential = { initial = '1m', factor = 1.3, whole_factor = true }, lifetime = { attempts = 6, when = 'before-attempt' }",
        "backoff.list = { delays = ['1m', '2m', '9m'], repeat = 2 }",
    ]);
    let memories = select(vec![
        "",
        ", memory = 'none'",
        ", memory.dead-site = {}",
        ", memory.host-record = {}",
        ", memory.host-status = { shared = 'host', keep = '5m' }",
        ", memory.route-penalty = {}",
        ", memory.connect-timeouts = { timeouts = 1, apart = '10s', least = '1m', most = '2m', step = '7s' }",
        ", memory.consecutive-failures = { failures = 1 }",
        ", memory.dead-site = { suppressed = 'unchanged', retry_after = '1500ms' }",
        ", memory.dead-site = { window = 2, limit = 3, cohorts = 3.0, retry_after = '1m', suppressed = 'counts' }",
    ]);
    let memories = prop_oneof![memories, service_memories()];
    let runners = select(vec![
        "",
        ", runner.scan = { every = '5m', slack = '1s', active = 50 }",
        ", runner.scan.every = '10m'",
        ", runner = 'one-pause'",
        ", runner.queue-run = { every = '10m', workers = 3 }",
        ", runner.queue-run = { every = '5m', order = 'oldest-first', phase = '1m' }",
    ]);
    let connections = select(vec![
        "",
        ", connections.per_destination = 2",
        ", connections = { messages_per_connection = 5, reuse = 'active', per_destination = 3 }",
        ", connections = { messages_per_connection = 100, reuse = 'waiting', total = 2 }",
        ", connections = { pace = '1s', connect_timeout = '10s', greeting_timeout = '20s' }",
    ]);
    let clocks = select(vec!["", ", clock = '1s'"]);
    (backoffs, memories, runners, connections, clocks).prop_map(
        |(backoff, memory, runner, connections, clock)| {
            format!("{backoff}{memory}{runner}{connections}{clock}")
        },
    )
}

fn service_memories() -> impl Strategy<Value = &'static str> {
    select(vec![
        ", memory.retry-budget = {}",
        ", memory.retry-budget = { per_retry = 1, per_failure = 0, per_first_try = 0.2, above = 0, forget = '1m' }",
        ", memory.retry-budget = { capacity = 20, refill = '1/min', per_retry = 2, per_late_success = 3, above = 1 }",
        ", memory.circuit-breaker = {}",
        ", memory.circuit-breaker = { trips.consecutive = 2, open_for = '7m', suppressed = 'unchanged' }",
        ", memory.circuit-breaker = { trips.share-of-calls = { share = '40%', calls = 8 }, probes = 3, factor = 2.0, suppressed = 'ages' }",
        ", memory.circuit-breaker = { trips.share-in-time = { share = '10%', time = '5m', at_least = 3 }, probes = 2, max_open_for = '5m' }",
        ", memory.client-throttle = { window = '10m' }",
        ", memory.client-throttle = { ratio = 1.1, stages = ['greeting'] }",
        ", memory.adaptive-throttle = {}",
        ", memory.adaptive-throttle = { min_rate = '5/min', scale = 0.0001, measured_over = '1m' }",
        ", memory.aimd-window = { initial = 3, max = 4, decrease = 0.7 }",
        ", memory.aimd-window = { per = 'success', settle = '30s' }",
        ", memory.aimd-rate = {}",
        ", memory.aimd-rate = { initial = '20/min', max = '1/s', every = '1m' }",
    ])
}
