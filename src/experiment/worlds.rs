//! Worlds: scenarios in which what nobody knows well is drawn anew for each replication.
//!
//! Intervals over replications of one scenario cover the luck in it and nothing else. Where keys of the scenario are
//! drawn from ranges (table `vary`), every replication is a world of its own, the same for all variants.

use super::run::Course;
use crate::random::{Key, Purpose};
use crate::scenario::{Findings, Scenario, Sources, load_world, lower};
use crate::system::Plan;

/// The values of all keys that are drawn, in one replication.
///
/// Each key has draws of its own: one more key changes no value of the others.
pub fn draw(scenario: &Scenario, replication: u32) -> Vec<String> {
    let key = Key::new(scenario.base.seed, replication);
    let drawn = scenario
        .base
        .vary
        .iter()
        .filter_map(|(name, varied)| varied.draw(key.named(name).draw(Purpose::World, 0, 0).unit()));
    drawn.collect()
}

/// A world that cannot be run, although the ends of all ranges can.
#[derive(Clone, Debug)]
pub struct BadWorld {
    /// Which replication it is.
    pub replication: u32,
    /// What was drawn, as `KEY=VALUE`.
    pub drawn: Vec<String>,
    /// What is wrong with it.
    pub findings: Findings,
    /// The texts that the findings point to.
    pub sources: Box<Sources>,
}

/// The scenario of one replication, with the values that are drawn for it.
///
/// `sources`, `main` and `changes` are those that `scenario` was read from.
///
/// # Errors
///
/// If the values contradict each other or what is written.
pub fn world(
    sources: &Sources,
    main: &str,
    changes: &[String],
    scenario: &Scenario,
    replication: u32,
) -> Result<Scenario, BadWorld> {
    let values = draw(scenario, replication);
    let keys = scenario.base.vary.keys();
    let drawn: Vec<String> = keys.zip(values).map(|(key, value)| format!("{}={value}", **key)).collect();
    let mut sources = sources.clone();
    match load_world(&mut sources, main, changes, &drawn) {
        Ok(checked) => Ok(checked.scenario),
        Err(findings) => Err(BadWorld { replication, drawn, findings, sources: Box::new(sources) }),
    }
}

/// What a variant runs: the same in all replications, or in each what was drawn for it.
#[derive(Clone, Debug)]
pub enum Replicated {
    /// Nothing is drawn.
    Alike(Plan),
    /// The plans of the replications, from 0.
    Drawn(Vec<Plan>),
}

impl Replicated {
    /// The plans of all variants in several worlds, which have the variants in the same order; `None` where
    /// one of them cannot be lowered or lacks a variant, which no checked scenario does.
    pub fn of_worlds(names: &[String], worlds: &[Scenario]) -> Option<Vec<Self>> {
        let plan = |world: &Scenario, name: &String| {
            let variants = world.variants();
            let variant = variants.iter().find(|variant| variant.name == *name)?;
            lower::plan(world, variant).ok()
        };
        let drawn = |name: &String| worlds.iter().map(|world| plan(world, name)).collect::<Option<Vec<_>>>();
        names.iter().map(|name| drawn(name).map(Self::Drawn)).collect()
    }

    /// All plans.
    pub fn plans(&self) -> &[Plan] {
        match self {
            Self::Alike(plan) => std::slice::from_ref(plan),
            Self::Drawn(plans) => plans,
        }
    }
}

impl Course for Replicated {
    fn plan(&self, replication: u32) -> &Plan {
        match self {
            Self::Alike(plan) => plan,
            Self::Drawn(plans) => &plans[replication as usize],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Amount;
    use crate::scenario::load;

    const SCENARIO: &str = "
        format = 1
        title = 'an hour'
        horizon = '1h'
        [recipients.mx]
        transaction.exponential = '1s'
        [senders.sites]
        policy = 'compared'
        hosts = 5
        arrivals.mail.poisson.rate = '1/min'
        [policies]
        postfix = 'postfix'
        [vary]
        'recipients.mx.transaction.exponential' = { from = '1s', to = '100s', scale = 'log' }
        'senders.sites.hosts' = [1, 10, 100]
    ";

    fn read(text: &str) -> (Sources, Scenario) {
        let mut sources = Sources::new();
        sources.add("t.toml", text);
        let scenario = load(&mut sources, "t.toml", &[]).expect("it is valid").scenario;
        (sources, scenario)
    }

    #[test]
    fn values_follow_their_ranges_and_nothing_else() {
        let (_, scenario) = read(SCENARIO);
        let drawn: Vec<Vec<String>> = (0..600).map(|replication| draw(&scenario, replication)).collect();
        let seconds = |values: &Vec<String>| values[0].parse::<Amount>().expect("a duration").number();
        assert!(drawn.iter().all(|values| (1.0..=100.0).contains(&seconds(values))));
        // Half of a logarithmic range lies below its geometric middle; 4.4 standard errors (error probability 1e-5).
        let below = drawn.iter().filter(|values| seconds(values) < 10.0).count() as f64;
        assert!((below - 300.0).abs() < 4.4 * 150.0_f64.sqrt(), "{below}");
        for hosts in ["1", "10", "100"] {
            let count = drawn.iter().filter(|values| values[1] == hosts).count() as f64;
            assert!((count - 200.0).abs() < 4.4 * (600.0_f64 * 2.0 / 9.0).sqrt(), "{hosts}: {count}");
        }
        let line = "'recipients.mx.transaction.exponential' = { from = '1s', to = '100s', scale = 'log' }";
        let (_, alone) = read(&SCENARIO.replace(line, ""));
        assert!((0..50).all(|replication| draw(&alone, replication)[0] == drawn[replication as usize][1]));
    }

    #[test]
    fn a_world_is_the_scenario_with_the_values_in_it() {
        let (sources, scenario) = read(SCENARIO);
        let worlds: Vec<Scenario> =
            (0..3).map(|number| world(&sources, "t.toml", &[], &scenario, number).expect("valid")).collect();
        let found = Replicated::of_worlds(&["postfix".to_owned()], &worlds).expect("lowered");
        for (number, plan) in found[0].plans().iter().enumerate() {
            let hosts = plan.populations[0].hosts.to_string();
            assert_eq!(hosts, draw(&scenario, number as u32)[1]);
        }
        assert_eq!(found[0].plan(2).populations[0].hosts, found[0].plans()[2].populations[0].hosts);
    }
}
