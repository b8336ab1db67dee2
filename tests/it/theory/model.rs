//! Models of queueing theory as scenario texts.

use tempfail::system::Plan;

use super::rows::Configuration;
use crate::support::first_plan;

/// What a model needs of a scenario: one sender population, one recipient, one policy.
#[derive(Clone, Debug)]
pub struct Model {
    /// Distinct models have distinct seeds, so that their results are independent.
    pub seed: u64,
    /// In seconds, as all times here.
    pub horizon: f64,
    /// The interval in which the measured mail arrives.
    pub cohort: (f64, f64),
    /// Keys of the recipients, apart from what all have.
    pub recipients: Vec<String>,
    /// The sources of mail, in TOML.
    pub arrivals: String,
    /// The policies, in TOML; the first is the one that is run.
    pub policies: Vec<String>,
}

impl Model {
    /// A model in which mail arrives as a Poisson process of this rate from the start to the horizon.
    /// Measured are about `messages` messages, those that come `margin` seconds or more from both.
    pub fn steady(configuration: &Configuration, rate: f64, messages: f64, margin: f64) -> Self {
        let length = messages / rate;
        Self {
            seed: seed(configuration),
            horizon: length + 2.0 * margin,
            cohort: (margin, margin + length),
            recipients: Vec::new(),
            arrivals: format!("{{ poisson = {{ rate = '{rate}/s' }} }}"),
            policies: Vec::new(),
        }
    }

    /// A model in which so many messages arrive independently and uniformly within an interval, all
    /// of them measured, and nothing else; it ends `margin` seconds later.
    pub fn scattered(configuration: &Configuration, messages: u32, cohort: (f64, f64), margin: f64) -> Self {
        let (at, over) = (duration(cohort.0), duration(cohort.1 - cohort.0));
        Self {
            seed: seed(configuration),
            horizon: cohort.1 + margin,
            cohort,
            recipients: Vec::new(),
            arrivals: format!("{{ burst = {{ messages = {messages}, at = '{at}', over = '{over}' }} }}"),
            policies: Vec::new(),
        }
    }

    /// Adds a recipient server, given by its keys.
    pub fn recipient(mut self, keys: String) -> Self {
        self.recipients.push(keys);
        self
    }

    /// Sets the policy, given by its keys.
    pub fn policy(mut self, keys: String) -> Self {
        self.policies = vec![keys];
        self
    }

    /// Looks at the reference that no policy can be, beside which there must be one.
    pub fn clairvoyant(mut self) -> Self {
        self.policies = vec!["'clairvoyant'".to_owned(), "'fixed'".to_owned()];
        self
    }

    /// The scenario.
    pub fn text(&self) -> String {
        let recipients: String = (0..)
            .zip(&self.recipients)
            .map(|(index, keys)| format!("[recipients.mx{index}]\nround_trip = '0s'\nsetup = '0s'\n{keys}\n"))
            .collect();
        let to: Vec<String> = (0..self.recipients.len()).map(|index| format!("mx{index} = 1")).collect();
        let policies: String =
            (0..).zip(&self.policies).map(|(index, keys)| format!("policies.p{index} = {keys}\n")).collect();
        format!(
            "format = 1\ntitle = 'theory'\nseed = {seed}\nhorizon = '{horizon}'\n\
             measure.cohort = {{ from = '{from}', until = '{until}' }}\n\
             measure.series_step = '{horizon}'\n\
             {policies}{recipients}[senders.s]\npolicy = 'compared'\nto = {{ {to} }}\n\
             arrivals.mail = {arrivals}\n",
            to = to.join(", "),
            seed = self.seed,
            horizon = duration(self.horizon),
            from = duration(self.cohort.0),
            until = duration(self.cohort.1),
            arrivals = self.arrivals,
        )
    }

    /// The plan of the scenario.
    pub fn plan(&self) -> Plan {
        first_plan(&self.text(), &[])
    }

    /// The plan of the scenario with arrivals at these instants.
    pub fn plan_with_arrivals(&self, at: impl Iterator<Item = f64>) -> Plan {
        let rows: String = at.map(|at| format!("{at}\n")).collect();
        let arrivals = "{ trace = { file = 'mail.csv' } }".to_owned();
        let text = Self { arrivals, ..self.clone() }.text();
        first_plan(&text, &[("mail.csv", format!("t_seconds\n{rows}"))])
    }
}

