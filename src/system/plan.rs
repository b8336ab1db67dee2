//! One variant of a scenario in its running form: everything a cell needs, nothing it has to look up.

use std::ops::Range;
use std::sync::Arc;

use super::observer::Place;
use crate::id::{HostId, PopulationId, RecipientId, RouteId};
use crate::recipient::{self, gates::Sessions};
use crate::sender::{HostSpec, Policy, RouteSpec};
use crate::time::{Instant, Span};
use crate::workload::{Share, Source};

/// A variant, ready to be simulated any number of times.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Master seed of all replications.
    pub seed: u64,
    /// Traffic and observation end here; what is unfinished then is an outcome.
    pub horizon: Instant,
    /// The recipients.
    pub recipients: Vec<NamedRecipient>,
    /// The sender populations.
    pub populations: Vec<Population>,
    /// How senders deliver.
    pub senders: Senders,
    /// What is measured, and when.
    pub measure: Measure,
}

/// Whether senders follow their policies, or the reference that no real policy can be.
#[derive(Clone, Debug)]
pub enum Senders {
    /// Each population follows its own policy; these are the policies in the order of populations.
    ByPolicy(Vec<Arc<Policy>>),
    /// An unlimited free queue stands in front of each recipient and knows when it has room.
    Clairvoyant,
}

/// A recipient and its name.
#[derive(Clone, Debug)]
pub struct NamedRecipient {
    /// The name in the scenario; random numbers are keyed by it.
    pub name: String,
    /// How it behaves.
    pub settings: Arc<recipient::Settings>,
}

/// Sending hosts of one kind.
#[derive(Clone, Debug)]
pub struct Population {
    /// The name in the scenario; random numbers are keyed by it.
    pub name: String,
    /// Number of hosts; at least one.
    pub hosts: u32,
    /// How messages are spread over the hosts.
    pub share: Share,
    /// The recipients this population writes to.
    pub recipients: Vec<RecipientId>,
    /// How messages are spread over those recipients.
    pub recipient_share: Share,
    /// Where its mail comes from.
    pub sources: Vec<NamedSource>,
    /// When its operators flush the queue.
    pub flushes: Vec<Flush>,
}

/// A source of mail and its name.
#[derive(Clone, Debug)]
pub struct NamedSource {
    /// The name in the scenario; random numbers are keyed by it.
    pub name: String,
    /// When mail comes.
    pub source: Source,
}

/// A flush of the queues of a population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flush {
    /// When it begins.
    pub at: Instant,
    /// Time between two messages of one host; none: all at once.
    pub pace: Option<Span>,
    /// Whether hosts forget what they remember about recipients.
    pub clear_host_state: bool,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Mail that arrives in this half-open interval is the measured cohort. What is queued at the
    /// start counts as arriving then.
    pub cohort: Range<Instant>,
    /// Peaks of retry connections are counted in this half-open interval.
    pub aftermath: Range<Instant>,
    /// Length of a step of the series.
    pub series_step: Span,
    /// About how many messages are followed attempt by attempt in replication 0.
    pub sample: u32,
    /// About how many messages the cohort will have: the sample is drawn in this proportion.
    pub expected_messages: f64,
}

impl Plan {
    /// Whether the clairvoyant's restricted mean is a proven bound here, and not only a reference.
    ///
    /// It freezes the sessions under way when a window begins. Where real sessions are allowed to
    /// finish, up to all slots' worth of mail is served that it does not serve; and where they are drawn
    /// anew, what is cut may be shorter the next time.
    ///
    /// Where slots are scarce, two more things must not be: mail that came before the cohort, which it serves
    /// first and others may put off for the cohort's sake; and windows where what is left of a frozen
    /// session is likely to be longer than a fresh one, which others may take first (R. R. Weber, "Scheduling jobs with
    /// stochastic processing requirements on parallel machines to minimize makespan or flowtime", Journal of
    /// Applied Probability 19 (1982), for hazard rates that do not fall).
    pub fn clairvoyant_is_bound(&self) -> bool {
        let mut settings = self.recipients.iter().map(|named| &named.settings);
        let all_alike = settings.clone().all(|settings| settings.transaction_drawn == recipient::Drawn::Once);
        let gates = || settings.clone().flat_map(|settings| settings.maintenance());
        let all_cut = gates().all(|(_, gate)| gate.sessions == Sessions::Cut);
        let is_first = || self.sources().filter_map(Source::begins).all(|at| at >= self.measure.cohort.start);
        let serves_best = |settings: &Arc<recipient::Settings>| {
            let is_scarce = settings.slots_limit().is_some();
            let freezes = settings.maintenance().next().is_some();
            !is_scarce || (is_first() && (!freezes || settings.transaction.is_used_up()))
        };
        all_alike && all_cut && settings.all(serves_best)
    }

    /// All sources of mail.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.populations.iter().flat_map(|population| &population.sources).map(|named| &named.source)
    }

    /// When operators flush a queue, one instant for each flush, the first one last; before them the horizon.
    pub(super) fn disturbances(&self) -> Vec<Instant> {
        let flushes = self.populations.iter().flat_map(|population| &population.flushes);
        let flushes = flushes.map(|flush| flush.at).filter(|at| *at < self.horizon);
        let mut instants: Vec<Instant> = flushes.chain([self.horizon]).collect();
        instants.sort_unstable_by(|a, b| b.cmp(a));
        instants
    }

    /// The hosts and routes of all populations, in the order of their ids.
    pub(super) fn layout(&self) -> Layout {
        let mut layout = Layout { hosts: Vec::new(), routes: Vec::new(), first_host: Vec::new() };
        for (index, population) in self.populations.iter().enumerate() {
            layout.first_host.push(layout.hosts.len() as u32);
            for _ in 0..population.hosts {
                let host = HostId(layout.hosts.len() as u32);
                let first = layout.routes.len() as u32;
                layout.routes.extend(
                    population.recipients.iter().map(|recipient| RouteSpec { host, recipient: *recipient }),
                );
                let population = PopulationId(index as u32);
                layout.hosts.push(HostSpec { population, routes: first..layout.routes.len() as u32 });
            }
        }
        layout
    }
}

/// Hosts and routes in flat storage.
pub(super) struct Layout {
    pub(super) hosts: Vec<HostSpec>,
    pub(super) routes: Vec<RouteSpec>,
    /// The first host of each population.
    pub(super) first_host: Vec<u32>,
}

impl Layout {
    /// The queue of a population's `host`-th host for that population's `recipient`-th recipient.
    pub(super) fn route(&self, population: PopulationId, host: u32, recipient: u32) -> RouteId {
        let host = &self.hosts[(self.first_host[population.index()] + host) as usize];
        RouteId(host.routes.start + recipient)
    }

    /// Between whom the mail of a route goes.
    pub(super) fn place(&self, route: RouteId) -> Place {
        let route = &self.routes[route.index()];
        Place { host: route.host, recipient: route.recipient }
    }
}
