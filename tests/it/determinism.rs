//! The same arguments give the same bytes: on any number of threads, whatever else is compared.

use std::num::NonZeroUsize;

use tempfail::engine::{Engine, Reference, Tiered};
use tempfail::experiment::progress::Progress;
use tempfail::experiment::record::RunRecord;
use tempfail::experiment::recorder::Recorder;
use tempfail::experiment::run::simulate_rounds;
use tempfail::message::Message;
use tempfail::report::row::VariantKey;
use tempfail::report::stored::StoredVariant;
use tempfail::system::{self, Happening, Observer, Place, Plan, Senders};
use tempfail::time::Instant;

use crate::support::{first_plan, plans, records, scenario};

const BUSY: &str = "
format = 1
title = 'everything at once'
horizon = '8h'

[recipients.mx]
slots = 8
transaction = { lognormal = { median = '2s', sigma = 1.0 } }
gates.window.maintenance = { when.random = { up = '1h', down = '15m' }, sessions = 'cut' }
gates.rate.message-rate = { rate = '30/min', scope = 'client' }
gates.full.connection-limit = { limit = 8, takes = '5ms' }

[recipients.other]
transaction = '1s'
gates.grey.greylist = { delay = '5m' }
gates.noise.unreliable = { probability = '10%' }

[senders.sites]
hosts = 30
policy = 'compared'
to = { mx = 2, other = 1 }
share.zipf = 1.0
arrivals.mail.poisson.rate = '20/min'
arrivals.campaign.burst = { messages = 300, at = '2h' }
arrivals.old.queued = { messages = 50, age = { uniform = { from = '0s', to = '1h' } } }
";

const POLICIES: [&str; 4] = [
    "postfix = 'postfix'\n",
    "exim = 'exim'\n",
    "'full jitter' = { backoff.exponential = { initial = '1m', max = '1h', jitter = 'full' } }\n",
    "clairvoyant = 'clairvoyant'\n",
];

fn named_plans(policies: &[&str], variants: &str) -> Vec<(String, Plan)> {
    plans(&scenario(&format!("{BUSY}\n[policies]\n{}{variants}", policies.concat()), &[]))
}

fn run(plans: &[(String, Plan)], threads: usize) -> Vec<Vec<RunRecord>> {
    let plans: Vec<Plan> = plans.iter().map(|(_, plan)| plan.clone()).collect();
    records(&plans, 3, threads)
}

/// What result files hold of each variant.
fn stored(plans: &[(String, Plan)]) -> Vec<(String, StoredVariant)> {
    plans
        .iter()
        .zip(run(plans, 2))
        .map(|((name, _), records)| {
            let key = VariantKey { variant: name.clone(), policy: name.clone(), change: None };
            (name.clone(), StoredVariant::of(key, &records))
        })
        .collect()
}

#[test]
fn any_number_of_threads_gives_the_same_records() {
    let plans = named_plans(&POLICIES, "");
    let one = run(&plans, 1);
    assert!(one.iter().flatten().all(|record| record.cohort.delivered > 1000));
    for threads in [2, 8] {
        assert_eq!(run(&plans, threads), one, "{threads} threads");
    }
    // Debug output shows every bit of a number that equality might overlook, such as the sign of a zero.
    assert_eq!(format!("{:?}", run(&plans, 8)), format!("{one:?}"));
}

#[test]
fn a_variant_does_not_depend_on_the_others() {
    let all = stored(&named_plans(&POLICIES, ""));
    let [postfix, exim, jitter, clairvoyant] = POLICIES;
    for others in [vec![clairvoyant, jitter, exim, postfix], vec![exim], vec![jitter, postfix]] {
        for (name, alone) in stored(&named_plans(&others, "")) {
            let (_, among_all) = all.iter().find(|(known, _)| *known == name).expect("the same names");
            assert_eq!(alone, *among_all, "{name} among {others:?}");
        }
    }
    // Crossed with changes the names are others, the unchanged scenario is the same.
    let crossed = named_plans(
        &[exim],
        "[variants.as-is]\n[variants.wide]\nrecipients.mx = { slots = 20, gates.full.connection-limit.limit = 20 }\n",
    );
    let (alone, crossed) = (run(&named_plans(&[exim], ""), 2), run(&crossed, 2));
    assert_eq!(crossed[0], alone[0]);
    assert_ne!(crossed[1], alone[0]);
}

