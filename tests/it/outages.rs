//! What outages cost a message, computed from the policy alone, against runs of the whole model in which
//! that message meets a maintenance window.

use std::sync::Arc;

use tempfail::sender::Policy;
use tempfail::sender::outage::{Basis, Effect, Question, recovery};
use tempfail::smtp::{Code, Failure, Stage};
use tempfail::system::{self, Happening, Observer, Plan, Senders};
use tempfail::time::{Instant, Span};

use crate::support::first_plan;

/// When the outage begins: a multiple of all periods, so that phases count from there.
const BEGINS: i64 = 36_000;

/// One message that arrives within `over` seconds after the outage begins.
fn plan(policy: &str, lasts: i64, over: i64) -> Plan {
    let until = BEGINS + lasts;
    let text = format!(
        "format = 1\ntitle = 'one message'\nseed = 11\nhorizon = '30d'\nmeasure.series_step = '30d'\n\
         measure.cohort = {{ from = '0s', until = '{until}s' }}\n\
         policies.mine = {policy}\n\
         [recipients.mx]\nround_trip = '0s'\nsetup = '0s'\ntransaction = '1us'\n\
         gates.out = {{ maintenance = {{ when.once = {{ from = '{BEGINS}s', until = '{until}s' }} }} }}\n\
         [senders.host]\npolicy = 'compared'\n\
         arrivals.mail = {{ burst = {{ messages = 1, at = '{BEGINS}s', over = '{over}s' }} }}\n"
    );
    first_plan(&text, &[])
}

/// Notes when the message was delivered.
#[derive(Default)]
struct Delivery(Option<Instant>);

impl Observer for Delivery {
    fn observe(&mut self, now: Instant, happening: Happening) {
        if matches!(happening, Happening::Delivered { .. }) {
            self.0 = Some(now - Span::MICROSECOND);
        }
    }
}

/// The extra wait in a run; none if the message bounced.
fn simulated(plan: &Plan, lasts: i64, replication: u32) -> Option<f64> {
    let finished = system::run(plan, replication, Delivery::default(), u64::MAX, |_, _| true);
    let delivered = finished.expect("nobody interrupts").observer.0?;
    Some((delivered - Instant::ZERO).as_seconds() - (BEGINS + lasts) as f64)
}

fn computed(plan: &Plan, lasts: i64, phase: i64) -> (Basis, Effect) {
    let policy: Arc<Policy> = match &plan.senders {
        Senders::ByPolicy(policies) => policies[0].clone(),
        Senders::Clairvoyant => panic!("no policy"),
    };
    let question = Question {
        policy,
        failure: Failure::new(Stage::Greeting, Some(Code::SERVICE_NOT_AVAILABLE)),
        attempt_takes: Span::ZERO,
        phase: Span::from_seconds(phase),
        seed: 1,
        draws: 2000,
    };
    let recovery = recovery(&question, &[Span::from_seconds(lasts)]).expect("it waits between attempts");
    (recovery.basis, recovery.effects[0])
}

const DOUBLING: &str = "{ backoff.exponential = { initial = '20m', factor = 2.0 }, \
                          lifetime = { age = '7d', when = 'next-try' } }";
const SHORT: &str = "{ backoff.list = { delays = ['10m', '15m', '30m', '1h', '2h', '4h'] }, \
                       lifetime = { attempts = 7 } }";
const JITTER: &str = "{ backoff.exponential = { initial = '5m', max = '4h', jitter = 'full' }, \
                        lifetime = { age = '5d' } }";

#[test]
fn a_message_at_the_start_of_an_outage_waits_as_computed() {
    for (policy, phase) in [
        (DOUBLING, 0),
        (SHORT, 0),
        ("{ like = 'qmail' }", 0),
        // Over ten hours scans would wander from where they are computed to be.
        ("{ like = 'postfix', runner.scan = { phase = '77s', late = '0%' } }", 77),
        ("{ like = 'exim', runner.queue-run.phase = '400s' }", 400),
    ] {
        for lasts in [1_000, 3_700, 15_000, 43_300, 86_500] {
            let plan = plan(policy, lasts, 0);
            let (basis, effect) = computed(&plan, lasts, phase);
            assert_eq!(basis, Basis::Exact);
            let (wait, found) = (effect.at_start.mean, simulated(&plan, lasts, 0));
            // Clocks of whole seconds tick at the arrival in one case and anywhere in the other.
            let agree = match (wait, found) {
                (Some(wait), Some(found)) => (wait - found).abs() <= 1.0,
                (wait, found) => wait == found,
            };
            assert!(agree, "{policy}, {lasts} s: computed {wait:?}, simulated {found:?}");
        }
    }
}

/// Arrivals anywhere in the outage, phases and lots drawn: means within 4.4 standard errors (error
/// probability 1e-5 each), no wait above the worst, and bounces as often as computed.
#[test]
fn messages_during_an_outage_wait_as_computed_on_average() {
    const RUNS: u32 = 600;
    for (policy, lasts) in [
        (DOUBLING, 50_000),
        (SHORT, 40_000),
        (JITTER, 20_000),
        ("{ like = 'postfix' }", 10_000),
        // A try that begins in the next second of the clock would be followed by one that is a run late.
        ("{ like = 'exim', runner.queue-run.look = '0s' }", 70_000),
    ] {
        let plan = plan(policy, lasts, lasts);
        let (basis, effect) = computed(&plan, lasts, 0);
        let during = effect.during;
        let found: Vec<Option<f64>> = (0..RUNS).map(|run| simulated(&plan, lasts, run)).collect();
        let waits: Vec<f64> = found.iter().copied().flatten().collect();
        let n = waits.len() as f64;
        let mean = waits.iter().sum::<f64>() / n;
        let variance = waits.iter().map(|wait| (wait - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt().hypot(during.error.unwrap_or(0.0));
        let expected = during.mean.expect("some are delivered");
        assert!((mean - expected).abs() < 4.4 * error, "{policy}: {expected}, simulated {mean} +- {error}");
        assert!(error < 0.1 * expected, "{policy}: too few runs");
        let worst = during.worst.expect("some are delivered").as_seconds();
        let most = waits.iter().copied().fold(0.0, f64::max);
        assert!(basis != Basis::Exact || most <= worst + 1.0, "{policy}: {most} above {worst}");
        let bounced = 1.0 - n / f64::from(RUNS);
        let spread = (during.bounced * (1.0 - during.bounced) / f64::from(RUNS)).sqrt();
        assert!((bounced - during.bounced).abs() <= 4.4 * spread, "{policy}: {bounced}");
    }
}
