//! The simulator against exact results: the quick part of what the command `validate` does at length.
//!
//! Seeds are fixed, so nothing here changes from one day to the next. When seeds change, a correct
//! simulator fails the first test with probability 1e-3 for the family, and with 1e-4 squared for each of
//! the 493 rows; the others say it themselves.

use std::num::NonZeroUsize;

use tempfail::experiment::progress::Progress;
use tempfail::stats::student::critical_value;
use tempfail::stats::summary::{mean, variance};
use tempfail::system::{self, Happening, Observer};
use tempfail::time::{Instant, Span};
use tempfail::validate::models::MODELS;
use tempfail::validate::{Effort, REFERENCE, Validation, Verdict, read};

use crate::support::{first_plan, records};

fn validate(table: &str, effort: Effort) -> Validation {
    let configurations = read(table).expect("it is a table");
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let validation = Validation::run(&configurations, effort, threads, &Progress::default());
    validation.expect("every row means something")
}

#[test]
fn the_reference_agrees_at_a_quick_look() {
    let validation = validate(REFERENCE, Effort::QUICK);
    for finding in validation.findings.iter().filter(|finding| !finding.verdict.is_good()) {
        println!("{} {} {}: {finding:?}", finding.model, finding.parameters, finding.row.quantity);
    }
    assert!(validation.passed(), "{:?}", validation.family);
    assert!(validation.untested() <= 25, "{} rows say nothing", validation.untested());
    for model in MODELS {
        let tested =
            validation.findings.iter().filter(|one| one.model == model.name && one.verdict.is_good());
        assert!(tested.count() > 0, "{}", model.name);
    }
}

/// Values that are wrong by 5 % are found, with chance and without; seen again they are wrong again.
#[test]
fn wrong_values_are_found() {
    let validation = validate(
        "model,params,quantity,value\n\
         MM11_retrial,lambda=0.3;mu=1;c=1;theta=0.1,attempts_per_message,1.545\n\
         outage_single,L=3600;retry_policy=fixed;retry_base=300,mean_delay_given_hit,2047.5\n\
         oracle_drain,lambda=0.5;L=600;mu=1,fluid_total_delay,198000\n",
        Effort::QUICK,
    );
    let verdicts: Vec<&Verdict> = validation.findings.iter().map(|finding| &finding.verdict).collect();
    assert_eq!(verdicts, [&Verdict::Differs; 3]);
    assert_eq!(validation.findings.iter().map(|one| one.again).collect::<Vec<_>>(), [true, false, true]);
    assert!(!validation.passed());
}

/// Of outages in which one message comes on average a third has nothing to drain, which takes no time: a mean of
/// lambda L / (mu - lambda) = 1.11 s and as many messages, first-step analysis as for the rows of the reference.
/// Rejects a correct simulator with probability 2e-8.
#[test]
fn an_outage_without_mail_is_drained_at_once() {
    let validation = validate(
        "model,params,quantity,value\n\
         oracle_drain,lambda=0.1;L=10;mu=1,exact_mean_drain_time_MG1,1.111111111111\n\
         oracle_drain,lambda=0.1;L=10;mu=1,exact_MM1_mean_messages_until_empty,1.111111111111\n",
        Effort { mean: 0.01, ..Effort::QUICK },
    );
    let verdicts: Vec<&Verdict> = validation.findings.iter().map(|finding| &finding.verdict).collect();
    assert_eq!(verdicts, [&Verdict::Agrees; 2]);
}

