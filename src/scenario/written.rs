//! The types of what is written: one for one with the keys of a scenario file, in the file's order.
//!
//! These are the library's way to state a scenario, too: everything is public, and what a file may
//! leave out has the same default here. Values that a later check may have to point at are
//! [`Spanned`] with a place in the [`Sources`](super::Sources) they came from; `0..0` is the place of
//! what was never written. Equality looks at values only.
//!
//! Nothing is judged here beyond what a type can say; [`check`](super::check) does the rest.

mod arrivals;
mod backoff;
mod distribution;
mod expect;
mod gate;
mod memory;
mod native;
mod policy;
mod program_memory;
mod recipient;
mod replications;
mod schedule;
mod sender;
mod service;
mod vary;

pub use crate::smtp::Stage;
pub use arrivals::{Arrivals, Burst, Daily, MarkovModulated, Poisson, Queued, Trace};
pub use backoff::{
    AgeDoubling, AgeStep, AgeSteps, Backoff, CountPower, ErrorRule, EximRule, Exponential, FinagleJittered,
    Fixed, Jitter, Linear, List, Polynomial, SmoothExponential,
};
pub use distribution::{Distribution, Gamma, Lognormal, Uniform};
pub use expect::{Expectation, Threshold};
pub use gate::{
    Answer, Backlog, ByConnections, ClientLimit, ConnectionLimit, ConnectionRate, Counts, Gate, Greylist,
    InWindows, Maintenance, MessageRate, MessagesPerConnection, RateShape, Reject, Scope, Sessions, Slowdown,
    TokenBucket, TransactionStage, Unreliable, Uses,
};
pub use memory::{DeadSite, Feedback, HostRecord, Memory, Over, Suppressed};
pub use native::{Native, NativeText};
pub use policy::{
    Confidence, Connections, GiveUp, HandOver, Lifetime, Notices, Order, Phase, Policy, QueueRun, Reuse,
    Runner, Scan, Warn,
};
pub use program_memory::{ConnectTimeouts, ConsecutiveFailures, HostStatus, RoutePenalty, Shared};
pub use recipient::{Drawn, Recipient};
pub use replications::{NearZero, Replications, Until};
pub use schedule::{Periodic, RandomOutages, Reopen, ReopenSteps, When, Window};
pub use sender::{Destination, Flush, MessageShare, Population, PopulationPolicy};
pub use service::{
    AdaptiveThrottle, AimdRate, AimdWindow, CircuitBreaker, ClientThrottle, Per, RetryBudget, ShareInTime,
    ShareOfCalls, Trips,
};
pub use vary::{Between, Plain, Varied};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::quantity::{Duration, Share};
use crate::scenario::Spanned;
use crate::time::Span;

/// The number of this format of scenario files; the key `format` must have it.
pub const FORMAT: u32 = 1;

/// A scenario without the compared policies and the variants: what one variant is simulated with.
///
/// In a file `policies` and `variants` stand beside these keys; see [`Scenario`](super::Scenario).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenScenario {
    /// The version of the file format; [`FORMAT`].
    pub format: Spanned<u32>,
    /// One line that names the scenario in tables and figures, not empty.
    pub title: Spanned<String>,
    /// What the scenario is to find out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// From which all random draws follow. Default 421.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Independent repetitions of every variant. Default 30.
    #[serde(default = "default_replications")]
    pub replications: Spanned<Replications>,
    /// The instant at which traffic and observation end, counted from the start; at most 200 days.
    pub horizon: Spanned<Duration>,
    /// Which mail is measured, and how finely.
    #[serde(default)]
    pub measure: Measure,
    /// How the variants are compared.
    #[serde(default)]
    pub compare: Compare,
    /// What the results are expected to show, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub expect: IndexMap<Spanned<String>, Expectation>,
    /// Keys that are drawn anew for each replication, and what from; the same for all variants.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vary: IndexMap<Spanned<String>, Varied>,
    /// The recipient servers by name; at least one.
    #[serde(default)]
    pub recipients: IndexMap<Spanned<String>, Recipient>,
    /// The populations of sending hosts by name; at least one of them uses the compared policy.
    #[serde(default)]
    pub senders: IndexMap<Spanned<String>, Population>,
}

/// Table `measure`: which mail is the measured cohort, and what is kept of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Measure {
    /// Mail that arrives in here is measured. Default: the first maintenance window, else the whole run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<Spanned<Window>>,
    /// Mail of the long run is measured instead, without its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steady_state: Option<Spanned<SteadyState>>,
    /// Where the peak load is counted. Default: from the end of the cohort for its length, at least 1 h.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aftermath: Option<Spanned<Window>>,
    /// The bin of the time series. Default: about a 288th of the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series_step: Option<Spanned<Duration>>,
    /// Of how many messages every attempt is kept, in the first replication. Default 200.
    pub sample: u32,
}

/// Which mail of the long run is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SteadyState {
    /// Replications that say how much of the beginning is left out, at least 5. Default 10.
    pub pilot: Spanned<u32>,
    /// Mail that arrives later is not measured, because the horizon may cut it off. Default nine tenths of
    /// the horizon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Spanned<Duration>>,
}

impl Default for SteadyState {
    fn default() -> Self {
        Self { pilot: Spanned::unwritten(10), until: None }
    }
}

/// Table `compare`: the baseline and how sure the comparison must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compare {
    /// The variant all others are compared with. Default: the first that is not the clairvoyant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Spanned<String>>,
    /// The simultaneous confidence of all intervals. Default 95 %.
    pub confidence: Spanned<Share>,
    /// Differences below this share of the baseline do not matter. Default 2 %.
    pub smallest_difference: Spanned<Share>,
}

impl Default for Measure {
    fn default() -> Self {
        Self { cohort: None, steady_state: None, aftermath: None, series_step: None, sample: 200 }
    }
}

impl Default for Compare {
    fn default() -> Self {
        Self { baseline: None, confidence: percent(95.0), smallest_difference: percent(2.0) }
    }
}

/// An unwritten duration of so many milliseconds, for defaults.
fn millis(millis: i64) -> Spanned<Duration> {
    let span = Span::from_micros(millis * 1_000);
    Spanned::unwritten(Duration::new(span).expect("no default is negative"))
}

/// An unwritten share of so many per cent, for defaults.
fn percent(percent: f64) -> Spanned<Share> {
    Spanned::unwritten(Share::from_percent(percent).expect("defaults lie in 0..=100"))
}

fn nothing() -> Spanned<Share> {
    percent(0.0)
}

fn no_time() -> Spanned<Duration> {
    millis(0)
}

fn default_seed() -> u64 {
    421
}

fn default_replications() -> Spanned<Replications> {
    Spanned::unwritten(Replications::Count(30))
}

fn one() -> Spanned<u32> {
    Spanned::unwritten(1)
}
