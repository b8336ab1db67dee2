//! One scenario that is run for some rows of a configuration.

use std::sync::Arc;

use super::Problem;
use super::meter::{Meter, Watch};
use super::parameters::Parameters;
use super::parts::Part;
use super::quantity::{Quantity, Seen};
use super::setting::{Setting, seed};
use super::table::Row;
use crate::experiment::progress::Progress;
use crate::experiment::recorder::Recorder;
use crate::system::{self, Plan};
use crate::time::{Instant, Span};

/// Events between two looks at whether to go on.
const PATIENCE: u64 = 1 << 16;

/// A scenario and what is asked of it.
pub(super) struct Trial {
    pub(super) setting: Setting,
    pub(super) part: Option<Part>,
    pub(super) method: Method,
    pub(super) asked: Vec<Asked>,
    watch: Watch,
    /// What the seed follows from.
    named: (String, Parameters),
}

/// A row of the table and what is to be estimated for it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) row: Row,
    pub(super) quantity: Quantity,
}

/// How a trial is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// One run without chance gives the value itself.
    Exact,
    /// Independent replications give an estimate.
    Replications,
}

impl Trial {
    /// A trial of the rows; the seed follows from the model and `parameters`.
    pub(super) fn new(
        model: &str,
        parameters: &Parameters,
        rows: &[Row],
        setting: Setting,
    ) -> Result<Self, Problem> {
        let mut watch = Watch::default();
        let asked = rows.iter().map(|row| {
            let quantity = Quantity::of(row).ok_or_else(|| {
                let name = row.quantity.as_str();
                let help = Quantity::nearest(name).unwrap_or(format!("there are {}", Quantity::names()));
                let problem = Problem::new(format!("nothing is known of a quantity {name}"));
                problem.at_words(name).at_line(row.line).help(help)
            })?;
            quantity.watch(&mut watch);
            Ok(Asked { row: row.clone(), quantity })
        });
        let asked = asked.collect::<Result<Vec<Asked>, Problem>>()?;
        let named = (model.to_owned(), parameters.clone());
        Ok(Self { setting, part: None, method: Method::Replications, asked, watch, named })
    }

    /// Puts in a part that scenarios do not have.
    pub(super) fn with_part(mut self, part: Part) -> Self {
        self.part = Some(part);
        self
    }

    pub(super) fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Connections wait in silence at the recipient.
    pub(super) fn with_backlog(mut self) -> Self {
        self.watch.backlog = true;
        self
    }

    /// The queue is looked at just before these instants, in seconds.
    pub(super) fn with_looks(mut self, first: f64, every: f64) -> Self {
        let [first, every] = [first, every].map(Span::from_seconds_f64);
        self.watch.looks = Some((Instant::ZERO + first, every));
        self
    }

    /// What is run; every round has random numbers of its own.
    pub(super) fn plan(&self, round: u32) -> Result<Plan, Problem> {
        let (model, parameters) = &self.named;
        let setting = Setting { seed: seed(model, parameters, round), ..self.setting.clone() };
        let mut plan = setting.plan()?;
        if let Some(part) = &self.part {
            part.install(&mut plan)?;
        }
        Ok(plan)
    }

    /// One replication; none when it was interrupted.
    pub(super) fn run(
        &self,
        plan: &Plan,
        replication: u32,
        progress: &Progress,
    ) -> Result<Option<Seen>, Problem> {
        // Short ones end before anybody asks whether they should go on.
        if progress.is_interrupted() {
            return Ok(None);
        }
        let observer = (Recorder::new(plan, replication), Meter::new(plan, self.watch.clone()));
        let finished = system::run(plan, replication, observer, PATIENCE, |events, _| progress.go_on(events));
        let Some(finished) = finished else { return Ok(None) };
        let (recorder, meter) = finished.observer;
        let record = recorder.finish(&finished.tally, &finished.under_way);
        if record.cohort.delivered + record.cohort.bounced != record.cohort.arrived {
            return Err(Problem::new("messages that are measured were still queued at the end of the run"));
        }
        Ok(Some(Seen { record, counts: meter.finish(plan.horizon) }))
    }

    /// What a replication contributes to each row.
    pub(super) fn sums(&self, seen: &Seen) -> Vec<super::quantity::Sums> {
        self.asked.iter().map(|asked| asked.quantity.sums(seen, &self.watch)).collect()
    }
}

/// The only policy of a plan, to be changed.
pub(super) fn policy(plan: &mut Plan) -> Result<&mut crate::sender::Policy, Problem> {
    match &mut plan.senders {
        system::Senders::ByPolicy(policies) => policies.first_mut().and_then(Arc::get_mut),
        system::Senders::Clairvoyant => None,
    }
    .ok_or_else(|| Problem::new("the policy of this model cannot be changed"))
}