/// The numbers are those of the table alone: on any number of threads, in any order of the rows.
#[test]
fn threads_and_order_change_nothing() {
    let rows = [
        "MM11_retrial,lambda=0.3;mu=1;c=1;theta=0.1,p_block_first,0.3",
        "token_bucket_discrete,lambda=5;r=5;b=1,p_block_first,0.3678794412",
    ];
    let found = |rows: [&str; 2], threads: usize| {
        let configurations =
            read(&format!("model,params,quantity,value\n{}\n", rows.join("\n"))).expect("a table");
        let threads = NonZeroUsize::new(threads).expect("a thread");
        let validation = Validation::run(&configurations, Effort::QUICK, threads, &Progress::default());
        let findings = validation.expect("it means something").findings;
        findings.into_iter().map(|finding| (finding.model, finding.found)).collect::<Vec<_>>()
    };
    let alone = found(rows, 1);
    assert_eq!(found(rows, 3), alone);
    let turned: Vec<_> = found([rows[1], rows[0]], 2).into_iter().rev().collect();
    assert_eq!(turned, alone);
}

/// What was found before an interruption is kept, and is no pass. The second configuration would take minutes.
#[test]
fn an_interruption_keeps_what_was_found() {
    let configurations = read(
        "model,params,quantity,value\n\
         outage_single,L=600;retry_policy=fixed;retry_base=60,mean_delay_given_hit,330\n\
         MM11_retrial,lambda=0.3;mu=1;c=1;theta=0.1,p_block_first,0.3\n",
    );
    let configurations = configurations.expect("it is a table");
    let progress = Progress::default();
    let validation = std::thread::scope(|scope| {
        scope.spawn(|| {
            while progress.cells_done() == 0 {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            progress.interrupt();
        });
        let effort = Effort { mean: 1e-6, absolute: 1e-9, ..Effort::WHOLE };
        Validation::run(&configurations, effort, NonZeroUsize::MIN, &progress)
    });
    let validation = validation.expect("every row means something");
    assert_eq!((validation.findings.len(), validation.left_out), (1, 1));
    assert_eq!(validation.findings[0].verdict, Verdict::Equal);
    assert!(!validation.passed());
}

/// A hundred loads, each with its own random numbers: the statistic itself has its law, so
/// replications are independent and there is no bias too small for a single row. Rejects a correct
/// simulator with probability 2e-3.
#[test]
fn the_statistic_has_its_law() {
    const THETA: f64 = 0.1;
    let rows: String = (0..100)
        .map(|time| {
            let load = 0.25 + 0.001 * f64::from(time);
            let exact = 1.0 + load * (1.0 + THETA) / (1.0 - load);
            format!("MM11_retrial,lambda={load:.3};mu=1;c=1;theta={THETA},attempts_per_message,{exact}\n")
        })
        .collect();
    let effort = Effort { mean: 1.0, events: 1, ..Effort::QUICK };
    let validation = validate(&format!("model,params,quantity,value\n{rows}"), effort);
    let family = validation.family.expect("there are a hundred");
    assert_eq!(family.size, 100);
    assert!(family.is_good(), "{family:?}");
}

/// M/M/1 and M/M/4 with the loads 0.8 and 0.75: 4 s, and Erlang's C(4, 3) = 0.509434 s. Rejects a correct
/// simulator with probability 2e-4.
#[test]
fn the_clairvoyant_is_a_queue_before_free_slots() {
    for (slots, rate, exact) in [(1, "0.8/s", 4.0), (4, "3/s", 0.509_433_962_3)] {
        let plan = first_plan(
            &format!(
                "format = 1\ntitle = 'queue'\nseed = 5\nhorizon = '52000s'\n\
                 measure = {{ cohort = {{ from = '1000s', until = '51000s' }}, series_step = '52000s' }}\n\
                 policies = {{ reference = 'clairvoyant', other = 'fixed' }}\n\
                 recipients.mx.slots = {slots}\nrecipients.mx.round_trip = '0s'\nrecipients.mx.transaction.exponential = '1s'\n\
                 recipients.mx.gates.full.connection-limit.limit = {slots}\n\
                 senders.s = {{ policy = 'compared', arrivals.mail.poisson.rate = '{rate}' }}\n"
            ),
            &[],
        );
        let runs = records(&[plan], 20, 2).remove(0);
        let waits: Vec<f64> =
            runs.iter().map(|run| run.latency.wait_sum as f64 / 1e6 / run.cohort.delivered as f64).collect();
        let found = mean(&waits).expect("runs");
        let error = (variance(&waits).expect("runs") / 20.0).sqrt();
        assert!(error < 0.02 * exact, "{error}");
        let critical = critical_value(1.0 - 1e-4, 19).expect("a quantile");
        assert!((found - exact).abs() <= critical * error, "{found} instead of {exact}");
    }
}

/// Messages of one length that are cut and tried again are as long the next time, unless drawn anew.
#[test]
fn a_transaction_time_is_drawn_once_or_at_each_try() {
    let lengths = |drawn: &str| {
        let text = format!(
            "format = 1\ntitle = 'cut'\nseed = 3\nhorizon = '10h'\n\
             measure = {{ cohort = {{ from = '0s', until = '1h' }}, series_step = '10h' }}\n\
             policies.fixed.backoff.fixed.every = '10m'\n\
             recipients.mx.round_trip = '0s'\nrecipients.mx.transaction.exponential = '5m'\nrecipients.mx.{drawn}\n\
             recipients.mx.gates.down.maintenance = {{ when.once = {{ from = '1s', until = '2s' }}, sessions = 'cut' }}\n\
             senders.s = {{ policy = 'compared', arrivals.mail.burst = {{ messages = 1000, at = '0s' }} }}\n"
        );
        records(&[first_plan(&text, &[])], 1, 1).remove(0).remove(0).latency.restricted_sum
    };
    let once = lengths("transaction_drawn = 'once'");
    assert_eq!(once, lengths("idle_hold = '0s'"));
    assert_ne!(once, lengths("transaction_drawn = 'each-try'"));
}

/// Notes the waits of delivered messages, and counts attempts.
#[derive(Default)]
struct Waits {
    waits: Vec<Span>,
    attempts: u64,
}

impl Observer for Waits {
    fn observe(&mut self, _: Instant, happening: Happening) {
        match happening {
            Happening::Delivered { message, started, .. } => self.waits.push(started - message.arrival()),
            Happening::Connected { .. } => self.attempts += 1,
            _ => {}
        }
    }
}

/// The window is half-open: an attempt exactly at its start fails, one exactly at its end succeeds.
#[test]
fn an_outage_holds_at_its_start_and_not_at_its_end() {
    const START: f64 = 1_234.0;
    let end = START + 3600.0;
    let micro = 1e-6;
    // Arrival, and the wait for the accepted attempt.
    let cases = [
        (START - micro, 0.0),
        (START, 3600.0),
        (START + micro, 3600.0),
        (START + 300.0 - micro, 3600.0),
        (end - 300.0, 300.0),
        (end - micro, 300.0),
        (end, 0.0),
    ];
    let text = format!(
        "format = 1\ntitle = 'window'\nseed = 1\nhorizon = '1d'\n\
         measure = {{ cohort = {{ from = '0s', until = '6000s' }}, series_step = '1d' }}\n\
         policies.fixed.backoff.fixed.every = '300s'\n\
         recipients.mx.round_trip = '0s'\nrecipients.mx.transaction = '0s'\n\
         recipients.mx.gates.down.maintenance.when.once = {{ from = '{START}s', until = '{end}s' }}\n\
         senders.s = {{ policy = 'compared', arrivals.mail.trace.file = 'mail.csv' }}\n"
    );
    let arrivals: String = cases.iter().map(|(at, _)| format!("{at:.6}\n")).collect();
    let plan = first_plan(&text, &[("mail.csv", format!("t_seconds\n{arrivals}"))]);
    let finished = system::run(&plan, 0, Waits::default(), 1 << 20, |_, _| true).expect("nobody interrupts");
    let mut found = finished.observer.waits;
    let mut expected: Vec<Span> = cases.iter().map(|(_, wait)| Span::from_seconds_f64(*wait)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(finished.observer.attempts, 7 + 12 + 12 + 12 + 1 + 1);
}
