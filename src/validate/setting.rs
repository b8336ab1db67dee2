//! A model as a scenario: ordinary text, read, judged and lowered like any other.

use super::Problem;
use super::parameters::Parameters;
use crate::scenario::{Paint, Sources, load, lower};
use crate::system::Plan;

const FILE: &str = "model.toml";
const TRACE: &str = "mail.csv";

/// What a model needs of a scenario: one population, one policy, and one recipient or several alike.
///
/// Round trips, set-up and idle holds take no time, and each connection carries one message: an attempt
/// that is refused takes no time at all.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Distinct models have distinct seeds, so that their results are independent.
    pub(super) seed: u64,
    /// In seconds, as all times here.
    pub(super) horizon: f64,
    /// The interval in which the measured mail arrives.
    pub(super) cohort: (f64, f64),
    /// Keys of the recipient, apart from what all have.
    pub(super) recipient: String,
    /// How many of that kind there are, each with its own outages.
    pub(super) recipients: usize,
    pub(super) mail: Mail,
    /// The keys of the policy, or `'clairvoyant'`.
    pub(super) policy: String,
}

/// When mail arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mail {
    /// As a Poisson process of this rate, from the start to the horizon.
    Poisson(f64),
    /// So many messages, independently and uniformly within the cohort's interval.
    Scattered(u32),
    /// So many in the middles of equal parts of the cohort's interval: nothing is left to chance.
    Grid(u32),
}

impl Setting {
    /// Mail as a Poisson process of this rate; measured are about `messages` messages, those that
    /// come `margin` seconds or more from the start and from the end.
    pub(super) fn steady(rate: f64, messages: f64, margin: f64) -> Self {
        let length = messages / rate;
        Self {
            seed: 0,
            horizon: length + 2.0 * margin,
            cohort: (margin, margin + length),
            recipient: String::new(),
            recipients: 1,
            mail: Mail::Poisson(rate),
            policy: String::new(),
        }
    }

    /// Only the mail of the interval, all of it measured; ends `margin` seconds later.
    pub(super) fn only(mail: Mail, cohort: (f64, f64), margin: f64) -> Self {
        Self { horizon: cohort.1 + margin, cohort, mail, ..Self::steady(1.0, 1.0, 0.0) }
    }

    pub(super) fn recipient(mut self, keys: impl Into<String>) -> Self {
        self.recipient = keys.into();
        self
    }

    pub(super) fn policy(mut self, keys: impl Into<String>) -> Self {
        self.policy = keys.into();
        self
    }

    /// Looks at the reference that no policy can be.
    pub(super) fn clairvoyant(self) -> Self {
        self.policy("'clairvoyant'")
    }

    /// The scenario.
    pub(super) fn text(&self) -> String {
        let mx = |index: usize| format!("[recipients.mx{index}]\nround_trip = '0s'\n{}\n", self.recipient);
        let recipients: String = (0..self.recipients).map(mx).collect();
        let to: Vec<String> = (0..self.recipients).map(|index| format!("mx{index} = 1")).collect();
        let (from, until) = self.cohort;
        let arrivals = match self.mail {
            Mail::Poisson(rate) => format!("{{ poisson = {{ rate = '{rate}/s' }} }}"),
            Mail::Scattered(messages) => {
                let (at, over) = (duration(from), duration(until - from));
                format!("{{ burst = {{ messages = {messages}, at = '{at}', over = '{over}' }} }}")
            }
            Mail::Grid(_) => format!("{{ trace = {{ file = '{TRACE}' }} }}"),
        };
        // Beside the reference there must be a policy; it is not run.
        format!(
            "format = 1\ntitle = 'validation'\nseed = {seed}\nhorizon = '{horizon}'\n\
             measure.cohort = {{ from = '{from}', until = '{until}' }}\n\
             measure.series_step = '{horizon}'\nmeasure.sample = 0\n\
             policies.examined = {policy}\npolicies.other = 'fixed'\n\
             {recipients}[senders.s]\npolicy = 'compared'\nto = {{ {to} }}\narrivals.mail = {arrivals}\n",
            seed = self.seed,
            horizon = duration(self.horizon),
            from = duration(from),
            until = duration(until),
            policy = self.policy,
            to = to.join(", "),
        )
    }

    /// The plan of the scenario.
    pub(super) fn plan(&self) -> Result<Plan, Problem> {
        let mut sources = Sources::new();
        sources.add(FILE, self.text());
        sources.add(TRACE, self.trace());
        let checked = load(&mut sources, FILE, &[])
            .map_err(|findings| Problem::new(findings.render(&sources, Paint::Plain)))?;
        let variants = checked.scenario.variants();
        let plan = variants.first().and_then(|variant| lower::plan(&checked.scenario, variant).ok());
        plan.ok_or_else(|| Problem::new("the scenario of this model cannot be lowered"))
    }

    fn trace(&self) -> String {
        let Mail::Grid(cells) = self.mail else { return "t_seconds\n0\n".to_owned() };
        let (from, until) = self.cohort;
        let cell = (until - from) / f64::from(cells);
        let at = (0..cells).map(|place| format!("{:.6}\n", from + (f64::from(place) + 0.5) * cell));
        format!("t_seconds\n{}", at.collect::<String>())
    }
}

/// Seconds, as a duration of a scenario.
pub(super) fn duration(seconds: f64) -> String {
    format!("{:.0}us", seconds * 1e6)
}

/// A whole number that follows from the name of something (FNV-1a), small enough for TOML.
pub(super) fn seed(model: &str, parameters: &Parameters, round: u32) -> u64 {
    let text = format!("{model}{parameters};{round}");
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    hash >> 1
}