/// Arrivals as an observer sees them.
#[derive(Default)]
struct Arrivals(Vec<(Instant, Message, Place)>);

impl Observer for Arrivals {
    fn observe(&mut self, now: Instant, happening: Happening) {
        if let Happening::Arrived { message, at, .. } = happening {
            self.0.push((now, message, at));
        }
    }
}

#[test]
fn all_variants_meet_the_same_mail() {
    let plans = named_plans(
        &POLICIES,
        "[variants.as-is]\n[variants.wide]\nrecipients.mx = { slots = 20, gates.full.connection-limit.limit = 20 }\n",
    );
    let arrivals = |plan: &Plan, replication| {
        let finished = system::run(plan, replication, Arrivals::default(), 1 << 20, |_, _| true);
        let mut arrivals = finished.expect("nobody interrupts").observer.0;
        // Several at one instant may be told in any order.
        arrivals.sort_by_key(|(at, message, _)| (*at, message.id()));
        arrivals
    };
    let first = arrivals(&plans[0].1, 0);
    assert!(first.len() > 9_000);
    for (name, plan) in &plans {
        assert_eq!(arrivals(plan, 0), first, "{name}");
        assert_ne!(arrivals(plan, 1), first, "{name}: replications differ");
    }
}

/// The event set is a matter of speed alone: a binary heap gives the same records.
#[test]
fn any_event_set_gives_the_same_bytes() {
    fn record<E: Engine>(plan: &Plan) -> RunRecord {
        let recorder = Recorder::new(plan, 0);
        let finished =
            system::run_on::<E, _>(plan, 0, recorder, 1 << 14, |_, _| true).expect("no interruption");
        finished.observer.finish(&finished.tally, &finished.under_way)
    }
    for (policy, plan) in named_plans(&POLICIES, "") {
        assert_eq!(record::<Tiered>(&plan), record::<Reference>(&plan), "{policy}");
    }
}

/// Counts what it is told of after something that happens later. It asks for the order or not.
#[derive(Default)]
struct Order<const ASKS: bool> {
    latest: Instant,
    late: u64,
}

impl<const ASKS: bool> Observer for Order<ASKS> {
    const NOTES_WAITS: bool = false;
    const IN_ORDER: bool = ASKS;

    fn observe(&mut self, now: Instant, _: Happening) {
        self.late += u64::from(now < self.latest);
        self.latest = self.latest.max(now);
    }
}

/// What becomes of a refused message is worked out as soon as it is certain, unless somebody asks for the order. Messages are given
/// up, warned of and flushed here while answers to others are on their way, many of them at the same instant; the horizon
/// cuts some off, and SYNs are repeated.
#[test]
fn what_is_worked_out_ahead_is_what_happens() {
    fn record<const ASKS: bool>(plan: &Plan) -> (RunRecord, u64) {
        let observer = (Recorder::new(plan, 0), Order::<ASKS>::default());
        let finished = system::run(plan, 0, observer, 1 << 14, |_, _| true).expect("no interruption");
        let (recorder, order) = finished.observer;
        (recorder.finish(&finished.tally, &finished.under_way), order.late)
    }
    let busy = BUSY
        .replace("[recipients.mx]\n", "[recipients.mx]\nround_trip = '3s'\n")
        .replace("gates.noise", "gates.line.backlog = { length = 1 }\nslots = 2\ngates.noise")
        + "\n[senders.sites.flushes]\nonce = { at = '2h1m' }\ntwice = { at = '2h1m' }\nlater = { at = '2h5m', rate = '1/s' }\n[policies]\n";
    let lifetime = "lifetime = { age = '20m', warn_after = '5m' }";
    let policies = [
        format!("backoff.exponential = {{ initial = '1m', max = '10m', jitter = 'full' }}, {lifetime}"),
        format!("backoff.fixed.every = '1m', {lifetime}, clock = '1s'"),
        "backoff.fixed.every = '1s', lifetime = { attempts = 9, notices = 'same-recipient' }".to_owned(),
    ];
    for policy in policies {
        let plan = first_plan(&format!("{busy}compared = {{ {policy} }}\n"), &[]);
        let ((in_order, late), (ahead, early)) = (record::<true>(&plan), record::<false>(&plan));
        assert_eq!(format!("{in_order:?}"), format!("{ahead:?}"), "{policy}");
        assert_eq!((late, early > 10_000), (0, true), "{policy}");
        assert!(ahead.cohort.bounced > 100 && ahead.cohort.in_session > 3, "{policy}: {:?}", ahead.cohort);
    }
}

