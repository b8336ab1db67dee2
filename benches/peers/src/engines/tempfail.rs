//! This project twice: its event set under the same machines, and the whole simulator with all its statistics
//! on scenarios that are the same models.

use tempfail::engine::{EventSet, Rank, Ranked};
use tempfail::experiment::progress::Progress;
use tempfail::experiment::run::simulate;
use tempfail::scenario::{Sources, lower, read};
use tempfail::time::Instant;

use crate::model::Task;

const MM1: &str = include_str!("../../../scenarios/mm1.toml");
const RETRIAL: &str = include_str!("../../../scenarios/retrial.toml");

#[derive(Clone, Copy, Debug)]
struct Event(u32);

impl Ranked for Event {
    type Key = ();

    fn rank(&self, (): ()) -> Rank {
        Rank { kind: 0, tie: 0, entity: u64::from(self.0), index: 0 }
    }
}

pub fn event_set(task: Task) -> Option<f64> {
    let (mut machine, mut events) = (task.machine(), EventSet::new(()));
    let at = |micros: u64| Instant::from_micros(micros as i64);
    machine.start(&mut |delay, event| events.push(at(delay), Event(event)));
    while !machine.is_done() {
        let (now, Event(event)) = events.pop()?;
        let now = now.as_micros() as u64;
        machine.handle(now, event, &mut |delay, event| events.push(at(now + delay), Event(event)));
    }
    Some(machine.result())
}

pub fn simulator(task: Task) -> Option<f64> {
    let (text, seconds) = match task {
        Task::Mm1 { customers } => (MM1, customers as f64 / 0.9),
        Task::Retrial { customers } => (RETRIAL, customers as f64 / 7.0),
        Task::Hold { .. } | Task::Lock { .. } => return None,
    };
    let mut sources = Sources::new();
    sources.add("scenario.toml", text);
    let horizon = format!("horizon={}s", seconds.round());
    let scenario = read(&mut sources, "scenario.toml", &[horizon]).ok()?;
    let plan = lower::plan(&scenario, scenario.variants().first()?).ok()?;
    let record = simulate(&plan, 1, &Progress::default())?;
    Some(match task {
        Task::Mm1 { .. } => record.queue.mean,
        _ => record.load.attempts as f64 / record.all.arrived as f64,
    })
}
