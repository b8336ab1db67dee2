//! Backoffs and memories of the service world, as scenarios state them.

mod delays;
mod memories;

use tempfail::scenario::{PolicyChoice, lower, written};
use tempfail::sender::Policy;

use crate::support::scenario;

/// A scenario that compares one policy: ten hosts and an outage of an hour.
fn with_policy(policy: &str) -> String {
    format!(
        "format = 1\ntitle = 't'\nhorizon = '8h'\n[recipients.mx]\ntransaction = '1s'\n\
         gates.window.maintenance.when.once = {{ from = '1h', until = '2h' }}\n\
         [senders.s]\nhosts = 10\npolicy = 'compared'\narrivals.a.poisson.rate = '30/min'\n\
         [policies]\np = {policy}\n"
    )
}

/// The written form of a policy.
fn written(policy: &str) -> written::Policy {
    match scenario(&with_policy(policy), &[]).policies.get("p") {
        Some(PolicyChoice::Policy(policy)) => (**policy).clone(),
        other => panic!("{other:?}"),
    }
}

/// The running form of a policy.
fn running(policy: &str) -> Policy {
    lower::policy("p", &written(policy)).expect("it was checked")
}