/// Seconds, as a duration of a scenario.
pub fn duration(seconds: f64) -> String {
    format!("{:.0}us", seconds * 1e6)
}

/// A law of session times: constant `D`, or with the parameters `service` and `scv`, the squared coefficient of
/// variation.
pub fn session(configuration: &Configuration) -> String {
    if configuration.text("D").is_some() {
        return format!("transaction = '{}'", duration(configuration.get("D")));
    }
    let mean = duration(match configuration.text("mu") {
        Some(_) => 1.0 / configuration.get("mu"),
        None => configuration.get("mean_service"),
    });
    match configuration.text("service").unwrap_or("exp") {
        "exp" => format!("transaction = {{ exponential = '{mean}' }}"),
        "det" => format!("transaction = '{mean}'"),
        "gamma" => {
            let shape = 1.0 / configuration.get("scv");
            format!("transaction = {{ gamma = {{ mean = '{mean}', shape = {shape:?} }} }}")
        }
        "lognormal" => {
            let sigma = (1.0 + configuration.get("scv")).ln().sqrt();
            format!("transaction = {{ lognormal = {{ mean = '{mean}', sigma = {sigma:?} }} }}")
        }
        other => panic!("no law is called {other}"),
    }
}

/// The keys of a server with `c` slots that refuses what it has no slot for.
pub fn loss_server(configuration: &Configuration) -> String {
    let c = configuration.get("c");
    format!("slots = {c}\n{}\ngates.full.connection-limit.limit = {c}", session(configuration))
}

/// The keys of a server without limits whose sessions take no time, with one more gate.
pub fn instant_server(gate: &str) -> String {
    format!("transaction = '0s'\ngates.{gate}")
}

/// The keys of a policy that tries after exponential times, with the rate `theta`.
pub fn memoryless(configuration: &Configuration) -> String {
    let mean = duration(1.0 / configuration.get("theta"));
    let backoff = format!("backoff.fixed = {{ every = '{mean}', jitter = 'exponential' }}");
    format!("{{ {backoff}, {} }}", lifetime(configuration))
}

/// The policy of the parameters `retry_policy`, `retry_base` and so on.
pub fn retry_policy(configuration: &Configuration) -> String {
    let time = |name: &str| duration(configuration.get(name));
    let cap =
        configuration.text("retry_cap").map_or(String::new(), |_| format!(", max = '{}'", time("retry_cap")));
    let exponential = |jitter: &str| {
        let factor = configuration.text("retry_mult").map_or(2.0, |_| configuration.get("retry_mult"));
        format!(
            "exponential = {{ initial = '{}', factor = {factor:?}{cap}, jitter = '{jitter}' }}",
            time("retry_base")
        )
    };
    let backoff = match configuration.text("retry_policy").expect("a policy") {
        "fixed" => format!("fixed.every = '{}'", time("retry_base")),
        "linear" => format!("linear = {{ step = '{}'{cap} }}", time("retry_base")),
        "exponential" => exponential("none"),
        "full_jitter" => exponential("full"),
        "equal_jitter" => exponential("equal"),
        "decorrelated" => exponential("decorrelated"),
        "uniform" => format!("fixed = {{ every = '{}', jitter = 'full' }}", time("retry_base")),
        "exp" | "exp_distributed" => {
            format!("fixed = {{ every = '{}', jitter = 'exponential' }}", time("retry_mean"))
        }
        "schedule" => {
            let list = configuration.text("retry_list").expect("a list");
            let delays: Vec<String> = list.split('|').map(|delay| format!("'{delay}s'")).collect();
            format!("list.delays = [{}]", delays.join(", "))
        }
        other => panic!("no policy is called {other}"),
    };
    format!("{{ backoff.{backoff}, {} }}", lifetime(configuration))
}

/// Gives up after `max_attempts`, or never.
fn lifetime(configuration: &Configuration) -> String {
    match configuration.text("max_attempts") {
        Some(attempts) => format!("lifetime.attempts = {attempts}"),
        None => "lifetime.age = '3650d'".to_owned(),
    }
}

/// FNV-1a of the configuration, cut to what TOML can hold.
fn seed(configuration: &Configuration) -> u64 {
    let bytes = configuration.model.bytes().chain(configuration.parameters.bytes());
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    hash >> 1
}