#[test]
fn rounds_are_the_replications_of_one_run_and_an_interruption_keeps_those_that_were_finished() {
    let plans: Vec<Plan> = named_plans(&POLICIES[..2], "").into_iter().map(|(_, plan)| plan).collect();
    let threads = NonZeroUsize::new(2).expect("two is not zero");
    let ends = [2, 3];
    let rounds = |interrupted: bool| {
        let progress = Progress::default();
        let next = |records: &[Vec<RunRecord>]| {
            if interrupted {
                progress.interrupt();
            }
            ends.iter().copied().find(|&end| end as usize > records[0].len())
        };
        simulate_rounds(&plans, ends[0], threads, &progress, next).expect("threads start")
    };
    let whole = rounds(false);
    let all: Vec<Vec<RunRecord>> = whole.records.into_iter().flatten().collect();
    assert_eq!((whole.ends, whole.interrupted), (vec![2, 3], false));
    assert_eq!(all, records(&plans, 3, 1));
    let cut = rounds(true);
    assert_eq!((cut.ends, cut.interrupted), (vec![2], true));
    let kept: Vec<&[RunRecord]> = all.iter().map(|records| &records[..2]).collect();
    assert_eq!(cut.records.iter().flatten().map(Vec::as_slice).collect::<Vec<_>>(), kept);
}

/// Messages that have nothing to do with each other take a shorter way through their sender. A limit that is never reached
/// makes them take the long one, and must change nothing. Those that are asked for their age before an attempt always take that.
#[test]
fn a_limit_that_is_never_reached_changes_nothing() {
    let plan = |when: &str, connections: &str| {
        let policy = format!(
            "policy = {{ backoff.exponential = {{ initial = '1m', max = '1h', jitter = 'full' }}, \
             lifetime = {{ age = '20m', warn_after = '10m', when = '{when}' }}, connections = {{ {connections} }} }}\n"
        );
        named_plans(&[&policy], "").remove(0)
    };
    let keeps_messages_apart = |plan: &Plan| match &plan.senders {
        Senders::ByPolicy(policies) => policies.iter().all(|policy| policy.keeps_messages_apart()),
        Senders::Clairvoyant => false,
    };
    for when in ["after-attempt", "next-try", "before-attempt", "at-age"] {
        let unlimited = plan(when, "");
        let asks_first = ["before-attempt", "at-age"].contains(&when);
        assert_eq!(keeps_messages_apart(&unlimited.1), !asks_first, "{when}");
        let expected = run(&[unlimited], 2);
        let is_telling = |record: &RunRecord| record.cohort.bounced > 20 && record.load.delay_warnings > 20;
        assert!(expected[0].iter().all(is_telling), "{when}");
        for limit in
            ["total = 1000000", "per_destination = 1000000", "messages_per_connection = 9, reuse = 'active'"]
        {
            let limited = plan(when, limit);
            assert!(!keeps_messages_apart(&limited.1), "{limit}");
            assert_eq!(run(&[limited], 2), expected, "{when}, {limit}");
        }
    }
}
