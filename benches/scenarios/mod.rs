//! The scenarios of the benchmarks as plans.

use tempfail::scenario::{Sources, lower, read};
use tempfail::system::Plan;

/// 200 hosts, four gates, and mail that stays queued.
pub const QUEUED_MAIL: &str = include_str!("queued-mail.toml");

/// What makes [`QUEUED_MAIL`] keep so many messages queued at so many hosts for so long: new mail, the
/// rate of the recipient and its slots grow with the queue.
pub fn queued_mail(queued: u32, hosts: u32, horizon: &str) -> Vec<String> {
    let slots = (queued / 5_000).max(100);
    vec![
        format!("senders.sites.hosts={hosts}"),
        format!("senders.sites.arrivals.queued.queued.messages={queued}"),
        format!("senders.sites.arrivals.fresh.poisson.rate={}/min", queued / 200),
        format!("recipients.mx.gates.rate.connection-rate.rate={}/min", queued / 1_000 * 6),
        format!("recipients.mx.slots={slots}"),
        format!("recipients.mx.gates.processes.connection-limit.limit={slots}"),
        format!("horizon={horizon}"),
    ]
}

/// The variants of a scenario after some changes: their names and plans.
pub fn plans(text: &str, changes: &[String]) -> Vec<(String, Plan)> {
    const FILE: &str = "scenario.toml";
    let mut sources = Sources::new();
    sources.add(FILE, text);
    let scenario = read(&mut sources, FILE, changes).expect("the scenario reads");
    let variants = scenario.variants();
    let plan = |variant| lower::plan(&scenario, variant).expect("the scenario can be lowered");
    variants.iter().map(|variant| (variant.name.clone(), plan(variant))).collect()
}
